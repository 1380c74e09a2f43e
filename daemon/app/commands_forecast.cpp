#include <fmt/format.h>

#include "app/commands.h"
#include "app/forecasting.h"
#include "app/opening.h"
#include "app/reporting.h"
#include "app/scenario.h"
#include "chase/forecast.h"
#include "chase/forecast_difference.h"

namespace chaser::app {

namespace {

ForecastRange range_of(const Invocation& invocation, const Inputs& inputs) {
  ForecastRange range;
  range.from = first_instant(*invocation.value("--from"), inputs);
  range.to = last_instant(*invocation.value("--to"), inputs);
  range.fresh = invocation.has("--fresh");
  if (range.to < range.from) refuse("--to lies before --from");
  const std::string how = invocation.value("--assume").value_or("silent");
  const auto assumption = chase::assumption(how);
  if (!assumption) refuse("--assume is silent, prompt or typical; got \"" + how + "\"");
  range.assumption = *assumption;
  return range;
}

chase::ForecastView view_of(const Invocation& invocation) {
  const std::string by = invocation.value("--by").value_or("day");
  if (by == "day") return chase::ForecastView::day;
  if (by == "person") return chase::ForecastView::person;
  if (by == "action") return chase::ForecastView::action;
  refuse("--by is day, person or action; got \"" + by + "\"");
}

/// The inputs with the rules of other files or a folder; nothing after their problems were told.
std::optional<Inputs> with_rules(const Invocation& invocation, const std::string& path, Terminal& terminal) {
  auto inputs = open_inputs(invocation, terminal, false);
  if (!inputs) return std::nullopt;
  documents::Problems problems;
  const FileReader from_disk = [](const std::string& file) { return read_file(file); };
  take_rules(yaml_files(path), from_disk, *inputs, problems);
  if (!problems.has_errors()) return inputs;
  terminal.err << describe_all(problems) << "\n" << count_words(problems) << " in " << path << ".\n";
  return std::nullopt;
}

/// On what the figures rest, where that is not plain.
std::string basis(const Forecast& forecast, const ForecastRange& range) {
  std::string text = fmt::format("Assumed: {}{}.", chase::meaning_of(range.assumption),
                                 forecast.answers > 0 ? fmt::format(" ({})", counted(forecast.answers, "answer")) : "");
  text += forecast.stored ? " From the stored state."
                          : " From a fresh start: the plans as their files say, taken on the first day.";
  return text + "\n";
}

Exit compare(const Invocation& invocation, const Inputs& inputs, ForecastRange range, Terminal& terminal) {
  const auto against = with_rules(invocation, *invocation.value("--against"), terminal);
  if (!against) return Exit::problems;
  documents::Problems problems;
  const Forecast before = play_forecast(inputs, range, problems);
  range.migrated = true;
  const Forecast after = play_forecast(*against, range, problems);
  if (problems.has_errors()) {
    terminal.err << describe_all(problems);
    return Exit::problems;
  }
  const std::vector<chase::Change> changes = chase::difference(before.tellings, after.tellings, range.from);
  if (invocation.wants_json()) {
    terminal.out << chase::difference_json(changes, *before.world, *after.world);
    return Exit::fine;
  }
  terminal.out << chase::difference_table(changes, *before.world, *after.world);
  if (after.moved > 0) {
    terminal.out << fmt::format("{} counted as moved to the other rules, as \"chaser rules migrate --apply\" would.\n",
                                counted(after.moved, "open case"));
  }
  return Exit::fine;
}

}  // namespace

Exit forecast_command(const Invocation& invocation, Terminal& terminal) {
  const auto inputs = open_inputs(invocation, terminal, false);
  if (!inputs) return Exit::problems;
  const ForecastRange range = range_of(invocation, *inputs);
  const chase::ForecastView view = view_of(invocation);
  if (invocation.has("--against")) return compare(invocation, *inputs, range, terminal);
  documents::Problems problems;
  const Forecast forecast = play_forecast(*inputs, range, problems);
  if (problems.has_errors()) {
    terminal.err << describe_all(problems);
    return Exit::problems;
  }
  if (invocation.wants_json()) {
    terminal.out << chase::forecast_json(forecast.tellings, *forecast.world, range.from);
    return Exit::fine;
  }
  terminal.out << chase::forecast_table(forecast.tellings, *forecast.world,
                                        {range.from, range.to, view, forecast.two_ways})
               << chase::forecast_held(forecast.silences, *forecast.world, range.from) << basis(forecast, range);
  return Exit::fine;
}

Exit test_command(const Invocation& invocation, Terminal& terminal) {
  if (invocation.has("--cel")) return cel_command(invocation, terminal);
  if (!invocation.has("--scenario")) return rule_test_command(invocation, terminal);
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
