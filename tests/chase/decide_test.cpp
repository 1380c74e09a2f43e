#include "chase/decide.h"
#include "chase/respond.h"

#include <random>

#include "given.h"
#include "support/catch.h"

using namespace chaser;
using chase::NotificationState;
using given::at;

namespace {

const calendar::CivilDay due{2026, 12, 31};

/// The state as it stands after all until `until` has been played.
chase::ActionState played(const chase::World& world, calendar::Instant until) {
  chase::Rehearsal rehearsal(world, at(2026, 9, 1, 0));
  rehearsal.add(given::action(world, "A", due, {"network"}, at(2026, 9, 1, 0)));
  rehearsal.run_until(until);
  return *rehearsal.find("plan", "A");
}

}  // namespace

TEST_CASE("decide: a step fires in the window after its day begins, not a second before") {
  const auto world = given::world();
  const auto opening = at(2026, 12, 22);
  const chase::ActionState state = played(*world, at(2026, 12, 21));
  const auto before = chase::decide(state, *world, {opening - absl::Seconds(1), at(2026, 9, 1)});
  CHECK(before.firings.empty());
  CHECK(before.next_look == opening);
  const auto then = chase::decide(state, *world, {opening, at(2026, 9, 1)});
  REQUIRE(then.firings.size() == 1);
  CHECK(then.firings[0].firing.state == NotificationState::pending);
  CHECK(then.firings[0].firing.opening == opening);
  CHECK_FALSE(then.firings[0].firing.late);
}

TEST_CASE("decide: deciding twice at one instant adds nothing") {
  const auto world = given::world();
  chase::ActionState state = played(*world, at(2027, 1, 7));
  const auto now = at(2027, 1, 8);
  const auto first = chase::decide(state, *world, {now, at(2026, 9, 1)});
  CHECK(first.firings.size() == 1);
  chase::apply(first, now, state);
  const auto second = chase::decide(state, *world, {now, at(2026, 9, 1)});
  CHECK(second.firings.empty());
  CHECK(second.changes.empty());
  CHECK(second.opened.empty());
  CHECK(second.ended.empty());
}

TEST_CASE("decide: the same inputs give the same verdict") {
  const auto world = given::world();
  const chase::ActionState state = played(*world, at(2027, 1, 28));
  const chase::Look look{at(2027, 1, 29), at(2026, 9, 1)};
  const auto one = chase::decide(state, *world, look);
  const auto other = chase::decide(state, *world, look);
  REQUIRE(one.firings.size() == other.firings.size());
  for (std::size_t i = 0; i < one.firings.size(); ++i) CHECK(one.firings[i].firing == other.firings[i].firing);
  CHECK(one.next_look == other.next_look);
}

TEST_CASE("decide: any split of a range gives the same notifications as the whole") {
  const auto world = given::world();
  const auto from = at(2026, 9, 1, 0);
  const auto to = at(2027, 4, 30);
  const auto play = [&](calendar::Instant down, calendar::Instant up) {
    chase::Rehearsal rehearsal(*world, from);
    rehearsal.add(given::action(*world, "A", due, {"network", "county"}, from));
    rehearsal.run_until(down);
    rehearsal.sleep_until(up);
    rehearsal.run_until(to);
    return given::keys(rehearsal, *world, "A");
  };
  const auto whole = play(from, from);
  std::mt19937 random(20260901);
  for (int i = 0; i < 200; ++i) {
    // Anywhere after the first messages have reached the leads, for up to three weeks.
    const auto down = at(2027, 1, 2, 0) + absl::Minutes(static_cast<int>(random() % (60 * 24 * 90)));
    const auto up = down + absl::Minutes(static_cast<int>(random() % (60 * 24 * 21)));
    INFO("down " << absl::FormatTime(down) << " to " << absl::FormatTime(up));
    CHECK(play(down, up) == whole);
  }
}

TEST_CASE("decide: skipping the last days of January sends superior, not the repeat below it") {
  const auto world = given::world();
  chase::Rehearsal rehearsal(*world, at(2026, 9, 1, 0));
  rehearsal.add(given::action(*world, "A", due, {"network"}, at(2026, 9, 1, 0)));
  rehearsal.run_until(at(2027, 1, 28, 0) - absl::Seconds(1));
  rehearsal.sleep_until(at(2027, 2, 7, 0));
  rehearsal.run_until(at(2027, 2, 9));
  const auto lines = given::lines(rehearsal, *world);
  REQUIRE(lines.size() >= 2);
  CHECK(lines[lines.size() - 2] == "2027-02-08 09:00 deadline/superior 0 director-place email");
  CHECK(lines.back() == "2027-02-08 09:00 deadline/superior 0 network email");
}

