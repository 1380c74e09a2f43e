// The first table of design.md §6, row by row, each at its boundary from both sides. Dates: due 31 Dec 2026 (a
// Thursday); overdue is 8 Jan 2027, superior 29 Jan, coordinator 26 Feb.
#include "chase/explain.h"
#include "chase/respond.h"
#include "given.h"
#include "support/catch.h"

using namespace chaser;
using calendar::CivilDay;
using chase::ResponseKind;
using given::at;

namespace {

const std::string approvals = R"yaml(
  - rule: approvals
    when: size(action.asked) > 0
    anchor: asked
    steps:
      - { step: asked, at: 0d, to: approver }
      - { step: reminder, at: +5wd, to: approver }
  - rule: unowned
    when: action.unowned && action.status in ["not_started", "in_progress", "blocked"]
    anchor: first_seen
    steps:
      - { step: unowned, at: 0d, to: coordinator, repeat: { every: 10wd } }
  - rule: blocking
    when: size(action.blocks) > 0
    anchor: blocking
    steps:
      - { step: nudge, at: 0d, to: leads }
)yaml";

std::string rules_with(const std::string& answers) {
  std::string text = given::deadline_rules;
  const std::string anchor = "    anchor: due\n";
  text.insert(text.find(anchor) + anchor.size(), "    answers: " + answers + "\n");
  return text + approvals;
}

struct Said {
  ResponseKind kind = ResponseKind::update;
  std::string party;
  std::optional<CivilDay> until = std::nullopt;
  std::optional<CivilDay> due = std::nullopt;
  std::string to = "";
  std::vector<std::string> others = {};
  std::string note = "";
  std::optional<std::string> status = std::nullopt;
};

/// Two actions, A led by network and county, B by york.
struct Desk {
  std::unique_ptr<chase::World> world;
  chase::Rehearsal rehearsal;

  explicit Desk(plan::Workflow workflow = {}, const std::string& answers = "all")
      : world(given::world(rules_with(answers), given::directory(), std::move(workflow))),
        rehearsal(*world, at(2026, 9, 1, 0)) {
    rehearsal.add(given::action(*world, "A", CivilDay(2026, 12, 31), {"network", "county"}, at(2026, 9, 1, 0)));
    rehearsal.add(given::action(*world, "B", CivilDay(2027, 6, 30), {"york"}, at(2026, 9, 1, 0)));
  }

  void until(calendar::Instant when) { rehearsal.run_until(when); }
  chase::ResponseEffect say(const Said& said, const std::string& action = "A") {
    chase::Response response;
    response.kind = said.kind;
    response.party = said.party;
    response.until = said.until;
    response.due = said.due;
    response.to = said.to;
    response.others = said.others;
    response.note = said.note;
    response.status = said.status;
    response.means = "link";
    return rehearsal.respond("plan", action, response);
  }
  const chase::ActionState& state(const std::string& action = "A") const { return *rehearsal.find("plan", action); }
  const chase::CaseState& deadline(const std::string& action = "A") const {
    for (const auto& known : state(action).cases) {
      if (known.rule->rule->name == "deadline") return known;
    }
    throw std::runtime_error("no deadline case");
  }
  /// Who got which step from `from` on: "2027-01-08 09:00 deadline/overdue 0 network email".
  std::vector<std::string> told(const std::string& from) const {
    std::vector<std::string> lines;
    for (const std::string& line : given::lines(rehearsal, *world)) {
      if (line.substr(0, 10) >= from) lines.push_back(line);
    }
    return lines;
  }
  bool was_told(const std::string& line) const {
    const auto lines = given::lines(rehearsal, *world);
    return std::find(lines.begin(), lines.end(), line) != lines.end();
  }
};

}  // namespace

