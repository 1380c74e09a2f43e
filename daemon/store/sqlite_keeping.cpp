#include "store/sqlite_class.h"

namespace chaser::store {

std::optional<std::string> SqliteStore::kept(std::string_view name) {
  Transaction reading{database_, Transaction::Kind::read};
  Query query = reading.query("SELECT value FROM kept WHERE name = ?", name);
  if (!query.next()) return std::nullopt;
  return query.text(0);
}

void SqliteStore::keep(std::string_view name, std::string_view value) {
  Transaction change{database_};
  change.run("INSERT INTO kept (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
             name, value);
  change.commit();
}

std::vector<rulebook::RuleText> SqliteStore::pinned_rules(std::span<const rulebook::RuleText> loaded) {
  Transaction reading{database_, Transaction::Kind::read};
  return pinned_beside(reading, loaded);
}

void SqliteStore::postpone(std::span<const MessageRow> messages, Instant not_before) {
  Transaction change{database_};
  for (const MessageRow message : messages) {
    change.run("UPDATE message SET not_before = ? WHERE id = ? AND state = 'queued'", not_before, message);
  }
  change.commit();
}

}  // namespace chaser::store
