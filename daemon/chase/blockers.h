#pragma once

#include <string>

#include "chase/state.h"

namespace chaser::chase {

// Who waits for whom, between two actions in memory: what the store finds by its rows.

/// "plan/action", as `blocked_by` names it.
std::string reference_of(const ActionState& state);
/// Finished, or no longer in its plan.
bool is_over(const ActionState& state, const World& world);
/// `waiting`, which waits for `blocker`, learns how that one stands; and the other way round.
void connect(ActionState& waiting, ActionState& blocker, const World& world);
/// What `waiting` waits for and nobody knows stands in its list all the same.
void note_unknown_blockers(ActionState& waiting);

}  // namespace chaser::chase
