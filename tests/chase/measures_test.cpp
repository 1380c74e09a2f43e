// What reviews, readings, colours, milestones, dependencies and meetings are to deciding: facts, answers, anchors.
#include "chase/blockers.h"
#include "chase/respond.h"
#include "given.h"
#include "support/catch.h"

using namespace chaser;
using calendar::CivilDay;
using chase::Rag;
using chase::ResponseKind;
using given::at;
using rulebook::Fact;

namespace {

plan::Measure trees() {
  plan::Measure measure;
  measure.name = "New trees";
  measure.unit = "trees";
  measure.baseline = {CivilDay(2026, 1, 1), 0};
  measure.target = {CivilDay(2027, 1, 1), 365};
  return measure;
}

/// A world of one rule without steps that fire, whose plan has these cut-offs and this scheme.
std::unique_ptr<chase::World> world_of(const std::string& rules, std::vector<plan::Meeting> meetings = {},
                                       chase::RagScheme rag = {}) {
  chase::WorldParts parts;
  parts.directory = given::directory();
  documents::Problems problems;
  const std::vector<documents::Source> files{documents::Source("rules.yaml", "version: 1\nrules:\n" + rules)};
  parts.rulebook = rulebook::read_rule_files(files, {}, problems).value();
  for (const char* name : {"Europe/London", "America/New_York", "Africa/Cairo"}) {
    REQUIRE(absl::LoadTimeZone(name, &parts.zones[name]));
  }
  parts.plans.push_back({"plan", "Plan", "Europe/London", rag, std::move(meetings)});
  return std::make_unique<chase::World>(std::move(parts));
}

const std::string any_rule =
    "  - { rule: any, when: \"true\", anchor: due, steps: [{ step: due, at: 0d, to: leads }] }\n";

chase::ActionState ongoing(const chase::World& world, calendar::Instant imported) {
  chase::ActionState state = given::action(world, "A", CivilDay(2026, 1, 1), {"network"}, imported);
  state.facts.timescale = {};
  state.facts.timescale.kind = plan::TimescaleKind::ongoing;
  state.facts.first_due.reset();
  return state;
}

rulebook::Facts facts_of(const chase::ActionState& state, const chase::World& world, calendar::Instant now) {
  rulebook::Facts facts;
  chase::collect_facts(state, world, now, facts);
  return facts;
}

/// Whether a condition holds of the action.
bool holds(const std::string& when, const chase::ActionState& state) {
  const auto world = world_of("  - { rule: any, when: '" + when +
                              "', anchor: first_seen, steps: [{ step: s, at: 0d, to: leads }] }\n");
  chase::ActionState bound = state;
  bound.plan = world->find_plan("plan");
  const auto facts = facts_of(bound, *world, at(2026, 9, 1));
  const rulebook::Truth truth = world->rules()[0]->rule->when.evaluate(facts);
  INFO(when << (truth.problem != nullptr ? truth.problem : ""));
  return truth.value && truth.problem == nullptr;
}

chase::Response update_by(const std::string& party) {
  chase::Response response;
  response.party = party;
  return response;
}

}  // namespace

TEST_CASE("reviews: the next one is the last review plus the cadence, clamped to a month's end") {
  const auto world = given::world();
  chase::ActionState state = ongoing(*world, at(2026, 8, 31));
  CHECK(chase::next_review_day(state, 6) == CivilDay(2027, 2, 28));
  CHECK(chase::next_review_day(state, 3) == CivilDay(2026, 11, 30));
  state.facts.reviewed = at(2026, 12, 31);
  CHECK(chase::next_review_day(state, 2) == CivilDay(2027, 2, 28));
}

