// What the supplement and the answers add to an action: readings, reviews, colours, milestones, dependencies, its
// dates.
#include <algorithm>

#include "given.h"
#include "sqlite_watch.h"
#include "store/evidence.h"
#include "support/catch.h"

using namespace given;

namespace {

const Instant first = at("2026-09-01T08:00:00Z");
const Instant later = at("2026-09-10T08:00:00Z");

plan::Measure trees() {
  plan::Measure measure;
  measure.name = "New trees";
  measure.unit = "trees";
  measure.baseline = {day("2021-03-31"), 0};
  measure.target = {day("2030-12-31"), 1'500'000};
  measure.points = {{day("2026-12-31"), 500'000.5}};
  measure.months.emplace().at(10) = 2.5;
  measure.readings = {{day("2026-03-31"), 410'000}};
  return measure;
}

/// 2.1 waits for 4.1 and for another plan's; 4.1 has a measure, a milestone and a recurrence.
plan::Plan supplemented() {
  plan::Plan plan = plan_of({{"2.1", "CCN", "2026-12-31"}, {"4.1", "KCC", "2026-10-31"}});
  plan.actions[0].blocked_by = {"county/4.1", "other/9"};
  plan.actions[1].measure = trees();
  plan.actions[1].recurrence = "FREQ=MONTHLY;BYMONTHDAY=31";
  plan.actions[1].milestones = {{"draft", "Draft", day("2026-09-30"), false}};
  return plan;
}

struct Supplemented : Desk {
  Supplemented() : Desk(any_store()) { store->import(supplemented(), *world, first, "cli:test"); }

  chase::ResponseEffect answer(const std::string& action, chase::Response response, Instant when) {
    const store::LoadedAction loaded = load(action);
    const chase::ResponseEffect effect = chase::respond(loaded.state, *world, response, when);
    REQUIRE(effect.accepted);
    store->record_response(loaded, response, effect, *world, when);
    return effect;
  }
};

chase::Response update(const std::string& party) {
  chase::Response response;
  response.party = party;
  response.means = "cli";
  return response;
}

}  // namespace

TEST_CASE("store: measure, recurrence and dependencies come back as they were imported, and again is no change") {
  Supplemented desk;
  desk.reopen();
  const chase::ActionState waiting = desk.load("2.1").state;
  CHECK(waiting.facts.blocked_by == std::vector<std::string>{"county/4.1", "other/9"});
  const chase::ActionFacts facts = desk.load("4.1").state.facts;
  CHECK(facts.measure == trees());
  CHECK(facts.recurrence == "FREQ=MONTHLY;BYMONTHDAY=31");
  CHECK(desk->preview(supplemented()).empty());
  plan::Plan changed = supplemented();
  changed.actions[0].blocked_by.pop_back();
  changed.actions[1].measure.reset();
  CHECK(desk->import(changed, *desk.world, later, "cli:test").changes.changes.size() == 2);
  CHECK(!desk.load("4.1").state.facts.measure);
  CHECK(desk.load("2.1").state.blockers.size() == 1);
}

TEST_CASE("store: a reading that came in an answer stands beside the supplement's, and stays on a re-import") {
  Supplemented desk;
  chase::Response response = update("kcc");
  response.value = 430'000;
  response.read_on = day("2026-08-31");
  desk.answer("4.1", response, later);
  response.value = 431'000;  // corrected
  desk.answer("4.1", response, later);
  plan::Plan changed = supplemented();
  changed.actions[1].text = "reworded";
  desk->import(changed, *desk.world, later, "cli:test");
  desk.reopen();
  const auto readings = desk.load("4.1").state.facts.measure->readings;
  CHECK(readings == std::vector<plan::Reading>{{day("2026-03-31"), 410'000}, {day("2026-08-31"), 431'000}});
  const auto events = desk.events("response");
  CHECK(events.back().json.find("\"value\":431000.0,\"read_on\":\"2026-08-31\"") != std::string::npos);
}

TEST_CASE("store: colour, milestone and the day of the words are kept as they were said") {
  Supplemented desk;
  chase::Response response = update("kcc");
  response.claimed = chase::Rag::amber;
  response.milestone = "draft";
  response.note = "Half way.";
  desk.answer("4.1", response, later);
  desk.reopen();
  const chase::ActionFacts facts = desk.load("4.1").state.facts;
  CHECK(facts.claimed == chase::Rag::amber);
  CHECK(facts.milestones[0].done);
  CHECK(facts.noted == later);
  chase::Response more = update("kcc");
  more.percent = 50;
  desk.answer("4.1", more, later + absl::Hours(1));
  CHECK(desk.load("4.1").state.facts.claimed == chase::Rag::amber);
  CHECK(desk.load("4.1").state.facts.noted == later);
}

TEST_CASE("store: whoever waits and whoever is waited for know each other, and are looked at when one changes") {
  Supplemented desk;
  desk.pass(first);
  CHECK(desk.load("2.1").state.blockers ==
        std::vector<chase::Blocker>{{"county/4.1", true, false, day("2026-10-31")}, {"other/9", false, false, {}}});
  CHECK(desk.load("4.1").state.dependents == std::vector<std::string>{"county/2.1"});
  const auto due = [&](Instant now) {
    std::vector<std::string> ids;
    for (const auto& action : desk->due_actions(now, 100, *desk.world)) ids.push_back(action.state.facts.id);
    std::sort(ids.begin(), ids.end());
    return ids;
  };
  const Instant now = first + absl::Minutes(1);
  REQUIRE(due(now).empty());
  chase::Response done = update("kcc");
  done.kind = chase::ResponseKind::done;
  desk.answer("4.1", done, now);
  CHECK(due(now) == std::vector<std::string>{"2.1", "4.1"});
  CHECK(desk.load("2.1").state.blockers[0].finished);
  desk.pass(now);
  done.party = "ccn";
  desk.answer("2.1", done, now + absl::Minutes(1));
  CHECK(desk.load("4.1").state.dependents.empty());
}

TEST_CASE("store: what other plans wait for is known to an import") {
  Supplemented desk;
  CHECK(desk->dependencies_beside("other") ==
        std::vector<plan::Dependency>{{"county/2.1", "county/4.1"}, {"county/2.1", "other/9"}});
  CHECK(desk->dependencies_beside("county").empty());
}

TEST_CASE("store: every date an action had is kept; the first is never overwritten, later ones are slips") {
  Desk desk(any_store(), {{"2.1", "CCN", "2026-12-31"}, {"2.2", "KCC"}});
  desk->import(plan_of({{"2.1", "CCN", "2027-03-31"}, {"2.2", "KCC"}}), *desk.world, later, "cli:anna");
  desk->import(plan_of({{"2.1", "CCN", "2027-01-31"}, {"2.2", "KCC"}}), *desk.world, later, "cli:anna");
  desk->import(plan_of({{"2.1", "CCN"}, {"2.2", "KCC"}}), *desk.world, later, "cli:anna");
  desk->import(plan_of({{"2.1", "CCN", "2027-06-30"}, {"2.2", "KCC"}}), *desk.world, later, "cli:anna");
  const chase::ActionFacts facts = desk.load("2.1").state.facts;
  CHECK(facts.first_due == day("2026-12-31"));
  CHECK(facts.slips ==
        2);  // not the earlier one, nor the date that was taken away; its coming back later than the first is
  const auto dates = desk->re_datings("county");
  REQUIRE(dates.size() == 4);
  CHECK(dates[0].action == "2.1");
  CHECK(dates[0].before == day("2026-12-31"));
  CHECK(dates[0].after == day("2027-03-31"));
  CHECK(dates[0].actor == "cli:anna");
  CHECK(!dates[2].after);
  CHECK(dates[3].after == day("2027-06-30"));
}

TEST_CASE("store: a report sees finished actions too, and every answer") {
  Desk desk(any_store(), {{"2.1", "CCN", "2026-12-31", "done"}, {"2.2", "KCC", "2026-12-31"}});
  std::vector<std::string> ids;
  desk->each_of_plan("county", *desk.world,
                     [&](store::LoadedAction&& action) { ids.push_back(action.state.facts.id); });
  CHECK(ids == std::vector<std::string>{"2.1", "2.2"});
  const store::LoadedAction loaded = desk.load("2.2");
  chase::Response response = update("kcc");
  response.note = "it moves";
  const auto effect = chase::respond(loaded.state, *desk.world, response, later);
  desk->record_response(loaded, response, effect, *desk.world, later);
  const auto responses = desk->responses("county", "", 10);
  REQUIRE(responses.size() == 1);
  CHECK(responses[0].action == "2.2");
  CHECK(responses[0].response.note == "it moves");
  CHECK(responses[0].accepted);
  CHECK(desk->status().ongoing == 0);
}

TEST_CASE("evidence: readings, reports, supplements, dependencies and re-datings are replayed too") {
  Supplemented desk;
  chase::Response response = update("kcc");
  response.value = 430'000;
  response.read_on = day("2026-08-31");
  response.claimed = chase::Rag::amber;
  response.milestone = "draft";
  response.note = "it grows";
  desk.answer("4.1", response, later);
  plan::Plan changed = supplemented();
  changed.actions[0].blocked_by.pop_back();
  changed.actions[1].timescale.due = day("2026-11-30");
  desk->import(changed, *desk.world, later + absl::Hours(1), "cli:test");
  const auto differences = [&] { return store::differences(store::replay(*desk.store), desk->recorded()); };
  REQUIRE(differences().empty());
  struct Tampering {
    const char* sql;
    const char* named;
  };
  for (const auto& [sql, named] :
       {Tampering{"UPDATE reading SET value = value + 1", "readings of county/4.1"},
        Tampering{"UPDATE reported SET claimed = 'green'", "reported of county/4.1"},
        Tampering{"UPDATE supplement SET recurrence = ''", "supplement of county/4.1"},
        Tampering{"DELETE FROM dependency", "dependencies of county/2.1"},
        Tampering{"UPDATE re_dating SET after_day = after_day + 1", "re_datings of county/4.1"}}) {
    INFO(sql);
    tamper(desk.folder.path(), sql);
    const auto found = differences();
    CHECK(std::any_of(found.begin(), found.end(), [&](const auto& line) { return line.starts_with(named); }));
  }
}
