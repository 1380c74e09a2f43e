#include "app/commands.h"
#include "app/loading.h"
#include "app/reporting.h"
#include "app/rule_tests.h"

namespace chaser::app {

namespace {

const FileReader from_disk = [](const std::string& path) { return read_file(path); };

}  // namespace

Exit rule_test_command(const Invocation& invocation, Terminal& terminal) {
  TestSurroundings surroundings = shipped_surroundings();
  if (const auto config = invocation.value("--config")) {
    documents::Problems problems;
    LoadOptions options;
    options.config = *config;
    options.secrets_required = false;
    auto inputs = load_inputs(options, from_disk, problems);
    if (!inputs || problems.has_errors()) {
      terminal.out << describe_all(problems);
      return Exit::problems;
    }
    surroundings.calendars = std::move(inputs->calendars);
    for (const auto& [name, window] : inputs->settings.windows) surroundings.windows[name] = window;
    surroundings.directory = std::move(inputs->directory);
  }
  std::vector<std::string> files;
  for (const std::string& path : invocation.words) {
    const auto found = rule_test_files(path);
    if (found.empty()) refuse("no rule test (*.test.yaml) in " + path);
    files.insert(files.end(), found.begin(), found.end());
  }
  const RuleTestRun run = run_rule_tests(files, invocation.value("--run").value_or(""), surroundings, from_disk);
  terminal.out << describe(run, invocation.has("--verbose"));
  if (const auto junit = invocation.value("--junit")) write_file(*junit, junit_xml(run));
  return run.passed() ? Exit::fine : Exit::problems;
}

}  // namespace chaser::app
