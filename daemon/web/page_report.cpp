#include <fmt/format.h>

#include <algorithm>

#include "calendar/time.h"
#include "web/staff.h"
#include "web/standing.h"
#include "web/words.h"

namespace chaser::web {
namespace {

constexpr std::size_t exceptions_max = 500;

/// Open actions past their date, the latest first; in the report's own words.
std::vector<View> exceptions(store::Store& store, const chase::World& world, const chase::PlanContext& plan,
                             calendar::CivilDay today, std::size_t& count) {
  std::vector<View> rows;
  store::ActionQuery wanted;
  wanted.plan = plan.id;
  wanted.open_only = true;
  wanted.due_before = today;
  do {
    const store::ActionPage page = store.list_actions(wanted, world);
    count = page.count;
    for (const store::LoadedAction& action : page.actions) {
      View row = action_view(action.state, world, today);
      row.text("note", action.state.facts.last_note);
      row.text("updated", action.state.facts.updated
                              ? day_words(calendar::day_of(*action.state.facts.updated, plan.zone))
                              : "never");
      rows.push_back(std::move(row));
    }
    wanted.offset += wanted.limit;
  } while (wanted.offset < count && rows.size() < exceptions_max);
  return rows;
}

Response report(const Staff& staff, const Request& request, const Principal& who) {
  const auto world = staff.site().world();
  std::string id = request.query_field("plan");
  if (id.empty() && !world->plans().empty()) id = world->plans().front().id;
  const chase::PlanContext* const plan = world->find_plan(id);
  View view;
  std::vector<View> plans;
  for (const chase::PlanContext& each : world->plans())
    plans.push_back(View()
                        .text("id", each.id)
                        .text("title", each.title.empty() ? each.id : each.title)
                        .flag("chosen", each.id == id));
  view.flag("choice", plans.size() > 1).list("plans", std::move(plans));
  if (plan == nullptr) return staff.page(who, "Report", "report", render("report", view.flag("none")));
  const Instant now = staff.site().now();
  const calendar::CivilDay today = calendar::day_of(now, plan->zone);
  const Site::Reader store = staff.site().reader();
  std::size_t count = 0;
  std::size_t all = 0;
  std::size_t finished = 0;
  for (const store::StatusCount& each : store->count_actions(id, today)) {
    all += each.actions;
    if (world->workflow().is_finished(each.status)) finished += each.actions;
  }
  auto rows = exceptions(*store, *world, *plan, today, count);
  view.text("title", store->plan_title(id).value_or(id)).text("day", calendar::long_day(today));
  view.text("all", std::to_string(all)).text("finished", std::to_string(finished)).text("late", std::to_string(count));
  view.text("open", std::to_string(all - finished));
  view.flag("has_rows", !rows.empty()).list("rows", std::move(rows));
  return staff.page(who, "Report", "report", render("report", view));
}

}  // namespace

void add_report(Staff& staff) {
  staff.router().add({"GET", "/report", Role::viewer,
                      [&staff](const Request& request, const Principal& who) { return report(staff, request, who); }});
}

}  // namespace chaser::web
