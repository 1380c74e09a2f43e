#pragma once

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "app/loading.h"
#include "chase/assumption.h"
#include "chase/rehearsal.h"

namespace chaser::app {

using calendar::Instant;

/// What is to be played ahead.
struct ForecastRange {
  Instant from;
  Instant to;          // the last instant of the last day
  bool fresh = false;  // not from the stored state, even if there is one
  chase::Assumption assumption = chase::Assumption::silent;
  /// Open cases that keep an older version of their rule go on under the loaded one, as `rules migrate --apply` would
  /// have it.
  bool migrated = false;
};

struct Forecast {
  std::shared_ptr<const chase::World> world;
  std::vector<chase::Telling> tellings;
  std::vector<chase::Silence> silences;
  std::set<std::pair<std::string, std::string>>
      two_ways;           // plan and id of actions whose timescale can be read two ways
  bool stored = false;    // it began from the stored state
  std::size_t moved = 0;  // open cases that `migrated` moved
  std::size_t answers = 0;
};

/// How far ahead is looked where nobody says: two years.
inline constexpr absl::Duration foresight = absl::Hours(24 * 731);

/// Plays the service ahead in memory: the stored state run forward, or, with `fresh`, without a store or from before
/// its first pass, the plans as their files say, applied at `from`. The store is only read. Problems of plans go to
/// `problems`.
Forecast play_forecast(const Inputs& inputs, const ForecastRange& range, documents::Problems& problems);

/// Plays two years ahead, nobody answering, and warns of each week in which a person would get more messages than the
/// rulebook's budget allows, worst first, at the place of the budget. Nothing without a budget.
void check_budget(const Inputs& inputs, Instant from, documents::Problems& problems);

}  // namespace chaser::app
