#include "calendar/time.h"

#include "calendar/zones.h"
#include "support/catch.h"

namespace chaser::calendar {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

std::string local(std::string_view date, minutes time_of_day, const std::string& zone) {
  return rfc3339(local_instant(day(date), time_of_day, zone_named(zone)), zone_named(zone));
}

}  // namespace

TEST_CASE("calendar: a day begins at the zone's own midnight") {
  CHECK(day_of(instant("2026-07-01T22:59:59Z"), london()) == day("2026-07-01"));
  CHECK(day_of(instant("2026-07-01T23:00:00Z"), london()) == day("2026-07-02"));
  CHECK(day_of(instant("2026-07-02T03:59:59Z"), zone_named("America/New_York")) == day("2026-07-01"));
}

TEST_CASE("calendar: a local time in the gap is shifted on by the gap") {
  CHECK(local("2026-03-29", hours{1} + minutes{30}, "Europe/London") == "2026-03-29T02:30:00+01:00");
  CHECK(local("2026-03-29", minutes{59}, "Europe/London") == "2026-03-29T00:59:00+00:00");
  CHECK(local("2026-03-29", hours{2}, "Europe/London") == "2026-03-29T02:00:00+01:00");
  CHECK(local("2027-03-14", hours{2} + minutes{15}, "America/New_York") == "2027-03-14T03:15:00-04:00");
  CHECK(local("2027-04-30", minutes{30}, "Africa/Cairo") == "2027-04-30T01:30:00+03:00");
  CHECK(local("2026-10-04", hours{2} + minutes{10}, "Australia/Lord_Howe") == "2026-10-04T02:40:00+11:00");
}

TEST_CASE("calendar: a local time that comes twice is the first") {
  CHECK(local("2026-10-25", hours{1} + minutes{30}, "Europe/London") == "2026-10-25T01:30:00+01:00");
  CHECK(local("2026-10-25", hours{2}, "Europe/London") == "2026-10-25T02:00:00+00:00");
  CHECK(local("2026-11-01", hours{1}, "America/New_York") == "2026-11-01T01:00:00-04:00");
  CHECK(local("2027-04-04", hours{1} + minutes{45}, "Australia/Lord_Howe") == "2027-04-04T01:45:00+11:00");
}

TEST_CASE("calendar: the time of day may be 24:00") {
  CHECK(local("2026-12-31", hours{24}, "Europe/London") == "2027-01-01T00:00:00+00:00");
}

TEST_CASE("calendar: the first instant of a day is midnight, or where a gap lets it begin") {
  const Zone cairo = zone_named("Africa/Cairo");
  CHECK(rfc3339(first_instant(day("2027-04-30"), cairo), cairo) == "2027-04-30T01:00:00+03:00");
  CHECK(rfc3339(first_instant(day("2027-05-01"), cairo), cairo) == "2027-05-01T00:00:00+03:00");
  for (CivilDay each = day("2027-04-25"); each < day("2027-05-05"); ++each) {
    CHECK(day_of(first_instant(each, cairo), cairo) == each);
    CHECK(day_of(first_instant(each, cairo) - absl::Microseconds(1), cairo) == each - 1);
  }
}

TEST_CASE("calendar: summer time goes on after 2037") {
  CHECK(local("2040-07-01", hours{9}, "Europe/London") == "2040-07-01T09:00:00+01:00");
  CHECK(local("2050-07-01", hours{9}, "Europe/London") == "2050-07-01T09:00:00+01:00");
  CHECK(local("2050-01-03", hours{9}, "Europe/London") == "2050-01-03T09:00:00+00:00");
}

TEST_CASE("calendar: months clamp to the month's end") {
  CHECK(add_months(day("2026-01-31"), 1) == day("2026-02-28"));
  CHECK(add_months(day("2028-01-31"), 1) == day("2028-02-29"));
  CHECK(add_months(day("2028-02-29"), 12) == day("2029-02-28"));
  CHECK(add_months(day("2028-02-29"), 48) == day("2032-02-29"));
  CHECK(add_months(day("2026-03-31"), -1) == day("2026-02-28"));
  CHECK(add_months(day("2026-12-01"), 3) == day("2027-03-01"));
  CHECK(add_months(day("2026-01-15"), -13) == day("2024-12-15"));
  CHECK(add_months(day("2026-05-31"), 0) == day("2026-05-31"));
}

TEST_CASE("calendar: day numbers and weekdays agree with the civil calendar") {
  CHECK(day_number(day("1970-01-01")) == 0);
  CHECK(weekday_index(day("2026-11-23")) == 0);
  CHECK(weekday_index(day("2026-11-22")) == 6);
  for (CivilDay each(1599, 12, 1); each < CivilDay(2401, 2, 1); each += 13) {
    REQUIRE(day_number(each) == each - CivilDay(1970, 1, 1));
    REQUIRE(weekday_index(each) == static_cast<int>(absl::GetWeekday(each)));
  }
}

TEST_CASE("calendar: an ISO day is read strictly and must exist") {
  CHECK(parse_iso_day("2028-02-29") == CivilDay(2028, 2, 29));
  CHECK(iso_day(CivilDay(987, 6, 5)) == "0987-06-05");
  for (const char* wrong : {"", "2026-02-29", "2026-2-9", "2026-13-01", "2026-00-10", "2026-01-00", "2026-04-31",
                            "26-01-01", "2026-01-01 ", " 2026-01-01", "2026/01/01", "+026-01-01", "2026-01-1x"}) {
    INFO(wrong);
    CHECK_FALSE(parse_iso_day(wrong));
  }
}

TEST_CASE("calendar: RFC 3339 is read with offset or Z, and written in the zone asked for") {
  const Instant nine = instant("2026-07-01T09:00:00+01:00");
  CHECK(nine == instant("2026-07-01T08:00Z"));
  CHECK(nine == instant("2026-07-01t08:00:00z"));
  CHECK(nine == instant("2026-07-01T04:00-04:00"));
  CHECK(nine + absl::Milliseconds(250) == instant("2026-07-01T08:00:00.25Z"));
  CHECK(nine + absl::Nanoseconds(1) == instant("2026-07-01T08:00:00.000000001Z"));
  CHECK(rfc3339(nine, london()) == "2026-07-01T09:00:00+01:00");
  CHECK(rfc3339(nine, absl::UTCTimeZone()) == "2026-07-01T08:00:00+00:00");
  CHECK(rfc3339(nine, zone_named("America/St_Johns")) == "2026-07-01T05:30:00-02:30");
  CHECK(rfc3339(nine + absl::Milliseconds(999), london()) == "2026-07-01T09:00:00+01:00");
  for (const char* wrong :
       {"2026-07-01", "2026-07-01T09:00:00", "2026-07-01T24:00:00Z", "2026-07-01T09:60:00Z", "2026-07-01T09:00:60Z",
        "2026-07-01T09:00:00+0100", "2026-07-01T09:00:00+24:00", "2026-07-01 09:00:00Z", "2026-02-30T09:00:00Z",
        "2026-07-01T09:00:00Zx", "2026-07-01T09:00:00.Z", "2026-07-01T09:00:00.0000000001Z", "2026-07-01T09Z"}) {
    INFO(wrong);
    CHECK_FALSE(parse_rfc3339(wrong));
  }
}

TEST_CASE("calendar: days are written for people") {
  CHECK(short_day(day("2026-12-31")) == "31 Dec 2026");
  CHECK(short_day(day("2027-01-08")) == "8 Jan 2027");
  CHECK(long_day(day("2026-12-31")) == "Thursday 31 December 2026");
}

}  // namespace chaser::calendar
