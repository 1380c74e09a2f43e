// A full disk: an error that says so, nothing lost, and on with it once there is room.
#include "given.h"
#include "sqlite_watch.h"
#include "store/directory_lock.h"
#include "support/catch.h"

using namespace given;
using store::MessageState;
using store::OutcomeKind;
using store::StoreFault;

namespace {

Desk desk_of_one() {
  return Desk(store_kinds().front(), {{"2.1", "CCN", "2026-12-31"}});
}

bool has_ballast(const Desk& desk) {
  return std::filesystem::exists(desk.folder.path() + "/ballast");
}

}  // namespace

TEST_CASE("sqlite: on a full disk a call throws disk_full, and nothing of it has happened") {
  Desk desk = desk_of_one();
  const Instant now = at("2026-12-22T10:00:00Z");
  const auto before = desk.load("2.1");
  const auto events = desk->events("", "", 0, 1'000).size();
  const std::int64_t writes = GENERATE(0, 1, 2, 3, 5, 8);
  {
    FullDisk full(desk.folder.path());
    full.allow(writes);
    Refusal said;
    // A few small commits may still fit; none may be lost.
    std::vector<std::string> kept;
    for (int i = 0; i < 50 && !said.fault; ++i) {
      const std::string name = "name" + std::to_string(i);
      said = refusal_of([&] { desk->keep(name, std::string(10'000, 'x')); });
      if (!said.fault) kept.push_back(name);
    }
    INFO(said.words);
    REQUIRE(said.fault == StoreFault::disk_full);
    CHECK(said.says("full"));
    CHECK(full.refused() > 0);
    CHECK(refusal_of([&] { desk.decide(now); }).fault == StoreFault::disk_full);
    CHECK(refusal_of([&] { desk->look_at_all(now); }).fault == StoreFault::disk_full);
    for (const auto& name : kept) CHECK(desk->kept(name)->size() == 10'000);
    CHECK(desk.load("2.1").state.facts == before.state.facts);
    CHECK(desk.load("2.1").row_version == before.row_version);
    CHECK(desk->events("", "", 0, 1'000).size() == events);
  }
  CHECK(desk.decide(now) == 1);
  desk.reopen();
  CHECK(desk.load("2.1").state.watermark == now);
  desk.store.reset();
  CHECK(is_sound(desk.folder.path()));
}

TEST_CASE("sqlite: the outcome of a message that has gone finds room even on a full disk") {
  Desk desk = desk_of_one();
  Instant now = at("2026-09-01T09:00:00Z");
  const store::OutboxMessage message = desk.await_message(now);
  REQUIRE(desk.claim(message.row, now, now + absl::Hours(1)));
  REQUIRE(desk.begin_body(message.row, now));
  REQUIRE(has_ballast(desk));
  FullDisk full(desk.folder.path());
  CHECK(refusal_of([&] { desk->keep("name", "value"); }).fault == StoreFault::disk_full);
  CHECK(has_ballast(desk));
  desk.finish(message.row, now, OutcomeKind::accepted, MessageState::accepted);
  CHECK(full.refused() > 0);
  CHECK_FALSE(has_ballast(desk));
  CHECK(desk.state_of(message.row) == MessageState::accepted);
  CHECK(desk.told_state(message.items[0].notification) == "delivered");
}

TEST_CASE("sqlite: room for outcomes is kept again once there is some, for the next full disk") {
  Desk desk = desk_of_one();
  Instant now = at("2026-09-01T09:00:00Z");
  const store::OutboxMessage first = desk.await_message(now);
  REQUIRE(desk.claim(first.row, now, now + absl::Hours(1)));
  {
    FullDisk full(desk.folder.path());
    desk.finish(first.row, now, OutcomeKind::temporary, MessageState::queued);
  }
  REQUIRE_FALSE(has_ballast(desk));
  now += absl::Hours(1);
  REQUIRE(desk.claim(first.row, now, now + absl::Hours(1)));
  CHECK(has_ballast(desk));
  FullDisk full(desk.folder.path());
  desk.finish(first.row, now, OutcomeKind::accepted, MessageState::accepted);
  CHECK(desk.state_of(first.row) == MessageState::accepted);
}

TEST_CASE("sqlite: nothing is claimed on a full disk, so that nothing leaves whose outcome could not be kept") {
  Desk desk = desk_of_one();
  Instant now = at("2026-09-01T09:00:00Z");
  const store::OutboxMessage message = desk.await_message(now);
  {
    FullDisk full(desk.folder.path());
    CHECK(refusal_of([&] { desk.claim(message.row, now, now + absl::Hours(1)); }).fault == StoreFault::disk_full);
    CHECK(has_ballast(desk));
  }
  CHECK(desk.state_of(message.row) == MessageState::queued);
  desk.deliver(message, now);
  CHECK(desk.state_of(message.row) == MessageState::accepted);
}

TEST_CASE("sqlite: a backup to a full disk throws and leaves the earlier one in its place") {
  Desk desk = desk_of_one();
  const Folder kept;
  const std::string file = kept.path() + "/today.db";
  desk->backup(file);
  const auto size = std::filesystem::file_size(file);
  std::filesystem::create_directory(kept.path() + "/ballast");
  desk->keep("name", std::string(100'000, 'x'));
  {
    FullDisk full(kept.path());
    full.allow(5);
    const Refusal said = refusal_of([&] { desk->backup(file); });
    INFO(said.words);
    CHECK(said.fault == StoreFault::disk_full);
  }
  CHECK(std::filesystem::file_size(file) == size);
  CHECK_FALSE(std::filesystem::exists(file + ".partial"));
  desk->backup(file);
  CHECK(std::filesystem::file_size(file) > size);
}

TEST_CASE("sqlite: a reminder that was lost is found by reconciling, once, under its own key") {
  Desk desk(store_kinds().front(), {{"2.1", "CCN", "2026-12-31"}, {"2.2", "KCC", "2026-12-31"}});
  Instant now = at("2026-09-01T10:00:00Z");
  for (; now < at("2026-12-22T10:00:00Z"); now += absl::Hours(24)) {
    desk.pass(now);
    for (const auto& message : desk.queued(now)) desk.deliver(message, now);
  }
  desk.decide(now);
  const auto before = desk->notifications("", "", 100);
  const store::NotificationRecord lost = before[0];
  REQUIRE(lost.step == "due-soon");
  REQUIRE(lost.state == "pending");
  desk.store.reset();
  tamper(desk.folder.path(),
         "DROP TRIGGER notification_stays; DELETE FROM notification WHERE id = (SELECT max(id) FROM notification)");
  desk.reopen();
  REQUIRE(desk->notifications("", "", 100).size() == before.size() - 1);
  CHECK(desk->reconcile(*desk.world, now) == 1);
  const auto after = desk->notifications("", "", 100);
  REQUIRE(after.size() == before.size());
  CHECK(after[0].key == lost.key);
  CHECK(after[0].state == "pending");
  CHECK(after[0].opening == lost.opening);
  CHECK(desk.events("reconciled").size() == 1);
  desk.decide(now);
  CHECK(desk->reconcile(*desk.world, now) == 0);
  CHECK(desk->notifications("", "", 100).size() == before.size());
}
