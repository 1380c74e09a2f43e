// How long the days ahead take: the program's own `chaser forecast`, from start to end, of the customer's plan over
// five years, of ten thousand actions under the four shipped rules over one, and of three hundred under one rule that
// is looked at every day.

#include <absl/time/civil_time.h>
#include <fmt/format.h>

#include "bench/program.h"
#include "bench/site.h"

namespace {

using namespace chaser;

/// The middle of several runs. `format` json is for programs, table for people.
bench::Used forecast(const bench::Program& program, const std::string& settings, const char* from, const char* to,
                     int runs) {
  std::vector<bench::Used> used;
  for (int i = 0; i < runs; ++i) {
    used.push_back(program.run({"forecast", "--config", settings, "--fresh", "--from", from, "--to", to}));
  }
  return bench::median(used);
}

/// Two in ten ongoing, one a quarter, one a calendar year, the rest due to the day, all over the year.
std::string timescale(std::size_t i) {
  switch (i % 10) {
    case 0:
    case 5:
      return "Ongoing";
    case 3:
      return "Q2 2027";
    case 7:
      return "2026";
    default: {
      const absl::CivilDay due = absl::CivilDay(2026, 9, 1) + static_cast<int>(i * 37 % 365);
      return fmt::format("{:04}-{:02}-{:02}", due.year(), due.month(), due.day());
    }
  }
}

const char* const daily_rule =
    "version: 1\nlimit: { people: 100000 }\nrules:\n  - rule: daily\n    when: days_until(action.due) <= 30\n    "
    "anchor: due\n"
    "    steps: [{ step: due, at: 0d, to: leads }]\n";

}  // namespace

int main(int, char** argv) {
  const bench::Program program(argv[0]);
  bench::print("forecast, the customer's plan, five years",
               forecast(program, CHASER_SOURCE_DIR "/config/quickstart.yaml", "2026-09-01", "2031-08-31", 9));
  const bench::Site large({.actions = 10'000, .timescale = timescale});
  bench::print("forecast, 10,000 actions, 4 rules, a year",
               forecast(program, large.settings(), "2026-09-01", "2027-08-31", 5));
  const bench::Site daily(
      {.actions = 300, .rules = daily_rule, .timescale = [](std::size_t) { return std::string("2027-08-31"); }});
  bench::print("forecast, 300 actions, 365 days, a daily rule",
               forecast(program, daily.settings(), "2026-09-01", "2027-08-31", 9));
  return 0;
}
