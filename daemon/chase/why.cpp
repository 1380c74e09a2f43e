#include <cstdlib>
#include <string>

#include "chase/rehearsal.h"

namespace chaser::chase {
namespace {

std::string count(int n, std::string_view unit) {
  return std::to_string(n) + " " + std::string(unit) + (n == 1 ? "" : "s");
}

std::string anchor_words(const rulebook::Rule& rule, CivilDay day) {
  switch (rule.anchor) {
    case rulebook::Anchor::due:
      return "the due date, " + calendar::short_day(day);
    case rulebook::Anchor::start:
      return "the start, " + calendar::short_day(day);
    case rulebook::Anchor::first_seen:
      return "it was first seen, " + calendar::short_day(day);
    case rulebook::Anchor::last_update:
      return "the last update, " + calendar::short_day(day);
    case rulebook::Anchor::next_review:
      return "the review of " + calendar::short_day(day);
    case rulebook::Anchor::milestone:
      return "the milestone of " + calendar::short_day(day);
    case rulebook::Anchor::report_cutoff:
      return "the report's cut-off, " + calendar::short_day(day);
  }
  return calendar::short_day(day);
}

/// The holidays that the count between two days skips, by name: at most three.
std::string holidays_between(CivilDay from, CivilDay to, const calendar::WorkingCalendar& calendar) {
  std::string names;
  int found = 0;
  for (CivilDay day = std::min(from, to); day <= std::max(from, to) && found < 3; ++day) {
    const auto name = calendar.holiday_name(day);
    if (!name || calendar::weekday_index(day) > 4) continue;
    names += (found++ == 0 ? "" : ", ") + calendar::short_day(day) + " " + std::string(*name);
  }
  return found == 0 || to - from > 62 || from - to > 62 ? "" : " (not counted: " + names + ")";
}

}  // namespace

std::string why(const PendingItem& item, const World& world) {
  if (item.rule == "exhausted") return "every step of rule " + item.step + " has been taken";
  const CompiledRule* rule = world.find_rule(item.rule);
  if (rule == nullptr) return "rule " + item.rule;
  const std::string anchor = anchor_words(*rule->rule, item.anchor_day);
  const int days = rule->calendar->working_days_after(item.anchor_day, item.nominal);
  std::string text = days == 0  ? "on " + anchor
                     : days < 0 ? count(-days, "working day") + " before " + anchor
                                : count(days, "working day") + " after " + anchor;
  text += holidays_between(item.anchor_day, item.nominal, *rule->calendar);
  if (item.occurrence.refired) text = "a pause ended without news; " + text;
  if (item.first_meeting) text = "first meeting of the rule and the action; " + text;
  return text;
}

}  // namespace chaser::chase
