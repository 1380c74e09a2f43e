#include "calendar/holidays.h"

#include <algorithm>

namespace chaser::calendar {
namespace {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

/// 29 February is the 28th in a common year.
CivilDay fixed_day(int year, FixedDay on) {
  const CivilDay last = CivilDay(absl::CivilMonth(year, on.month) + 1) - 1;
  return std::min(CivilDay(absl::CivilMonth(year, on.month)) + (on.day - 1), last);
}

CivilDay nth_weekday(int year, NthWeekday on) {
  if (on.nth < 0) {
    const CivilDay last = CivilDay(absl::CivilMonth(year, on.month) + 1) - 1;
    return last - (weekday_index(last) - on.weekday + 7) % 7;
  }
  const CivilDay first(absl::CivilMonth(year, on.month));
  return first + (on.weekday - weekday_index(first) + 7) % 7 + std::ptrdiff_t{7} * (on.nth - 1);
}

CivilDay nominal_day(const HolidayRule& rule, int year) {
  return std::visit(Overloaded{[&](FixedDay on) { return fixed_day(year, on); },
                               [&](EasterOffset on) { return easter_sunday(year) + on.days; },
                               [&](NthWeekday on) { return nth_weekday(year, on); }},
                    rule.on);
}

bool is_weekend(const CalendarDefinition& definition, CivilDay day) {
  return (definition.weekend >> weekday_index(day) & 1) != 0;
}

using Holidays = std::map<CivilDay, HolidayOrigin>;
using Displaced = std::multimap<CivilDay, std::size_t>;

/// Holidays on their own days; those a weekend swallows are returned, to be placed once all others are.
Displaced place_own_days(Holidays& holidays, const CalendarDefinition& definition, int year) {
  Displaced displaced;
  for (std::size_t entry = 0; entry < definition.rules.size(); ++entry) {
    const HolidayRule& rule = definition.rules[entry];
    if (year < rule.first_year || year > rule.last_year) continue;
    const CivilDay day = nominal_day(rule, year);
    if (rule.substitute == Substitute::next_free_weekday && is_weekend(definition, day)) {
      displaced.emplace(day, entry);
    } else {
      holidays.emplace(day, HolidayOrigin{entry, false});
    }
  }
  return displaced;
}

void place_substitutes(Holidays& holidays, const CalendarDefinition& definition, const Displaced& displaced) {
  for (const auto& [own_day, entry] : displaced) {
    CivilDay day = own_day;
    while (is_weekend(definition, day) || holidays.contains(day)) ++day;
    holidays.emplace(day, HolidayOrigin{entry, true});
  }
}

}  // namespace

CivilDay easter_sunday(int year) {
  // The anonymous Gregorian computus (Nature, 1876; Meeus, Astronomical Algorithms, chapter 8).
  const int a = year % 19;
  const int b = year / 100;
  const int c = year % 100;
  const int d = (b - b / 4 - (8 * b + 13) / 25 + 19 * a + 15) % 30;
  const int e = (32 + 2 * (b % 4) + 2 * (c / 4) - d - c % 4) % 7;
  const int f = (a + 11 * d + 22 * e) / 451;
  const int g = d + e - 7 * f + 114;
  return CivilDay(year, g / 31, g % 31 + 1);
}

std::map<CivilDay, HolidayOrigin> expand_holidays(const CalendarDefinition& definition, int first, int last) {
  Holidays holidays;
  Displaced displaced;
  // A substitute, or a day counted from Easter, can fall into the next year or the one before.
  for (int year = first - 1; year <= last + 1; ++year) displaced.merge(place_own_days(holidays, definition, year));
  place_substitutes(holidays, definition, displaced);
  for (std::size_t move = 0; move < definition.moves.size(); ++move) {
    const HolidayMove& change = definition.moves[move];
    if (change.from) holidays.erase(*change.from);
    if (change.to) holidays.insert_or_assign(*change.to, HolidayOrigin{definition.rules.size() + move, false});
  }
  return holidays;
}

}  // namespace chaser::calendar
