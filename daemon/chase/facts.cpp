#include <span>

#include "chase/decide.h"
#include "rulebook/condition.h"

namespace chaser::chase {
namespace {

using rulebook::Fact;
using rulebook::FactValue;

FactValue text(std::string_view value) {
  return {FactValue::Kind::text, 0, value, {}};
}
FactValue integer(std::int64_t value) {
  return {FactValue::Kind::integer, value, {}, {}};
}
FactValue boolean(bool value) {
  return {FactValue::Kind::boolean, value ? 1 : 0, {}, {}};
}
FactValue texts(std::span<const std::string> values) {
  return {FactValue::Kind::texts, 0, {}, values};
}
FactValue instant(Instant at) {
  return {FactValue::Kind::instant, absl::ToUnixMicros(at), {}, {}};
}
FactValue day(std::optional<CivilDay> value) {
  if (!value) return {};
  return {FactValue::Kind::day, *value - CivilDay(1970, 1, 1), {}, {}};
}

/// The ids of the parties that lead it. One lead's is borrowed from the world; several are copied to `several`.
std::span<const std::string> leads_of(const ActionState& state, const World& world, std::vector<std::string>& several) {
  const std::string* only = nullptr;
  several.clear();
  for (const AssignmentState& assignment : state.assignments) {
    if (assignment.role != plan::Role::lead || assignment.party == no_party) continue;
    const std::string& id = world.person(assignment.party).id;
    if (only != nullptr && several.empty()) several.push_back(*only);
    if (only != nullptr) several.push_back(id);
    only = &id;
  }
  if (only == nullptr) return {};
  return several.empty() ? std::span(only, 1) : std::span<const std::string>(several);
}

/// Milestones that have passed are late, not next.
std::optional<CivilDay> next_milestone(const ActionFacts& action, CivilDay today) {
  std::optional<CivilDay> next;
  for (const plan::Milestone& milestone : action.milestones) {
    if (milestone.done || milestone.due < today) continue;
    if (!next || milestone.due < *next) next = milestone.due;
  }
  return next;
}

}  // namespace

void collect_facts(const ActionState& state, const World& world, Instant now, rulebook::Facts& facts) {
  const ActionFacts& action = state.facts;
  const Zone& zone = state.plan->zone;
  facts.zone = zone;
  facts.calendar = &world.calendar("england-and-wales");
  facts[Fact::action_id] = text(action.id);
  facts[Fact::action_section] = text(action.section);
  facts[Fact::action_title] = text(action.title);
  facts[Fact::action_text] = text(action.text);
  facts[Fact::action_kind] = text(plan::name_of(action.timescale.kind));
  facts[Fact::action_status] = text(action.status);
  facts[Fact::action_precision] = text(plan::name_of(action.timescale.precision));
  facts[Fact::action_timescale] = text(action.timescale.verbatim);
  facts[Fact::action_start] = day(action.timescale.start);
  facts[Fact::action_due] = day(action.timescale.due);
  facts[Fact::action_first_due] = day(action.first_due);
  facts[Fact::action_tags] = texts(action.tags);
  facts[Fact::action_owners] = texts(action.owners);
  facts[Fact::action_leads] = texts(leads_of(state, world, facts.leads));
  facts[Fact::action_unowned] = boolean(action.unowned);
  facts[Fact::action_ambiguous] = boolean(action.timescale.ambiguous);
  facts[Fact::action_slips] = integer(action.slips);
  facts[Fact::action_last_update] = day(last_update_day(state));
  facts[Fact::action_next_review] = day(next_review_day(state, 3));
  facts[Fact::action_first_seen] = day(first_seen_day(state));
  facts[Fact::plan_id] = text(state.plan->id);
  facts[Fact::plan_title] = text(state.plan->title);
  facts[Fact::now] = instant(now);
  const CivilDay today = calendar::day_of(now, zone);
  facts[Fact::today] = day(today);
  facts[Fact::action_next_milestone] = day(next_milestone(action, today));
}

}  // namespace chaser::chase
