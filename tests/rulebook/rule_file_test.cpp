#include <algorithm>
#include <set>

#include "reading.h"
#include "support/catch.h"

using namespace chaser;
using given::read_below;
using given::read_keys;
using given::read_rules;
using given::read_step;
using rulebook::Audience;
using rulebook::OffsetUnit;

namespace {

const std::string whole_file = R"(version: 1
defaults: { calendar: scotland, window: mornings }
rules:
  - rule: deadline
    about: Chase the leads.
    when: action.kind == "dated"
    anchor: milestone
    answers: lead_first
    calendar: northern-ireland
    window: office-hours
    steps:
      - { step: early, at: -60wd, to: leads, deliver: digest, precision: [month, span] }
      - step: late
        at: +5wd
        to: [leads, supports.deputy, leads.superior, former, coordinator, sponsor, approver, "party:ccn.superior"]
        via: [email, teams]
        deliver: direct
        repeat: { every: 10wd, times: 3 }
        asks: Say what you need
        template: urgent
      - { step: end, at: +2mo, to: "report:exceptions", repeat: { every: 1w } }
    pauses:
      acknowledge: { up_to: 3wd, times: 1 }
      snooze: { up_to: 4d }
      blocked: { up_to: 2w, times: 5 }
      update: { up_to: 1mo, times: 2 }
    may_match_nothing: true
  - { rule: reviews, when: "true", anchor: next_review, cadence: 6mo, steps: [{ step: review, at: 0d, to: leads }] }
inhibits:
  - { rule: deadline, silences: reviews, same: action }
limit: { people: 80 }
budget: { per_person: { messages_per_week: 5 } }
freezes:
  - { name: Election period, from: 2027-03-22, to: 2027-05-06 }
)";

rulebook::RuleContext county() {
  rulebook::RuleContext context;
  context.windows = {"office-hours", "mornings"};
  context.parties = {"ccn", "kcc"};
  return context;
}

}  // namespace

TEST_CASE("rule file: every key of a rule is read as it is written") {
  const auto reading = read_rules(whole_file, county());
  INFO(reading.described());
  REQUIRE(reading.rulebook);
  const rulebook::Rule& rule = *reading.rulebook->find("deadline");
  CHECK(rule.about == "Chase the leads.");
  CHECK(rule.when.text() == "action.kind == \"dated\"");
  CHECK(rule.anchor == rulebook::Anchor::milestone);
  CHECK(rule.answers == rulebook::Answers::lead_first);
  CHECK(rule.calendar == "northern-ireland");
  CHECK(rule.window == "office-hours");
  CHECK(rule.may_match_nothing);
  CHECK(rule.file == "rules.yaml");
  CHECK(rule.where.line == 4);
  CHECK(rule.pauses.acknowledge == rulebook::PauseLimit{{3, OffsetUnit::working_days}, 1});
  CHECK(rule.pauses.snooze == rulebook::PauseLimit{{4, OffsetUnit::days}, std::nullopt});
  CHECK(rule.pauses.blocked == rulebook::PauseLimit{{2, OffsetUnit::weeks}, 5});
  CHECK(rule.pauses.update == rulebook::PauseLimit{{1, OffsetUnit::months}, 2});
  CHECK(reading.rulebook->find("reviews")->cadence_months == 6);
}

TEST_CASE("rule file: every key of a step is read as it is written") {
  const auto reading = read_rules(whole_file, county());
  REQUIRE(reading.rulebook);
  const rulebook::Rule& rule = *reading.rulebook->find("deadline");
  REQUIRE(rule.steps.size() == 3);
  const rulebook::Step& early = rule.steps[0];
  CHECK(early.at == rulebook::Offset{-60, OffsetUnit::working_days});
  CHECK(early.deliver == rulebook::Deliver::digest);
  CHECK(early.via == std::vector<std::string>{"email"});
  CHECK(early.is_for(plan::Precision::month));
  CHECK(early.is_for(plan::Precision::span));
  CHECK_FALSE(early.is_for(plan::Precision::day));
  CHECK_FALSE(early.is_above_leads());
  const rulebook::Step& late = rule.steps[1];
  std::vector<std::string> to;
  for (const Audience& audience : late.to) to.push_back(to_string(audience));
  CHECK(to == std::vector<std::string>{"leads", "supports.deputy", "leads.superior", "former", "coordinator", "sponsor",
                                       "approver", "party:ccn.superior"});
  CHECK(late.via == std::vector<std::string>{"email", "teams"});
  CHECK(late.deliver == rulebook::Deliver::direct);
  CHECK(late.repeat == rulebook::Repeat{{10, OffsetUnit::working_days}, 3});
  CHECK(late.asks == "Say what you need");
  CHECK(late.template_ == "urgent");
  CHECK(late.is_above_leads());
  CHECK(late.times() == 3);
  CHECK(rule.steps[2].to == std::vector<Audience>{{Audience::Who::report, Audience::Relation::self, "exceptions"}});
  CHECK(rule.steps[2].times() == 0);
}

