#include "plan/timescale.h"

#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "calendar/time.h"
#include "plan/timescale_period.h"
#include "support/catch.h"

using namespace chaser::plan;
using chaser::calendar::iso_day;

namespace {

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields(1);
  for (const char c : line)
    if (c == '\t')
      fields.emplace_back();
    else
      fields.back() += c;
  return fields;
}

std::string day(const std::optional<CivilDay>& value) {
  return value ? iso_day(*value) : "";
}

std::string due(std::string_view text, const Conventions& conventions = {}) {
  return day(read_timescale(text, conventions).due);
}

/// The kinds that serve for a kind of the outside cases.
bool serves(const std::string& outside, TimescaleKind kind) {
  if (outside == "span" || outside == "date" || outside == "deadline")
    return kind == TimescaleKind::dated || kind == TimescaleKind::done;
  if (outside == "open" || outside == "from" || outside == "recurring") return kind == TimescaleKind::ongoing;
  if (outside == "relative") return kind == TimescaleKind::unreadable;
  return kind == TimescaleKind::unscheduled || kind == TimescaleKind::unreadable || kind == TimescaleKind::conditional;
}

}  // namespace

TEST_CASE("timescale: every case of ours reads as listed") {
  std::ifstream file(CHASER_SOURCE_DIR "/tests/plan/timescale_cases.tsv");
  REQUIRE(file);
  int count = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("#")) continue;
    const auto fields = fields_of(line);
    REQUIRE(fields.size() == 6);
    INFO(fields[0]);
    const Timescale read = read_timescale(fields[0]);
    CHECK(name_of(read.kind) == fields[1]);
    CHECK(day(read.start) == fields[2]);
    CHECK(day(read.due) == fields[3]);
    CHECK(name_of(read.precision) == fields[4]);
    CHECK(read.ambiguous == (fields[5] == "yes"));
    CHECK(read.verbatim == fields[0]);
    CHECK((read.kind == TimescaleKind::unreadable) == !read.problem.empty());
    ++count;
  }
  CHECK(count > 100);
}

TEST_CASE("timescale: the outside cases agree, where they are at hand") {
  std::ifstream file(CHASER_SOURCE_DIR "/../shared/conformance/timescales.tsv");
  if (!file) return;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    const auto fields = fields_of(line);
    REQUIRE(fields.size() >= 5);
    INFO(line);
    const Timescale read = read_timescale(fields[0]);
    CHECK(serves(fields[1], read.kind));
    const std::string end = day(read.due);
    const bool is_alternative = !end.empty() && fields[4].find(end) != std::string::npos;
    CHECK((end == fields[3] || is_alternative));
  }
}

TEST_CASE("timescale: 2026-27 is the financial year, ambiguous, with two calendar years as its alternative") {
  const Timescale read = read_timescale("2026-27");
  CHECK(read.convention == "financial year");
  CHECK(read.ambiguous);
  REQUIRE(read.alternative);
  CHECK(day(read.alternative->start) == "2026-01-01");
  CHECK(day(read.alternative->due) == "2027-12-31");
}

TEST_CASE("timescale: a plan settles by its conventions how years and their ranges are read") {
  Conventions conventions;
  conventions.year_range = Conventions::YearRange::calendar;
  CHECK(due("2026-27", conventions) == "2027-12-31");
  CHECK_FALSE(read_timescale("2026-27", conventions).ambiguous);

  Conventions settled;
  settled.year_range_settled = true;
  CHECK(due("2026-27", settled) == "2027-03-31");
  CHECK_FALSE(read_timescale("2026-27", settled).ambiguous);

  Conventions financial;
  financial.year = Conventions::Year::financial;
  CHECK(due("2026", financial) == "2027-03-31");
  CHECK(due("Q2 2026", financial) == "2026-09-30");
  CHECK(due("H2 2026", financial) == "2027-03-31");
  CHECK(due("2026-30", financial) == "2030-03-31");
  CHECK(due("calendar year 2026", financial) == "2026-12-31");
  CHECK(due("March 2027", financial) == "2027-03-31");
}

TEST_CASE("timescale: days stand before months unless the plan says otherwise or it cannot be") {
  Conventions american;
  american.date_order = Conventions::DateOrder::month_first;
  CHECK(due("3/4/2026") == "2026-04-03");
  CHECK(due("3/4/2026", american) == "2026-03-04");
  CHECK(due("31/12/2026", american) == "2026-12-31");
  CHECK(due("13/13/2026").empty());
  const Timescale read = read_timescale("3/4/2026");
  REQUIRE(read.alternative);
  CHECK(day(read.alternative->due) == "2026-03-04");
  CHECK_FALSE(read_timescale("4/4/2026").alternative);
  CHECK_FALSE(read_timescale("13/4/2026").alternative);
}

