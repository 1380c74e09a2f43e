#include "rulebook/vocabulary.h"

#include <algorithm>
#include <array>

#include "plan/timescale.h"

namespace chaser::rulebook {
namespace {

using cel::Domain;
using cel::Tag;

constexpr bool absent = true;

constexpr std::array<FactEntry, static_cast<std::size_t>(Fact::count_)> entries{{
    {Fact::action_id, "action.id", Tag::text, Domain::none, false, "the action's id in its plan, such as \"2.1\""},
    {Fact::action_section, "action.section", Tag::text, Domain::none, false, "the name of its section"},
    {Fact::action_title, "action.title", Tag::text, Domain::none, false, "its short title"},
    {Fact::action_text, "action.text", Tag::text, Domain::none, false, "its whole text"},
    {Fact::action_kind, "action.kind", Tag::text, Domain::kind, false,
     "how its timescale was read: dated, ongoing ..."},
    {Fact::action_status, "action.status", Tag::text, Domain::status, false, "its status in the workflow"},
    {Fact::action_precision, "action.precision", Tag::text, Domain::precision, false,
     "how exact its timescale is: day, month, quarter, half, year, span or none"},
    {Fact::action_timescale, "action.timescale", Tag::text, Domain::none, false, "its timescale as the plan words it"},
    {Fact::action_start, "action.start", Tag::timestamp, Domain::none, absent, "the day it starts"},
    {Fact::action_due, "action.due", Tag::timestamp, Domain::none, absent, "the last day on which it is in time"},
    {Fact::action_first_due, "action.first_due", Tag::timestamp, Domain::none, absent, "the date it was first due"},
    {Fact::action_tags, "action.tags", Tag::list, Domain::none, false, "its tags"},
    {Fact::action_owners, "action.owners", Tag::list, Domain::none, false, "the parties that own it, by id"},
    {Fact::action_leads, "action.leads", Tag::list, Domain::none, false, "the parties that lead it, by id"},
    {Fact::action_unowned, "action.unowned", Tag::boolean, Domain::none, false,
     "whether an owner is missing, unknown or vacant"},
    {Fact::action_ambiguous, "action.ambiguous", Tag::boolean, Domain::none, false,
     "whether its timescale can be read two ways"},
    {Fact::action_slips, "action.slips", Tag::integer, Domain::none, false, "how often its date was moved later"},
    {Fact::action_last_update, "action.last_update", Tag::timestamp, Domain::none, absent,
     "the day of its last update"},
    {Fact::action_next_review, "action.next_review", Tag::timestamp, Domain::none, absent,
     "the day of its next review"},
    {Fact::action_first_seen, "action.first_seen", Tag::timestamp, Domain::none, absent,
     "the day of the first import with its owner"},
    {Fact::action_asked, "action.asked", Tag::list, Domain::none, false,
     "what waits for somebody's word: extension, done, delegate, not_mine, cancelled ..."},
    {Fact::action_blocks, "action.blocks", Tag::list, Domain::none, false, "the actions that wait for it, by id"},
    {Fact::action_reviews, "action.reviews", Tag::integer, Domain::none, false, "how often its review was answered"},
    {Fact::action_percent, "action.percent", Tag::integer, Domain::none, absent,
     "how much of it is done, as last said"},
    {Fact::action_slip_days, "action.slip_days", Tag::integer, Domain::none, false,
     "by how many days its date lies after its first one"},
    {Fact::action_rag_claimed, "action.rag_claimed", Tag::text, Domain::rag, false,
     "red, amber or green as its lead says, \"\" if nobody did"},
    {Fact::action_rag_computed, "action.rag_computed", Tag::text, Domain::rag, false,
     "red, amber or green by the plan's scheme, \"\" if it does not say"},
    {Fact::action_next_milestone, "action.next_milestone", Tag::timestamp, Domain::none, absent,
     "the day of its next milestone: the earliest that is not done, today or later"},
    {Fact::action_milestones_left, "action.milestones_left", Tag::integer, Domain::none, false,
     "how many of its milestones are not done"},
    {Fact::action_blocked_by, "action.blocked_by", Tag::list, Domain::none, false,
     "the actions it waits for, as \"plan/action\""},
    {Fact::action_dependents, "action.dependents", Tag::list, Domain::none, false,
     "the open actions that the plan says wait for it, as \"plan/action\""},
    {Fact::action_blockers_open, "action.blockers_open", Tag::integer, Domain::none, false,
     "how many of the actions it waits for are not finished"},
    {Fact::action_blocker_late, "action.blocker_late", Tag::boolean, Domain::none, false,
     "whether an action it waits for is past its due date"},
    {Fact::action_measure_value, "action.measure.value", Tag::real, Domain::none, absent, "its measure's last reading"},
    {Fact::action_measure_read, "action.measure.read", Tag::timestamp, Domain::none, absent, "the day of that reading"},
    {Fact::action_measure_expected, "action.measure.expected", Tag::real, Domain::none, absent,
     "what should have stood on that day"},
    {Fact::action_measure_target, "action.measure.target", Tag::real, Domain::none, absent, "what is to be reached"},
    {Fact::action_measure_by, "action.measure.by", Tag::timestamp, Domain::none, absent, "by which day"},
    {Fact::action_measure_percent, "action.measure.percent", Tag::real, Domain::none, absent,
     "how much of the way from the baseline to the target is gone"},
    {Fact::action_measure_required, "action.measure.required", Tag::real, Domain::none, absent,
     "what each month must bring from the last reading on"},
    {Fact::action_measure_behind, "action.measure.behind", Tag::boolean, Domain::none, false,
     "whether the last reading falls short of what should have stood"},
    {Fact::action_measure_readings_behind, "action.measure.readings_behind", Tag::integer, Domain::none, false,
     "how many of the last readings in a row fell short"},
    {Fact::plan_id, "plan.id", Tag::text, Domain::none, false, "the plan's id"},
    {Fact::plan_title, "plan.title", Tag::text, Domain::none, false, "the plan's title"},
    {Fact::case_rule, "case.rule", Tag::text, Domain::none, false, "the rule whose case this is"},
    {Fact::case_epoch, "case.epoch", Tag::integer, Domain::none, false, "which version of the date the case chases"},
    {Fact::case_anchor, "case.anchor", Tag::text, Domain::none, false, "what the case counts from, such as \"due\""},
    {Fact::now, "now", Tag::timestamp, Domain::none, false, "the instant of looking"},
    {Fact::today, "today", Tag::timestamp, Domain::none, false, "the day of looking, in the plan's zone"},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (static_cast<std::size_t>(entries[i].fact) != i) return false;
  }
  return true;
}
static_assert(in_order(), "entry_of indexes the table by Fact");

}  // namespace

std::span<const FactEntry> vocabulary() {
  return entries;
}

const FactEntry* find_fact(std::string_view name) {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const FactEntry& entry) { return entry.name == name; });
  return found == entries.end() ? nullptr : &*found;
}

