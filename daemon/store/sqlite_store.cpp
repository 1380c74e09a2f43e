#include "store/sqlite_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "store/schema.h"
#include "store/sqlite_class.h"

namespace chaser::store {

namespace {

constexpr std::string_view database_name = "/chaser.db";

std::optional<DirectoryLock> lock_for(const std::string& directory, OpenMode mode) {
  if (mode == OpenMode::read_only) return std::nullopt;
  return std::optional<DirectoryLock>(std::in_place, directory);
}

Database::Mode mode_of(OpenMode mode) {
  return mode == OpenMode::write ? Database::Mode::write : Database::Mode::read_only;
}

void sync_file(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = file >= 0 && fsync(file) == 0;
  const int error = errno;
  if (file >= 0) close(file);
  if (!synced) throw StoreError(StoreFault::unavailable, "syncing " + path + ": " + std::strerror(error));
}

void copy_database(sqlite3* from, const std::string& to) {
  sqlite3* target = nullptr;
  const int opened = sqlite3_open(to.c_str(), &target);
  sqlite3_backup* copying = opened == SQLITE_OK ? sqlite3_backup_init(target, "main", from, "main") : nullptr;
  int stepped = SQLITE_DONE;
  if (copying != nullptr) {
    stepped = sqlite3_backup_step(copying, -1);
    sqlite3_backup_finish(copying);
  }
  const int result = sqlite3_extended_errcode(target);
  const std::string said = sqlite3_errmsg(target);
  sqlite3_close(target);
  if (result != SQLITE_OK) throw StoreError(fault_of(result), "copying the database to " + to + ": " + said);
  // A lock that was not had is no error of SQLite's here, but the copy is not whole.
  if (stepped != SQLITE_DONE) {
    throw StoreError(fault_of(stepped), "copying the database to " + to + ": " + sqlite3_errstr(stepped));
  }
}

/// Leaves one whole file without a log beside it, and knows that it is sound.
void check_copy(const std::string& path) {
  Database copy{path, Database::Mode::write};
  {
    Transaction reading{copy, Transaction::Kind::read};
    Query check = reading.query("PRAGMA integrity_check");
    if (!check.next() || check.view(0) != "ok") {
      throw StoreError(StoreFault::corrupt, "the copy " + path + " is not sound: " + check.text(0));
    }
  }
  check_schema(copy);
  sqlite3_exec(copy.connection(), "PRAGMA journal_mode=DELETE", nullptr, nullptr, nullptr);
}

}  // namespace

std::string_view name_of(MessageState state) {
  constexpr std::array<std::string_view, 8> names{"queued",  "claimed", "body_started", "accepted",
                                                  "refused", "unknown", "withdrawn",    "needs_attention"};
  return names[static_cast<std::size_t>(state)];
}

std::string_view name_of(OutcomeKind kind) {
  constexpr std::array<std::string_view, 5> names{"accepted", "temporary", "permanent", "channel_broken", "unknown"};
  return names[static_cast<std::size_t>(kind)];
}

bool has_store(const std::string& directory) {
  std::error_code ignored;
  return std::filesystem::exists(directory + std::string(database_name), ignored);
}

std::unique_ptr<Store> open_sqlite(const std::string& directory, const SqliteOptions& options) {
  if (options.mode == OpenMode::read_only && !has_store(directory)) {
    throw StoreError(StoreFault::unavailable, directory + " holds no database of Chaser");
  }
  return std::make_unique<SqliteStore>(directory, options);
}

SqliteStore::SqliteStore(const std::string& directory, const SqliteOptions& options)
    : directory_(directory),
      lock_(lock_for(directory, options.mode)),
      database_(directory + std::string(database_name), mode_of(options.mode)) {
  if (options.mode == OpenMode::read_only) {
    check_schema(database_);
    return;
  }
  chmod(database_.file().c_str(), S_IRUSR | S_IWUSR);
  migrate(database_);
  check_clock_kind(options);
  write_baseline();
  ballast_.emplace(directory);
}

void SqliteStore::check_clock_kind(const SqliteOptions& options) {
  Transaction change{database_};
  bool scripted = false;
  bool is_empty = false;
  {
    Query kept = change.query(
        "SELECT scripted, NOT EXISTS (SELECT 1 FROM plan) AND NOT EXISTS (SELECT 1 FROM event) FROM keeper");
    kept.next();
    scripted = kept.truth(0);
    is_empty = kept.truth(1);
  }
  if (scripted && !options.scripted) {
    throw StoreError(StoreFault::unavailable,
                     directory_ + " was run by a scripted clock (--now); it is not for a service");
  }
  if (!scripted && options.scripted) {
    if (!is_empty) {
      throw StoreError(StoreFault::unavailable,
                       directory_ + " was run by the real clock; --now is for a store of its own");
    }
    change.run("UPDATE keeper SET scripted = 1");
  }
  change.commit();
}

void SqliteStore::raise_high_water(Transaction& change, Instant now) {
  change.run("UPDATE keeper SET clock_high_water = max(coalesce(clock_high_water, ?1), ?1)", now);
}

void SqliteStore::look_now(Transaction& change, ActionRow action, Instant now) {
  change.run("UPDATE look SET next_look = min(coalesce(next_look, ?2), ?2), version = version + 1 WHERE action = ?1",
             action, now);
}

void SqliteStore::note_event(const Event& event) {
  Transaction change{database_};
  add_event(change, event.at, event.kind, event.plan, event.action, event.actor, event.json, event.words);
  raise_high_water(change, event.at);
  change.commit();
}

void SqliteStore::backup(const std::string& file) {
  const std::string partial = file + ".partial";
  std::error_code failed;
  std::filesystem::remove(partial, failed);
  try {
    copy_database(database_.connection(), partial);
    check_copy(partial);
    chmod(partial.c_str(), S_IRUSR | S_IWUSR);
    sync_file(partial);
    std::filesystem::rename(partial, file, failed);
    if (failed) throw StoreError(StoreFault::unavailable, "putting the backup at " + file + ": " + failed.message());
    const auto folder = std::filesystem::path(file).parent_path();
    sync_file(folder.empty() ? "." : folder.string());
  } catch (...) {
    std::filesystem::remove(partial, failed);
    throw;
  }
}

}  // namespace chaser::store
