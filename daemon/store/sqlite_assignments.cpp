#include <algorithm>

#include "store/encoding.h"
#include "store/sqlite_class.h"
#include "store/sqlite_owners.h"

namespace chaser::store {

SqliteStore::Resolved SqliteStore::resolve(std::span<const plan::OwnerToken> owners, std::string_view plan,
                                           const chase::World& world) {
  Resolved resolved;
  const auto is_known = [&](const plan::PartyId& party, plan::Role role) {
    return std::any_of(resolved.owners.begin(), resolved.owners.end(),
                       [&](const Owner& owner) { return owner.party == party && owner.role == role; });
  };
  for (const auto& token : owners) {
    const plan::Party* party = world.directory().resolve(token.name, plan);
    const std::vector<plan::PartyId> assignees =
        party != nullptr ? world.directory().assignees(*party) : std::vector<plan::PartyId>{};
    if (assignees.empty() || party->vacant) resolved.unowned = true;
    for (const auto& id : assignees) {
      const plan::Party* assignee = world.directory().find(id);
      if (assignee != nullptr && assignee->vacant) resolved.unowned = true;
      if (!is_known(id, token.role)) resolved.owners.push_back({id, token.role, token.name});
    }
  }
  const bool has_lead = std::any_of(resolved.owners.begin(), resolved.owners.end(),
                                    [](const Owner& owner) { return owner.role == plan::Role::lead; });
  if (!has_lead) resolved.unowned = true;
  return resolved;
}

bool SqliteStore::assign(Transaction& change, ActionRow action, const Resolved& resolved, Instant now) {
  std::vector<Owner> stored;
  {
    Query query = change.query(
        "SELECT party, role, token FROM assignment WHERE action = ? AND gone IS NULL ORDER BY position", action);
    while (query.next()) {
      const auto role = query.view(1) == plan::name_of(plan::Role::support) ? plan::Role::support : plan::Role::lead;
      stored.push_back({query.text(0), role, query.text(2)});
    }
  }
  const bool flag_changed =
      change.run("UPDATE action SET unowned = ?2 WHERE id = ?1 AND unowned <> ?2", action, resolved.unowned) > 0;
  if (stored == resolved.owners) return flag_changed;
  change.run("UPDATE assignment SET gone = ? WHERE action = ? AND gone IS NULL", now, action);
  for (std::size_t i = 0; i < resolved.owners.size(); ++i) {
    const Owner& owner = resolved.owners[i];
    // An owner that comes back keeps its row: its pauses and the first day on which it was known count on.
    change.run(
        "INSERT INTO assignment (action, party, role, token, since, position) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO"
        " UPDATE SET token = excluded.token, position = excluded.position, gone = NULL",
        action, owner.party, plan::name_of(owner.role), owner.token, now, i);
  }
  // What was asked for owners of whom none is one any more is nobody's question now.
  change.run(
      "UPDATE request SET state = 'withdrawn', decided = ?2 WHERE action = ?1 AND state = 'open' AND assignments <> ''"
      " AND NOT EXISTS (SELECT 1 FROM assignment s WHERE s.action = ?1 AND s.gone IS NULL"
      " AND instr(',' || request.assignments || ',', ',' || s.id || ',') > 0)",
      action, now);
  return true;
}

std::size_t SqliteStore::reassign(const chase::World& world, Instant now) {
  struct Stored {
    ActionRow row;
    std::string plan;
    std::string name;
    std::string owners;
  };
  std::vector<Stored> actions;
  Transaction change{database_};
  remember_parties(change, world.directory());
  {
    Query query = change.query(
        "SELECT a.id, p.slug, a.name, a.owners FROM action a JOIN plan p ON p.id = a.plan WHERE a.dropped = 0"
        " ORDER BY a.id");
    while (query.next()) actions.push_back({query.integer(0), query.text(1), query.text(2), query.text(3)});
  }
  // A plan has few different owner cells, so each is resolved once.
  std::map<std::pair<std::string, std::string>, Resolved> cells;
  std::size_t changed = 0;
  for (const auto& action : actions) {
    const auto [cell, is_new] = cells.try_emplace({action.plan, action.owners});
    if (is_new) cell->second = resolve(owners_of(action.owners), action.plan, world);
    if (!assign(change, action.row, cell->second, now)) continue;
    ++changed;
    look_now(change, action.row, now);
    add_event(change, now, "reassigned", action.plan, action.name, "chaser",
              JsonObject().add("parties", cell->second.parties()).add_raw("now", facts_of(change, action.row)).text());
  }
  wake_recipients(change, now);
  change.commit();
  return changed;
}

}  // namespace chaser::store