TEST_CASE("answers: acknowledge pauses to its day, and to ten working days at most") {
  Desk desk;
  desk.until(at(2027, 1, 8, 10));
  CHECK(desk.say({.kind = ResponseKind::acknowledge, .party = "network", .until = CivilDay(2027, 1, 21)})
            .pauses[0]
            .pause.last == CivilDay(2027, 1, 21));
  CHECK(desk.say({.kind = ResponseKind::acknowledge, .party = "county", .until = CivilDay(2027, 1, 25)})
            .pauses[0]
            .pause.last == CivilDay(2027, 1, 22));
  desk.until(at(2027, 1, 22, 8));
  // network's pause ended on the 21st, and what it had last comes once more; county's ends at 00:00 of the 22nd.
  CHECK(desk.was_told("2027-01-21 09:00 deadline/overdue r1 network email"));
  CHECK_FALSE(desk.was_told("2027-01-21 09:00 deadline/overdue r1 county email"));
  desk.until(at(2027, 1, 22, 9));
  CHECK(desk.was_told("2027-01-22 09:00 deadline/overdue r1 county email"));
}

TEST_CASE("answers: a second acknowledgement pauses too, a third does not") {
  Desk desk;
  for (const auto& [day, paused] : {std::pair(5, true), std::pair(7, true), std::pair(12, false)}) {
    desk.until(at(2027, 1, day, 10));
    const auto effect =
        desk.say({.kind = ResponseKind::acknowledge, .party = "network", .until = CivilDay(2027, 1, day + 1)});
    REQUIRE(effect.accepted);
    CHECK((*effect.pauses[0].pause.last > CivilDay(2027, 1, day)) == paused);
  }
}

TEST_CASE("answers: the same acknowledgement twice is told so and costs nothing") {
  Desk desk;
  desk.until(at(2027, 1, 8, 10));
  REQUIRE(desk.say({.kind = ResponseKind::acknowledge, .party = "network", .until = CivilDay(2027, 1, 15)}).accepted);
  desk.until(at(2027, 1, 11, 10));
  const auto again = desk.say({.kind = ResponseKind::acknowledge, .party = "network", .until = CivilDay(2027, 1, 15)});
  CHECK_FALSE(again.accepted);
  CHECK(again.already);
  CHECK(again.answer ==
        "already answered by network on 8 Jan 2027 at 10:00 by link: has it in hand; no reminders before 15 Jan 2027");
  CHECK(chase::pause_use(desk.state(), desk.deadline(), 0, ResponseKind::acknowledge).answers == 1);
}

TEST_CASE("answers: an update pauses a due date once for ten working days, and the second time not") {
  Desk desk;
  desk.until(at(2027, 1, 5, 10));
  CHECK(desk.say({.kind = ResponseKind::update, .party = "network", .note = "Half done"}).pauses[0].pause.last ==
        CivilDay(2027, 1, 19));
  CHECK(desk.state().facts.updated == at(2027, 1, 5, 10));
  CHECK(desk.state().facts.last_note == "Half done");
  desk.until(at(2027, 1, 21, 10));
  const auto second = desk.say({.kind = ResponseKind::update, .party = "network", .note = "More"});
  CHECK(second.accepted);
  CHECK(second.pauses[0].pause.last == CivilDay(2027, 1, 21));
}

TEST_CASE("answers: an update of an ongoing action is its review") {
  Desk desk;
  auto ongoing = given::action(*desk.world, "C", CivilDay(2027, 1, 1), {"york"}, at(2026, 9, 1, 0));
  ongoing.facts.timescale.kind = plan::TimescaleKind::ongoing;
  ongoing.facts.timescale.due.reset();
  desk.rehearsal.add(ongoing);
  desk.until(at(2026, 9, 2));
  CHECK(desk.say({.party = "york", .note = "Goes on"}, "C").is_review);
  CHECK(desk.state("C").facts.reviewed == at(2026, 9, 2));
  CHECK_FALSE(desk.say({.party = "york"}, "B").is_review);
}

TEST_CASE("answers: snoozes pause twenty working days in total") {
  Desk desk;
  desk.until(at(2027, 1, 4, 10));
  CHECK(desk.say({.kind = ResponseKind::snooze, .party = "network", .until = CivilDay(2027, 1, 11)})
            .pauses[0]
            .pause.last == CivilDay(2027, 1, 11));
  desk.until(at(2027, 1, 12, 10));
  // Five are used: fifteen are left, to 2 February.
  CHECK(desk.say({.kind = ResponseKind::snooze, .party = "network", .until = CivilDay(2027, 3, 1)})
            .pauses[0]
            .pause.last == CivilDay(2027, 2, 2));
}