TEST_CASE("reviews: by a recurrence the next one is its next instance after the last review") {
  const auto world = given::world();
  chase::ActionState state = ongoing(*world, at(2026, 8, 31));
  state.facts.recurrence = "FREQ=MONTHLY;BYMONTHDAY=31";
  CHECK(chase::next_review_day(state, 3) == CivilDay(2026, 9, 30));
  state.facts.reviewed = at(2027, 1, 31);
  CHECK(chase::next_review_day(state, 3) == CivilDay(2027, 2, 28));
  state.facts.reviewed = at(2027, 2, 27);
  CHECK(chase::next_review_day(state, 3) == CivilDay(2027, 2, 28));
  state.facts.reviewed = at(2027, 2, 28);
  CHECK(chase::next_review_day(state, 3) == CivilDay(2027, 3, 31));
}

TEST_CASE("reviews: the supplement's cycle wins over the rule's, of whichever kind they are") {
  const auto world = given::world();
  chase::ActionState state = ongoing(*world, at(2026, 9, 1));
  CHECK(chase::next_review_day(state, 3, "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=1") == CivilDay(2027, 3, 1));
  state.facts.cadence_months = 6;
  CHECK(chase::next_review_day(state, 3, "FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=1") == CivilDay(2027, 3, 1));
  state.facts.cadence_months.reset();
  state.facts.recurrence = "FREQ=YEARLY;BYMONTH=10;BYMONTHDAY=1";
  CHECK(chase::next_review_day(state, 3, "FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=1") == CivilDay(2026, 10, 1));
}

TEST_CASE("reviews: one is counted once it is due, for all that lead together but once") {
  const auto world = world_of(
      "  - { rule: reviews, when: \"true\", anchor: next_review, cadence: 3mo, steps: [{ step: review, at: 0d, to: "
      "leads }] }\n");
  chase::Rehearsal rehearsal(*world, at(2026, 9, 1, 0));
  chase::ActionState state = ongoing(*world, at(2026, 9, 1, 0));
  state.assignments.push_back({world->find_party("county"), plan::Role::lead, "county", at(2026, 9, 1, 0)});
  rehearsal.add(state);
  rehearsal.run_until(at(2026, 11, 30, 23));
  CHECK_FALSE(rehearsal.respond("plan", "A", update_by("network")).counts_as_review);
  rehearsal.run_until(at(2027, 2, 28, 12));  // moved by the news: three months from 30 November
  CHECK(rehearsal.find("plan", "A")->facts.reviews == 0);
  CHECK(rehearsal.respond("plan", "A", update_by("network")).counts_as_review);
  rehearsal.run_until(at(2027, 3, 1, 12));
  CHECK_FALSE(rehearsal.respond("plan", "A", update_by("county")).counts_as_review);
  CHECK(rehearsal.find("plan", "A")->facts.reviews == 1);
}

TEST_CASE("measure: its facts are what conditions may speak of") {
  const auto world = given::world();
  chase::ActionState state = given::action(*world, "A", CivilDay(2026, 12, 31), {"network"}, at(2026, 1, 1));
  CHECK_FALSE(holds("action.measure.behind", state));
  CHECK_FALSE(holds("has(action.measure.target)", state));
  state.facts.measure = trees();
  CHECK(holds("action.measure.target == 365.0 && action.measure.by == date(\"2027-01-01\")", state));
  CHECK_FALSE(holds("has(action.measure.value)", state));
  CHECK(holds("action.measure.readings_behind == 0", state));
  plan::add_reading(*state.facts.measure, {CivilDay(2026, 4, 11), 90});  // 100 days on
  CHECK(holds("action.measure.behind && action.measure.value < action.measure.expected", state));
  CHECK(holds("action.measure.expected == 100.0", state));
  CHECK(holds("action.measure.percent > 24.6 && action.measure.percent < 24.7", state));
  CHECK(holds("action.measure.required > 30.0", state));
  CHECK(holds("action.measure.read == date(\"2026-04-11\")", state));
  plan::add_reading(*state.facts.measure, {CivilDay(2026, 4, 11), 100});
  CHECK_FALSE(holds("action.measure.behind", state));
}

