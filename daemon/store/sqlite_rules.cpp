#include <algorithm>

#include "store/sqlite_class.h"

namespace chaser::store {

std::vector<rulebook::RuleText> SqliteStore::remember_rules(std::span<const rulebook::RuleText> loaded, Instant now) {
  Transaction change{database_};
  for (const auto& text : loaded) {
    change.run("INSERT INTO rule_text (hash, file, text, first_seen) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
               text.hash, text.file, text.text, now);
  }
  std::vector<rulebook::RuleText> pinned = pinned_beside(change, loaded);
  change.commit();
  return pinned;
}

std::vector<rulebook::RuleText> SqliteStore::pinned_beside(Transaction& reading,
                                                           std::span<const rulebook::RuleText> loaded) {
  std::vector<rulebook::RuleText> pinned;
  // Few versions, many cases: whether a version is pinned is one look into the index of open cases.
  Query query = reading.query(
      "SELECT DISTINCT t.hash, t.file, t.text FROM rule_version v JOIN rule_text t ON t.hash = v.hash"
      " WHERE EXISTS (SELECT 1 FROM chase_case c WHERE c.rule_version = v.id AND c.status <> 'closed') ORDER BY "
      "t.hash");
  while (query.next()) {
    const auto is_same = [&](const rulebook::RuleText& text) { return text.hash == query.view(0); };
    if (std::any_of(loaded.begin(), loaded.end(), is_same)) continue;
    pinned.push_back({query.text(0), query.text(1), query.text(2)});
  }
  return pinned;
}

std::int64_t SqliteStore::version_row(Transaction& change, const rulebook::Rule& rule) {
  const std::pair name_and_hash(rule.name, rule.version);
  const auto known = rule_version_rows_.find(name_and_hash);
  if (known != rule_version_rows_.end()) {
    // A transaction that was rolled back may have taken the row with it.
    Query still = change.query("SELECT 1 FROM rule_version WHERE id = ? AND name = ? AND hash = ?", known->second,
                               rule.name, rule.version);
    if (still.next()) return known->second;
  }
  change.run("INSERT INTO rule_version (name, hash) VALUES (?, ?) ON CONFLICT DO NOTHING", rule.name, rule.version);
  Query query = change.query("SELECT id FROM rule_version WHERE name = ? AND hash = ?", rule.name, rule.version);
  query.next();
  const std::int64_t row = query.integer(0);
  rule_version_rows_[name_and_hash] = row;
  return row;
}

const chase::CompiledRule* SqliteStore::pinned_rule(Transaction& reading, std::int64_t version,
                                                    const chase::World& world) {
  auto known = rule_versions_.find(version);
  if (known == rule_versions_.end()) {
    Query query = reading.query("SELECT name, hash FROM rule_version WHERE id = ?", version);
    if (!query.next()) return nullptr;
    known = rule_versions_.emplace(version, std::pair(query.text(0), query.text(1))).first;
  }
  const auto& [name, hash] = known->second;
  const chase::CompiledRule* rule = world.find_rule(name, hash);
  return rule != nullptr ? rule : world.find_rule(name);
}

}  // namespace chaser::store