TEST_CASE("rule file: what holds for all rules is read: defaults, inhibits, limit, budget, freezes") {
  const auto reading = read_rules(whole_file, county());
  REQUIRE(reading.rulebook);
  CHECK(reading.rulebook->find("reviews")->calendar == "scotland");
  CHECK(reading.rulebook->find("reviews")->window == "mornings");
  CHECK(reading.rulebook->is_silenced_by("reviews", "deadline"));
  CHECK_FALSE(reading.rulebook->is_silenced_by("deadline", "reviews"));
  CHECK(reading.rulebook->limit_people() == 80);
  CHECK(reading.rulebook->budget().messages_per_week == 5);
  REQUIRE(reading.rulebook->freezes().size() == 1);
  CHECK(reading.rulebook->freezes()[0].name == "Election period");
  CHECK(reading.rulebook->freezes()[0].from == calendar::CivilDay(2027, 3, 22));
  CHECK(reading.rulebook->freezes()[0].to == calendar::CivilDay(2027, 5, 6));
}

TEST_CASE("rule file: what is left out has the stated default") {
  const auto reading = read_below("");
  REQUIRE(reading.rulebook);
  const rulebook::Rule& rule = *reading.rulebook->find("r");
  CHECK(rule.answers == rulebook::Answers::all);
  CHECK(rule.calendar == "england-and-wales");
  CHECK(rule.window == "office-hours");
  CHECK(rule.pauses == rulebook::PauseLimits{});
  CHECK(rule.pauses.acknowledge == rulebook::PauseLimit{{10, OffsetUnit::working_days}, 2});
  CHECK(rule.pauses.update == rulebook::PauseLimit{{10, OffsetUnit::working_days}, 1});
  CHECK(rule.pauses.snooze == rulebook::PauseLimit{{20, OffsetUnit::working_days}, std::nullopt});
  CHECK(rule.cadence_months == 3);
  CHECK_FALSE(rule.may_match_nothing);
  CHECK(rule.steps[0].precisions == 0xff);
  CHECK_FALSE(rule.steps[0].repeat);
  CHECK_FALSE(reading.rulebook->limit_people());
  CHECK_FALSE(reading.rulebook->budget().messages_per_week);
}

TEST_CASE("rule file: each anchor and each way of answering has its word") {
  for (const char* word : {"due", "start", "first_seen", "last_update", "next_review", "milestone", "report_cutoff",
                           "asked", "blocking"}) {
    const auto reading = read_keys("    anchor: " + std::string(word));
    REQUIRE(reading.rulebook);
    CHECK(name_of(reading.rulebook->find("r")->anchor) == word);
  }
  for (const char* word : {"all", "any", "lead_first"}) {
    const auto reading = read_keys("    anchor: due\n    answers: " + std::string(word));
    REQUIRE(reading.rulebook);
    CHECK(name_of(reading.rulebook->find("r")->answers) == word);
  }
  CHECK(read_keys("    anchor: deu").only() == "6:13 unknown anchor \"deu\"; did you mean \"due\"?");
  CHECK(read_keys("    anchor: due\n    answers: anyone").lines().size() == 1);
}

