// What metrics count: open cases by the last step told, holds by reason, messages on their way.
#include "given.h"
#include "store/tallies.h"
#include "support/catch.h"

using namespace given;

namespace {

std::size_t sum_of_cases(const store::Tallies& tallies) {
  std::size_t sum = 0;
  for (const auto& each : tallies.cases) sum += each.count;
  return sum;
}

}  // namespace

TEST_CASE("tallies: every open case is counted once, by its rule and the last step that was told") {
  Desk desk(any_store(), {{"2.1", "CCN", "2026-12-31"}, {"2.2", "CCN", "2026-12-31"}});
  Instant now = at("2026-09-01T09:00:00Z");
  desk.await_message(now);
  const store::Tallies tallies = store::tallies_of(desk.folder.path());
  CHECK(sum_of_cases(tallies) == desk->status().open_cases);
  std::size_t told = 0;
  for (const auto& each : tallies.cases) told += each.step.empty() ? 0 : each.count;
  CHECK(told >= 2);
  CHECK(tallies.plans == std::vector<std::string>{"county"});
}

TEST_CASE("tallies: holds are counted by reason, and messages until they are settled") {
  Desk desk(any_store(), {{"2.1", "CCN", "2026-12-31"}});
  Instant now = at("2026-09-01T09:00:00Z");
  const auto message = desk.await_message(now);
  const store::Tallies waiting = store::tallies_of(desk.folder.path());
  std::size_t held = 0;
  for (const auto& [reason, count] : waiting.holds) held += count;
  CHECK(held == desk->holds("", "", 1'000).size());
  REQUIRE(waiting.messages.size() == 1);
  CHECK(waiting.messages[0].channel == "email");
  CHECK(waiting.messages[0].state == "queued");
  CHECK(waiting.messages[0].count == 1);
  desk.deliver(message, now);
  CHECK(store::tallies_of(desk.folder.path()).messages.empty());
}
