#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/forecasting.h"
#include "app/opening.h"
#include "app/reporting.h"
#include "chase/forecast_difference.h"
#include "chase/migration.h"
#include "store/sqlite_store.h"

namespace chaser::app {

namespace {

/// Open cases of one rule that began under one older version of it.
struct Kept {
  std::string rule;
  std::string from;
  std::string to;
  std::vector<std::string> actions;  // "kent-medway/2.1"
};

std::vector<Kept> kept_versions(store::Store& store, const chase::World& world) {
  std::map<std::pair<std::string, std::string>, Kept> found;
  store.each_action(world, [&](store::LoadedAction&& action) {
    for (const chase::CaseState& known : action.state.cases) {
      const chase::CompiledRule* const to = chase::version_to_take(known, world);
      if (to == nullptr) continue;
      const rulebook::Rule& from = *known.rule->rule;
      Kept& kept = found[{from.name, from.version}];
      kept.rule = from.name;
      kept.from = from.version;
      kept.to = to->rule->version;
      kept.actions.push_back(action.state.plan->id + "/" + action.state.facts.id);
    }
  });
  std::vector<Kept> all;
  for (auto& [version, kept] : found) all.push_back(std::move(kept));
  return all;
}

constexpr std::size_t actions_shown_max = 20;
constexpr std::size_t hash_shown = 8;

std::string words(const Kept& kept) {
  std::string text = fmt::format("rule {}: {} began under version {}, loaded is {}\n  ", kept.rule,
                                 counted(kept.actions.size(), "open case"), kept.from.substr(0, hash_shown),
                                 kept.to.substr(0, hash_shown));
  for (std::size_t i = 0; i < kept.actions.size() && i < actions_shown_max; ++i)
    text += (i == 0 ? "" : ", ") + kept.actions[i];
  if (kept.actions.size() > actions_shown_max)
    text += fmt::format(" and {} more", kept.actions.size() - actions_shown_max);
  return text + "\n";
}

}  // namespace

Exit migrate_command(const Invocation& invocation, Terminal& terminal) {
  if (invocation.has("--apply")) return writing_command(invocation, terminal);
  const auto inputs = open_inputs(invocation, terminal, false);
  if (!inputs) return Exit::problems;
  documents::Problems problems;
  const Clock clock = clock_of(invocation);
  const ReadingView view = open_reading(*inputs, clock, problems);
  const std::vector<Kept> kept = kept_versions(*view.store, *view.world);
  ForecastRange range;
  const bool stands_still = !clock.is_scripted() && view.store->status().scripted;
  range.from = stands_still ? view.store->clock_high_water().value_or(clock.now()) : clock.now();
  const auto to = invocation.value("--to");
  range.to = to ? last_instant(*to, *inputs) : range.from + foresight;
  const Forecast before = play_forecast(*inputs, range, problems);
  range.migrated = true;
  const Forecast after = play_forecast(*inputs, range, problems);
  if (problems.has_errors()) {
    terminal.err << describe_all(problems);
    return Exit::problems;
  }
  const std::vector<chase::Change> changes = chase::difference(before.tellings, after.tellings, range.from);
  if (invocation.wants_json()) {
    nlohmann::ordered_json versions = nlohmann::ordered_json::array();
    for (const Kept& each : kept) {
      versions.push_back({{"rule", each.rule}, {"from", each.from}, {"to", each.to}, {"actions", each.actions}});
    }
    const nlohmann::ordered_json all{
        {"cases", std::move(versions)},
        {"changes", nlohmann::ordered_json::parse(chase::difference_json(changes, *before.world, *after.world))}};
    terminal.out << all.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << "\n";
    return Exit::fine;
  }
  if (kept.empty()) {
    terminal.out << "No open case keeps an older version.\n";
    return Exit::fine;
  }
  for (const Kept& each : kept) terminal.out << words(each);
  terminal.out << "\nMoved, this would change:\n"
               << chase::difference_table(changes, *before.world, *after.world)
               << "\nNothing was changed; --apply moves them. Nothing is sent back in time.\n";
  return Exit::fine;
}

}  // namespace chaser::app