TEST_CASE("rule file: an unknown key is an error at the key that names the nearest one") {
  CHECK(read_below("rule: x\n").only() == "8:1 unknown key \"rule\" in a rule file; did you mean \"rules\"?");
  CHECK(read_keys("    anchor: due\n    abuot: x").only() ==
        "7:5 unknown key \"abuot\" in a rule; did you mean \"about\"?");
  CHECK(read_step("step: due, at: 0d, to: leads, deliever: digest").only() ==
        "7:39 unknown key \"deliever\" in a step; did you mean \"deliver\"?");
  CHECK(read_step("step: due, at: +1d, to: leads, repeat: { evry: 1d }").only() ==
        "7:50 unknown key \"evry\" in \"repeat\"; did you mean \"every\"?");
  CHECK(read_keys("    anchor: due\n    pauses: { acknowlege: { up_to: 1d } }").only() ==
        "7:15 unknown key \"acknowlege\" in \"pauses\"; did you mean \"acknowledge\"?");
  CHECK(read_keys("    anchor: due\n    pauses: { snooze: { up_to: 1d, time: 2 } }").only() ==
        "7:36 unknown key \"time\" in \"snooze\"; did you mean \"times\"?");
  CHECK(read_below("defaults: { calender: scotland }\n").only() ==
        "8:13 unknown key \"calender\" in \"defaults\"; did you mean \"calendar\"?");
  CHECK(read_below("limit: { peple: 3 }\n").only() ==
        "8:10 unknown key \"peple\" in \"limit\"; did you mean \"people\"?");
  CHECK(read_below("budget: { per_person: { message_per_week: 3 } }\n").only() ==
        "8:25 unknown key \"message_per_week\" in \"per_person\"; did you mean \"messages_per_week\"?");
  CHECK(read_below("freezes: [{ name: x, form: 2027-01-01, to: 2027-01-02 }]\n").only() ==
        "8:22 unknown key \"form\" in a freeze; did you mean \"from\"?");
  CHECK(read_below("inhibits: [{ rule: r, silence: r }]\n").only() ==
        "8:23 unknown key \"silence\" in an inhibit; did you mean \"silences\"?");
}

TEST_CASE("rule file: a key given twice is an error at the second, with the first one's line") {
  CHECK(read_step("step: due, at: 0d, at: +1d, to: leads").only() ==
        "7:28 \"at\" is given twice; it already stands on line 7");
  CHECK(read_keys("    anchor: due\n    anchor: start").only() ==
        "7:5 \"anchor\" is given twice; it already stands on line 6");
  CHECK(read_below("rules: []\n").lines().front() == "8:1 \"rules\" is given twice; it already stands on line 2");
}

TEST_CASE("rule file: what a rule, a step or an entry cannot do without is named") {
  CHECK(read_rules("rules: []\n").only() == "1:1 a rule file needs \"version\"");
  CHECK(read_rules("version: 1\nrules:\n  - about: x\n").lines() ==
        std::vector<std::string>{"3:5 a rule needs \"rule\"", "3:5 a rule needs \"when\"",
                                 "3:5 a rule needs \"anchor\"", "3:5 a rule needs \"steps\""});
  CHECK(read_step("asks: update").lines() ==
        std::vector<std::string>{"7:7 a step needs \"step\"", "7:7 a step needs \"at\"", "7:7 a step needs \"to\""});
  CHECK(read_below("inhibits: [{ same: action }]\n").lines().size() == 2);
  CHECK(read_below("freezes: [{}]\n").lines().size() == 3);
  CHECK(read_below("limit: {}\n").only() == "8:8 \"limit\" needs \"people\"");
  CHECK(read_below("budget: {}\n").only() == "8:9 \"budget\" needs \"per_person\"");
  CHECK(read_below("budget: { per_person: {} }\n").only() == "8:23 \"per_person\" needs \"messages_per_week\"");
}