TEST_CASE("answers: a snooze is refused once a step above the leads has gone, not before") {
  Desk desk;
  desk.until(at(2027, 1, 29, 8));
  CHECK(desk.say({.kind = ResponseKind::snooze, .party = "county", .until = CivilDay(2027, 2, 1)}).accepted);
  desk.until(at(2027, 1, 29, 10));
  const auto refused = desk.say({.kind = ResponseKind::snooze, .party = "network", .until = CivilDay(2027, 2, 1)});
  CHECK_FALSE(refused.accepted);
  CHECK_FALSE(refused.already);
}

TEST_CASE("answers: a delegation leaves the original accountable until it is accepted, and the level as it is") {
  Desk desk;
  desk.until(at(2027, 1, 6, 10));
  REQUIRE(desk.say({.kind = ResponseKind::delegate, .party = "network", .to = "york"}).accepted);
  CHECK(desk.state().assignments[0].holder() == desk.world->find_party("network"));
  desk.until(at(2027, 1, 10));
  // Three working days after the 6th is Monday the 11th: overdue of 8 January waits for it, at the original.
  CHECK_FALSE(desk.was_told("2027-01-08 09:00 deadline/overdue 0 network email"));
  CHECK(desk.was_told("2027-01-08 09:00 deadline/overdue 0 county email"));
  desk.until(at(2027, 1, 11, 10));
  CHECK(desk.was_told("2027-01-11 09:00 deadline/overdue 0 network email"));
  REQUIRE(desk.say({.kind = ResponseKind::accept, .party = "york"}).accepted);
  CHECK(desk.state().assignments[0].holder() == desk.world->find_party("york"));
  desk.until(at(2027, 1, 23));
  // Past steps are the original's; the next repeat goes to the delegate.
  CHECK(desk.was_told("2027-01-22 09:00 deadline/overdue 1 york email"));
  CHECK_FALSE(desk.was_told("2027-01-22 09:00 deadline/overdue 1 network email"));
}

TEST_CASE("answers: after an acceptance the next step waits three working days, and not two") {
  Desk desk;
  desk.until(at(2027, 1, 20, 10));
  desk.say({.kind = ResponseKind::delegate, .party = "network", .to = "york"});
  REQUIRE(desk.say({.kind = ResponseKind::accept, .party = "york"}).accepted);
  desk.until(at(2027, 1, 24));
  CHECK(desk.was_told("2027-01-22 09:00 deadline/overdue 1 county email"));
  CHECK_FALSE(desk.was_told("2027-01-22 09:00 deadline/overdue 1 york email"));
  desk.until(at(2027, 1, 26));
  CHECK(desk.was_told("2027-01-25 09:00 deadline/overdue 1 york email"));
}

TEST_CASE("answers: a delegation that is declined stays with its owner; who has accepted may give it back") {
  Desk desk;
  desk.until(at(2027, 1, 6, 10));
  desk.say({.kind = ResponseKind::delegate, .party = "network", .to = "york"});
  desk.until(at(2027, 1, 6, 15));
  CHECK(desk.was_told("2027-01-06 09:00 approvals/asked 0 york email"));
  REQUIRE(desk.say({.kind = ResponseKind::decline, .party = "york"}).accepted);
  CHECK(desk.state().requests.empty());
  CHECK(desk.say({.kind = ResponseKind::decline, .party = "york"}).already);
  desk.say({.kind = ResponseKind::delegate, .party = "network", .to = "york"});
  desk.say({.kind = ResponseKind::accept, .party = "york"});
  REQUIRE(desk.say({.kind = ResponseKind::decline, .party = "york"}).accepted);
  CHECK(desk.state().assignments[0].holder() == desk.world->find_party("network"));
  CHECK_FALSE(desk.say({.kind = ResponseKind::accept, .party = "cairo"}).accepted);
}

