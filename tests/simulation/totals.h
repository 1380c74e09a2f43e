#pragma once

#include <string>

#include "simulation/simulation.h"

namespace chaser::simulation {

/// Many seeds, summed up.
struct Totals {
  std::size_t seeds = 0;
  std::size_t failed = 0;
  Report sum;
  void add(const Report& report);
  /// "seeds 120 (60 calm, 60 wild), plan-years 2013.4, crashes 410, ..., lost 0, phantom 0, duplicates 12 (at most 97)"
  std::string text() const;
};

/// The line that lives a seed again, and what was wrong.
std::string describe_failure(const Report& report);

}  // namespace chaser::simulation
