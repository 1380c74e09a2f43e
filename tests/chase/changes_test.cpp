// The rows of design.md §6's second table that deciding alone can show, each at its boundary. The others: "reassigned"
// in tests/store/test_owners.cpp, "rule edited" in migration_test.cpp, "rule file broken" in tests/app/reload_test.cpp,
// "hard bounce" in tests/store/test_returning.cpp, "clock jumps" in tests/app/clock_test.cpp.
#include <algorithm>

#include "given.h"
#include "support/catch.h"

using namespace chaser;
using calendar::CivilDay;
using given::at;
using Lines = std::vector<std::string>;

namespace {

struct Life {
  explicit Life(calendar::Instant from, const std::string& rules = given::deadline_rules)
      : world(given::world(rules)), rehearsal(*world, from) {}
  Life& lead(const std::string& id, CivilDay due, const std::vector<std::string>& leads) {
    rehearsal.add(given::action(*world, id, due, leads, rehearsal.now()));
    return *this;
  }
  Lines until(calendar::Instant end) {
    rehearsal.run_until(end);
    const Lines all = given::lines(rehearsal, *world);
    const Lines lines(all.begin() + static_cast<std::ptrdiff_t>(told), all.end());
    told = all.size();
    return lines;
  }
  bool was_silent(const std::string& step, chase::ReasonCode code) const {
    return std::any_of(rehearsal.silences().begin(), rehearsal.silences().end(), [&](const chase::Silence& silence) {
      return silence.step == step && silence.reason.code == code;
    });
  }
  void redate(CivilDay due) { rehearsal.redate("plan", "1", due, std::nullopt); }

  std::unique_ptr<chase::World> world;
  chase::Rehearsal rehearsal;
  std::size_t told = 0;
};

const CivilDay new_year_eve(2026, 12, 31);

}  // namespace

TEST_CASE("change: deadline later closes the case, and of the new epoch what is past lapses, what is to come goes") {
  // At 14:00 on Tuesday 12 January, in an epoch whose due-soon lies on that day or on the next.
  for (const bool is_past : {true, false}) {
    Life life(at(2026, 12, 1));
    life.lead("1", new_year_eve, {"network"}).until(at(2027, 1, 12, 14));
    life.redate(is_past ? CivilDay(2027, 1, 19) : CivilDay(2027, 1, 20));
    const Lines lines = life.until(at(2027, 1, 14));
    CHECK(lines == (is_past ? Lines{} : Lines{"2027-01-13 09:00 deadline/due-soon 0 network email"}));
    CHECK(life.was_silent("due-soon", chase::ReasonCode::past_at_beginning) == is_past);
    const chase::ActionState& state = *life.rehearsal.find("plan", "1");
    CHECK(state.cases.at(0).epoch == 2);
    CHECK(state.facts.slips == 1);
    CHECK(state.facts.first_due == new_year_eve);
  }
}

TEST_CASE("change: deadline later withdraws what waits of the old date") {
  Life life(at(2026, 12, 1));
  chase::Brakes brakes;
  brakes.stopped_all = true;
  life.rehearsal.set_brakes(brakes);
  life.lead("1", new_year_eve, {"network"}).until(at(2026, 12, 23));
  life.redate(CivilDay(2027, 6, 30));
  life.rehearsal.set_brakes({});
  CHECK(life.until(at(2027, 3, 1)).empty());
  CHECK(life.was_silent("due-soon", chase::ReasonCode::replanned));
}

TEST_CASE(
    "change: deadline earlier collapses into the leads' own highest at once, what is above after 5 working days") {
  Life life(at(2026, 12, 1));
  life.lead("1", CivilDay(2027, 3, 31), {"network"}).until(at(2027, 1, 4, 10));
  life.redate(CivilDay(2026, 11, 30));
  CHECK(life.until(at(2027, 1, 11, 8, 59)) == Lines{"2027-01-04 10:00 deadline/overdue 1 network email"});
  CHECK(life.until(at(2027, 1, 11, 9)) == Lines{"2027-01-11 09:00 deadline/superior 0 director-place email",
                                                "2027-01-11 09:00 deadline/superior 0 network email"});
}

