#include "store/reporting.h"

#include <map>

namespace chaser::store {
namespace {

/// A report looks back over so many answers of its plan.
constexpr std::size_t responses_max = 100'000;

std::vector<chase::ReportSource> sources_of(Store& store, const std::string& plan, const chase::World& world) {
  std::vector<chase::ReportSource> sources;
  std::map<std::string, std::size_t, std::less<>> by_id;
  store.each_of_plan(plan, world, [&](LoadedAction&& action) {
    by_id.emplace(action.state.facts.id, sources.size());
    sources.push_back({std::move(action.state), {}});
  });
  const std::vector<ResponseRecord> latest_first = store.responses(plan, "", responses_max);
  for (auto record = latest_first.rbegin(); record != latest_first.rend(); ++record) {
    const auto source = by_id.find(record->action);
    if (!record->accepted || source == by_id.end()) continue;
    const std::string kind(chase::name_of(record->response.kind));
    sources[source->second].answers.push_back({record->at, record->response.party, kind});
  }
  return sources;
}

}  // namespace

chase::Report report(Store& store, const chase::World& world, const chase::PlanContext& plan, chase::ReportKind kind,
                     Instant now) {
  chase::Report made = chase::report(kind, plan, world, sources_of(store, plan.id, world), now);
  if (made.title == plan.id) made.title = store.plan_title(plan.id).value_or(plan.id);
  return made;
}

Instant end_of(CivilDay day, const chase::PlanContext& plan) {
  return calendar::first_instant(day + 1, plan.zone) - absl::Microseconds(1);
}

}  // namespace chaser::store
