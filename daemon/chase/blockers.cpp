#include "chase/blockers.h"

#include <algorithm>

namespace chaser::chase {
namespace {

Blocker& blocker_of(ActionState& waiting, const std::string& reference) {
  const auto found =
      std::lower_bound(waiting.blockers.begin(), waiting.blockers.end(), reference,
                       [](const Blocker& known, const std::string& name) { return known.action < name; });
  if (found != waiting.blockers.end() && found->action == reference) return *found;
  return *waiting.blockers.insert(found, Blocker{reference, false, false, std::nullopt});
}

}  // namespace

std::string reference_of(const ActionState& state) {
  return state.plan->id + "/" + state.facts.id;
}

bool is_over(const ActionState& state, const World& world) {
  return state.facts.dropped || world.workflow().is_finished(state.facts.status) ||
         state.facts.timescale.kind == plan::TimescaleKind::done;
}

void connect(ActionState& waiting, ActionState& blocker, const World& world) {
  Blocker& known = blocker_of(waiting, reference_of(blocker));
  known.known = !blocker.facts.dropped;
  known.finished = known.known && is_over(blocker, world);
  known.due = blocker.facts.timescale.due;
  std::vector<std::string>& dependents = blocker.dependents;
  const std::string reference = reference_of(waiting);
  const auto place = std::lower_bound(dependents.begin(), dependents.end(), reference);
  const bool is_there = place != dependents.end() && *place == reference;
  if (is_over(waiting, world) && is_there) dependents.erase(place);
  if (!is_over(waiting, world) && !is_there) dependents.insert(place, reference);
}

void note_unknown_blockers(ActionState& waiting) {
  for (const std::string& reference : waiting.facts.blocked_by) blocker_of(waiting, reference);
}

}  // namespace chaser::chase
