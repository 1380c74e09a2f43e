#include <algorithm>
#include <charconv>

#include "calendar/recurrence.h"
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

CivilDay next_review_day(const ActionState& state, int cadence_months, const std::string& recurrence) {
  const ActionFacts& facts = state.facts;
  const CivilDay last = state.plan->days->day_of(facts.reviewed.value_or(facts.imported));
  const std::string& days = !facts.recurrence.empty() || facts.cadence_months ? facts.recurrence : recurrence;
  if (!days.empty()) {
    if (const auto next = calendar::next_instance(days, state.plan->days->day_of(facts.imported), last)) return *next;
  }
  return calendar::add_months(last, facts.cadence_months.value_or(cadence_months));
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

namespace {

/// The day of the rule's first step for a cut-off, or the cut-off itself.
CivilDay begins(const CompiledRule& rule, CivilDay cutoff) {
  CivilDay first = cutoff;
  for (const rulebook::Step& step : rule.rule->steps) {
    if (step.at.count < 0) first = std::min(first, rulebook::nominal_day(step.at, cutoff, *rule.calendar));
  }
  return first;
}

/// A cut-off counts from the day of the rule's first step before it. Past ones: those that came since the last look,
/// and those whose case goes on.
void cutoff_instances(const ActionState& state, const CompiledRule& rule, CivilDay today,
                      std::vector<AnchorInstance>& instances) {
  const CivilDay seen = state.watermark ? calendar::day_of(*state.watermark, state.plan->zone) : today;
  for (const Cutoff& cutoff : state.plan->cutoffs) {
    if (cutoff.day >= today && begins(rule, cutoff.day) > today) return;
    const bool is_chased = std::any_of(state.cases.begin(), state.cases.end(), [&](const CaseState& known) {
      return known.status == CaseStatus::open && known.anchor_day == cutoff.day &&
             known.anchor.starts_with("cutoff:") && known.rule->rule->name == rule.rule->name;
    });
    if (cutoff.day < std::min(seen, today) && !is_chased) continue;
    instances.push_back({"cutoff:" + calendar::iso_day(cutoff.day), cutoff.day});
  }
}

}  // namespace

std::optional<CivilDay> next_cutoff_begins(const ActionState& state, const CompiledRule& rule, CivilDay today) {
  for (const Cutoff& cutoff : state.plan->cutoffs) {
    if (cutoff.day < today) continue;
    const CivilDay first = begins(rule, cutoff.day);
    if (first > today) return first;
  }
  return std::nullopt;
}

void anchor_instances(const ActionState& state, const CompiledRule& compiled, CivilDay today,
                      std::vector<AnchorInstance>& instances) {
  instances.clear();
  const rulebook::Rule& rule = *compiled.rule;
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
      instances.push_back({"next_review", next_review_day(state, rule.cadence_months, rule.recurrence)});
      break;
    case rulebook::Anchor::milestone:
      for (const plan::Milestone& milestone : state.facts.milestones) {
        if (!milestone.done) instances.push_back({"milestone:" + milestone.id, milestone.due});
      }
      break;
    case rulebook::Anchor::report_cutoff:
      cutoff_instances(state, compiled, today, instances);
      break;
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
