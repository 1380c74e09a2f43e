#pragma once

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "app/program.h"

namespace chaser::test {

/// The real program as a process of its own, with a service manager that listens: the datagrams of sd_notify, its
/// standard error line by line, its end. Waits on descriptors with a deadline, never by sleeping.
class Running {
 public:
  static constexpr std::chrono::seconds patience{30};

  explicit Running(const std::vector<std::string>& arguments,
                   const std::map<std::string, std::string>& environment = {});
  ~Running();
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  /// The next datagram with a line that begins with `wanted`; those before it are passed
  /// over.
  std::string await_notice(const std::string& wanted);
  /// Until `words` are in standard error.
  void await_log(const std::string& words);
  void signal(int number) const;
  /// Its exit status once it has ended; 128 and more if a signal ended it.
  int await_end();
  /// What standard error held so far.
  std::string log();

 private:
  void listen();
  bool wait(const std::function<bool()>& done);

  Folder folder_;
  int notices_ = -1;
  int errors_ = -1;
  int process_ = -1;  // a pidfd
  int leave_ = -1;    // an eventfd: the listener shall end
  pid_t child_ = -1;
  std::mutex mutex_;
  std::condition_variable heard_;
  std::deque<std::string> told_;  // guarded by mutex_, as what follows
  std::string log_;
  bool ended_ = false;
  std::optional<int> status_;
  std::thread listener_;
};

}  // namespace chaser::test
