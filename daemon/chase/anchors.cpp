#include <algorithm>

#include "chase/decide.h"

namespace chaser::chase {

/// The latest of the last substantive update, an applied re-dating, the first import and the start. Source:
/// design.md 5.3.
CivilDay last_update_day(const ActionState& state) {
  const ActionFacts& facts = state.facts;
  CivilDay day = state.plan->days->day_of(facts.imported);
  if (facts.updated) day = std::max(day, state.plan->days->day_of(*facts.updated));
  if (facts.timescale.start) day = std::max(day, *facts.timescale.start);
  return day;
}

/// The last review, else the first import, plus the cadence in calendar months; the supplement's cadence wins.
CivilDay next_review_day(const ActionState& state, int cadence_months) {
  const Instant last = state.facts.reviewed.value_or(state.facts.imported);
  return calendar::add_months(state.plan->days->day_of(last), state.facts.cadence_months.value_or(cadence_months));
}

/// The first import with the owners it has now.
CivilDay first_seen_day(const ActionState& state) {
  Instant seen = state.facts.imported;
  for (const AssignmentState& assignment : state.assignments) seen = std::max(seen, assignment.since);
  return state.plan->days->day_of(seen);
}

void anchor_instances(const ActionState& state, const rulebook::Rule& rule, std::vector<AnchorInstance>& instances) {
  instances.clear();
  const plan::Timescale& timescale = state.facts.timescale;
  switch (rule.anchor) {
    case rulebook::Anchor::due:
      if (timescale.due) instances.push_back({"due", *timescale.due});
      break;
    case rulebook::Anchor::start:
      if (timescale.start) instances.push_back({"start", *timescale.start});
      break;
    case rulebook::Anchor::first_seen:
      instances.push_back({"first_seen", first_seen_day(state)});
      break;
    case rulebook::Anchor::last_update:
      instances.push_back({"last_update", last_update_day(state)});
      break;
    case rulebook::Anchor::next_review:
      instances.push_back({"next_review", next_review_day(state, rule.cadence_months)});
      break;
    case rulebook::Anchor::milestone:
      for (const plan::Milestone& milestone : state.facts.milestones) {
        if (!milestone.done) instances.push_back({"milestone:" + milestone.id, milestone.due});
      }
      break;
    case rulebook::Anchor::report_cutoff:
      break;  // a plan has no meetings yet, so it has no cut-offs
  }
}

}  // namespace chaser::chase
