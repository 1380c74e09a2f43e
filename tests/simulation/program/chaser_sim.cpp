// chaser-sim: lives seeds of the simulation, or one seed again. docs/SIMULATION.md
#include <fmt/format.h>

#include <charconv>
#include <fstream>
#include <string>

#include "simulation/totals.h"

namespace {

using namespace chaser::simulation;

constexpr const char* usage =
    "chaser-sim --seed N [--verbose] [--keep FOLDER] [--scenario FILE]   one seed, again\n"
    "chaser-sim --from N --count N [--step N] [--scenarios FOLDER] [--until-broken]   many\n";

struct Arguments {
  std::uint64_t from = 1;
  std::uint64_t count = 1;
  std::uint64_t step = 1;
  Options options;
  std::string scenario;
  std::string scenarios;
  bool until_broken = false;
};

bool number(const std::string& text, std::uint64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

bool take(const std::string& name, const std::string& value, Arguments& arguments) {
  if (name == "--seed" || name == "--from") return number(value, arguments.from);
  if (name == "--count") return number(value, arguments.count);
  if (name == "--step") return number(value, arguments.step);
  if (name == "--keep")
    arguments.options.keep = value;
  else if (name == "--scenario")
    arguments.scenario = value;
  else if (name == "--scenarios")
    arguments.scenarios = value;
  else
    return false;
  return true;
}

bool read(int count, char** words, Arguments& arguments) {
  for (int i = 1; i < count; ++i) {
    const std::string name = words[i];
    if (name == "--verbose")
      arguments.options.verbose = true;
    else if (name == "--until-broken")
      arguments.until_broken = true;
    else if (i + 1 == count || !take(name, words[++i], arguments))
      return false;
  }
  return true;
}

void write_scenario(const Report& report, const std::string& file) {
  if (file.empty() || report.scenario.is_null()) return;
  std::ofstream(file) << report.scenario.dump(1) << "\n";
}

}  // namespace

int main(int count, char** words) {
  Arguments arguments;
  if (!read(count, words, arguments)) {
    fmt::print(stderr, "{}", usage);
    return 2;
  }
  Totals totals;
  for (std::uint64_t n = 0; n < arguments.count; ++n) {
    const Report report = simulate(arguments.from + n * arguments.step, arguments.options);
    totals.add(report);
    if (!report.violations.empty()) fmt::print("{}", describe_failure(report));
    write_scenario(report, arguments.scenario);
    if (!arguments.scenarios.empty())
      write_scenario(report, fmt::format("{}/{}.json", arguments.scenarios, report.seed));
    if (arguments.count == 1) fmt::print("head {}\n", report.head);
    if (arguments.until_broken && !report.violations.empty()) break;
  }
  fmt::print("{}\n", totals.text());
  return totals.failed == 0 ? 0 : 1;
}