TEST_CASE("rule file: a value of the wrong type is one error at the value") {
  CHECK(read_rules("- version: 1\n").only() == "1:1 a rule file must be a mapping (key: value), not a list");
  CHECK(read_rules("").only() == "0:0 a rule file is empty; it needs keys with values");
  CHECK(read_rules("version: \"1\"\n").only() == "1:10 \"version\" is a number: 1 without quotes");
  CHECK(read_rules("version: 2\n").only() == "1:10 this Chaser reads version: 1 of rule files; got \"2\"");
  CHECK(read_rules("version: 1\nrules: { rule: r }\n").only() ==
        "2:8 \"rules\" is a list, each line beginning with \"- \": - rule: deadline");
  CHECK(read_rules("version: 1\nrules: [r]\n").only() == "2:9 a rule must be a mapping (key: value), not text");
  CHECK(read_step("step: [a], at: 0d, to: leads").only() == "7:15 \"step\" must be one text");
  CHECK(read_step("step: due, at: {}, to: leads").only() == "7:24 \"at\" must be one text");
  CHECK(read_step("step: due, at: , to: leads").only() == "7:24 \"at\" is empty; give it a value");
  CHECK(read_step("step: due, at: 0d, to: {}").lines().size() == 1);
  CHECK(read_step("step: due, at: 0d, to: ").lines().size() == 1);
  CHECK(read_step("step: due, at: 0d, to: leads, via: {}").lines().size() == 1);
  CHECK(read_step("step: due, at: +1d, to: leads, repeat: 10wd").only() ==
        "7:48 \"repeat\" must be a mapping (key: value), not text");
  CHECK(read_step("step: due, at: +1d, to: leads, repeat: { every: 1d, times: two }").only() ==
        "7:68 \"times\" must be a whole number from 1 to 1000; got \"two\"");
  CHECK(read_keys("    anchor: due\n    may_match_nothing: yes").only() ==
        "7:24 \"may_match_nothing\" must be true or false; got \"yes\"");
  CHECK(read_below("limit: { people: many }\n").only() ==
        "8:18 \"people\" must be a whole number from 1 to 1000000; got \"many\"");
  CHECK(read_below("freezes: { name: x }\n").lines().size() == 1);
  CHECK(read_below("freezes: [{ name: x, from: soon, to: 2027-01-02 }]\n").only() ==
        "8:28 \"from\" is a day, written as in 2027-03-22; got \"soon\"");
  CHECK(read_below("defaults: scotland\n").only() == "8:11 \"defaults\" must be a mapping (key: value), not text");
  CHECK(
      read_rules("version: 1\nrules:\n  - rule: r\n    when: { x: y }\n    anchor: due\n    steps: [{ step: a, at: 0d, "
                 "to: leads }]\n")
          .only() == "4:11 \"when\" is one condition; one with { or : in it goes in quotes");
  CHECK(read_rules("version: 1\nrules:\n  - rule: r\n    when: \"true\"\n    anchor: due\n    steps: []\n").only() ==
        "6:12 \"steps\" is a list of at least one step: - { step: due, at: 0d, to: leads }");
}

TEST_CASE("rule file: names are small letters, digits, - and _, at most 64 of them") {
  const std::string longest(64, 'a');
  CHECK(read_step("step: " + longest + ", at: 0d, to: leads").rulebook);
  CHECK(read_step("step: " + longest + "a, at: 0d, to: leads").lines().size() == 1);
  CHECK(read_step("step: 1st_try-2, at: 0d, to: leads").rulebook);
  for (const char* name : {"Due", "due soon", "-due", "_due", "d\u00fce", "due.soon", "\"\""}) {
    const auto reading = read_step("step: " + std::string(name) + ", at: 0d, to: leads");
    INFO(name);
    REQUIRE(reading.problems.errors() == 1);
    CHECK(reading.lines().front().starts_with("7:15 \"step\" is a name of small letters, digits, - and _"));
  }
}

TEST_CASE("rule file: a rule or step that is there twice names the other one") {
  const auto twice =
      read_rules(given::with_steps("    - { step: a, at: 0d, to: leads }\n    - { step: a, at: +1d, to: leads }"));
  CHECK(twice.only() == "8:15 the step \"a\" is there twice in this rule");
  const auto rules =
      read_below("  - { rule: r, when: \"true\", anchor: due, steps: [{ step: a, at: 0d, to: leads }] }\n");
  CHECK(rules.only() == "8:13 the rule \"r\" is there twice; each rule needs a name of its own");
  CHECK(rules.problems.sorted()[0].notes == std::vector<std::string>{"the other one: rules.yaml:3"});
  CHECK(read_below("  - { rule: exhausted, when: \"true\", anchor: due, steps: [{ step: a, at: 0d, to: leads }] }\n")
            .only() == "8:13 \"exhausted\" is a rule of Chaser's own; choose another name");
}

