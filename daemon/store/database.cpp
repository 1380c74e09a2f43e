#include "store/database.h"

#include <cassert>

#include "store/encoding.h"

namespace chaser::store {

namespace {

constexpr int busy_timeout_ms = 5'000;
/// A connection keeps at most this many prepared statements; Chaser has about 200 and none is made from input.
constexpr std::size_t statements_max = 500;

/// An error in words. Of a damaged file: which, and what to do; people read it who have never heard of it.
StoreError error_of(sqlite3* connection, int code, const std::string& attempted, const std::string& said) {
  const StoreFault fault = fault_of(code);
  std::string words = attempted + ": " + said;
  const char* file = connection != nullptr ? sqlite3_db_filename(connection, "main") : nullptr;
  if (fault == StoreFault::corrupt && file != nullptr) {
    words += "; " + std::string(file) + " is damaged: stop the service and put its last backup in that place";
  }
  return {fault, words};
}

}  // namespace

std::int64_t to_micros(Instant at) {
  return absl::ToUnixMicros(at);
}
Instant from_micros(std::int64_t micros) {
  return absl::FromUnixMicros(micros);
}
CivilDay from_day_number(std::int64_t number) {
  return CivilDay(1970, 1, 1) + number;
}

StoreFault fault_of(int extended_code) {
  switch (extended_code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return StoreFault::retry;
    case SQLITE_FULL:
      return StoreFault::disk_full;
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return StoreFault::read_only;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return StoreFault::corrupt;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_NOMEM:
    case SQLITE_PROTOCOL:
    case SQLITE_AUTH:
      return StoreFault::unavailable;
    default:
      return StoreFault::bug;
  }
}

void throw_store_error(sqlite3* connection, int result, const std::string& attempted) {
  const int code = connection != nullptr ? sqlite3_extended_errcode(connection) : result;
  const std::string said = connection != nullptr ? sqlite3_errmsg(connection) : sqlite3_errstr(result);
  throw error_of(connection, code == SQLITE_OK ? result : code, attempted, said);
}

// --- Statement
// ---------------------------------------------------------------------------------------------------------

Statement::Statement(sqlite3* connection, std::string_view sql) : connection_(connection) {
  const int result = sqlite3_prepare_v3(connection, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                        &handle_, nullptr);
  check(result, "preparing a statement");
}

Statement::~Statement() {
  sqlite3_finalize(handle_);
}

void Statement::check(int result, const char* attempted) const {
  if (result == SQLITE_OK) return;
  const char* sql = handle_ != nullptr ? sqlite3_sql(handle_) : "";
  throw_store_error(connection_, result, std::string(attempted) + " (" + std::string(sql).substr(0, 60) + ")");
}

void Statement::bind(int index, std::int64_t value, Lifetime) {
  check(sqlite3_bind_int64(handle_, index, value), "binding a number");
}

void Statement::bind(int index, double value, Lifetime) {
  check(sqlite3_bind_double(handle_, index, value), "binding a number");
}

void Statement::bind(int index, std::string_view value, Lifetime lifetime) {
  // An empty view may have no data at all, which SQLite would take for NULL.
  const char* data = value.data() != nullptr ? value.data() : "";
  const auto keep = lifetime == Lifetime::borrowed ? SQLITE_STATIC : SQLITE_TRANSIENT;  // NOLINT: SQLite's own cast
  check(sqlite3_bind_text64(handle_, index, data, value.size(), keep, SQLITE_UTF8), "binding a text");
}

void Statement::bind(int index, Blob value, Lifetime lifetime) {
  const char* data = value.bytes.data() != nullptr ? value.bytes.data() : "";
  const auto keep = lifetime == Lifetime::borrowed ? SQLITE_STATIC : SQLITE_TRANSIENT;  // NOLINT: SQLite's own cast
  check(sqlite3_bind_blob64(handle_, index, data, value.bytes.size(), keep), "binding bytes");
}

void Statement::bind(int index, std::nullopt_t, Lifetime) {
  check(sqlite3_bind_null(handle_, index), "binding nothing");
}

bool Statement::step() {
  const int result = sqlite3_step(handle_);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  // The words of the error must be taken before the reset, which may change them.
  const int code = sqlite3_extended_errcode(connection_);
  const std::string said = sqlite3_errmsg(connection_);
  const std::string sql = sqlite3_sql(handle_);
  reset();
  throw error_of(connection_, code, "running (" + sql.substr(0, 60) + ")", said);
}

void Statement::reset() {
  sqlite3_reset(handle_);  // repeats the last step's error, which was thrown already
  sqlite3_clear_bindings(handle_);
  in_use_ = false;
}

// --- Query
// -------------------------------------------------------------------------------------------------------------

Query::Query(Statement& statement) : statement_(statement) {}
Query::~Query() {
  statement_.reset();
}

bool Query::is_null(int column) const {
  return sqlite3_column_type(statement_.handle(), column) == SQLITE_NULL;
}
double Query::real(int column) const {
  return sqlite3_column_double(statement_.handle(), column);
}

std::int64_t Query::integer(int column) const {
  return sqlite3_column_int64(statement_.handle(), column);
}

std::string_view Query::view(int column) const {
  const void* data = sqlite3_column_text(statement_.handle(), column);
  if (data == nullptr) return {};
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.handle(), column));
  return {static_cast<const char*>(data), size};
}

std::string Query::blob(int column) const {
  const void* data = sqlite3_column_blob(statement_.handle(), column);
  if (data == nullptr) return {};
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.handle(), column));
  return {static_cast<const char*>(data), size};
}

