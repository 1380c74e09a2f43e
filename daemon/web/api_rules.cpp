#include "web/api.h"

namespace chaser::web {
namespace {

Response rules(const ApiRequest& request) {
  const auto world = request.site().world();
  Json items = Json::array();
  for (const auto& rule : world->rulebook().rules()) {
    if (const chase::CompiledRule* const compiled = world->find_rule(rule->name)) items.push_back(shape_of(*compiled));
  }
  return api_page(request, std::move(items), "");
}

Response one(const ApiRequest& request) {
  const auto world = request.site().world();
  const chase::CompiledRule* const rule = world->find_rule(request.place(0));
  if (rule == nullptr) throw ApiProblem(404, "There is no rule \"" + request.place(0) + "\".");
  return api_answer(request, shape_of(*rule));
}

Response stops(const ApiRequest& request) {
  const Site::Reader store = request.site().reader();
  Json items = Json::array();
  for (const store::Stop& stop : store->stops()) items.push_back(shape_of(stop));
  return api_page(request, std::move(items), "");
}

}  // namespace

void add_rule_calls(std::vector<ApiCall>& calls) {
  calls.push_back({"GET", "/rules", Role::viewer, "listRules", "The rules in force.", "Rules", rules});
  calls.push_back({"GET", "/rules/{rule}", Role::viewer, "getRule", "A rule.", "Rule", one});
  calls.push_back(
      {"GET", "/stops", Role::viewer, "listStops", "What is held by hand; all null: everything.", "Stops", stops});
}

}  // namespace chaser::web
