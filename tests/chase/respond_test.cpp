#include "chase/respond.h"

#include "given.h"
#include "support/catch.h"

using namespace chaser;
using chase::ResponseKind;
using given::at;

namespace {

struct Given {
  std::unique_ptr<chase::World> world = given::world();
  chase::Rehearsal rehearsal{*world, at(2026, 9, 1, 0)};

  Given() {
    rehearsal.add(
        given::action(*world, "A", calendar::CivilDay(2026, 12, 31), {"network", "county"}, at(2026, 9, 1, 0)));
    rehearsal.run_until(at(2027, 1, 8, 10));
  }
  chase::ResponseEffect answer(ResponseKind kind, const std::string& party,
                               std::optional<calendar::CivilDay> until = std::nullopt) {
    chase::Response response;
    response.kind = kind;
    response.party = party;
    response.until = until;
    return rehearsal.respond("plan", "A", response);
  }
};

}  // namespace

TEST_CASE("respond: an acknowledgement pauses to the day given, at most ten working days") {
  Given given;
  const auto shorter = given.answer(ResponseKind::acknowledge, "network", calendar::CivilDay(2027, 1, 12));
  REQUIRE(shorter.pauses.size() == 1);
  CHECK(shorter.pauses[0].pause.last == calendar::CivilDay(2027, 1, 12));
  const auto longer = given.answer(ResponseKind::acknowledge, "county", calendar::CivilDay(2027, 3, 1));
  REQUIRE(longer.pauses.size() == 1);
  CHECK(longer.pauses[0].pause.last == calendar::CivilDay(2027, 1, 22));
}

TEST_CASE("respond: who neither leads nor supports is refused, the coordinator answers for all") {
  Given given;
  CHECK_FALSE(given.answer(ResponseKind::update, "york").accepted);
  CHECK_FALSE(given.answer(ResponseKind::update, "nobody").accepted);
  const auto effect = given.answer(ResponseKind::update, "coordinator");
  CHECK(effect.accepted);
  CHECK(effect.assignments.size() == 2);
}

TEST_CASE("respond: a snooze is refused once a step above the leads has gone") {
  Given given;
  CHECK(given.answer(ResponseKind::snooze, "network", calendar::CivilDay(2027, 1, 11)).accepted);
  given.rehearsal.run_until(at(2027, 2, 20));
  const auto refused = given.answer(ResponseKind::snooze, "county", calendar::CivilDay(2027, 3, 1));
  CHECK_FALSE(refused.accepted);
  CHECK(refused.answer.find("superior") != std::string::npos);
}

TEST_CASE("respond: when the last lead is done the action is done and its case settled") {
  Given given;
  const auto first = given.answer(ResponseKind::done, "network");
  CHECK(first.accepted);
  CHECK_FALSE(first.status);
  CHECK(first.ended.empty());
  const auto last = given.answer(ResponseKind::done, "county");
  CHECK(last.status == "done");
  CHECK(last.ended.size() == 1);
  const auto late = given.answer(ResponseKind::update, "county");
  CHECK_FALSE(late.accepted);
  CHECK(late.answer.find("already done") != std::string::npos);
}
