#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "plan/plan_support.h"
#include "support/catch.h"

using namespace chaser::plan;
using Strings = std::vector<std::string>;

namespace {

Directory shipped_directory() {
  chaser::documents::Problems problems;
  const auto directory =
      read_directory({"config/directory.yaml", repository_file("config/directory.yaml").value()}, problems);
  for (const auto& problem : problems.in_order()) UNSCOPED_INFO(chaser::documents::describe(problem));
  REQUIRE(problems.empty());
  return *directory;
}

void check_kent_medway(const Plan& plan) {
  const Strings sections = {
      "Carbon Reduction", "Public Sector Decision Making", "Planning and Development", "Resident and Community Support",
      "Transport",        "Renewable Energy Generation",   "Green Infrastructure",     "Supporting Businesses",
      "Communications"};
  CHECK(plan.sections == sections);
  REQUIRE(plan.actions.size() == 24);
  CHECK(std::ranges::count(plan.actions, TimescaleKind::ongoing,
                           [](const Action& action) { return action.timescale.kind; }) == 12);
  const std::map<std::string, std::string> due = {{"2.1", "2026-12-31"}, {"4.1", "2026-12-31"}, {"7.3", "2026-12-31"},
                                                  {"3.1", "2027-12-31"}, {"2.2", "2027-03-31"}, {"4.2", "2027-03-31"},
                                                  {"5.3", "2027-03-31"}, {"5.5", "2027-03-31"}, {"6.1", "2027-03-31"},
                                                  {"6.2", "2027-03-31"}, {"8.2", "2028-12-31"}, {"5.4", "2030-12-31"}};
  for (const auto& [id, day] : due) {
    INFO(id);
    REQUIRE(plan.find(id) != nullptr);
    const Timescale& timescale = plan.find(id)->timescale;
    REQUIRE(timescale.due);
    CHECK(chaser::calendar::iso_day(*timescale.due) == day);
    CHECK(timescale.ambiguous == (day == "2027-03-31"));
    if (timescale.ambiguous) CHECK(chaser::calendar::iso_day(timescale.alternative->due.value()) == "2027-12-31");
  }
  CHECK(owner_names(*plan.find("3.1")) == Strings{"KCC", "Local Authority Planning Teams"});
  CHECK(owner_names(*plan.find("5.3")) == Strings{"CCN", "HR Teams"});
  CHECK(owner_names(*plan.find("7.3")) == Strings{"CCN", "KCC"});
  CHECK(plan.find("5.1")->section == "Transport");
  CHECK(plan.find("9.3")->section == "Communications");
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

/// The tab-separated document with each of its lines written by `line_of` from its cells.
template <typename LineOf>
std::string rewritten(const std::string& text, const LineOf& line_of) {
  std::string result;
  std::size_t start = 0;
  while (start < text.size()) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    Strings cells{""};
    for (const char c : text.substr(start, end - start)) {
      if (c == '\t') {
        cells.emplace_back();
      } else {
        cells.back().push_back(c);
      }
    }
    result += line_of(cells) + "\n";
    start = end + 1;
  }
  return result;
}

std::string as_csv(const std::string& text) {
  return rewritten(text, [](const Strings& cells) {
    std::string line;
    for (const std::string& cell : cells) {
      line += (&cell == &cells.front() ? "" : ",") + ("\"" + replaced(cell, "\"", "\"\"") + "\"");
    }
    return line == "\"\"" ? "" : line;
  });
}

std::string as_markdown(const std::string& text) {
  return rewritten(text, [](const Strings& cells) -> std::string {
    if (cells.size() == 1) return cells[0].empty() ? "" : "| **" + cells[0] + "** | | | |";
    std::string line = "|";
    for (const std::string& cell : cells) line += " " + replaced(cell, "|", "\\|") + " |";
    return line + (cells[0] == "ID #" ? "\n|---|---|:-:|---|" : "");
  });
}

void check_same_plan(const Plan& a, const Plan& b) {
  CHECK(a.sections == b.sections);
  REQUIRE(a.actions.size() == b.actions.size());
  for (std::size_t i = 0; i < a.actions.size(); ++i) {
    Action other = b.actions[i];
    other.at = a.actions[i].at;
    INFO(a.actions[i].id);
    CHECK(a.actions[i] == other);
  }
}

constexpr const char* header = "ID\tAction\tLead\tTimescale\n";

}  // namespace

TEST_CASE("plan: the shipped example reads as 9 sections and 24 actions, none lost") {
  const PlanReading reading = read_document("kent-medway.txt", repository_file("config/plans/kent-medway.txt").value());
  REQUIRE(reading.plan);
  check_kent_medway(*reading.plan);
  CHECK(reading.plan->title == "Kent and Medway climate action plan: the example that comes with Chaser");
  CHECK_FALSE(reading.problems.has_errors());
  CHECK(reading.problems.warnings() == 6);
}

