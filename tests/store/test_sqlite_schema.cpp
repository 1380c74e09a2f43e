// Which files the SQLite store takes for its own, and how an older schema becomes the newest.
#include <fstream>

#include "given.h"
#include "sqlite_watch.h"
#include "store/schema.h"
#include "store/sqlite_store.h"
#include "support/catch.h"

using namespace given;
using store::Database;
using store::StoreFault;

namespace {

Refusal refusal_to_open(const std::string& directory, store::OpenMode mode = store::OpenMode::write) {
  store::SqliteOptions options;
  options.mode = mode;
  return refusal_of([&] { store::open_sqlite(directory, options); });
}

std::string file_of(const Folder& folder) {
  return folder.path() + "/chaser.db";
}

void make_store(const Folder& folder) {
  const auto made = store::open_sqlite(folder.path(), {});
  const auto given_world = world();
  made->remember_rules(given_world->rulebook().texts(), at("2026-09-01T08:00:00Z"));
  std::vector<Row> rows;
  for (int i = 0; i < 200; ++i) rows.push_back({"a" + std::to_string(i), "KCC", "2026-12-31"});
  made->import(plan_of(rows), *given_world, at("2026-09-01T08:00:00Z"), "cli:test");
}

std::int64_t user_version(const std::string& file) {
  Database database(file, Database::Mode::read_only);
  return database.pragma("user_version");
}

std::int64_t root_page(const std::string& file, const std::string& table) {
  Database database(file, Database::Mode::read_only);
  store::Transaction reading(database, store::Transaction::Kind::read);
  store::Query query = reading.query("SELECT rootpage FROM sqlite_schema WHERE name = ?", table);
  REQUIRE(query.next());
  return query.integer(0);
}

void overwrite_page(const std::string& path, std::int64_t page) {
  constexpr std::int64_t page_size = 4'096;
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp((page - 1) * page_size);
  file << std::string(page_size, '\x5a');
}

constexpr const char* second_step = "CREATE TABLE later (id INTEGER PRIMARY KEY) STRICT";
constexpr const char* third_step = "INSERT INTO later (id) VALUES (7)";
constexpr const char* broken_step = "INSERT INTO later (id) VALUES (8); INSERT INTO nowhere VALUES (1)";

}  // namespace

TEST_CASE("sqlite: a schema newer than this program is refused, with both numbers, to writers and readers") {
  const Folder folder;
  make_store(folder);
  const auto known = store::migrations().size();
  tamper(folder.path(), ("PRAGMA user_version = " + std::to_string(known + 1)).c_str());
  for (const auto mode : {store::OpenMode::write, store::OpenMode::read_only}) {
    const Refusal said = refusal_to_open(folder.path(), mode);
    INFO(said.words);
    CHECK(said.fault == StoreFault::unavailable);
    CHECK(said.says("newer"));
    CHECK(said.says(std::to_string(known + 1)));
    CHECK(said.says(file_of(folder)));
  }
  tamper(folder.path(), ("PRAGMA user_version = " + std::to_string(known)).c_str());
  CHECK(store::open_sqlite(folder.path(), {})->status().actions == 200);
}

TEST_CASE("sqlite: an older schema is brought forward in numbered steps and keeps what it holds") {
  const Folder folder;
  make_store(folder);
  Database database(file_of(folder), Database::Mode::write);
  const auto now = static_cast<std::int64_t>(store::migrations().size());
  std::vector<store::Migration> steps(store::migrations().begin(), store::migrations().end());
  steps.push_back(second_step);
  steps.push_back(third_step);
  store::migrate(database, std::span(steps).first(steps.size() - 1));
  CHECK(database.pragma("user_version") == now + 1);
  store::migrate(database, steps);
  CHECK(database.pragma("user_version") == now + 2);
  store::migrate(database, steps);
  store::Transaction reading(database, store::Transaction::Kind::read);
  store::Query query = reading.query("SELECT (SELECT count(*) FROM later), (SELECT count(*) FROM action)");
  REQUIRE(query.next());
  CHECK(query.integer(0) == 1);
  CHECK(query.integer(1) == 200);
}

TEST_CASE("sqlite: a step that fails leaves the steps before it done, and nothing of itself") {
  const Folder folder;
  make_store(folder);
  Database database(file_of(folder), Database::Mode::write);
  const auto now = static_cast<std::int64_t>(store::migrations().size());
  std::vector<store::Migration> steps(store::migrations().begin(), store::migrations().end());
  steps.push_back(second_step);
  steps.push_back(broken_step);
  CHECK(refusal_of([&] { store::migrate(database, steps); }).fault.has_value());
  CHECK(database.pragma("user_version") == now + 1);
  store::Transaction reading(database, store::Transaction::Kind::read);
  CHECK_FALSE(reading.query("SELECT 1 FROM later").next());
}

