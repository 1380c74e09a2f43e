#include "chase/explain.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "chase/condition_words.h"
#include "given.h"
#include "support/catch.h"

using namespace chaser;
using calendar::CivilDay;

namespace {

const calendar::Instant begin = given::at(2026, 9, 1);

chase::ActionState chased(const chase::World& world, calendar::Instant until, CivilDay due = CivilDay(2026, 12, 31)) {
  chase::Rehearsal rehearsal(world, begin);
  rehearsal.add(given::action(world, "2.1", due, {"network"}, begin));
  rehearsal.run_until(until);
  return *rehearsal.find("plan", "2.1");
}

std::vector<chase::ExplainLine> with(const chase::Explanation& explanation, const std::string& tag) {
  std::vector<chase::ExplainLine> lines;
  std::copy_if(explanation.lines.begin(), explanation.lines.end(), std::back_inserter(lines),
               [&](const auto& line) { return line.tag == tag; });
  return lines;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string two_rules() {
  return std::string(given::deadline_rules) +
         "  - rule: stalled\n"
         "    when: action.kind == \"dated\"\n"
         "    anchor: last_update\n"
         "    steps: [{ step: stalled, at: +90wd, to: leads }]\n"
         "inhibits:\n  - { rule: deadline, silences: stalled, same: action }\n";
}

}  // namespace

TEST_CASE("explain: what was sent is told with its instant, recipient, channels and why") {
  const auto world = given::world();
  const auto explanation = explain(chased(*world, given::at(2026, 12, 23)), *world, given::at(2026, 12, 23));
  const auto sent = with(explanation, "sent");
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].what == "deadline/due-soon");
  CHECK(sent[0].to == "network");
  CHECK(sent[0].how == "email");
  CHECK(contains(sent[0].remark, "accepted 09:00:00; 5 working days before the due date, 31 Dec 2026"));
  CHECK(contains(sent[0].remark, "28 Dec"));
}

TEST_CASE("explain: the next five events, and the free day that moved one") {
  const auto world = given::world();
  const auto explanation = explain(chased(*world, begin, CivilDay(2027, 1, 1)), *world, begin);
  const auto next = with(explanation, "next");
  CHECK(next.size() == 5);
  const bool moved = std::any_of(next.begin(), next.end(), [](const auto& line) {
    return line.what == "deadline/due" && contains(line.remark, "(1 Jan is ") &&
           contains(line.remark, ": moved forward)");
  });
  CHECK(moved);
}

TEST_CASE("explain: what silences a rule is named, and since when") {
  const auto world = given::world(two_rules());
  const auto now = given::at(2027, 1, 4);
  const auto explanation = explain(chased(*world, now), *world, now);
  const auto held = with(explanation, "held");
  const auto silenced = std::find_if(held.begin(), held.end(),
                                     [](const auto& line) { return contains(line.remark, "silenced by deadline"); });
  REQUIRE(silenced != held.end());
  CHECK(silenced->what == "stalled");
  CHECK(contains(to_text(explanation, world->find_plan("plan")->zone), "since 22 Dec 2026"));
}

TEST_CASE("explain: each rule says whether it applies, and which part of its condition decided, in words") {
  const auto world = given::world();
  chase::ActionState state = chased(*world, begin);
  auto rules = with(explain(state, *world, begin), "rule");
  REQUIRE(rules.size() == 1);
  CHECK(rules[0].remark == "applies, counting from 31 Dec 2026");
  state.facts.timescale.kind = plan::TimescaleKind::ongoing;
  rules = with(explain(state, *world, begin), "rule");
  CHECK(rules[0].remark == "does not apply: its kind is ongoing, not dated");
}

TEST_CASE("explain: a part of a condition is told with the values that made it false") {
  const auto world = given::world();
  const chase::ActionState state = chased(*world, begin);
  rulebook::Facts facts;
  collect_facts(state, *world, begin, facts);
  CHECK(chase::why_false("action.status in [\"done\", \"blocked\"]", facts) ==
        "its status is not_started, none of done, blocked");
  CHECK(chase::why_false("action.kind != \"dated\"", facts) == "its kind is dated");
  CHECK(chase::why_false("action.unowned", facts) == "whether an owner is missing, unknown or vacant: no");
  CHECK(chase::why_false("action.slips > 2", facts) == "action.slips > 2 is false (action.slips: 0)");
  CHECK(chase::why_false("action.title.contains(\"action.kind\")", facts) ==
        "action.title.contains(\"action.kind\") is false (action.title: Action 2.1)");
}

TEST_CASE("facts: who leads an action are the parties, one or several, and none that the directory does not know") {
  const auto world = given::world();
  const auto leads = [&](const std::vector<std::string>& parties) {
    rulebook::Facts facts;
    collect_facts(given::action(*world, "A", calendar::CivilDay(2026, 12, 31), parties, begin), *world, begin, facts);
    const auto ids = facts[rulebook::Fact::action_leads].texts;
    return std::vector<std::string>(ids.begin(), ids.end());
  };
  CHECK(leads({}) == std::vector<std::string>{});
  CHECK(leads({"network"}) == std::vector<std::string>{"network"});
  CHECK(leads({"network", "county"}) == std::vector<std::string>{"network", "county"});
  CHECK(leads({"network", "county", "coordinator"}) == std::vector<std::string>{"network", "county", "coordinator"});
  chase::ActionState supported = given::action(*world, "A", calendar::CivilDay(2026, 12, 31), {"network"}, begin);
  supported.assignments.push_back({world->find_party("county"), plan::Role::support, "county", begin});
  supported.assignments.push_back({chase::no_party, plan::Role::lead, "Somebody", begin});
  rulebook::Facts facts;
  collect_facts(supported, *world, begin, facts);
  REQUIRE(facts[rulebook::Fact::action_leads].texts.size() == 1);
  CHECK(facts[rulebook::Fact::action_leads].texts[0] == "network");
}

TEST_CASE("explain: a stop and a freeze that hold the action are shown, and what comes next waits for them") {
  const auto world = given::world(std::string(given::deadline_rules) +
                                  "freezes: [{ name: Election, from: 2026-12-28, to: 2027-01-15 }]\n");
  chase::Brakes brakes;
  brakes.stopped_rules = {"deadline"};
  const auto stopped = explain(chased(*world, begin), *world, begin, 5, brakes);
  CHECK(contains(to_text(stopped, world->find_plan("plan")->zone), "stopped: deadline"));
  const auto now = given::at(2026, 12, 30);
  const auto frozen = explain(chased(*world, now), *world, now);
  const auto held = with(frozen, "held");
  CHECK(std::any_of(held.begin(), held.end(), [](const auto& line) { return line.remark == "freeze: Election"; }));
}

TEST_CASE("explain: the JSON has the lines of the text") {
  const auto world = given::world();
  const auto explanation = explain(chased(*world, given::at(2026, 12, 23)), *world, given::at(2026, 12, 23));
  const auto json = nlohmann::json::parse(to_json(explanation, world->find_plan("plan")->zone));
  CHECK(json.at("lines").size() == explanation.lines.size());
  CHECK(json.at("lines")[0].at("tag") == "sent");
}
