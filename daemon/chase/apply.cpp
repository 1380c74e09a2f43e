#include <algorithm>

#include "chase/decide.h"

namespace chaser::chase {

void Verdict::clear() {
  ended.clear();
  opened.clear();
  firings.clear();
  changes.clear();
  settled.clear();
  entries.clear();
  holds.clear();
  exhausted_items.clear();
  next_look.reset();
  looks_when_delivered = false;
}

void apply(const Verdict& verdict, Instant now, ActionState& state) {
  for (const auto& opened : verdict.opened) state.cases.push_back(opened);
  for (const auto& end : verdict.ended) {
    CaseState& ended = state.cases[end.index];
    ended.status = end.status;
    ended.closed_by = end.reason;
    ended.closed_at = now;
  }
  for (const auto& change : verdict.changes) {
    Firing& firing = state.cases[change.index].firings[change.firing];
    firing.state = change.state;
    firing.reason = change.reason;
  }
  for (const auto& settled : verdict.settled) state.cases[settled.index].pauses[settled.pause].settled = true;
  for (const auto& entry : verdict.entries) state.cases[entry.index].entries.push_back(entry.entry);
  for (const auto& fired : verdict.firings) state.cases[fired.index].firings.push_back(fired.firing);
  // Only the latest epoch of a rule and anchor instance is looked at again.
  for (const auto& opened : verdict.opened) {
    std::erase_if(state.cases, [&](const CaseState& old) {
      return old.rule->rule->name == opened.rule->rule->name && old.anchor == opened.anchor && old.epoch < opened.epoch;
    });
  }
  state.watermark = now;
}

namespace {

void move_floor(ActionState& state, const std::string& rule, PartyIndex recipient, Instant now) {
  const auto last = std::find_if(state.last_direct.begin(), state.last_direct.end(), [&](const LastDirect& known) {
    return known.recipient == recipient && known.rule == rule;
  });
  if (last != state.last_direct.end())
    last->at = std::max(last->at, now);
  else
    state.last_direct.push_back({rule, recipient, now});
}

}  // namespace

void deliver(ActionState& state, std::size_t case_index, std::size_t firing_index, Instant now, CivilDay day,
             PartyIndex reader) {
  CaseState& chase_case = state.cases[case_index];
  Firing& firing = chase_case.firings[firing_index];
  firing.state = NotificationState::delivered;
  if (!firing.sent_at) firing.sent_at = now;
  if (reader != firing.recipient) firing.read_by = reader;
  const std::string& rule = chase_case.rule->rule->name;
  if (firing.deliver == rulebook::Deliver::direct && !firing.first_meeting) {
    move_floor(state, rule, firing.recipient, now);
    if (reader != no_party && reader != firing.recipient) move_floor(state, rule, reader, now);
  }
  const bool enters =
      firing.first_meeting && chase_case.rule->rule->steps[firing.step].at.count >= 0 && chase_case.anchor_day < day;
  if (!enters) return;
  const auto enter = [&](AssignmentIndex lead) {
    const bool entered = std::any_of(chase_case.entries.begin(), chase_case.entries.end(),
                                     [&](const Entry& entry) { return entry.assignment == lead; });
    if (!entered) chase_case.entries.push_back({lead, firing.step, day});
  };
  if (firing.leads.empty()) enter(no_assignment);
  for (const AssignmentIndex lead : firing.leads) enter(lead);
}

}  // namespace chaser::chase
