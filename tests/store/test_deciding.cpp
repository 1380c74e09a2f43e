// What a look leaves behind: keys for ever, the watermark, the clock's high-water mark, reconciling.
#include <algorithm>
#include <set>

#include "given.h"
#include "support/catch.h"

using namespace given;

namespace {

/// One look at one action, not yet recorded.
struct Looked {
  Looked(const Desk& desk, const std::string& action, Instant now) : loaded(desk.load(action)) {
    chase::decide(loaded.state, *desk.world, chase::Look{now, at("2026-01-01T00:00:00Z")}, verdict);
  }
  std::size_t record(const Desk& desk, Instant now) const {
    const store::Decided decided{&loaded, &verdict, std::nullopt};
    return desk->commit_pass(std::span(&decided, 1), *desk.world, now);
  }

  store::LoadedAction loaded;
  chase::Verdict verdict;
};

std::multiset<std::string> keys(const Desk& desk) {
  std::multiset<std::string> all;
  for (const auto& record : desk->notifications("", "", 100'000)) all.insert(record.key);
  return all;
}

bool is_unique(const std::multiset<std::string>& keys) {
  return std::set<std::string>(keys.begin(), keys.end()).size() == keys.size();
}

const Instant start = at("2026-09-01T08:00:00Z");

}  // namespace

TEST_CASE("store: a notification's key is taken for ever: the same one again adds nothing and changes nothing") {
  Desk desk(any_store(), {{"2.1", "CCN", "2026-12-31"}});
  const Instant now = at("2026-12-22T09:00:00Z");
  Looked first(desk, "2.1", now);
  REQUIRE_FALSE(first.verdict.firings.empty());
  REQUIRE(first.record(desk, now) == 0);
  const auto before = desk->notifications("county", "2.1", 100);
  // The same firings a day later, by somebody who has loaded the action afresh.
  const Instant later = now + absl::Hours(24);
  Looked again(desk, "2.1", later);
  again.verdict.clear();
  again.verdict.firings = first.verdict.firings;
  for (auto& fired : again.verdict.firings) fired.firing.state = chase::NotificationState::pending;
  REQUIRE(again.record(desk, later) == 0);
  const auto after = desk->notifications("county", "2.1", 100);
  REQUIRE(after.size() == before.size());
  for (std::size_t i = 0; i < after.size(); ++i) {
    CHECK(after[i].key == before[i].key);
    CHECK(after[i].state == before[i].state);
    CHECK(after[i].decided == before[i].decided);
  }
  CHECK(is_unique(keys(desk)));
}

TEST_CASE("store: what was delivered is not told again by the same key") {
  Desk desk(any_store(), {{"2.1", "CCN", "2026-12-31"}});
  const Instant now = at("2026-12-22T09:00:00Z");
  Looked first(desk, "2.1", now);
  REQUIRE(first.record(desk, now) == 0);
  for (int turn = 0; turn < 3; ++turn) {
    desk.pass(now);
    for (const auto& message : desk.queued(now)) desk.deliver(message, now);
  }
  const auto told = desk->outbox(100, false).size();
  Looked again(desk, "2.1", now);
  again.verdict.clear();
  again.verdict.firings = first.verdict.firings;
  again.verdict.next_look = now;
  REQUIRE(again.record(desk, now) == 0);
  desk.pass(now);
  CHECK(desk.queued(now).empty());
  CHECK(desk->outbox(100, false).size() == told);
}

TEST_CASE("store: looking twice at one instant adds nothing") {
  Desk desk(any_store(), {{"2.1", "CCN", "2026-12-31"}, {"2.2", "KCC", "2026-06-30"}});
  const Instant now = at("2026-12-22T09:00:00Z");
  desk.pass(now);
  const auto before = keys(desk);
  desk->look_at_all(now);
  desk.pass(now);
  CHECK(keys(desk) == before);
  CHECK(is_unique(before));
}

TEST_CASE("store: a verdict about an action that changed meanwhile is left out whole, and the action stays due") {
  Desk desk(any_store(), {{"2.1", "CCN", "2026-12-31"}});
  const Instant now = at("2026-12-22T09:00:00Z");
  const Looked looked(desk, "2.1", now);
  desk->import(plan_of({{"2.1", "KCC", "2027-03-31"}}), *desk.world, now, "cli:test");
  CHECK(looked.record(desk, now) == 1);
  CHECK(desk->notifications("", "", 100).empty());
  CHECK(desk->holds("", "", 100).empty());
  CHECK(desk.load("2.1").state.cases.empty());
  CHECK(desk->due_actions(now, 100, *desk.world).size() == 1);
}

TEST_CASE("store: two who decide about the same action cannot both be recorded") {
  Desk desk(any_store(), {{"2.1", "CCN", "2026-12-31"}});
  const Looked one(desk, "2.1", start);
  const Looked other(desk, "2.1", start);
  CHECK(one.record(desk, start) == 0);
  CHECK(other.record(desk, start) == 1);
}

TEST_CASE("store: a look moves the watermark, and a look that failed does not") {
  Desk desk(any_store(), {{"2.1", "CCN", "2026-12-31"}});
  CHECK_FALSE(desk.load("2.1").state.watermark.has_value());
  desk.decide(start);
  CHECK(desk.load("2.1").state.watermark == start);
  const Instant later = start + absl::Hours(24);
  const store::LoadedAction loaded = desk.load("2.1");
  const store::Decided failed{&loaded, nullptr, "a condition cannot be read"};
  CHECK(desk->commit_pass(std::span(&failed, 1), *desk.world, later) == 0);
  CHECK(desk.load("2.1").state.watermark == start);
  const auto holds = desk->holds("county", "2.1", 100);
  const auto hold = std::find_if(holds.begin(), holds.end(),
                                 [](const auto& held) { return held.reason.code == chase::ReasonCode::failed; });
  REQUIRE(hold != holds.end());
  CHECK(hold->reason.detail == "a condition cannot be read");
  CHECK(desk->due_actions(later + absl::Hours(1) - absl::Microseconds(1), 100, *desk.world).empty());
  CHECK(desk->due_actions(later + absl::Hours(1), 100, *desk.world).size() == 1);
}

TEST_CASE("store: one action that fails does not keep another from being recorded") {
  Desk desk(any_store(), {{"2.1", "CCN", "2026-12-31"}, {"2.2", "CCN", "2026-12-31"}});
  const Looked good(desk, "2.2", start);
  const store::LoadedAction bad = desk.load("2.1");
  const store::Decided decided[] = {{&bad, nullptr, "no"}, {&good.loaded, &good.verdict, std::nullopt}};
  CHECK(desk->commit_pass(decided, *desk.world, start) == 0);
  CHECK(desk.load("2.2").state.watermark == start);
}

TEST_CASE("store: the clock's high-water mark only rises, and outlives the process") {
  Desk desk(any_store());
  CHECK_FALSE(desk->clock_high_water().has_value());
  const Instant high = at("2026-09-02T08:00:00.123456Z");
  desk->commit_pass({}, *desk.world, high);
  CHECK(desk->clock_high_water() == high);
  desk->commit_pass({}, *desk.world, high - absl::Hours(48));
  CHECK(desk->clock_high_water() == high);
  CHECK(desk->status().last_pass == high - absl::Hours(48));
  desk.reopen();
  CHECK(desk->clock_high_water() == high);
}

TEST_CASE("store: due actions come earliest first and no more at once than asked for") {
  std::vector<Row> rows;
  for (int i = 0; i < 120; ++i) rows.push_back({"a" + std::to_string(i), "KCC"});
  Desk desk(any_store(), rows);
  CHECK(desk->due_actions(start - absl::Microseconds(1), 100, *desk.world).empty());
  CHECK(desk->due_actions(start, 7, *desk.world).size() == 7);
  CHECK(desk->due_actions(start, 1'000, *desk.world).size() == 100);
  CHECK(desk->next_look() == start);
  CHECK(desk.decide(start) >= 120);
}

TEST_CASE("store: reconciling a sound store finds nothing, at any moment of its life") {
  Desk desk(any_store(), {{"2.1", "CCN", "2026-12-31"}, {"2.2", "KCC;CCN", "2026-06-30"}, {"2.3", "HR Teams"}});
  for (Instant now = start; now < at("2027-03-01T08:00:00Z"); now += absl::Hours(24 * 6 + 5)) {
    CHECK(desk->reconcile(*desk.world, now) == 0);
    desk.decide(now);
    CHECK(desk->reconcile(*desk.world, now) == 0);
    desk.pass(now);
    CHECK(desk->reconcile(*desk.world, now) == 0);
    for (const auto& message : desk.queued(now)) desk.deliver(message, now);
    CHECK(desk->reconcile(*desk.world, now) == 0);
  }
  CHECK(desk.events("reconciled").empty());
  CHECK(is_unique(keys(desk)));
}
