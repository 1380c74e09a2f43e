// The whole service over simulated years: docs/SIMULATION.md.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "simulation/totals.h"
#include "support/catch.h"

using namespace chaser::simulation;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t seeds_many = 60;
#else
constexpr std::uint64_t seeds_many = 700;
#endif
constexpr std::uint64_t seeds_few = 12;

void check(const Totals& totals) {
  std::cout << totals.text() << std::endl;
  CHECK(totals.failed == 0);
  CHECK(totals.sum.lost == 0);
  CHECK(totals.sum.phantom == 0);
  CHECK(totals.sum.duplicates <= totals.sum.duplicates_bound);
}

Totals live(std::uint64_t from, std::uint64_t count, const std::string& scenarios = "") {
  Totals totals;
  for (std::uint64_t seed = from; seed < from + count; ++seed) {
    const Report report = simulate(seed);
    totals.add(report);
    if (!report.violations.empty()) UNSCOPED_INFO(describe_failure(report));
    if (!scenarios.empty() && !report.scenario.is_null()) {
      std::ofstream(scenarios + "/" + std::to_string(seed) + ".json") << report.scenario.dump(1) << "\n";
    }
  }
  return totals;
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
  check(live(1000, seeds_few));
}

TEST_CASE("simulation: two thousand plan-years break no promise, and the oracle says the same of the calm ones",
          "[slow]") {
  const std::string folder = std::filesystem::temp_directory_path() / "chaser-oracle-XXXXXX";
  std::string scenarios = folder;
  REQUIRE(mkdtemp(scenarios.data()) != nullptr);
  const Totals totals = live(1, seeds_many, scenarios);
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
