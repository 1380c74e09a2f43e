#include "rulebook/condition.h"

#include <absl/time/time.h>

#include <fstream>
#include <string>
#include <vector>

#include "documents/problems.h"
#include "rulebook/condition_place.h"
#include "support/catch.h"

using namespace chaser;
using rulebook::Condition;
using rulebook::Fact;
using rulebook::Facts;
using rulebook::FactValue;
using rulebook::Truth;

namespace {

const std::vector<std::string> statuses{"not_started", "in_progress", "blocked", "done", "cancelled", "superseded"};
const std::vector<std::string> tags{"climate", "transport"};
const std::vector<std::string> no_texts;

FactValue text(std::string_view value) {
  return {FactValue::Kind::text, 0, value, {}};
}
FactValue number(std::int64_t value) {
  return {FactValue::Kind::integer, value, {}, {}};
}
FactValue flag(bool value) {
  return {FactValue::Kind::boolean, value ? 1 : 0, {}, {}};
}
FactValue texts(const std::vector<std::string>& value) {
  return {FactValue::Kind::texts, 0, {}, value};
}
FactValue day(int year, int month, int day_of_month) {
  const auto number_of = calendar::CivilDay(year, month, day_of_month) - calendar::CivilDay(1970, 1, 1);
  return {FactValue::Kind::day, number_of, {}, {}};
}

/// Action 2.1 on 1 July 2026, in a zone an hour east of UTC.
Facts facts_of_an_action() {
  Facts facts;
  facts.zone = absl::FixedTimeZone(3600);
  facts[Fact::action_id] = text("2.1");
  facts[Fact::action_title] = text("Sustainable procurement toolkit");
  facts[Fact::action_text] = text("Develop a toolkit, subject to grant");
  facts[Fact::action_kind] = text("dated");
  facts[Fact::action_status] = text("in_progress");
  facts[Fact::action_precision] = text("year");
  facts[Fact::action_timescale] = text("2026");
  facts[Fact::action_due] = day(2026, 12, 31);
  facts[Fact::action_tags] = texts(tags);
  facts[Fact::action_owners] = texts(no_texts);
  facts[Fact::action_unowned] = flag(true);
  facts[Fact::action_slips] = number(2);
  facts[Fact::now] = {
      FactValue::Kind::instant, absl::ToUnixMicros(absl::FromUnixSeconds(1782864000 + 8 * 3600)), {}, {}};
  facts[Fact::today] = day(2026, 7, 1);
  return facts;
}

documents::Problems problems_of(const std::string& condition) {
  const documents::Source source("rules.yaml", condition);
  documents::Problems problems;
  const auto compiled = rulebook::compile_condition(condition, source, {1, 1, 1}, statuses, problems);
  CHECK(compiled.has_value() == problems.empty());
  return problems;
}

std::optional<calendar::Zone> zones(const std::string& name) {
  calendar::Zone zone;
  if (!absl::LoadTimeZone(name, &zone)) return std::nullopt;
  return zone;
}

Condition compiled(const std::string& condition, const rulebook::cel::ZoneLookup& lookup = nullptr) {
  const documents::Source source("rules.yaml", condition);
  documents::Problems problems;
  rulebook::cel::Environment environment;
  environment.statuses = statuses;
  environment.zones = &lookup;
  const auto place = [](rulebook::cel::Span) { return documents::Position{1, 1, 1}; };
  auto result = rulebook::compile_condition(condition, place, environment, source, problems);
  for (const auto& problem : problems.in_order()) UNSCOPED_INFO(documents::describe(problem));
  INFO(condition);
  REQUIRE(result);
  return *result;
}

std::string outcome(const std::string& condition) {
  const Truth truth = compiled(condition).evaluate(facts_of_an_action());
  return truth.problem != nullptr ? "problem" : truth.value ? "true" : "false";
}

}  // namespace

