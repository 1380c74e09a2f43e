#include "app/pass.h"

#include <algorithm>
#include <deque>
#include <exception>

namespace chaser::app {

PassCounts& PassCounts::operator+=(const PassCounts& other) {
  looked += other.looked;
  notified += other.notified;
  held += other.held;
  failed += other.failed;
  messages += other.messages;
  sent += other.sent;
  return *this;
}

PassCounts decide_some(store::Store& store, const chase::World& world, const chase::Look& look) {
  const std::vector<store::LoadedAction> actions = store.due_actions(look.now, actions_per_commit, world);
  std::vector<chase::Verdict> verdicts(actions.size());
  std::vector<store::Decided> decided(actions.size());
  PassCounts counts;
  counts.looked = actions.size();
  for (std::size_t i = 0; i < actions.size(); ++i) {
    decided[i].action = &actions[i];
    decided[i].verdict = &verdicts[i];
    try {
      chase::decide(actions[i].state, world, look, verdicts[i]);
      counts.notified += verdicts[i].firings.size();
      counts.held += verdicts[i].holds.size();
    } catch (const std::exception& failure) {
      verdicts[i].clear();
      decided[i].failure = failure.what();
      ++counts.failed;
    }
    // A look that asks for itself again would never end.
    if (verdicts[i].next_look && *verdicts[i].next_look <= look.now) {
      verdicts[i].next_look = look.now + absl::Hours(1);
    }
  }
  if (!decided.empty()) store.commit_pass(decided, world, look.now);
  return counts;
}

bool compose_some(store::Store& store, const chase::World& world, const chase::Brakes& brakes, const chase::Look& look,
                  PassCounts& counts) {
  const std::vector<store::RecipientWork> due = store.due_recipients(look.now, recipients_per_slice, world);
  std::vector<store::Composed> composed;
  for (const store::RecipientWork& work : due) {
    chase::ComposeInput input;
    input.recipient = world.find_party(work.party);
    input.pending = work.pending;
    input.first_meetings_this_week = work.first_meetings_this_week;
    input.last_digest = work.last_digest;
    input.up_since = look.up_since;
    chase::Composition composition = chase::compose(input, world, brakes, look.now);
    if (composition.next_compose && *composition.next_compose <= look.now) {
      composition.next_compose = look.now + absl::Hours(1);
    }
    counts.messages += composition.messages.size();
    composed.push_back({&work, std::move(composition)});
  }
  if (!composed.empty()) store.commit_compositions(composed, world, look.now);
  return !due.empty();
}

chase::Brakes brakes_of(store::Store& store, const chase::World& world, bool clock_held, Instant now) {
  chase::Brakes brakes;
  brakes.clock_held = clock_held;
  for (const store::Stop& stop : store.stops()) {
    if (!stop.plan.empty()) brakes.stopped_plans.push_back(stop.plan);
    if (!stop.rule.empty()) brakes.stopped_rules.push_back(stop.rule);
    if (!stop.party.empty()) brakes.stopped_parties.push_back(stop.party);
    if (stop == store::Stop{}) brakes.stopped_all = true;
  }
  if (!world.plans().empty()) {
    const rulebook::Freeze* const freeze =
        world.rulebook().freeze_on(calendar::day_of(now, world.plans().front().zone));
    brakes.freeze_released = freeze != nullptr && store.is_released("freeze", freeze->name);
  }
  const auto contacts = static_cast<int>(world.contact_count());
  const int people = world.rulebook().limit_people().value_or(std::max(50, 3 * contacts));
  brakes.over_limit = store.over_limit(static_cast<std::size_t>(people), now);
  for (const store::AbsenceHint& hint : store.absence_hints(now - absl::Hours(24 * 60))) {
    const chase::PartyIndex party = world.find_party(hint.party);
    if (party != chase::no_party) brakes.seem_away.push_back({party, hint.heard});
  }
  return brakes;
}

}  // namespace chaser::app