TEST_CASE("answers: not mine pauses that assignment, and the coordinator is told that it has no owner") {
  Desk desk;
  desk.until(at(2027, 1, 6, 10));
  REQUIRE(desk.say({.kind = ResponseKind::not_mine, .party = "network"}).accepted);
  desk.until(at(2027, 1, 9));
  CHECK(desk.was_told("2027-01-06 10:00 unowned/unowned 0 coordinator email"));
  CHECK_FALSE(desk.was_told("2027-01-08 09:00 deadline/overdue 0 network email"));
  CHECK(desk.was_told("2027-01-08 09:00 deadline/overdue 0 county email"));
  // "It is yours": the pause ends, and what came due in it goes.
  desk.until(at(2027, 1, 12, 8));
  REQUIRE(desk.say({.kind = ResponseKind::refuse, .party = "coordinator"}).accepted);
  desk.until(at(2027, 1, 13));
  CHECK(desk.was_told("2027-01-12 09:00 deadline/due r1 network email"));
}

TEST_CASE("answers: blocked pauses twenty working days in total and nudges the blocker's leads") {
  Desk desk;
  desk.until(at(2027, 1, 6, 10));
  const auto effect = desk.say({.kind = ResponseKind::blocked, .party = "network", .others = {"B"}});
  REQUIRE(effect.accepted);
  CHECK(effect.pauses[0].pause.last == CivilDay(2027, 2, 3));
  CHECK(desk.state().blocked_by.size() == 1);
  CHECK(desk.state("B").blocks.size() == 1);
  desk.until(at(2027, 1, 7));
  CHECK(desk.was_told("2027-01-06 09:00 blocking/nudge 0 york email"));
  desk.until(at(2027, 2, 4, 10));
  const auto after = desk.say({.kind = ResponseKind::blocked, .party = "network", .until = CivilDay(2027, 3, 1)});
  CHECK(after.pauses[0].pause.last == CivilDay(2027, 2, 4));
}

TEST_CASE("answers: blocked in words nudges nobody") {
  Desk desk;
  desk.until(at(2027, 1, 6, 10));
  const auto effect = desk.say({.kind = ResponseKind::blocked, .party = "network", .others = {"the weather"}});
  CHECK(effect.accepted);
  CHECK_FALSE(effect.blocked_by);
}

TEST_CASE("answers: a circle of waiting is refused and named; a chain is none") {
  Desk desk;
  desk.rehearsal.add(given::action(*desk.world, "C", CivilDay(2027, 6, 30), {"cairo"}, at(2026, 9, 1, 0)));
  desk.until(at(2027, 1, 6, 10));
  CHECK(desk.say({.kind = ResponseKind::blocked, .party = "network", .others = {"B"}}, "A").accepted);
  CHECK(desk.say({.kind = ResponseKind::blocked, .party = "york", .others = {"C"}}, "B").accepted);
  const auto circle = desk.say({.kind = ResponseKind::blocked, .party = "cairo", .others = {"A"}}, "C");
  CHECK_FALSE(circle.accepted);
  CHECK(circle.answer.starts_with("C would wait for A, which waits for B, which waits for C: a circle"));
  CHECK(desk.state("C").blocked_by.empty());
}

TEST_CASE("answers: an extension pauses ten working days at most for the approver, who is told") {
  Desk desk;
  desk.until(at(2027, 1, 6, 10));
  const auto effect = desk.say({.kind = ResponseKind::extension, .party = "network", .due = CivilDay(2027, 3, 31)});
  REQUIRE(effect.accepted);
  CHECK(effect.pauses[0].pause.last == CivilDay(2027, 1, 20));
  CHECK(effect.asked->decider == desk.world->find_party("coordinator"));
  desk.until(at(2027, 1, 20, 8));
  CHECK(desk.was_told("2027-01-06 10:00 approvals/asked 0 coordinator email"));
  CHECK(desk.was_told("2027-01-13 09:00 approvals/reminder 0 coordinator email"));
  CHECK_FALSE(desk.was_told("2027-01-20 09:00 deadline/due r1 network email"));
  // No word came: the reminders go on.
  desk.until(at(2027, 1, 20, 10));
  CHECK(desk.was_told("2027-01-20 09:00 deadline/due r1 network email"));
}

