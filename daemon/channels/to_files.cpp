#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "channels/channels.h"
#include "channels/files.h"

namespace chaser::channels {
namespace {

/// Puts each parcel in a file; what differs is where and in what form.
class FileSession : public Session {
 public:
  Outcome deliver(const Parcel& parcel, const BeginBody& begin_body) override {
    if (!is_file_name(parcel.key)) return {OutcomeKind::permanent, 0, "", "the delivery's key is no file name", {}};
    if (!begin_body(parcel.message)) return {OutcomeKind::temporary, 0, "", "fenced: not ours to deliver any more", {}};
    try {
      write(parcel);
    } catch (const std::system_error& error) {
      // The file is whole or not there, so nothing is in doubt.
      return {OutcomeKind::temporary, 0, "", error.what(), {}};
    }
    return {OutcomeKind::accepted, 250, "", "written", {}};
  }

 protected:
  using OutcomeKind = store::OutcomeKind;

 private:
  virtual void write(const Parcel& parcel) const = 0;
};

class MaildirSession : public FileSession {
 public:
  explicit MaildirSession(std::string directory) : directory_(std::move(directory)) {}

 private:
  void write(const Parcel& parcel) const override {
    write_durably(directory_ + "/tmp", directory_ + "/new", parcel.key + ".eml", parcel.bytes);
  }
  std::string directory_;
};

// A body that is JSON is the file; anything else is told as a string beside its destination.
std::string as_json(const Parcel& parcel) {
  using nlohmann::json;
  const json body = json::parse(parcel.bytes, nullptr, false);
  if (body.is_object()) return body.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
  const json wrapped{
      {"key", parcel.key}, {"to", parcel.destination}, {"message_id", parcel.message_id}, {"body", parcel.bytes}};
  return wrapped.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

class FolderSession : public FileSession {
 public:
  explicit FolderSession(std::string directory) : directory_(std::move(directory)) {}

 private:
  void write(const Parcel& parcel) const override {
    write_durably(directory_ + "/.tmp", directory_, parcel.key + ".json", as_json(parcel));
  }
  std::string directory_;
};

template <typename SessionType>
class FileChannel : public Channel {
 public:
  FileChannel(std::string name, std::string directory) : name_(std::move(name)), directory_(std::move(directory)) {}
  std::string_view name() const override { return name_; }
  int workers() const override { return 1; }
  std::unique_ptr<Session> make_session() override { return std::make_unique<SessionType>(directory_); }

 private:
  std::string name_;
  std::string directory_;
};

}  // namespace

std::unique_ptr<Channel> make_maildir(std::string name, std::string directory) {
  for (const char* part : {"/tmp", "/new", "/cur"}) make_directory(directory + part);
  return std::make_unique<FileChannel<MaildirSession>>(std::move(name), std::move(directory));
}

std::unique_ptr<Channel> make_folder(std::string name, std::string directory) {
  make_directory(directory + "/.tmp");
  return std::make_unique<FileChannel<FolderSession>>(std::move(name), std::move(directory));
}

}  // namespace chaser::channels