TEST_CASE("condition: the shipped form is true of an open dated action and of no other") {
  const Condition condition =
      compiled(R"(action.kind == "dated" && action.status in ["not_started", "in_progress", "blocked"])");
  Facts facts = facts_of_an_action();
  CHECK(condition.evaluate(facts).value);
  facts[Fact::action_status] = text("done");
  CHECK_FALSE(condition.evaluate(facts).value);
  CHECK(condition.false_part(facts) == R"(action.status in ["not_started", "in_progress", "blocked"])");
  facts[Fact::action_kind] = text("ongoing");
  CHECK(condition.false_part(facts) == R"(action.kind == "dated")");
  CHECK_FALSE(condition.depends_on_time());
  CHECK(condition.mentions(Fact::action_status));
  CHECK_FALSE(condition.mentions(Fact::action_due));
}

TEST_CASE("condition: every example of docs/RULES.md is a condition that comes out true or false") {
  std::ifstream stream(CHASER_SOURCE_DIR "/docs/RULES.md");
  std::string line;
  while (std::getline(stream, line) && line != "```condition") continue;
  const calendar::WorkingCalendar calendar(calendar::england_and_wales());
  Facts facts = facts_of_an_action();
  facts.calendar = &calendar;
  facts[Fact::action_leads] = texts(tags);
  facts[Fact::action_asked] = texts(tags);
  facts[Fact::action_blocks] = texts(tags);
  facts[Fact::action_dependents] = texts(tags);
  facts[Fact::action_blocked_by] = texts(tags);
  facts[Fact::action_rag_claimed] = text("green");
  facts[Fact::action_rag_computed] = text("red");
  facts[Fact::action_blocker_late] = flag(true);
  facts[Fact::action_next_milestone] = day(2026, 6, 1);
  for (const Fact counted : {Fact::action_reviews, Fact::action_slip_days, Fact::action_milestones_left,
                             Fact::action_blockers_open, Fact::action_measure_readings_behind}) {
    facts[counted] = number(4);
  }
  facts[Fact::action_last_update] = day(2026, 1, 5);
  facts[Fact::action_first_seen] = day(2026, 1, 5);
  facts[Fact::action_ambiguous] = flag(false);
  facts[Fact::plan_id] = text("kent-medway");
  facts[Fact::case_epoch] = number(1);
  int examples = 0;
  for (; std::getline(stream, line) && line != "```"; ++examples) {
    const std::string condition = line.substr(0, line.find("   "));
    INFO(condition);
    CHECK(compiled(condition, zones).evaluate(facts).problem == nullptr);
  }
  CHECK(examples > 20);
}

TEST_CASE("condition: a default-constructed one is always true") {
  CHECK(Condition{}.evaluate(Facts{}).value);
  CHECK(Condition{}.text().empty());
  CHECK(Condition{}.false_part(Facts{}).empty());
}

TEST_CASE("condition: facts, dates and functions mean what their words say") {
  const std::vector<std::pair<std::string, std::string>> table{
      {"action.unowned", "true"},
      {"!action.unowned", "false"},
      {"action.slips >= 2", "true"},
      {"action.slips > 2", "false"},
      {R"("climate" in action.tags)", "true"},
      {R"("housing" in action.tags)", "false"},
      {R"(action.tags.exists(t, t.startsWith("trans")))", "true"},
      {R"(action.tags.all(t, size(t) > 7))", "false"},
      {"size(action.owners) == 0", "true"},
      {R"(action.text.contains("subject to grant"))", "true"},
      {R"(action.title.matches("(?i)^sustain.*kit$"))", "true"},
      {R"(action.id == "2.1" ? action.slips == 2 : false)", "true"},
      {R"("2.1" == action.id)", "true"},
      {R"("2.1" != action.id)", "false"},
      {R"(action.due == date("2026-12-31"))", "true"},
      {R"(action.due > date("2026-12-31"))", "false"},
      {R"(action.due < timestamp("2026-12-30T23:00:00Z"))", "false"},
      {R"(action.due == timestamp("2026-12-30T23:00:00Z"))", "true"},
      {R"(action.due.getFullYear() == 2026 && action.due.getMonth() == 11 && action.due.getDate() == 31)", "true"},
      {"today < action.due", "true"},
      {"now > today", "true"},
      {R"(now + duration("48h") > today)", "true"},
      {R"(action.due - today > duration("4000h"))", "true"},
      {"days_until(action.due) == 183", "true"},
      {"days_since(action.due) == -183", "true"},
      {"has(action.due)", "true"},
      {"has(action.start)", "false"},
      {"action.start == null", "true"},
      {"action.due != null", "true"},
  };
  for (const auto& [condition, expected] : table) {
    INFO(condition);
    CHECK(outcome(condition) == expected);
  }
}