TEST_CASE("answers: an approved extension begins a new epoch, one slip more, the first date kept") {
  Desk desk;
  desk.until(at(2027, 1, 6, 10));
  desk.say({.kind = ResponseKind::extension, .party = "network", .due = CivilDay(2027, 3, 31)});
  desk.until(at(2027, 1, 7, 10));
  REQUIRE(desk.say({.kind = ResponseKind::approve, .party = "coordinator"}).accepted);
  CHECK(desk.state().facts.timescale.due == CivilDay(2027, 3, 31));
  CHECK(desk.state().facts.first_due == CivilDay(2026, 12, 31));
  CHECK(desk.state().facts.slips == 1);
  desk.until(at(2027, 3, 23));
  CHECK(desk.deadline().epoch == 2);
  // Nobody is chased for the old date any more; the new one's steps come for both leads.
  CHECK(desk.told("2027-01-07").size() == 2);
  CHECK(desk.was_told("2027-03-22 09:00 deadline/due-soon 0 network email"));
  CHECK(desk.was_told("2027-03-22 09:00 deadline/due-soon 0 county email"));
  const auto again = desk.say({.kind = ResponseKind::approve, .party = "coordinator"});
  CHECK(again.already);
  CHECK(again.answer == "already answered by coordinator on 7 Jan 2027 at 10:00 by link: approved");
}

TEST_CASE("answers: a refused extension resumes where it stood, and may be asked again") {
  Desk desk;
  desk.until(at(2027, 1, 6, 10));
  desk.say({.kind = ResponseKind::extension, .party = "network", .due = CivilDay(2027, 3, 31)});
  desk.until(at(2027, 1, 12, 8));
  REQUIRE(
      desk.say({.kind = ResponseKind::refuse, .party = "coordinator", .note = "The date is in the grant"}).accepted);
  CHECK(desk.state().facts.timescale.due == CivilDay(2026, 12, 31));
  CHECK(desk.state().facts.slips == 0);
  desk.until(at(2027, 1, 13));
  CHECK(desk.was_told("2027-01-12 09:00 deadline/due r1 network email"));
  // Four working days of pause were used (7, 8, 11, 12 January): overdue of the 8th comes four later, after the floor.
  const auto asked = desk.say({.kind = ResponseKind::extension, .party = "network", .due = CivilDay(2027, 4, 30)});
  REQUIRE(asked.accepted);
  CHECK(asked.pauses[0].pause.last == CivilDay(2027, 1, 21));
}

TEST_CASE("answers: an extension needs a date later than the one it has") {
  Desk desk;
  desk.until(at(2026, 12, 1, 10));
  CHECK_FALSE(desk.say({.kind = ResponseKind::extension, .party = "network", .due = CivilDay(2026, 12, 31)}).accepted);
  CHECK_FALSE(desk.say({.kind = ResponseKind::extension, .party = "network"}).accepted);
  CHECK(desk.say({.kind = ResponseKind::extension, .party = "network", .due = CivilDay(2027, 1, 1)}).accepted);
}

TEST_CASE("answers: done waits for the approver as a pause without limit; approved it is settled") {
  Desk desk(plan::Workflow::shipped());
  desk.until(at(2027, 1, 6, 10));
  REQUIRE(desk.say({.kind = ResponseKind::done, .party = "network"}).accepted);
  CHECK(desk.state().facts.status == "not_started");
  desk.until(at(2027, 2, 1));
  CHECK_FALSE(desk.was_told("2027-01-22 09:00 deadline/overdue 1 network email"));
  CHECK(desk.was_told("2027-01-22 09:00 deadline/overdue 1 county email"));
  REQUIRE(desk.say({.kind = ResponseKind::approve, .party = "coordinator"}).accepted);
  CHECK(desk.state().facts.status == "not_started");
  desk.say({.kind = ResponseKind::done, .party = "county"});
  CHECK(desk.say({.kind = ResponseKind::approve, .party = "coordinator"}).status == "done");
  CHECK(desk.state().facts.status == "done");
}

