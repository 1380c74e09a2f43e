// Responses that ask for somebody's word: what is loaded afterwards is what apply() gives, and the ledgers can be read.
#include <algorithm>

#include "given.h"
#include "store/answering.h"
#include "support/catch.h"

using namespace given;
using chase::ResponseKind;

namespace {

const Instant now = at("2026-12-22T10:00:00Z");

struct Said {
  ResponseKind kind = ResponseKind::update;
  std::string party;
  std::optional<CivilDay> due = std::nullopt;
  std::string to = "";
  std::vector<std::string> others = {};
  std::string note = "";
  std::optional<int> percent = std::nullopt;
};

chase::Response response_of(const Said& said) {
  chase::Response response;
  response.kind = said.kind;
  response.party = said.party;
  response.due = said.due;
  response.to = said.to;
  response.others = said.others;
  response.note = said.note;
  response.percent = said.percent;
  response.evidence = "https://county.example/evidence";
  response.author = "cli:anna";
  response.means = "api";
  return response;
}

/// Answers, and holds what is stored to what apply() makes of what was loaded before.
chase::ResponseEffect say(const Desk& desk, const std::string& action, const Said& said, Instant when) {
  const chase::Response response = response_of(said);
  store::LoadedAction before = desk.load(action);
  const chase::Surroundings around = desk->surroundings("county");
  const auto expected = chase::respond(before.state, *desk.world, response, when, &around);
  const auto effect = store::answer(*desk, *desk.world, "county", action, response, when);
  REQUIRE(effect);
  INFO(effect->answer);
  CHECK(effect->answer == expected.answer);
  chase::apply(expected, response, *desk.world, when, before.state);
  const store::LoadedAction after = desk.load(action);
  CHECK(after.state.facts == before.state.facts);
  CHECK(after.state.assignments == before.state.assignments);
  CHECK(after.state.cases == before.state.cases);
  CHECK(after.state.requests == before.state.requests);
  CHECK(after.state.answered == before.state.answered);
  CHECK(after.state.blocked_by == before.state.blocked_by);
  CHECK(after.state.blocks == before.state.blocks);
  return *effect;
}

std::vector<Row> rows() {
  return {{"2.1", "CCN;KCC", "2026-12-31"}, {"2.2", "KCC", "2027-03-31"}};
}

}  // namespace

TEST_CASE("store: every kind of response is stored as it is applied") {
  Desk desk(any_store(), rows());
  desk.pass(now);
  CHECK(say(desk, "2.1", {.kind = ResponseKind::update, .party = "ccn", .note = "Half", .percent = 50}, now).accepted);
  CHECK(say(desk, "2.1", {.kind = ResponseKind::delegate, .party = "ccn", .to = "kcc-boss"}, now + absl::Hours(1))
            .accepted);
  CHECK(say(desk, "2.1", {.kind = ResponseKind::accept, .party = "kcc-boss"}, now + absl::Hours(2)).accepted);
  CHECK(say(desk, "2.1", {.kind = ResponseKind::decline, .party = "kcc-boss"}, now + absl::Hours(3)).accepted);
  CHECK(say(desk, "2.1", {.kind = ResponseKind::not_mine, .party = "ccn"}, now + absl::Hours(4)).accepted);
  CHECK(say(desk, "2.1", {.kind = ResponseKind::refuse, .party = "coordinator"}, now + absl::Hours(5)).accepted);
  CHECK(say(desk, "2.1", {.kind = ResponseKind::blocked, .party = "ccn", .others = {"2.2"}}, now + absl::Hours(6))
            .accepted);
  CHECK(desk.load("2.2").state.blocks.size() == 1);
  CHECK(say(desk, "2.2", {.kind = ResponseKind::blocked, .party = "kcc", .others = {"2.1"}}, now + absl::Hours(7))
            .accepted == false);
  CHECK(say(desk, "2.1", {.kind = ResponseKind::extension, .party = "kcc", .due = day("2027-02-26")},
            now + absl::Hours(8))
            .accepted);
  CHECK(say(desk, "2.1", {.kind = ResponseKind::refuse, .party = "coordinator"}, now + absl::Hours(9)).accepted);
  CHECK(say(desk, "2.1", {.kind = ResponseKind::extension, .party = "kcc", .due = day("2027-03-26")},
            now + absl::Hours(10))
            .accepted);
  CHECK(say(desk, "2.1", {.kind = ResponseKind::approve, .party = "coordinator"}, now + absl::Hours(11)).accepted);
  CHECK(say(desk, "2.1", {.kind = ResponseKind::approve, .party = "coordinator"}, now + absl::Hours(12)).already);
  CHECK(say(desk, "2.1", {.kind = ResponseKind::done, .party = "ccn"}, now + absl::Hours(13)).accepted);
  CHECK(desk.load("2.2").state.blocks.empty());
  CHECK(say(desk, "2.1", {.kind = ResponseKind::done, .party = "kcc"}, now + absl::Hours(14)).status == "done");
  CHECK(say(desk, "2.1", {.kind = ResponseKind::reopen, .party = "kcc", .note = "A gap"}, now + absl::Hours(15))
            .accepted);
  CHECK(
      say(desk, "2.1", {.kind = ResponseKind::merged, .party = "coordinator", .others = {"2.2"}}, now + absl::Hours(16))
          .accepted);
}

