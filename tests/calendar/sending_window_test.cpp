#include "calendar/sending_window.h"

#include "calendar/zones.h"
#include "support/catch.h"

namespace chaser::calendar {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const WorkingCalendar& england() {
  static const WorkingCalendar calendar(england_and_wales());
  return calendar;
}

std::string next(std::string_view from, const SendingWindow& window, const std::string& zone = "Europe/London") {
  return rfc3339(next_opening(instant(from), window, zone_named(zone), england()), zone_named(zone));
}

std::string on_or_after(std::string_view date, const SendingWindow& window, const std::string& zone) {
  return rfc3339(opening_on_or_after(day(date), window, zone_named(zone), england()), zone_named(zone));
}

SendingWindow every_day(minutes open, minutes close) {
  return {0b1111111, open, close, true};
}

}  // namespace

TEST_CASE("calendar: an instant inside the window is an opening, one at its close is not") {
  CHECK(next("2026-11-23T08:59:59Z", office_hours()) == "2026-11-23T09:00:00+00:00");
  CHECK(next("2026-11-23T09:00:00Z", office_hours()) == "2026-11-23T09:00:00+00:00");
  CHECK(next("2026-11-23T16:59:59Z", office_hours()) == "2026-11-23T16:59:59+00:00");
  CHECK(next("2026-11-23T17:00:00Z", office_hours()) == "2026-11-24T09:00:00+00:00");
  CHECK(is_open(instant("2026-11-23T16:59:59Z"), office_hours(), london(), england()));
  CHECK_FALSE(is_open(instant("2026-11-23T17:00:00Z"), office_hours(), london(), england()));
}

TEST_CASE("calendar: weekends and holidays keep office hours shut") {
  CHECK(next("2026-11-20T17:00:00Z", office_hours()) == "2026-11-23T09:00:00+00:00");
  CHECK(next("2026-12-24T17:00:00Z", office_hours()) == "2026-12-29T09:00:00+00:00");
  SendingWindow through = office_hours();
  through.on_holidays = true;
  CHECK(next("2026-12-24T17:00:00Z", through) == "2026-12-25T09:00:00+00:00");
}

TEST_CASE("calendar: a window over midnight belongs to the day on which it opens") {
  const SendingWindow night{0b0000001, hours{22}, hours{6}, false};  // Monday night
  CHECK(next("2026-11-23T21:59:59Z", night) == "2026-11-23T22:00:00+00:00");
  CHECK(next("2026-11-24T00:01:00Z", night) == "2026-11-24T00:01:00+00:00");
  CHECK(next("2026-11-24T05:59:59Z", night) == "2026-11-24T05:59:59+00:00");
  CHECK(next("2026-11-24T06:00:00Z", night) == "2026-11-30T22:00:00+00:00");
  CHECK(next("2026-11-23T03:00:00Z", night) == "2026-11-23T22:00:00+00:00");
  CHECK(next("2026-12-29T01:00:00Z", night) == "2027-01-04T22:00:00+00:00");  // Monday 28 Dec is a holiday
  CHECK(on_or_after("2026-11-24", night, "Europe/London") == "2026-11-24T00:00:00+00:00");
}

TEST_CASE("calendar: a window that closes when it opens is open all day") {
  const SendingWindow always = every_day(hours{9}, hours{9});
  CHECK(next("2026-11-23T08:59:59Z", always) == "2026-11-23T08:59:59+00:00");
  const SendingWindow midnight = every_day(hours{0}, hours{24});
  CHECK(next("2026-11-23T23:59:59Z", midnight) == "2026-11-23T23:59:59+00:00");
}

