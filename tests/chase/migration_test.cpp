#include "chase/migration.h"

#include <algorithm>

#include "given.h"
#include "support/catch.h"

using namespace chaser;
using calendar::CivilDay;

namespace {

const calendar::Instant begin = given::at(2026, 9, 1);

std::string edited(const std::string& from, const std::string& to) {
  std::string rules = given::deadline_rules;
  rules.replace(rules.find(from), from.size(), to);
  return rules;
}

/// A world of the edited rules in which the version as it was is pinned.
std::unique_ptr<chase::World> world_after(const std::string& rules) {
  const auto before = given::world();
  chase::WorldParts parts;
  parts.directory = given::directory();
  documents::Problems problems;
  const std::vector<documents::Source> files{documents::Source("rules.yaml", rules)};
  parts.rulebook = *rulebook::read_rule_files(files, {}, problems);
  const rulebook::RuleText old = before->rulebook().texts()[0];
  parts.rulebook.add_pinned(old, *rulebook::read_rules(documents::Source("rules.yaml", old.text), {}, problems));
  for (const char* name : {"Europe/London", "America/New_York", "Africa/Cairo"}) {
    calendar::Zone zone;
    REQUIRE(absl::LoadTimeZone(name, &zone));
    parts.zones[name] = zone;
  }
  parts.plans.push_back({"plan", "Plan", "Europe/London"});
  return std::make_unique<chase::World>(std::move(parts));
}

/// An action chased by the old version until 18 January 2027: due and the first overdue have gone.
chase::ActionState chased(const chase::World& after) {
  const auto before = given::world();
  chase::Rehearsal rehearsal(*before, begin);
  rehearsal.add(given::action(*before, "2.1", CivilDay(2026, 12, 31), {"network"}, begin));
  rehearsal.run_until(given::at(2027, 1, 18));
  return rebind(*rehearsal.find("plan", "2.1"), *before, after);
}

std::vector<std::string> told_after(const chase::World& world, const chase::ActionState& state) {
  chase::Rehearsal rehearsal(world, given::at(2027, 1, 18));
  rehearsal.add(state);
  rehearsal.run_until(given::at(2027, 4, 30));
  return given::lines(rehearsal, world);
}

bool any(const std::vector<std::string>& lines, const std::string& part) {
  return std::any_of(lines.begin(), lines.end(),
                     [&](const auto& line) { return line.find(part) != std::string::npos; });
}

}  // namespace

TEST_CASE("migration: an open case keeps its version until it is moved, then the new one's days hold") {
  const auto world =
      world_after(edited("at: +20wd, to: [leads, leads.superior]", "at: +30wd, to: [leads, leads.superior]"));
  chase::ActionState state = chased(*world);
  CHECK(any(told_after(*world, state), "2027-01-29 09:00 deadline/superior"));
  CHECK(chase::migrate(state, *world, given::at(2027, 1, 18)) == 1);
  CHECK(state.cases[0].epoch == 2);
  CHECK(state.cases[0].rule == world->find_rule("deadline"));
  const auto lines = told_after(*world, state);
  CHECK_FALSE(any(lines, "2027-01-29 09:00 deadline/superior"));
  CHECK(any(lines, "2027-02-12 09:00 deadline/superior"));
  CHECK(chase::migrate(state, *world, given::at(2027, 1, 18)) == 0);
}

TEST_CASE("migration: nothing is sent back in time: a new step whose day is past lapses, one to come goes") {
  const auto world = world_after(edited("      - { step: superior",
                                        "      - { step: nudge, at: +7wd, to: leads }\n      - { step: later, at: "
                                        "+14wd, to: leads }\n      - { step: superior"));
  chase::ActionState state = chased(*world);
  chase::migrate(state, *world, given::at(2027, 1, 18));
  const auto lines = told_after(*world, state);
  CHECK_FALSE(any(lines, "nudge"));
  CHECK(any(lines, "deadline/later"));
  CHECK_FALSE(any(lines, "deadline/due "));
}

TEST_CASE("migration: nobody is told twice what the old version told, and repeats go on counting") {
  const auto world = world_after(edited("times: 3", "times: 2"));
  chase::ActionState state = chased(*world);
  chase::migrate(state, *world, given::at(2027, 1, 18));
  const auto lines = told_after(*world, state);
  CHECK(any(lines, "deadline/overdue 1"));
  CHECK_FALSE(any(lines, "deadline/overdue 0"));
  CHECK_FALSE(any(lines, "deadline/overdue 2"));
}

TEST_CASE("migration: a pause goes along with the case") {
  const auto world =
      world_after(edited("at: +20wd, to: [leads, leads.superior]", "at: +21wd, to: [leads, leads.superior]"));
  chase::ActionState state = chased(*world);
  chase::Response response;
  response.kind = chase::ResponseKind::acknowledge;
  response.party = "network";
  const auto effect = chase::respond(state, *world, response, given::at(2027, 1, 18));
  chase::apply(effect, response, *world, given::at(2027, 1, 18), state);
  chase::ActionState moved = state;
  chase::migrate(moved, *world, given::at(2027, 1, 18));
  CHECK(moved.cases[0].pauses == state.cases[0].pauses);
  CHECK_FALSE(any(told_after(*world, moved), "2027-02-01 09:00 deadline/superior"));
}

TEST_CASE("migration: an entry at a step that is gone counts from the last step that is not later") {
  const auto world = given::world();
  const rulebook::Rule& rule = *world->find_rule("deadline")->rule;
  const auto other =
      given::world(edited("      - { step: overdue, at: +5wd, to: leads, repeat: { every: 10wd, times: 3 } }\n", ""));
  const rulebook::Rule& without = *other->find_rule("deadline")->rule;
  const auto overdue = static_cast<std::uint16_t>(rule.find("overdue") - rule.steps.data());
  CHECK_FALSE(chase::same_step(rule, overdue, without).has_value());
  const auto due = chase::step_of_age(rule, overdue, without);
  REQUIRE(due.has_value());
  CHECK(without.steps[*due].name == "due");
}
