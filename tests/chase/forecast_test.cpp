#include "chase/forecast.h"

#include <nlohmann/json.hpp>

#include "chase/forecast_difference.h"
#include "given.h"
#include "support/catch.h"

using namespace chaser;
using calendar::CivilDay;
using chase::Assumption;

namespace {

const calendar::Instant begin = given::at(2026, 9, 1);
const calendar::Instant end = given::at(2027, 12, 31);

struct Played {
  std::vector<std::string> lines;
  std::vector<chase::Telling> tellings;
  std::string status;
  std::size_t answers = 0;
};

Played play(const chase::World& world, Assumption assumption, CivilDay due = CivilDay(2026, 12, 31)) {
  chase::Rehearsal rehearsal(world, begin);
  rehearsal.add(given::action(world, "2.1", due, {"network"}, begin));
  Played played;
  played.answers = chase::play(rehearsal, world, assumption, end);
  played.lines = given::lines(rehearsal, world);
  played.tellings = rehearsal.tellings();
  played.status = rehearsal.find("plan", "2.1")->facts.status;
  return played;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string with_budget(int messages) {
  return std::string(given::deadline_rules) + "budget: { per_person: { messages_per_week: " + std::to_string(messages) +
         " } }\n";
}

chase::Telling telling(const char* rfc3339, const char* step, const chase::World& world) {
  chase::Telling told;
  told.at = *calendar::parse_rfc3339(rfc3339);
  told.plan = "plan";
  told.action = "2.1";
  told.rule = "reviews";
  told.step = step;
  told.recipient = world.find_party("network");
  told.to = "network";
  told.channel = "email";
  return told;
}

}  // namespace

TEST_CASE("forecast: silent leads hear every step of the rule, prompt ones end it with their first late answer") {
  const auto world = given::world();
  const Played silent = play(*world, Assumption::silent);
  const Played prompt = play(*world, Assumption::prompt);
  CHECK(silent.answers == 0);
  CHECK(silent.status == "not_started");
  CHECK(contains(silent.lines.back(), "exhausted"));
  CHECK(prompt.answers > 0);
  CHECK(prompt.status == "done");
  CHECK(prompt.lines.size() < silent.lines.size());
  for (const std::string& line : prompt.lines) CHECK_FALSE(contains(line, "superior"));
}

TEST_CASE("forecast: a rule over the limit of people is told to the coordinator once, one at it goes") {
  const auto coordinator_lines = [](int people) {
    const auto world =
        given::world(std::string(given::deadline_rules) + "limit: { people: " + std::to_string(people) + " }\n");
    chase::Rehearsal rehearsal(*world, begin);
    for (const char* lead : {"network", "county"}) {
      rehearsal.add(given::action(*world, lead, CivilDay(2026, 12, 31), {lead}, begin));
    }
    rehearsal.run_until(given::at(2026, 12, 31, 8));
    std::vector<std::string> found;
    for (const auto& told : rehearsal.tellings()) {
      if (told.deliver == rulebook::Deliver::direct) found.push_back(told.rule + "/" + told.step + " " + told.to);
    }
    return found;
  };
  CHECK(coordinator_lines(1) == std::vector<std::string>{"limit/deadline coordinator"});
  CHECK(coordinator_lines(2) == std::vector<std::string>{"deadline/due-soon county", "deadline/due-soon network"});
}

TEST_CASE("forecast: typical leads leave the first message unanswered and acknowledge before they are done") {
  const auto world = given::world();
  const Played typical = play(*world, Assumption::typical);
  const Played prompt = play(*world, Assumption::prompt);
  CHECK(typical.status == "done");
  CHECK(typical.lines.size() > prompt.lines.size());
}

TEST_CASE("forecast: an assumption is known by its name, and by no other") {
  CHECK(chase::assumption("typical") == Assumption::typical);
  CHECK(name_of(Assumption::prompt) == "prompt");
  CHECK_FALSE(chase::assumption("Typical").has_value());
}

TEST_CASE("forecast: the table ends with messages, people, the busiest week and the budget") {
  const auto world = given::world(with_budget(2));
  const Played played = play(*world, Assumption::silent);
  const std::string text = forecast_table(played.tellings, *world, {begin, given::at(2027, 8, 31, 23)});
  INFO(text);
  CHECK(contains(text, "In 12 months: "));
  CHECK(contains(text, " people. Busiest week: 28 Dec 2026, network, 2 messages (budget 2).\n"));
  CHECK(contains(text, "network + director-place"));
}

TEST_CASE("forecast: a week is over the budget with one message more, not with as many") {
  const Played played = play(*given::world(), Assumption::silent);
  const auto enough = given::world(with_budget(2));
  const auto scarce = given::world(with_budget(1));
  CHECK(weeks_over_budget(forecast_sums(played.tellings, *enough, begin), *enough).empty());
  const auto over = weeks_over_budget(forecast_sums(played.tellings, *scarce, begin), *scarce);
  REQUIRE(over.size() == 1);
  CHECK(over[0].monday == CivilDay(2026, 12, 28));
  CHECK(over[0].messages == 2);
  CHECK(contains(forecast_table(played.tellings, *scarce, begin), "2 messages (budget 1: over).\n"));
}

TEST_CASE("forecast: by person each week is named with its messages, by action each action with its steps") {
  const auto world = given::world();
  const Played played = play(*world, Assumption::silent);
  const std::string people =
      forecast_table(played.tellings, *world, {begin, std::nullopt, chase::ForecastView::person});
  INFO(people);
  CHECK(contains(people, "\nnetwork\n"));
  CHECK(contains(people, "  week of 28 Dec 2026: 2 messages\n"));
  const std::string actions =
      forecast_table(played.tellings, *world, {begin, std::nullopt, chase::ForecastView::action, {{"plan", "2.1"}}});
  CHECK(actions.starts_with("plan/2.1*\n"));
}

TEST_CASE("forecast: a freeze is named with what it holds and when it lets go") {
  const auto world = given::world(std::string(given::deadline_rules) +
                                  "freezes: [{ name: Election, from: 2026-12-28, to: 2027-01-15 }]\n");
  chase::Rehearsal rehearsal(*world, begin);
  rehearsal.add(given::action(*world, "2.1", CivilDay(2026, 12, 31), {"network"}, begin));
  rehearsal.run_until(end);
  const std::string text = forecast_held(rehearsal.silences(), *world, begin);
  CHECK(contains(text, "freeze: Election: "));
  CHECK(contains(text, "released as one digest a person on 18 Jan 2027"));
}

TEST_CASE("forecast: a freeze ends by the plan's clock, for who is ahead of it too") {
  plan::Directory parties = given::directory();
  plan::Party early = *parties.find("cairo");
  early.id = "early";
  early.contact.window = calendar::office_hours();
  early.contact.window->open = std::chrono::hours{1};  // 23:00 of the day before in London
  parties.add(early);
  const auto world = given::world(
      std::string(given::deadline_rules) + "freezes: [{ name: Election, from: 2026-12-28, to: 2027-01-13 }]\n",
      parties);
  chase::Rehearsal rehearsal(*world, begin);
  rehearsal.add(given::action(*world, "2.1", CivilDay(2026, 12, 31), {"early"}, begin));
  rehearsal.run_until(given::at(2027, 1, 14));
  REQUIRE(!rehearsal.tellings().empty());
  CHECK(rehearsal.tellings().back().at == given::at(2027, 1, 14, 0));
}

TEST_CASE("forecast: a stopped rule is named as held, and nothing of it goes") {
  const auto world = given::world();
  chase::Rehearsal rehearsal(*world, begin);
  rehearsal.add(given::action(*world, "2.1", CivilDay(2026, 12, 31), {"network"}, begin));
  chase::Brakes brakes;
  brakes.stopped_rules = {"deadline"};
  rehearsal.set_brakes(brakes);
  rehearsal.run_until(given::at(2027, 2, 1));
  CHECK(rehearsal.tellings().empty());
  CHECK(contains(forecast_held(rehearsal.silences(), *world, begin), "stopped: deadline"));
}

TEST_CASE("forecast: what is held at one look after another is one silence, from the first to the last") {
  const auto world = given::world(
      "version: 1\nrules:\n  - rule: daily\n    when: days_until(action.due) <= 10\n    anchor: due\n"
      "    steps: [{ step: due, at: 0d, to: leads }]\n");
  chase::Rehearsal rehearsal(*world, begin);
  rehearsal.add(given::action(*world, "2.1", CivilDay(2026, 12, 31), {"network"}, begin));
  rehearsal.run_until(given::at(2026, 12, 29));
  CHECK(rehearsal.looks() > 70);
  REQUIRE(rehearsal.silences().size() == 1);
  CHECK(rehearsal.silences()[0].reason.code == chase::ReasonCode::no_rule);
  CHECK(rehearsal.silences()[0].at == begin);
  CHECK(rehearsal.silences()[0].last == given::at(2026, 12, 18));  // a Friday; on Monday it is ten days away
}

TEST_CASE("forecast: the reason names the holidays that are not counted and the free day that moved a step") {
  const auto world = given::world();
  bool counted = false;
  for (const auto& told : play(*world, Assumption::silent).tellings) {
    counted =
        counted || (told.step == "due-soon" && contains(told.reason, "not counted: 25 Dec Christmas Day, 28 Dec"));
  }
  CHECK(counted);
  bool moved = false;
  for (const auto& told : play(*world, Assumption::silent, CivilDay(2027, 1, 1)).tellings) {
    moved = moved || (told.step == "due" && contains(told.reason, ": moved forward)"));
  }
  CHECK(moved);
}

TEST_CASE("difference: what occurs twice is not dropped; equal instants are the same, the rest moves in order") {
  const auto world = given::world();
  const std::vector<chase::Telling> before{telling("2027-03-01T09:00:00Z", "review", *world),
                                           telling("2027-06-01T09:00:00Z", "review", *world)};
  std::vector<chase::Telling> after = before;
  CHECK(difference(before, after, begin).empty());
  after.push_back(telling("2027-09-01T09:00:00Z", "review", *world));
  auto changes = difference(before, after, begin);
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].kind == chase::Change::Kind::appears);
  after = {telling("2027-06-01T09:00:00Z", "review", *world), telling("2027-09-01T09:00:00Z", "review", *world)};
  changes = difference(before, after, begin);
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].kind == chase::Change::Kind::moves);
  CHECK(changes[0].before->at == *calendar::parse_rfc3339("2027-03-01T09:00:00Z"));
  changes = difference(before, {}, begin);
  CHECK(changes.size() == 2);
  const auto json = nlohmann::json::parse(difference_json(changes, *world, *world));
  REQUIRE(json.size() == 2);
  CHECK(json[0].at("change") == "vanishes");
  CHECK(json[0].at("step") == "review");
  CHECK(contains(difference_table(changes, *world, *world), "0 appear, 2 vanish, 0 move, for network.\n"));
}
