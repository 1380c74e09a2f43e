#pragma once

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "bench/bench.h"

namespace chaser::bench {

/// What a run of the program cost.
struct Used {
  double seconds = 0;
  double cpu_seconds = 0;  // its own and the system's for it
  double peak_mebibytes = 0;
};

/// The real program: CHASER names it, else it lies beside the folder of this one.
class Program {
 public:
  explicit Program(const char* own_path) {
    const char* const given = std::getenv("CHASER");
    path_ =
        given != nullptr ? given : (std::filesystem::path(own_path).parent_path().parent_path() / "chaser").string();
  }

  /// Starts it with its words going nowhere.
  pid_t start(const std::vector<std::string>& arguments, const std::string& notify_socket = "") const {
    const pid_t child = ::fork();
    if (child < 0) give_up("cannot fork");
    if (child > 0) return child;
    const int null = ::open("/dev/null", O_WRONLY);
    ::dup2(null, STDOUT_FILENO);
    if (!notify_socket.empty()) ::setenv("NOTIFY_SOCKET", notify_socket.c_str(), 1);
    std::string name = path_;
    std::vector<char*> words{name.data()};
    for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    ::execv(path_.c_str(), words.data());
    ::_exit(127);
  }

  /// Runs it to its end, which must be a good one.
  Used run(const std::vector<std::string>& arguments) const {
    Used used;
    rusage usage{};
    used.seconds = bench::seconds([&] {
      int status = 0;
      if (::wait4(start(arguments), &status, 0, &usage) < 0 || status != 0) give_up(path_ + " failed");
    });
    const auto of = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    used.cpu_seconds = of(usage.ru_utime) + of(usage.ru_stime);
    used.peak_mebibytes = static_cast<double>(usage.ru_maxrss) / 1024;
    return used;
  }

 private:
  std::string path_;
};

/// The middle of several runs, each figure by itself.
inline Used median(const std::vector<Used>& runs) {
  const auto middle = [&](double Used::* figure) {
    std::vector<double> figures;
    for (const Used& run : runs) figures.push_back(run.*figure);
    return median(std::move(figures));
  };
  return {middle(&Used::seconds), middle(&Used::cpu_seconds), middle(&Used::peak_mebibytes)};
}

/// A line each for time, processor time and memory.
inline void print(const std::string& figure, const Used& used) {
  print(figure + ": from start to end", used.seconds, "s");
  print(figure + ": processor time", used.cpu_seconds, "s");
  print(figure + ": peak memory", used.peak_mebibytes, "MiB");
}

}  // namespace chaser::bench