TEST_CASE("change: a holiday added moves what is still to come, and the reason names the day") {
  // overdue is +5wd: Friday 8 January; superior +20wd: Friday 29 January.
  const CivilDay wednesday(2027, 1, 6);
  const auto with_holiday = given::world_with_holiday(wednesday, "Day of the county");
  Life life(at(2026, 12, 1));
  life.lead("1", new_year_eve, {"network"}).until(at(2027, 1, 4, 10));
  life.rehearsal.change_world(*with_holiday);
  CHECK(life.until(at(2027, 1, 12)) == Lines{"2027-01-11 09:00 deadline/overdue 0 network email"});
  CHECK(life.rehearsal.tellings().back().reason.find("6 Jan Day of the county") != std::string::npos);
  CHECK(life.until(at(2027, 2, 1, 10)).back() == "2027-02-01 09:00 deadline/superior 0 network email");
}

TEST_CASE("change: a holiday added on a step's own day moves it, one on the day after does not, and what went stays") {
  const auto overdue_with = [](CivilDay holiday, calendar::Instant added) {
    const auto with_holiday = given::world_with_holiday(holiday, "Day of the county");
    Life life(at(2026, 12, 1));
    life.lead("1", new_year_eve, {"network"}).until(added);
    life.rehearsal.change_world(*with_holiday);
    life.until(at(2027, 1, 13));
    Lines days;
    for (const chase::Telling& told : life.rehearsal.tellings()) {
      if (told.step == "overdue") days.push_back(absl::FormatTime("%Y-%m-%d", told.at, absl::UTCTimeZone()));
    }
    return days;
  };
  const auto before = at(2027, 1, 4, 10);
  CHECK(overdue_with(CivilDay(2027, 1, 8), before) == Lines{"2027-01-11"});
  CHECK(overdue_with(CivilDay(2027, 1, 11), before) == Lines{"2027-01-08"});
  CHECK(overdue_with(CivilDay(2027, 1, 6), at(2027, 1, 8, 10)) == Lines{"2027-01-08"});
}

TEST_CASE("change: first meeting before the anchor tells the newest missed step once, in the digest") {
  // due-soon is 22 December at 09:00. Met at that instant it is not missed; an hour later it is.
  Life in_time(at(2026, 12, 22, 9));
  in_time.lead("1", new_year_eve, {"network"}).until(at(2026, 12, 23));
  CHECK(in_time.rehearsal.tellings().at(0).kind == chase::MessageKind::direct);
  Life late(at(2026, 12, 22, 10));
  late.lead("1", new_year_eve, {"network"}).until(at(2026, 12, 23));
  CHECK(late.rehearsal.tellings().at(0).step == "due-soon");
  CHECK(late.rehearsal.tellings().at(0).kind == chase::MessageKind::digest);
}

TEST_CASE("change: first meeting past the anchor enters at its first step, and that day is the step's own") {
  Life life(at(2027, 2, 1, 8));
  life.lead("1", new_year_eve, {"network"});
  CHECK(life.until(at(2027, 2, 2)) ==
        Lines{"2027-02-01 09:00 deadline/due 0 network email", "2027-02-01 09:00 deadline/due 0 network teams"});
  CHECK(life.rehearsal.tellings().at(0).kind == chase::MessageKind::digest);
  // Five working days after that day, not after the date.
  CHECK(life.until(at(2027, 2, 8, 8, 59)).empty());
  CHECK(life.until(at(2027, 2, 8, 9)) == Lines{"2027-02-08 09:00 deadline/overdue 0 network email"});
}

TEST_CASE("change: first meeting gives a person ten items a calendar week, and the eleventh on Monday") {
  Life life(at(2027, 2, 3, 8));
  for (int i = 1; i <= 11; ++i) life.lead(std::to_string(i), new_year_eve - i, {"county"});
  CHECK(life.until(at(2027, 2, 7, 23)).size() == 10);
  const Lines next = life.until(at(2027, 2, 8, 9));
  CHECK(std::count_if(next.begin(), next.end(),
                      [](const std::string& line) { return line.find("deadline/due 0") != std::string::npos; }) == 1);
}

TEST_CASE("change: down for days sends the highest step of a case and recipient, the lower ones are superseded") {
  Life life(at(2026, 12, 1));
  life.lead("1", new_year_eve, {"network"}).until(at(2027, 1, 20));
  // overdue again (22 January) and superior (29 January) are missed; the third overdue is 5 February.
  life.rehearsal.sleep_until(at(2027, 1, 29, 10));
  const Lines lines = life.until(at(2027, 1, 29, 11));
  CHECK(lines == Lines{"2027-01-29 10:00 deadline/superior 0 director-place email",
                       "2027-01-29 10:00 deadline/superior 0 network email"});
  CHECK(life.was_silent("overdue", chase::ReasonCode::superseded));
}