TEST_CASE("measure: a value comes with an update, on its day") {
  const auto world = given::world();
  chase::Rehearsal rehearsal(*world, at(2026, 9, 1, 0));
  chase::ActionState state = given::action(*world, "A", CivilDay(2026, 12, 31), {"network"}, at(2026, 9, 1, 0));
  state.facts.measure = trees();
  rehearsal.add(state);
  rehearsal.add(given::action(*world, "B", CivilDay(2026, 12, 31), {"network"}, at(2026, 9, 1, 0)));
  rehearsal.run_until(at(2026, 9, 2, 12));
  chase::Response response = update_by("network");
  response.value = 200;
  CHECK(rehearsal.respond("plan", "B", response).answer == "action B has no measure: a value says nothing about it");
  CHECK(rehearsal.respond("plan", "A", response).reading == plan::Reading{CivilDay(2026, 9, 2), 200});
  response.read_on = CivilDay(2026, 8, 31);
  response.value = 190;
  CHECK(rehearsal.respond("plan", "A", response).accepted);
  const auto& readings = rehearsal.find("plan", "A")->facts.measure->readings;
  REQUIRE(readings.size() == 2);
  CHECK(readings[0] == plan::Reading{CivilDay(2026, 8, 31), 190});
  response.read_on = CivilDay(2026, 9, 3);
  CHECK(rehearsal.respond("plan", "A", response).answer.starts_with("a value is read on a day, not before it"));
  response.read_on = CivilDay(2025, 12, 31);
  CHECK(rehearsal.respond("plan", "A", response).answer.starts_with("the measure begins on 1 Jan 2026"));
  response.value.reset();
  CHECK(rehearsal.respond("plan", "A", response).answer == "a day of reading needs a value");
}

TEST_CASE("milestone: an update marks it met, which ends its chase; twice or unknown is refused") {
  const auto world = world_of(
      "  - { rule: milestones, when: \"true\", anchor: milestone, steps: [{ step: soon, at: 0d, to: leads }, { step: "
      "late, at: +5wd, "
      "to: leads }] }\n");
  chase::Rehearsal rehearsal(*world, at(2026, 9, 1, 0));
  chase::ActionState state = given::action(*world, "A", CivilDay(2026, 12, 31), {"network"}, at(2026, 9, 1, 0));
  state.facts.milestones = {{"draft", "Draft", CivilDay(2026, 9, 10), false},
                            {"final", "Final", CivilDay(2026, 11, 10), false}};
  rehearsal.add(state);
  CHECK(holds("action.next_milestone == date(\"2026-09-10\") && action.milestones_left == 2", state));
  rehearsal.run_until(at(2026, 9, 11, 12));
  chase::Response response = update_by("network");
  response.milestone = "draft";
  CHECK(rehearsal.respond("plan", "A", response).accepted);
  CHECK(rehearsal.respond("plan", "A", response).answer == "milestone draft is met already");
  response.milestone = "drat";
  CHECK(rehearsal.respond("plan", "A", response).answer == "action A has no milestone \"drat\"; it has draft, final");
  rehearsal.run_until(at(2026, 10, 30));
  CHECK(given::lines(rehearsal, *world) ==
        std::vector<std::string>{"2026-09-10 09:00 milestones/soon 0 network email"});
  CHECK(holds("action.next_milestone == date(\"2026-11-10\")", *rehearsal.find("plan", "A")));
}

TEST_CASE("colours: by lateness green to the day, amber after it, red after the plan's limit") {
  const auto world = world_of(any_rule);
  const auto& calendar = world->calendar("england-and-wales");
  chase::ActionState state = given::action(*world, "A", CivilDay(2026, 8, 31), {"network"}, at(2026, 1, 1));
  const auto on = [&](CivilDay day) { return chase::computed_rag(state, false, day, calendar); };
  CHECK(on(CivilDay(2026, 8, 31)) == Rag::green);
  CHECK(on(CivilDay(2026, 9, 1)) == Rag::amber);
  CHECK(on(CivilDay(2026, 9, 30)) == Rag::amber);
  CHECK(on(CivilDay(2026, 10, 1)) == Rag::red);
  CHECK(chase::computed_rag(state, true, CivilDay(2026, 10, 1), calendar) == Rag::none);
  state.facts.timescale.due.reset();
  CHECK(on(CivilDay(2026, 10, 1)) == Rag::none);
}

