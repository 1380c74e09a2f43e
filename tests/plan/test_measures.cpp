// Review cycles, measures, what waits for what, meetings: what the supplement and the settings say beside the document.
#include <cmath>

#include "plan/cadence.h"
#include "plan/change_set.h"
#include "plan/dependencies.h"
#include "plan/measure.h"
#include "plan/meetings.h"
#include "plan/plan_support.h"
#include "support/catch.h"

using namespace chaser;
using namespace chaser::plan;
using calendar::CivilDay;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Within a thousandth.
bool is_about(double got, double wanted) {
  return std::abs(got - wanted) <= std::abs(wanted) / 1000;
}

constexpr const char* table =
    "ID\tAction\tLead\tTimescale\n"
    "2.1\tToolkit\tCCN\t2026\n"
    "2.2\tScope 3\tCCN\t2026-27\n"
    "7.2\tTrees\tKCC\tOngoing\n";

struct Supplemented {
  Plan plan;
  documents::Problems problems;
  std::vector<std::string> errors;
};

Supplemented supplemented(const std::string& actions) {
  auto reading = read_document("plan.txt", table);
  Supplemented result{*reading.plan, {}, {}};
  const documents::Source source{"s.yaml", "actions:\n" + actions};
  const auto root = documents::parse_yaml(source, result.problems);
  apply_supplement(*root, source, Workflow{}, {}, result.plan, result.problems);
  result.errors = places(result.problems);
  return result;
}

/// A million and a half trees from 2021 to 2030, 100,000 of which stood at the beginning.
Measure trees() {
  Measure measure;
  measure.name = "New trees";
  measure.unit = "trees";
  measure.baseline = {CivilDay(2020, 12, 31), 100'000};
  measure.target = {CivilDay(2030, 12, 31), 1'500'000};
  return measure;
}

documents::Source source_of(const std::string& text) {
  return {"meetings", text};
}

calendar::Zone london() {
  calendar::Zone zone;
  REQUIRE(absl::LoadTimeZone("Europe/London", &zone));
  return zone;
}

}  // namespace

TEST_CASE("cadence: words, lengths and recurrences are read") {
  const auto months = [](std::string_view text) { return read_cadence(text).value_or(Cadence{}).months; };
  CHECK(months("3mo") == 3);
  CHECK(months("1y") == 12);
  CHECK(months("every quarter") == 3);
  CHECK(months("Every 6 months") == 6);
  CHECK(months("every two years") == 24);
  CHECK(months("twice a year") == 6);
  CHECK(months("annually") == 12);
  CHECK(months("120mo") == 120);
  const auto recurrence = [](std::string_view text) { return read_cadence(text).value_or(Cadence{}).recurrence; };
  CHECK(recurrence("annually in March") == "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=1");
  CHECK(recurrence("every March and September") == "FREQ=YEARLY;BYMONTH=3,9;BYMONTHDAY=1");
  CHECK(recurrence("every 2 weeks") == "FREQ=WEEKLY;INTERVAL=2");
  CHECK(recurrence("RRULE:FREQ=MONTHLY;INTERVAL=4") == "FREQ=MONTHLY;INTERVAL=4");
}

TEST_CASE("cadence: what is none is said, with what would be one") {
  for (const char* const text : {"", "soon", "0mo", "121mo", "11y", "every Marchember", "every 0 months", "3"}) {
    INFO(text);
    REQUIRE(!read_cadence(text));
    CHECK(read_cadence(text).error().starts_with("is no review cycle: write 3mo, every quarter"));
  }
  CHECK(read_cadence("FREQ=MONTHLY;COUNT=2").error().starts_with("is no review cycle: it has FREQ"));
}

TEST_CASE("cadence: it is told back in words") {
  CHECK(words_of({3, ""}) == "every 3 months");
  CHECK(words_of({1, ""}) == "every month");
  CHECK(words_of({12, ""}) == "every year");
  CHECK(words_of({24, ""}) == "every 2 years");
  CHECK(words_of({std::nullopt, "FREQ=WEEKLY"}) == "FREQ=WEEKLY");
}

