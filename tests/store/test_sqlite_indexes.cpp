// The statements that run all day read by index, whatever has piled up: taken from what the store really runs.
#include <algorithm>

#include "given.h"
#include "sqlite_watch.h"
#include "store/sqlite_store.h"
#include "support/catch.h"

using namespace given;
using store::MessageState;
using store::OutcomeKind;

namespace {

/// Tables that do not grow with what happens: a row a plan, a row at all.
bool is_small(const std::string& line) {
  const auto names = {"SCAN keeper", "SCAN plan", "SCAN released", "SCAN stop"};
  return std::any_of(names.begin(), names.end(), [&](const char* name) { return line.starts_with(name); });
}

/// A scan of an index that holds only what waits is no scan of what has piled up.
bool is_of_waiting(const std::string& line) {
  const auto names = {"INDEX look_next",         "INDEX recipient_next", "INDEX notification_pending",
                      "INDEX message_unsettled", "INDEX message_retry",  "INDEX message_queued"};
  return std::any_of(names.begin(), names.end(),
                     [&](const char* name) { return line.find(name) != std::string::npos; });
}

/// The lines of query plans of all that `watched` saw that read a whole table.
std::vector<std::string> scans(const WatchedStatements& watched, const Desk& desk) {
  store::Database database(desk.folder.path() + "/chaser.db", store::Database::Mode::read_only);
  std::vector<std::string> found;
  for (const std::string& sql : watched.seen()) {
    const bool is_explained = sql.starts_with("SELECT") || sql.starts_with("UPDATE") || sql.starts_with("DELETE") ||
                              sql.starts_with("INSERT");
    if (!is_explained) continue;
    for (const std::string& line : query_plan(database, sql)) {
      const bool is_scan = line.starts_with("SCAN ") && !line.starts_with("SCAN CONSTANT");
      if (is_scan && !is_small(line) && !is_of_waiting(line)) found.push_back(line + " <- " + sql);
    }
  }
  return found;
}

bool uses(const WatchedStatements& watched, const Desk& desk, const std::string& index) {
  store::Database database(desk.folder.path() + "/chaser.db", store::Database::Mode::read_only);
  for (const std::string& sql : watched.seen()) {
    if (!sql.starts_with("SELECT") && !sql.starts_with("UPDATE")) continue;
    for (const std::string& line : query_plan(database, sql)) {
      if (line.starts_with("SEARCH") && line.find(index) != std::string::npos) return true;
    }
  }
  return false;
}

const std::vector<std::string> none;

struct Watched {
  WatchedStatements statements;  // before the store, whose connection it watches
  Desk desk{store_kinds().front(), {{"2.1", "CCN", "2026-12-31"}, {"2.2", "KCC", "2026-12-31"}, {"2.3", "HR Teams"}}};
  Instant now = at("2026-12-22T10:00:00Z");
};

}  // namespace

TEST_CASE("sqlite: due actions are found and loaded by index") {
  Watched it;
  it.statements.forget();
  REQUIRE(it.desk->due_actions(it.now, 100, *it.desk.world).size() == 3);
  CHECK(scans(it.statements, it.desk) == none);
  CHECK(uses(it.statements, it.desk, "INDEX look_next (next_look<?)"));
  it.statements.forget();
  REQUIRE(it.desk->load_action("county", "2.1", *it.desk.world).has_value());
  CHECK(scans(it.statements, it.desk) == none);
}

TEST_CASE("sqlite: recording a pass reads by index") {
  Watched it;
  it.statements.forget();
  it.desk.decide(it.now);
  REQUIRE_FALSE(it.desk->notifications("", "", 10).empty());
  CHECK(it.statements.seen().size() > 10);
  it.statements.forget();
  it.desk->look_at_all(it.now + absl::Hours(24 * 90));
  it.statements.forget();
  it.desk.decide(it.now + absl::Hours(24 * 90));
  CHECK(scans(it.statements, it.desk) == none);
}

TEST_CASE("sqlite: due recipients are found and composed by index") {
  Watched it;
  it.desk.decide(it.now);
  it.statements.forget();
  it.desk.pass(it.now);
  REQUIRE_FALSE(it.desk.queued(it.now).empty());
  CHECK(scans(it.statements, it.desk) == none);
  CHECK(uses(it.statements, it.desk, "INDEX recipient_next (next_compose<?)"));
  CHECK(uses(it.statements, it.desk, "INDEX notification_pending (recipient=?)"));
}

TEST_CASE("sqlite: the way of a message reads by index: queued, claim, body, outcome, reaping, a person's word") {
  Watched it;
  it.desk.pass(it.now);
  const auto messages = it.desk.queued(it.now);
  REQUIRE(messages.size() >= 2);
  it.statements.forget();
  it.desk.queued(it.now);
  CHECK(uses(it.statements, it.desk, "INDEX message_queued (channel=? AND urgency=? AND not_before<?)"));
  it.desk.deliver(messages[0], it.now);
  REQUIRE(it.desk.claim(messages[1].row, it.now, it.now));
  REQUIRE(it.desk.begin_body(messages[1].row, it.now));
  it.desk->reap(it.now, false);
  it.desk->resolve_unknown(messages[1].row, true, it.now, it.now);
  REQUIRE(it.desk.claim(messages[1].row, it.now, it.now));
  it.desk.finish(messages[1].row, it.now, OutcomeKind::permanent, MessageState::refused);
  it.desk->retry(messages[1].row, it.now);
  it.desk->postpone(std::span(&messages[1].row, 1), it.now);
  it.desk->fall_back(messages[1].row, "teams", "no", it.now);
  it.desk->drop(messages[1].row, "cli", it.now);
  CHECK(scans(it.statements, it.desk) == none);
}

TEST_CASE("sqlite: what is next is read from the ends of indexes") {
  Watched it;
  it.desk.pass(it.now);
  it.statements.forget();
  it.desk->next_look();
  it.desk->next_compose();
  it.desk->next_retry();
  CHECK(scans(it.statements, it.desk) == none);
}
