#include "app/rule_tests.h"

#include <map>

#include "app/command_line.h"
#include "support/catch.h"

using namespace chaser;
using app::RuleTestRun;

namespace {

/// Rule and test files that stand in the test itself.
using Files = std::map<std::string, std::string>;

const std::string rules = R"(version: 1
rules:
  - rule: r
    when: action.kind == "dated"
    anchor: due
    steps:
      - { step: soon, at: -5wd, to: leads }
      - { step: due, at: 0d, to: leads, via: [email, teams] }
)";

const std::string head = R"(version: 1
rules: r.yaml
directory: { parties: { lead: { email: lead@a.example }, other: { email: other@a.example } } }
plan: [{ id: "1", lead: lead, timescale: 31 December 2026 }]
tests:
)";

RuleTestRun run(const std::string& tests, const std::string& pattern = "") {
  const Files files{{"r.yaml", rules}, {"t.test.yaml", head + tests}};
  const app::FileReader read = [&](const std::string& path) -> std::expected<std::string, std::string> {
    const auto found = files.find(path);
    if (found == files.end()) return std::unexpected("no such file");
    return found->second;
  };
  return app::run_rule_tests({"t.test.yaml"}, pattern, app::shipped_surroundings(), read);
}

const std::string right = R"(  - test: right
    from: 2026-12-01
    to: 2026-12-31
    expected:
      - { on: 2026-12-22, step: soon, to: lead }
      - { on: 2026-12-31, step: r/due, to: lead, via: email, at: 09:00, deliver: direct, action: "1" }
)";

std::string first_problem(const RuleTestRun& run) {
  const auto all = run.problems.sorted();
  if (all.empty()) return "";
  return std::to_string(all[0].at.line) + ":" + std::to_string(all[0].at.column) + " " + all[0].message;
}

}  // namespace

TEST_CASE("rule tests: what goes out as expected, and nothing else, passes") {
  const RuleTestRun done = run(right);
  INFO(app::describe(done, true));
  CHECK(done.passed());
  CHECK(app::describe(done, false).ends_with("1 passed, 0 failed\n"));
}

TEST_CASE("rule tests: a condition knows the parties that lead an action") {
  const auto told = [](const std::string& condition) {
    std::string led = rules;
    led.replace(led.find("action.kind == \"dated\""), std::string("action.kind == \"dated\"").size(), condition);
    const Files files{{"r.yaml", led}, {"t.test.yaml", head + right}};
    const app::FileReader read = [&](const std::string& path) -> std::expected<std::string, std::string> {
      return files.at(path);
    };
    return app::run_rule_tests({"t.test.yaml"}, "", app::shipped_surroundings(), read).passed();
  };
  CHECK(told("'\"lead\" in action.leads'"));
  CHECK_FALSE(told("'\"other\" in action.leads'"));
  CHECK(told("'size(action.leads) == 1 && action.leads[0] == \"lead\"'"));
}

TEST_CASE("rule tests: what nobody expected fails, and so does what did not happen") {
  const RuleTestRun done = run(R"(  - test: wrong
    from: 2026-12-01
    to: 2026-12-31
    expected:
      - { on: 2026-12-22, step: soon, to: [lead, other] }
)");
  CHECK(done.failed() == 1);
  const std::string text = app::describe(done, false);
  INFO(text);
  CHECK(text.find("FAIL t.test.yaml:6  wrong") != std::string::npos);
  CHECK(text.find("! 2026-12-22 r/soon to other about 1  -") != std::string::npos);
  CHECK(text.find("! -                                   2026-12-31 r/due to lead about 1 at 09:00 by email, direct") !=
        std::string::npos);
  CHECK(text.ends_with("0 passed, 1 failed\n"));
}

TEST_CASE("rule tests: a telling that differs in what the test says stands beside it") {
  const RuleTestRun done = run(R"(  - test: wrong channel
    from: 2026-12-23
    to: 2026-12-31
    expected:
      - { on: 2026-12-31, step: due, to: lead, via: teams }
)");
  REQUIRE(done.failed() == 1);
  const auto& lines = done.outcomes[0].result.lines;
  bool side_by_side = false;
  for (const auto& line : lines)
    side_by_side = side_by_side || (!line.agree && !line.expected.empty() && !line.got.empty());
  CHECK(side_by_side);
}

