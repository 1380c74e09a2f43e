#include "channels/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace chaser::channels {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

class Descriptor {
 public:
  Descriptor(const std::string& path, int flags) : number_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {
    if (number_ < 0) fail("cannot open " + path);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }
  // Closing can report a write that failed late.
  void close(const std::string& path) {
    if (::close(std::exchange(number_, -1)) != 0) fail("cannot close " + path);
  }

 private:
  int number_;
};

void write_all(int descriptor, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("cannot write " + path);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

void make_directory(const std::string& directory) {
  std::filesystem::create_directories(directory);
}

bool is_file_name(std::string_view name) {
  return !name.empty() && name.size() <= 200 && name[0] != '.' && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_';
  });
}

void write_durably(const std::string& scratch, const std::string& directory, const std::string& name,
                   std::string_view bytes) {
  const std::string written = scratch + "/" + name;
  const std::string final = directory + "/" + name;
  Descriptor file(written, O_WRONLY | O_CREAT | O_TRUNC);
  write_all(file.number(), bytes, written);
  if (::fsync(file.number()) != 0) fail("cannot sync " + written);
  file.close(written);
  if (::rename(written.c_str(), final.c_str()) != 0) fail("cannot rename " + written + " to " + final);
  const Descriptor parent(directory, O_RDONLY | O_DIRECTORY);
  if (::fsync(parent.number()) != 0) fail("cannot sync " + directory);
}

}  // namespace chaser::channels
