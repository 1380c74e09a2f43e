#include "plan/plan_support.h"
#include "support/catch.h"

using namespace chaser::plan;
using Strings = std::vector<std::string>;
using chaser::documents::Problems;
using chaser::documents::Source;

namespace {

struct Supplemented {
  Plan plan;
  Problems problems;
};

Supplemented apply(const std::string& text) {
  Supplemented result;
  result.plan =
      *read_document("p.txt", "ID\tAction\tLead\tTimescale\n2.1\tBuy\tCCN\t2026\n2.2\tSell\tKCC\tOngoing\n").plan;
  const Source source{"supplement.yaml", text};
  const auto root = chaser::documents::parse_yaml(source, result.problems);
  REQUIRE(root);
  const auto conventions = read_conventions(*root, source, result.problems);
  apply_supplement(*root, source, Workflow{}, conventions.value_or(Conventions{}), result.plan, result.problems);
  return result;
}

}  // namespace

TEST_CASE("supplement: the shipped one fits the shipped plan") {
  Plan plan = *read_document("p.txt", repository_file("config/plans/kent-medway.txt").value()).plan;
  Problems problems;
  const Source source{"s.yaml", repository_file("config/plans/kent-medway.supplement.yaml").value()};
  const auto root = chaser::documents::parse_yaml(source, problems);
  REQUIRE(root);
  apply_supplement(*root, source, Workflow{}, *read_conventions(*root, source, problems), plan, problems);
  CHECK(places(problems).empty());
  CHECK(plan.find("2.1")->title == "Sustainable procurement toolkit");
  CHECK(plan.find("7.2")->cadence_months == 6);
}

TEST_CASE("supplement: adds title, status, tags, cadence and milestones; overrides keep the document's words") {
  const Supplemented result = apply(
      "actions:\n"
      "  2.1: { title: Buying, status: in_progress, tags: [a, b], cadence: 1y, timescale: FY26/27,\n"
      "         owners: [KCC, \"CCN (support)\"],\n"
      "         milestones: [{ id: draft, name: First draft, due: 2026-06-30, done: true }] }\n");
  CHECK(places(result.problems).empty());
  const Action& action = *result.plan.find("2.1");
  CHECK(action.title == "Buying");
  CHECK(action.status == "in_progress");
  CHECK(action.tags == Strings{"a", "b"});
  CHECK(action.cadence_months == 12);
  CHECK(action.timescale.due == chaser::calendar::CivilDay{2027, 3, 31});
  CHECK(action.owners == std::vector<OwnerToken>{{"KCC", Role::lead}, {"CCN", Role::support}});
  CHECK(action.owners_verbatim == "CCN");
  CHECK(action.milestones ==
        std::vector<Milestone>{{"draft", "First draft", chaser::calendar::CivilDay{2026, 6, 30}, true}});
  CHECK(action.other == std::vector<std::pair<std::string, std::string>>{{"Timescale in the document", "2026"},
                                                                         {"Lead in the document", "CCN"}});
}

TEST_CASE("supplement: every mistake is listed with its place") {
  const Supplemented result = apply(
      "conventions: { year-range: fiscal }\n"
      "actions:\n"
      "  2.3: { title: x }\n"
      "  2.1: { status: in_progres, cadence: so-so!, timescale: someday }\n"
      "  2.2: { milestone: [], milestones: [{ id: a, due: 2026-02-30 }, { id: A B, due: 2026-03-01 }] }\n");
  const Strings found = places(result.problems);
  REQUIRE(found.size() == 8);
  CHECK(found[0] == "1:28 error: \"year-range\" is financial or calendar; got \"fiscal\"");
  CHECK(found[1].starts_with("3:3 error: plan kent-medway has no action \"2.3\""));
  CHECK(found[2] == "4:18 error: unknown status \"in_progres\"; did you mean \"in_progress\"?");
  CHECK(found[3].starts_with("4:39 error: \"so-so!\" is no review cycle"));
  CHECK(found[4].starts_with("4:58 error: \"someday\" cannot be read as a timescale"));
  CHECK(found[5] == "5:10 error: unknown key \"milestone\" in action 2.2; did you mean \"milestones\"?");
  CHECK(found[6].starts_with("5:52 error: \"due\" is a date"));
  CHECK(found[7].starts_with("5:72 error: \"A B\" is no id of a milestone"));
}

TEST_CASE("supplement: conventions are read, and choosing a year range settles it") {
  Problems problems;
  const Source source{"s.yaml",
                      "conventions: { year: financial, year-range: calendar, dates: month-first, key: { Short term: "
                      "\"2027\" } }\n"};
  const auto root = chaser::documents::parse_yaml(source, problems);
  const auto conventions = read_conventions(*root, source, problems);
  REQUIRE(conventions);
  CHECK(conventions->year == Conventions::Year::financial);
  CHECK(conventions->year_range == Conventions::YearRange::calendar);
  CHECK(conventions->year_range_settled);
  CHECK(conventions->date_order == Conventions::DateOrder::month_first);
  CHECK(conventions->key.at("Short term") == "2027");
  CHECK(problems.empty());
}

TEST_CASE("supplement: an empty one, and one without conventions, change nothing") {
  CHECK(places(apply("").problems).empty());
  CHECK(places(apply("actions: {}\n").problems).empty());
}

TEST_CASE("workflow: statuses are read by name and synonym, without case and separators") {
  const Workflow workflow;
  CHECK(workflow.read("In Progress")->name == "in_progress");
  CHECK(workflow.read("in-progress")->name == "in_progress");
  CHECK(workflow.read(" COMPLETED. ")->name == "done");
  CHECK(workflow.read("purple") == nullptr);
  CHECK(workflow.find("In Progress") == nullptr);
  CHECK(workflow.is_finished("superseded"));
  CHECK_FALSE(workflow.is_finished("blocked"));
  CHECK_FALSE(workflow.is_finished("unknown"));
  CHECK(workflow.names() == Strings{"not_started", "in_progress", "blocked", "done", "cancelled", "superseded"});
}
