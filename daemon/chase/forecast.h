#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "chase/rehearsal.h"

namespace chaser::chase {

/// The forecast's JSON (design.md §8): an array, in order of time, an object per notification and channel: at (RFC 3339, the
/// recipient's zone), plan, action, rule, step, occurrence, to, address, via, deliver, reason. A report has address null and
/// via "report". Only what goes at or after `from` is printed.
std::string forecast_json(std::span<const Telling> tellings, const World& world, Instant from);

/// The same for people, a line per message step and recipient, its actions together, and the sums at the end. `by_person` groups
/// each person's weeks.
std::string forecast_table(std::span<const Telling> tellings, const World& world, Instant from, bool by_person = false);

/// What will be told about one action if nobody answers: the first `most` tellings within `horizon` (times that fall together
/// count once). Sends count as delivered at once.
std::vector<Telling> next_tellings(const ActionState& state, const World& world, Instant now, std::size_t most,
                                   absl::Duration horizon = absl::Hours(24 * 366 * 3));

/// "we write again on 8 January, and to Director of Place on 29 January"; "" if nothing follows. `me` is who reads it.
std::string consequences(std::span<const Telling> next, PartyIndex me, const World& world);

}  // namespace chaser::chase
