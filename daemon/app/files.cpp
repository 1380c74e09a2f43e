#include "app/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "documents/table.h"

namespace chaser::app {

namespace {

class OpenFile {
 public:
  explicit OpenFile(int number) : number_(number) {}
  OpenFile(const std::string& path, int flags, mode_t mode = 0)
      : number_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  ~OpenFile() {
    if (number_ >= 0) ::close(number_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  bool is_open() const { return number_ >= 0; }
  int number() const { return number_; }

 private:
  int number_;
};

std::string words(int error) {
  switch (error) {
    case ENOENT:
      return "no such file";
    case EACCES:
      return "this user may not read it";
    case EISDIR:
      return "it is a folder";
    default:
      return std::strerror(error);
  }
}

[[noreturn]] void fail(const std::string& path, const char* attempted) {
  throw std::system_error(errno, std::generic_category(), std::string(attempted) + " " + path);
}

/// Up to `bytes_max` bytes, or one more if there are more.
std::expected<std::string, std::string> read_open(const OpenFile& file, std::size_t bytes_max) {
  if (!file.is_open()) return std::unexpected(words(errno));
  struct stat status{};
  if (::fstat(file.number(), &status) == 0 && S_ISDIR(status.st_mode)) return std::unexpected(words(EISDIR));
  std::string bytes;
  char buffer[65536];
  while (bytes.size() <= bytes_max) {
    const ssize_t got = ::read(file.number(), buffer, std::min(sizeof buffer, bytes_max + 1 - bytes.size()));
    if (got == 0) return bytes;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(words(errno));
    bytes.append(buffer, static_cast<std::size_t>(got));
  }
  return bytes;
}

}  // namespace

std::expected<std::string, std::string> read_file(const std::string& path, std::size_t bytes_max) {
  auto bytes = read_open(OpenFile(path, O_RDONLY), bytes_max);
  if (bytes && bytes->size() > bytes_max) {
    return std::unexpected("it is larger than " + std::to_string(bytes_max >> 20) + " MiB");
  }
  return bytes;
}

std::expected<std::string, std::string> read_document(const std::string& path) {
  if (path == "-") return read_open(OpenFile(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)), documents::table_bytes_max);
  return read_open(OpenFile(path, O_RDONLY), documents::table_bytes_max);
}

void write_file(const std::string& path, const std::string& bytes) {
  const std::string draft = path + ".new";
  {
    const OpenFile file(draft, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (!file.is_open()) fail(draft, "create");
    std::size_t written = 0;
    while (written < bytes.size()) {
      const ssize_t put = ::write(file.number(), bytes.data() + written, bytes.size() - written);
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) fail(draft, "write");
      written += static_cast<std::size_t>(put);
    }
    if (::fsync(file.number()) != 0) fail(draft, "flush");
  }
  if (::rename(draft.c_str(), path.c_str()) != 0) fail(path, "replace");
}

std::string resolve_path(const std::string& base, const std::string& path) {
  const std::filesystem::path given(path);
  return (given.is_absolute() ? given : std::filesystem::path(base) / given).lexically_normal().string();
}

std::string folder_of(const std::string& file) {
  const std::string folder = std::filesystem::path(file).parent_path().string();
  return folder.empty() ? "." : folder;
}

std::vector<std::string> yaml_files(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(path, ignored)) return {path};
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(path, ignored)) {
    const std::string name = entry.path().filename().string();
    const bool is_yaml = name.ends_with(".yaml") || name.ends_with(".yml");
    const bool is_test = name.ends_with(".test.yaml") || name.ends_with(".test.yml");
    // The workflow lies beside the rules; the settings' key `workflow` names it.
    const bool is_workflow = name == "workflow.yaml" || name == "workflow.yml";
    if (is_yaml && !is_test && !is_workflow && !name.starts_with('.')) files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace chaser::app
