#include "calendar/recurrence.h"

#include "support/catch.h"

using namespace chaser::calendar;

TEST_CASE("recurrence: the next instance comes strictly after the day") {
  const char* const march = "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=1";
  const CivilDay begin(2026, 9, 1);
  CHECK(next_instance(march, begin, CivilDay(2027, 2, 28)) == CivilDay(2027, 3, 1));
  CHECK(next_instance(march, begin, CivilDay(2027, 3, 1)) == CivilDay(2028, 3, 1));
  CHECK(next_instance(march, begin, CivilDay(2027, 3, 2)) == CivilDay(2028, 3, 1));
}

TEST_CASE("recurrence: a month without the 31st is not skipped, its last day counts") {
  const CivilDay begin(2026, 8, 31);
  CHECK(next_instance("FREQ=MONTHLY", begin, begin) == CivilDay(2026, 9, 30));
  CHECK(next_instance("FREQ=MONTHLY;BYMONTHDAY=31", begin, CivilDay(2027, 1, 31)) == CivilDay(2027, 2, 28));
  CHECK(next_instance("FREQ=MONTHLY;BYMONTHDAY=31", begin, CivilDay(2028, 1, 31)) == CivilDay(2028, 2, 29));
  CHECK(next_instance("FREQ=MONTHLY;INTERVAL=6", begin, begin) == CivilDay(2027, 2, 28));
  CHECK(next_instance("FREQ=MONTHLY;INTERVAL=6", begin, CivilDay(2027, 2, 28)) == CivilDay(2027, 8, 31));
  CHECK(next_instance("FREQ=YEARLY", CivilDay(2028, 2, 29), CivilDay(2028, 2, 29)) == CivilDay(2029, 2, 28));
}

TEST_CASE("recurrence: every second week keeps its phase from the first day, however late it is asked") {
  const CivilDay begin(2026, 9, 1);  // a Tuesday
  CHECK(next_instance("FREQ=WEEKLY;INTERVAL=2", begin, begin) == CivilDay(2026, 9, 15));
  CHECK(next_instance("FREQ=WEEKLY;INTERVAL=2", begin, CivilDay(2028, 1, 4)) == CivilDay(2028, 1, 18));
}

TEST_CASE("recurrence: what it cannot be is said") {
  CHECK(why_no_recurrence("FREQ=MONTHLY;BYDAY=-1FR") == "");
  CHECK(why_no_recurrence("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30") == "");  // February's last
  for (const char* const text : {"", "FREQ=MONTLY", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=HOURLY",
                                 "FREQ=MONTHLY;COUNT=3", "FREQ=MONTHLY;UNTIL=20270101", "FREQ=MONTHLY;BYSETPOS=1",
                                 "FREQ=MONTHLY;INTERVAL=0", "FREQ=MONTHLY INTERVAL=2"}) {
    INFO(text);
    CHECK(why_no_recurrence(text).starts_with("is no re"));
  }
  CHECK(why_no_recurrence("FREQ=MONTHLY;BYMONTHDAY=1;BYDAY=5MO") == "has BYMONTHDAY and BYDAY: give one of them");
  CHECK(why_no_recurrence("FREQ=MONTHLY;BYMONTH=13").starts_with("is no re"));
  CHECK(why_no_recurrence(std::string(501, 'X')) == "is longer than 500 characters");
  CHECK(!next_instance("nonsense", CivilDay(2026, 1, 1), CivilDay(2026, 1, 1)));
}
