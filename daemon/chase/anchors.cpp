#include <algorithm>
#include <charconv>

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

/// The first import with the owners it has now; one who said "not mine" is seen anew.
CivilDay first_seen_day(const ActionState& state) {
  Instant seen = state.facts.imported;
  for (const AssignmentState& assignment : state.assignments) seen = std::max(seen, assignment.since);
  for (const Request& request : state.requests) {
    if (request.kind == ResponseKind::not_mine) seen = std::max(seen, request.asked);
  }
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
    case rulebook::Anchor::asked:
      for (const Request& request : state.requests) {
        // Whose it is not is the rule "unowned"'s matter.
        if (request.kind == ResponseKind::not_mine || request.decider == no_party) continue;
        instances.push_back(
            {"asked:" + std::to_string(request.number), calendar::day_of(request.asked, state.plan->zone)});
      }
      break;
    case rulebook::Anchor::blocking:
      for (const Blocking& waiting : state.blocks) {
        instances.push_back({"blocking:" + waiting.action, calendar::day_of(waiting.since, state.plan->zone)});
      }
      break;
  }
}

const Request* request_of(const ActionState& state, std::string_view anchor) {
  constexpr std::string_view prefix = "asked:";
  if (!anchor.starts_with(prefix)) return nullptr;
  std::int32_t number = 0;
  std::from_chars(anchor.data() + prefix.size(), anchor.data() + anchor.size(), number);
  const auto found = std::find_if(state.requests.begin(), state.requests.end(),
                                  [&](const Request& request) { return request.number == number; });
  return found == state.requests.end() ? nullptr : &*found;
}

}  // namespace chaser::chase
