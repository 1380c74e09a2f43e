#include "chase/why.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

namespace chaser::chase {
namespace {

using rulebook::Anchor;
using rulebook::Offset;
using rulebook::OffsetUnit;

/// Further apart than this, holidays between two days are not worth naming.
constexpr int near_days = 62;
constexpr std::size_t holidays_named_max = 3;

std::string count(int n, std::string_view unit) {
  return fmt::format("{} {}{}", n, unit, n == 1 ? "" : "s");
}

std::string length_words(const Offset& offset) {
  const int n = std::abs(offset.count);
  switch (offset.unit) {
    case OffsetUnit::days:
      return count(n, "day");
    case OffsetUnit::working_days:
      return count(n, "working day");
    case OffsetUnit::weeks:
      return count(n, "week");
    case OffsetUnit::months:
      return count(n, "month");
  }
  return "";
}

std::string_view anchor_words(Anchor anchor) {
  switch (anchor) {
    case Anchor::due:
      return "the due date";
    case Anchor::start:
      return "the start date";
    case Anchor::first_seen:
      return "it was first seen";
    case Anchor::last_update:
      return "its last update";
    case Anchor::next_review:
      return "its review date";
    case Anchor::milestone:
      return "the milestone's date";
    case Anchor::report_cutoff:
      return "the report's cut-off";
    case Anchor::asked:
      return "it was asked";
    case Anchor::blocking:
      return "another action began to wait";
  }
  return "";
}

std::string day_month(CivilDay day) {
  const std::string text = calendar::short_day(day);
  return text.substr(0, text.rfind(' '));
}

/// The holidays that the count between two days skips, by name.
std::string holidays_between(CivilDay from, CivilDay to, const calendar::WorkingCalendar& calendar) {
  if (to - from > near_days || from - to > near_days) return "";
  std::vector<std::string> names;
  // The day counted to is worked, the one counted from is never counted.
  for (CivilDay day = std::min(from, to) + 1; day < std::max(from, to) && names.size() < holidays_named_max; ++day) {
    const auto name = calendar.holiday_name(day);
    if (name && calendar::weekday_index(day) <= 4) names.push_back(fmt::format("{} {}", day_month(day), *name));
  }
  return names.empty() ? "" : fmt::format(" (not counted: {})", fmt::join(names, ", "));
}

/// The free day from which a step's day was moved; none where it was not, or where more than the rule's offset set the
/// day.
std::string moved_from(const PendingItem& item, const rulebook::Step& step, const calendar::WorkingCalendar& calendar) {
  if (item.occurrence != Occurrence{} || item.first_meeting) return "";
  const CivilDay own = rulebook::apply(step.at, item.anchor_day, calendar);
  if (calendar.is_working_day(own) || own == item.nominal) return "";
  if (rulebook::nominal_day(step.at, item.anchor_day, calendar) != item.nominal) return "";
  return fmt::format(" ({}: moved {})", free_day_words(own, calendar), item.nominal < own ? "forward" : "on");
}

}  // namespace

std::string free_day_words(CivilDay day, const calendar::WorkingCalendar& calendar) {
  if (calendar.is_working_day(day)) return "";
  if (const auto name = calendar.holiday_name(day)) return fmt::format("{} is {}", day_month(day), *name);
  const std::string long_day = calendar::long_day(day);
  return fmt::format("{} is a {}", day_month(day), long_day.substr(0, long_day.find(' ')));
}

std::string when_words(Anchor anchor, const Offset& at) {
  const std::string_view what = anchor_words(anchor);
  if (at.count == 0) {
    if (anchor == Anchor::first_seen) return "as soon as it is seen";
    if (anchor == Anchor::asked) return "as soon as it is asked";
    return anchor == Anchor::blocking ? "as soon as another action waits" : fmt::format("on {}", what);
  }
  return fmt::format("{} {} {}", length_words(at), at.count < 0 ? "before" : "after", what);
}

std::string why(const PendingItem& item, const World& world) {
  if (item.rule == rulebook::exhausted_rule) return "every step of rule " + item.step + " has been taken";
  if (item.rule == rulebook::limit_rule) {
    return fmt::format("rule {} would write to more people on {} than the limit allows: it is held until it is let go",
                       item.step, calendar::short_day(item.nominal));
  }
  if (item.rule == rulebook::inherited_rule) return "it is led by them from now on";
  if (item.rule == rulebook::handed_over_rule) return "it is led by somebody else now";
  if (item.rule == rulebook::closed_rule) return "it has ended, and they were written to about it";
  const CompiledRule* const rule = world.find_rule(item.rule);
  if (rule == nullptr) return "rule " + item.rule;
  const std::string anchor =
      fmt::format("{}, {}", anchor_words(rule->rule->anchor), calendar::short_day(item.anchor_day));
  const int days = rule->calendar->working_days_after(item.anchor_day, item.nominal);
  std::string text = days == 0  ? "on " + anchor
                     : days < 0 ? count(-days, "working day") + " before " + anchor
                                : count(days, "working day") + " after " + anchor;
  if (item.nominal != item.anchor_day) text += holidays_between(item.anchor_day, item.nominal, *rule->calendar);
  if (const rulebook::Step* const step = rule->rule->find(item.step)) text += moved_from(item, *step, *rule->calendar);
  if (item.occurrence.refired) text = "a pause ended without news; " + text;
  if (item.first_meeting) text = "first meeting of the rule and the action; " + text;
  return text;
}

}  // namespace chaser::chase