TEST_CASE("change: down for days up to an instant before a step's opening misses nothing") {
  Life life(at(2026, 12, 1));
  life.lead("1", new_year_eve, {"network"}).until(at(2027, 1, 20));
  life.rehearsal.sleep_until(at(2027, 1, 22, 8, 59));
  CHECK(life.until(at(2027, 1, 22, 9)) == Lines{"2027-01-22 09:00 deadline/overdue 1 network email"});
  CHECK(life.rehearsal.tellings().back().kind == chase::MessageKind::direct);
}

TEST_CASE("change: down for days with nothing told before lets the lead hear first, those above 5 working days later") {
  Life life(at(2026, 12, 10));
  life.lead("1", new_year_eve, {"network"}).until(at(2026, 12, 12));
  life.rehearsal.sleep_until(at(2027, 2, 3, 10));
  CHECK(life.until(at(2027, 2, 10, 8, 59)) == Lines{"2027-02-03 10:00 deadline/overdue 1 network email"});
  const Lines above = life.until(at(2027, 2, 10, 9));
  CHECK(std::count(above.begin(), above.end(), "2027-02-10 09:00 deadline/superior 0 director-place email") == 1);
}

TEST_CASE("change: DST moves no date: it is 09:00 of the recipient's own day before and after the clocks change") {
  // London's clocks go on at 01:00 on Sunday 28 March 2027; 26 and 29 March are free.
  Life life(at(2027, 3, 1));
  life.lead("1", CivilDay(2027, 4, 1), {"county"});
  CHECK(life.until(at(2027, 4, 2)) ==
        Lines{"2027-03-23 09:00 deadline/due-soon 0 county email", "2027-04-01 09:00 deadline/due 0 county email"});
  const auto& tellings = life.rehearsal.tellings();
  CHECK(tellings[1].at - tellings[0].at == absl::Hours(9 * 24 - 1));
}

TEST_CASE("change: clock jumps back, and deciding again what was decided adds nothing; on again, it goes on") {
  Life life(at(2026, 12, 1));
  life.lead("1", new_year_eve, {"network"}).until(at(2027, 1, 29, 10));
  chase::ActionState state = *life.rehearsal.find("plan", "1");
  const auto look = [&](calendar::Instant now) {
    const chase::Verdict verdict = chase::decide(state, *life.world, {now, at(2026, 12, 1)});
    chase::apply(verdict, now, state);
    return verdict.firings.size();
  };
  CHECK(state.watermark > at(2027, 1, 8));
  CHECK(look(at(2027, 1, 8)) == 0);
  CHECK(look(at(2026, 12, 22)) == 0);
  CHECK(look(at(2027, 1, 29, 10)) == 0);
  CHECK(look(at(2027, 2, 5)) == 1);  // the third overdue, on its day
}

TEST_CASE("change: a former lead is who `to: former` means, whoever leads now is not") {
  const std::string rules = R"yaml(version: 1
rules:
  - rule: farewell
    when: action.kind == "dated"
    anchor: due
    steps: [{ step: told, at: 0d, to: former }]
)yaml";
  Life life(at(2026, 12, 1), rules);
  chase::ActionState state = given::action(*life.world, "1", new_year_eve, {"network"}, at(2026, 12, 1));
  state.former = {life.world->find_party("county")};
  life.rehearsal.add(state);
  CHECK(life.until(at(2027, 1, 1)) == Lines{"2026-12-31 09:00 farewell/told 0 county email"});
}

TEST_CASE("limit: who has been written to is no longer among those whom a rule would write to, as in the service") {
  // Two people for one nominal date, in London at 09:00 and in New York five hours later: never two at once.
  const std::string_view head = "version: 1\n";
  const std::string rules =
      std::string(head) + "limit: { people: 1 }\n" + std::string(given::deadline_rules).substr(head.size());
  Life life(at(2026, 12, 1), rules);
  life.lead("1", new_year_eve, {"county"}).lead("2", new_year_eve, {"york"});
  const Lines lines = life.until(at(2026, 12, 23));
  CHECK(lines ==
        Lines{"2026-12-22 09:00 deadline/due-soon 0 county email", "2026-12-22 09:00 deadline/due-soon 0 york email"});
}
