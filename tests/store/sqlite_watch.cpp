#include "sqlite_watch.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <mutex>

namespace given {

using namespace chaser;

namespace {

// SQLite's hooks are of the whole process, so is what they write to.
std::mutex watching;
std::set<std::string> statements;

int note_statement(unsigned, void*, void* statement, void*) {
  const char* sql = sqlite3_sql(static_cast<sqlite3_stmt*>(statement));
  const std::lock_guard lock(watching);
  if (sql != nullptr) statements.insert(sql);
  return 0;
}

int watch_connection(sqlite3* connection, char**, const sqlite3_api_routines*) {
  return sqlite3_trace_v2(connection, SQLITE_TRACE_STMT, note_statement, nullptr);
}

using EntryPoint = void (*)();
EntryPoint entry_point() {
  return reinterpret_cast<EntryPoint>(watch_connection);  // NOLINT: how SQLite takes it
}

std::string full_directory;
std::atomic<std::int64_t> writes_left = 0;
std::atomic<std::int64_t> writes_refused = 0;

bool is_refused(int file) {
  const auto path = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(file)).string();
  // The index of the log is shared memory; it has its room from the start.
  if (!path.starts_with(full_directory) || path.ends_with("-shm")) return false;
  if (!std::filesystem::exists(full_directory + "/ballast")) return false;
  if (writes_left-- > 0) return false;
  ++writes_refused;
  return true;
}

ssize_t write_or_refuse(int file, const void* bytes, std::size_t count, off_t offset) {
  if (is_refused(file)) {
    errno = ENOSPC;
    return -1;
  }
  return pwrite(file, bytes, count, offset);
}

std::int64_t writes_to_live = 0;
std::int64_t writes_done = 0;

ssize_t write_or_die(int file, const void* bytes, std::size_t count, off_t offset) {
  if (writes_done++ == writes_to_live) raise(SIGKILL);
  return pwrite(file, bytes, count, offset);
}

constexpr const char* writing_calls[] = {"pwrite", "pwrite64"};

void set_writing_calls(sqlite3_syscall_ptr call) {
  sqlite3_vfs* vfs = sqlite3_vfs_find(nullptr);
  for (const char* name : writing_calls) vfs->xSetSystemCall(vfs, name, call);
}

}  // namespace

WatchedStatements::WatchedStatements() {
  forget();
  sqlite3_auto_extension(entry_point());
}
WatchedStatements::~WatchedStatements() {
  sqlite3_cancel_auto_extension(entry_point());
}
void WatchedStatements::forget() {
  const std::lock_guard lock(watching);
  statements.clear();
}
std::set<std::string> WatchedStatements::seen() const {
  const std::lock_guard lock(watching);
  return statements;
}

std::vector<std::string> query_plan(store::Database& database, const std::string& sql) {
  std::vector<std::string> lines;
  store::Statement explain(database.connection(), "EXPLAIN QUERY PLAN " + sql);
  store::Query query(explain);
  while (query.next()) lines.push_back(query.text(3));
  return lines;
}

FullDisk::FullDisk(const std::string& directory) {
  full_directory = directory;
  writes_left = 0;
  writes_refused = 0;
  set_writing_calls(reinterpret_cast<sqlite3_syscall_ptr>(write_or_refuse));  // NOLINT: how SQLite takes it
}
FullDisk::~FullDisk() {
  let_writes_be();
}
void FullDisk::allow(std::int64_t writes) {
  writes_left = writes;
}
std::int64_t FullDisk::refused() const {
  return writes_refused;
}

void die_after_writes(std::int64_t writes) {
  writes_to_live = writes;
  writes_done = 0;
  set_writing_calls(reinterpret_cast<sqlite3_syscall_ptr>(write_or_die));  // NOLINT: how SQLite takes it
}
std::int64_t writes_counted() {
  return writes_done;
}
void let_writes_be() {
  set_writing_calls(nullptr);
}

void tamper(const std::string& directory, const char* sql) {
  store::Database database(directory + "/chaser.db", store::Database::Mode::write);
  store::Transaction change(database);
  change.script(sql);
  change.commit();
}

bool is_sound(const std::string& directory) {
  store::Database database(directory + "/chaser.db", store::Database::Mode::read_only);
  store::Transaction reading(database, store::Transaction::Kind::read);
  store::Query whole = reading.query("PRAGMA integrity_check");
  const bool is_whole = whole.next() && whole.view(0) == "ok";
  store::Query keys = reading.query("PRAGMA foreign_key_check");
  return is_whole && !keys.next();
}

}  // namespace given
