#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "channels/inbox_kinds.h"
#include "channels/returned_mail.h"

namespace chaser::channels {
namespace {

namespace fs = std::filesystem;

/// Names looked at in one go; a folder with more is read over several.
constexpr std::size_t names_max = 100'000;

/// At most returned_bytes_max bytes of a plain file; nothing if it is none, or gone.
std::optional<std::string> read_mail_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0) return std::nullopt;
  std::string bytes(returned_bytes_max, '\0');
  std::size_t size = 0;
  ssize_t part = 1;
  while (part > 0 && size < bytes.size()) {
    part = ::read(file, bytes.data() + size, bytes.size() - size);
    if (part < 0 && errno == EINTR)
      part = 1;
    else if (part > 0)
      size += static_cast<std::size_t>(part);
  }
  ::close(file);
  if (part < 0) return std::nullopt;
  bytes.resize(size);
  return bytes;
}

/// A Maildir: what is in new/ has not been read; read mails go to cur/ with the flag of seen ones.
class MaildirInbox : public Inbox {
 public:
  explicit MaildirInbox(std::string folder) : folder_(std::move(folder)) {}

  Batch look(const std::string& mark) override {
    std::vector<std::string> names = names_in(folder_ + "/new");
    std::sort(names.begin(), names.end());  // they begin with the time of delivery
    Batch batch;
    batch.mark = mark;
    batch.more = names.size() > inbox_batch_max;
    names.resize(std::min(names.size(), inbox_batch_max));
    for (std::string& name : names) {
      auto bytes = read_mail_file(folder_ + "/new/" + name);
      if (bytes) batch.mails.push_back({std::move(name), *std::move(bytes)});
    }
    return batch;
  }

  void settle(std::span<const Arrived> mails) override {
    for (const Arrived& mail : mails) {
      const std::string from = folder_ + "/new/" + mail.place;
      const std::string to = folder_ + "/cur/" + mail.place + ":2,S";
      if (::rename(from.c_str(), to.c_str()) != 0 && errno != ENOENT) {
        throw InboxError("moving a mail to " + folder_ + "/cur: " + std::strerror(errno));
      }
    }
  }

 private:
  static std::vector<std::string> names_in(const std::string& folder) {
    std::vector<std::string> names;
    try {
      for (const auto& entry : fs::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with('.') && entry.is_regular_file() && !entry.is_symlink()) names.push_back(name);
        if (names.size() == names_max) break;
      }
    } catch (const fs::filesystem_error& error) {
      throw InboxError("reading the Maildir: " + std::string(error.what()));
    }
    return names;
  }

  std::string folder_;
};

}  // namespace

std::unique_ptr<Inbox> make_maildir_inbox(const InboxSettings& settings) {
  return std::make_unique<MaildirInbox>(settings.folder);
}

}  // namespace chaser::channels