TEST_CASE("plan: the customer's own document reads the same, every text whole") {
  const auto text = repository_file("../shared/plans/kent-medway-implementation-plan.txt");
  if (!text) return;
  const PlanReading reading = read_document("plan.txt", *text);
  REQUIRE(reading.plan);
  check_kent_medway(*reading.plan);
  CHECK(reading.plan->title.starts_with("Updated proposed actions"));
  for (const Action& action : reading.plan->actions) {
    INFO(action.id);
    CHECK(text->find("\t" + action.text + "\t") != std::string::npos);
    CHECK(text->find(action.id + "\t" + action.text + "\t" + action.owners_verbatim + "\t" +
                     action.timescale.verbatim) != std::string::npos);
  }
}

TEST_CASE("plan: the same plan as CSV, as a Markdown table, with CR LF and as UTF-16 is the same plan") {
  const std::string text = repository_file("config/plans/kent-medway.txt").value();
  const Plan plan = *read_document("p.txt", text).plan;
  check_same_plan(plan, *read_document("p.csv", as_csv(text)).plan);
  check_same_plan(plan, *read_document("p.csv", replaced(as_csv(text), "\",\"", "\";\"")).plan);
  check_same_plan(plan, *read_document("p.md", as_markdown(text)).plan);
  check_same_plan(plan, *read_document("p.txt", replaced(text, "\n", "\r\n")).plan);
  std::string utf16 = "\xFF\xFE";
  for (const char c : text) utf16 += {c, '\0'};
  check_same_plan(plan, *read_document("p.txt", utf16).plan);
}

TEST_CASE("plan: all owners of the shipped example are in the shipped directory") {
  const Directory directory = shipped_directory();
  const PlanReading reading =
      read_document("kent-medway.txt", repository_file("config/plans/kent-medway.txt").value(), &directory);
  CHECK(reading.problems.warnings() == 6);
  CHECK(directory.assignees(*directory.resolve("HR Teams", "kent-medway")).size() == 13);
  CHECK(directory.resolve("CCN", "kent-medway")->id == "ccn");
}

TEST_CASE("plan: columns stand in any order under any of their words") {
  const PlanReading reading = read_document("p.csv",
                                            "Deadline,Responsible Officer(s),Ref.,Objective,Cost\n"
                                            "2026,KCC,A1,Plant trees,12\n");
  REQUIRE(reading.plan);
  const Action& action = reading.plan->actions.at(0);
  CHECK(action.id == "A1");
  CHECK(action.text == "Plant trees");
  CHECK(owner_names(action) == Strings{"KCC"});
  CHECK(action.timescale.verbatim == "2026");
  CHECK(action.other == std::vector<std::pair<std::string, std::string>>{{"Cost", "12"}});
}

TEST_CASE("plan: of an objective and an action the action is the action") {
  const PlanReading reading =
      read_document("p.csv", "ID,Objective,Action,Owner,By when\n1,Less waste,Sort it,KCC,2026\n");
  CHECK(reading.plan->actions.at(0).text == "Sort it");
  CHECK(reading.plan->actions.at(0).other.at(0).first == "Objective");
}

TEST_CASE("plan: a supporting column gives supports, a status column the status, a theme column the section") {
  const PlanReading reading = read_document("p.csv",
                                            "Theme,ID,Action,Lead,Partners,Due date,Status\n"
                                            "Homes,1,Insulate,KCC,\"CCN, KCC\",2026,In progress\n"
                                            "Homes,2,Heat,KCC,,2026,Complete\n"
                                            "Trees,3,Plant,KCC,,2026,Abandonned\n");
  const Plan& plan = *reading.plan;
  CHECK(plan.sections == Strings{"Homes", "Trees"});
  CHECK(plan.find("1")->owners == std::vector<OwnerToken>{{"KCC", Role::lead}, {"CCN", Role::support}});
  CHECK(plan.find("1")->status == "in_progress");
  CHECK(plan.find("2")->status == "done");
  CHECK(plan.find("3")->status == "not_started");
  CHECK(places(reading.problems).at(0).starts_with("4:25 warning: action 3: unknown status \"Abandonned\""));
}

TEST_CASE("plan: a row without an id continues the action above") {
  const PlanReading reading = read_document("p.txt", std::string{header} +
                                                         "1\tPlant trees\tKCC\t2026\n"
                                                         "\tand water them\t\t\n"
                                                         "2\tSow\tCCN\t2027\n");
  REQUIRE(reading.plan->actions.size() == 2);
  CHECK(reading.plan->find("1")->text == "Plant trees and water them");
  CHECK(reading.problems.empty());
}

