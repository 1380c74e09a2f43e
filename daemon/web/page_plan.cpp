#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "web/staff.h"
#include "web/standing.h"
#include "web/timeline.h"
#include "web/words.h"

namespace chaser::web {
namespace {

constexpr std::size_t rows_per_page = 50;

std::size_t number_of(const std::string& text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number < 1'000'000 ? number : 0;
}

/// What the filter asks, in words of the query.
struct Filter {
  std::string section;
  std::string status;
  std::string words;
  std::string show;  // "", "open", "late"
  std::size_t from = 0;

  static Filter of(const Request& request) {
    Filter filter{request.query_field("section"), request.query_field("status"), request.query_field("words"),
                  request.query_field("show"), number_of(request.query_field("from"))};
    filter.words.resize(std::min<std::size_t>(filter.words.size(), 200));
    return filter;
  }
  std::string query(std::size_t at) const {
    std::string text = fmt::format("?section={}&status={}&words={}&show={}", url_part(section), url_part(status),
                                   url_part(words), url_part(show));
    return at == 0 ? text : fmt::format("{}&from={}", text, at);
  }
  bool is_set() const { return !section.empty() || !status.empty() || !words.empty() || !show.empty(); }
};

std::vector<View> options(const std::vector<std::pair<std::string, std::string>>& values, const std::string& chosen) {
  std::vector<View> views;
  for (const auto& [value, label] : values)
    views.push_back(View().text("value", value).text("label", label).flag("chosen", value == chosen));
  return views;
}

/// The figures at the top, and the sections and statuses to choose from.
void count(View& view, const std::vector<store::StatusCount>& counts, const plan::Workflow& workflow,
           const Filter& filter) {
  std::vector<std::pair<std::string, std::string>> sections;
  std::map<std::string, std::size_t> by_status;
  std::size_t all = 0;
  std::size_t late = 0;
  std::size_t finished = 0;
  for (const store::StatusCount& each : counts) {
    all += each.actions;
    by_status[each.status] += each.actions;
    if (workflow.is_finished(each.status))
      finished += each.actions;
    else
      late += each.past;
    const bool known =
        std::any_of(sections.begin(), sections.end(), [&](const auto& s) { return s.first == each.section; });
    if (!known && !each.section.empty()) sections.emplace_back(each.section, each.section);
  }
  std::vector<std::pair<std::string, std::string>> statuses;
  for (const auto& [status, actions] : by_status)
    statuses.emplace_back(status, fmt::format("{} ({})", status_words(status), actions));
  view.text("all", std::to_string(all)).text("late", std::to_string(late)).text("finished", std::to_string(finished));
  view.text("open", std::to_string(all - finished));
  view.list("sections", options(sections, filter.section)).list("statuses", options(statuses, filter.status));
  view.list("shows", options({{"open", "Open ones"}, {"late", "Late ones"}}, filter.show));
}

Response plan_page(const Staff& staff, const Request& request, const Principal& who, const std::string& plan) {
  const auto world = staff.site().world();
  const chase::PlanContext* const context = world->find_plan(plan);
  if (context == nullptr) return staff.error(who, 404);
  const calendar::CivilDay today = calendar::day_of(staff.site().now(), context->zone);
  const Filter filter = Filter::of(request);
  store::ActionQuery wanted;
  wanted.plan = plan;
  wanted.section = filter.section;
  wanted.status = filter.status;
  wanted.words = filter.words;
  wanted.open_only = !filter.show.empty();
  if (filter.show == "late") wanted.due_before = today;
  wanted.offset = filter.from;
  wanted.limit = rows_per_page;
  View view;
  store::ActionPage page;
  {
    const Site::Reader store = staff.site().reader();
    page = store->list_actions(wanted, *world);
    count(view, store->count_actions(plan, today), world->workflow(), filter);
    view.text("title", store->plan_title(plan).value_or(context->title.empty() ? plan : context->title));
  }
  std::vector<const chase::ActionState*> states;
  std::vector<View> rows;
  std::string section;
  for (const store::LoadedAction& action : page.actions) {
    states.push_back(&action.state);
    View row = action_view(action.state, *world, today);
    tell_colours(row, action.state, *world, today);
    if (row.texts["section"] != section) row.text("new_section", section = row.texts["section"]);
    rows.push_back(std::move(row));
  }
  view.text("svg", timeline(states, world->workflow(), today));
  view.flag("has_rows", !rows.empty()).list("rows", std::move(rows)).flag("filtered", filter.is_set());
  view.text("plan", plan).text("path", "/plan/" + url_part(plan)).text("words", filter.words);
  view.text("count", counted(page.count, "action"));
  const std::string base = "/plan/" + url_part(plan);
  if (filter.from > 0) view.text("before", base + filter.query(filter.from - std::min(filter.from, rows_per_page)));
  if (filter.from + rows_per_page < page.count) view.text("after", base + filter.query(filter.from + rows_per_page));
  view.text("range", fmt::format("{}–{} of {}", filter.from + 1, filter.from + page.actions.size(), page.count));
  view.flag("many", page.count > rows_per_page);
  return staff.page(who, view.texts["title"], "plan", render("plan", view));
}

Response plans_page(const Staff& staff, const Request& request, const Principal& who) {
  const auto world = staff.site().world();
  if (world->plans().size() == 1) return plan_page(staff, request, who, world->plans().front().id);
  std::vector<View> plans;
  const Site::Reader store = staff.site().reader();
  for (const chase::PlanContext& plan : world->plans()) {
    std::size_t actions = 0;
    std::size_t late = 0;
    for (const auto& each : store->count_actions(plan.id, calendar::day_of(staff.site().now(), plan.zone))) {
      actions += each.actions;
      if (!world->workflow().is_finished(each.status)) late += each.past;
    }
    plans.push_back(View()
                        .text("path", "/plan/" + url_part(plan.id))
                        .text("title", store->plan_title(plan.id).value_or(plan.id))
                        .text("actions", counted(actions, "action"))
                        .text("late", late == 0 ? "" : fmt::format("{} late", late)));
  }
  View view;
  view.flag("has_plans", !plans.empty()).list("plans", std::move(plans));
  return staff.page(who, "Plans", "plan", render("plans", view));
}

}  // namespace

void add_plan(Staff& staff) {
  staff.router().add({"GET", "/plan", Role::viewer, [&staff](const Request& request, const Principal& who) {
                        return plans_page(staff, request, who);
                      }});
  staff.router().add({"GET", "/plan/{plan}", Role::viewer, [&staff](const Request& request, const Principal& who) {
                        return plan_page(staff, request, who, request.places.at(0));
                      }});
}

}  // namespace chaser::web