TEST_CASE("answers: a refused done ends the pause at that instant") {
  Desk desk(plan::Workflow::shipped());
  desk.until(at(2026, 12, 30, 10));
  desk.say({.kind = ResponseKind::done, .party = "network"});
  desk.until(at(2026, 12, 31, 10));
  CHECK_FALSE(desk.was_told("2026-12-31 09:00 deadline/due 0 network email"));
  REQUIRE(desk.say({.kind = ResponseKind::refuse, .party = "coordinator", .note = "Where is the report?"}).accepted);
  desk.until(at(2026, 12, 31, 12));
  // What lapsed in the pause comes once more.
  CHECK(desk.was_told("2026-12-31 10:00 deadline/due r1 network email"));
  CHECK(desk.say({.kind = ResponseKind::done, .party = "network"}).accepted);
}

TEST_CASE("answers: a step that waited for the end of a pause goes then as itself, before the last one again") {
  Desk desk;
  // Overdue is 7 July; in New York its opening comes at 14:00 of London, after the answer.
  desk.until(at(2027, 7, 7, 10));
  desk.say({.kind = ResponseKind::acknowledge, .party = "york", .until = CivilDay(2027, 7, 9)}, "B");
  desk.until(at(2027, 7, 8, 10));
  CHECK(desk.told("2027-07-07").empty());
  desk.until(at(2027, 7, 9, 20));
  CHECK(desk.told("2027-07-07") == std::vector<std::string>{"2027-07-09 09:00 deadline/overdue 0 york email"});
}

TEST_CASE("answers: a case is not exhausted while a lead waits for a word, whose refusal asks once more") {
  const auto world = given::world(
      "version: 1\nrules:\n  - { rule: once, when: 'action.kind == \"dated\"', anchor: due, steps: [{ step: due, at: "
      "0d, to: leads }] }\n",
      given::directory(), plan::Workflow::shipped());
  chase::Rehearsal rehearsal(*world, at(2026, 9, 1, 0));
  rehearsal.add(given::action(*world, "A", CivilDay(2026, 12, 31), {"network"}, at(2026, 9, 1, 0)));
  rehearsal.run_until(at(2026, 12, 31, 12));
  chase::Response done;
  done.kind = ResponseKind::done;
  done.party = "network";
  REQUIRE(rehearsal.respond("plan", "A", done).accepted);
  rehearsal.run_until(at(2027, 1, 8, 10));
  REQUIRE(given::lines(rehearsal, *world).size() == 1);
  chase::Response refused;
  refused.kind = ResponseKind::refuse;
  refused.party = "coordinator";
  refused.note = "Where is the report?";
  REQUIRE(rehearsal.respond("plan", "A", refused).accepted);
  rehearsal.run_until(at(2027, 1, 20));
  const auto lines = given::lines(rehearsal, *world);
  REQUIRE(lines.size() == 3);
  CHECK(lines[1] == "2027-01-08 10:00 once/due r1 network email");
  CHECK(lines[2] == "2027-01-11 09:00 exhausted/once 0 coordinator email");
}

TEST_CASE("answers: without an approval asked done is settled at once, per lead") {
  Desk desk;
  desk.until(at(2027, 1, 6, 10));
  CHECK_FALSE(desk.say({.kind = ResponseKind::done, .party = "network"}).status);
  const auto twice = desk.say({.kind = ResponseKind::done, .party = "network"});
  CHECK(twice.already);
  CHECK(twice.answer == "already answered by network on 6 Jan 2027 at 10:00 by link: says it is done");
  CHECK(desk.say({.kind = ResponseKind::done, .party = "county"}).status == "done");
  const auto late = desk.say({.kind = ResponseKind::acknowledge, .party = "network", .until = CivilDay(2027, 1, 8)});
  CHECK(late.already);
  CHECK(late.answer ==
        "already answered by county on 6 Jan 2027 at 10:00 by link: says it is done; action A is already done");
}

