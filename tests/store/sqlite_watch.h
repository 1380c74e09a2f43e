#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "store/database.h"

namespace given {

/// Every SQL statement that connections opened while it lives have run, as it was written. One at a time.
class WatchedStatements {
 public:
  WatchedStatements();
  ~WatchedStatements();
  WatchedStatements(const WatchedStatements&) = delete;
  WatchedStatements& operator=(const WatchedStatements&) = delete;

  void forget();
  std::set<std::string> seen() const;
};

/// How SQLite would go about a statement: "SEARCH look USING INDEX look_next (next_look<?)" and so on.
std::vector<std::string> query_plan(chaser::store::Database& database, const std::string& sql);

/// While it lives, files of a directory get no further byte: SQLite hears ENOSPC, as on a full disk. While `ballast` of
/// that directory is not there, its room is free. One at a time.
class FullDisk {
 public:
  explicit FullDisk(const std::string& directory);
  ~FullDisk();
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

  /// Lets this many more writes through before the disk is full.
  void allow(std::int64_t writes);
  std::int64_t refused() const;
};

/// From now on this process is killed (SIGKILL) in place of its next write to a database after `writes` of them: for a
/// process of its own. How many there were so far, if it is to live: writes_counted().
void die_after_writes(std::int64_t writes);
std::int64_t writes_counted();
/// Gives the writes back to the system.
void let_writes_be();

/// Runs SQL on the database of a state directory that nobody has open.
void tamper(const std::string& directory, const char* sql);
/// Whether integrity_check and foreign_key_check find nothing.
bool is_sound(const std::string& directory);

}  // namespace given
