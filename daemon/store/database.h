#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "calendar/time.h"
#include "store/store.h"

namespace chaser::store {

/// Bytes, bound and stored as a BLOB.
struct Blob {
  std::string_view bytes;
};

// How values are kept: instants as microseconds since 1970 UTC, days as day numbers since 1970-01-01.
std::int64_t to_micros(Instant at);
Instant from_micros(std::int64_t micros);
CivilDay from_day_number(std::int64_t number);

/// One prepared statement of a Database. Used through Query and Transaction::run alone.
class Statement {
 public:
  Statement(sqlite3* connection, std::string_view sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  /// Whether texts are copied (they may die before the last step) or borrowed.
  enum class Lifetime : std::uint8_t { copied, borrowed };
  template <typename... Values>
  void bind_all([[maybe_unused]] Lifetime lifetime, const Values&... values) {
    [[maybe_unused]] int index = 0;
    (bind(++index, values, lifetime), ...);
  }
  void bind(int index, std::int64_t value, Lifetime lifetime);
  void bind(int index, double value, Lifetime lifetime);
  void bind(int index, std::string_view value, Lifetime lifetime);
  void bind(int index, Blob value, Lifetime lifetime);
  void bind(int index, Instant value, Lifetime lifetime) { bind(index, to_micros(value), lifetime); }
  void bind(int index, CivilDay value, Lifetime lifetime) { bind(index, calendar::day_number(value), lifetime); }
  void bind(int index, std::nullopt_t, Lifetime lifetime);
  void bind(int index, const std::string& value, Lifetime lifetime) { bind(index, std::string_view(value), lifetime); }
  void bind(int index, const char* value, Lifetime lifetime) { bind(index, std::string_view(value), lifetime); }
  template <typename Integer>
    requires std::is_integral_v<Integer>
  void bind(int index, Integer value, Lifetime lifetime) {
    bind(index, static_cast<std::int64_t>(value), lifetime);
  }
  template <typename Value>
  void bind(int index, const std::optional<Value>& value, Lifetime lifetime) {
    if (value) {
      bind(index, *value, lifetime);
    } else {
      bind(index, std::nullopt, lifetime);
    }
  }

  /// True: there is a row. Throws StoreError.
  bool step();
  void reset();
  sqlite3_stmt* handle() const { return handle_; }

 private:
  friend class Database;
  friend class Query;
  void check(int result, const char* attempted) const;

  sqlite3* connection_;
  sqlite3_stmt* handle_ = nullptr;
  bool in_use_ = false;
};

/// A running SELECT: rows one at a time. Resets its statement when it goes. Texts it gives live until the next row.
class Query {
 public:
  explicit Query(Statement& statement);
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  bool next() { return statement_.step(); }

  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  double real(int column) const;
  int small(int column) const { return static_cast<int>(integer(column)); }
  bool truth(int column) const { return integer(column) != 0; }
  std::string_view view(int column) const;
  std::string text(int column) const { return std::string(view(column)); }
  std::string blob(int column) const;
  Instant instant(int column) const { return from_micros(integer(column)); }
  CivilDay day(int column) const { return from_day_number(integer(column)); }
  std::optional<std::int64_t> maybe_integer(int column) const;
  std::optional<Instant> maybe_instant(int column) const;
  std::optional<CivilDay> maybe_day(int column) const;

 private:
  Statement& statement_;
};

/// One connection to one SQLite database with its prepared statements. One thread at a time.
class Database {
 public:
  enum class Mode : std::uint8_t { write, read_only };
  /// Opens (write: creates) the file and sets what every connection needs: WAL, synchronous=FULL, busy_timeout, foreign
  /// keys. Throws StoreError.
  Database(const std::string& file, Mode mode);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  Mode mode() const { return mode_; }
  const std::string& file() const { return file_; }
  /// For settings and backup alone; never for statements.
  sqlite3* connection() const { return connection_; }
  std::int64_t pragma(const std::string& name);
  void set_pragma(const std::string& name, std::int64_t value);

 private:
  friend class Transaction;
  Statement& prepared(std::string_view sql);

  std::string file_;
  Mode mode_;
  sqlite3* connection_ = nullptr;
  /// Found by their text without making a string of it: a pass asks some ten times for each action.
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::unordered_map<std::string, std::unique_ptr<Statement>, TextHash, std::equal_to<>> statements_;
};

/// A group of reads and writes that happen together or not at all.
/// Begins in the constructor (write: takes the write lock now); rolls back in the destructor unless commit() was
/// called. SQL runs only through a Transaction, never on the connection. One thread at a time. Throws StoreError:
/// read_only for a write on a reader, retry if the lock is not had within busy_timeout (nothing began).
class Transaction {
 public:
  enum class Kind : std::uint8_t { write, read };
  explicit Transaction(Database& database, Kind kind = Kind::write);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  /// Throws StoreError, after which all is rolled back; in_doubt only if the disk itself failed at the last moment.
  void commit();
  void rollback();

  template <typename... Values>
  Query query(std::string_view sql, const Values&... values) {
    Statement& statement = database_.prepared(sql);
    statement.bind_all(Statement::Lifetime::copied, values...);
    return Query(statement);
  }
  /// A query over a list of row ids: `head` + a list of placeholders + `tail`. At most rows_max at once.
  static constexpr std::size_t rows_max = 100;
  Query query_rows(std::string_view head, std::span<const std::int64_t> rows, std::string_view tail);
  /// Runs to the end; how many rows changed.
  template <typename... Values>
  int run(std::string_view sql, const Values&... values) {
    Statement& statement = database_.prepared(sql);
    statement.bind_all(Statement::Lifetime::borrowed, values...);
    return finish(statement);
  }
  std::int64_t last_row() const;
  /// Where the event log ends once this transaction's events are in it; written by commit(), so that a transaction of
  /// many events writes it once. Nothing until one is added.
  std::optional<LogHead>& log_end() { return log_end_; }
  /// Several statements without parameters: migrations.
  void script(const char* sql);

 private:
  int finish(Statement& statement);
  void execute(const char* sql, const char* attempted);

  Database& database_;
  bool finished_ = false;
  std::optional<LogHead> log_end_;
};

/// The fault an SQLite result code means, and the error to throw for it.
StoreFault fault_of(int extended_code);
[[noreturn]] void throw_store_error(sqlite3* connection, int result, const std::string& attempted);

}  // namespace chaser::store