TEST_CASE("rule file: calendars, windows, channels, parties and precisions are those there are") {
  CHECK(read_below("defaults: { calendar: scotlnad }\n").only() ==
        "8:23 unknown calendar \"scotlnad\"; did you mean \"scotland\"?");
  CHECK(read_below("defaults: { window: offcie-hours }\n").only() ==
        "8:21 unknown window \"offcie-hours\"; did you mean \"office-hours\"?");
  CHECK(read_step("step: a, at: 0d, to: leads, via: [email, temas]").only() ==
        "7:50 unknown channel \"temas\"; did you mean \"teams\"?");
  CHECK(read_step("step: a, at: 0d, to: leads, via: [email, email]").only() == "7:50 \"email\" is named twice");
  CHECK(read_step("step: a, at: 0d, to: leads, via: []").lines().size() == 1);
  CHECK(read_step("step: a, at: 0d, to: leads, precision: [month, weak]").lines().size() == 1);
  CHECK(read_step("step: a, at: 0d, to: leads, precision: []").lines().size() == 1);
  CHECK(read_step("step: a, at: 0d, to: leads, precision: day").rulebook);
  CHECK(read_step("step: a, at: 0d, to: \"party:cnn\"", county()).only() ==
        "7:30 the directory has no party \"cnn\"; did you mean \"ccn\"?");
  CHECK(read_step("step: a, at: 0d, to: \"party:cnn\"").rulebook);  // without a directory at hand
}

TEST_CASE("rule file: audiences are those of the design, each named once") {
  CHECK(read_step("step: a, at: 0d, to: leeds").only() == "7:30 unknown audience \"leeds\"; did you mean \"leads\"?");
  CHECK(read_step("step: a, at: 0d, to: [leads, leads.superor]").only() ==
        "7:38 unknown audience \"leads.superor\"; did you mean \"leads.superior\"?");
  CHECK(read_step("step: a, at: 0d, to: leads.silent").only() ==
        "7:30 unknown audience \"leads.silent\"; leads already means those who have not answered");
  CHECK(read_step("step: a, at: 0d, to: [leads, leads]").only() == "7:38 \"leads\" is named twice");
  CHECK(read_step("step: a, at: 0d, to: []").only() == "7:30 \"to\" names nobody; say who is told, such as leads");
  CHECK(read_step("step: a, at: 0d, to: \"report:Exceptions\"").lines().size() == 1);
  CHECK(read_step("step: a, at: 0d, to: \"party:\"").only() ==
        "7:30 party: needs an id of the directory, as in \"party:ccn\"");
}

TEST_CASE("rule file: what a step asks is a word or one line of at most 300 bytes") {
  CHECK(read_step("step: a, at: 0d, to: leads, asks: decision").rulebook->find("r")->steps[0].asks == "decision");
  CHECK(read_step("step: a, at: 0d, to: leads, asks: \"" + std::string(150, 'a') + ' ' + std::string(149, 'b') + "\"")
            .rulebook);
  CHECK(read_step("step: a, at: 0d, to: leads, asks: \"" + std::string(150, 'a') + ' ' + std::string(150, 'b') + "\"")
            .only() == "7:43 \"asks\" is one line of at most 300 bytes");
  CHECK(read_step("step: a, at: 0d, to: leads, asks: \"two\\nlines\"").only() ==
        "7:43 \"asks\" is one line of at most 300 bytes");
}

TEST_CASE("rule file: a repeat is for steps at or after the anchor, 1 to 1000 times or without end") {
  CHECK(read_step("step: a, at: 0d, to: leads, repeat: { every: 10wd, times: 1 }").rulebook);
  CHECK(read_step("step: a, at: +1d, to: leads, repeat: { every: 10wd, times: 1000 }").rulebook);
  CHECK(read_step("step: a, at: +1d, to: leads, repeat: { every: 10wd, times: 1001 }").lines().size() == 1);
  CHECK(read_step("step: a, at: +1d, to: leads, repeat: { every: 10wd, times: 0 }").lines().size() == 1);
  CHECK(read_step("step: a, at: +1d, to: leads, repeat: { times: 2 }").only() == "7:46 \"repeat\" needs \"every\"");
  CHECK(read_step("step: a, at: +1d, to: leads, repeat: { every: 0d }").only() ==
        "7:55 \"every\" is a length of 1 or more, such as 10wd; got \"0d\"");
  CHECK(read_step("step: a, at: -1d, to: leads, repeat: { every: 1d }").only() ==
        "7:46 a step before the anchor cannot repeat: what comes before a date comes once");
}