TEST_CASE(
    "store: an approved extension outlives a re-import that says the same, and ends with one that says another date") {
  Desk desk(any_store(), rows());
  desk.pass(now);
  say(desk, "2.1", {.kind = ResponseKind::extension, .party = "ccn", .due = day("2027-02-26")}, now);
  say(desk, "2.1", {.kind = ResponseKind::approve, .party = "coordinator"}, now);
  auto changed = rows();
  desk->import(plan_of(changed), *desk.world, now + absl::Hours(1), "cli:anna");
  CHECK(desk.load("2.1").state.facts.timescale.due == day("2027-02-26"));
  CHECK(desk.load("2.1").state.facts.slips == 1);
  changed[0].due = "2027-01-29";  // earlier than granted, later than first
  desk->import(plan_of(changed), *desk.world, now + absl::Hours(2), "cli:anna");
  CHECK(desk.load("2.1").state.facts.timescale.due == day("2027-01-29"));
  CHECK(desk.load("2.1").state.facts.slips == 1);
  CHECK(desk.load("2.1").state.facts.first_due == day("2026-12-31"));
  changed[0].due = "2027-06-30";
  desk->import(plan_of(changed), *desk.world, now + absl::Hours(3), "cli:anna");
  CHECK(desk.load("2.1").state.facts.slips == 2);
}

TEST_CASE("store: what was asked for an owner who is one no more is withdrawn") {
  Desk desk(any_store(), rows());
  desk.pass(now);
  say(desk, "2.2", {.kind = ResponseKind::not_mine, .party = "kcc"}, now);
  REQUIRE(desk.load("2.2").state.requests.size() == 1);
  auto changed = rows();
  changed[1].owners = "CCN";
  desk->import(plan_of(changed), *desk.world, now + absl::Hours(1), "cli:anna");
  CHECK(desk.load("2.2").state.requests.empty());
  const auto records = desk->requests("county", "2.2", false, 10);
  REQUIRE(records.size() == 1);
  CHECK(records[0].state == "withdrawn");
}

TEST_CASE("store: requests and responses can be read, open ones alone too") {
  Desk desk(any_store(), rows());
  desk.pass(now);
  say(desk, "2.1", {.kind = ResponseKind::extension, .party = "ccn", .due = day("2027-02-26"), .note = "Survey late"},
      now);
  const auto open = desk->requests("", "", true, 10);
  REQUIRE(open.size() == 1);
  CHECK(open[0].action == "2.1");
  CHECK(open[0].parties == std::vector<std::string>{"ccn"});
  CHECK(open[0].decider == "coordinator");
  CHECK(open[0].due == day("2027-02-26"));
  CHECK(open[0].note == "Survey late");
  say(desk, "2.1", {.kind = ResponseKind::refuse, .party = "coordinator"}, now + absl::Hours(1));
  CHECK(desk->requests("", "", true, 10).empty());
  const auto all = desk->requests("county", "2.1", false, 10);
  REQUIRE(all.size() == 1);
  CHECK(all[0].state == "refused");
  CHECK(all[0].decided_by == "coordinator");
  const auto responses = desk->responses("county", "2.1", 10);
  REQUIRE(responses.size() == 2);
  CHECK(responses[0].response.kind == ResponseKind::refuse);
  CHECK(responses[1].response.note == "Survey late");
  CHECK(responses[1].response.means == "api");
  CHECK(responses[1].response.evidence == "https://county.example/evidence");
}

TEST_CASE("store: what people write stays out of the audit trail") {
  Desk desk(any_store(), rows());
  desk.pass(now);
  say(desk, "2.1",
      {.kind = ResponseKind::extension, .party = "ccn", .due = day("2027-02-26"), .note = "Mary Smith is ill"}, now);
  for (const auto& event : desk.events("response")) CHECK(event.json.find("Mary Smith") == std::string::npos);
}

TEST_CASE("store: an action that is not there is not answered") {
  Desk desk(any_store(), rows());
  CHECK_FALSE(store::answer(*desk, *desk.world, "county", "9.9", response_of({.party = "ccn"}), now));
}
