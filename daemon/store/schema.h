#pragma once

#include <span>

#include "store/database.h"

namespace chaser::store {

/// What sqlite3 shows of a file as `application_id`: "CHSR".
inline constexpr std::int64_t application_id = 0x43485352;

/// One step of the schema: a script, and what only a program can do after it, in the same transaction.
struct Migration {
  constexpr Migration(const char* script_given, void (*then_given)(Transaction&) = nullptr)
      : script(script_given), then(then_given) {}
  const char* script;
  void (*then)(Transaction& change);
};

/// All migrations in order; the schema's version is how many of them were run (`user_version`). One that was released
/// never changes.
std::span<const Migration> migrations();

/// Brings the database to the newest schema, each migration in a transaction of its own.
/// Throws StoreError{unavailable} if the schema is newer than this program or the file is another program's.
void migrate(Database& database, std::span<const Migration> steps = migrations());

/// Throws unless the file is Chaser's and of exactly this program's schema (for readers, which cannot migrate).
void check_schema(Database& database);

}  // namespace chaser::store
