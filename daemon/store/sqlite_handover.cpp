#include <algorithm>

#include "store/encoding.h"
#include "store/sqlite_class.h"

namespace chaser::store {

// What those hear whom an action concerns no longer, or from now on: notifications of Chaser's own rules. Only who was
// written to about the action is told that it has gone; who was not has nothing to be told. Source: design.md §6,
// second table; docs/decisions/0012-who-reads-what.md.

namespace {

/// Handed to and fro within this time, an action is told of once.
constexpr absl::Duration told_lately = absl::Hours(24 * 7);

bool is_of_current_lead(Transaction& reading, ActionRow action, chase::PartyIndex recipient,
                        const chase::World& world) {
  Query query = reading.query(
      "SELECT iif(delegate = '', party, delegate) FROM assignment WHERE action = ? AND gone IS NULL", action);
  while (query.next()) {
    const chase::PartyIndex party = world.find_party(query.view(0));
    if (party == chase::no_party) continue;
    const auto& reached = world.person(party).recipients;
    if (std::find(reached.begin(), reached.end(), recipient) != reached.end()) return true;
  }
  return false;
}

}  // namespace

/// At the newest case that is not over, else the newest of all; an action that was never chased has none, and nobody is
/// told of it.
void SqliteStore::tell_of(Transaction& change, ActionRow action, std::string_view rule, std::string_view step,
                          std::string_view about, const std::string& party, const chase::World& world, Instant now) {
  const chase::PartyIndex recipient = world.find_party(party);
  if (recipient == chase::no_party) return;  // they have left
  if (rule != rulebook::closed_rule) {
    Query query = change.query(
        "SELECT 1 FROM notification WHERE action = ? AND rule = ? AND recipient = ? AND decided > ? LIMIT 1", action,
        rule, party, now - told_lately);
    if (query.next()) return;
  }
  chase::NotificationIdentity identity;
  BuiltInPlace place{0, action, rule != rulebook::inherited_rule};
  {
    Query query = change.query(
        "SELECT c.id, p.slug, a.name, c.anchor, c.epoch, (SELECT count(*) FROM notification WHERE action = a.id AND"
        " rule = ?2 AND recipient = ?3) FROM chase_case c JOIN action a ON a.id = c.action JOIN plan p ON p.id = a.plan"
        " WHERE c.action = ?1 ORDER BY c.status = 'closed', c.id DESC LIMIT 1",
        action, rule, party);
    if (!query.next()) return;
    place.chase_case = query.integer(0);
    identity.plan = query.text(1);
    identity.action = query.text(2);
    identity.anchor = query.text(3);
    identity.epoch = query.small(4);
    identity.occurrence.ordinal = query.small(5);
  }
  identity.rule = rule;
  identity.step = step;
  identity.recipient = party;
  insert_built_in(change, identity, place, std::string(about), recipient, world, now);
}

void SqliteStore::tell_handover(Transaction& change, ActionRow action, std::span<const Handover> handovers,
                                const chase::World& world, Instant now) {
  for (const Handover& handover : handovers) {
    std::vector<std::string> reached;
    {
      Query query = change.query(
          "SELECT DISTINCT n.recipient FROM notification n JOIN chase_case c ON c.id = n.chase_case WHERE n.action = ?1"
          " AND n.state IN ('delivered', 'unreachable') AND n.relational = 0 AND c.status <> 'closed' AND"
          " instr(',' || n.leads || ',', ',' || ?2 || ',') > 0 ORDER BY n.recipient",
          action, handover.row);
      while (query.next()) reached.push_back(query.text(0));
    }
    for (const std::string& former : reached) {
      const chase::PartyIndex party = world.find_party(former);
      if (party == chase::no_party || is_of_current_lead(change, action, party, world)) continue;
      tell_of(change, action, rulebook::handed_over_rule, "handover", handover.heir, former, world, now);
    }
    const chase::PartyIndex heir = world.find_party(handover.heir);
    if (heir == chase::no_party || reached.empty()) continue;
    for (const chase::PartyIndex recipient : world.person(heir).recipients) {
      tell_of(change, action, rulebook::inherited_rule, "handover", handover.party, world.person(recipient).id, world,
              now);
    }
  }
}

void SqliteStore::tell_closed(Transaction& change, ActionRow action, const chase::World& world, Instant now) {
  std::string ended;
  std::string ended_by;
  Instant ended_at;
  {
    Query query = change.query(
        "SELECT iif(a.dropped, 'dropped', iif(a.kind = 'done', 'done', a.status)), coalesce(r.party, ''),"
        " coalesce(r.at, 0) FROM action a LEFT JOIN response r ON r.id = (SELECT max(id) FROM response WHERE action ="
        " a.id AND accepted = 1 AND (kind IN ('done', 'approve', 'cancelled', 'superseded', 'merged', 'split') OR (kind"
        " = 'update' AND status IS NOT NULL))) WHERE a.id = ?",
        action);
    if (!query.next()) return;
    ended = query.text(0);
    ended_by = query.text(1);
    ended_at = query.instant(2);
  }
  std::vector<std::string> chased;
  {
    Query query = change.query(
        "SELECT n.recipient, max(n.sent) FROM notification n JOIN action a ON a.id = n.action WHERE n.action = ?1 AND"
        " n.state = 'delivered' AND n.deliver = 'direct' AND n.first_meeting = 0 AND n." +
            std::string(of_a_rule_file) +
            " AND n.sent > max(coalesce(a.reopened, 0), coalesce((SELECT max(k.decided) FROM notification k WHERE"
            " k.action = ?1 AND k.rule = 'closed'), 0)) GROUP BY n.recipient ORDER BY n.recipient",
        action);
    while (query.next()) {
      const bool knows = query.view(0) == ended_by && query.instant(1) <= ended_at;
      if (!knows) chased.push_back(query.text(0));
    }
  }
  for (const std::string& party : chased) {
    tell_of(change, action, rulebook::closed_rule, ended, "", party, world, now);
  }
}

}  // namespace chaser::store