TEST_CASE("plan: a line broken inside an action's text is put together again") {
  const PlanReading reading = read_document("p.txt", std::string{header} +
                                                         "1\tPlant trees\nand water\nthem daily\tKCC\t2026\n"
                                                         "2\tSow\tCCN\t2027\n");
  REQUIRE(reading.plan->actions.size() == 2);
  CHECK(reading.plan->find("1")->text == "Plant trees and water them daily");
  CHECK(reading.plan->find("1")->timescale.verbatim == "2026");
  CHECK(reading.problems.empty());
}

TEST_CASE("plan: a complete row without an id is kept and reported, not swallowed by the one above") {
  const PlanReading reading = read_document("p.txt", std::string{header} + "1\tPlant\tKCC\t2026\n\tSow\tCCN\t2027\n");
  REQUIRE(reading.plan->actions.size() == 2);
  CHECK(reading.plan->actions[1].text == "Sow");
  CHECK(places(reading.problems) == Strings{"3:2 error: this action has no id; it is read as \"row-3\""});
}

TEST_CASE("plan: a plan without a column of ids is numbered, with a warning") {
  const PlanReading reading = read_document("p.csv", "Action,Lead,When\nPlant,KCC,2026\nSow,CCN,2027\n");
  REQUIRE(reading.plan->actions.size() == 2);
  CHECK(reading.plan->actions[0].id == "1");
  CHECK(reading.plan->actions[1].id == "2");
  CHECK(places(reading.problems) == Strings{"1:1 warning: this header has no column \"ID\""});
}

TEST_CASE("plan: numbered headings, repeated headers, page numbers and copied merged cells are no actions") {
  const PlanReading reading =
      read_document("p.csv",
                    "ID,Action,Lead,Timescale\n1,Homes,,\n1.1,Insulate,KCC,2026\nPage 1 of 2,,,\n"
                    "ID,Action,Lead,Timescale\nTrees,Trees,Trees,Trees\n2.1,Plant,KCC,2026\n");
  CHECK(reading.plan->sections == Strings{"Homes", "Trees"});
  CHECK(reading.plan->actions.size() == 2);
  CHECK(reading.problems.empty());
}

TEST_CASE("plan: a table under each heading gives the sections, the first one too") {
  const PlanReading reading =
      read_document("p.md",
                    "# The plan\n\nAdopted in May.\n\n## Homes\n\n| ID | Action | Lead | When |\n"
                    "|--|--|--|--|\n| 1 | Insulate | KCC | 2026 |\n\n## Trees\n\n"
                    "| ID | Action | Lead | When |\n|--|--|--|--|\n| 2 | Plant | KCC | 2026 |\n");
  CHECK(reading.plan->title == "The plan");
  CHECK(reading.plan->sections == Strings{"Homes", "Trees"});
  CHECK(reading.plan->actions.size() == 2);
}

TEST_CASE("plan: what is neither an action nor a heading of any is reported, not dropped in silence") {
  const PlanReading reading = read_document("p.txt", std::string{header} +
                                                         "1\tPlant\tKCC\t2026\n"
                                                         "Progress is reported to the board every quarter.\n"
                                                         "Last seen\n");
  CHECK(reading.plan->sections.empty());
  REQUIRE(places(reading.problems).size() == 2);
  CHECK(places(reading.problems)[0].starts_with("3:1 warning: \"Progress is reported"));
  CHECK(places(reading.problems)[1] ==
        "4:1 warning: \"Last seen\" is neither an action nor the heading of any; it is left out");
}

TEST_CASE("plan: without a header row the nearest row is named") {
  const PlanReading reading = read_document("p.txt", "A plan\nID\tStep\tColour\n1\tPlant\tgreen\n");
  CHECK_FALSE(reading.plan);
  CHECK(places(reading.problems) ==
        Strings{"2:1 error: no header row: one row must name the columns, such as ID, Action, Lead, Timescale"});
  CHECK(reading.problems.in_order().at(0).notes.size() == 1);
  CHECK(read_document("p.txt", "").problems.has_errors());
}

TEST_CASE("plan: five mistakes in a plan are all listed with their places, and the rest is read") {
  const Directory directory = shipped_directory();
  const PlanReading reading = read_document("p.txt",
                                            "ID\tAction\tLead\tTimescale\tStatus\n"
                                            "1.1\tPlant\tCCN\t2026\tin progress\n"
                                            "1.2\tSow\tCCN & KCCC\t2026\tdone\n"
                                            "1.2\tReap\tKCC\t2026\tdone\n"
                                            "1.3\tMill\tKCC\tsometime\tdone\n"
                                            "1.4\tBake\t\t2026\tdone\n"
                                            "1.5\tEat\tKCC\t2026\tin progres\n",
                                            &directory);
  const Strings found = places(reading.problems);
  REQUIRE(found.size() == 5);
  CHECK(found[0] == "3:15 warning: action 1.2: owner \"KCCC\" is not in the directory; did you mean \"KCC\"?");
  CHECK(found[1] == "4:1 error: id 1.2 is given twice; it already stands on line 3");
  CHECK(found[2].starts_with("5:14 warning: action 1.3: timescale \"sometime\" cannot be read"));
  CHECK(found[3].starts_with("6:10 warning: action 1.4 has no owner"));
  CHECK(found[4] ==
        "7:18 warning: action 1.5: unknown status \"in progres\"; did you mean \"in_progress\"?; not_started is taken");
  CHECK(reading.plan->actions.size() == 5);
}

