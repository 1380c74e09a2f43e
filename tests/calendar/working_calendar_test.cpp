#include "calendar/working_calendar.h"

#include "calendar/zones.h"
#include "support/catch.h"

namespace chaser::calendar {
namespace {

std::vector<std::string> days_of(const WorkingCalendar& calendar, int year) {
  std::vector<std::string> days;
  for (const Holiday& holiday : calendar.holidays(year)) days.push_back(iso_day(holiday.day).substr(5));
  return days;
}

using Days = std::vector<std::string>;

}  // namespace

TEST_CASE("calendar: England and Wales, as gov.uk publishes the years") {
  const WorkingCalendar calendar(england_and_wales());
  CHECK(days_of(calendar, 2002) ==
        Days{"01-01", "03-29", "04-01", "05-06", "06-03", "06-04", "08-26", "12-25", "12-26"});
  CHECK(days_of(calendar, 2011) ==
        Days{"01-03", "04-22", "04-25", "04-29", "05-02", "05-30", "08-29", "12-26", "12-27"});
  CHECK(days_of(calendar, 2012) ==
        Days{"01-02", "04-06", "04-09", "05-07", "06-04", "06-05", "08-27", "12-25", "12-26"});
  CHECK(days_of(calendar, 2020) == Days{"01-01", "04-10", "04-13", "05-08", "05-25", "08-31", "12-25", "12-28"});
  CHECK(days_of(calendar, 2021) == Days{"01-01", "04-02", "04-05", "05-03", "05-31", "08-30", "12-27", "12-28"});
  CHECK(days_of(calendar, 2022) ==
        Days{"01-03", "04-15", "04-18", "05-02", "06-02", "06-03", "08-29", "09-19", "12-26", "12-27"});
  CHECK(days_of(calendar, 2023) ==
        Days{"01-02", "04-07", "04-10", "05-01", "05-08", "05-29", "08-28", "12-25", "12-26"});
  CHECK(days_of(calendar, 2024) == Days{"01-01", "03-29", "04-01", "05-06", "05-27", "08-26", "12-25", "12-26"});
  CHECK(days_of(calendar, 2026) == Days{"01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-28"});
  CHECK(days_of(calendar, 2027) == Days{"01-01", "03-26", "03-29", "05-03", "05-31", "08-30", "12-27", "12-28"});
  CHECK(days_of(calendar, 2028) == Days{"01-03", "04-14", "04-17", "05-01", "05-29", "08-28", "12-25", "12-26"});
}

TEST_CASE("calendar: Scotland has 2 January and St Andrew's, and no Easter Monday") {
  const WorkingCalendar calendar(scotland());
  CHECK(days_of(calendar, 2022) ==
        Days{"01-03", "01-04", "04-15", "05-02", "06-02", "06-03", "08-01", "09-19", "11-30", "12-26", "12-27"});
  CHECK(days_of(calendar, 2023) ==
        Days{"01-02", "01-03", "04-07", "05-01", "05-08", "05-29", "08-07", "11-30", "12-25", "12-26"});
  CHECK(days_of(calendar, 2024) ==
        Days{"01-01", "01-02", "03-29", "05-06", "05-27", "08-05", "12-02", "12-25", "12-26"});
  CHECK(calendar.holiday_name(day("2026-06-15")) == "World Cup bank holiday");
  CHECK(days_of(calendar, 2006).size() == 8);  // St Andrew's Day begins with 2007
  CHECK(days_of(calendar, 2007).size() == 9);
}

TEST_CASE("calendar: Northern Ireland has St Patrick's and the Boyne") {
  const WorkingCalendar calendar(northern_ireland());
  CHECK(days_of(calendar, 2024) ==
        Days{"01-01", "03-18", "03-29", "04-01", "05-06", "05-27", "07-12", "08-26", "12-25", "12-26"});
  CHECK(days_of(calendar, 2026) ==
        Days{"01-01", "03-17", "04-03", "04-06", "05-04", "05-25", "07-13", "08-31", "12-25", "12-28"});
}

TEST_CASE("calendar: a substitute day says so, and the weekend it stands for is no holiday") {
  const WorkingCalendar calendar(england_and_wales());
  CHECK(calendar.holiday_name(day("2026-12-25")) == "Christmas Day");
  CHECK(calendar.holiday_name(day("2026-12-28")) == "Boxing Day (substitute day)");
  CHECK_FALSE(calendar.holiday_name(day("2026-12-26")));
  CHECK_FALSE(calendar.is_working_day(day("2026-12-26")));
  CHECK(calendar.holiday_name(day("2027-12-27")) == "Christmas Day (substitute day)");
  CHECK(calendar.holiday_name(day("2027-12-28")) == "Boxing Day (substitute day)");
  CHECK(calendar.holiday_name(day("2022-12-26")) == "Boxing Day");
  CHECK(calendar.holiday_name(day("2022-12-27")) == "Christmas Day (substitute day)");
  CHECK(calendar.holiday_name(day("2028-01-03")) == "New Year’s Day (substitute day)");
  CHECK_FALSE(calendar.holiday_name(day("2026-12-24")));
}

TEST_CASE("calendar: Easter is right at its earliest, latest and exceptional dates") {
  CalendarDefinition easter{.name = "easter", .rules = {{"Easter", EasterOffset{0}}}, .moves = {}};
  const WorkingCalendar calendar(easter);
  for (const char* sunday : {"1818-03-22", "1943-04-25", "1954-04-18", "1981-04-19", "2000-04-23", "2024-03-31",
                             "2027-03-28", "2038-04-25", "2049-04-18", "2076-04-19", "2285-03-22"}) {
    INFO(sunday);
    CHECK(calendar.holiday_name(day(sunday)).has_value() == (day(sunday).year() >= 1900));
    const auto year = calendar.holidays(static_cast<int>(day(sunday).year()));
    if (!year.empty()) CHECK(iso_day(year.front().day) == sunday);
  }
}

TEST_CASE("calendar: the dates worked out by hand in the design") {
  const WorkingCalendar calendar(england_and_wales());
  const auto from = [&](const char* date, int n) { return iso_day(calendar.add_working_days(day(date), n)); };
  CHECK(from("2026-12-31", -60) == "2026-10-06");
  CHECK(from("2026-12-31", -5) == "2026-12-22");
  CHECK(from("2026-12-31", 5) == "2027-01-08");
  CHECK(from("2026-12-31", 15) == "2027-01-22");
  CHECK(from("2026-12-31", 20) == "2027-01-29");
  CHECK(from("2026-12-31", 40) == "2027-02-26");
  CHECK(from("2026-12-31", 60) == "2027-03-30");
  CHECK(from("2026-12-25", -5) == "2026-12-18");  // the anchor, a holiday itself, is not counted
  CHECK(from("2026-12-25", 5) == "2027-01-05");
  CHECK(from("2026-12-25", 60) == "2027-03-23");
  CHECK(from("2027-12-27", -5) == "2027-12-20");
  CHECK(from("2027-12-27", 5) == "2028-01-05");
  CHECK(from("2027-03-30", -5) == "2027-03-19");
  CHECK(from("2027-03-31", 15) == "2027-04-21");
  CHECK(from("2027-03-31", 25) == "2027-05-06");
}

TEST_CASE("calendar: zero working days is the day itself, worked or not") {
  const WorkingCalendar calendar(england_and_wales());
  CHECK(calendar.add_working_days(day("2026-12-26"), 0) == day("2026-12-26"));
  CHECK(calendar.add_working_days(day("1800-12-25"), 0) == day("1800-12-25"));
}

TEST_CASE("calendar: the working day at or beside a day") {
  const WorkingCalendar calendar(england_and_wales());
  CHECK(calendar.on_or_after(day("2026-12-25")) == day("2026-12-29"));
  CHECK(calendar.on_or_before(day("2026-12-28")) == day("2026-12-24"));
  CHECK(calendar.on_or_after(day("2026-12-24")) == day("2026-12-24"));
  CHECK(calendar.on_or_before(day("2026-12-24")) == day("2026-12-24"));
}

TEST_CASE("calendar: adding and counting working days undo each other, in every calendar") {
  for (const auto& definition : {england_and_wales(), scotland(), northern_ireland()}) {
    const WorkingCalendar calendar(definition);
    for (CivilDay from = day("2018-12-20"); from < day("2030-02-01"); from += 3) {
      for (const int n : {1, 2, 5, 19, 60, 251, 1000}) {
        const CivilDay later = calendar.add_working_days(from, n);
        REQUIRE(calendar.is_working_day(later));
        REQUIRE(calendar.working_days_after(from, later) == n);
        REQUIRE(calendar.working_days_after(later, from) == -n);
        const CivilDay earlier = calendar.add_working_days(from, -n);
        REQUIRE(calendar.is_working_day(earlier));
        REQUIRE(calendar.add_working_days(later, -n) == calendar.on_or_before(from));
        REQUIRE(calendar.add_working_days(earlier, n) == calendar.on_or_after(from));
      }
    }
  }
}

TEST_CASE("calendar: arithmetic by tables is the same as by counting days") {
  const WorkingCalendar calendar(scotland());
  int count = 0;
  const CivilDay from = day("2026-11-23");
  for (CivilDay to = from; to < day("2029-02-01"); ++to) {
    if (to != from && calendar.is_working_day(to)) {
      ++count;
      REQUIRE(calendar.add_working_days(from, count) == to);
    }
    REQUIRE(calendar.working_days_after(from, to) == count);
    REQUIRE(calendar.working_days_after(to, from) == -count);
  }
}

TEST_CASE("calendar: outside 1990-2150 the same rules hold") {
  const WorkingCalendar calendar(england_and_wales());
  CHECK(calendar.holiday_name(day("2160-12-25")) == "Christmas Day");
  CHECK(calendar.is_working_day(day("2160-12-24")));
  CHECK_FALSE(calendar.is_working_day(day("1985-12-25")));
  CHECK_FALSE(calendar.holiday_name(day("1973-01-01")));  // New Year's Day came in 1974
  for (const char* edge : {"1989-12-20", "2150-12-20", "1960-06-01", "2200-06-01"}) {
    for (int n : {1, 7, 30, 300}) {
      const CivilDay later = calendar.add_working_days(day(edge), n);
      CHECK(calendar.working_days_after(day(edge), later) == n);
      CHECK(calendar.working_days_after(later, day(edge)) == -n);
      CHECK(calendar.add_working_days(later, -n) == calendar.on_or_before(day(edge)));
      const CivilDay earlier = calendar.add_working_days(day(edge), -n);
      CHECK(calendar.add_working_days(earlier, n) == calendar.on_or_after(day(edge)));
    }
  }
  CHECK(calendar.holidays(2151).size() == 8);
  CHECK(calendar.holidays(1989).size() == 8);
}

TEST_CASE("calendar: a move takes a holiday from its day, adds one, or both") {
  CalendarDefinition definition = england_and_wales();
  definition.moves.push_back({day("2026-08-31"), day("2026-09-07"), "Summer bank holiday, moved"});
  definition.moves.push_back({day("2026-12-28"), std::nullopt, "withdrawn"});
  definition.moves.push_back({std::nullopt, day("2026-12-30"), "An added day"});
  const WorkingCalendar calendar(definition);
  CHECK(calendar.is_working_day(day("2026-08-31")));
  CHECK(calendar.holiday_name(day("2026-09-07")) == "Summer bank holiday, moved");
  CHECK(calendar.is_working_day(day("2026-12-28")));
  CHECK(calendar.holiday_name(day("2026-12-30")) == "An added day");
}

TEST_CASE("calendar: a substitute may fall into the next year, behind what is there") {
  const CalendarDefinition definition{.name = "turn of the year",
                                      .rules = {{"Eve", FixedDay{12, 31}, Substitute::next_free_weekday},
                                                {"New Year", FixedDay{1, 1}, Substitute::next_free_weekday}},
                                      .moves = {}};
  const WorkingCalendar calendar(definition);  // 31 Dec 2022 is a Saturday, 1 Jan 2023 a Sunday
  CHECK(calendar.holiday_name(day("2023-01-02")) == "Eve (substitute day)");
  CHECK(calendar.holiday_name(day("2023-01-03")) == "New Year (substitute day)");
  CHECK(days_of(calendar, 2023) == Days{"01-02", "01-03"});
}

TEST_CASE("calendar: other weekends, nth weekdays and years of validity") {
  const CalendarDefinition definition{.name = "elsewhere",
                                      .rules = {{"Fourth Thursday", NthWeekday{11, 3, 4}},
                                                {"Leap day", FixedDay{2, 29}},
                                                {"For a while", FixedDay{6, 3}, Substitute::none, 2027, 2028}},
                                      .moves = {},
                                      .weekend = 0b0110000};  // Friday and Saturday
  const WorkingCalendar calendar(definition);
  CHECK(days_of(calendar, 2026) == Days{"02-28", "11-26"});
  CHECK(days_of(calendar, 2028) == Days{"02-29", "06-03", "11-23"});
  CHECK_FALSE(calendar.is_working_day(day("2026-11-27")));
  CHECK(calendar.is_working_day(day("2026-11-29")));
}

TEST_CASE("calendar: what makes a definition unusable is said") {
  CHECK_FALSE(what_is_wrong(england_and_wales()));
  CHECK(what_is_wrong({.name = "x", .rules = {}, .moves = {}, .weekend = 0b1111111}) == "no day of the week is worked");
  CHECK(what_is_wrong({.name = "x", .rules = {{"A", FixedDay{4, 31}}}, .moves = {}}) ==
        "A: there is no day 31 of month 4");
  CHECK_FALSE(what_is_wrong({.name = "x", .rules = {{"A", FixedDay{2, 29}}}, .moves = {}}));
  CHECK(what_is_wrong({.name = "x", .rules = {{"A", FixedDay{13, 1}}}, .moves = {}}));
  CHECK(what_is_wrong({.name = "x", .rules = {{"A", NthWeekday{5, 0, 5}}}, .moves = {}}));
  CHECK(what_is_wrong({.name = "x", .rules = {{"A", NthWeekday{5, 7, 1}}}, .moves = {}}));
  CHECK(what_is_wrong({.name = "x", .rules = {{"A", EasterOffset{400}}}, .moves = {}}));
  CalendarDefinition full{.name = "x", .rules = {}, .moves = {}};
  full.moves.resize(calendar_entries_max);
  CHECK_FALSE(what_is_wrong(full));
  full.moves.resize(calendar_entries_max + 1);
  CHECK(what_is_wrong(full));
}

TEST_CASE("calendar: the shipped calendars go by their slugs") {
  CHECK(shipped_calendar("england-and-wales")->name == "england-and-wales");
  CHECK(shipped_calendar("scotland")->name == "scotland");
  CHECK(shipped_calendar("northern-ireland")->name == "northern-ireland");
  CHECK_FALSE(shipped_calendar("England and Wales"));
}

}  // namespace chaser::calendar