TEST_CASE("condition: own functions count days and working days, either way, across a bank holiday") {
  const calendar::WorkingCalendar calendar(calendar::england_and_wales());
  Facts facts = facts_of_an_action();
  facts.calendar = &calendar;
  facts[Fact::today] = day(2026, 12, 24);  // a Thursday; Friday is Christmas Day, Monday the day for Boxing Day
  facts[Fact::action_due] = day(2026, 12, 31);
  const auto is_true = [&](const std::string& condition) {
    INFO(condition);
    const Truth truth = compiled(condition).evaluate(facts);
    CHECK(truth.problem == nullptr);
    CHECK(truth.value);
  };
  is_true("days_until(action.due) == 7");
  is_true("days_since(action.due) == -7");
  is_true("working_days_until(action.due) == 3");
  is_true("working_days_since(action.due) == -3");
  is_true("working_days_until(today) == 0");
  is_true(R"(working_days_since(date("2026-12-18")) == 4)");
  is_true(R"(working_days_until(timestamp("2026-12-29T00:30:00+01:00")) == 1)");
  facts.calendar = nullptr;
  CHECK(compiled("working_days_until(action.due) == 3").evaluate(facts).problem != nullptr);
  CHECK(compiled("days_until(action.due) == 7").depends_on_time());
  CHECK(compiled("working_days_since(action.due) == 3").depends_on_time());
}

TEST_CASE("condition: comparing a date that is not there is a problem, never true or false") {
  CHECK(outcome("action.start < today") == "problem");
  CHECK(outcome("action.start >= today") == "problem");
  CHECK(outcome("!(action.start < today)") == "problem");
  CHECK(outcome("days_until(action.start) < 30") == "problem");
  CHECK(outcome("has(action.start) && action.start < today") == "false");
  CHECK(outcome("!has(action.start) || action.start < today") == "true");
}

TEST_CASE("condition: && and || absorb what cannot be evaluated, wherever it stands") {
  CHECK(outcome("1 / 0 == 1 && false") == "false");
  CHECK(outcome("false && 1 / 0 == 1") == "false");
  CHECK(outcome("1 / 0 == 1 && true") == "problem");
  CHECK(outcome("1 / 0 == 1 || true") == "true");
  CHECK(outcome("1 / 0 == 1 || false") == "problem");
  CHECK(outcome("[1, 0].exists(n, 1 / n == 1)") == "true");
  CHECK(outcome("[0, 1].all(n, 1 / n == 2)") == "false");
  CHECK(outcome("9223372036854775807 + 1 > 0") == "problem");
}

TEST_CASE("condition: a mistaken word of the workflow is placed and answered with the right one") {
  const documents::Problems problems = problems_of(R"(action.status in ["in_progres"])");
  REQUIRE(problems.errors() == 1);
  const documents::Problem& problem = problems.in_order().front();
  CHECK(problem.message == R"(unknown status "in_progres"; did you mean "in_progress"?)");
  CHECK(problem.at == documents::Position{1, 19, 12});
  REQUIRE(problem.notes.size() == 1);
  CHECK(problem.notes[0] ==
        "statuses of this workflow: not_started, in_progress, blocked, done, cancelled, superseded");
}