TEST_CASE("plan: a misspelt column is found again by its word") {
  const PlanReading reading = read_document("p.txt", "ID\tAction\tLead\tTimescle\n1\tPlant\tKCC\t2026\n");
  CHECK(places(reading.problems).at(0) ==
        "1:16 warning: this header has no column \"Timescale\"; is \"Timescle\" meant to be \"Timescale\"?");
}

TEST_CASE("plan: an ambiguous timescale is warned of with both readings, until the plan settles it") {
  const std::string text = std::string{header} + "2.2\tReport\tKCC\t2026-27\n";
  const PlanReading reading = read_document("p.txt", text);
  const std::string warning = places(reading.problems).at(0);
  CHECK(warning.starts_with("2:16 warning: action 2.2 \"2026-27\" can be read two ways: due 31 Mar 2027 ("));
  CHECK(warning.find(", taken) or due 31 Dec 2027 (") != std::string::npos);
  Conventions settled;
  settled.year_range_settled = true;
  CHECK(read_document("p.txt", text, nullptr, settled).problems.empty());
}

TEST_CASE("plan: a title is the first clause within 70 characters") {
  const auto title = [](const std::string& text) {
    return read_document("p.txt", std::string{header} + "1\t" + text + "\tKCC\t2026\n").plan->actions.at(0).title;
  };
  CHECK(title("Plant trees.") == "Plant trees");
  CHECK(title("Plant trees. Water them.") == "Plant trees");
  CHECK(title("Work with the owners of larger buildings, so that heat which is lost today warms homes nearby") ==
        "Work with the owners of larger buildings");
  CHECK(title("Continue to deliver local energy efficiency and emission management strategies everywhere") ==
        "Continue to deliver local energy efficiency and emission management\u2026");
}

TEST_CASE("plan: JSON has the documented shape") {
  const PlanReading reading = read_document(
      "p.txt", "Plan\n" + std::string{header} + "Homes\n2.2\tReport\tKCC & CCN\t2026-27\n3\tGo on\tKCC\tOngoing\n");
  const auto json = nlohmann::json::parse(to_json(*reading.plan, reading.problems));
  CHECK(json["title"] == "Plan");
  CHECK(json["sections"] == nlohmann::json::array({"Homes"}));
  const auto& action = json["actions"][0];
  CHECK(action["id"] == "2.2");
  CHECK(action["section"] == "Homes");
  CHECK(action["owners"] == nlohmann::json::parse(R"([{"name":"KCC","role":"lead"},{"name":"CCN","role":"lead"}])"));
  CHECK(action["timescale"]["kind"] == "dated");
  CHECK(action["timescale"]["due"] == "2027-03-31");
  CHECK(action["timescale"]["ambiguous"] == true);
  CHECK(action["timescale"]["alternative"]["due"] == "2027-12-31");
  CHECK(json["actions"][1]["timescale"]["due"].is_null());
  CHECK(json["actions"][1]["timescale"]["alternative"].is_null());
  CHECK(json["problems"][0]["line"] == 4);
  CHECK(json["problems"][0]["severity"] == "warning");
}

TEST_CASE("plan: for people, what was read is counted and the ambiguous timescales are named") {
  const PlanReading reading = read_document("kent-medway.txt", repository_file("config/plans/kent-medway.txt").value());
  const std::string table = to_table(*reading.plan, reading.problems);
  CHECK(table.find("24 actions in 9 sections: 12 dated, 12 ongoing") != std::string::npos);
  CHECK(table.find("Actions: 2.2, 4.2, 5.3, 5.5, 6.1, 6.2\n") != std::string::npos);
  CHECK(table.find("KCC + Local Authority Planning Teams") != std::string::npos);
}

TEST_CASE("plan: the limit of actions holds on both sides") {
  std::string text = header;
  for (std::size_t i = 0; i < actions_max; ++i) text += std::to_string(i) + "\tx\tKCC\t2026\n";
  CHECK_FALSE(read_document("p.txt", text).problems.has_errors());
  const PlanReading reading = read_document("p.txt", text + "last\tx\tKCC\t2026\n");
  CHECK(reading.plan->actions.size() == actions_max);
  CHECK(reading.problems.errors() == 1);
}
