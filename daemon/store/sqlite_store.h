#pragma once

#include <memory>
#include <string>

#include "store/store.h"

namespace chaser::store {

enum class OpenMode : std::uint8_t {
  write,      // takes the lock on the state directory; creates and migrates
  read_only,  // beside a running service; sees committed states only; every writing call throws read_only
};

struct SqliteOptions {
  OpenMode mode = OpenMode::write;
  /// Marks a new store `scripted` (its clock is --now); opening a scripted store with `scripted` false throws, and the
  /// other way round for a store that is not empty.
  bool scripted = false;
};

/// Opens <directory>/chaser.db. WAL, synchronous=FULL, BEGIN IMMEDIATE, STRICT tables. In write mode holds an exclusive
/// lock on <directory>/lock until destroyed; a second writer gets StoreError{unavailable} naming it. A schema newer
/// than this program throws; an older one is migrated, numbered, each migration in one transaction.
std::unique_ptr<Store> open_sqlite(const std::string& directory, const SqliteOptions& options);

/// Whether a database is there at all.
bool has_store(const std::string& directory);

}  // namespace chaser::store