TEST_CASE("condition: every mistake is named at its own token, in words that say what is right") {
  struct Case {
    std::string condition;
    int column;
    int length;
    std::string message;
  };
  const std::vector<Case> table{
      {R"(action.kind == "datd")", 16, 6, R"(unknown kind "datd"; did you mean "dated"?)"},
      {R"("yaer" != action.precision)", 1, 6, R"(unknown precision "yaer"; did you mean "year"?)"},
      {R"(action.stauts == "done")", 8, 6, R"(there is no action.stauts; did you mean "action.status"?)"},
      {R"(status == "done")", 1, 6, R"(unknown name "status"; did you mean action.status?)"},
      {"action.status == done", 18, 4, R"(a text goes in quotes: "done")"},
      {R"(action.status = "done")", 15, 1, "to compare, write two equal signs: =="},
      {"action.unowned and true", 16, 3, R"(for "and", write &&)"},
      {"action.unowned & true", 16, 1, R"(for "and", write &&)"},
      {R"(action.id not in ["1"])", 11, 3, R"(for "not in", write !(... in [...]))"},
      {"action.id == \u201c2.1\u201d", 14, 1, R"(curly quotes do not work here: write straight ones, as in "done")"},
      {"action.id == '2.1", 14, 1, "this quote is never closed"},
      {"(action.unowned", 1, 1, R"x("(" is never closed with ")")x"},
      {"action.unowned &&", 18, 1, "the condition ends too early: expected a value"},
      {"", 1, 1, "a condition is missing here"},
      {"action.slips", 1, 12, "a condition must be true or false; this is a whole number"},
      {"action.slips && true", 1, 12, R"("&&" needs true or false on both sides; this is a whole number)"},
      {R"(action.due < "2026-12-31")", 12, 1, "a date cannot be compared with a text"},
      {"action.due - 5 > today", 12, 1, R"("-" cannot join a date and a whole number)"},
      {R"x(action.due == date("31/12/2026"))x", 20, 12, R"x(a day is written as in date("2026-12-31"))x"},
      {R"x(action.title.matches("("))x", 22, 3, "this pattern cannot be read: missing ): ("},
      {"days_untl(action.due) < 3", 1, 9, R"(unknown function "days_untl"; did you mean "days_until"?)"},
      {R"(action["due"] == today)", 7, 1, "write action.due"},
      {R"(action.due.getMonth("Mars") == 1)", 21, 6, R"(unknown time zone "Mars")"},
      {"b'x' == b'x'", 1, 2, R"x(bytes (b"...") are not part of conditions here: write a text, "...")x"},
      {"type(1) == type(2)", 1, 4, "type() is not part of conditions here"},
      {"Msg{a: 1} == 1", 4, 1, "building messages with {...} is not part of conditions here"},
      {R"("\q" == action.id)", 2, 2,
       R"(unknown escape; for a backslash itself write two, or r"..." for a text without escapes)"},
  };
  for (const Case& each : table) {
    const documents::Problems problems = problems_of(each.condition);
    INFO(each.condition);
    REQUIRE_FALSE(problems.empty());
    const documents::Problem problem = problems.sorted().front();
    CHECK(problem.message == each.message);
    CHECK(problem.at == documents::Position{1, each.column, each.length});
  }
}

TEST_CASE("condition: all mistakes of types and names are told at once") {
  CHECK(problems_of(R"(action.kind == "datd" && actoin.id == "1" && size(5) > 1)").errors() == 3);
}

TEST_CASE("condition: the limits of length, depth and parts hold on both sides") {
  const auto chain = [](std::size_t parts, std::string_view sign) {
    std::string condition = "1";
    for (std::size_t i = 1; i < parts; ++i) condition += std::string(sign) + "1";
    return condition + " > 0";
  };
  CHECK(problems_of(chain(98, "+")).empty());
  CHECK(problems_of(chain(101, "+")).errors() == 1);
  CHECK(problems_of(std::string(90, '(') + "true" + std::string(90, ')')).empty());
  CHECK(problems_of(std::string(101, '(') + "true" + std::string(101, ')')).errors() == 1);
  CHECK(problems_of("true" + std::string(4092, ' ')).empty());
  CHECK(problems_of("true" + std::string(4093, ' ')).errors() == 1);
  std::string list = "1 in [1";
  for (int i = 0; i < 1994; ++i) list += ",1";
  CHECK(problems_of(list + "]").empty());
  CHECK(problems_of(list + ",1,1,1,1]").errors() == 1);
}

TEST_CASE("condition: what would take too many steps or too much memory is a problem, not a wait") {
  const std::string ten = "[1,2,3,4,5,6,7,8,9,0]";
  CHECK(outcome(ten + ".all(a, " + ten + ".all(b, a != b || a == b))") == "true");
  std::string nested = "true";
  for (const char name : {'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'}) nested = ten + ".all(" + name + ", " + nested + ")";
  CHECK(outcome(nested) == "problem");
}
