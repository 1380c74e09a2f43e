#include "app/commands.h"
#include "app/opening.h"
#include "chase/report.h"

namespace chaser::app {

namespace {

/// A report looks back over so many answers of its plan.
constexpr std::size_t responses_max = 100'000;

/// The instant of the report: --now, the end of --on in the plan's zone, a scripted store's last instant, else the
/// clock's.
Instant instant_of(const Invocation& invocation, const chase::PlanContext& plan, store::Store& store) {
  if (const auto text = invocation.value("--on")) {
    const auto day = calendar::parse_iso_day(*text);
    if (!day) refuse("--on needs a day such as 2027-03-31; got \"" + *text + "\"");
    return calendar::first_instant(*day + 1, plan.zone) - absl::Microseconds(1);
  }
  const Clock clock = clock_of(invocation);
  if (clock.is_scripted() || !store.status().scripted) return clock.now();
  return store.clock_high_water().value_or(clock.now());
}

std::vector<chase::ReportSource> sources_of(store::Store& store, const std::string& plan, const chase::World& world) {
  std::vector<chase::ReportSource> sources;
  std::map<std::string, std::size_t, std::less<>> by_id;
  store.each_of_plan(plan, world, [&](store::LoadedAction&& action) {
    by_id.emplace(action.state.facts.id, sources.size());
    sources.push_back({std::move(action.state), {}});
  });
  const std::vector<store::ResponseRecord> latest_first = store.responses(plan, "", responses_max);
  for (auto record = latest_first.rbegin(); record != latest_first.rend(); ++record) {
    const auto source = by_id.find(record->action);
    if (!record->accepted || source == by_id.end()) continue;
    const std::string kind(chase::name_of(record->response.kind));
    sources[source->second].answers.push_back({record->at, record->response.party, kind});
  }
  return sources;
}

std::string rendered(const chase::Report& report, std::string_view format) {
  if (format == "json") return chase::to_json(report);
  if (format == "csv") return chase::to_csv(report);
  if (format == "html") return chase::to_html(report);
  return chase::to_table(report);
}

}  // namespace

Exit report_command(const Invocation& invocation, Terminal& terminal) {
  const auto kind = chase::report_kind(invocation.words.at(0));
  if (!kind) refuse("there is no report \"" + invocation.words[0] + "\"; there are exceptions and progress");
  if (invocation.has("--on") && invocation.has("--now")) refuse("give --on or --now, not both");
  std::string alarm;
  const auto inputs = open_inputs_or_last_good(invocation, terminal, false, alarm);
  if (!inputs) return Exit::problems;
  documents::Problems problems;
  const ReadingView view = open_reading(*inputs, Clock(), problems);
  const std::string id = *invocation.value("--plan");
  const chase::PlanContext* const plan = view.world->find_plan(id);
  if (plan == nullptr) refuse("the settings have no plan \"" + id + "\"");
  const Instant now = instant_of(invocation, *plan, *view.store);
  const auto sources = sources_of(*view.store, id, *view.world);
  chase::Report report = chase::report(*kind, *plan, *view.world, sources, now);
  // Without a title in the settings the plan goes by its document's.
  if (report.title == id) report.title = view.store->plan_title(id).value_or(id);
  terminal.out << rendered(report, invocation.value("--format").value_or("table"));
  return Exit::fine;
}

}  // namespace chaser::app
