#include <algorithm>
#include <bit>
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
/// In place: these are many, and a FactValue that is put together and then moved costs more than all that is in it.
void put_day(FactValue& fact, const std::optional<CivilDay>& value) {
  if (!value) return;
  fact.kind = FactValue::Kind::day;
  fact.integer = calendar::day_number(*value);
}

/// The ids of the parties that lead it. One lead's is borrowed from the world; several are copied to `several`.
std::span<const std::string> leads_of(const ActionState& state, const World& world, std::vector<std::string>& several) {
  const std::string* only = nullptr;
  several.clear();
  for (const AssignmentState& assignment : state.assignments) {
    if (assignment.role != plan::Role::lead || assignment.holder() == no_party) continue;
    const std::string& id = world.person(assignment.holder()).id;
    if (only != nullptr && several.empty()) several.push_back(*only);
    if (only != nullptr) several.push_back(id);
    only = &id;
  }
  if (only == nullptr) return {};
  return several.empty() ? std::span(only, 1) : std::span<const std::string>(several);
}

FactValue real(double value) {
  return {FactValue::Kind::real, std::bit_cast<std::int64_t>(value), {}, {}};
}

/// Milestones that have passed are late, not next.
void collect_milestones(const ActionFacts& action, CivilDay today, rulebook::Facts& facts) {
  std::optional<CivilDay> next;
  std::int64_t left = 0;
  for (const plan::Milestone& milestone : action.milestones) {
    if (milestone.done) continue;
    if (milestone.due >= today) next = std::min(next.value_or(milestone.due), milestone.due);
    ++left;
  }
  put_day(facts[Fact::action_next_milestone], next);
  facts[Fact::action_milestones_left] = integer(left);
}

void collect_measure(const ActionFacts& action, rulebook::Facts& facts) {
  facts[Fact::action_measure_behind] = boolean(false);
  facts[Fact::action_measure_readings_behind] = integer(0);
  if (!action.measure) return;
  const plan::Measure& measure = *action.measure;
  facts[Fact::action_measure_target] = real(measure.target.value);
  put_day(facts[Fact::action_measure_by], measure.target.on);
  if (const auto required = plan::required_per_month(measure)) facts[Fact::action_measure_required] = real(*required);
  const plan::Reading* const latest = measure.latest();
  if (latest == nullptr) return;
  facts[Fact::action_measure_value] = real(latest->value);
  put_day(facts[Fact::action_measure_read], latest->on);
  facts[Fact::action_measure_expected] = real(plan::expected_on(measure, latest->on));
  facts[Fact::action_measure_percent] = real(plan::percent_of_way(measure, latest->value));
  facts[Fact::action_measure_behind] = boolean(plan::is_behind(measure, *latest));
  facts[Fact::action_measure_readings_behind] = integer(plan::readings_behind(measure));
}

void collect_dependencies(const ActionState& state, CivilDay today, rulebook::Facts& facts) {
  facts.blocked_by.clear();
  std::int64_t open = 0;
  bool is_late = false;
  for (const Blocker& blocker : state.blockers) {
    facts.blocked_by.push_back(blocker.action);
    if (!blocker.known || blocker.finished) continue;
    ++open;
    is_late = is_late || (blocker.due && *blocker.due < today);
  }
  for (const Blocking& waits : state.blocked_by) facts.blocked_by.push_back(state.plan->id + "/" + waits.action);
  facts.dependents = state.dependents;
  facts[Fact::action_blocked_by] = texts(facts.blocked_by);
  facts[Fact::action_dependents] = texts(facts.dependents);
  facts[Fact::action_blockers_open] = integer(open);
  facts[Fact::action_blocker_late] = boolean(is_late);
}

}  // namespace

void collect_facts(const ActionState& state, const World& world, Instant now, rulebook::Facts& facts) {
  const ActionFacts& action = state.facts;
  const CivilDay today = state.plan->days->day_of(now);
  facts.zone = state.plan->zone;
  facts.calendar = &world.calendar("england-and-wales");
  facts[Fact::action_id] = text(action.id);
  facts[Fact::action_section] = text(action.section);
  facts[Fact::action_title] = text(action.title);
  facts[Fact::action_text] = text(action.text);
  facts[Fact::action_kind] = text(plan::name_of(action.timescale.kind));
  facts[Fact::action_status] = text(action.status);
  facts[Fact::action_precision] = text(plan::name_of(action.timescale.precision));
  facts[Fact::action_timescale] = text(action.timescale.verbatim);
  put_day(facts[Fact::action_start], action.timescale.start);
  put_day(facts[Fact::action_due], action.timescale.due);
  put_day(facts[Fact::action_first_due], action.first_due);
  facts[Fact::action_tags] = texts(action.tags);
  facts[Fact::action_owners] = texts(action.owners);
  facts[Fact::action_leads] = texts(leads_of(state, world, facts.leads));
  const bool is_given_back = std::any_of(state.requests.begin(), state.requests.end(),
                                         [](const Request& request) { return request.kind == ResponseKind::not_mine; });
  facts[Fact::action_unowned] = boolean(action.unowned || is_given_back);
  for (const Request& request : state.requests) facts.asked.emplace_back(name_of(request.kind));
  facts[Fact::action_asked] = texts(facts.asked);
  for (const Blocking& waiting : state.blocks) facts.blocks.push_back(waiting.action);
  facts[Fact::action_blocks] = texts(facts.blocks);
  facts[Fact::action_ambiguous] = boolean(action.timescale.ambiguous);
  facts[Fact::action_slips] = integer(action.slips);
  // Days that take counting months or looking into zones are worked out only for conditions that ask.
  if (world.mentions(Fact::action_last_update)) put_day(facts[Fact::action_last_update], last_update_day(state));
  if (world.mentions(Fact::action_next_review)) put_day(facts[Fact::action_next_review], next_review_day(state, 3));
  if (world.mentions(Fact::action_first_seen)) put_day(facts[Fact::action_first_seen], first_seen_day(state));
  facts[Fact::action_reviews] = integer(action.reviews);
  if (action.percent) facts[Fact::action_percent] = integer(*action.percent);
  const bool is_later = action.first_due && action.timescale.due && *action.timescale.due > *action.first_due;
  facts[Fact::action_slip_days] = integer(is_later ? *action.timescale.due - *action.first_due : 0);
  facts[Fact::action_rag_claimed] = text(name_of(action.claimed));
  if (world.mentions(Fact::action_rag_computed)) {
    const bool is_finished = world.workflow().is_finished(action.status);
    const Rag computed = computed_rag(state, is_finished, today, *facts.calendar);
    facts[Fact::action_rag_computed] = text(name_of(computed));
  }
  collect_milestones(action, today, facts);
  collect_measure(action, facts);
  collect_dependencies(state, today, facts);
  facts[Fact::plan_id] = text(state.plan->id);
  facts[Fact::plan_title] = text(state.plan->title);
  facts[Fact::now] = instant(now);
  put_day(facts[Fact::today], today);
}

}  // namespace chaser::chase
