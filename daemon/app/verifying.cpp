#include <algorithm>

#include "app/dispatch.h"
#include "app/pass.h"

namespace chaser::app {

namespace {

template <typename List>
bool has(const List& list, const std::string& word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool is_stopped(const store::OutboxMessage& message, const chase::Brakes& brakes) {
  if (brakes.stopped_all || brakes.clock_held || has(brakes.stopped_parties, message.recipient)) return true;
  if (message.items.empty()) return false;
  return std::all_of(message.items.begin(), message.items.end(), [&](const store::TellingItem& item) {
    return has(brakes.stopped_plans, item.plan) || has(brakes.stopped_rules, item.rule);
  });
}

const chase::Schedule& schedule_of(const store::OutboxMessage& message, const chase::World& world,
                                   chase::PartyIndex recipient) {
  if (message.kind == chase::MessageKind::direct && !message.items.empty()) {
    const chase::CompiledRule* const rule =
        world.find_rule(message.items.front().rule, message.items.front().rule_version);
    if (rule != nullptr) return rule->schedule(recipient);
  }
  return world.schedule(recipient);
}

const chase::CaseState* find_case(const store::TellingItem& item, const chase::ActionState& state) {
  for (const chase::CaseState& each : state.cases) {
    if (each.rule->rule->name == item.rule && each.anchor == item.anchor && each.epoch == item.epoch) return &each;
  }
  return nullptr;
}

}  // namespace

std::optional<Instant> waits_until(const store::OutboxMessage& message, const chase::World& world,
                                   const chase::Brakes& brakes, Instant now) {
  if (is_stopped(message, brakes)) return now + absl::Hours(1);
  const chase::PartyIndex recipient = world.find_party(message.recipient);
  if (recipient == chase::no_party) return std::nullopt;
  const chase::Schedule& schedule = schedule_of(message, world, recipient);
  const rulebook::Freeze* const freeze = world.rulebook().freeze_on(schedule.day_of(now));
  if (freeze != nullptr && !brakes.freeze_released) return schedule.opening_on_or_after(freeze->to + 1);
  const Instant opening = schedule.next_opening(now);
  if (opening > now) return opening;
  return std::nullopt;
}

std::optional<chase::Reason> why_untrue(const store::TellingItem& item, std::string_view recipient,
                                        const chase::ActionState& state, const chase::World& world) {
  const bool is_known = world.find_party(recipient) != chase::no_party;
  if (item.rule == rulebook::limit_rule && is_known) return std::nullopt;  // it is about the rule, not the action
  if (state.facts.dropped) return chase::Reason{chase::ReasonCode::dropped, {}};
  if (!is_known) return chase::Reason{chase::ReasonCode::unreachable, {}};
  if (rulebook::is_built_in(item.rule)) return std::nullopt;
  if (world.workflow().is_finished(state.facts.status)) {
    return chase::Reason{chase::ReasonCode::finished, state.facts.status};
  }
  const chase::CaseState* const found = find_case(item, state);
  if (found == nullptr || found->status != chase::CaseStatus::closed) return std::nullopt;
  return found->closed_by;
}

}  // namespace chaser::app
