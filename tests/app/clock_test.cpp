// design.md §6, second table, "clock jumps": sending is held only when wall time outruns the time since boot by more
// than 36 hours while running, at a start with an unsynchronised clock and a gap of more than 36 hours, or for a year
// outside 2020-2100. That deciding is never held is in tests/chase/changes_test.cpp.
#include "app/clock.h"

#include "support/catch.h"

using namespace chaser;
using app::ClockGuard;
using calendar::Instant;
using Judgement = ClockGuard::Judgement;

namespace {

constexpr absl::Duration most = ClockGuard::jump_max;
constexpr absl::Duration second = absl::Seconds(1);

Instant at(int year, int month, int day) {
  return absl::FromCivil(absl::CivilSecond(year, month, day, 9), absl::UTCTimeZone());
}

const Instant start = at(2026, 12, 1);
const absl::Duration boot = absl::Hours(100);

/// A service that runs since `start`, an hour after which its clocks show this.
Judgement after_an_hour(absl::Duration wall_on, absl::Duration boot_on = absl::ZeroDuration()) {
  ClockGuard guard({start, boot, true}, std::nullopt, false);
  const absl::Duration hour = absl::Hours(1);
  return guard.observe({start + hour + wall_on, boot + hour + boot_on, true});
}

bool holds_at_start(Instant wall, bool synchronised, std::optional<Instant> high_water, bool held_before = false) {
  return ClockGuard({wall, boot, synchronised}, high_water, held_before).is_held();
}

}  // namespace

TEST_CASE("change: clock jumps on while running hold sending past 36 hours, and not at 36 hours") {
  CHECK(after_an_hour(most) == Judgement::stepped);
  CHECK(after_an_hour(most + second) == Judgement::held);
}

TEST_CASE("change: clock jumps back hold nothing, however far") {
  CHECK(after_an_hour(-most - second) == Judgement::stepped);
  CHECK(after_an_hour(-absl::Hours(24 * 365)) == Judgement::stepped);
}

TEST_CASE("change: clock jumps are none while the machine sleeps, nor by the drift of a clock") {
  const absl::Duration week = absl::Hours(24 * 7);
  CHECK(after_an_hour(week, week) == Judgement::steady);
  CHECK(after_an_hour(ClockGuard::step_min) == Judgement::steady);
  CHECK(after_an_hour(ClockGuard::step_min + second) == Judgement::stepped);
}

TEST_CASE("change: clock jumps are held until the clock is put right, told once each way") {
  ClockGuard guard({start, boot, true}, std::nullopt, false);
  const absl::Duration jump = absl::Hours(24 * 30);
  CHECK(guard.observe({start + jump, boot, true}) == Judgement::held);
  CHECK(guard.reason() == "the clock jumped on by 720h");
  CHECK(guard.observe({start + jump + second, boot + second, true}) == Judgement::steady);
  CHECK(guard.is_held());
  CHECK(guard.observe({start + 2 * second, boot + 2 * second, true}) == Judgement::let_go);
  CHECK_FALSE(guard.is_held());
  CHECK(guard.reason().empty());
}

TEST_CASE("change: clock jumps that an operator lets go are the time from then on") {
  ClockGuard guard({start, boot, true}, std::nullopt, false);
  const Instant later = start + absl::Hours(24 * 30);
  guard.observe({later, boot, true});
  guard.release({later, boot, true});
  CHECK_FALSE(guard.is_held());
  CHECK(guard.observe({later + second, boot + second, true}) == Judgement::steady);
}

TEST_CASE("change: clock jumps over the time out of service count only with a clock that follows no source") {
  CHECK_FALSE(holds_at_start(start + most, false, start));
  CHECK(holds_at_start(start + most + second, false, start));
  CHECK(holds_at_start(start - most - second, false, start));
  CHECK_FALSE(holds_at_start(start + absl::Hours(24 * 365), true, start));  // out of service for a year is no jump
  CHECK_FALSE(holds_at_start(start, false, std::nullopt));                  // the first start of all
}

TEST_CASE("change: clock jumps that held before a restart hold on until the clock follows a source") {
  CHECK(holds_at_start(start, false, start, true));
  CHECK_FALSE(holds_at_start(start, true, start, true));
  ClockGuard guard({start + most + second, boot, false}, start, false);
  CHECK(guard.observe({start + most + 2 * second, boot + second, false}) == Judgement::steady);
  CHECK(guard.is_held());
  CHECK(guard.observe({start + most + 3 * second, boot + 2 * second, true}) == Judgement::let_go);
}

TEST_CASE("change: clock jumps out of 2020-2100 hold, at a start and while running, at both bounds") {
  CHECK(holds_at_start(at(2019, 12, 31), true, std::nullopt));
  CHECK_FALSE(holds_at_start(at(2020, 1, 1), true, std::nullopt));
  CHECK_FALSE(holds_at_start(at(2100, 12, 31), true, std::nullopt));
  CHECK(holds_at_start(at(2101, 1, 1), true, std::nullopt));
  ClockGuard guard({start, boot, true}, std::nullopt, false);
  CHECK(guard.observe({at(1970, 1, 1), boot + second, true}) == Judgement::held);
  CHECK(guard.reason() == "the clock's year is outside 2020-2100");
}
