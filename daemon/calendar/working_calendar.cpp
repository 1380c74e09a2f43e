#include "calendar/working_calendar.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "calendar/holidays.h"

namespace chaser::calendar {
namespace {

constexpr int table_first_year = 1990;
constexpr int table_last_year = 2150;
constexpr std::uint8_t whole_week = 0b1111111;

// A name's place: 0 is "no holiday", then two for each entry, its own day and its substitute.
std::size_t name_of(HolidayOrigin origin) {
  return 1 + 2 * origin.entry + (origin.substituted ? 1 : 0);
}

std::vector<std::string> holiday_names(const CalendarDefinition& definition) {
  std::vector<std::string> names{""};
  const auto add = [&](const std::string& name) {
    names.push_back(name);
    names.push_back(name + " (substitute day)");
  };
  for (const HolidayRule& rule : definition.rules) add(rule.name);
  for (const HolidayMove& move : definition.moves) add(move.name);
  return names;
}

bool is_month_and_day(int month, int day) {
  return month >= 1 && month <= 12 && day >= 1 && day <= CivilDay(absl::CivilDay(2000, month + 1, 1) - 1).day();
}

struct RuleCheck {
  std::optional<std::string> operator()(FixedDay on) const {
    if (is_month_and_day(on.month, on.day)) return std::nullopt;
    return "there is no day " + std::to_string(on.day) + " of month " + std::to_string(on.month);
  }
  std::optional<std::string> operator()(EasterOffset on) const {
    if (on.days >= -100 && on.days <= 200) return std::nullopt;
    return "days from Easter must lie between -100 and 200";
  }
  std::optional<std::string> operator()(NthWeekday on) const {
    if (on.month < 1 || on.month > 12) return "there is no month " + std::to_string(on.month);
    if (on.weekday < 0 || on.weekday > 6) return "a weekday is 0 (Monday) to 6 (Sunday)";
    if ((on.nth >= 1 && on.nth <= 4) || on.nth == -1) return std::nullopt;
    return "the nth weekday of a month is 1 to 4, or -1 for the last";
  }
};

/// Whether days outside the tables are worked, expanding the holidays of one year at a time.
class YearByYear {
 public:
  explicit YearByYear(const CalendarDefinition& definition) : definition_(definition) {}

  bool is_worked(CivilDay day) {
    if ((definition_.weekend >> weekday_index(day) & 1) != 0) return false;
    if (day.year() != year_) {
      year_ = day.year();
      holidays_ = expand_holidays(definition_, static_cast<int>(year_), static_cast<int>(year_));
    }
    return !holidays_.contains(day);
  }

 private:
  const CalendarDefinition& definition_;
  absl::civil_year_t year_ = std::numeric_limits<absl::civil_year_t>::min();
  std::map<CivilDay, HolidayOrigin> holidays_;
};

}  // namespace

std::optional<std::string> what_is_wrong(const CalendarDefinition& definition) {
  if ((definition.weekend & whole_week) == whole_week) return "no day of the week is worked";
  if (definition.rules.size() + definition.moves.size() > calendar_entries_max) {
    return "more than " + std::to_string(calendar_entries_max) + " holidays and moves";
  }
  for (const HolidayRule& rule : definition.rules) {
    if (const auto wrong = std::visit(RuleCheck{}, rule.on)) return rule.name + ": " + *wrong;
  }
  return std::nullopt;
}

WorkingCalendar::WorkingCalendar(CalendarDefinition definition)
    : definition_(std::move(definition)), names_(holiday_names(definition_)) {
  assert(!what_is_wrong(definition_));
  const auto holidays = expand_holidays(definition_, table_first_year, table_last_year);
  const CivilDay end(table_last_year + 1, 1, 1);
  days_.reserve(static_cast<std::size_t>(end - CivilDay(table_first_year, 1, 1)));
  worked_.reserve(days_.capacity());
  auto holiday = holidays.begin();  // both go by day
  auto weekday = static_cast<unsigned>(weekday_index(CivilDay(table_first_year, 1, 1)));
  for (CivilDay day(table_first_year, 1, 1); day < end; ++day, weekday = weekday == 6 ? 0 : weekday + 1) {
    TableDay entry;
    while (holiday != holidays.end() && holiday->first < day) ++holiday;
    if (holiday != holidays.end() && holiday->first == day) {
      entry.holiday = static_cast<std::uint16_t>(name_of(holiday->second));
    }
    entry.worked = entry.holiday == 0 && (definition_.weekend >> weekday & 1) == 0;
    if (entry.worked) worked_.push_back(day);
    entry.worked_through = static_cast<std::int32_t>(worked_.size());
    days_.push_back(entry);
  }
  assert(!worked_.empty());
}

std::optional<std::string_view> WorkingCalendar::holiday_name(CivilDay day) const {
  const std::size_t place = place_of(day);
  if (place < days_.size()) {
    if (days_[place].holiday == 0) return std::nullopt;
    return names_[days_[place].holiday];
  }
  const int year = static_cast<int>(day.year());
  const auto holidays = expand_holidays(definition_, year, year);
  const auto found = holidays.find(day);
  if (found == holidays.end()) return std::nullopt;
  return names_[name_of(found->second)];
}

std::vector<Holiday> WorkingCalendar::holidays(int year) const {
  const auto expanded = expand_holidays(definition_, year, year);
  std::vector<Holiday> result;
  const auto end = expanded.lower_bound(CivilDay(year + 1, 1, 1));
  for (auto at = expanded.lower_bound(CivilDay(year, 1, 1)); at != end; ++at) {
    result.push_back({at->first, names_[name_of(at->second)]});
  }
  return result;
}

bool WorkingCalendar::is_working_day_outside(CivilDay day) const {
  return YearByYear(definition_).is_worked(day);
}

CivilDay WorkingCalendar::walk(CivilDay from, int n) const {
  YearByYear years(definition_);
  const int step = n > 0 ? 1 : -1;
  CivilDay day = from;
  for (int left = n; left != 0; left -= years.is_worked(day) ? step : 0) day += step;
  return day;
}

int WorkingCalendar::walk_count(CivilDay from, CivilDay to) const {
  if (to < from) return -walk_count(to, from);
  YearByYear years(definition_);
  int count = 0;
  for (CivilDay day = from + 1; day <= to; ++day) count += years.is_worked(day) ? 1 : 0;
  return count;
}

}  // namespace chaser::calendar
