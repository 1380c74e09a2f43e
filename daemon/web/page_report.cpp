#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "calendar/time.h"
#include "store/reporting.h"
#include "web/staff.h"
#include "web/words.h"

namespace chaser::web {
namespace {

/// What the page's form asks; what is not asked is the first plan's exceptions as they are now.
struct Wanted {
  std::string plan;
  chase::ReportKind kind = chase::ReportKind::exceptions;
  std::string on;  // as it was typed
  std::optional<calendar::CivilDay> day;
  std::string problem;

  static Wanted of(const Request& request, const chase::World& world) {
    Wanted wanted;
    wanted.plan = request.query_field("plan");
    if (wanted.plan.empty() && !world.plans().empty()) wanted.plan = world.plans().front().id;
    wanted.kind = chase::report_kind(request.query_field("kind")).value_or(chase::ReportKind::exceptions);
    wanted.on = request.query_field("on").substr(0, 40);
    wanted.day = calendar::parse_iso_day(wanted.on);
    if (!wanted.on.empty() && !wanted.day) {
      wanted.problem = fmt::format("“{}” is no day such as 2027-03-31. This is the report as of now.", wanted.on);
    }
    return wanted;
  }
  std::string address(chase::ReportKind of, std::string_view format = "") const {
    std::string path = fmt::format("/report?plan={}&kind={}", url_part(plan), chase::name_of(of));
    if (day) path += "&on=" + calendar::iso_day(*day);
    return format.empty() ? path : fmt::format("{}&format={}", path, format);
  }
};

/// A report to take away.
struct Format {
  std::string_view name;
  std::string_view label;
  const char* type;
  std::string (*render)(const chase::Report& report);
};
constexpr std::array<Format, 3> formats{
    {{"csv", "For a spreadsheet (CSV)", "text/csv; charset=utf-8", chase::to_csv},
     {"html", "One page to keep or send (HTML)", "text/html; charset=utf-8", chase::to_html},
     {"json", "For programs (JSON)", "application/json", chase::to_json}}};

Response to_take_away(const chase::Report& report, const Format& format) {
  Response response{200, format.type, format.render(report)};
  const std::string name =
      fmt::format("{}-{}-{}.{}", chase::name_of(report.kind), report.plan, calendar::iso_day(report.on), format.name);
  return response.header("Content-Disposition", fmt::format("attachment; filename=\"{}\"", name));
}

std::vector<View> kind_views(const Wanted& wanted) {
  std::vector<View> kinds;
  for (const auto& [kind, label] : {std::pair{chase::ReportKind::exceptions, "Exceptions"},
                                    std::pair{chase::ReportKind::progress, "Progress of every action"}}) {
    kinds.push_back(View()
                        .text("path", wanted.address(kind))
                        .text("label", label)
                        .text("value", std::string(chase::name_of(kind)))
                        .flag("here", kind == wanted.kind));
  }
  return kinds;
}

View choices(const Wanted& wanted, const chase::World& world) {
  View view;
  std::vector<View> plans;
  for (const chase::PlanContext& each : world.plans())
    plans.push_back(View()
                        .text("id", each.id)
                        .text("title", each.title.empty() ? each.id : each.title)
                        .flag("chosen", each.id == wanted.plan));
  view.flag("choice", plans.size() > 1).list("plans", std::move(plans)).list("kinds", kind_views(wanted));
  std::vector<View> downloads;
  for (const Format& format : formats)
    downloads.push_back(
        View().text("path", wanted.address(wanted.kind, format.name)).text("label", std::string(format.label)));
  view.list("downloads", std::move(downloads)).text("kind", std::string(chase::name_of(wanted.kind)));
  return view.text("plan", wanted.plan).text("on", wanted.on).text("problem", wanted.problem);
}

Response report(const Staff& staff, const Request& request, const Principal& who) {
  const auto world = staff.site().world();
  const Wanted wanted = Wanted::of(request, *world);
  const chase::PlanContext* const plan = world->find_plan(wanted.plan);
  if (plan == nullptr && !world->plans().empty()) return staff.error(who, 404, "There is no plan of that name.");
  View view = choices(wanted, *world);
  if (plan == nullptr) return staff.page(who, "Report", "report", render("report", view.flag("none")));
  const Instant at = wanted.day ? store::end_of(*wanted.day, *plan) : staff.site().now();
  const Site::Reader store = staff.site().reader();
  const chase::Report made = store::report(*store, *world, *plan, wanted.kind, at);
  const std::string format = request.query_field("format");
  const auto known =
      std::find_if(formats.begin(), formats.end(), [&](const Format& each) { return each.name == format; });
  if (known != formats.end()) return to_take_away(made, *known);
  const auto address = [&](const std::string& action) { return action_path(wanted.plan, action); };
  view.text("body", chase::html_body(made, address, chase::report_page_rows_max));
  Response response = staff.page(who, "Report", "report", render("report", view));
  if (!wanted.problem.empty()) response.status = 422;
  return response;
}

}  // namespace

void add_report(Staff& staff) {
  staff.router().add({"GET", "/report", Role::viewer,
                      [&staff](const Request& request, const Principal& who) { return report(staff, request, who); }});
}

}  // namespace chaser::web
