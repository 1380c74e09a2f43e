#include "rulebook/offset.h"

#include "calendar/working_calendar.h"
#include "reading.h"
#include "support/catch.h"

using namespace chaser;
using calendar::CivilDay;
using rulebook::apply;
using rulebook::nominal_day;
using rulebook::Offset;
using rulebook::OffsetUnit;
using rulebook::parse_offset;

TEST_CASE("offset: a number with its unit, a missing sign is a plus") {
  CHECK(parse_offset("-60wd") == Offset{-60, OffsetUnit::working_days});
  CHECK(parse_offset("+5wd") == Offset{5, OffsetUnit::working_days});
  CHECK(parse_offset("5wd") == Offset{5, OffsetUnit::working_days});
  CHECK(parse_offset("0d") == Offset{0, OffsetUnit::days});
  CHECK(parse_offset("-0d") == Offset{0, OffsetUnit::days});
  CHECK(parse_offset("2w") == Offset{2, OffsetUnit::weeks});
  CHECK(parse_offset("+3mo") == Offset{3, OffsetUnit::months});
  CHECK(parse_offset("007d") == Offset{7, OffsetUnit::days});
}

TEST_CASE("offset: what it prints is read as the same again") {
  for (const char* text : {"-60wd", "+5wd", "0d", "+3mo", "-2w"}) CHECK(to_string(parse_offset(text).value()) == text);
  CHECK(to_string(parse_offset("5wd").value()) == "+5wd");
}

TEST_CASE("offset: 10,000 either way is read, one more is not") {
  for (const char* unit : {"d", "wd", "w", "mo"}) {
    CHECK(parse_offset("10000" + std::string(unit)));
    CHECK(parse_offset("-10000" + std::string(unit)));
    CHECK_FALSE(parse_offset("10001" + std::string(unit)));
    CHECK_FALSE(parse_offset("-10001" + std::string(unit)));
  }
  CHECK_FALSE(parse_offset("99999999999999999999d"));
  CHECK_FALSE(parse_offset("-2147483649d"));
}

TEST_CASE("offset: anything else is none") {
  for (const char* text :
       {"",   "+",    "-",  "d",    "wd",   "5",    "+5",   "5 wd", " 5wd", "5wd ",     "5WD",     "5D",    "5days",
        "5m", "5mos", "5y", "5.5d", "1e3d", "0x5d", "+-5d", "--5d", "5d5d", "\u22125d", "\u0665d", "5wd\n", "due"}) {
    INFO(text);
    CHECK_FALSE(parse_offset(text));
  }
}

TEST_CASE("offset: what is no offset is told why, at the value") {
  const auto message = [](const std::string& at) {
    return given::read_step("step: a, at: " + at + ", to: leads").only();
  };
  CHECK(message("+5") == "7:22 \"at\" needs a unit: 5d (days), 5wd (working days), 1w or 1mo; got \"+5\"");
  CHECK(message("-10001wd") == "7:22 \"at\" is out of range: at most 10000 either way; got \"-10001wd\"");
  CHECK(message("5 days") ==
        "7:22 \"at\" is a number with d (days), wd (working days), w (weeks) or mo (months), such as 5wd; got \"5 "
        "days\"");
  CHECK(
      message("soon") ==
      "7:22 \"at\" is a number with d (days), wd (working days), w (weeks) or mo (months), such as 5wd; got \"soon\"");
  CHECK(message("\"+5wd\"") == "0 problems");
}

TEST_CASE("offset: the anchor's own day is never counted, and months clamp to their end") {
  const calendar::WorkingCalendar england(calendar::england_and_wales());
  CHECK(apply({1, OffsetUnit::months}, CivilDay(2027, 1, 31), england) == CivilDay(2027, 2, 28));
  CHECK(apply({-1, OffsetUnit::months}, CivilDay(2028, 3, 31), england) == CivilDay(2028, 2, 29));
  CHECK(apply({2, OffsetUnit::weeks}, CivilDay(2026, 12, 31), england) == CivilDay(2027, 1, 14));
  CHECK(apply({-5, OffsetUnit::working_days}, CivilDay(2026, 12, 31), england) == CivilDay(2026, 12, 22));
  CHECK(apply({5, OffsetUnit::working_days}, CivilDay(2026, 12, 31), england) == CivilDay(2027, 1, 8));
  CHECK(apply({5, OffsetUnit::days}, CivilDay(2026, 12, 31), england) == CivilDay(2027, 1, 5));
}

TEST_CASE("offset: a nominal day rolls back at or before the anchor and on after it") {
  const calendar::WorkingCalendar england(calendar::england_and_wales());
  CHECK(nominal_day({0, OffsetUnit::days}, CivilDay(2027, 2, 28), england) == CivilDay(2027, 2, 26));  // Sunday
  CHECK(nominal_day({-1, OffsetUnit::days}, CivilDay(2027, 3, 1), england) == CivilDay(2027, 2, 26));
  CHECK(nominal_day({1, OffsetUnit::days}, CivilDay(2027, 2, 26), england) == CivilDay(2027, 3, 1));
  CHECK(nominal_day({1, OffsetUnit::days}, CivilDay(2026, 12, 31), england) == CivilDay(2027, 1, 4));  // a holiday
  CHECK(nominal_day({0, OffsetUnit::days}, CivilDay(2026, 12, 31), england) == CivilDay(2026, 12, 31));
}