TEST_CASE("rule file: a cadence is 1 to 120 months, of next_review alone") {
  CHECK(read_keys("    anchor: next_review\n    cadence: 1mo").rulebook);
  CHECK(read_keys("    anchor: next_review\n    cadence: 120mo").rulebook);
  CHECK(
      read_keys("    anchor: next_review\n    cadence: 121mo").only() ==
      "7:14 \"121mo\" is no review cycle: write 3mo, every quarter, every 6 months, annually, annually in March or an "
      "RRULE such as FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=1");
  CHECK(read_keys("    anchor: next_review\n    cadence: every quarter").rulebook->rules()[0]->cadence_months == 3);
  CHECK(read_keys("    anchor: next_review\n    cadence: annually in March").rulebook->rules()[0]->recurrence ==
        "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=1");
  CHECK(read_keys("    anchor: next_review\n    cadence: 90d").lines().size() == 1);
  CHECK(read_keys("    anchor: next_review\n    cadence: 0mo").lines().size() == 1);
  CHECK(read_keys("    anchor: due\n    cadence: 3mo").only() ==
        "7:14 \"cadence\" is for anchor: next_review, where it says how long after a review the next one is");
}

TEST_CASE("rule file: inhibits name rules that are there, and never silence in a circle") {
  CHECK(read_below("inhibits: [{ rule: r, silences: reveiws }]\n").only() == "8:33 there is no rule \"reveiws\"");
  CHECK(read_below("inhibits: [{ rule: r, silences: r }]\n").only() == "8:33 the rule \"r\" cannot silence itself");
  CHECK(read_below("inhibits: [{ rule: r, silences: r, same: plan }]\n").lines().size() == 2);
  const std::string second = "  - { rule: s, when: \"true\", anchor: due, steps: [{ step: a, at: 0d, to: leads }] }\n";
  CHECK(read_below(second + "inhibits: [{ rule: r, silences: s }]\n").rulebook);
  CHECK(read_below(second + "inhibits:\n  - { rule: r, silences: s }\n  - { rule: s, silences: r }\n").only() ==
        "11:26 these rules silence each other in a circle: s -> r -> s");
}

TEST_CASE("rule file: limits, budgets and freezes hold their bounds on both sides") {
  CHECK(read_below("limit: { people: 1 }\n").rulebook);
  CHECK(read_below("limit: { people: 0 }\n").lines().size() == 1);
  CHECK(read_below("budget: { per_person: { messages_per_week: 1 } }\n").rulebook);
  CHECK(read_below("budget: { per_person: { messages_per_week: 0 } }\n").lines().size() == 1);
  CHECK(read_below("budget: { per_person: { messages_per_week: 1001 } }\n").lines().size() == 1);
  CHECK(read_below("freezes: [{ name: x, from: 2027-01-01, to: 2027-01-01 }]\n").rulebook);
  CHECK(read_below("freezes: [{ name: x, from: 2027-01-02, to: 2027-01-01 }]\n").only() ==
        "8:44 this freeze ends before it begins");
}

TEST_CASE("rule file: 100 steps and 1000 rules are read, one more is refused") {
  const auto steps = [](int count) {
    std::string lines;
    for (int i = 0; i < count; ++i) {
      lines += "    - { step: s" + std::to_string(i) + ", at: 0d, to: leads }\n";
    }
    return read_rules(given::with_steps(lines));
  };
  CHECK(steps(100).rulebook);
  CHECK(steps(101).only() == "7:5 a rule has at most 100 steps; this one has 101");
  const auto rules = [](int count) {
    std::string text = "version: 1\nrules:\n";
    for (int i = 0; i < count; ++i) {
      text += "  - { rule: r" + std::to_string(i) +
              ", when: \"true\", anchor: due, steps: [{ step: a, at: 0d, to: leads }] }\n";
    }
    return read_rules(text);
  };
  CHECK(rules(1000).rulebook);
  CHECK(rules(1001).only() == "3:3 a file has at most 1000 rules; this one has 1001");
}

TEST_CASE("rule files: of several limits and budgets the smallest holds") {
  const std::vector<documents::Source> files{
      documents::Source("a.yaml",
                        "version: 1\nlimit: { people: 9 }\nbudget: { per_person: { messages_per_week: 5 } }\n"),
      documents::Source("b.yaml",
                        "version: 1\nlimit: { people: 7 }\nbudget: { per_person: { messages_per_week: 6 } }\n"),
      documents::Source("c.yaml", "version: 1\n")};
  documents::Problems problems;
  const auto rulebook = rulebook::read_rule_files(files, {}, problems);
  REQUIRE(rulebook);
  CHECK(rulebook->limit_people() == 7);
  CHECK(rulebook->budget().messages_per_week == 5);
}