TEST_CASE("rule tests: a hold is expected by its reason, and another reason fails") {
  const auto with_reason = [](const std::string& reason) {
    return run(R"(  - test: held
    from: 2026-12-01
    to: 2027-01-04
    answers: [{ on: 2026-12-23, party: lead, answer: acknowledge, until: 2027-01-05 }]
    expected: [{ on: 2026-12-22, step: soon, to: lead }]
    holds: [{ on: 2026-12-31, step: due, to: lead, reason: )" +
               reason + " }]\n");
  };
  CHECK(with_reason("lapsed in a pause").passed());
  const RuleTestRun wrong = with_reason("floor");
  CHECK_FALSE(wrong.passed());
  CHECK(app::describe(wrong, false).find("lapsed in a pause") != std::string::npos);
}

TEST_CASE("rule tests: an answer that is refused fails the test, unless it says so") {
  const auto by_other = [](const std::string& more) {
    return run(
        "  - { test: a, from: 2026-12-01, to: 2026-12-02, expected: [], answers: [{ on: 2026-12-02, party: other, "
        "answer: done" +
        more + " }] }\n");
  };
  CHECK_FALSE(by_other("").passed());
  CHECK(by_other(", refused: true").passed());
}

TEST_CASE("rule tests: what they name is checked at its place, with what is near") {
  const auto problem = [](const std::string& expected) {
    return first_problem(
        run("  - test: a\n    from: 2026-12-01\n    to: 2026-12-31\n    expected:\n      - " + expected + "\n"));
  };
  CHECK(problem("{ on: 2026-12-22, step: sonn, to: lead }") ==
        "10:33 no rule has a step \"sonn\"; did you mean \"soon\"?");
  CHECK(problem("{ on: 2026-12-22, step: r/sonn, to: lead }") ==
        "10:33 there is no step \"r/sonn\"; did you mean \"r/soon\"?");
  CHECK(problem("{ on: 2026-12-22, step: soon, to: laed }") ==
        "10:43 the directory has no party \"laed\"; did you mean \"lead\"?");
  CHECK(problem("{ on: 2026-12-22, step: soon, to: lead, action: \"2\" }") == "10:57 the plan has no action \"2\"");
  CHECK(problem("{ on: 2027-01-01, step: soon, to: lead }") ==
        "10:15 2027-01-01 lies outside the test, which plays 2026-12-01 to 2026-12-31");
  CHECK(problem("{ on: 22 Dec, step: soon, to: lead }") ==
        "10:15 \"on\" is a day, written as in 2026-12-22; got \"22 Dec\"");
  CHECK(
      problem("{ onn: 2026-12-22, step: soon, to: lead }").starts_with("10:11 unknown key \"onn\" in an expectation"));
  CHECK(problem("{ on: 2026-12-22, step: soon, to: lead, at: 25:00 }") ==
        "10:53 \"at\" is a time of day, such as 09:00; got \"25:00\"");
}

TEST_CASE("rule tests: a name twice, a missing file and a bad pattern are said") {
  CHECK(first_problem(run(right + right)).starts_with("12:11 the test \"right\" is there twice"));
  CHECK(first_problem(run("  - { test: a, from: 2026-12-01, to: 2026-12-02, expected: [], plan: none.md }\n"))
            .ends_with("none.md: no such file"));
  CHECK_THROWS_AS(run(right, "("), app::UsageError);
}

TEST_CASE("rule tests: a pattern picks tests by name, and coverage is then not told") {
  const RuleTestRun picked =
      run(right + "  - { test: other, from: 2026-12-01, to: 2026-12-02, expected: [] }\n", "^oth");
  REQUIRE(picked.outcomes.size() == 1);
  CHECK(picked.outcomes[0].name == "other");
  CHECK(app::describe(picked, false).find("coverage") == std::string::npos);
}

TEST_CASE("rule tests: steps and holds that no test reaches are listed") {
  const std::string text =
      app::describe(run("  - { test: a, from: 2026-12-01, to: 2026-12-22, expected: [{ on: 2026-12-22, step: "
                        "soon, to: lead }] }\n"),
                    false);
  INFO(text);
  CHECK(text.find("coverage: 1 of 2 steps, 0 of 1 holds\n") != std::string::npos);
  CHECK(text.find("  no test reaches the step r/due\n") != std::string::npos);
  CHECK(text.find("  no test reaches the hold \"r paused by an answer\"\n") != std::string::npos);
}

TEST_CASE("rule tests: JUnit's XML counts and escapes") {
  const std::string text =
      app::junit_xml(run("  - { test: \"a < b & \\\"c\\\"\", from: 2026-12-01, to: 2026-12-02, expected: [] }\n"));
  CHECK(text.find("<testsuite name=\"chaser test\" tests=\"1\" failures=\"0\" errors=\"0\">") != std::string::npos);
  CHECK(text.find("name=\"a &lt; b &amp; &quot;c&quot;\"") != std::string::npos);
}

TEST_CASE("rule tests: those that ship pass, and reach every step and hold of the rules beside them") {
  const app::FileReader read = [](const std::string& path) { return app::read_file(path); };
  const auto files = app::rule_test_files(std::string(CHASER_SOURCE_DIR) + "/rules");
  REQUIRE(files.size() >= 4);
  const RuleTestRun done = app::run_rule_tests(files, "", app::shipped_surroundings(), read);
  const std::string text = app::describe(done, false);
  INFO(text);
  CHECK(done.passed());
  CHECK(text.find("no test reaches") == std::string::npos);
  CHECK(text.ends_with(" passed, 0 failed\n"));
}
