#include "app/forecasting.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/clock.h"
#include "app/pass.h"
#include "chase/forecast.h"
#include "chase/fresh.h"
#include "chase/migration.h"
#include "store/sqlite_store.h"

namespace chaser::app {
namespace {

const FileReader from_disk = [](const std::string& path) { return read_file(path); };

void note_two_ways(const chase::ActionState& state, Forecast& forecast) {
  if (state.facts.timescale.ambiguous) forecast.two_ways.emplace(state.plan->id, state.facts.id);
}

/// The whole plan as its files say, applied at `from`.
void add_fresh(const Inputs& inputs, Instant from, chase::Rehearsal& rehearsal, Forecast& forecast,
               documents::Problems& problems) {
  for (const PlanSettings& settings : inputs.settings.plans) {
    const auto plan = load_plan(settings, inputs, from_disk, problems);
    if (!plan) continue;
    for (std::size_t i = 0; i < plan->actions.size(); ++i) {
      chase::ActionState state =
          fresh_state(*plan, plan->actions[i], static_cast<std::int32_t>(i), *forecast.world, from);
      note_two_ways(state, forecast);
      rehearsal.add(std::move(state));
    }
  }
}

/// The stored state; what is on its way counts as delivered.
void add_stored(store::Store& store, const ForecastRange& range, Instant now, chase::Rehearsal& rehearsal,
                Forecast& forecast) {
  const chase::World& world = *forecast.world;
  store.each_action(world, [&](store::LoadedAction&& action) {
    for (chase::CaseState& known : action.state.cases) {
      for (chase::Firing& firing : known.firings) {
        if (firing.state != chase::NotificationState::composed) continue;
        firing.state = chase::NotificationState::delivered;
        firing.sent_at = now;
      }
    }
    if (range.migrated) forecast.moved += chase::migrate(action.state, world, now);
    note_two_ways(action.state, forecast);
    rehearsal.add(std::move(action.state));
  });
  for (const store::RecipientWork& work : store.all_pending(world)) {
    const chase::PartyIndex party = world.find_party(work.party);
    if (party == chase::no_party) continue;
    if (work.last_digest) rehearsal.set_last_digest(party, *work.last_digest);
    const calendar::CivilDay today = calendar::day_of(now, world.person(party).zone);
    rehearsal.set_first_meetings(party, today - calendar::weekday_index(today), work.first_meetings_this_week);
  }
  rehearsal.set_brakes(brakes_of(store, world, store.kept("clock_held") == "yes", now));
}

/// The store that a forecast begins from; none for a fresh one.
std::unique_ptr<store::Store> store_of(const Inputs& inputs, const ForecastRange& range) {
  if (range.fresh || !store::has_store(inputs.settings.state_directory)) return nullptr;
  auto store = store::open_sqlite(inputs.settings.state_directory, {store::OpenMode::read_only, false});
  const auto last = store->status().last_pass;
  if (!last || range.from < *last - absl::Hours(24)) return nullptr;
  return store;
}

/// The present of a store: what its scripted clock has seen, else the system's.
Instant present(store::Store& store, Instant from) {
  const auto seen = store.clock_high_water();
  const Instant now = store.status().scripted ? seen.value_or(from) : Clock().now();
  return std::max(std::min(now, from), seen.value_or(std::min(now, from)));
}

}  // namespace

Forecast play_forecast(const Inputs& inputs, const ForecastRange& range, documents::Problems& problems) {
  const std::unique_ptr<store::Store> store = store_of(inputs, range);
  Forecast forecast;
  forecast.stored = store != nullptr;
  const auto pinned = store ? store->pinned_rules(inputs.rulebook.texts()) : std::vector<rulebook::RuleText>();
  forecast.world = make_world(inputs, pinned, problems);
  const Instant begin = store ? present(*store, range.from) : range.from;
  chase::Rehearsal rehearsal(*forecast.world, begin);
  if (store)
    add_stored(*store, range, begin, rehearsal, forecast);
  else
    add_fresh(inputs, begin, rehearsal, forecast, problems);
  forecast.answers = chase::play(rehearsal, *forecast.world, range.assumption, range.to);
  forecast.tellings = std::move(rehearsal).tellings();
  forecast.silences = std::move(rehearsal).silences();
  return forecast;
}

namespace {

constexpr std::size_t budget_weeks_told_max = 20;

/// Where the rule files say the budget: the line of the key. Several may; the first will do.
void warn_at_budget(const Inputs& inputs, const std::string& message, std::vector<std::string> notes,
                    documents::Problems& problems) {
  for (const rulebook::RuleText& text : inputs.rulebook.texts()) {
    const std::size_t at = text.text.starts_with("budget:") ? 0 : text.text.find("\nbudget:");
    if (at == std::string::npos) continue;
    documents::Position place;
    place.line = 1 + static_cast<int>(
                         std::count(text.text.begin(), text.text.begin() + static_cast<std::ptrdiff_t>(at) + 1, '\n'));
    place.column = 1;
    return problems.warning(documents::Source(text.file, text.text), place, message, std::move(notes));
  }
  problems.warning(inputs.settings.file, message);
}

}  // namespace

void check_budget(const Inputs& inputs, Instant from, documents::Problems& problems) {
  const auto budget = inputs.rulebook.budget().messages_per_week;
  if (!budget) return;
  documents::Problems told_already;
  const ForecastRange range{from, from + foresight};
  Forecast forecast;
  try {
    forecast = play_forecast(inputs, range, told_already);
  } catch (const store::StoreError&) {
    // Whoever checks may not be allowed to read the store.
    forecast = play_forecast(inputs, {range.from, range.to, true}, told_already);
  }
  const chase::ForecastSums sums = chase::forecast_sums(forecast.tellings, *forecast.world, from);
  const std::vector<chase::PersonWeek> over = chase::weeks_over_budget(sums, *forecast.world);
  if (over.empty()) return;
  std::vector<std::string> notes;
  for (std::size_t i = 1; i < over.size() && i < budget_weeks_told_max; ++i) {
    notes.push_back(fmt::format("{}, week of {}: {} messages", forecast.world->person(over[i].person).name,
                                calendar::short_day(over[i].monday), over[i].messages));
  }
  if (over.size() > budget_weeks_told_max)
    notes.push_back(fmt::format("and {} weeks more", over.size() - budget_weeks_told_max));
  warn_at_budget(
      inputs,
      fmt::format("{} would get {} messages in the week of {}, more than the budget of {}; see \"chaser forecast --by "
                  "person\"",
                  forecast.world->person(over[0].person).name, over[0].messages, calendar::short_day(over[0].monday),
                  *budget),
      std::move(notes), problems);
}

}  // namespace chaser::app
