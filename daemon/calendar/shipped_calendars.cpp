#include <utility>

#include "calendar/working_calendar.h"

// Sources: the Banking and Financial Dealings Act 1971 and its proclamations; gov.uk/bank-holidays (2012 onwards) and
// its archive in the London, Edinburgh and Belfast Gazettes before; the St Andrew's Day Bank Holiday (Scotland) Act
// 2007.

namespace chaser::calendar {
namespace {

constexpr int monday = 0;
constexpr int last = -1;

HolidayRule fixed(std::string name, int month, int day, int first_year) {
  return {std::move(name), FixedDay{month, day}, Substitute::next_free_weekday, first_year};
}

HolidayRule by_easter(std::string name, int days) {
  return {std::move(name), EasterOffset{days}};
}

HolidayRule on_monday(std::string name, int month, int nth, int first_year) {
  return {std::move(name), NthWeekday{month, monday, nth}, Substitute::none, first_year};
}

HolidayMove extra(CivilDay day, std::string name) {
  return {std::nullopt, day, std::move(name)};
}

/// Proclaimed for the whole United Kingdom.
std::vector<HolidayMove> united_kingdom_moves() {
  return {
      {CivilDay(1995, 5, 1), CivilDay(1995, 5, 8), "Early May bank holiday (VE day)"},
      extra(CivilDay(1999, 12, 31), "Millennium bank holiday"),
      {CivilDay(2002, 5, 27), CivilDay(2002, 6, 4), "Spring bank holiday"},
      extra(CivilDay(2002, 6, 3), "Golden Jubilee bank holiday"),
      extra(CivilDay(2011, 4, 29), "Royal wedding bank holiday"),
      {CivilDay(2012, 5, 28), CivilDay(2012, 6, 4), "Spring bank holiday"},
      extra(CivilDay(2012, 6, 5), "Queen’s Diamond Jubilee"),
      {CivilDay(2020, 5, 4), CivilDay(2020, 5, 8), "Early May bank holiday (VE day)"},
      {CivilDay(2022, 5, 30), CivilDay(2022, 6, 2), "Spring bank holiday"},
      extra(CivilDay(2022, 6, 3), "Platinum Jubilee bank holiday"),
      extra(CivilDay(2022, 9, 19), "Bank Holiday for the State Funeral of Queen Elizabeth II"),
      extra(CivilDay(2023, 5, 8), "Bank holiday for the coronation of King Charles III"),
  };
}

std::vector<HolidayMove> scottish_moves() {
  std::vector<HolidayMove> moves = united_kingdom_moves();
  moves.push_back(extra(CivilDay(2026, 6, 15), "World Cup bank holiday"));  // proclaimed on 4 February 2026
  return moves;
}

}  // namespace

CalendarDefinition england_and_wales() {
  return {.name = "england-and-wales",
          .rules = {fixed("New Year’s Day", 1, 1, 1974), by_easter("Good Friday", -2), by_easter("Easter Monday", 1),
                    on_monday("Early May bank holiday", 5, 1, 1978), on_monday("Spring bank holiday", 5, last, 1971),
                    on_monday("Summer bank holiday", 8, last, 1971), fixed("Christmas Day", 12, 25, 1900),
                    fixed("Boxing Day", 12, 26, 1900)},
          .moves = united_kingdom_moves()};
}

CalendarDefinition scotland() {
  return {.name = "scotland",
          .rules = {fixed("New Year’s Day", 1, 1, 1900), fixed("2nd January", 1, 2, 1973), by_easter("Good Friday", -2),
                    on_monday("Early May bank holiday", 5, 1, 1978), on_monday("Spring bank holiday", 5, last, 1971),
                    on_monday("Summer bank holiday", 8, 1, 1900), fixed("St Andrew’s Day", 11, 30, 2007),
                    fixed("Christmas Day", 12, 25, 1900), fixed("Boxing Day", 12, 26, 1974)},
          .moves = scottish_moves()};
}

CalendarDefinition northern_ireland() {
  return {.name = "northern-ireland",
          .rules = {fixed("New Year’s Day", 1, 1, 1974), fixed("St Patrick’s Day", 3, 17, 1903),
                    by_easter("Good Friday", -2), by_easter("Easter Monday", 1),
                    on_monday("Early May bank holiday", 5, 1, 1978), on_monday("Spring bank holiday", 5, last, 1971),
                    fixed("Battle of the Boyne (Orangemen’s Day)", 7, 12, 1926),
                    on_monday("Summer bank holiday", 8, last, 1971), fixed("Christmas Day", 12, 25, 1900),
                    fixed("Boxing Day", 12, 26, 1900)},
          .moves = united_kingdom_moves()};
}

std::optional<CalendarDefinition> shipped_calendar(std::string_view name) {
  for (CalendarDefinition (*shipped)() : {england_and_wales, scotland, northern_ireland}) {
    if (CalendarDefinition definition = shipped(); definition.name == name) return definition;
  }
  return std::nullopt;
}

}  // namespace chaser::calendar
