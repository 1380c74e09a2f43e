#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "simulation/county.h"

namespace chaser::simulation {

/// What one seed came to.
struct Report {
  std::uint64_t seed = 0;
  Mood mood = Mood::calm;
  std::vector<std::string> violations;  // of the invariants; {} is well
  double plan_years = 0;
  std::int64_t crashes = 0;
  std::int64_t failed_commits = 0;
  std::int64_t commits = 0;
  std::size_t notifications = 0;
  std::size_t arrivals = 0;
  std::size_t lost = 0;
  std::size_t phantom = 0;
  std::size_t duplicates = 0;
  std::size_t duplicates_bound = 0;  // crashes and doubtful attempts
  std::size_t answers = 0;
  std::size_t changes = 0;  // imports, reloads, stops, migrations
  std::string head;         // of the event log: the same seed gives the same
  json scenario;            // of a calm seed: what the oracle is asked, with what was sent as `expected`
};

struct Options {
  bool verbose = false;
  std::string keep;  // leave the state directory here; "" is a temporary one
};

/// Lives a seed to its end.
Report simulate(std::uint64_t seed, const Options& options = {});

/// Even seeds are calm, odd ones wild.
Mood mood_of(std::uint64_t seed);

}  // namespace chaser::simulation