std::optional<std::int64_t> Query::maybe_integer(int column) const {
  return is_null(column) ? std::nullopt : std::optional(integer(column));
}
std::optional<Instant> Query::maybe_instant(int column) const {
  return is_null(column) ? std::nullopt : std::optional(instant(column));
}
std::optional<CivilDay> Query::maybe_day(int column) const {
  return is_null(column) ? std::nullopt : std::optional(day(column));
}

// --- Database
// ----------------------------------------------------------------------------------------------------------

Database::Database(const std::string& file, Mode mode) : file_(file), mode_(mode) {
  // Before SQLite's first use: nobody reads its memory statistics, and keeping them takes a lock at each allocation.
  static const int unmeasured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(unmeasured);
  const int flags = (mode == Mode::write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY) |
                    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int result = sqlite3_open_v2(file.c_str(), &connection_, flags, nullptr);
  try {
    if (result != SQLITE_OK) throw_store_error(connection_, result, "opening " + file);
    sqlite3_busy_timeout(connection_, busy_timeout_ms);
    // 8 MB of pages and 16 MB of log before it moves: keys are hashes, so that a pass writes all over their index.
    const char* settings = mode == Mode::write
                               ? "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                                 "PRAGMA wal_autocheckpoint=4000; PRAGMA cache_size=-8000;"
                                 "PRAGMA journal_size_limit=-1; PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF;"
                               : "PRAGMA query_only=ON; PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF;";
    const int set = sqlite3_exec(connection_, settings, nullptr, nullptr, nullptr);
    if (set != SQLITE_OK) throw_store_error(connection_, set, "opening " + file);
  } catch (...) {
    sqlite3_close(connection_);
    throw;
  }
}

Database::~Database() {
  statements_.clear();
  sqlite3_close(connection_);
}

Statement& Database::prepared(std::string_view sql) {
  auto found = statements_.find(sql);
  if (found == statements_.end()) {
    assert(statements_.size() < statements_max);
    found = statements_.emplace(sql, std::make_unique<Statement>(connection_, sql)).first;
  }
  Statement& statement = *found->second;
  assert(!statement.in_use_ && "a statement is used within itself");
  statement.in_use_ = true;
  return statement;
}

std::int64_t Database::pragma(const std::string& name) {
  Statement statement(connection_, "PRAGMA " + name);
  return statement.step() ? sqlite3_column_int64(statement.handle(), 0) : 0;
}

void Database::set_pragma(const std::string& name, std::int64_t value) {
  Statement statement(connection_, "PRAGMA " + name + " = " + std::to_string(value));
  while (statement.step()) continue;
}

// --- Transaction
// -------------------------------------------------------------------------------------------------------

Transaction::Transaction(Database& database, Kind kind) : database_(database) {
  if (kind == Kind::write && database.mode() == Database::Mode::read_only) {
    throw StoreError(StoreFault::read_only, "writing to " + database.file() + ", which is open for reading only");
  }
  execute(kind == Kind::write ? "BEGIN IMMEDIATE" : "BEGIN", "beginning a transaction");
}

Transaction::~Transaction() {
  rollback();
}

void Transaction::execute(const char* sql, const char* attempted) {
  const int result = sqlite3_exec(database_.connection_, sql, nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) throw_store_error(database_.connection_, result, attempted);
}

void Transaction::commit() {
  assert(!finished_);
  if (log_end_) {
    run("UPDATE keeper SET log_events = ?, log_head = ? WHERE id = 1", log_end_->events,
        Blob{bytes_of_hex(log_end_->hash)});
  }
  const int result = sqlite3_exec(database_.connection_, "COMMIT", nullptr, nullptr, nullptr);
  if (result == SQLITE_OK) {
    finished_ = true;
    return;
  }
  const int code = sqlite3_extended_errcode(database_.connection_);
  const std::string said = sqlite3_errmsg(database_.connection_);
  rollback();
  // The commit frame may lie on the disk although syncing it failed: a restart could find it.
  const bool in_doubt = code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC;
  throw StoreError(in_doubt ? StoreFault::in_doubt : fault_of(code), "committing: " + said);
}

void Transaction::rollback() {
  if (finished_) return;
  finished_ = true;
  // After a full disk SQLite may have rolled back itself; then a ROLLBACK would be an error of its own.
  if (sqlite3_get_autocommit(database_.connection_) == 0) {
    sqlite3_exec(database_.connection_, "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

int Transaction::finish(Statement& statement) {
  while (statement.step()) continue;
  statement.reset();
  return sqlite3_changes(database_.connection_);
}

std::int64_t Transaction::last_row() const {
  return sqlite3_last_insert_rowid(database_.connection_);
}

void Transaction::script(const char* sql) {
  execute(sql, "running a script");
}

Query Transaction::query_rows(std::string_view head, std::span<const std::int64_t> rows, std::string_view tail) {
  assert(rows.size() <= rows_max);
  // Two sizes only, so that the cache stays small; the places left over are NULL, which equals nothing.
  const std::size_t places = rows.size() <= 1 ? 1 : rows_max;
  std::string sql(head);
  sql += places == 1 ? "(?" : "(?";
  for (std::size_t place = 1; place < places; ++place) sql += ",?";
  sql += ')';
  sql += tail;
  Statement& statement = database_.prepared(sql);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    statement.bind(static_cast<int>(i + 1), rows[i], Statement::Lifetime::copied);
  }
  return Query(statement);
}

}  // namespace chaser::store