TEST_CASE("sqlite: a reader does not migrate, and says who can") {
  const Folder folder;
  make_store(folder);
  tamper(folder.path(), "PRAGMA user_version = 0");
  const Refusal said = refusal_to_open(folder.path(), store::OpenMode::read_only);
  INFO(said.words);
  CHECK(said.says("older"));
  CHECK(said.says("service"));
  CHECK(user_version(file_of(folder)) == 0);
}

TEST_CASE("sqlite: a database of another program is refused and left as it is") {
  const Folder folder;
  SECTION("one with a number of its own") {
    tamper(folder.path(), "PRAGMA application_id = 1; CREATE TABLE theirs (a)");
  }
  SECTION("one without any number") {
    tamper(folder.path(), "CREATE TABLE theirs (a)");
  }
  const Refusal said = refusal_to_open(folder.path());
  INFO(said.words);
  CHECK(said.fault == StoreFault::unavailable);
  CHECK(said.says("no database of Chaser"));
  Database database(file_of(folder), Database::Mode::read_only);
  store::Transaction reading(database, store::Transaction::Kind::read);
  store::Query query = reading.query("SELECT group_concat(name) FROM sqlite_schema");
  REQUIRE(query.next());
  CHECK(query.text(0) == "theirs");
}

TEST_CASE("sqlite: an empty file becomes a store") {
  const Folder folder;
  std::ofstream{file_of(folder)};
  CHECK(store::open_sqlite(folder.path(), {})->status().actions == 0);
  CHECK(user_version(file_of(folder)) == static_cast<std::int64_t>(store::migrations().size()));
}

TEST_CASE("sqlite: a file that is no database is refused, by name, and left as it is") {
  const Folder folder;
  const std::string words(8'192, 'x');
  std::ofstream(file_of(folder)) << words;
  for (const auto mode : {store::OpenMode::write, store::OpenMode::read_only}) {
    const Refusal said = refusal_to_open(folder.path(), mode);
    INFO(said.words);
    CHECK(said.fault == StoreFault::corrupt);
    CHECK(said.says(file_of(folder)));
    CHECK(said.says("not a database"));
  }
  std::ifstream file(file_of(folder));
  CHECK(std::string(std::istreambuf_iterator<char>(file), {}) == words);
}

TEST_CASE("sqlite: a damaged database is refused, by name and with what to do") {
  const Folder folder;
  make_store(folder);
  SECTION("cut off") {
    std::filesystem::resize_file(file_of(folder), std::filesystem::file_size(file_of(folder)) / 2);
  }
  SECTION("its first page overwritten behind the header") {
    std::fstream file(file_of(folder), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(100);
    file << std::string(3'900, '\x5a');
  }
  const Refusal said = refusal_to_open(folder.path());
  INFO(said.words);
  CHECK(said.fault == StoreFault::corrupt);
  CHECK(said.says(file_of(folder)));
  CHECK(said.says("malformed"));
  CHECK(said.says("backup"));
}

TEST_CASE("sqlite: damage that is met later is called that, and takes nothing else with it") {
  const Folder folder;
  make_store(folder);
  overwrite_page(file_of(folder), root_page(file_of(folder), "action"));
  const auto given_world = world();
  const auto opened = store::open_sqlite(folder.path(), {});
  const Refusal said = refusal_of([&] { opened->each_action(*given_world, [](store::LoadedAction&&) {}); });
  INFO(said.words);
  CHECK(said.fault == StoreFault::corrupt);
  CHECK(said.says(file_of(folder)));
  const Folder kept;
  CHECK(refusal_of([&] { opened->backup(kept.path() + "/today.db"); }).fault == StoreFault::corrupt);
  CHECK_FALSE(std::filesystem::exists(kept.path() + "/today.db"));
}

TEST_CASE("sqlite: neither a notification, its key nor an event can be taken away by anybody") {
  const Folder folder;
  make_store(folder);
  {
    Desk desk(store_kinds().front(), {{"2.1", "CCN", "2026-12-31"}});
    desk.pass(at("2026-12-22T09:00:00Z"));
    desk->backup(folder.path() + "/chaser.db");
  }
  for (const char* sql : {"DELETE FROM notification", "UPDATE notification SET key = zeroblob(32)", "DELETE FROM event",
                          "UPDATE event SET actor = 'nobody'"}) {
    INFO(sql);
    CHECK(refusal_of([&] { tamper(folder.path(), sql); }).fault.has_value());
  }
  CHECK(is_sound(folder.path()));
}