const FactEntry& entry_of(Fact fact) {
  return entries[static_cast<std::size_t>(fact)];
}

cel::Type type_of(const FactEntry& entry) {
  cel::Type type = entry.type == Tag::list ? cel::list_of(cel::Type{Tag::text}) : cel::Type{entry.type};
  type.domain = entry.domain;
  type.may_be_absent = entry.may_be_absent;
  return type;
}

bool is_subject(std::string_view name) {
  return std::any_of(entries.begin(), entries.end(), [&](const FactEntry& entry) {
    return entry.name.size() > name.size() && entry.name.starts_with(name) && entry.name[name.size()] == '.';
  });
}

std::vector<std::string> fact_names(std::string_view prefix) {
  std::vector<std::string> names;
  for (const FactEntry& entry : entries) {
    if (entry.name.starts_with(prefix)) names.emplace_back(entry.name);
  }
  return names;
}

std::vector<std::string> words_of(Domain domain, std::span<const std::string> statuses) {
  std::vector<std::string> words;
  if (domain == Domain::status) words.assign(statuses.begin(), statuses.end());
  if (domain == Domain::rag) words = {"red", "amber", "green", ""};
  if (domain == Domain::kind) {
    for (int kind = 0; kind <= static_cast<int>(plan::TimescaleKind::unreadable); ++kind) {
      words.emplace_back(plan::name_of(static_cast<plan::TimescaleKind>(kind)));
    }
  }
  if (domain == Domain::precision) {
    for (int precision = 0; precision <= static_cast<int>(plan::Precision::span); ++precision) {
      words.emplace_back(plan::name_of(static_cast<plan::Precision>(precision)));
    }
  }
  return words;
}

}  // namespace chaser::rulebook
