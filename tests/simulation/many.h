#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "simulation/totals.h"

namespace chaser::simulation {

/// Which seeds are lived, and how.
struct Many {
  std::uint64_t from = 1;
  std::uint64_t count = 1;
  std::uint64_t step = 1;
  int jobs = 1;               // processes side by side: SQLite's hooks are a process's, so a life has one of its own
  bool until_broken = false;  // no seed above the first that breaks a promise
  std::string scenarios;      // a folder for what the oracle is asked: SEED.json of each calm seed; "" is none
};

/// As many as the machine has processors.
int jobs_of_machine();

/// Lives them all. `visit` hears of each in the order in which they end. The same seeds give the same totals however
/// many jobs there are. A seed whose process dies is one that breaks a promise.
Totals live_many(const Many& many, const std::function<void(const Report&)>& visit = {});

}  // namespace chaser::simulation
