#pragma once

#include <absl/time/civil_time.h>
#include <absl/time/time.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace chaser::calendar {

/// A point on the world's time line, microseconds and finer. Deadlines are not instants: they are civil days.
using Instant = absl::Time;
/// A day on the wall calendar, without zone.
using CivilDay = absl::CivilDay;
/// An IANA zone as a value. The core never loads one: app/ does and passes it in.
using Zone = absl::TimeZone;

/// The civil day on which `at` falls in `zone`.
CivilDay day_of(Instant at, const Zone& zone);

/// The first instant of a civil day: midnight, or the transition that skips it (Cairo, 30 April 2027: 01:00).
Instant first_instant(CivilDay day, const Zone& zone);

/// The instant of a local time of day. A local time that does not exist on that day is shifted on by the gap;
/// one that exists twice is the first. `time_of_day` counts from midnight by the wall clock and may be 24 h.
/// Source: design.md §3, "Time is Abseil's".
Instant local_instant(CivilDay day, std::chrono::minutes time_of_day, const Zone& zone);

/// Calendar months, clamped to the month's end: 31 Jan + 1 is 28 or 29 Feb. Negative counts go back.
CivilDay add_months(CivilDay day, int months);

/// Days since 1970-01-01, negative before it. Cheaper than subtracting days, which matters in a pass over every action.
constexpr std::int64_t day_number(CivilDay day) {
  // Howard Hinnant's days_from_civil: years begin in March, so that the leap day is a year's last.
  const std::int64_t year = day.year() - (day.month() <= 2 ? 1 : 0);
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (day.month() + (day.month() > 2 ? -3 : 9)) + 2) / 5 + day.day() - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

/// 0 is Monday, 6 is Sunday.
constexpr int weekday_index(CivilDay day) {
  const std::int64_t since_monday = (day_number(day) + 3) % 7;  // 1970-01-01 was a Thursday
  return static_cast<int>(since_monday < 0 ? since_monday + 7 : since_monday);
}

/// "2026-12-31".
std::string iso_day(CivilDay day);
/// Strictly YYYY-MM-DD and a day that exists, else nothing.
std::optional<CivilDay> parse_iso_day(std::string_view text);

/// "2026-12-31T09:00:00+00:00" in `zone`, whole seconds; the offset always numeric.
std::string rfc3339(Instant at, const Zone& zone);
/// RFC 3339 with offset or Z ("2026-12-31T09:00:00Z"; seconds may be left out), else nothing.
std::optional<Instant> parse_rfc3339(std::string_view text);

/// "31 Dec 2026".
std::string short_day(CivilDay day);
/// "Thursday 31 December 2026".
std::string long_day(CivilDay day);

}  // namespace chaser::calendar