TEST_CASE("answers: with any one lead's done is asked for approval once, and settles the case when approved") {
  Desk desk(plan::Workflow::shipped(), "any");
  desk.until(at(2027, 1, 6, 10));
  desk.say({.kind = ResponseKind::done, .party = "county"});
  desk.until(at(2027, 1, 9));
  CHECK_FALSE(desk.was_told("2027-01-08 09:00 deadline/overdue 0 network email"));
  desk.say({.kind = ResponseKind::approve, .party = "coordinator"});
  desk.until(at(2027, 1, 10));
  CHECK(desk.deadline().status == chase::CaseStatus::closed);
}

TEST_CASE("answers: with lead_first the first lead's done settles, the second's does not") {
  Desk desk({}, "lead_first");
  desk.until(at(2027, 1, 6, 10));
  desk.say({.kind = ResponseKind::done, .party = "county"});
  CHECK(desk.deadline().status == chase::CaseStatus::open);
  desk.say({.kind = ResponseKind::done, .party = "network"});
  CHECK(desk.deadline().status == chase::CaseStatus::closed);
}

TEST_CASE("answers: cancelled, superseded, merged and split stop the chase and keep where it went") {
  for (const auto& [kind, status] :
       {std::pair(ResponseKind::cancelled, "cancelled"), std::pair(ResponseKind::superseded, "superseded"),
        std::pair(ResponseKind::merged, "superseded"), std::pair(ResponseKind::split, "superseded")}) {
    Desk desk(plan::Workflow::shipped());
    desk.until(at(2027, 1, 6, 10));
    Said said{.kind = kind, .party = "coordinator", .note = "The board decided"};
    if (kind != ResponseKind::cancelled) said.others = {"B"};
    const auto effect = desk.say(said);
    INFO(chase::name_of(kind) << ": " << effect.answer);
    REQUIRE(effect.accepted);
    CHECK(desk.state().facts.status == status);
    CHECK(desk.state().facts.lineage.size() == (kind == ResponseKind::cancelled ? 0 : 1));
    desk.until(at(2027, 3, 1));
    CHECK(desk.told("2027-01-06").empty());
  }
}

TEST_CASE("answers: an end that a lead says waits for the coordinator; others must exist and a note be given") {
  Desk desk(plan::Workflow::shipped());
  desk.until(at(2027, 1, 6, 10));
  CHECK_FALSE(desk.say({.kind = ResponseKind::cancelled, .party = "network"}).accepted);
  CHECK_FALSE(desk.say({.kind = ResponseKind::merged, .party = "network", .others = {"Z"}}).accepted);
  CHECK_FALSE(desk.say({.kind = ResponseKind::merged, .party = "network", .others = {"A"}}).accepted);
  CHECK_FALSE(desk.say({.kind = ResponseKind::merged, .party = "network"}).accepted);
  REQUIRE(desk.say({.kind = ResponseKind::merged, .party = "network", .others = {"B"}}).accepted);
  CHECK(desk.state().facts.status == "not_started");
  REQUIRE(desk.say({.kind = ResponseKind::approve, .party = "coordinator"}).accepted);
  CHECK(desk.state().facts.status == "superseded");
  CHECK(desk.state().facts.lineage == std::vector<chase::Lineage>{{ResponseKind::merged, "B"}});
}

TEST_CASE("answers: reopened, an action is chased again and its leads' done counts no more") {
  Desk desk(plan::Workflow::shipped());
  desk.until(at(2027, 1, 6, 10));
  desk.say({.kind = ResponseKind::done, .party = "coordinator"});
  REQUIRE(desk.state().facts.status == "done");
  desk.until(at(2027, 1, 7, 10));
  CHECK_FALSE(desk.say({.kind = ResponseKind::reopen, .party = "network"}).accepted);
  REQUIRE(desk.say({.kind = ResponseKind::reopen, .party = "network", .note = "The audit found a gap"}).accepted);
  CHECK(desk.state().facts.status == "in_progress");
  desk.until(at(2027, 1, 9));
  CHECK(desk.was_told("2027-01-08 09:00 deadline/overdue 0 network email"));
  CHECK(desk.say({.kind = ResponseKind::reopen, .party = "network", .note = "again"}).already);
}

