// A plan comes in as one change set; what Chaser has learnt stays.
#include <algorithm>

#include "given.h"
#include "support/catch.h"

using namespace given;

namespace {

const Instant first_day = at("2026-09-01T08:00:00Z");
const Instant next_day = at("2026-09-02T08:00:00Z");

store::ImportResult import(const Desk& desk, const std::vector<Row>& rows, Instant now = next_day) {
  return desk->import(plan_of(rows), *desk.world, now, "cli:anna");
}

std::vector<plan::ChangeKind> kinds(const plan::ChangeSet& changes) {
  std::vector<plan::ChangeKind> all;
  for (const auto& change : changes.changes) all.push_back(change.kind);
  return all;
}

}  // namespace

TEST_CASE("store: a first import brings every action, due for a look at once") {
  Desk desk(any_store());
  const auto result = import(desk, {{"2.1", "KCC", "2026-12-31"}, {"2.2", "CCN"}});
  CHECK(result.first);
  CHECK(kinds(result.changes) == std::vector<plan::ChangeKind>(2, plan::ChangeKind::added));
  CHECK(desk->due_actions(next_day, 100, *desk.world).size() == 2);
  CHECK(desk->plan_title("county") == "County plan");
  CHECK_FALSE(desk->plan_title("parish").has_value());
  CHECK(desk.load("2.1").state.facts.imported == next_day);
}

TEST_CASE("store: importing the same plan again changes nothing") {
  Desk desk(any_store(), {{"2.1", "KCC", "2026-12-31"}, {"2.2", "HR Teams;Energy officer"}});
  desk.decide(first_day);
  const auto before = desk.load("2.2");
  const auto result = import(desk, {{"2.1", "KCC", "2026-12-31"}, {"2.2", "HR Teams;Energy officer"}});
  CHECK_FALSE(result.first);
  CHECK(result.changes.empty());
  CHECK(desk->due_actions(next_day, 100, *desk.world).empty());
  CHECK(desk.load("2.2").state.assignments == before.state.assignments);
  CHECK(desk.load("2.2").row_version == before.row_version);
}

TEST_CASE("store: a preview says what an import would change and changes nothing") {
  Desk desk(any_store(), {{"2.1", "KCC", "2026-12-31"}, {"2.2", "CCN"}});
  const std::vector<Row> changed{{"2.1", "KCC", "2027-01-29"}, {"2.3", "KCC"}};
  const auto expected = desk->preview(plan_of(changed));
  CHECK(desk.load("2.1").state.facts.timescale.due == day("2026-12-31"));
  CHECK(desk->status().actions == 2);
  CHECK(desk->events("", "", 0, 100).size() == 3);
  CHECK(import(desk, changed).changes.changes == expected.changes);
  CHECK(kinds(expected) == std::vector{plan::ChangeKind::re_dated, plan::ChangeKind::added, plan::ChangeKind::dropped});
}

TEST_CASE("store: each change of an import is an event of its action, by whom and when") {
  Desk desk(any_store(), {{"2.1", "KCC", "2026-12-31"}, {"2.2", "CCN"}});
  import(desk, {{"2.1", "CCN", "2027-01-29"}, {"2.3", "KCC"}});
  const auto of = [&](const char* action) { return desk->events("county", action, 0, 100); };
  const auto says = [](const store::Event& event, const char* part) {
    return event.kind == "import" && event.at == next_day && event.actor == "cli:anna" &&
           event.json.find(part) != std::string::npos;
  };
  REQUIRE(of("2.1").size() == 3);
  CHECK(says(of("2.1")[1], "\"re-dated\""));
  CHECK(says(of("2.1")[1], "2027-01-29"));
  CHECK(says(of("2.1")[2], "\"ccn\""));
  CHECK(says(of("2.2").back(), "\"dropped\""));
  CHECK(says(of("2.3").back(), "\"added\""));
}

TEST_CASE("store: a new date is kept beside the first one, and only a later one is a slip") {
  Desk desk(any_store(), {{"2.1", "KCC", "2026-12-31"}});
  const auto facts = [&] { return desk.load("2.1").state.facts; };
  import(desk, {{"2.1", "KCC", "2027-01-29"}});
  CHECK(facts().timescale.due == day("2027-01-29"));
  CHECK(facts().first_due == day("2026-12-31"));
  CHECK(facts().slips == 1);
  CHECK(facts().updated == next_day);
  import(desk, {{"2.1", "KCC", "2026-11-30"}});
  CHECK(facts().first_due == day("2026-12-31"));
  CHECK(facts().slips == 1);
  CHECK(desk->due_actions(next_day, 100, *desk.world).size() == 1);
}

