#pragma once

#include <chrono>
#include <cstdio>
#include <string>

namespace chaser::bench {

/// Wall seconds that `work` took.
template <typename Work>
double seconds(Work work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// One line a figure: name, value, unit.
inline void print(const std::string& figure, double value, const char* unit) {
  std::printf("%-64s %14.3f %s\n", figure.c_str(), value, unit);
}

}  // namespace chaser::bench
