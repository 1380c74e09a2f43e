// The whole service over simulated years: docs/SIMULATION.md.
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "simulation/many.h"
#include "support/catch.h"

using namespace chaser::simulation;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t seeds_many = 60;
#else
constexpr std::uint64_t seeds_many = 750;
#endif
constexpr std::uint64_t seeds_few = 12;

void check(const Totals& totals) {
  std::cout << totals.text() << std::endl;
  CHECK(totals.failed == 0);
  CHECK(totals.sum.lost == 0);
  CHECK(totals.sum.phantom == 0);
  CHECK(totals.sum.duplicates <= totals.sum.duplicates_bound);
}

Totals live(std::uint64_t from, std::uint64_t count, int jobs, const std::string& scenarios = "") {
  return live_many({.from = from, .count = count, .jobs = jobs, .scenarios = scenarios}, [](const Report& report) {
    if (report.violations.empty()) return;
    std::cout << describe_failure(report) << std::flush;
    UNSCOPED_INFO(describe_failure(report));
  });
}

}  // namespace

TEST_CASE("simulation: a seed lived again is the same to the byte") {
  for (const std::uint64_t seed : {2, 3}) {
    const Report first = simulate(seed);
    const Report second = simulate(seed);
    REQUIRE(first.head.size() == 64);
    CHECK(first.head == second.head);
    CHECK(first.arrivals == second.arrivals);
    CHECK(first.commits == second.commits);
    CHECK(first.scenario == second.scenario);
  }
}

TEST_CASE("simulation: a dozen lives break no promise") {
  check(live(1000, seeds_few, 1));
}

TEST_CASE("simulation: however many lives run side by side, they come to the same") {
  const Totals alone = live(1, 4, 1);
  const Totals together = live(1, 4, 3);
  CHECK(alone.text() == together.text());
}

TEST_CASE("simulation: 2,000 plan-years break no promise, and the oracle says the same of every calm one", "[slow]") {
  const std::string folder = std::filesystem::temp_directory_path() / "chaser-oracle-XXXXXX";
  std::string scenarios = folder;
  REQUIRE(mkdtemp(scenarios.data()) != nullptr);
  const Totals totals = live(1, seeds_many, jobs_of_machine(), scenarios);
  check(totals);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  CHECK(totals.sum.plan_years >= 2'000);
#endif
  const std::string ask = "python3 '" CHASER_SOURCE_DIR "/tests/simulation/oracle.py' --simulated '" + scenarios + "'";
  CHECK(std::system(ask.c_str()) == 0);
  std::filesystem::remove_all(scenarios);
}

TEST_CASE("simulation: every fault that it is proved by can still be planted") {
  CHECK(std::system("'" CHASER_SOURCE_DIR "/tests/simulation/prove.sh' --check") == 0);
}
