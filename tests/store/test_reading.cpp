// Readers beside the one that writes.
#include <atomic>
#include <thread>

#include "given.h"
#include "support/catch.h"

using namespace given;
using store::StoreFault;

namespace {

void check_refused(const char* name, const std::function<void()>& call) {
  INFO(name);
  CHECK(refusal_of(call).fault == StoreFault::read_only);
}

}  // namespace

TEST_CASE("store: a reader sees what was committed before it asked, and what is committed after") {
  const auto kind = any_store();
  Desk desk(kind, {{"2.1", "KCC", "2026-12-31"}});
  const auto reader = kind.open(desk.folder.path(), Opening::reader);
  CHECK(reader->status().actions == 1);
  CHECK(reader->load_action("county", "2.1", *desk.world)->state.facts == desk.load("2.1").state.facts);
  desk->import(plan_of({{"2.1", "KCC", "2026-12-31"}, {"2.2", "CCN"}}), *desk.world, at("2026-09-02T08:00:00Z"), "cli");
  CHECK(reader->status().actions == 2);
  CHECK(reader->due_actions(at("2026-09-02T08:00:00Z"), 100, *desk.world).size() == 2);
}

TEST_CASE("store: no call of a reader writes") {
  const auto kind = any_store();
  Desk desk(kind, {{"2.1", "KCC", "2026-12-31"}});
  Instant now = at("2026-09-01T09:00:00Z");
  const store::OutboxMessage message = desk.await_message(now);
  const auto reader = kind.open(desk.folder.path(), Opening::reader);
  const auto before = desk->events("", "", 0, 100'000).size();
  const auto& world = *desk.world;
  check_refused("import", [&] { reader->import(plan_of({{"9.9", "KCC"}}), world, now, "cli"); });
  check_refused("reassign", [&] { reader->reassign(world, now); });
  check_refused("look_at_all", [&] { reader->look_at_all(now); });
  check_refused("commit_pass", [&] { reader->commit_pass({}, world, now); });
  check_refused("migrate_cases", [&] { reader->migrate_cases(world, "cli", now); });
  check_refused("claim", [&] { reader->claim({}, now, now); });
  check_refused("begin_body", [&] { reader->begin_body({}, now); });
  check_refused("finish", [&] { reader->finish({}, now); });
  check_refused("reap", [&] { reader->reap(now, true); });
  check_refused("retry", [&] { reader->retry(message.row, now); });
  check_refused("drop", [&] { reader->drop(message.row, "cli", now); });
  check_refused("withdraw", [&] { reader->withdraw(message.row, {}, {}, now); });
  check_refused("postpone", [&] { reader->postpone(std::span(&message.row, 1), now); });
  check_refused("stop", [&] { reader->stop({}, "cli", now); });
  check_refused("release", [&] { reader->release("stop", {}, "cli", now); });
  check_refused("keep", [&] { reader->keep("name", "value"); });
  check_refused("note_event", [&] { reader->note_event({}); });
  CHECK(desk->events("", "", 0, 100'000).size() == before);
  CHECK(desk.state_of(message.row) == store::MessageState::queued);
}

TEST_CASE("store: a reader never sees half of a transaction") {
  const auto kind = any_store();
  Desk desk(kind, {{"2.1", "KCC", "2026-12-31"}});
  const std::vector<Row> one{{"2.1", "KCC", "2026-12-31"}};
  const std::vector<Row> many{{"2.1", "KCC", "2026-12-31"}, {"2.2", "CCN"}, {"2.3", "KCC"}, {"2.4", "HR Teams"}};
  std::atomic<bool> is_over = false;
  std::atomic<int> torn = 0;
  std::atomic<int> seen = 0;
  std::thread reading([&] {
    const auto reader = kind.open(desk.folder.path(), Opening::reader);
    while (!is_over) {
      const store::StoreStatus status = reader->status();
      if (status.actions != 1 && status.actions != 4) ++torn;
      // What is pending has an instant at which it is composed: both are one commit.
      if (status.pending > 0 && !status.next_compose) ++torn;
      if (status.actions == 4 && !status.next_look) ++torn;
      ++seen;
    }
  });
  Instant now = at("2026-09-01T08:00:00Z");
  for (int i = 0; i < 60 || seen < 100; ++i, now += absl::Hours(8)) {
    desk->import(plan_of(i % 2 == 0 ? many : one), *desk.world, now, "cli");
    desk.pass(now);
    if (i > 5'000) break;
  }
  is_over = true;
  reading.join();
  CHECK(torn == 0);
  CHECK(seen >= 100);
}

TEST_CASE("store: several actions are read at once as one by one, in the order asked") {
  const auto kind = any_store();
  Desk desk(kind, {{"2.1", "KCC", "2026-12-31"}, {"2.2", "CCN", "2027-03-31"}, {"2.3", "KCC", "2026-11-30"}});
  Instant now = at("2026-09-01T09:00:00Z");
  desk.await_message(now);
  std::vector<store::ActionRow> rows;
  for (const char* const name : {"2.3", "2.1", "2.2"}) rows.push_back(desk.load(name).row);
  rows.push_back(9'999);  // nobody's
  const auto loaded = desk->load_actions(rows, *desk.world);
  REQUIRE(loaded.size() == 3);
  for (std::size_t i = 0; i < loaded.size(); ++i) {
    const store::LoadedAction alone = desk.load(loaded[i].state.facts.id);
    CHECK(loaded[i].row == rows[i]);
    CHECK(loaded[i].row_version == alone.row_version);
    CHECK(loaded[i].state.facts == alone.state.facts);
    CHECK(loaded[i].state.cases == alone.state.cases);
  }
}

TEST_CASE("store: more actions than one statement takes are read at once too") {
  const auto kind = any_store();
  std::vector<Row> many;
  for (int i = 1; i <= 230; ++i) many.push_back({"2." + std::to_string(i), "KCC", "2026-12-31"});
  Desk desk(kind, many);
  std::vector<store::ActionRow> rows;
  for (const Row& each : many) rows.push_back(desk.load(each.id).row);
  const auto loaded = desk->load_actions(rows, *desk.world);
  REQUIRE(loaded.size() == rows.size());
  CHECK(loaded.back().row == rows.back());
}
