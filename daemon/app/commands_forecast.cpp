#include <fmt/format.h>

#include <unistd.h>

#include <map>

#include "app/commands.h"
#include "app/fresh.h"
#include "app/opening.h"
#include "app/reporting.h"
#include "app/scenario.h"
#include "chase/forecast.h"
#include "store/sqlite_store.h"

namespace chaser::app {

namespace {

const FileReader from_disk = [](const std::string& path) { return read_file(path); };

/// The whole plan as its files say, applied at `from`.
void add_fresh(const Inputs& inputs, const chase::World& world, Instant from, chase::Rehearsal& rehearsal,
               documents::Problems& problems) {
  for (const PlanSettings& settings : inputs.settings.plans) {
    const auto plan = load_plan(settings, inputs, from_disk, problems);
    if (!plan) continue;
    for (std::size_t i = 0; i < plan->actions.size(); ++i) {
      rehearsal.add(fresh_state(*plan, plan->actions[i], static_cast<std::int32_t>(i), world, from));
    }
  }
}

/// The stored state; what is on its way counts as delivered.
void add_stored(store::Store& store, const chase::World& world, Instant now, chase::Rehearsal& rehearsal) {
  store.each_action(world, [&](store::LoadedAction&& action) {
    for (chase::CaseState& known : action.state.cases) {
      for (chase::Firing& firing : known.firings) {
        if (firing.state != chase::NotificationState::composed) continue;
        firing.state = chase::NotificationState::delivered;
        firing.sent_at = now;
      }
    }
    rehearsal.add(std::move(action.state));
  });
  for (const store::RecipientWork& work : store.all_pending(world)) {
    const chase::PartyIndex party = world.find_party(work.party);
    if (party == chase::no_party) continue;
    if (work.last_digest) rehearsal.set_last_digest(party, *work.last_digest);
    const calendar::CivilDay today = calendar::day_of(now, world.person(party).zone);
    rehearsal.set_first_meetings(party, today - calendar::weekday_index(today), work.first_meetings_this_week);
  }
}

struct Range {
  Instant from;
  Instant to;  // the last instant of the last day
  bool fresh = false;
};

std::vector<chase::Telling> play(const Inputs& inputs, const Range& range, std::shared_ptr<const chase::World>& world,
                                 documents::Problems& problems) {
  std::unique_ptr<store::Store> store;
  if (!range.fresh && store::has_store(inputs.settings.state_directory)) {
    store = store::open_sqlite(inputs.settings.state_directory, {store::OpenMode::read_only, false});
    const auto last = store->status().last_pass;
    if (!last || range.from < *last - absl::Hours(24)) store.reset();
  }
  std::vector<rulebook::RuleText> pinned;
  if (store) pinned = store->pinned_rules(inputs.rulebook.texts());
  world = make_world(inputs, pinned, problems);
  Instant begin = range.from;
  if (store) {
    begin = store->status().scripted ? store->clock_high_water().value_or(begin) : Clock().now();
    begin = std::min(begin, range.from);
    begin = std::max(begin, store->clock_high_water().value_or(begin));
  }
  chase::Rehearsal rehearsal(*world, begin);
  if (store) add_stored(*store, *world, begin, rehearsal);
  else add_fresh(inputs, *world, begin, rehearsal, problems);
  rehearsal.run_until(range.to);
  return rehearsal.tellings();
}

/// What appears and what vanishes between two forecasts, a line each.
std::string difference(const std::vector<chase::Telling>& before, const std::vector<chase::Telling>& after, Instant from) {
  const auto lines = [&](const std::vector<chase::Telling>& tellings) {
    std::map<std::string, std::string> found;  // what without when -> when
    for (const chase::Telling& told : tellings) {
      if (told.at < from) continue;
      found.emplace(fmt::format("{}/{}  {}/{} {}  {} {}", told.plan, told.action, told.rule, told.step, to_string(told.occurrence),
                                told.to, told.channel),
                    absl::FormatTime("%Y-%m-%d %H:%M", told.at, absl::LocalTimeZone()));
    }
    return found;
  };
  const auto old = lines(before);
  const auto now = lines(after);
  std::string text;
  for (const auto& [what, when] : now) {
    const auto was = old.find(what);
    if (was == old.end()) text += fmt::format("appears   {}  {}\n", when, what);
    else if (was->second != when) text += fmt::format("moves     {} -> {}  {}\n", was->second, when, what);
  }
  for (const auto& [what, when] : old) {
    if (!now.contains(what)) text += fmt::format("vanishes  {}  {}\n", when, what);
  }
  return text.empty() ? "Nothing changes.\n" : text;
}

}  // namespace

Exit forecast_command(const Invocation& invocation, Terminal& terminal) {
  auto inputs = open_inputs(invocation, terminal, false);
  if (!inputs) return Exit::problems;
  Range range;
  range.from = first_instant(*invocation.value("--from"), *inputs);
  range.to = first_instant(*invocation.value("--to"), *inputs) + absl::Hours(24) - absl::Microseconds(1);
  range.fresh = invocation.has("--fresh");
  if (range.to < range.from) refuse("--to lies before --from");
  documents::Problems problems;
  std::shared_ptr<const chase::World> world;
  const auto tellings = play(*inputs, range, world, problems);
  if (problems.has_errors()) {
    terminal.err << describe_all(problems);
    return Exit::problems;
  }
  if (const auto other = invocation.value("--against")) {
    auto against = open_inputs(invocation, terminal, false);
    if (!against) return Exit::problems;
    std::vector<documents::Source> files;
    for (const std::string& file : yaml_files(*other)) {
      auto text = read_file(file);
      if (!text) {
        terminal.err << "chaser: " << file << ": " << text.error() << "\n";
        return Exit::environment;
      }
      files.emplace_back(file, *std::move(text));
    }
    auto rules = rulebook::read_rule_files(files, {}, problems);
    if (!rules) {
      terminal.err << describe_all(problems);
      return Exit::problems;
    }
    against->rulebook = *std::move(rules);
    std::shared_ptr<const chase::World> other_world;
    range.fresh = true;
    const auto before = play(*inputs, range, world, problems);
    const auto after = play(*against, range, other_world, problems);
    terminal.out << difference(before, after, range.from);
    return Exit::fine;
  }
  terminal.out << (invocation.wants_json() ? chase::forecast_json(tellings, *world, range.from)
                                           : chase::forecast_table(tellings, *world, range.from, invocation.has("--by-person")));
  return Exit::fine;
}

Exit test_command(const Invocation& invocation, Terminal& terminal) {
  if (!invocation.has("--scenario")) refuse("say what to test: --scenario FILE...");
  const ReadFile read = [](const std::string& path) -> std::optional<std::string> {
    auto text = read_file(path);
    if (!text) return std::nullopt;
    return *std::move(text);
  };
  std::string out;
  const bool passed = run_scenarios(invocation.words, invocation.has("--verbose"), read, out);
  terminal.out << out;
  return passed ? Exit::fine : Exit::problems;
}

}  // namespace chaser::app
