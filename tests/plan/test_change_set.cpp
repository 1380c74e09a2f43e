#include "plan/change_set.h"

#include <nlohmann/json.hpp>

#include "plan/plan_support.h"
#include "support/catch.h"

using namespace chaser::plan;

namespace {

Plan plan_of(const std::string& rows) {
  return *read_document("p.txt", "ID\tAction\tLead\tTimescale\n" + rows).plan;
}

}  // namespace

TEST_CASE("change set: the same document changes nothing, nor does its layout") {
  const Plan before = plan_of("A\n1\tBuy\tKCC\t2026\n");
  const Plan after = plan_of("\n\nA\t\t\t\n\n1\tBuy\tKCC\t2026\n");
  CHECK(difference(before, after).empty());
  CHECK(to_table(difference(before, after)) == "No change: the document says what the stored plan says.\n");
}

TEST_CASE("change set: added, dropped, reworded, re-dated and re-led, in the new plan's order, dropped ones last") {
  const Plan before = plan_of("1\tBuy\tKCC\t2026\n2\tSell\tCCN\t2027\n3\tLend\tCCN\t2027\n4\tGive\tKCC\t2026\n");
  const Plan after =
      plan_of("4\tGive freely\tKCC\t2026\n5\tTake\tKCC\t2028\n2\tSell\tCCN & KCC\t2028\n1\tBuy\tKCC\t2026\n");
  const ChangeSet set = difference(before, after);
  REQUIRE(set.changes.size() == 5);
  CHECK(set.changes[0] == Change{ChangeKind::reworded, "4", "Give", "Give freely"});
  CHECK(set.changes[1] == Change{ChangeKind::added, "5", "", "Take [KCC; \"2028\" (due 31 Dec 2028)]"});
  CHECK(set.changes[2] ==
        Change{ChangeKind::re_dated, "2", "\"2027\" (due 31 Dec 2027)", "\"2028\" (due 31 Dec 2028)"});
  CHECK(set.changes[3] == Change{ChangeKind::re_led, "2", "CCN", "CCN, KCC"});
  CHECK(set.changes[4] == Change{ChangeKind::dropped, "3", "Lend [CCN; \"2027\" (due 31 Dec 2027)]", ""});
}

TEST_CASE("change set: another reading of the same words re-dates, and so does another wording of the same date") {
  const Plan before = plan_of("1\tBuy\tKCC\t2026\n");
  Plan after = before;
  after.actions[0].timescale.due = chaser::calendar::CivilDay{2027, 3, 31};
  CHECK(difference(before, after).changes.at(0).kind == ChangeKind::re_dated);
  CHECK(difference(before, plan_of("1\tBuy\tKCC\tDecember 2026\n")).changes.at(0).kind == ChangeKind::re_dated);
}

TEST_CASE("change set: the order of leads counts, since the first is first") {
  const ChangeSet set = difference(plan_of("1\tBuy\tKCC & CCN\t2026\n"), plan_of("1\tBuy\tCCN & KCC\t2026\n"));
  REQUIRE(set.changes.size() == 1);
  CHECK(set.changes[0].kind == ChangeKind::re_led);
}

TEST_CASE("change set: a moved section, a status or a milestone is an other change") {
  Plan before = plan_of("A\n1\tBuy\tKCC\t2026\n");
  Plan after = plan_of("B\n1\tBuy\tKCC\t2026\n");
  after.actions[0].status = "in_progress";
  after.actions[0].milestones.push_back({"draft", "Draft", chaser::calendar::CivilDay{2026, 6, 30}, false});
  const ChangeSet set = difference(before, after);
  REQUIRE(set.changes.size() == 3);
  CHECK(set.changes[0] == Change{ChangeKind::other, "1", "section A", "section B"});
  CHECK(set.changes[1] == Change{ChangeKind::other, "1", "status not_started", "status in_progress"});
  CHECK(set.changes[2] == Change{ChangeKind::other, "1", "milestones (none)", "milestones draft 2026-06-30"});
}

TEST_CASE("change set: as a table for people and as JSON for programs") {
  const ChangeSet set = difference(plan_of("1\tBuy\tKCC\t2026\n"), plan_of("1\tBuy more\tKCC\t2027\n"));
  CHECK(to_table(set) ==
        "reworded  1        Buy\n"
        "                   \u2192 Buy more\n"
        "re-dated  1        \"2026\" (due 31 Dec 2026)\n"
        "                   \u2192 \"2027\" (due 31 Dec 2027)\n"
        "\n1 reworded, 1 re-dated\n");
  const auto json = nlohmann::json::parse(to_json(set));
  CHECK(json["changes"][0]["kind"] == "reworded");
  CHECK(json["changes"][1]["after"] == "\"2027\" (due 31 Dec 2027)");
}
