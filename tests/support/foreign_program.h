#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace chaser::test {

/// A server that is somebody else's program, in a session of its own; what it says is not heard. Ended by its own pid.
class ForeignProgram {
 public:
  /// Starts it: its path, then its arguments. Throws if that cannot be.
  explicit ForeignProgram(const std::vector<std::string>& words);
  ~ForeignProgram();
  ForeignProgram(const ForeignProgram&) = delete;
  ForeignProgram& operator=(const ForeignProgram&) = delete;

  /// Returns once it listens on a loopback port; throws if it ended instead, or does not within half a minute.
  void wait_until_listening(int port);

 private:
  std::string name_;
  pid_t child_ = -1;
};

}  // namespace chaser::test
