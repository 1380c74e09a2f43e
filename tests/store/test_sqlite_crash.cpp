// Killed between any two writes to the disk, the store is whole and goes on as if nothing had been.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>

#include "given.h"
#include "sqlite_watch.h"
#include "support/catch.h"

using namespace given;

namespace {

Desk desk_of_two() {
  return Desk(store_kinds().front(), {{"2.1", "CCN;KCC", "2026-12-31"}, {"2.2", "HR Teams", "2026-06-30"}});
}

/// Five days of work, each at one instant; days that are over are not lived again.
void live(Desk& desk) {
  for (const char* day : {"2026-09-02", "2026-10-06", "2026-12-22", "2026-12-31", "2027-01-08"}) {
    const Instant now = at((std::string(day) + "T15:00:00Z").c_str());
    if (desk->clock_high_water() > now) continue;
    for (int turn = 0; turn < 3; ++turn) {
      desk.pass(now);
      for (const auto& message : desk.queued(now)) desk.deliver(message, now);
    }
  }
}

/// What a start does about leases of a process that is gone.
void recover(Desk& desk) {
  const Instant now = desk->clock_high_water().value();
  for (const auto row : desk->reap(now, true)) desk->resolve_unknown(row, true, now, now);
}

std::set<std::string> told(const Desk& desk) {
  std::set<std::string> lines;
  for (const auto& record : desk->notifications("", "", 100'000)) {
    const bool is_new = lines.insert(record.key + " " + record.state + " " + record.reason).second;
    CHECK(is_new);
  }
  return lines;
}

/// Lives in a process of its own that is killed at its write number `writes`.
void live_and_be_killed(Desk& desk, std::int64_t writes) {
  desk.store.reset();
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    die_after_writes(writes);
    try {
      desk.reopen();
      live(desk);
    } catch (...) {
      _exit(1);
    }
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  INFO("exit status " << status);
  CHECK((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
}

}  // namespace

TEST_CASE("sqlite: killed at any write, the store is whole, and in the end everybody was told the same") {
  Desk undisturbed = desk_of_two();
  undisturbed.store.reset();
  die_after_writes(1'000'000);
  undisturbed.reopen();
  live(undisturbed);
  const std::int64_t writes = writes_counted();
  let_writes_be();
  REQUIRE(writes > 100);
  const auto expected = told(undisturbed);
  REQUIRE(expected.size() > 10);

  constexpr std::int64_t kills = 40;
  for (std::int64_t kill = 0; kill < kills; ++kill) {
    const std::int64_t at_write = 5 + (writes - 10) * kill / kills;
    INFO("killed at write " << at_write << " of " << writes);
    Desk desk = desk_of_two();
    live_and_be_killed(desk, at_write);
    CHECK(is_sound(desk.folder.path()));
    desk.reopen();
    CHECK(desk->reconcile(*desk.world, desk->clock_high_water().value()) == 0);
    recover(desk);
    live(desk);
    CHECK(told(desk) == expected);
    CHECK(desk->outbox(1'000, true).empty());
    desk.store.reset();
    CHECK(is_sound(desk.folder.path()));
  }
}