TEST_CASE(
    "answers: reopened when every step has passed, a case has its turn once, however often that instant is seen") {
  Desk desk(plan::Workflow::shipped());
  desk.until(at(2027, 1, 6, 10));
  desk.say({.kind = ResponseKind::done, .party = "coordinator"});
  const auto later = at(2028, 6, 7, 10);
  desk.until(later);
  REQUIRE(desk.say({.kind = ResponseKind::reopen, .party = "network", .note = "The audit found a gap"}).accepted);
  chase::ActionState state = desk.state();
  const chase::Look look{later, later};
  for (int i = 0; i < 2; ++i) chase::apply(chase::decide(state, *desk.world, look), later, state);
  const chase::Verdict again = chase::decide(state, *desk.world, look);
  CHECK(again.opened.empty());
  CHECK(again.firings.empty());
}

TEST_CASE("answers: nobody's word is taken for another's") {
  Desk desk(plan::Workflow::shipped());
  desk.until(at(2027, 1, 6, 10));
  desk.say({.kind = ResponseKind::extension, .party = "network", .due = CivilDay(2027, 3, 31)});
  for (const char* party : {"network", "county", "york", "nobody"}) {
    const auto effect = desk.say({.kind = ResponseKind::approve, .party = party});
    CHECK_FALSE(effect.accepted);
    CHECK_FALSE(effect.already);
  }
  CHECK(desk.state().requests.size() == 1);
}

TEST_CASE("answers: of several requests of different kinds one must be named") {
  Desk desk(plan::Workflow::shipped());
  desk.until(at(2027, 1, 6, 10));
  desk.say({.kind = ResponseKind::extension, .party = "network", .due = CivilDay(2027, 3, 31)});
  desk.say({.kind = ResponseKind::done, .party = "county"});
  const auto unclear = desk.say({.kind = ResponseKind::refuse, .party = "coordinator"});
  CHECK_FALSE(unclear.accepted);
  CHECK(unclear.answer == "several requests wait for your word: extension, done; say which");
  CHECK(desk.say({.kind = ResponseKind::refuse, .party = "coordinator", .to = "county"}).accepted);
  REQUIRE(desk.state().requests.size() == 1);
  CHECK(desk.state().requests[0].kind == ResponseKind::extension);
}

TEST_CASE("answers: what is opened, clicked or delivered is no answer") {
  CHECK_FALSE(chase::response_kind("opened"));
  CHECK_FALSE(chase::response_kind("clicked"));
  CHECK_FALSE(chase::response_kind("delivered"));
}

TEST_CASE("answers: explain shows what waits and each lead's pauses, used and left") {
  Desk desk;
  desk.until(at(2027, 1, 5, 10));
  desk.say({.kind = ResponseKind::acknowledge, .party = "network", .until = CivilDay(2027, 1, 8)});
  desk.say({.kind = ResponseKind::snooze, .party = "county", .until = CivilDay(2027, 1, 12)});
  desk.say({.kind = ResponseKind::extension, .party = "county", .due = CivilDay(2027, 3, 31)});
  const std::string text =
      chase::to_text(chase::explain(desk.state(), *desk.world, at(2027, 1, 5, 11)), desk.state().plan->zone);
  INFO(text);
  CHECK(text.find("county asks for a later date, 31 Mar 2027, since 5 Jan 2027: waits for the word of coordinator") !=
        std::string::npos);
  CHECK(text.find("network: acknowledge: 3 working days used, 1 of 2 answers left") != std::string::npos);
  CHECK(text.find("county: snooze: 5 working days used, 15 working days left; extension: 10 working days used, 0 "
                  "working days left") != std::string::npos);
}
