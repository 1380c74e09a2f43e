#include <algorithm>

#include "chase/explain.h"
#include "web/api.h"
#include "web/words.h"

namespace chaser::web {
namespace {

constexpr std::size_t next_events = 5;

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
  const Site::Reader store = request.site().reader();
  return api_answer(
      request, shape_of(store->status(), store->kept("alarm").value_or(""), store->kept("inbox_trouble").value_or("")));
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

/// Whether an open action is wanted; "" wants every one.
bool is_wanted(const chase::ActionState& state, const chase::World& world, const ApiRequest& request) {
  const Request& http = request.http;
  const auto differs = [&](const char* name, const std::string& value) {
    const std::string wanted = http.query_field(name);
    return !wanted.empty() && wanted != value;
  };
  if (state.plan->id != request.place(0) || state.facts.dropped) return false;
  if (differs("section", state.facts.section) || differs("status", state.facts.status)) return false;
  const auto before = calendar::parse_iso_day(http.query_field("due_before"));
  if (before && (!state.facts.timescale.due || *state.facts.timescale.due >= *before)) return false;
  const std::string party = http.query_field("party");
  if (party.empty()) return true;
  return std::any_of(state.assignments.begin(), state.assignments.end(), [&](const chase::AssignmentState& each) {
    return each.holder() != chase::no_party && world.person(each.holder()).id == party;
  });
}

Response actions(const ApiRequest& request) {
  const auto world = request.site().world();
  plan_of(request, *world);
  ApiList list(request);
  const Site::Reader store = request.site().reader();
  store->each_action(*world, [&](store::LoadedAction&& action) {
    if (is_wanted(action.state, *world, request)) list.add([&] { return action_shape(action.state, *world); });
  });
  return list.answer();
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
                   "The open actions of a plan, in its order.", "Actions", actions,
                   page_fields({{"section", ApiType::text, "Only those of this section."},
                                {"status", ApiType::text, "Only those of this status."},
                                {"party", ApiType::text, "Only those that this party leads or supports."},
                                {"due_before", ApiType::day, "Only those due before this day."}})});
  calls.push_back({"GET", "/plans/{plan}/actions/{action}", Role::viewer, "getAction",
                   "An action with its cases, notifications and holds.", "ActionWhole", one_action});
  calls.push_back({"GET", "/plans/{plan}/actions/{action}/history", Role::viewer, "getHistory",
                   "What happened about an action, oldest first.", "Events", history, event_fields()});
  calls.push_back({"GET", "/plans/{plan}/actions/{action}/explanation", Role::viewer, "explainAction",
                   "What happened, what is held and why, what comes next.", "Explanation", explanation});
  calls.push_back(
      {"GET", "/upcoming", Role::viewer, "listUpcoming",
       "What will be told in the next three months if nobody answers.", "Upcoming", upcoming,
       page_fields({{"plan", ApiType::text, "Only of this plan."}, {"party", ApiType::text, "Only to this party."}})});
  calls.push_back({"GET", "/log", Role::viewer, "listLog", "The audit trail, oldest first.", "Events", log,
                   event_fields({{"plan", ApiType::text, "Only of this plan."},
                                 {"action", ApiType::text, "Only of this action; needs plan."}})});
}

}  // namespace chaser::web