TEST_CASE("store: an action that gets its first date later keeps that one as its first") {
  Desk desk(any_store(), {{"2.1", "KCC"}});
  CHECK_FALSE(desk.load("2.1").state.facts.first_due.has_value());
  import(desk, {{"2.1", "KCC", "2027-01-29"}});
  CHECK(desk.load("2.1").state.facts.first_due == day("2027-01-29"));
  CHECK(desk.load("2.1").state.facts.slips == 0);
}

TEST_CASE("store: an action that leaves the plan is dropped, not forgotten, and may come back") {
  Desk desk(any_store(), {{"2.1", "KCC", "2026-12-31"}, {"2.2", "CCN", "2026-12-31"}});
  desk.pass(at("2026-12-22T09:00:00Z"));
  const auto told = desk->notifications("county", "2.2", 100).size();
  CHECK(told > 0);
  const Instant later = at("2026-12-23T09:00:00Z");
  import(desk, {{"2.1", "KCC", "2026-12-31"}}, later);
  CHECK(desk.load("2.2").state.facts.dropped);
  CHECK(desk->status().actions == 1);
  desk.pass(later);
  for (const auto& known : desk.load("2.2").state.cases) CHECK(known.status != chase::CaseStatus::open);
  import(desk, {{"2.1", "KCC", "2026-12-31"}, {"2.2", "CCN", "2026-12-31"}}, later);
  CHECK_FALSE(desk.load("2.2").state.facts.dropped);
  CHECK(desk.load("2.2").state.facts.imported == first_day);
  CHECK(desk->notifications("county", "2.2", 100).size() == told);
}

TEST_CASE("store: what a person said of the status stays until the document says something new") {
  Desk desk(any_store(), {{"2.1", "KCC", "2026-12-31", "not_started"}});
  const auto loaded = desk.load("2.1");
  chase::Response response;
  response.party = "kcc";
  response.status = "in_progress";
  response.means = "cli";
  const auto effect = chase::respond(loaded.state, *desk.world, response, next_day);
  REQUIRE(effect.accepted);
  desk->record_response(loaded, response, effect, *desk.world, next_day);
  import(desk, {{"2.1", "KCC", "2027-01-29", "not_started"}});
  CHECK(desk.load("2.1").state.facts.status == "in_progress");
  import(desk, {{"2.1", "KCC", "2027-01-29", "done"}});
  CHECK(desk.load("2.1").state.facts.status == "done");
}

TEST_CASE("store: owners that change keep their history; one that comes back counts on from its first day") {
  Desk desk(any_store(), {{"2.1", "KCC;CCN"}});
  import(desk, {{"2.1", "CCN"}});
  REQUIRE(desk.load("2.1").state.assignments.size() == 1);
  CHECK(desk.load("2.1").state.assignments[0].since == first_day);
  import(desk, {{"2.1", "HR Teams;KCC"}}, at("2026-09-03T08:00:00Z"));
  const auto assignments = desk.load("2.1").state.assignments;
  REQUIRE(assignments.size() == 3);
  CHECK(assignments[0].since == at("2026-09-03T08:00:00Z"));
  CHECK(assignments[2].party == desk.world->find_party("kcc"));
  CHECK(assignments[2].since == first_day);
}

TEST_CASE("store: a cell that names nobody, a stranger or a vacant role leaves its action unowned") {
  Desk desk(any_store(),
            {{"1", ""}, {"2", "Somebody Else"}, {"3", "Energy officer"}, {"4", "KCC(support)"}, {"5", "KCC"}});
  for (const char* id : {"1", "2", "3", "4"}) {
    INFO(id);
    CHECK(desk.load(id).state.facts.unowned);
  }
  CHECK_FALSE(desk.load("5").state.facts.unowned);
}

TEST_CASE("store: texts of any length and letters come back as they were imported") {
  Desk desk(any_store());
  plan::Plan odd = plan_of({{"2.1", "KCC", "2026-12-31"}});
  odd.actions[0].text = "“Ünïcode” — 第一, \"quotes\", 'x'; DROP TABLE action; %s\n" + std::string(100'000, 'x');
  odd.actions[0].tags = {"a,b", "\"c\"", ""};
  odd.actions[0].other = {{"Cost", "£1,000"}, {"", ""}};
  desk->import(odd, *desk.world, next_day, "cli:anna");
  CHECK(desk->preview(odd).empty());
  CHECK(desk.load("2.1").state.facts.text == odd.actions[0].text);
  CHECK(desk.load("2.1").state.facts.tags == odd.actions[0].tags);
}
