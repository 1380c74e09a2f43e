#include "chase/respond.h"

#include <algorithm>

#include "chase/reported.h"

namespace chaser::chase {
namespace {

void remember(const Response& response, const World& world, Instant now, ActionState& state) {
  const PartyIndex party = world.find_party(response.party);
  std::erase_if(state.answered,
                [&](const Answered& known) { return known.party == party && known.kind == response.kind; });
  state.answered.push_back({party, response.kind, now, response.means});
}

void apply_to_requests(const ResponseEffect& effect, ActionState& state) {
  for (const auto& decided : effect.decided) {
    std::erase_if(state.requests, [&](const Request& request) { return request.number == decided.number; });
  }
  if (!effect.asked) return;
  state.requests.push_back(*effect.asked);
  state.facts.last_request = effect.asked->number;
}

void apply_to_assignments(const ResponseEffect& effect, Instant now, ActionState& state) {
  for (const auto& change : effect.delegated) {
    state.assignments[change.assignment].delegate = change.delegate;
    state.assignments[change.assignment].delegated = now;
  }
  for (const AssignmentIndex lead : effect.done) state.assignments[lead].done = now;
  if (!effect.reopened) return;
  for (AssignmentState& assignment : state.assignments) assignment.done.reset();
}

void apply_to_facts(const ResponseEffect& effect, Instant now, ActionFacts& facts) {
  if (effect.status) facts.status = *effect.status;
  if (effect.is_update) facts.updated = now;
  if (effect.is_review) facts.reviewed = now;
  if (!effect.note.empty()) facts.last_note = effect.note;
  if (effect.percent) facts.percent = effect.percent;
  if (effect.reopened) facts.reopened = now;
  facts.lineage.insert(facts.lineage.end(), effect.lineage.begin(), effect.lineage.end());
  if (!effect.due) return;
  facts.timescale.due = effect.due;
  facts.timescale.precision = plan::Precision::day;
  facts.extended = effect.due;
  ++facts.slips;
}

void put(std::vector<Blocking>& list, const Blocking& blocking) {
  std::erase_if(list, [&](const Blocking& known) { return known.action == blocking.action; });
  const auto after = std::upper_bound(list.begin(), list.end(), blocking,
                                      [](const Blocking& a, const Blocking& b) { return a.action < b.action; });
  list.insert(after, blocking);
}

}  // namespace

PauseUse pause_use(const ActionState& state, const CaseState& chase_case, AssignmentIndex lead, ResponseKind kind) {
  PauseUse use;
  for (const Pause& pause : chase_case.pauses) {
    if (pause.assignment != lead || pause.kind != kind || !pause.last || pause.inherited) continue;
    const int days =
        chase_case.rule->calendar->working_days_after(calendar::day_of(pause.from, state.plan->zone), *pause.last);
    use.days += days;
    if (*pause.last > calendar::day_of(pause.from, state.plan->zone)) ++use.answers;
  }
  return use;
}

void apply(const ResponseEffect& effect, const Response& response, const World& world, Instant now,
           ActionState& state) {
  if (!effect.accepted) return;
  for (const auto& cut : effect.cut) {
    Pause& pause = state.cases[cut.index].pauses[cut.pause];
    pause.last = cut.last;
    pause.cut = now;
  }
  for (const auto& added : effect.pauses) state.cases[added.index].pauses.push_back(added.pause);
  for (const auto& end : effect.ended) {
    CaseState& ended = state.cases[end.index];
    ended.status = end.status;
    ended.closed_by = end.reason;
    ended.closed_at = now;
  }
  apply_to_facts(effect, now, state.facts);
  apply_reported(effect, now, state.facts);
  apply_to_assignments(effect, now, state);
  apply_to_requests(effect, state);
  if (effect.unblocked) state.blocked_by.clear();
  if (effect.blocked_by) put(state.blocked_by, *effect.blocked_by);
  remember(response, world, now, state);
}

bool apply_to_blocker(const ResponseEffect& effect, const std::string& waiting, Instant now, ActionState& blocker) {
  if (!effect.accepted) return false;
  if (effect.blocked_by && effect.blocked_by->action == blocker.facts.id) {
    put(blocker.blocks, Blocking{waiting, now, effect.blocked_by->until});
    return true;
  }
  return effect.unblocked &&
         std::erase_if(blocker.blocks, [&](const Blocking& known) { return known.action == waiting; }) > 0;
}

}  // namespace chaser::chase
