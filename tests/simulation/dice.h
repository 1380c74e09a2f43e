#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace chaser::simulation {

/// Chance that is the same for the same seed on every machine (splitmix64).
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15ULL + 0x1234567ULL) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  /// 0 .. count - 1
  int below(int count) { return static_cast<int>(next() % static_cast<std::uint64_t>(count)); }
  /// Both included.
  int between(int least, int most) { return least + below(most - least + 1); }
  /// Of a thousand.
  bool chance(int per_mille) { return below(1000) < per_mille; }
  template <typename Item>
  const Item& pick(const std::vector<Item>& items) {
    return items[static_cast<std::size_t>(below(static_cast<int>(items.size())))];
  }

 private:
  std::uint64_t state_;
};

}  // namespace chaser::simulation
