#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

namespace chaser::bench {

/// Wall seconds that `work` took.
template <typename Work>
double seconds(Work work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// Seconds of the processor that `work` took in this thread: other work on the machine does not count.
template <typename Work>
double cpu_seconds(Work work) {
  const auto now = [] {
    timespec at{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
    return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) / 1e9;
  };
  const double begin = now();
  work();
  return now() - begin;
}

/// The middle one of the figures; of an even number the higher of the two.
inline double median(std::vector<double> figures) {
  std::sort(figures.begin(), figures.end());
  return figures[figures.size() / 2];
}

/// One line a figure: name, value, unit.
inline void print(const std::string& figure, double value, const char* unit) {
  std::printf("%-76s %12.3f %s\n", figure.c_str(), value, unit);
  std::fflush(stdout);
}

[[noreturn]] inline void give_up(const std::string& why) {
  std::fprintf(stderr, "bench: %s\n", why.c_str());
  std::exit(1);
}

}  // namespace chaser::bench
