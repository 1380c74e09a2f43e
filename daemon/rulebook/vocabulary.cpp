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
    {Fact::action_next_milestone, "action.next_milestone", Tag::timestamp, Domain::none, absent,
     "the day of its next milestone: the earliest that is not done, today or later"},
    {Fact::action_first_seen, "action.first_seen", Tag::timestamp, Domain::none, absent,
     "the day of the first import with its owner"},
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