TEST_CASE("decide: it is 09:00 of the recipient's own day, in any zone, in 2040 and 2050") {
  const auto world = given::world();
  const auto from = at(2039, 1, 1, 0);
  chase::Rehearsal rehearsal(*world, from);
  rehearsal.add(given::action(*world, "L", calendar::CivilDay(2040, 7, 2), {"network"}, from));
  rehearsal.add(given::action(*world, "Y", calendar::CivilDay(2040, 7, 2), {"york"}, from));
  rehearsal.add(given::action(*world, "C", calendar::CivilDay(2050, 7, 1), {"cairo"}, from));
  rehearsal.add(given::action(*world, "M", calendar::CivilDay(2050, 7, 1), {"county"}, from));
  rehearsal.run_until(at(2050, 7, 2));
  int told = 0;
  for (const chase::Telling& telling : rehearsal.tellings()) {
    if (telling.step != "due") continue;
    ++told;
    CHECK(absl::FormatTime("%H:%M", telling.at, world->person(telling.recipient).zone) == "09:00");
  }
  CHECK(told == 5);  // network by email and Teams
}

TEST_CASE("decide: every open action has a next event or a written reason") {
  const auto world = given::world();
  chase::ActionState ongoing = given::action(*world, "O", due, {"network"}, at(2026, 9, 1));
  ongoing.facts.timescale.kind = plan::TimescaleKind::ongoing;
  const auto uncovered = chase::decide(ongoing, *world, {at(2026, 9, 1), at(2026, 9, 1)});
  CHECK_FALSE(uncovered.next_look);
  REQUIRE(uncovered.holds.size() == 1);
  CHECK(uncovered.holds[0].reason.code == chase::ReasonCode::no_rule);
  const chase::ActionState run_out = played(*world, at(2027, 6, 1));
  const auto over = chase::decide(run_out, *world, {at(2027, 6, 1), at(2026, 9, 1)});
  CHECK_FALSE(over.next_look);
  REQUIRE(over.holds.size() == 1);
  CHECK(over.holds[0].reason.code == chase::ReasonCode::exhausted);
}

TEST_CASE("decide: a finished status closes the case and withdraws what has not gone") {
  const auto world = given::world();
  chase::ActionState state = played(*world, at(2026, 12, 21));
  const auto now = at(2026, 12, 22);
  chase::apply(chase::decide(state, *world, {now, at(2026, 9, 1)}), now, state);
  state.facts.status = "done";
  const auto verdict = chase::decide(state, *world, {now, at(2026, 9, 1)});
  REQUIRE(verdict.ended.size() == 1);
  CHECK(verdict.ended[0].reason == chase::Reason{chase::ReasonCode::finished, "done"});
  REQUIRE(verdict.changes.size() == 1);
  CHECK(verdict.changes[0].state == NotificationState::withdrawn);
  CHECK_FALSE(verdict.next_look);
}

TEST_CASE("decide: a step above the leads waits while nothing below it has been delivered") {
  const auto world = given::world();
  chase::ActionState state = given::action(*world, "A", due, {"network"}, at(2026, 12, 1, 0));
  chase::Verdict verdict;
  // Decided on time, but the mail server never took anything.
  for (auto now = at(2026, 12, 1, 0); now < at(2027, 2, 20);) {
    chase::decide(state, *world, {now, at(2026, 12, 1, 0)}, verdict);
    for (const auto& fired : verdict.firings) {
      CHECK(fired.firing.step < 4);  // nothing from superior upward
    }
    const auto next = verdict.next_look;
    chase::apply(verdict, now, state);
    if (!next) break;
    now = std::max(*next, now + absl::Seconds(1));
  }
}

TEST_CASE("decide: a key is made of its parts alone, whatever the day") {
  chase::NotificationIdentity identity;
  identity.plan = "plan";
  identity.action = "2.1";
  identity.rule = "deadline";
  identity.anchor = "due";
  identity.step = "overdue";
  identity.recipient = "network";
  const std::string key = key_of(identity);
  CHECK(key.size() == 64);
  CHECK(key_of(identity) == key);
  identity.occurrence.ordinal = 1;
  CHECK(key_of(identity) != key);
  identity.occurrence = {1, true};
  const std::string refired = key_of(identity);
  identity.occurrence.refired = false;
  CHECK(key_of(identity) != refired);
  // Parts cannot run into each other.
  chase::NotificationIdentity one = identity;
  chase::NotificationIdentity other = identity;
  one.plan = "ab";
  one.action = "c";
  other.plan = "a";
  other.action = "bc";
  CHECK(key_of(one) != key_of(other));
}

