// An online copy: whole, checked, and never in the way of the service.
#include <atomic>
#include <fstream>
#include <thread>

#include "given.h"
#include "support/catch.h"

using namespace given;
using store::StoreError;

namespace {

/// Opens a backup as a service would: in a state directory of its own.
std::unique_ptr<store::Store> restored(const StoreKind& kind, const std::string& backup, const Folder& into) {
  std::filesystem::copy_file(backup, into.path() + "/chaser.db", std::filesystem::copy_options::overwrite_existing);
  return kind.open(into.path(), Opening::service);
}

std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) names.push_back(entry.path().filename());
  return names;
}

}  // namespace

TEST_CASE("store: a backup opens and holds all that was committed") {
  const auto kind = any_store();
  Desk desk(kind, {{"2.1", "CCN", "2026-12-31"}, {"2.2", "KCC"}});
  Instant now = at("2026-09-01T09:00:00Z");
  const store::OutboxMessage message = desk.await_message(now);
  desk.deliver(message, now);
  const Folder kept;
  desk->backup(kept.path() + "/today.db");
  CHECK(names_in(kept.path()) == std::vector<std::string>{"today.db"});
  const Folder elsewhere;
  const auto copy = restored(kind, kept.path() + "/today.db", elsewhere);
  CHECK(copy->load_action("county", "2.1", *desk.world)->state.cases == desk.load("2.1").state.cases);
  CHECK(copy->events("", "", 0, 100'000).size() == desk->events("", "", 0, 100'000).size());
  CHECK(copy->outbox(10, false).size() == desk->outbox(10, false).size());
  CHECK(copy->clock_high_water() == desk->clock_high_water());
  CHECK(copy->reconcile(*desk.world, now) == 0);
}

TEST_CASE("store: a backup is for its owner alone and takes the place of an earlier one") {
  const auto kind = any_store();
  Desk desk(kind, {{"2.1", "KCC"}});
  const Folder kept;
  const std::string file = kept.path() + "/today.db";
  std::ofstream(file) << "an earlier one";
  std::ofstream(file + ".partial") << "what a crash has left";
  desk->backup(file);
  using std::filesystem::perms;
  CHECK((std::filesystem::status(file).permissions() & (perms::group_all | perms::others_all)) == perms::none);
  CHECK(names_in(kept.path()) == std::vector<std::string>{"today.db"});
  const Folder elsewhere;
  CHECK(restored(kind, file, elsewhere)->status().actions == 1);
}

TEST_CASE("store: a backup that cannot be put in its place throws, says where, and leaves nothing behind") {
  const auto kind = any_store();
  Desk desk(kind, {{"2.1", "KCC"}});
  const Folder kept;
  SECTION("the folder is not there") {
    const std::string file = kept.path() + "/none/today.db";
    CHECK(refusal_of([&] { desk->backup(file); }).says(file));
  }
  SECTION("a folder lies in its place") {
    std::filesystem::create_directories(kept.path() + "/today.db/full");
    CHECK(refusal_of([&] { desk->backup(kept.path() + "/today.db"); }).says(kept.path() + "/today.db"));
    CHECK(names_in(kept.path()) == std::vector<std::string>{"today.db"});
  }
  CHECK_NOTHROW(desk->keep("still", "works"));
}

TEST_CASE("store: a backup beside a service that writes is one of its committed states") {
  const auto kind = any_store();
  Desk desk(kind, {{"2.1", "KCC", "2026-12-31"}});
  const std::vector<Row> one{{"2.1", "KCC", "2026-12-31"}};
  const std::vector<Row> many{{"2.1", "KCC", "2026-12-31"}, {"2.2", "CCN"}, {"2.3", "KCC"}, {"2.4", "HR Teams"}};
  const Folder kept;
  std::atomic<int> copies = 0;
  std::atomic<bool> failed = false;
  std::thread copying([&] {
    try {
      const auto reader = kind.open(desk.folder.path(), Opening::reader);
      for (; copies < 5; ++copies) reader->backup(kept.path() + "/" + std::to_string(copies) + ".db");
    } catch (const StoreError&) {
      failed = true;
    }
  });
  Instant now = at("2026-09-01T08:00:00Z");
  for (int i = 0; copies < 5 && !failed && i < 50'000; ++i, now += absl::Hours(1)) {
    desk->import(plan_of(i % 2 == 0 ? many : one), *desk.world, now, "cli");
    desk.pass(now);
  }
  copying.join();
  REQUIRE_FALSE(failed);
  for (int i = 0; i < 5; ++i) {
    const Folder elsewhere;
    const auto copy = restored(kind, kept.path() + "/" + std::to_string(i) + ".db", elsewhere);
    const store::StoreStatus status = copy->status();
    CHECK((status.actions == 1 || status.actions == 4));
    CHECK((status.pending == 0 || status.next_compose.has_value()));
    CHECK(copy->reconcile(*desk.world, status.clock_high_water.value()) == 0);
  }
}
