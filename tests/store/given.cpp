#include "given.h"

#include <stdlib.h>

#include "store/sqlite_store.h"
#include "support/catch.h"

namespace given {

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "chaser-store-XXXXXX").string();
  REQUIRE(mkdtemp(name.data()) != nullptr);
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Refusal refusal_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const store::StoreError& error) {
    return {error.fault(), error.what()};
  }
  return {};
}

namespace {

std::unique_ptr<store::Store> open_over_sqlite(const std::string& directory, Opening opening) {
  store::SqliteOptions options;
  options.mode = opening == Opening::reader ? store::OpenMode::read_only : store::OpenMode::write;
  options.scripted = opening == Opening::scripted;
  return store::open_sqlite(directory, options);
}

}  // namespace

const std::vector<StoreKind>& store_kinds() {
  static const std::vector<StoreKind> kinds{{"sqlite", open_over_sqlite}};
  return kinds;
}

StoreKind any_store() {
  return GENERATE(from_range(store_kinds()));
}

Instant at(const char* rfc3339) {
  return calendar::parse_rfc3339(rfc3339).value();
}

CivilDay day(const char* iso) {
  return calendar::parse_iso_day(iso).value();
}

Desk::Desk(const StoreKind& store_kind, const std::vector<Row>& rows, const char* now)
    : kind(store_kind), world(given::world()), store(kind.open(folder.path(), Opening::service)) {
  store->remember_rules(world->rulebook().texts(), at(now));
  if (!rows.empty()) store->import(plan_of(rows), *world, at(now), "cli:test");
}

void Desk::reopen() {
  store.reset();
  store = kind.open(folder.path(), Opening::service);
}

store::LoadedAction Desk::load(const std::string& action) const {
  auto loaded = store->load_action("county", action, *world);
  REQUIRE(loaded.has_value());
  return std::move(*loaded);
}

std::size_t Desk::decide(Instant now) {
  std::size_t looked = 0;
  while (true) {
    const auto due = store->due_actions(now, 100, *world);
    if (due.empty()) return looked;
    std::vector<chase::Verdict> verdicts(due.size());
    std::vector<store::Decided> decided;
    for (std::size_t i = 0; i < due.size(); ++i) {
      chase::decide(due[i].state, *world, chase::Look{now, at("2026-01-01T00:00:00Z")}, verdicts[i]);
      decided.push_back({&due[i], &verdicts[i], std::nullopt});
    }
    const std::size_t left_out = store->commit_pass(decided, *world, now);
    REQUIRE(left_out == 0);
    looked += due.size();
    REQUIRE(looked < 100'000);
  }
}

void Desk::pass(Instant now) {
  decide(now);
  for (const auto& work : store->due_recipients(now, 100, *world)) {
    const chase::ComposeInput input{world->find_party(work.party), work.pending, work.first_meetings_this_week,
                                    work.last_digest, at("2026-01-01T00:00:00Z")};
    const store::Composed composed{&work, chase::compose(input, *world, chase::Brakes{}, now)};
    store->commit_compositions(std::span(&composed, 1), *world, now);
  }
  decide(now);
}

std::vector<store::OutboxMessage> Desk::queued(Instant now) const {
  const std::vector<std::string> channels{"email", "teams"};
  return store->queued(now, 1000, channels);
}

store::OutboxMessage Desk::await_message(Instant& now) {
  for (int day = 0; day < 366; ++day, now += absl::Hours(24)) {
    pass(now);
    const auto messages = queued(now);
    if (!messages.empty()) return messages.front();
  }
  FAIL("nothing was sent in a year");
  return {};
}

std::optional<store::OutboxMessage> Desk::find(store::MessageRow row) const {
  for (const store::OutboxMessage& message : store->outbox(1000, false)) {
    if (message.row == row) return message;
  }
  return std::nullopt;
}

store::MessageState Desk::state_of(store::MessageRow row) const {
  const auto message = find(row);
  REQUIRE(message.has_value());
  return message->state;
}

std::string Desk::told_state(std::int64_t notification) const {
  for (const auto& record : store->notifications("", "", 100'000)) {
    if (record.row == notification) return record.state;
  }
  return "";
}

bool Desk::claim(store::MessageRow row, Instant now, Instant lease_until) const {
  const store::Store::Claim claim{row, store::Rendered{"bytes at " + absl::FormatTime(now), "<first@x>", "a@b"}};
  return store->claim(std::span(&claim, 1), now, lease_until).at(0);
}

bool Desk::begin_body(store::MessageRow row, Instant now) const {
  return store->begin_body(std::span(&row, 1), now).at(0);
}

void Desk::finish(store::MessageRow row, Instant now, store::OutcomeKind outcome, store::MessageState state) const {
  store::Store::Finish finish{row, {}, {state, now + absl::Minutes(5)}};
  finish.outcome.kind = outcome;
  finish.outcome.code = outcome == store::OutcomeKind::accepted ? 250 : 450;
  store->finish(std::span(&finish, 1), now);
}

std::vector<store::Event> Desk::events(const std::string& event_kind) const {
  std::vector<store::Event> found;
  for (auto& event : store->events("", "", 0, 100'000)) {
    if (event.kind == event_kind) found.push_back(std::move(event));
  }
  return found;
}

void Desk::deliver(const store::OutboxMessage& message, Instant now, store::OutcomeKind outcome,
                   store::MessageState state) {
  const store::Store::Claim claim{message.row,
                                  store::Rendered{"bytes of " + message.key, "<" + message.key + "@x>", "a@b"}};
  REQUIRE(store->claim(std::span(&claim, 1), now, now + absl::Minutes(10)) == std::vector<bool>{true});
  REQUIRE(store->begin_body(std::span(&message.row, 1), now) == std::vector<bool>{true});
  store::Store::Finish finish{message.row, {}, {state, now + absl::Minutes(5)}};
  finish.outcome.kind = outcome;
  finish.outcome.code = outcome == store::OutcomeKind::accepted ? 250 : 550;
  store->finish(std::span(&finish, 1), now);
}

}  // namespace given
