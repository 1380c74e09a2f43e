#include "app/commands.h"
#include "app/opening.h"
#include "store/reporting.h"

namespace chaser::app {

namespace {

/// The instant of the report: --now, the end of --on in the plan's zone, a scripted store's last instant, else the
/// clock's.
Instant instant_of(const Invocation& invocation, const chase::PlanContext& plan, store::Store& store) {
  if (const auto text = invocation.value("--on")) {
    const auto day = calendar::parse_iso_day(*text);
    if (!day) refuse("--on needs a day such as 2027-03-31; got \"" + *text + "\"");
    return store::end_of(*day, plan);
  }
  const Clock clock = clock_of(invocation);
  if (clock.is_scripted() || !store.status().scripted) return clock.now();
  return store.clock_high_water().value_or(clock.now());
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
  const chase::Report report = store::report(*view.store, *view.world, *plan, *kind, now);
  terminal.out << rendered(report, invocation.value("--format").value_or("table"));
  return Exit::fine;
}

}  // namespace chaser::app