TEST_CASE("decide: what came due for a report while the service was down enters it in the plan's window") {
  const auto world = given::world();
  chase::Rehearsal rehearsal(*world, at(2026, 9, 1, 0));
  rehearsal.add(given::action(*world, "A", due, {"network"}, at(2026, 9, 1, 0)));
  rehearsal.run_until(at(2027, 3, 29, 0));
  rehearsal.sleep_until(at(2027, 4, 3, 12));  // a Saturday
  rehearsal.run_until(at(2027, 4, 30));
  const auto lines = given::lines(rehearsal, *world);
  REQUIRE(lines.size() >= 2);
  CHECK(lines[lines.size() - 2] == "2027-04-05 09:00 deadline/exceptions 0 report:exceptions report");
  CHECK(lines.back() == "2027-04-06 09:00 exhausted/deadline 0 coordinator email");
}

TEST_CASE("decide: what went late because the service was down runs out a working day after it went") {
  const auto world = given::world(
      "version: 1\nrules:\n  - rule: short\n    when: action.kind == \"dated\"\n    anchor: due\n    steps:\n"
      "      - { step: due, at: 0d, to: leads }\n      - { step: coordinator, at: +5wd, to: coordinator }\n");
  chase::Rehearsal rehearsal(*world, at(2026, 9, 1, 0));
  rehearsal.add(given::action(*world, "A", due, {"network"}, at(2026, 9, 1, 0)));
  rehearsal.run_until(at(2027, 1, 7, 0));
  rehearsal.sleep_until(at(2027, 1, 9, 12));  // a Saturday; the step's day was the Friday
  rehearsal.run_until(at(2027, 1, 31));
  const auto lines = given::lines(rehearsal, *world);
  REQUIRE(lines.size() == 3);
  CHECK(lines[1] == "2027-01-11 09:00 short/coordinator 0 coordinator email");
  CHECK(lines[2] == "2027-01-12 09:00 exhausted/short 0 coordinator email");
}

TEST_CASE("decide: what waits to be sent is withdrawn when its lead says that it is done") {
  const auto world = given::world();
  const auto now = at(2026, 12, 22);
  chase::ActionState state = played(*world, at(2026, 12, 21));
  chase::apply(chase::decide(state, *world, {now, at(2026, 9, 1)}), now, state);
  chase::Response done;
  done.kind = chase::ResponseKind::done;
  done.party = "network";
  const auto effect = chase::respond(state, *world, done, now);
  REQUIRE(effect.accepted);
  chase::apply(effect, done, *world, now, state);
  const auto verdict = chase::decide(state, *world, {now, at(2026, 9, 1)});
  REQUIRE(verdict.changes.size() == 1);
  CHECK(verdict.changes[0].state == NotificationState::withdrawn);
}

TEST_CASE("decide: a case is not exhausted while its last word is held back") {
  const auto world = given::world(
      "version: 1\nrules:\n  - { rule: once, when: 'action.kind == \"dated\"', anchor: due, steps: [{ step: due, at: "
      "0d, to: leads }] }\n");
  const auto now = at(2026, 12, 31);
  chase::ActionState state = played(*world, at(2026, 12, 30));
  chase::apply(chase::decide(state, *world, {now, at(2026, 9, 1)}), now, state);
  const auto later = at(2027, 1, 11);
  CHECK(chase::decide(state, *world, {later, at(2026, 9, 1)}).exhausted_items.empty());
  chase::deliver(state, 0, 0, later, calendar::CivilDay(2027, 1, 11));
  CHECK(chase::decide(state, *world, {later, at(2026, 9, 1)}).exhausted_items.empty());
  CHECK(chase::decide(state, *world, {at(2027, 1, 12), at(2026, 9, 1)}).exhausted_items.size() == 1);
}

TEST_CASE(
    "decide: what is above a lead whom nothing had reached goes five working days later, whosever day began first") {
  // What silences the rule is exhausted before the superior's day; in Cairo that day begins two hours earlier.
  const auto world = given::world(R"yaml(version: 1
rules:
  - { rule: loud, when: 'action.kind == "dated"', anchor: due, steps: [{ step: due, at: 0d, to: leads }] }
  - rule: low
    when: action.kind == "dated"
    anchor: due
    steps:
      - { step: word, at: 0d, to: leads }
      - { step: superior, at: +5wd, to: [leads, leads.superior] }
inhibits:
  - { rule: loud, silences: low, same: action }
)yaml");
  chase::Rehearsal rehearsal(*world, at(2026, 9, 1, 0));
  rehearsal.add(given::action(*world, "A", calendar::CivilDay(2026, 11, 2), {"cairo"}, at(2026, 9, 1, 0)));
  rehearsal.run_until(at(2026, 11, 30));
  CHECK(given::lines(rehearsal, *world) ==
        std::vector<std::string>{
            "2026-11-02 09:00 loud/due 0 cairo email", "2026-11-03 09:00 exhausted/loud 0 coordinator email",
            "2026-11-09 09:00 low/word r1 cairo email", "2026-11-16 09:00 low/superior 0 cairo email",
            "2026-11-16 09:00 low/superior 0 director-growth email",
            "2026-11-17 09:00 exhausted/low 0 coordinator email"});
}
