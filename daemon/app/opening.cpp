#include "app/opening.h"

#include "app/reporting.h"
#include "store/sqlite_store.h"

namespace chaser::app {

std::optional<Inputs> open_inputs(const Invocation& invocation, Terminal& terminal, bool secrets_required) {
  documents::Problems problems;
  const LoadOptions options{*invocation.value("--config"), invocation.value("--state"), secrets_required, {}};
  const FileReader from_disk = [](const std::string& path) { return read_file(path); };
  auto inputs = load_inputs(options, from_disk, problems);
  if (inputs && !problems.has_errors()) return inputs;
  terminal.err << describe_all(problems) << "\n" << count_words(problems) << ". See \"chaser check\".\n";
  return std::nullopt;
}

std::optional<Inputs> open_inputs_or_last_good(const Invocation& invocation, Terminal& terminal, bool secrets_required,
                                               std::string& alarm) {
  documents::Problems problems;
  const LoadOptions options{*invocation.value("--config"), invocation.value("--state"), secrets_required, {}};
  const FileReader from_disk = [](const std::string& path) { return read_file(path); };
  auto inputs = load_inputs(options, from_disk, problems);
  if (inputs && !problems.has_errors()) return inputs;
  if (inputs && store::has_store(inputs->settings.state_directory)) {
    Inputs last_good;
    const auto store = store::open_sqlite(inputs->settings.state_directory, {store::OpenMode::read_only, false});
    for (const std::string& path : inputs->settings.rules) {
      if (auto text = store->kept("good:" + path)) last_good.texts[path] = *std::move(text);
    }
    documents::Problems ignored;
    Reloaded reloaded = reload_inputs(options, from_disk, last_good, ignored);
    if (reloaded.inputs && !reloaded.inputs->rulebook.rules().empty()) {
      alarm = alarm_of(reloaded);
      terminal.err << describe_all(problems) << "chaser: " << alarm << "\n";
      return std::move(reloaded.inputs);
    }
  }
  terminal.err << describe_all(problems) << "\n" << count_words(problems) << ". See \"chaser check\".\n";
  return std::nullopt;
}

Clock clock_of(const Invocation& invocation) {
  const auto text = invocation.value("--now");
  if (!text) return Clock();
  const auto at = calendar::parse_rfc3339(*text);
  if (!at) refuse("--now needs a time such as 2026-10-06T09:00:00+01:00; got \"" + *text + "\"");
  return Clock(*at);
}

ReadingView open_reading(const Inputs& inputs, const Clock&, documents::Problems& problems) {
  ReadingView view;
  view.store = store::open_sqlite(inputs.settings.state_directory, {store::OpenMode::read_only, false});
  view.world = make_world(inputs, view.store->pinned_rules(inputs.rulebook.texts()), problems);
  return view;
}

std::pair<std::string, std::string> plan_and_action(const std::string& word) {
  const std::size_t slash = word.find('/');
  if (slash == std::string::npos || slash == 0 || slash + 1 == word.size()) {
    refuse("\"" + word + "\" is no PLAN/ACTION, such as kent-medway/2.1");
  }
  return {word.substr(0, slash), word.substr(slash + 1)};
}

namespace {

Instant start_of(const std::string& text, int days_later, const Inputs& inputs) {
  const auto day = calendar::parse_iso_day(text);
  if (!day) refuse("\"" + text + "\" is no day, such as 2026-09-01");
  const std::string name = inputs.settings.plans.empty() ? "Europe/London" : inputs.settings.plans.front().zone;
  return calendar::first_instant(*day + days_later, find_zone(name).value_or(absl::UTCTimeZone()));
}

}  // namespace

Instant first_instant(const std::string& day, const Inputs& inputs) {
  return start_of(day, 0, inputs);
}

Instant last_instant(const std::string& day, const Inputs& inputs) {
  return start_of(day, 1, inputs) - absl::Microseconds(1);
}

}  // namespace chaser::app