TEST_CASE("colours: by percent against what should be by now, with a measure by its profile") {
  const auto world = world_of(any_rule, {}, {chase::RagScheme::By::percent, {}, 90, 70});
  const auto& calendar = world->calendar("england-and-wales");
  chase::ActionState state = given::action(*world, "A", CivilDay(2026, 4, 11), {"network"}, at(2026, 1, 1));
  const auto on = [&](CivilDay day) { return chase::computed_rag(state, false, day, calendar); };
  CHECK(on(CivilDay(2026, 2, 20)) == Rag::none);
  state.facts.percent = 45;
  CHECK(on(CivilDay(2026, 2, 20)) == Rag::green);  // half of the time: 45 of 50
  state.facts.percent = 44;
  CHECK(on(CivilDay(2026, 2, 20)) == Rag::amber);
  state.facts.percent = 35;
  CHECK(on(CivilDay(2026, 2, 20)) == Rag::amber);
  state.facts.percent = 34;
  CHECK(on(CivilDay(2026, 2, 20)) == Rag::red);
  CHECK(on(CivilDay(2027, 1, 1)) == Rag::red);
  state.facts.measure = trees();
  CHECK(on(CivilDay(2026, 2, 20)) == Rag::none);
  plan::add_reading(*state.facts.measure, {CivilDay(2026, 4, 11), 90});
  CHECK(on(CivilDay(2026, 6, 1)) == Rag::green);
  plan::add_reading(*state.facts.measure, {CivilDay(2026, 4, 11), 69});
  CHECK(on(CivilDay(2026, 6, 1)) == Rag::red);
}

TEST_CASE("colours: by hand nothing is computed; what a lead claims is a fact") {
  const auto world = world_of(any_rule, {}, {chase::RagScheme::By::hand, {}, 90, 70});
  chase::ActionState state = given::action(*world, "A", CivilDay(2026, 4, 11), {"network"}, at(2026, 1, 1));
  CHECK(chase::computed_rag(state, false, CivilDay(2027, 1, 1), world->calendar("england-and-wales")) == Rag::none);
  CHECK(holds("action.rag_claimed == \"\"", state));
  state.facts.claimed = Rag::amber;
  CHECK(holds("action.rag_claimed == \"amber\" && action.rag_computed == \"red\"", state));
}

TEST_CASE("slips: how far a date lies after the first one") {
  const auto world = given::world();
  chase::ActionState state = given::action(*world, "A", CivilDay(2026, 12, 31), {"network"}, at(2026, 1, 1));
  CHECK(holds("action.slip_days == 0", state));
  state.facts.timescale.due = CivilDay(2027, 1, 30);
  CHECK(holds("action.slip_days == 30", state));
  state.facts.timescale.due = CivilDay(2026, 12, 1);
  CHECK(holds("action.slip_days == 0", state));
}

