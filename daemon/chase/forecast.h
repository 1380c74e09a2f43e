#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "chase/assumption.h"
#include "chase/rehearsal.h"

namespace chaser::chase {

/// The forecast's JSON (design.md §8): an array, in order of time, an object per notification and channel: at (RFC
/// 3339, the recipient's zone), plan, action, rule, step, occurrence, to, address, via, deliver, reason. A report has
/// address null and via "report". Only what goes at or after `from` is printed.
std::string forecast_json(std::span<const Telling> tellings, const World& world, Instant from);

/// By what a forecast's table is ordered.
enum class ForecastView : std::uint8_t { day, person, action };

struct ForecastOptions {
  Instant from;
  /// The end of the time that was played, for "In 12 months: ..."; none: not said.
  std::optional<Instant> to = std::nullopt;
  ForecastView view = ForecastView::day;
  /// Plan and id of the actions whose timescale can be read two ways: marked with a star.
  std::set<std::pair<std::string, std::string>> two_ways = {};
};

/// The same for people, a line per step, instant and reason, its people and actions together, and the sums at the end,
/// held against the rulebook's budget. By person: each person's weeks.
std::string forecast_table(std::span<const Telling> tellings, const World& world, const ForecastOptions& options);
inline std::string forecast_table(std::span<const Telling> tellings, const World& world, Instant from) {
  return forecast_table(tellings, world, ForecastOptions{from});
}

/// What the guards keep back, a line each: freezes, stops, the limit of people, people who cannot be reached. "" if
/// nothing.
std::string forecast_held(std::span<const Silence> silences, const World& world, Instant from);

/// How many messages one person gets in one calendar week of theirs.
struct PersonWeek {
  CivilDay monday;
  PartyIndex person = no_party;
  std::size_t messages = 0;
};
/// A message is what one person gets at one instant on one channel under one step, or as the digest; reports are none.
struct ForecastSums {
  std::size_t messages = 0;
  std::size_t people = 0;
  std::vector<PersonWeek> weeks;  // in order of time, then of the directory; none without a message
};
ForecastSums forecast_sums(std::span<const Telling> tellings, const World& world, Instant from);
/// Those of more than the rulebook's budget, worst first; {} without a budget.
std::vector<PersonWeek> weeks_over_budget(const ForecastSums& sums, const World& world);

/// What will be told about one action if nobody answers: the first `most` tellings within `horizon` (times that fall
/// together count once). Sends count as delivered at once; `brakes` hold as they do at `now`.
std::vector<Telling> next_tellings(const ActionState& state, const World& world, Instant now, std::size_t most,
                                   absl::Duration horizon = absl::Hours(24 * 366 * 3), const Brakes& brakes = {});

/// "we write again on 8 January, and to Director of Place on 29 January"; "" if nothing follows. `me` is who reads it.
std::string consequences(std::span<const Telling> next, PartyIndex me, const World& world);

}  // namespace chaser::chase
