#pragma once

#include <cstdint>
#include <string>

namespace chaser::store {

/// The exclusive lock on a state directory: <directory>/lock by flock, held until destroyed (or until the process
/// dies). Makes the directory (0700) if it is missing. Throws StoreError{unavailable} if another process holds it,
/// naming that process, or if the directory is on a network file system, where locks cannot be trusted.
class DirectoryLock {
 public:
  explicit DirectoryLock(const std::string& directory);
  ~DirectoryLock();
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

 private:
  int file_ = -1;
};

/// Room on the disk that is kept for the outcomes of messages under way: <directory>/ballast. A full disk must not make
/// a sent message look unsent. Source: research/reliability.md §3, full disk.
class Ballast {
 public:
  static constexpr std::int64_t bytes = std::int64_t{16} << 20;

  /// Takes the room if it can be had; a disk that is too full for it is no error here.
  explicit Ballast(const std::string& directory);
  /// Takes the room again after it was let go, if it can be had now; nothing to do while it is held.
  void take();
  /// Lets the room go; false if there was none to let go.
  bool release();

 private:
  std::string file_;
  bool is_held_ = false;
};

}  // namespace chaser::store
