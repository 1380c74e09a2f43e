// The report's page: what `chaser report` prints, within the staff's frame.

#include "chase/report.h"
#include "store/reporting.h"
#include "support/catch.h"
#include "web/serving.h"

using namespace chaser;
using namespace chaser::test;

namespace {

class ReportServing : public Serving {
 public:
  ReportServing() {
    plan::Plan plan;
    plan.id = "plan";
    plan.title = "A plan & more";
    for (const auto& [id, timescale] : {std::pair{"1", "2025"}, std::pair{"2.1", "2030"}}) {
      plan::Action action;
      action.id = id;
      action.section = "First";
      action.text = action.title = "Plant <trees>";
      action.owners.push_back({"Ann", plan::Role::lead});
      action.timescale = plan::read_timescale(timescale);
      plan.actions.push_back(std::move(action));
    }
    store().import(plan, world(), morning, "test");
  }
  chase::Report report(chase::ReportKind kind, calendar::Instant at) {
    return store::report(store(), world(), world().plans().front(), kind, at);
  }
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("report page: it is the command's report, and its actions lead to their pages") {
  ReportServing serving;
  const auto address = [](const std::string& action) { return "/plan/plan/action/" + action; };
  for (const auto& [path, kind] : {std::pair{"/report", chase::ReportKind::exceptions},
                                   std::pair{"/report?kind=progress", chase::ReportKind::progress}}) {
    const std::string page = body(serving.get(path));
    INFO(page);
    CHECK(has(page, chase::html_body(serving.report(kind, morning), address, chase::report_page_rows_max)));
    CHECK(has(page, "Plant &lt;trees&gt;</a>"));
  }
}

TEST_CASE("report page: another day is its end in the plan's zone; what is no day is said, with the report of now") {
  ReportServing serving;
  const std::string page = body(serving.get("/report?on=2025-12-31"));
  CHECK(has(page, "As at 31 Dec 2025"));
  CHECK_FALSE(has(page, "past its date"));  // due that day
  CHECK(has(body(serving.get("/report?on=2026-01-01")), "1 day past its date"));
  const std::string wrong = serving.get("/report?on=soon");
  CHECK(status(wrong) == 422);
  CHECK(has(body(wrong), "“soon” is no day such as 2027-03-31."));
  CHECK(has(body(wrong), "As at 31 Dec 2026"));
  CHECK(status(serving.get("/report?plan=none")) == 404);
}

TEST_CASE("report page: files to take away are what the command prints, named after plan and day") {
  ReportServing serving;
  const chase::Report report = serving.report(chase::ReportKind::progress, morning);
  const auto file = [&](const std::string& format) {
    return serving.get("/report?plan=plan&kind=progress&format=" + format);
  };
  CHECK(body(file("csv")) == chase::to_csv(report));
  CHECK(body(file("html")) == chase::to_html(report));
  CHECK(body(file("json")) == chase::to_json(report));
  CHECK(header(file("csv"), "Content-Disposition") == "attachment; filename=\"progress-plan-2026-12-31.csv\"");
  CHECK(header(file("csv"), "Content-Type") == "text/csv; charset=utf-8");
}
