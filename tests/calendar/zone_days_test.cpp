#include "calendar/zone_days.h"

#include "calendar/zones.h"
#include "support/catch.h"

namespace chaser::calendar {

TEST_CASE("calendar: the days of a zone that are looked up are those that are reckoned") {
  // Summer time; a midnight that is skipped; one that comes twice; half an hour; a day that never was.
  for (const char* name : {"Europe/London", "Africa/Cairo", "America/Havana", "Australia/Lord_Howe", "Pacific/Apia"}) {
    const Zone zone = zone_named(name);
    const ZoneDays days(zone);
    INFO(name);
    for (CivilDay day(2019, 12, 1); day < CivilDay(2046, 3, 1); day += day.year() > 2021 && day.year() < 2044 ? 7 : 1) {
      const Instant midnight = local_instant(day, std::chrono::minutes{0}, zone);
      REQUIRE(days.midnight(day) == midnight);
      for (const absl::Duration around : {-absl::Hours(1), -absl::Microseconds(1), absl::ZeroDuration(),
                                          absl::Minutes(59), absl::Hours(1), absl::Hours(13)}) {
        REQUIRE(days.day_of(midnight + around) == day_of(midnight + around, zone));
      }
    }
  }
}

TEST_CASE("calendar: at every change of the clocks the days looked up are those reckoned") {
  for (const char* name : {"Europe/London", "Africa/Cairo", "America/Havana", "America/Asuncion", "Asia/Beirut"}) {
    const Zone zone = zone_named(name);
    const ZoneDays days(zone);
    INFO(name);
    Zone::CivilTransition change;
    for (Instant at = instant("2019-06-01T00:00:00Z"); at < instant("2047-01-01T00:00:00Z");) {
      if (!zone.NextTransition(at, &change)) break;
      at = zone.At(change.to).trans;
      for (int minutes = -150; minutes <= 150; minutes += 10) {
        REQUIRE(days.day_of(at + absl::Minutes(minutes)) == day_of(at + absl::Minutes(minutes), zone));
      }
      REQUIRE(days.midnight(day_of(at, zone)) == local_instant(day_of(at, zone), std::chrono::minutes{0}, zone));
    }
  }
}

TEST_CASE("calendar: an instant before 1970 or with a part of a second has its day") {
  const ZoneDays days(london());
  CHECK(days.day_of(instant("1969-12-31T23:59:59Z") - absl::Milliseconds(500)) == day("1970-01-01"));
  CHECK(days.day_of(instant("2027-01-13T00:00:00Z") - absl::Microseconds(1)) == day("2027-01-12"));
  CHECK(days.day_of(absl::InfiniteFuture()) == day_of(absl::InfiniteFuture(), london()));
  CHECK(days.day_of(absl::InfinitePast()) == day_of(absl::InfinitePast(), london()));
}

}  // namespace chaser::calendar
