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

/// Those who lead it no more, and in whose place others go on: of the same token, else one by one in the cell's order;
/// of more heirs than leads the last lead has several. Who joins the leads while none goes inherits nothing.
std::vector<SqliteStore::Handover> SqliteStore::hand_over(Transaction& change, ActionRow action,
                                                          std::span<const Owner> before, const Resolved& resolved,
                                                          Instant now) {
  const auto leads = [](std::span<const Owner> owners, const plan::PartyId& party) {
    return std::any_of(owners.begin(), owners.end(),
                       [&](const Owner& owner) { return owner.party == party && owner.role == plan::Role::lead; });
  };
  std::vector<const Owner*> gone;
  for (const Owner& owner : before) {
    if (owner.role == plan::Role::lead && !leads(resolved.owners, owner.party)) gone.push_back(&owner);
  }
  if (gone.empty()) return {};
  std::vector<Handover> handovers;
  for (const Owner* owner : gone) {
    Query query = change.query("SELECT id FROM assignment WHERE action = ? AND party = ? AND role = ?", action,
                               owner->party, plan::name_of(plan::Role::lead));
    if (query.next()) handovers.push_back({query.integer(0), owner->party, ""});
  }
  std::size_t next = 0;
  for (const Owner& heir : resolved.owners) {
    if (heir.role != plan::Role::lead || leads(before, heir.party)) continue;
    std::size_t of = std::min(next, handovers.size() - 1);
    for (std::size_t i = 0; i < handovers.size(); ++i) {
      if (handovers[i].heir.empty() && gone[i]->token == heir.token) of = i;
    }
    if (handovers[of].heir.empty()) handovers[of].heir = heir.party;
    while (next < handovers.size() && !handovers[next].heir.empty()) ++next;
    change.run("UPDATE assignment SET heir_of = ?, inherited = ? WHERE action = ? AND party = ? AND role = ?",
               handovers[of].row, now, action, heir.party, plan::name_of(plan::Role::lead));
  }
  return handovers;
}

bool SqliteStore::assign(Transaction& change, ActionRow action, const Resolved& resolved, const chase::World& world,
                         Instant now) {
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
  tell_handover(change, action, hand_over(change, action, stored, resolved, now), world, now);
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
    if (!assign(change, action.row, cell->second, world, now)) continue;
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
