#pragma once

#include <span>
#include <string>
#include <vector>

#include "chase/rehearsal.h"

namespace chaser::chase {

/// One way in which two forecasts differ. Tellings are those of the calls' spans.
struct Change {
  enum class Kind : std::uint8_t { appears, vanishes, moves };
  Kind kind = Kind::appears;
  const Telling* before = nullptr;  // none: it appears
  const Telling* after = nullptr;   // none: it vanishes
};
std::string_view name_of(Change::Kind kind);

/// What appears, vanishes and moves from one forecast to the other, in order of time. The same telling (plan, action,
/// rule, step, occurrence, recipient, channel) may occur several times: those at the same instant are the same, of the
/// others the earliest goes with the earliest, and what is left over appears or vanishes. Only what goes at or after
/// `from` counts.
std::vector<Change> difference(std::span<const Telling> before, std::span<const Telling> after, Instant from);

/// A line a change, people and actions together, and at the end how many there are and for whom. Names are found in the
/// world that the change's telling is of.
std::string difference_table(std::span<const Change> changes, const World& before, const World& after);
/// An array, in order of time, of the forecast's entries with "change" (appears, vanishes, moves) and "was" (the
/// instant before, else null) in front; what vanishes has its own instant as both.
std::string difference_json(std::span<const Change> changes, const World& before, const World& after);

}  // namespace chaser::chase
