#include "plan/plan.h"

#include <algorithm>

namespace chaser::plan {

const Action* Plan::find(std::string_view action_id) const {
  const auto action = std::ranges::find(actions, action_id, &Action::id);
  return action == actions.end() ? nullptr : &*action;
}

}  // namespace chaser::plan