TEST_CASE("dependencies: each side learns how the other stands, at once") {
  const auto world = world_of(
      "  - { rule: waits, when: 'action.blocker_late', anchor: first_seen, may_match_nothing: true, steps: [{ step: "
      "late, at: 0d, to: leads }] }\n");
  chase::Rehearsal rehearsal(*world, at(2026, 9, 1, 0));
  chase::ActionState waiting = given::action(*world, "A", CivilDay(2026, 12, 31), {"network"}, at(2026, 9, 1, 0));
  waiting.facts.blocked_by = {"plan/B", "other/9"};
  rehearsal.add(waiting);
  rehearsal.add(given::action(*world, "B", CivilDay(2026, 9, 30), {"county"}, at(2026, 9, 1, 0)));
  const chase::ActionState& known = *rehearsal.find("plan", "A");
  REQUIRE(known.blockers.size() == 2);
  CHECK(known.blockers[0] == chase::Blocker{"other/9", false, false, std::nullopt});
  CHECK(known.blockers[1] == chase::Blocker{"plan/B", true, false, CivilDay(2026, 9, 30)});
  CHECK(rehearsal.find("plan", "B")->dependents == std::vector<std::string>{"plan/A"});
  CHECK(holds("action.blockers_open == 1 && \"plan/B\" in action.blocked_by && !action.blocker_late", known));
  rehearsal.run_until(at(2026, 9, 30, 23));
  CHECK(given::lines(rehearsal, *world).empty());
  rehearsal.run_until(at(2026, 10, 1, 12));
  CHECK(given::lines(rehearsal, *world).size() == 1);
  rehearsal.set_status("plan", "B", "done");
  CHECK(rehearsal.find("plan", "A")->blockers[1].finished);
  rehearsal.set_status("plan", "A", "done");
  CHECK(rehearsal.find("plan", "B")->dependents.empty());
}

TEST_CASE("cut-offs: counted back from each meeting, one case a meeting, those of meetings long past never") {
  const auto world = world_of(
      "  - { rule: papers, when: \"true\", anchor: report_cutoff, steps: [{ step: soon, at: -10wd, to: leads }, { "
      "step: missing, at: "
      "+1wd, to: coordinator }] }\n",
      {{CivilDay(2026, 6, 1), "Past", std::nullopt},
       {CivilDay(2026, 12, 1), "Cabinet", std::nullopt},
       {CivilDay(2027, 3, 2), "Scrutiny", CivilDay(2027, 2, 19)}});
  CHECK(world->plans()[0].cutoffs[1].day == CivilDay(2026, 11, 24));  // five working days before
  chase::Rehearsal rehearsal(*world, at(2026, 9, 1, 0));
  rehearsal.add(given::action(*world, "A", CivilDay(2027, 12, 31), {"network"}, at(2026, 9, 1, 0)));
  rehearsal.run_until(at(2026, 11, 9, 23));
  CHECK(rehearsal.find("plan", "A")->cases.empty());
  rehearsal.run_until(at(2027, 4, 1));
  CHECK(given::lines(rehearsal, *world) ==
        std::vector<std::string>{
            "2026-11-10 09:00 papers/soon 0 network email", "2026-11-25 09:00 papers/missing 0 coordinator email",
            "2026-11-26 09:00 exhausted/papers 0 coordinator email", "2027-02-05 09:00 papers/soon 0 network email",
            "2027-02-22 09:00 papers/missing 0 coordinator email",
            "2027-02-23 09:00 exhausted/papers 0 coordinator email"});
  CHECK(rehearsal.find("plan", "A")->cases[0].anchor == "cutoff:2026-11-24");
}

TEST_CASE("cut-offs: one that passed while the service was down is caught up") {
  const auto world = world_of(
      "  - { rule: papers, when: \"true\", anchor: report_cutoff, steps: [{ step: soon, at: -5wd, to: leads }, { step: "
      "missing, at: "
      "+1wd, to: coordinator }] }\n",
      {{CivilDay(2026, 12, 1), "Cabinet", CivilDay(2026, 12, 1)}});
  chase::Rehearsal rehearsal(*world, at(2026, 9, 1, 0));
  rehearsal.add(given::action(*world, "A", CivilDay(2027, 12, 31), {"network"}, at(2026, 9, 1, 0)));
  rehearsal.run_until(at(2026, 11, 10));
  rehearsal.sleep_until(at(2026, 12, 4, 10));
  rehearsal.run_until(at(2026, 12, 31));
  const auto told = given::lines(rehearsal, *world);
  CHECK(std::any_of(told.begin(), told.end(), [](const std::string& line) {
    return line.find("papers/missing 0 coordinator") != std::string::npos;
  }));
}
