#include "store/directory_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "store/store.h"

namespace chaser::store {

namespace {

constexpr long nfs_magic = 0x6969;
constexpr long smb_magic = 0x517B;
constexpr long cifs_magic = 0xFF534D42;

[[noreturn]] void fail(const std::string& attempted, int error) {
  const StoreFault fault = error == ENOSPC ? StoreFault::disk_full : StoreFault::unavailable;
  throw StoreError(fault, attempted + ": " + std::strerror(error));
}

void refuse_network_file_systems(const std::string& directory) {
  struct statfs about = {};
  if (statfs(directory.c_str(), &about) != 0) fail("looking at " + directory, errno);
  const long type = static_cast<long>(about.f_type);
  if (type == nfs_magic || type == smb_magic || type == cifs_magic) {
    throw StoreError(StoreFault::unavailable,
                     directory + " is on a network file system, whose locks cannot be trusted; use a local disk");
  }
}

std::string holder_of(int file) {
  std::array<char, 32> text = {};
  const auto size = pread(file, text.data(), text.size() - 1, 0);
  if (size <= 0) return "another process";
  std::string pid(text.data(), static_cast<std::size_t>(size));
  while (!pid.empty() && pid.back() == '\n') pid.pop_back();
  return "process " + pid;
}

}  // namespace

DirectoryLock::DirectoryLock(const std::string& directory) {
  std::error_code failed;
  if (std::filesystem::create_directories(directory, failed)) {
    std::filesystem::permissions(directory, std::filesystem::perms::owner_all, failed);
  }
  if (failed) fail("making " + directory, failed.value());
  refuse_network_file_systems(directory);
  const std::string path = directory + "/lock";
  file_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file_ < 0) fail("opening " + path, errno);
  if (flock(file_, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    const std::string holder = holder_of(file_);
    close(file_);
    if (error != EWOULDBLOCK) fail("locking " + path, error);
    throw StoreError(StoreFault::unavailable, path + " is held by " + holder + ": another Chaser writes there");
  }
  // The number is for people alone; the lock is the kernel's. A full disk must not keep the service from starting.
  const std::string pid = std::to_string(getpid()) + "\n";
  if (ftruncate(file_, 0) == 0) static_cast<void>(pwrite(file_, pid.data(), pid.size(), 0) == 0);
}

DirectoryLock::~DirectoryLock() {
  close(file_);
}

Ballast::Ballast(const std::string& directory) : file_(directory + "/ballast") {
  take();
}

void Ballast::take() {
  if (is_held_) return;
  const int file = open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return;
  // Reserves the blocks without writing them; posix_fallocate would write every page where the file system cannot.
  is_held_ = fallocate(file, 0, 0, bytes) == 0;
  if (!is_held_) unlink(file_.c_str());
  close(file);
}

bool Ballast::release() {
  is_held_ = false;
  return unlink(file_.c_str()) == 0;
}

}  // namespace chaser::store
