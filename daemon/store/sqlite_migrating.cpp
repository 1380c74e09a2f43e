#include <algorithm>

#include "chase/migration.h"
#include "store/encoding.h"
#include "store/sqlite_class.h"

namespace chaser::store {

// An edited rule takes over the open cases that began under an older version. Source: design.md §6, "rule edited".

MigratedCases SqliteStore::migrate_cases(const chase::World& world, std::string_view actor, Instant now) {
  Transaction change{database_};
  Rows actions;
  {
    Query query = change.query(
        "SELECT DISTINCT c.action FROM chase_case c JOIN action a ON a.id = c.action WHERE c.status = 'open' ORDER BY "
        "c.action");
    while (query.next()) actions.push_back(query.integer(0));
  }
  MigratedCases migrated;
  for (std::size_t first = 0; first < actions.size(); first += Transaction::rows_max) {
    const auto count = std::min(Transaction::rows_max, actions.size() - first);
    for (const LoadedAction& action : load(change, std::span(actions).subspan(first, count), world)) {
      std::size_t moved = 0;
      for (std::size_t i = 0; i < action.state.cases.size(); ++i) {
        const chase::CompiledRule* const to = chase::version_to_take(action.state.cases[i], world);
        if (to == nullptr) continue;
        migrate_case(change, action, i, *to, actor, now);
        ++moved;
      }
      if (moved == 0) continue;
      look_now(change, action.row, now);
      migrated.cases += moved;
      ++migrated.actions;
    }
  }
  raise_high_water(change, now);
  change.commit();
  return migrated;
}

/// The case closes; its successor takes over what it told, its pauses, its entries and what it holds.
void SqliteStore::migrate_case(Transaction& change, const LoadedAction& action, std::size_t index,
                               const chase::CompiledRule& to, std::string_view actor, Instant now) {
  const chase::CaseState& known = action.state.cases[index];
  const rulebook::Rule& from = *known.rule->rule;
  const std::int64_t old_row = action.case_rows[index];
  change.run("UPDATE chase_case SET status = ?, reason = ?, detail = '', closed_at = ? WHERE id = ?",
             chase::name_of(chase::CaseStatus::closed), chase::name_of(chase::ReasonCode::migrated), now, old_row);
  change.run(
      "INSERT INTO chase_case (action, rule, rule_version, anchor, epoch, anchor_day, began, beginning, status, reason,"
      " detail, closed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'none', '', NULL)",
      action.row, from.name, version_row(change, *to.rule), known.anchor, known.epoch + 1, known.anchor_day, now,
      chase::name_of(chase::Beginning::migrated), chase::name_of(chase::CaseStatus::open));
  const std::int64_t row = change.last_row();
  std::vector<std::string> withdrawn;
  for (std::size_t i = 0; i < known.firings.size(); ++i) {
    const bool waits = known.firings[i].state == chase::NotificationState::pending ||
                       known.firings[i].state == chase::NotificationState::composed;
    if (!waits || chase::same_step(from, known.firings[i].step, *to.rule)) continue;
    const std::int64_t notification = action.firing_rows[index][i];
    change.run("UPDATE notification SET state = 'withdrawn', reason = ?, detail = '' WHERE id = ?",
               chase::name_of(chase::ReasonCode::migrated), notification);
    withdrawn.push_back(key_of_row(change, notification));
    take_from_queue(change, notification, now);
  }
  change.run("UPDATE notification SET chase_case = ? WHERE chase_case = ? AND " + std::string(of_a_rule_file), row,
             old_row);
  change.run("UPDATE pause SET chase_case = ? WHERE chase_case = ?", row, old_row);
  change.run("DELETE FROM entry WHERE chase_case = ?", old_row);
  for (const chase::Entry& entry : known.entries) {
    const auto step = chase::step_of_age(from, entry.step, *to.rule);
    if (step) insert_entry(change, row, action, to.rule->steps[*step].name, entry);
  }
  change.run("DELETE FROM hold WHERE action = ? AND chase_case = ?", action.row, old_row);
  JsonObject details;
  details.add("rule", from.name).add("anchor", known.anchor).add("epoch", std::int64_t{known.epoch + 1});
  details.add("from", from.version).add("to", to.rule->version);
  details.add("keys", withdrawn);
  add_event(change, now, "migrated", action.state.plan->id, action.state.facts.id, actor, details.text());
}

}  // namespace chaser::store