TEST_CASE("rule files: all problems of all files come at once, in order of file and place, each once") {
  const std::string step = "steps: [{ step: a, at: 0d, to: leads }] }\n";
  const std::vector<documents::Source> files{
      documents::Source("b.yaml", "version: 1\nrules:\n  - { rule: x, when: \"true\", anchor: soon, " + step +
                                      "  - { rule: x, when: \"true\", anchor: due, " + step),
      documents::Source("a.yaml", "version: 1\nrulse: []\nrules:\n  - { rule: x, when: \"true\", anchor: due, " + step +
                                      "inhibits: [{ rule: x, silences: y }]\n"),
      documents::Source("c.yaml", "version: \"1\n")};
  documents::Problems problems;
  CHECK_FALSE(rulebook::read_rule_files(files, {}, problems));
  const std::size_t count = problems.errors();
  CHECK_FALSE(rulebook::read_rule_files(files, {}, problems));  // again: nothing new
  CHECK(problems.errors() == count);
  std::vector<std::string> lines;
  for (const auto& problem : problems.sorted()) lines.push_back(problem.file + ":" + std::to_string(problem.at.line));
  CHECK(lines == std::vector<std::string>{"a.yaml:2", "a.yaml:4", "a.yaml:5", "b.yaml:3", "b.yaml:4", "c.yaml:1"});
}

TEST_CASE("rule files: what is no YAML is the first error, and the other files are still read") {
  CHECK(read_rules("version: 1\nrules:\n  - rule: \"deadline\n    anchor: due\n").only() ==
        "3:11 this quote is never closed");
  CHECK(read_rules("version: 1\nrules: [\n").only() == "2:9 a value is missing here");
  CHECK(read_rules("version: 1\n\trules: []\n").lines().size() == 1);
}

TEST_CASE("rule files: a rule's version is the SHA-256 of its file's text, and the text is kept under it") {
  CHECK(rulebook::sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(rulebook::sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const auto reading = read_below("");
  REQUIRE(reading.rulebook);
  REQUIRE(reading.rulebook->texts().size() == 1);
  const rulebook::RuleText& text = reading.rulebook->texts()[0];
  CHECK(text.hash == rulebook::sha256_hex(text.text));
  CHECK(text.file == "rules.yaml");
  CHECK(reading.rulebook->find("r")->version == text.hash);
  CHECK(reading.rulebook->find("r", text.hash) == reading.rulebook->find("r"));
  CHECK(reading.rulebook->find("r", rulebook::sha256_hex("older")) == nullptr);
  CHECK(read_below("# a comment more\n").rulebook->find("r")->version != text.hash);
}

TEST_CASE("rule files: an older version stays to be found, and is not current") {
  auto reading = read_below("");
  REQUIRE(reading.rulebook);
  const auto older = read_below("# older\n");
  documents::Problems problems;
  const documents::Source source("rules.yaml", older.rulebook->texts()[0].text);
  auto rules = rulebook::read_rules(source, {}, problems);
  REQUIRE(rules);
  const std::string hash = rules->front().version;
  reading.rulebook->add_pinned(older.rulebook->texts()[0], *std::move(rules));
  CHECK(reading.rulebook->rules().size() == 1);
  CHECK(reading.rulebook->find("r", hash) != nullptr);
  CHECK(reading.rulebook->find("r", hash) != reading.rulebook->find("r"));
  CHECK(reading.rulebook->find("r")->version != hash);
}

TEST_CASE("rule files: those that ship load clean, together") {
  std::vector<documents::Source> files;
  for (const char* name : {"deadlines", "reviews", "stalled", "unowned", "waiting"}) {
    const std::string path = std::string(CHASER_SOURCE_DIR) + "/rules/" + name + ".yaml";
    files.emplace_back(path, given::text_of_file(path));
  }
  documents::Problems problems;
  const auto rulebook = rulebook::read_rule_files(files, {}, problems);
  REQUIRE(rulebook);
  CHECK(problems.empty());
  CHECK(rulebook->rules().size() == 6);
  CHECK(rulebook->is_silenced_by("stalled", "deadline"));
}
