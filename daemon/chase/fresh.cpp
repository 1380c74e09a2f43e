#include "chase/fresh.h"

#include <algorithm>

namespace chaser::chase {

ActionState fresh_state(const plan::Plan& plan, const plan::Action& action, std::int32_t position, const World& world,
                        calendar::Instant imported) {
  ActionState state;
  state.plan = world.find_plan(plan.id);
  ActionFacts& facts = state.facts;
  facts.id = action.id;
  facts.section = action.section;
  facts.title = action.title;
  facts.text = action.text;
  facts.position = position;
  facts.timescale = action.timescale;
  facts.status = action.status;
  facts.tags = action.tags;
  facts.milestones = action.milestones;
  facts.cadence_months = action.cadence_months;
  facts.recurrence = action.recurrence;
  facts.measure = action.measure;
  facts.blocked_by = action.blocked_by;
  facts.first_due = action.timescale.due;
  facts.imported = imported;
  for (const plan::OwnerToken& owner : action.owners) {
    facts.owners.push_back(owner.name);
    const plan::Party* party = world.directory().resolve(owner.name, plan.id);
    if (party == nullptr || party->vacant) {
      facts.unowned = true;
      continue;
    }
    for (const plan::PartyId& assignee : world.directory().assignees(*party)) {
      const PartyIndex index = world.find_party(assignee);
      const bool known = std::any_of(state.assignments.begin(), state.assignments.end(),
                                     [&](const auto& assigned) { return assigned.party == index; });
      if (!known) state.assignments.push_back({index, owner.role, owner.name, imported});
    }
  }
  if (state.assignments.empty()) facts.unowned = true;
  return state;
}

}  // namespace chaser::chase