TEST_CASE("calendar: office hours open at nine of the recipient's own clock, whatever the season and year") {
  CHECK(on_or_after("2026-10-26", office_hours(), "Europe/London") == "2026-10-26T09:00:00+00:00");
  CHECK(on_or_after("2026-10-23", office_hours(), "Europe/London") == "2026-10-23T09:00:00+01:00");
  CHECK(on_or_after("2027-03-17", office_hours(), "America/New_York") == "2027-03-17T09:00:00-04:00");
  CHECK(on_or_after("2040-07-01", every_day(hours{9}, hours{17}), "Europe/London") == "2040-07-01T09:00:00+01:00");
  CHECK(on_or_after("2050-07-01", office_hours(), "Europe/London") == "2050-07-01T09:00:00+01:00");
}

TEST_CASE("calendar: an opening in the gap is shifted on by it, one that comes twice is the first") {
  const SendingWindow cairo{0b0011111, minutes{30}, hours{8}, false};
  CHECK(on_or_after("2027-04-30", cairo, "Africa/Cairo") == "2027-04-30T01:30:00+03:00");
  const SendingWindow early = every_day(hours{1} + minutes{30}, hours{5});
  CHECK(on_or_after("2026-03-29", early, "Europe/London") == "2026-03-29T02:30:00+01:00");
  CHECK(on_or_after("2026-10-25", early, "Europe/London") == "2026-10-25T01:30:00+01:00");
  const SendingWindow howe = every_day(hours{2} + minutes{10}, hours{5});
  CHECK(on_or_after("2026-10-04", howe, "Australia/Lord_Howe") == "2026-10-04T02:40:00+11:00");
}

TEST_CASE("calendar: a window that the gap swallows keeps its length behind the gap") {
  const SendingWindow brief = every_day(hours{1} + minutes{15}, hours{2});
  CHECK(next("2026-03-29T00:00:00Z", brief) == "2026-03-29T02:15:00+01:00");
  CHECK(next("2026-03-29T01:59:59Z", brief) == "2026-03-29T02:59:59+01:00");
  CHECK(next("2026-03-29T02:00:00Z", brief) == "2026-03-30T01:15:00+01:00");
}

TEST_CASE("calendar: the next opening is open, not before its start, and nothing earlier is open") {
  const std::vector<SendingWindow> windows = {office_hours(),
                                              every_day(hours{22}, hours{6}),
                                              {0b0000001, hours{0}, minutes{30}, false},
                                              {0b1000000, hours{23}, hours{1}, true}};
  for (const char* zone : {"Europe/London", "America/New_York", "Africa/Cairo", "Australia/Lord_Howe"}) {
    const Zone place = zone_named(zone);
    for (const SendingWindow& window : windows) {
      for (Instant from = instant("2027-03-10T00:00Z"); from < instant("2027-05-05T00:00Z");
           from += absl::Minutes(437)) {
        const Instant opening = next_opening(from, window, place, england());
        REQUIRE(opening >= from);
        REQUIRE(is_open(opening, window, place, england()));
        if (opening > from) {
          REQUIRE_FALSE(is_open(from, window, place, england()));
          REQUIRE_FALSE(is_open(opening - absl::Microseconds(1), window, place, england()));
        }
      }
    }
  }
}

TEST_CASE("calendar: a window whose every day is a holiday never opens") {
  CalendarDefinition mondays{.name = "no mondays", .rules = {}, .moves = {}};
  for (int month = 1; month <= 12; ++month) {
    for (int nth : {1, 2, 3, 4, -1}) mondays.rules.push_back({"Monday", NthWeekday{month, 0, nth}});
  }
  const WorkingCalendar calendar(mondays);
  const SendingWindow window{0b0000001, hours{9}, hours{17}, false};
  CHECK(next_opening(instant("2026-11-23T00:00Z"), window, london(), calendar) == absl::InfiniteFuture());
}

TEST_CASE("calendar: windows are described in few words") {
  CHECK(describe(office_hours()) == "Mon-Fri 09:00-17:00");
  CHECK(describe({0b1110101, hours{22}, hours{6} + minutes{5}, false}) == "Mon, Wed, Fri-Sun 22:00-06:05");
  CHECK(describe(every_day(hours{0}, hours{24})) == "Mon-Sun 00:00-24:00, holidays too");
}

}  // namespace chaser::calendar
