#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "calendar/time.h"

namespace chaser::calendar {

/// A holiday that recurs by rule. Years are inclusive bounds of validity.
struct FixedDay {
  int month;
  int day;
};
struct EasterOffset {  // days from Western Easter Sunday: -2 Good Friday, 1 Easter Monday
  int days;
};
struct NthWeekday {  // weekday 0 = Monday; nth 1..4, or -1 for the month's last
  int month;
  int weekday;
  int nth;
};
/// Where a holiday that falls on a weekend goes: stays there, or to the next working weekday that is no holiday yet.
enum class Substitute : std::uint8_t { none, next_free_weekday };

struct HolidayRule {
  std::string name;
  std::variant<FixedDay, EasterOffset, NthWeekday> on;
  Substitute substitute = Substitute::none;
  int first_year = 1900;
  int last_year = 9999;
};

/// A one-off change by proclamation: the holiday of `from` (if any) does not happen that day; `to` (if any) is one.
struct HolidayMove {
  std::optional<CivilDay> from;
  std::optional<CivilDay> to;
  std::string name;
};

struct CalendarDefinition {
  std::string name;  // slug: "england-and-wales"
  std::vector<HolidayRule> rules;
  std::vector<HolidayMove> moves;
  std::uint8_t weekend = 0b1100000;  // bit 0 = Monday
};

/// Bank holidays as gov.uk publishes them: rules as far as a plan reaches, plus the moves known (2002-2023).
CalendarDefinition england_and_wales();
CalendarDefinition scotland();
CalendarDefinition northern_ireland();
/// One of the three by slug, or nothing.
std::optional<CalendarDefinition> shipped_calendar(std::string_view name);

struct Holiday {
  CivilDay day;
  std::string name;
};

/// Which days are worked, and arithmetic in them. A value fixed at construction; const calls are thread-safe.
/// All operations are O(1) between 1990 and 2150 and correct, if slower, outside.
class WorkingCalendar {
 public:
  explicit WorkingCalendar(CalendarDefinition definition);

  const std::string& name() const { return definition_.name; }
  const CalendarDefinition& definition() const { return definition_; }

  bool is_working_day(CivilDay day) const;
  /// The holiday's name if `day` is one (a weekend alone has none).
  std::optional<std::string_view> holiday_name(CivilDay day) const;

  /// The n-th working day after `from` (n > 0) or before it (n < 0); `from` is never rolled and never counted.
  /// n = 0 is `from` itself, worked or not. Source: design.md 5.1.
  CivilDay add_working_days(CivilDay from, int n) const;
  /// The working day itself, else the next / the previous one.
  CivilDay on_or_after(CivilDay day) const;
  CivilDay on_or_before(CivilDay day) const;
  /// Working days in (from, to]; negative for to < from: minus those in (to, from].
  int working_days_after(CivilDay from, CivilDay to) const;

  /// That year's holidays in order of date, moves applied.
  std::vector<Holiday> holidays(int year) const;

 private:
  CalendarDefinition definition_;
  // Tables over [first_, first_ + counts_.size()): working days up to and with each day, and the working days in order.
  CivilDay first_;
  std::vector<std::int32_t> counts_;
  std::vector<std::int32_t> worked_;  // day numbers since first_, ascending
  std::vector<Holiday> holidays_;     // within the tables, ascending
};

}  // namespace chaser::calendar
