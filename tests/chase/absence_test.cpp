// design.md §6, first table, first row: an absence re-routes to the deputy, else holds at most 5 working days. It
// answers nothing and changes no age.
#include "chase/absence.h"

#include <algorithm>

#include "chase/explain.h"
#include "given.h"
#include "support/catch.h"

using namespace chaser;
using calendar::CivilDay;
using given::at;
using Lines = std::vector<std::string>;

namespace {

struct Person {
  std::string id;
  std::string deputy;
  std::vector<plan::Absence> absences;
};

/// The county of the other tests, in which these are away or have deputies.
plan::Directory with(const std::vector<Person>& changes) {
  const plan::Directory all = given::directory();
  plan::Directory changed;
  for (auto [id, party] : all.parties()) {
    for (const Person& person : changes) {
      if (person.id != id) continue;
      if (!person.deputy.empty()) party.deputy = person.deputy;
      party.absences = person.absences;
    }
    changed.add(party);
  }
  changed.set_roles("", all.roles(""));
  return changed;
}

struct Life {
  explicit Life(const std::vector<Person>& changes, const std::string& rules = given::deadline_rules,
                calendar::Instant from = at(2026, 12, 1))
      : world(given::world(rules, with(changes))), rehearsal(*world, from) {}

  Life& lead(const std::string& id, CivilDay due, const std::vector<std::string>& leads) {
    rehearsal.add(given::action(*world, id, due, leads, rehearsal.now()));
    return *this;
  }
  Lines until(calendar::Instant end) {
    rehearsal.run_until(end);
    return given::lines(rehearsal, *world);
  }
  /// "deadline/due network: away until ...": the holds of a reason, each once.
  Lines held(chase::ReasonCode code) const {
    Lines held;
    for (const chase::Silence& silence : rehearsal.silences()) {
      if (silence.reason.code != code) continue;
      const std::string until = silence.until ? absl::FormatTime(" until %Y-%m-%d %H:%M", *silence.until, zone()) : "";
      held.push_back(silence.step + " " + silence.recipient + ": " + describe(silence.reason) + until);
    }
    return held;
  }
  calendar::Zone zone() const { return world->find_plan("plan")->zone; }

  std::unique_ptr<chase::World> world;
  chase::Rehearsal rehearsal;
};

const CivilDay thursday(2026, 12, 31);  // due; due-soon is Tuesday 22 December

}  // namespace

TEST_CASE("absence: what is for somebody who is away goes to their deputy while it lasts, and says for whom") {
  Life life({{"network", "county", {{CivilDay(2026, 12, 21), CivilDay(2026, 12, 22)}}}});
  CHECK(life.lead("1", thursday, {"network"}).until(at(2026, 12, 31, 10)) ==
        Lines{"2026-12-22 09:00 deadline/due-soon 0 county email", "2026-12-31 09:00 deadline/due 0 network email",
              "2026-12-31 09:00 deadline/due 0 network teams"});
  const chase::Telling& told = life.rehearsal.tellings().front();
  CHECK(told.instead_of == "network");
  CHECK(told.reason.starts_with("for network, who is away until 22 Dec 2026; "));
}

TEST_CASE("absence: both its days count, and neither the day before nor the day after") {
  const auto reader = [](CivilDay from, CivilDay to) {
    Life life({{"network", "county", {{from, to}}}});
    life.lead("1", thursday, {"network"}).until(at(2026, 12, 22, 10));
    return life.rehearsal.tellings().front().to;
  };
  CHECK(reader(CivilDay(2026, 12, 22), CivilDay(2026, 12, 24)) == "county");
  CHECK(reader(CivilDay(2026, 12, 18), CivilDay(2026, 12, 22)) == "county");
  CHECK(reader(CivilDay(2026, 12, 23), CivilDay(2026, 12, 24)) == "network");
  CHECK(reader(CivilDay(2026, 12, 18), CivilDay(2026, 12, 21)) == "network");
}

