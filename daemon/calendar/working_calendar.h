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
/// Moves apply after substitutes, in their order, so `from` names the day on which the holiday would have been kept.
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

/// Bank holidays as gov.uk publishes them: rules as far as a plan reaches, plus the moves known (since 1995).
CalendarDefinition england_and_wales();
CalendarDefinition scotland();
CalendarDefinition northern_ireland();
/// One of the three by slug, or nothing.
std::optional<CalendarDefinition> shipped_calendar(std::string_view name);

/// Rules and moves that one calendar may have; the tables name each in 16 bits.
inline constexpr std::size_t calendar_entries_max = 10'000;

/// What makes a definition unusable ("no day of the week is worked"), or nothing. A WorkingCalendar is built only from
/// definitions without: who reads one from a file asks here first.
std::optional<std::string> what_is_wrong(const CalendarDefinition& definition);

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
  /// The holiday's name if `day` is one (a weekend alone has none). A holiday kept on another day than its own says so:
  /// "Boxing Day (substitute day)". Lives as long as the calendar.
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
  struct TableDay {
    std::int32_t worked_through = 0;  // working days from the table's first day up to and with this one
    std::uint16_t holiday = 0;        // its name in names_, or 0
    bool worked = false;
  };
  static constexpr std::int64_t table_begin = day_number(CivilDay(1990, 1, 1));

  /// The day's place in the tables, or an index past their end.
  std::size_t place_of(CivilDay day) const {
    return static_cast<std::size_t>(static_cast<std::uint64_t>(day_number(day) - table_begin));
  }
  bool is_working_day_outside(CivilDay day) const;
  CivilDay walk(CivilDay from, int n) const;
  int walk_count(CivilDay from, CivilDay to) const;

  CalendarDefinition definition_;
  std::vector<std::string> names_;  // [0] is none; an entry of the definition has two, for its day and its substitute
  std::vector<TableDay> days_;      // every day of 1990-2150
  std::vector<CivilDay> worked_;    // the working days among them, ascending
};

inline bool WorkingCalendar::is_working_day(CivilDay day) const {
  const std::size_t place = place_of(day);
  return place < days_.size() ? days_[place].worked : is_working_day_outside(day);
}

inline CivilDay WorkingCalendar::add_working_days(CivilDay from, int n) const {
  if (n == 0) return from;
  const std::size_t place = place_of(from);
  if (place >= days_.size()) return walk(from, n);
  const TableDay& start = days_[place];
  const std::int64_t before = start.worked_through - (start.worked ? 1 : 0);
  const std::int64_t wanted = n > 0 ? std::int64_t{start.worked_through} + n - 1 : before + n;
  if (wanted < 0 || wanted >= static_cast<std::int64_t>(worked_.size())) return walk(from, n);
  return worked_[static_cast<std::size_t>(wanted)];
}

inline CivilDay WorkingCalendar::on_or_after(CivilDay day) const {
  return is_working_day(day) ? day : add_working_days(day, 1);
}

inline CivilDay WorkingCalendar::on_or_before(CivilDay day) const {
  return is_working_day(day) ? day : add_working_days(day, -1);
}

inline int WorkingCalendar::working_days_after(CivilDay from, CivilDay to) const {
  const std::size_t start = place_of(from);
  const std::size_t end = place_of(to);
  if (start >= days_.size() || end >= days_.size()) return walk_count(from, to);
  return days_[end].worked_through - days_[start].worked_through;
}

}  // namespace chaser::calendar
