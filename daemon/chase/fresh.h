#pragma once

#include "chase/state.h"
#include "plan/plan.h"

namespace chaser::chase {

/// An action of a document as the store would hold it right after its import at `imported`: for forecasts without a
/// store.
ActionState fresh_state(const plan::Plan& plan, const plan::Action& action, std::int32_t position, const World& world,
                        calendar::Instant imported);

}  // namespace chaser::chase