TEST_CASE("absence: digest items go to the deputy too, in the deputy's one digest of the day") {
  const std::string rules = R"yaml(version: 1
rules:
  - rule: note
    when: action.kind == "dated"
    anchor: due
    steps: [{ step: tell, at: 0d, to: leads, deliver: digest }]
)yaml";
  Life life({{"network", "county", {{thursday, thursday}}}}, rules);
  life.lead("1", thursday, {"network"}).lead("2", thursday, {"county"});
  CHECK(life.until(at(2027, 1, 1)) ==
        Lines{"2026-12-31 09:00 note/tell 0 county email", "2026-12-31 09:00 note/tell 0 county email"});
  CHECK(life.held(chase::ReasonCode::digest_sent_today).empty());
}

TEST_CASE("absence: a deputy who is away too is passed over for the deputy's deputy; a circle ends") {
  const plan::Absence holiday{CivilDay(2026, 12, 21), CivilDay(2026, 12, 24)};
  SECTION("the next one is there") {
    Life life({{"network", "county", {holiday}}, {"county", "sponsor", {holiday}}});
    life.lead("1", thursday, {"network"}).until(at(2026, 12, 22, 10));
    CHECK(life.rehearsal.tellings().front().to == "sponsor");
  }
  SECTION("each is the other's, and both are away: it waits") {
    Life life({{"network", "county", {holiday}}, {"county", "network", {holiday}}});
    life.lead("1", thursday, {"network"});
    CHECK(life.until(at(2026, 12, 28)).empty());
    CHECK(life.held(chase::ReasonCode::away) ==
          Lines{"due-soon network: away until 24 Dec 2026, and nobody stands in until 2026-12-29 09:00"});
  }
  SECTION("who comes back first reads it") {
    Life life({{"network", "county", {{CivilDay(2026, 12, 21), CivilDay(2027, 1, 8)}}},
               {"county", "", {{CivilDay(2026, 12, 21), CivilDay(2026, 12, 22)}}}});
    life.lead("1", thursday, {"network"});
    CHECK(life.until(at(2026, 12, 24)) == Lines{"2026-12-23 09:00 deadline/due-soon 0 county email"});
  }
}

TEST_CASE("absence: of what is reached through its members each member's own counts, and its own changes nothing") {
  const plan::Absence holiday{CivilDay(2026, 12, 21), CivilDay(2026, 12, 24)};
  plan::Directory parties = with({{"county", "sponsor", {holiday}}});
  plan::Party both;
  both.id = "both";
  both.kind = plan::PartyKind::network;
  both.members = {"network", "county"};
  both.deputy = "york";
  both.absences = {holiday};
  parties.add(both);
  const auto world = given::world(given::deadline_rules, parties);
  chase::Rehearsal rehearsal(*world, at(2026, 12, 1));
  rehearsal.add(given::action(*world, "1", thursday, {"both"}, at(2026, 12, 1)));
  rehearsal.run_until(at(2026, 12, 23));
  CHECK(given::lines(rehearsal, *world) == Lines{"2026-12-22 09:00 deadline/due-soon 0 network email",
                                                 "2026-12-22 09:00 deadline/due-soon 0 sponsor email"});
}

