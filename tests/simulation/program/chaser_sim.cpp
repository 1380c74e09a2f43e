// chaser-sim: lives seeds of the simulation, or one seed again. docs/SIMULATION.md
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <string>
#include <vector>

#include "simulation/many.h"

namespace {

using namespace chaser::simulation;

constexpr const char* usage =
    "chaser-sim --seed N [--verbose] [--keep FOLDER] [--scenario FILE]   one seed, again\n"
    "chaser-sim --from N --count N [--step N] [--jobs N] [--scenarios FOLDER] [--until-broken]   many, each told if it "
    "broke a promise\n";

struct Arguments {
  Many many;
  Options options;
  std::string scenario;
};

bool number(const std::string& text, std::uint64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

bool take(const std::string& name, const std::string& value, Arguments& arguments) {
  if (name == "--seed" || name == "--from") return number(value, arguments.many.from);
  if (name == "--count") return number(value, arguments.many.count);
  if (name == "--step") return number(value, arguments.many.step);
  std::uint64_t jobs = 0;
  if (name == "--jobs") {
    const bool is_fine = number(value, jobs) && jobs >= 1 && jobs <= 256;
    arguments.many.jobs = static_cast<int>(jobs);
    return is_fine;
  }
  if (name == "--keep")
    arguments.options.keep = value;
  else if (name == "--scenario")
    arguments.scenario = value;
  else if (name == "--scenarios")
    arguments.many.scenarios = value;
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
      arguments.many.until_broken = true;
    else if (i + 1 == count || !take(name, words[++i], arguments))
      return false;
  }
  return true;
}

int live_one(const Arguments& arguments) {
  const Report report = simulate(arguments.many.from, arguments.options);
  Totals totals;
  totals.add(report);
  if (!report.violations.empty()) fmt::print("{}", describe_failure(report));
  if (!arguments.scenario.empty() && !report.scenario.is_null()) {
    std::ofstream(arguments.scenario) << report.scenario.dump(1) << "\n";
  }
  fmt::print("head {}\n{}\n", report.head, totals.text());
  return totals.failed == 0 ? 0 : 1;
}

int live_all(const Arguments& arguments) {
  std::vector<Report> broken;
  const Totals totals = live_many(arguments.many, [&](const Report& report) {
    if (!report.violations.empty()) broken.push_back(report);
  });
  std::sort(broken.begin(), broken.end(), [](const Report& a, const Report& b) { return a.seed < b.seed; });
  for (const Report& report : broken) fmt::print("{}", describe_failure(report));
  fmt::print("{}\n", totals.text());
  return totals.failed == 0 ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
  Arguments arguments;
  arguments.many.jobs = jobs_of_machine();
  if (!read(count, words, arguments)) {
    fmt::print(stderr, "{}", usage);
    return 2;
  }
  return arguments.many.count == 1 ? live_one(arguments) : live_all(arguments);
}
