#include <algorithm>

#include "app/dispatch.h"
#include "app/pass.h"

namespace chaser::app {

namespace {

template <typename List, typename Item>
bool has(const List& list, const Item& word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool is_stopped(const store::OutboxMessage& message, const chase::Brakes& brakes) {
  if (brakes.stopped_all || brakes.clock_held || has(brakes.stopped_parties, message.recipient)) return true;
  if (message.items.empty()) return false;
  return std::all_of(message.items.begin(), message.items.end(), [&](const store::TellingItem& item) {
    return has(brakes.stopped_plans, item.plan) || has(brakes.stopped_rules, item.rule) ||
           has(brakes.stopped_parties, item.instead_of);
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

/// When no freeze holds what the message tells, by the clocks of the plans that it speaks of, as composing reads them;
/// `now` if none does. One of no plan that is known goes.
Instant end_of_freeze(const store::OutboxMessage& message, const chase::World& world, Instant now) {
  Instant end = now;
  if (world.rulebook().freezes().empty()) return end;
  for (const store::TellingItem& item : message.items) {
    const chase::PlanContext* const plan = world.find_plan(item.plan);
    if (plan == nullptr) continue;
    const rulebook::Freeze* const freeze = world.rulebook().freeze_on(calendar::day_of(now, plan->zone));
    if (freeze != nullptr) end = std::max(end, calendar::first_instant(freeze->to + 1, plan->zone));
  }
  return end;
}

const chase::CaseState* find_case(const store::TellingItem& item, const chase::ActionState& state) {
  for (const chase::CaseState& each : state.cases) {
    if (each.rule->rule->name == item.rule && each.anchor == item.anchor && each.epoch == item.epoch) return &each;
  }
  return nullptr;
}

bool is_over(const chase::ActionState& state, const chase::World& world) {
  return state.facts.dropped || world.workflow().is_finished(state.facts.status) ||
         state.facts.timescale.kind == plan::TimescaleKind::done;
}

/// Whether the recipient is one by whom a lead is reached.
bool leads(chase::PartyIndex recipient, const chase::ActionState& state, const chase::World& world) {
  return std::any_of(state.assignments.begin(), state.assignments.end(), [&](const chase::AssignmentState& each) {
    return each.role == plan::Role::lead && each.holder() != chase::no_party &&
           has(world.person(each.holder()).recipients, recipient);
  });
}

}  // namespace

std::optional<Instant> waits_until(const store::OutboxMessage& message, const chase::World& world,
                                   const chase::Brakes& brakes, Instant now) {
  if (is_stopped(message, brakes)) return now + absl::Hours(1);
  const chase::PartyIndex recipient = world.find_party(message.recipient);
  if (recipient == chase::no_party) return std::nullopt;
  const chase::Schedule& schedule = schedule_of(message, world, recipient);
  const Instant opening = schedule.next_opening(brakes.freeze_released ? now : end_of_freeze(message, world, now));
  if (opening > now) return opening;
  return std::nullopt;
}

std::optional<chase::Reason> why_untrue(const store::TellingItem& item, std::string_view recipient,
                                        const chase::ActionState& state, const chase::World& world) {
  const bool is_known = world.find_party(recipient) != chase::no_party;
  if (item.rule == rulebook::limit_rule && is_known) return std::nullopt;  // it is about the rule, not the action
  if (item.rule == rulebook::closed_rule && is_known) {
    return is_over(state, world) ? std::nullopt : std::optional(chase::Reason{chase::ReasonCode::reopened, {}});
  }
  if (state.facts.dropped) return chase::Reason{chase::ReasonCode::dropped, {}};
  if (!is_known) return chase::Reason{chase::ReasonCode::unreachable, {}};
  const chase::PartyIndex meant =
      world.find_party(item.instead_of.empty() ? recipient : std::string_view(item.instead_of));
  if (item.rule == rulebook::handed_over_rule && leads(meant, state, world)) {
    return chase::Reason{chase::ReasonCode::reassigned, item.about.empty() ? "the other" : item.about.front()};
  }
  if (item.rule == rulebook::inherited_rule && !leads(meant, state, world)) {
    return chase::Reason{chase::ReasonCode::reassigned, std::string(recipient)};
  }
  if (item.rule == rulebook::inherited_rule && is_over(state, world)) {
    return chase::Reason{chase::ReasonCode::finished, state.facts.status};
  }
  if (rulebook::is_built_in(item.rule)) return std::nullopt;
  if (world.workflow().is_finished(state.facts.status)) {
    return chase::Reason{chase::ReasonCode::finished, state.facts.status};
  }
  const chase::CaseState* const found = find_case(item, state);
  if (found == nullptr || found->status != chase::CaseStatus::closed) return std::nullopt;
  return found->closed_by;
}

}  // namespace chaser::app