TEST_CASE("absence: without a deputy it waits for the return, five working days at most, and then goes") {
  SECTION("back before that: on the first day back") {
    Life life({{"network", "", {{CivilDay(2026, 12, 21), CivilDay(2026, 12, 23)}}}});
    CHECK(life.lead("1", thursday, {"network"}).until(at(2026, 12, 24, 10)) ==
          Lines{"2026-12-24 09:00 deadline/due-soon 0 network email"});
    CHECK(life.held(chase::ReasonCode::away) ==
          Lines{"due-soon network: away until 23 Dec 2026, and nobody stands in until 2026-12-24 09:00"});
  }
  SECTION("away for longer: on the fifth working day, not a day before") {
    // The county's rule: one step, so that nothing overtakes it. 25, 28 December and 1 January are free.
    const std::string rules = R"yaml(version: 1
rules:
  - rule: once
    when: action.kind == "dated"
    anchor: due
    steps: [{ step: tell, at: -5wd, to: leads }]
)yaml";
    Life life({{"network", "", {{CivilDay(2026, 12, 21), CivilDay(2027, 2, 26)}}}}, rules);
    life.lead("1", thursday, {"network"});
    CHECK(life.until(at(2026, 12, 31, 8, 59)).empty());
    CHECK(life.until(at(2026, 12, 31, 9)) == Lines{"2026-12-31 09:00 once/tell 0 network email"});
  }
}

TEST_CASE("absence: a step that overtakes a held one waits no longer than that one would have") {
  // due-soon would go on the fifth working day, the 31st; due comes on that day and goes then, in its stead.
  Life life({{"network", "", {{CivilDay(2026, 12, 21), CivilDay(2027, 2, 26)}}}});
  life.lead("1", thursday, {"network"});
  CHECK(life.until(at(2026, 12, 31, 8, 59)).empty());
  CHECK(life.until(at(2027, 1, 4)) ==
        Lines{"2026-12-31 09:00 deadline/due 0 network email", "2026-12-31 09:00 deadline/due 0 network teams"});
}

TEST_CASE("absence: it is no answer: steps above the lead come on their days, after one that was read for the lead") {
  Life life({{"network", "county", {{CivilDay(2026, 12, 1), CivilDay(2027, 12, 1)}}}});
  const Lines lines = life.lead("1", thursday, {"network"}).until(at(2027, 1, 30));
  // +20 working days: 29 January, as if nobody were away.
  CHECK(std::count(lines.begin(), lines.end(), "2027-01-29 09:00 deadline/superior 0 county email") == 1);
  CHECK(std::count(lines.begin(), lines.end(), "2027-01-29 09:00 deadline/superior 0 director-place email") == 1);
  CHECK(std::none_of(lines.begin(), lines.end(),
                     [](const std::string& line) { return line.find(" network ") != std::string::npos; }));
}

TEST_CASE("absence: what the lead has not got, being away without a deputy, does not go above them before they have") {
  Life life({{"network", "", {{CivilDay(2027, 1, 4), CivilDay(2027, 6, 30)}}}}, R"yaml(version: 1
rules:
  - rule: quick
    when: action.kind == "dated"
    anchor: due
    steps:
      - { step: tell, at: +2wd, to: leads }
      - { step: superior, at: +3wd, to: leads.superior }
)yaml");
  // tell would go on Tuesday 5 January; held five working days it goes on the 12th, the superior five after that.
  CHECK(life.lead("1", thursday, {"network"}).until(at(2027, 2, 1)) ==
        Lines{"2027-01-12 09:00 quick/tell 0 network email", "2027-01-19 09:00 quick/superior 0 director-place email",
              "2027-01-20 09:00 exhausted/quick 0 coordinator email"});
}

TEST_CASE("absence: who stands in keeps a floor of their own") {
  // The county leads it too: it is told on the 31st as a lead. What comes for the network on 4 January waits.
  Life life({{"network", "county", {{CivilDay(2026, 12, 31), CivilDay(2027, 1, 29)}}}});
  life.lead("1", thursday, {"county", "network"});
  chase::Response back;
  back.kind = chase::ResponseKind::acknowledge;
  back.party = "network";
  life.rehearsal.run_until(at(2026, 12, 30, 12));
  back.until = CivilDay(2027, 1, 4);
  REQUIRE(life.rehearsal.respond("plan", "1", back).accepted);
  const Lines lines = life.until(at(2027, 1, 9));
  CHECK(std::count(lines.begin(), lines.end(), "2026-12-31 09:00 deadline/due 0 county email") == 1);
  // The pause is over on the 4th: due goes once more, a step at the anchor, which never waits. Overdue does.
  CHECK(std::count(lines.begin(), lines.end(), "2027-01-04 09:00 deadline/due r1 county email") == 1);
}