TEST_CASE("timescale: the plan's key gives its own words a date, whatever their case and outer blanks") {
  Conventions conventions;
  conventions.key = {{"Short term", "2027"}, {"Year 1", "2026/27"}, {"Loop", "Loop"}};
  const Timescale read = read_timescale("  short TERM ", conventions);
  CHECK(read.kind == TimescaleKind::dated);
  CHECK(day(read.due) == "2027-12-31");
  CHECK(read.convention == "plan key");
  CHECK(read.verbatim == "  short TERM ");
  CHECK(due("Year 1", conventions) == "2027-03-31");
  CHECK(due("Year 2", conventions).empty());
  CHECK(read_timescale("Loop", conventions).kind == TimescaleKind::unreadable);
}

TEST_CASE("timescale: years from 1990 to 2199 are read, others are slips of the pen") {
  CHECK(due("1990") == "1990-12-31");
  CHECK(due("2099") == "2099-12-31");
  CHECK(due("2100") == "2100-12-31");
  CHECK(due("2199") == "2199-12-31");
  for (const char* text : {"1989", "2200", "31/12/1989", "2026-2200", "March 2200", "0000", "9999"}) {
    INFO(text);
    CHECK(read_timescale(text).kind == TimescaleKind::unreadable);
  }
  CHECK(spreadsheet_day(32874) == CivilDay(1990, 1, 1));
  CHECK_FALSE(spreadsheet_day(32873));
  CHECK(spreadsheet_day(109574) == CivilDay(2199, 12, 31));
  CHECK_FALSE(spreadsheet_day(109575));
}

TEST_CASE("timescale: a start is never passed off as a deadline") {
  for (const char* text : {"From March 2027", "Start March 2027", "since 2027", "2027 onwards", "2027 - TBC", "2027-",
                           "commencing spring 2027", "not before June 2027", "2027 at the earliest"}) {
    INFO(text);
    const Timescale read = read_timescale(text);
    CHECK(read.kind == TimescaleKind::ongoing);
    CHECK(read.start);
    CHECK_FALSE(read.due);
  }
}

TEST_CASE("timescale: a text of 1,000 characters is read, a longer one is not") {
  const std::string filler(1000 - 13, ' ');
  CHECK(due("by March 2027" + filler) == "2027-03-31");
  const Timescale read = read_timescale("by March 2027 " + filler);
  CHECK(read.kind == TimescaleKind::unreadable);
  CHECK(read.problem.find("1000") != std::string::npos);
  std::string dashes = "March–2027";
  while (dashes.size() < 2000) dashes += "–";
  CHECK(read_timescale(dashes).problem.find("characters") == std::string::npos);
}

TEST_CASE("timescale: any bytes are kept verbatim and read without harm") {
  const std::vector<std::string> parts{"2026", "27",     "-",       "/",    "–",          " ",    "March", "by ",
                                       "Q",    "3",      "(",       ")",    "<s>",        "</s>", "~~",    "ongoing",
                                       "of ",  "31",     ".",       "\xff", "\xe2",       "<",    "&",     "&amp;",
                                       "[",    "](",     "*",       "FY",   "to ",        "end ", "and ",  "st ",
                                       "'",    "winter", "before ", ",",    "9999999999", "0",    "00",    "1"};
  std::mt19937 random(20260101);
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    const auto length = random() % 12;
    for (unsigned i = 0; i < length; ++i)
      text += random() % 8 == 0 ? std::string(1, static_cast<char>(random() % 256)) : parts[random() % parts.size()];
    INFO(text);
    const Timescale read = read_timescale(text);
    REQUIRE(read.verbatim == text);
    if (read.start && read.due) REQUIRE(*read.start <= *read.due);
    if (read.kind == TimescaleKind::unreadable) REQUIRE_FALSE(read.due);
    if (read.kind == TimescaleKind::dated) REQUIRE(read.due);
    REQUIRE((read.kind == TimescaleKind::unreadable) == !read.problem.empty());
  }
  const std::string with_nul("2026\0 27", 8);
  CHECK(read_timescale(with_nul).verbatim == with_nul);
  CHECK(read_timescale(std::string(1000000, '(')).kind == TimescaleKind::unreadable);
}

TEST_CASE("timescale: kinds and precisions have names that read back") {
  CHECK(timescale_kind("ongoing") == TimescaleKind::ongoing);
  CHECK(name_of(TimescaleKind::unreadable) == "unreadable");
  CHECK_FALSE(timescale_kind("Ongoing"));
  CHECK(precision("half") == Precision::half);
  CHECK(name_of(Precision::span) == "span");
  CHECK_FALSE(precision(""));
}
