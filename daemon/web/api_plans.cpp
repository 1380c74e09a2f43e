#include <fmt/format.h>

#include <algorithm>

#include "chase/explain.h"
#include "store/reporting.h"
#include "web/api.h"
#include "web/words.h"

namespace chaser::web {
namespace {

constexpr std::size_t next_events = 5;
constexpr std::int64_t offset_max = 100'000;
constexpr std::size_t records_max = 200;

const chase::PlanContext& plan_of(const ApiRequest& request, const chase::World& world) {
  const chase::PlanContext* const plan = world.find_plan(request.place(0));
  if (plan == nullptr) throw ApiProblem(404, "There is no plan \"" + request.place(0) + "\".");
  return *plan;
}

store::LoadedAction action_of(const ApiRequest& request, store::Store& store, const chase::World& world) {
  plan_of(request, world);
  auto action = store.load_action(request.place(0), request.place(1), world);
  if (!action) throw ApiProblem(404, "There is no action " + request.place(0) + "/" + request.place(1) + ".");
  return *std::move(action);
}

Json plan_shape(const chase::PlanContext& plan, const chase::World& world) {
  const auto id = [&](chase::PartyIndex party) {
    return party == chase::no_party ? Json(nullptr) : Json(world.person(party).id);
  };
  return {{"id", plan.id},
          {"title", plan.title},
          {"zone", plan.zone.name()},
          {"coordinator", id(plan.coordinator)},
          {"sponsor", id(plan.sponsor)},
          {"approver", id(plan.approver)}};
}

Response status(const ApiRequest& request) {
  const Site& site = request.site();
  const Site::Reader store = request.site().reader();
  return api_answer(request, status_shape(*store, site.settings().dead_address_for, site.now()));
}

Response plans(const ApiRequest& request) {
  const auto world = request.site().world();
  Json items = Json::array();
  for (const chase::PlanContext& plan : world->plans()) items.push_back(plan_shape(plan, *world));
  return api_page(request, std::move(items), "");
}

Response one_plan(const ApiRequest& request) {
  const auto world = request.site().world();
  return api_answer(request, plan_shape(plan_of(request, *world), *world));
}

Response actions(const ApiRequest& request) {
  const auto world = request.site().world();
  const Request& http = request.http;
  store::ActionQuery wanted;
  wanted.plan = plan_of(request, *world).id;
  wanted.section = http.query_field("section");
  wanted.status = http.query_field("status");
  wanted.words = http.query_field("words");
  if (const std::string party = http.query_field("party"); !party.empty()) wanted.parties = {party};
  wanted.due_before = calendar::parse_iso_day(http.query_field("due_before"));
  wanted.open_only = !request.is_true("finished", false) && wanted.status.empty();
  wanted.unclear = request.is_true("unclear", false);
  const std::int64_t offset = request.number("offset").value_or(0);
  if (offset > offset_max) throw ApiProblem(400, fmt::format("\"offset\" is at most {} here.", offset_max));
  wanted.offset = static_cast<std::size_t>(offset);
  wanted.limit = page_limit(request);
  const Site::Reader store = request.site().reader();
  const store::ActionPage page = store->list_actions(wanted, *world);
  Json items = Json::array();
  for (const store::LoadedAction& action : page.actions) items.push_back(action_shape(action.state, *world));
  const std::size_t end = wanted.offset + page.actions.size();
  const bool is_last = end >= page.count || page.actions.empty();
  return api_page(request, std::move(items),
                  is_last ? "" : next_page(request, "offset", static_cast<std::int64_t>(end)));
}

Response responses(const ApiRequest& request) {
  const auto world = request.site().world();
  const Site::Reader store = request.site().reader();
  action_of(request, *store, *world);
  Json items = Json::array();
  for (const store::ResponseRecord& record : store->responses(request.place(0), request.place(1), records_max))
    items.push_back(shape_of(record));
  return api_page(request, std::move(items), "");
}

Response requests(const ApiRequest& request) {
  const Site::Reader store = request.site().reader();
  Json items = Json::array();
  const std::string plan = request.http.query_field("plan");
  for (const store::RequestRecord& record : store->requests(plan, "", request.is_true("open", true), records_max))
    items.push_back(shape_of(record));
  return api_page(request, std::move(items), "");
}

Response report(const ApiRequest& request) {
  const auto world = request.site().world();
  const chase::PlanContext& plan = plan_of(request, *world);
  const auto kind = chase::report_kind(request.place(1));
  if (!kind) throw ApiProblem(404, "There is no report \"" + request.place(1) + "\": exceptions or progress.");
  const auto day = calendar::parse_iso_day(request.http.query_field("on"));
  const Instant at = day ? store::end_of(*day, plan) : request.site().now();
  const Site::Reader store = request.site().reader();
  return api_answer(request, Json::parse(chase::to_json(store::report(*store, *world, plan, *kind, at))));
}

Response one_action(const ApiRequest& request) {
  const auto world = request.site().world();
  const Site::Reader store = request.site().reader();
  const store::LoadedAction action = action_of(request, *store, *world);
  Json shape = action_shape(action.state, *world);
  const auto list = [&](const char* name, const auto& records) {
    shape[name] = Json::array();
    for (const auto& record : records) shape[name].push_back(shape_of(record));
  };
  shape["cases"] = Json::array();
  for (const chase::CaseState& each : action.state.cases)
    shape["cases"].push_back(case_shape(each, action.state, *world));
  list("notifications", store->notifications(request.place(0), request.place(1), page_max));
  list("holds", store->holds(request.place(0), request.place(1), page_max));
  return api_answer(request, shape);
}

/// What the events say, oldest first, from `after` on.
Response events(const ApiRequest& request, const std::string& plan, const std::string& action) {
  const std::size_t limit = page_limit(request);
  const Site::Reader store = request.site().reader();
  const auto found = store->events(plan, action, request.number("after").value_or(0), limit);
  Json items = Json::array();
  for (const store::Event& event : found) items.push_back(shape_of(event));
  return api_page(request, std::move(items),
                  found.size() < limit ? "" : next_page(request, "after", found.back().sequence));
}

Response history(const ApiRequest& request) {
  {
    const auto world = request.site().world();
    const Site::Reader store = request.site().reader();
    action_of(request, *store, *world);
  }
  return events(request, request.place(0), request.place(1));
}

Response log(const ApiRequest& request) {
  const std::string plan = request.http.query_field("plan");
  const std::string action = request.http.query_field("action");
  if (plan.empty() && !action.empty()) throw ApiProblem(400, "\"action\" needs \"plan\".");
  return events(request, plan, action);
}

Response explanation(const ApiRequest& request) {
  const auto world = request.site().world();
  const Instant now = request.site().now();
  const Site::Reader store = request.site().reader();
  const store::LoadedAction action = action_of(request, *store, *world);
  const chase::Explanation explained =
      chase::explain(action.state, *world, now, next_events, request.site().doors().brakes(*store, *world, now));
  return api_answer(request, Json::parse(chase::to_json(explained, action.state.plan->zone)));
}

/// What the outlook has played: it may be a minute old.
Response upcoming(const ApiRequest& request) {
  const auto ahead = request.staff.outlook().latest();
  if (!ahead) throw ApiProblem(503, "What lies ahead is still being played. Ask again in a moment.");
  const std::string plan = request.http.query_field("plan");
  const std::string party = request.http.query_field("party");
  ApiList list(request);
  for (const chase::Telling& told : ahead->tellings) {
    const bool is_other = (!plan.empty() && told.plan != plan) || (!party.empty() && told.to != party);
    if (!is_other) list.add([&] { return shape_of(told); });
  }
  return list.answer();
}

std::vector<ApiField> event_fields(std::vector<ApiField> others = {}) {
  others.push_back({"after", ApiType::number, "Only events with a higher sequence."});
  others.push_back({"limit", ApiType::number, "How many at most, up to 100; 50 if not said."});
  return others;
}

}  // namespace

void add_plan_calls(std::vector<ApiCall>& calls) {
  calls.push_back(
      {"GET", "/status", Role::viewer, "getStatus", "Counts, what waits and what comes next.", "Status", status});
  calls.push_back({"GET", "/plans", Role::viewer, "listPlans", "All plans.", "Plans", plans});
  calls.push_back({"GET", "/plans/{plan}", Role::viewer, "getPlan", "A plan.", "Plan", one_plan});
  calls.push_back({"GET", "/plans/{plan}/actions", Role::viewer, "listActions",
                   "The actions of a plan, in its order: the open ones if not asked otherwise.", "Actions", actions,
                   page_fields({{"section", ApiType::text, "Only those of this section."},
                                {"status", ApiType::text, "Only those of this status."},
                                {"party", ApiType::text, "Only those that this party leads or supports."},
                                {"due_before", ApiType::day, "Only those due before this day."},
                                {"words", ApiType::text, "Only those with these words in id, title, text or owners."},
                                {"unclear", ApiType::truth, "true: only those with a date or owner in doubt."},
                                {"finished", ApiType::truth, "true: finished ones too."}})});
  calls.push_back({"GET", "/plans/{plan}/actions/{action}", Role::viewer, "getAction",
                   "An action with its cases, notifications and holds.", "ActionWhole", one_action});
  calls.push_back({"GET", "/plans/{plan}/actions/{action}/history", Role::viewer, "getHistory",
                   "What happened about an action, oldest first.", "Events", history, event_fields()});
  calls.push_back({"GET", "/plans/{plan}/actions/{action}/explanation", Role::viewer, "explainAction",
                   "What happened, what is held and why, what comes next.", "Explanation", explanation});
  calls.push_back({"GET", "/plans/{plan}/actions/{action}/responses", Role::viewer, "listResponses",
                   "What was answered about an action, latest first, refused answers too.", "Responses", responses});
  calls.push_back({"GET",
                   "/plans/{plan}/reports/{report}",
                   Role::viewer,
                   "getReport",
                   "What a committee gets, as chaser report prints it.",
                   "Report",
                   report,
                   {{"on", ApiType::day, "As at the end of this day; now if not said."}}});
  calls.push_back({"GET",
                   "/requests",
                   Role::viewer,
                   "listRequests",
                   "What waits for somebody's word: extensions, done, handing over, not mine.",
                   "Requests",
                   requests,
                   {{"plan", ApiType::text, "Only of this plan."},
                    {"open", ApiType::truth, "false: those that were decided too."}}});
  calls.push_back(
      {"GET", "/upcoming", Role::viewer, "listUpcoming",
       "What will be told in the next three months if nobody answers.", "Upcoming", upcoming,
       page_fields({{"plan", ApiType::text, "Only of this plan."}, {"party", ApiType::text, "Only to this party."}})});
  calls.push_back({"GET", "/log", Role::viewer, "listLog", "The audit trail, oldest first.", "Events", log,
                   event_fields({{"plan", ApiType::text, "Only of this plan."},
                                 {"action", ApiType::text, "Only of this action; needs plan."}})});
}

}  // namespace chaser::web