TEST_CASE("absence: an automatic answer counts for five working days, and not for six") {
  Life life(std::vector<Person>{{"network", "county", {}}});
  chase::Brakes brakes;
  brakes.seem_away.push_back({life.world->find_party("network"), at(2026, 12, 15, 11)});
  life.rehearsal.set_brakes(brakes);
  life.lead("1", thursday, {"network"});
  // Heard on the 15th it counts to the 21st; on the 22nd the network is asked itself.
  life.until(at(2026, 12, 22, 10));
  CHECK(life.rehearsal.tellings().front().to == "network");
  Life other(std::vector<Person>{{"network", "county", {}}});
  brakes.seem_away = {{other.world->find_party("network"), at(2026, 12, 16, 11)}};
  other.rehearsal.set_brakes(brakes);
  other.lead("1", thursday, {"network"}).until(at(2026, 12, 22, 10));
  CHECK(other.rehearsal.tellings().front().to == "county");
  CHECK(
      other.rehearsal.tellings().front().reason.starts_with("for network, who is away as an automatic answer says; "));
}

TEST_CASE("absence: absences that touch are one, and who is away at the coordinator's place is read for too") {
  Life life({{"coordinator",
              "sponsor",
              {{CivilDay(2027, 2, 1), CivilDay(2027, 2, 20)}, {CivilDay(2027, 2, 21), CivilDay(2027, 3, 31)}}}});
  const chase::Absences absences(*life.world, {}, at(2027, 2, 5));
  const chase::Away* const away = absences.find(life.world->find_party("coordinator"));
  REQUIRE(away != nullptr);
  CHECK(away->last == CivilDay(2027, 3, 31));
  const Lines lines = life.lead("1", thursday, {"network"}).until(at(2027, 2, 27));
  CHECK(std::count(lines.begin(), lines.end(), "2027-02-26 09:00 deadline/coordinator 0 sponsor email") == 2);
}

TEST_CASE("absence: a stop of whoever is away holds what their deputy would read") {
  Life life({{"network", "county", {{CivilDay(2026, 12, 21), CivilDay(2026, 12, 24)}}}});
  chase::Brakes brakes;
  brakes.stopped_parties = {"network"};
  life.rehearsal.set_brakes(brakes);
  CHECK(life.lead("1", thursday, {"network"}).until(at(2026, 12, 23)).empty());
}

TEST_CASE("absence: who stands in may answer, also the deputy's deputy, and nobody else") {
  Life life(std::vector<Person>{{"network", "county", {}}, {"county", "sponsor", {}}});
  const chase::World& world = *life.world;
  CHECK(chase::stands_in_for(world, world.find_party("county"), world.find_party("network")));
  CHECK(chase::stands_in_for(world, world.find_party("sponsor"), world.find_party("network")));
  CHECK_FALSE(chase::stands_in_for(world, world.find_party("network"), world.find_party("county")));
  CHECK_FALSE(chase::stands_in_for(world, world.find_party("york"), world.find_party("network")));
}

TEST_CASE("absence: explain names it, and who reads meanwhile") {
  Life life({{"network", "county", {{CivilDay(2026, 12, 21), CivilDay(2026, 12, 24)}}}});
  life.lead("1", thursday, {"network"}).until(at(2026, 12, 22, 10));
  const auto said = chase::explain(*life.rehearsal.find("plan", "1"), *life.world, at(2026, 12, 22, 10));
  const std::string text = chase::to_text(said, life.zone());
  CHECK(text.find("away                       network") != std::string::npos);
  CHECK(text.find("away until 24 Dec 2026; county reads what is for them") != std::string::npos);
  CHECK(text.find("county for network") != std::string::npos);
}