TEST_CASE("measure: evenly from the baseline to the target, and flat outside") {
  const Measure measure = trees();
  CHECK(expected_on(measure, CivilDay(2020, 12, 31)) == 100'000);
  CHECK(expected_on(measure, CivilDay(2019, 1, 1)) == 100'000);
  CHECK(expected_on(measure, CivilDay(2030, 12, 31)) == 1'500'000);
  CHECK(expected_on(measure, CivilDay(2031, 1, 1)) == 1'500'000);
  CHECK(is_about(expected_on(measure, CivilDay(2025, 12, 31)), 800'000));
}

TEST_CASE("measure: a profile by months grows in those months alone") {
  Measure measure = trees();
  measure.months.emplace();
  for (const int month : {11, 12, 1, 2, 3}) measure.months->at(static_cast<std::size_t>(month - 1)) = 1;
  CHECK(is_about(expected_on(measure, CivilDay(2026, 3, 31)), expected_on(measure, CivilDay(2026, 10, 31))));
  CHECK(expected_on(measure, CivilDay(2026, 11, 1)) > expected_on(measure, CivilDay(2026, 10, 31)));
  CHECK(is_about(expected_on(measure, CivilDay(2025, 12, 31)), 800'000));
  measure.baseline.on = CivilDay(2030, 5, 1);  // none of these months is left
  measure.target.on = CivilDay(2030, 7, 1);
  CHECK(is_about(expected_on(measure, CivilDay(2030, 6, 1)), 100'000 + 1'400'000 * 31.0 / 61));
}

TEST_CASE("measure: a profile by points goes from one to the next") {
  Measure measure = trees();
  measure.points = {{CivilDay(2026, 12, 31), 400'000}};
  CHECK(expected_on(measure, CivilDay(2026, 12, 31)) == 400'000);
  CHECK(is_about(expected_on(measure, CivilDay(2023, 12, 31)), 250'000));
  CHECK(is_about(expected_on(measure, CivilDay(2028, 12, 31)), 950'000));
}

TEST_CASE("measure: a reading is behind below the profile, not on it; with a target below, above it") {
  Measure measure = trees();
  measure.points = {{CivilDay(2026, 12, 31), 400'000}};
  CHECK(!is_behind(measure, {CivilDay(2026, 12, 31), 400'000}));
  CHECK(is_behind(measure, {CivilDay(2026, 12, 31), 399'999}));
  CHECK(!is_behind(measure, {CivilDay(2026, 12, 31), 400'001}));
  Measure emissions = trees();
  emissions.target.value = 20'000;
  CHECK(emissions.is_lower_better());
  CHECK(is_behind(emissions, {CivilDay(2030, 12, 31), 20'001}));
  CHECK(!is_behind(emissions, {CivilDay(2030, 12, 31), 20'000}));
}

TEST_CASE("measure: readings behind are counted from the last one back") {
  Measure measure = trees();
  CHECK(readings_behind(measure) == 0);
  add_reading(measure, {CivilDay(2024, 12, 31), 100'000});
  add_reading(measure, {CivilDay(2025, 12, 31), 900'000});
  CHECK(readings_behind(measure) == 0);
  add_reading(measure, {CivilDay(2026, 12, 31), 910'000});
  add_reading(measure, {CivilDay(2027, 12, 31), 920'000});
  CHECK(readings_behind(measure) == 2);
}

TEST_CASE("measure: a reading of the same day replaces the one before; the oldest goes beyond the limit") {
  Measure measure = trees();
  add_reading(measure, {CivilDay(2026, 1, 2), 5});
  add_reading(measure, {CivilDay(2026, 1, 1), 4});
  add_reading(measure, {CivilDay(2026, 1, 2), 6});
  REQUIRE(measure.readings.size() == 2);
  CHECK(measure.readings[0].on == CivilDay(2026, 1, 1));
  CHECK(measure.latest()->value == 6);
  for (std::size_t i = 0; i < readings_max; ++i) {
    add_reading(measure, {CivilDay(2027, 1, 1) + static_cast<int>(i), 1});
  }
  CHECK(measure.readings.size() == readings_max);
  CHECK(measure.readings.front().on == CivilDay(2027, 1, 1));
}

TEST_CASE("measure: the rate that is needed from the last reading on") {
  Measure measure = trees();
  CHECK(is_about(required_per_month(measure).value(), 1'400'000 / 120.0));
  add_reading(measure, {CivilDay(2028, 12, 31), 600'000});
  CHECK(is_about(required_per_month(measure).value(), 900'000 / 24.0));
  add_reading(measure, {CivilDay(2029, 12, 31), 1'500'000});
  CHECK(required_per_month(measure).value() == 0);
  add_reading(measure, {CivilDay(2030, 12, 31), 1'200'000});
  CHECK(!required_per_month(measure));
}

TEST_CASE("measure: quantities as people write them") {
  CHECK(read_quantity("1500000") == 1'500'000);
  CHECK(read_quantity("1,500,000") == 1'500'000);
  CHECK(read_quantity("1.5 million") == 1'500'000);
  CHECK(read_quantity("28_600") == 28'600);
  CHECK(read_quantity("12.5 %") == 12.5);
  CHECK(read_quantity("-3") == -3);
  CHECK(read_quantity(".5") == 0.5);
  for (const char* const text : {"", "many", "1,50", "1e9", "nan", "inf", "--3", "1.5.2", "9999999999999999"}) {
    INFO(text);
    CHECK(!read_quantity(text));
  }
  CHECK(quantity_words(1'500'000) == "1,500,000");
  CHECK(quantity_words(-1234.5) == "-1,234.5");
  CHECK(quantity_words(999) == "999");
  CHECK(quantity_words(0.25) == "0.25");
  CHECK(quantity_words(-0.001) == "0");
}

TEST_CASE("supplement: a measure with baseline, target, profile and readings") {
  const auto result = supplemented(
      "  \"7.2\":\n"
      "    cadence: every March and September\n"
      "    measure: { name: New trees, unit: trees, baseline: { value: 0, on: 2021-03-31 },\n"
      "      target: { value: 1.5 million, by: 2030 }, better: higher, profile: { nov: 1, December: 2 },\n"
      "      readings: [{ on: 2026-03-31, value: 410000 }, { on: 2025-03-31, value: 300000 }] }\n");
  CHECK(result.errors.empty());
  const Action& action = *result.plan.find("7.2");
  CHECK(action.recurrence == "FREQ=YEARLY;BYMONTH=3,9;BYMONTHDAY=1");
  REQUIRE(action.measure);
  CHECK(action.measure->target == Reading{CivilDay(2030, 12, 31), 1'500'000});
  CHECK(action.measure->months->at(10) == 1);
  CHECK(action.measure->months->at(11) == 2);
  CHECK(action.measure->readings.front().on == CivilDay(2025, 3, 31));
}

TEST_CASE("supplement: every mistake of a measure is listed with its place, and it is none") {
  const auto result = supplemented(
      "  \"7.2\": { measure: { name: Trees, baseline: { value: few, on: 2021-03-31 }, target: { value: 9, by: soon },\n"
      "    better: more, profile: { Movember: 1 }, readings: [{ on: 2026-01-01, value: 1 }, { on: 2026-01-01, value: 2 "
      "}] } }\n"
      "  \"2.1\": { measure: { name: A, baseline: { value: 5, on: 2026-01-01 }, target: { value: 5, by: 2025-12-31 } } "
      "}\n"
      "  \"2.2\": { measure: { name: A, baseline: { value: 5, on: 2025-01-01 }, target: { value: 4, by: 2026-12-31 },\n"
      "    better: higher, profile: [{ by: 2027-01-01, value: 4 }] } }\n");
  std::vector<std::string> found = result.errors;
  REQUIRE(found.size() == 9);
  CHECK(found[0] == "2:55 error: \"few\" is no number such as 28600, 1,500,000 or 1.5 million");
  CHECK(has(found[1], "\"by\" is a date such as 2030-03-31"));
  CHECK(found[3] == "3:30 error: \"Movember\" is no month: jan, feb, ... dec");
  CHECK(found[2] == "3:28 error: at least one month must have a weight above 0");
  CHECK(found[4] == "3:86 error: there are two readings on 2026-01-01");
  CHECK(has(found[5], "the target's day, 2025-12-31, must come after"));
  CHECK(has(found[6], "the target is what the baseline is already"));
  CHECK(found[7] == "6:13 error: \"higher\" is better, but the target lies below the baseline");
  CHECK(has(found[8], "the profile's points lie between"));
  CHECK(!result.plan.find("7.2")->measure);
}

TEST_CASE("supplement: a milestone's date may be in words, but not in doubt") {
  const auto result =
      supplemented("  \"2.1\": { milestones: [{ id: draft, due: end of March 2027 }, { id: final, due: 2026-27 }] }\n");
  REQUIRE(result.errors.size() == 1);
  CHECK(result.errors[0] ==
        "2:82 error: \"due\" is a date such as 2026-12-31 or \"end of March 2027\"; got \"2026-27\"");
  CHECK(result.plan.find("2.1")->milestones.front().due == CivilDay(2027, 3, 31));
}

TEST_CASE("supplement: what an action waits for is found; what is unknown, twice or none is said") {
  const auto result = supplemented("  \"7.2\": { blocked_by: [\"2.1\", kent-medway/2.1, other/9.1, \"2.9\", /x] }\n");
  REQUIRE(result.errors.size() == 3);
  CHECK(result.errors[0] == "2:32 error: \"kent-medway/2.1\" is given twice");
  CHECK(has(result.errors[1], "plan kent-medway has no action \"2.9\" to wait for"));
  CHECK(has(result.errors[2], "\"/x\" is no action"));
  CHECK(result.plan.find("7.2")->blocked_by[0] == "kent-medway/2.1");
  CHECK(result.plan.find("7.2")->blocked_by[1] == "other/9.1");
}

TEST_CASE("supplement: more than fifty actions to wait for are refused") {
  std::string list;
  for (std::size_t i = 0; i < blockers_max; ++i) list += "other/" + std::to_string(i) + ", ";
  CHECK(supplemented("  \"7.2\": { blocked_by: [" + list + "] }\n").errors.empty());
  const auto result = supplemented("  \"7.2\": { blocked_by: [" + list + "other/x] }\n");
  REQUIRE(result.errors.size() == 1);
  CHECK(result.errors[0].ends_with("an action waits for at most 50 others"));
}

TEST_CASE("supplement: actions that wait for each other are refused, every circle with its path") {
  const auto result = supplemented(
      "  \"2.1\": { blocked_by: \"2.2\" }\n"
      "  \"2.2\": { blocked_by: [\"7.2\", \"2.1\"] }\n"
      "  \"7.2\": { blocked_by: [\"2.1\", \"7.2\"] }\n");
  REQUIRE(result.errors.size() == 3);
  CHECK(
      result.errors[0] ==
      "2:24 error: actions wait for each other in a circle: kent-medway/2.1 waits for kent-medway/2.2, which waits for "
      "kent-medway/2.1");
  CHECK(
      result.errors[1] ==
      "2:24 error: actions wait for each other in a circle: kent-medway/2.1 waits for kent-medway/2.2, which waits for "
      "kent-medway/7.2, which waits for kent-medway/2.1");
  CHECK(result.errors[2] == "4:24 error: actions wait for each other in a circle: kent-medway/7.2 waits for itself");
}

TEST_CASE("dependencies: a chain, a diamond and a tangle of many are told in no time") {
  const std::vector<Dependency> diamond{{"p/1", "p/2"}, {"p/1", "p/3"}, {"p/2", "p/4"}, {"p/3", "p/4"}};
  CHECK(cycles_of(diamond).empty());
  std::vector<Dependency> tangle;
  for (int from = 0; from < 60; ++from) {
    for (int to = 0; to < 60; ++to) {
      if (from != to) tangle.push_back({"p/" + std::to_string(from), "p/" + std::to_string(to)});
    }
  }
  CHECK(cycles_of(tangle).size() == cycles_max);
  std::vector<Dependency> ring;
  for (int i = 0; i < 3000; ++i) ring.push_back({"p/" + std::to_string(i), "p/" + std::to_string((i + 1) % 3000)});
  REQUIRE(cycles_of(ring).size() == 1);
  CHECK(cycles_of(ring).front().size() == 3000);
}

TEST_CASE("dependencies: a circle through another plan is found where both are known") {
  Plan plan;
  plan.id = "a";
  plan.actions.emplace_back();
  plan.actions.back().id = "1";
  plan.actions.back().blocked_by = {"b/1"};
  documents::Problems problems;
  check_dependencies(plan, std::vector<Dependency>{{"b/1", "b/2"}}, "a.yaml", problems);
  CHECK(problems.empty());
  check_dependencies(plan, std::vector<Dependency>{{"b/1", "a/1"}}, "a.yaml", problems);
  REQUIRE(problems.errors() == 1);
  CHECK(problems.in_order()[0].message ==
        "actions of several plans wait for each other in a circle: a/1 waits for b/1, which waits for a/1");
}

TEST_CASE("change set: another cadence, measure or dependency is shown") {
  const Plan before = supplemented("  \"7.2\": { cadence: 6mo }\n").plan;
  const Plan after = supplemented(
                         "  \"7.2\": { cadence: annually in March, blocked_by: \"2.1\", measure: { name: Trees,"
                         " baseline: { value: 0, on: 2021-03-31 }, target: { value: 9, by: 2030 } } }\n")
                         .plan;
  const ChangeSet changes = difference(before, after);
  REQUIRE(changes.changes.size() == 3);
  CHECK(changes.changes[0].before == "review every 6 months");
  CHECK(changes.changes[0].after == "review FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=1");
  CHECK(changes.changes[1].after == "measure Trees , from 0 on 2021-03-31 to 9 on 2030-12-31");
  CHECK(changes.changes[2].after == "waits for kent-medway/2.1");
}

TEST_CASE("meetings: a calendar's events with their recurrences, without what was taken out, moved or cancelled") {
  documents::Problems problems;
  const auto meetings =
      read_meetings(source_of("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
                              "BEGIN:VEVENT\r\nUID:a\r\nDTSTART:20261201T103000Z\r\nSUMMARY:Cabinet\r\n"
                              "RRULE:FREQ=MONTHLY;COUNT=4\r\nEXDATE:20270101T103000Z\r\nEND:VEVENT\r\n"
                              "BEGIN:VEVENT\r\nUID:a\r\nRECURRENCE-ID:20270201T103000Z\r\n"
                              "DTSTART:20270208T103000Z\r\nSUMMARY:Cabinet (moved)\r\nEND:VEVENT\r\n"
                              "BEGIN:VEVENT\r\nUID:b\r\nDTSTART;VALUE=DATE:20260701\r\n"
                              "STATUS:CANCELLED\r\nSUMMARY:Not held\r\nEND:VEVENT\r\n"
                              "BEGIN:VEVENT\r\nUID:c\r\nDTSTART:20260630T231500Z\r\nSUMMARY:Late at "
                              "night\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"),
                    london(), problems);
  CHECK(problems.empty());
  REQUIRE(meetings.size() == 4);
  CHECK(meetings[0] == Meeting{CivilDay(2026, 7, 1), "Late at night", std::nullopt});  // 00:15 in London
  CHECK(meetings[1] == Meeting{CivilDay(2026, 12, 1), "Cabinet", std::nullopt});
  CHECK(meetings[2] == Meeting{CivilDay(2027, 2, 8), "Cabinet (moved)", std::nullopt});
  CHECK(meetings[3] == Meeting{CivilDay(2027, 3, 1), "Cabinet", std::nullopt});
}

TEST_CASE("meetings: a list in YAML, strictly; what is no calendar is said") {
  documents::Problems problems;
  const auto meetings = read_meetings(
      source_of("meetings:\n  - { on: 2027-01-20, name: Scrutiny, cutoff: 2027-01-08 }\n  - { on: 2026-12-01 }\n"),
      london(), problems);
  CHECK(problems.empty());
  REQUIRE(meetings.size() == 2);
  CHECK(meetings[0] == Meeting{CivilDay(2026, 12, 1), "", std::nullopt});
  CHECK(meetings[1] == Meeting{CivilDay(2027, 1, 20), "Scrutiny", CivilDay(2027, 1, 8)});
  documents::Problems found;
  read_meetings(source_of("meetings: [{ on: soon }, { on: 2026-12-01, cutoff: 2026-12-02 }, { name: x }]\n"), london(),
                found);
  CHECK(places(found) == std::vector<std::string>{"1:18 error: \"on\" is a day such as 2026-12-01; got \"soon\"",
                                                  "1:52 error: the cut-off cannot come after the meeting",
                                                  "1:66 error: a meeting needs \"on\""});
  documents::Problems broken;
  CHECK(read_meetings(source_of("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT\nEND:VCALENDAR\n"), london(),
                      broken)
            .empty());
  CHECK(broken.warnings() == 1);
  documents::Problems large;
  read_meetings(source_of("BEGIN:VCALENDAR\n" + std::string(meetings_bytes_max, ' ')), london(), large);
  CHECK(large.errors() == 1);
}
