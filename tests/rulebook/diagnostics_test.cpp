// What a coordinator reads when a rule file is wrong: the place, the line, the caret under the exact token, what would
// be right.
#include "reading.h"
#include "support/catch.h"

using namespace chaser;
using given::read_rules;

TEST_CASE("rule diagnostics: five mistakes in one file are five messages, each at its token") {
  const auto reading = read_rules(R"(version: 1
rules:
  - rule: deadline
    when: action.status in ["in_progres"]
    anchor: deu
    steps:
      - { step: due-soon, at: -5wd, to: leeds }
      - { step: overdue,  at: +5,   to: leads }
      - { step: superior, at: +20wd, too: leads.superior }
)");
  CHECK(reading.described() == R"(rules.yaml:4:29: error: unknown status "in_progres"; did you mean "in_progress"?
   4 |     when: action.status in ["in_progres"]
     |                             ^^^^^^^^^^^^
     | statuses of this workflow: not_started, in_progress, blocked, done, cancelled, superseded
rules.yaml:5:13: error: unknown anchor "deu"; did you mean "due"?
   5 |     anchor: deu
     |             ^^^
     | what can stand here: due, start, first_seen, last_update, next_review, milestone, report_cutoff, asked, blocking
rules.yaml:7:41: error: unknown audience "leeds"; did you mean "leads"?
   7 |       - { step: due-soon, at: -5wd, to: leeds }
     |                                         ^^^^^
     | who can be named: leads, supports, former, coordinator, sponsor, approver, each also with .superior or .deputy; party:ID; report:NAME
rules.yaml:8:31: error: "at" needs a unit: 5d (days), 5wd (working days), 1w or 1mo; got "+5"
   8 |       - { step: overdue,  at: +5,   to: leads }
     |                               ^^
rules.yaml:9:38: error: unknown key "too" in a step; did you mean "to"?
   9 |       - { step: superior, at: +20wd, too: leads.superior }
     |                                      ^^^
     | keys of a step: step, at, to, via, deliver, precision, repeat, asks, template
)");
}

TEST_CASE("rule diagnostics: a place within a quoted, folded or literal condition is that of the word itself") {
  const auto place = [](const std::string& when) {
    return read_rules(
               "version: 1\nrules:\n  - rule: r\n    anchor: due\n    steps: [{ step: a, at: 0d, to: leads }]\n    "
               "when: " +
               when + "\n")
        .only();
  };
  const std::string message = " unknown status \"dnoe\"; did you mean \"done\"?";
  CHECK(place("action.status == \"dnoe\"") == "6:28" + message);
  CHECK(place("'action.status == \"dnoe\"'") == "6:29" + message);
  CHECK(place("\"action.status == \\\"dnoe\\\"\"") == "6:29" + message);
  CHECK(place("|\n      action.kind == \"dated\" &&\n      action.status == \"dnoe\"") == "8:24" + message);
  CHECK(place(">\n      action.kind == \"dated\" &&\n      action.status == \"dnoe\"") == "8:24" + message);
  CHECK(place(">-\n      action.kind == \"dated\" &&\n\n      action.status == \"dnoe\"") == "9:24" + message);
  CHECK(place("action.kind == \"dated\" &&\n      action.status == \"dnoe\"") == "7:24" + message);
  CHECK(place("'action.text == \"it''s\" && action.status == \"dnoe\"'") == "6:55" + message);
  CHECK(place("action.text == \"t\u00fcr\" && action.status == \"dnoe\"") == "6:52" + message);
}

TEST_CASE("rule diagnostics: the caret stands under the token after wide characters and tabs") {
  const auto reading = read_rules(
      "version: 1\nrules:\n  - { rule: r, about: \"\u65e5\u672c\", when: \"true\", anchor: deu, steps: [{ step: a, at: "
      "0d, to: leads }] }\n");
  CHECK(reading.described() ==
        "rules.yaml:3:51: error: unknown anchor \"deu\"; did you mean \"due\"?\n"
        "   3 |   - { rule: r, about: \"\u65e5\u672c\", when: \"true\", anchor: deu, steps: [{ step: a, at: 0d, to: "
        "leads }] }\n"
        "     |                                                     ^^^\n"
        "     | what can stand here: due, start, first_seen, last_update, next_review, milestone, report_cutoff, "
        "asked, blocking\n");
}

TEST_CASE("rule diagnostics: a mistake in a rule hides none in the others") {
  const auto reading = read_rules(R"(version: 1
rules:
  - rule: Bad Name
    when: action.sttaus == "done"
    anchor: due
    steps:
      - { step: a, at: 0d, to: leads }
      - { step: a, at: 0d, to: leads }
  - rule: second
    when: size(action.tags)
    anchor: start
    steps: [{ step: a, at: 0x, to: leads, via: fax }]
)");
  CHECK(reading.problems.errors() == 6);
  CHECK_FALSE(reading.rulebook);
}
