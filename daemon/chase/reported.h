#pragma once

#include <string>

#include "chase/respond.h"

namespace chaser::chase {

// What an update says beside its words: a reading, a colour, a milestone that is met. For respond() and those who apply
// it.

/// Why it cannot be taken, for the person who answers; "" if it can.
std::string why_not_reported(const ActionState& state, const Response& response, CivilDay today);
/// Enters it into the effect of an accepted update.
void enter_reported(const ActionState& state, const Response& response, CivilDay today, ResponseEffect& effect);
void apply_reported(const ResponseEffect& effect, Instant now, ActionFacts& facts);

}  // namespace chaser::chase
