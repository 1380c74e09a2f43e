#include <algorithm>
#include <set>

#include "store/encoding.h"
#include "store/sqlite_class.h"

namespace chaser::store {

namespace {

using Kind = Transaction::Kind;

/// Monday 00:00 of the week of `now`, by the recipient's own calendar.
Instant week_begin(const chase::Person& person, Instant now) {
  const CivilDay day = calendar::day_of(now, person.zone);
  return calendar::first_instant(day - calendar::weekday_index(day), person.zone);
}

/// Longer than the working days for which an automatic answer counts can be, whatever the calendar.
constexpr absl::Duration hints_asked_for = absl::Hours(24 * 60);

struct PendingRow {
  chase::PendingItem item;
  std::int64_t rule_version = 0;
  std::string key;
  std::vector<std::string> via;
};

/// The columns of add_pending's query.
PendingRow pending_row(const Query& query, const chase::World& world) {
  PendingRow row;
  chase::PendingItem& item = row.item;
  item.id = query.integer(0);
  item.plan = world.find_plan(query.view(1));
  item.action = query.text(2);
  item.position = query.small(3);
  item.rule = query.text(4);
  item.step = query.text(5);
  item.occurrence = {static_cast<std::int32_t>(query.integer(6)), query.truth(7)};
  item.deliver = query.view(8) == rulebook::name_of(rulebook::Deliver::digest) ? rulebook::Deliver::digest
                                                                               : rulebook::Deliver::direct;
  row.via = split(query.view(9));
  item.first_meeting = query.truth(10);
  item.late = query.truth(11);
  item.nominal = query.day(12);
  item.opening = query.instant(13);
  item.anchor_day = query.day(14);
  row.rule_version = query.integer(15);
  row.key = hex_of_bytes(query.blob(16));
  item.waits_since = query.maybe_instant(17).value_or(item.opening);
  item.reader_had = query.maybe_instant(18);
  return row;
}

/// What only the pinned rule knows: order, place and width of the step; the channels are the contact's of today.
void fill_in(PendingRow& row, const chase::CompiledRule* rule, const chase::Person& person, const chase::World& world) {
  chase::PendingItem& item = row.item;
  item.rule_order = world.rules().size();
  const rulebook::Step* step = nullptr;
  if (!rulebook::is_built_in(item.rule) && rule != nullptr) {
    item.rule_order = rule->order;
    step = rule->rule->find(item.step);
  }
  if (step == nullptr) {
    item.via = chase::resolve_channels(row.via.empty() ? std::vector<std::string>{"email"} : row.via, person);
    return;
  }
  item.step_index = static_cast<std::uint16_t>(step - rule->rule->steps.data());
  item.audience_width = static_cast<std::uint16_t>(step->to.size());
  item.via = chase::resolve_channels(step->via, person);
  item.keeps_floor =
      item.deliver == rulebook::Deliver::direct && chase::keeps_floor(*step, item.occurrence, item.first_meeting);
}

}  // namespace

/// Automatic answers are asked for as far back as one can count: working days lie in it, and holidays.
chase::Absences SqliteStore::absences_at(Transaction& reading, const chase::World& world, Instant now) {
  std::vector<chase::SeemsAway> hints;
  Query query = reading.query("SELECT party, heard FROM absence WHERE heard >= ?", now - hints_asked_for);
  while (query.next()) {
    const chase::PartyIndex party = world.find_party(query.view(0));
    if (party != chase::no_party) hints.push_back({party, query.instant(1)});
  }
  return chase::Absences(world, hints, now);
}

void SqliteStore::add_pending(Transaction& reading, chase::PartyIndex party, chase::PartyIndex reader,
                              const chase::Absences& absences, const chase::World& world, Instant now,
                              RecipientWork& work) {
  const chase::Person& person = world.person(party);
  std::vector<PendingRow> rows;
  {
    Query query = reading.query(
        "SELECT n.id, p.slug, a.name, a.position, n.rule, n.step, n.ordinal, n.refired, n.deliver, n.via, "
        "n.first_meeting,"
        " n.late, n.nominal, n.opening, c.anchor_day, c.rule_version, n.key, n.waits_since, d.at FROM notification n"
        " JOIN chase_case c ON c.id = n.chase_case JOIN action a ON a.id = n.action JOIN plan p ON p.id = a.plan"
        " LEFT JOIN last_direct d ON ?2 <> ?1 AND d.action = n.action AND d.rule = n.rule AND d.recipient = ?2"
        " WHERE n.state = 'pending' AND n.recipient = ?1 ORDER BY p.slug, a.position, n.id",
        person.id, world.person(reader).id);
    while (query.next()) rows.push_back(pending_row(query, world));
  }
  const chase::Away* const away = absences.find(party);
  for (auto& row : rows) {
    if (row.item.plan == nullptr) continue;  // its plan is parked
    fill_in(row, pinned_rule(reading, row.rule_version, world), world.person(reader), world);
    row.item.recipient = party;
    if (away != nullptr) row.item.away = *away;
    work.pending.push_back(std::move(row.item));
    work.keys.push_back(std::move(row.key));
  }
  Query query = reading.query(
      "SELECT count(*) FROM notification WHERE first_meeting = 1 AND composed IS NOT NULL AND recipient = ?"
      " AND composed >= ?",
      person.id, week_begin(world.person(reader), now));
  query.next();
  work.first_meetings_this_week += query.small(0);
}

RecipientWork SqliteStore::work_of(Transaction& reading, chase::PartyIndex reader, const chase::Absences& absences,
                                   const chase::World& world, Instant now) {
  RecipientWork work;
  work.party = world.person(reader).id;
  add_pending(reading, reader, reader, absences, world, now, work);
  for (const chase::PartyIndex party : absences.read_by(reader)) {
    add_pending(reading, party, reader, absences, world, now, work);
    work.stands_in_for.push_back(world.person(party).id);
  }
  Query query = reading.query("SELECT last_digest FROM recipient WHERE party = ?", work.party);
  if (query.next()) work.last_digest = query.maybe_day(0);
  return work;
}

std::vector<RecipientWork> SqliteStore::due_recipients(Instant now, std::size_t limit, const chase::World& world) {
  std::vector<RecipientWork> due;
  std::vector<std::string> unknown;
  std::vector<std::string> idle;
  {
    Transaction reading{database_, Kind::read};
    std::vector<std::string> parties;
    {
      Query query = reading.query(
          "SELECT party FROM recipient WHERE next_compose <= ?1 AND next_compose < coalesce("
          "(SELECT min(next_look) FROM look WHERE next_look IS NOT NULL), ?1 + 1) ORDER BY next_compose, party LIMIT "
          "?2",
          now, limit);
      while (query.next()) parties.push_back(query.text(0));
    }
    if (parties.empty()) return due;
    const chase::Absences absences = absences_at(reading, world, now);
    std::set<chase::PartyIndex> readers;
    for (const auto& party : parties) {
      const chase::PartyIndex index = world.find_party(party);
      if (index == chase::no_party) {
        unknown.push_back(party);
        continue;
      }
      const chase::PartyIndex reader = absences.reader_of(index);
      const bool is_new = readers.insert(reader).second;
      RecipientWork work = is_new ? work_of(reading, reader, absences, world, now) : RecipientWork{};
      if (is_new && !work.pending.empty()) {
        due.push_back(std::move(work));
      } else if (is_new) {
        idle.push_back(party);
      }
    }
  }
  if (database_.mode() == Database::Mode::read_only) return due;
  if (!unknown.empty()) give_up_unknown(unknown, now);
  if (!idle.empty()) {
    Transaction change{database_};
    for (const auto& party : idle) change.run("UPDATE recipient SET next_compose = NULL WHERE party = ?", party);
    change.commit();
  }
  // Whoever took a place in vain must not hide the others.
  if (due.empty() && !(unknown.empty() && idle.empty())) return due_recipients(now, limit, world);
  return due;
}

/// Recipients that have left the directory cannot be reached: deciding goes on from there.
void SqliteStore::give_up_unknown(const std::vector<std::string>& parties, Instant now) {
  Transaction change{database_};
  for (const auto& party : parties) {
    Rows actions;
    std::vector<std::string> keys;
    {
      Query query =
          change.query("SELECT action, key FROM notification WHERE state = 'pending' AND recipient = ?", party);
      while (query.next()) {
        actions.push_back(query.integer(0));
        keys.push_back(hex_of_bytes(query.blob(1)));
      }
    }
    change.run(
        "UPDATE notification SET state = 'unreachable', reason = 'unreachable', detail = recipient"
        " WHERE state = 'pending' AND recipient = ?",
        party);
    change.run("UPDATE recipient SET next_compose = NULL WHERE party = ?", party);
    for (const std::int64_t action : actions) look_now(change, action, now);
    add_event(change, now, "unreachable", "", "", "chaser",
              JsonObject().add("party", party).add("reason", "no longer in the directory").add("keys", keys).text());
  }
  change.commit();
}

std::vector<RecipientWork> SqliteStore::all_pending(const chase::World& world) {
  Transaction reading{database_, Kind::read};
  std::vector<std::string> parties;
  {
    Query query =
        reading.query("SELECT DISTINCT recipient FROM notification WHERE state = 'pending' ORDER BY recipient");
    while (query.next()) parties.push_back(query.text(0));
  }
  Instant now = absl::UnixEpoch();
  {
    Query query = reading.query("SELECT clock_high_water FROM keeper");
    if (query.next()) now = query.maybe_instant(0).value_or(now);
  }
  std::vector<RecipientWork> all;
  const chase::Absences nobody_away;
  for (const auto& party : parties) {
    const chase::PartyIndex index = world.find_party(party);
    // Who stands in is for whoever plays on from here to say: that changes from day to day.
    if (index != chase::no_party) all.push_back(work_of(reading, index, nobody_away, world, now));
  }
  return all;
}

void SqliteStore::wake_recipients(Transaction& change, Instant now) {
  change.run(
      "UPDATE recipient SET next_compose = ? WHERE party IN (SELECT recipient FROM notification WHERE state = "
      "'pending')",
      now);
}

void SqliteStore::commit_compositions(std::span<const Composed> composed, const chase::World& world, Instant now) {
  Transaction change{database_};
  for (const Composed& one : composed) record(change, *one.work, one.composition, world, now);
  raise_high_water(change, now);
  change.commit();
}

void SqliteStore::record(Transaction& change, const RecipientWork& work, const chase::Composition& composition,
                         const chase::World& world, Instant now) {
  std::set<std::size_t> going;
  for (const auto& draft : composition.messages) going.insert(draft.items.begin(), draft.items.end());
  std::map<std::int64_t, std::string> keys;  // of the notifications that are still pending, by row
  for (const std::size_t index : going) {
    const std::int64_t row = work.pending.at(index).id;
    const chase::PendingItem& item = work.pending.at(index);
    const bool is_for_another = world.person(item.recipient).id != work.party;
    const std::optional<CivilDay> away_until =
        is_for_another && item.away && !item.away->is_hinted ? std::optional(item.away->last) : std::nullopt;
    const bool is_still_pending = change.run(
                                      "UPDATE notification SET state = 'composed', composed = ?, reader = ?, "
                                      "away_until = ? WHERE id = ? AND state"
                                      " = 'pending'",
                                      now, is_for_another ? work.party : "", away_until, row) > 0;
    if (is_still_pending) keys[row] = work.keys.at(index);
    change.run(
        "DELETE FROM hold WHERE (action, chase_case, step, recipient, assignment) ="
        " (SELECT action, chase_case, step, recipient, 0 FROM notification WHERE id = ?)",
        row);
  }
  bool has_digest = false;
  for (const auto& draft : composition.messages) {
    has_digest = has_digest || draft.kind == chase::MessageKind::digest;
    queue(change, work, draft, keys, composition.day, world, now);
  }
  for (const std::size_t index : composition.met) {
    const chase::PendingItem& item = work.pending.at(index);
    if (keys.contains(item.id)) enter_met(change, item, composition.day, world, now);
  }
  for (const auto& hold : composition.holds) hold_pending(change, work, hold, now);
  const std::optional<CivilDay> digest_day = has_digest ? std::optional(composition.day) : std::nullopt;
  change.run(
      "INSERT INTO recipient (party, next_compose, last_digest) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET"
      " next_compose = excluded.next_compose, last_digest = coalesce(excluded.last_digest, last_digest)",
      work.party, composition.next_compose, digest_day);
  // What waits on for those who are away is looked at when who stands in is, whoever that is then.
  for (const std::string& party : work.stands_in_for) {
    change.run(
        "UPDATE recipient SET next_compose = iif(EXISTS (SELECT 1 FROM notification WHERE state = 'pending' AND"
        " recipient = ?1), ?2, NULL) WHERE party = ?1",
        party, composition.next_compose);
  }
  for (const auto& notice : composition.notices)
    insert_notice(change, work.pending.at(notice.item), notice, world, now);
}

/// One that was told before is left as it is. It lies at the action that is held, but is about its rule.
void SqliteStore::insert_notice(Transaction& change, const chase::PendingItem& held, const chase::LimitNotice& notice,
                                const chase::World& world, Instant now) {
  const chase::Person& person = world.person(notice.recipient);
  const chase::PendingItem item = chase::limit_item(held, notice.recipient, notice.opening, world);
  const int added = change.run(
      "INSERT INTO notification (key, chase_case, action, rule, step, ordinal, refired, recipient, relational, leads,"
      " about, state, deliver, via, first_meeting, late, nominal, opening, decided, reason, detail)"
      " SELECT ?1, chase_case, action, ?2, ?3, 0, 0, ?4, 0, '', '[]', 'pending', ?5, ?6, 0, 0, ?7, ?8, ?9, 'none', ''"
      " FROM notification WHERE id = ?10 ON CONFLICT (key) DO NOTHING",
      Blob{bytes_of_hex(chase::key_of(chase::limit_identity(held, person)))}, item.rule, item.step, person.id,
      rulebook::name_of(item.deliver), joined(item.via), item.nominal, item.opening, now, held.id);
  if (added == 0) return;
  compose_by(change, person.id, item.opening);
  add_event(change, now, "limited", held.plan->id, "", "chaser",
            JsonObject().add("rule", held.rule).add("nominal", calendar::iso_day(held.nominal)).text());
}

/// What was withdrawn between composing and here stays out.
void SqliteStore::queue(Transaction& change, const RecipientWork& work, const chase::Draft& draft,
                        const std::map<std::int64_t, std::string>& keys, CivilDay today, const chase::World& world,
                        Instant now) {
  struct Place {
    std::int64_t notification;
    std::int64_t carried_by;
  };
  std::vector<Place> places;
  std::vector<std::string> told;
  std::set<std::string> away;
  int urgency = draft.kind == chase::MessageKind::digest ? urgency_digest : urgency_day_to_come;
  for (std::size_t i = 0; i < draft.items.size(); ++i) {
    const std::int64_t row = work.pending.at(draft.items[i]).id;
    const auto key = keys.find(row);
    if (key == keys.end()) continue;
    places.push_back({row, work.pending.at(draft.carried_by.at(i)).id});
    told.push_back(key->second);
    const std::string& meant = world.person(work.pending.at(draft.items[i]).recipient).id;
    if (meant != work.party) away.insert(meant);
    const bool has_come = work.pending.at(draft.items[i]).anchor_day <= today;
    if (has_come && urgency == urgency_day_to_come) urgency = urgency_day_has_come;
  }
  if (places.empty()) return;
  const std::string key = chase::message_key(told, draft.channel);
  const int added = change.run(
      "INSERT INTO message (key, recipient, channel, kind, urgency, state, created, not_before)"
      " VALUES (?, ?, ?, ?, ?, 'queued', ?, ?) ON CONFLICT (key) DO NOTHING",
      Blob{bytes_of_hex(key)}, work.party, draft.channel, chase::name_of(draft.kind), urgency, now, now);
  if (added == 0) return;
  const MessageRow message = change.last_row();
  for (std::size_t i = 0; i < places.size(); ++i) {
    change.run("INSERT INTO message_item (message, position, notification, carried_by) VALUES (?, ?, ?, ?)", message, i,
               places[i].notification, places[i].carried_by);
  }
  JsonObject line;
  line.add("message", key).add("to", work.party).add("channel", draft.channel);
  line.add("kind", chase::name_of(draft.kind)).add("notifications", told);
  if (!away.empty()) line.add("instead_of", std::vector<std::string>(away.begin(), away.end()));
  add_event(change, now, "queued", "", "", "chaser", line.text());
}

/// A first meeting past its anchor enters at its step on the day its item goes; from then on it ages.
void SqliteStore::enter_met(Transaction& change, const chase::PendingItem& item, CivilDay day,
                            const chase::World& world, Instant now) {
  std::int64_t case_row = 0;
  std::int64_t version = 0;
  ActionRow action = 0;
  Rows leads;
  {
    Query query = change.query(
        "SELECT n.chase_case, n.action, n.leads, c.rule_version FROM notification n JOIN chase_case c ON"
        " c.id = n.chase_case WHERE n.id = ?",
        item.id);
    if (!query.next()) return;
    case_row = query.integer(0);
    action = query.integer(1);
    leads = rows_of(query.view(2));
    version = query.integer(3);
  }
  look_now(change, action, now);
  const chase::CompiledRule* rule = pinned_rule(change, version, world);
  const rulebook::Step* step = rule != nullptr ? rule->rule->find(item.step) : nullptr;
  if (step == nullptr || step->at.count < 0 || item.anchor_day >= day) return;
  std::vector<std::optional<std::int64_t>> entering(leads.begin(), leads.end());
  if (entering.empty()) entering.emplace_back();
  for (const auto& assignment : entering) {
    change.run(
        "INSERT INTO entry (chase_case, action, assignment, step, day) SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS"
        " (SELECT 1 FROM entry WHERE action = ?2 AND chase_case = ?1 AND assignment IS ?3)",
        case_row, action, assignment, item.step, day);
  }
}

void SqliteStore::hold_pending(Transaction& change, const RecipientWork& work, const chase::PendingHold& hold,
                               Instant now) {
  change.run(
      "INSERT INTO hold (action, chase_case, step, recipient, assignment, ordinal, refired, reason, detail, since, "
      "until)"
      " SELECT action, chase_case, step, recipient, 0, ordinal, refired, ?2, ?3, ?4, ?5 FROM notification WHERE id = ?1"
      " AND state = 'pending' ON CONFLICT DO UPDATE SET"
      " since = iif(reason = excluded.reason AND detail = excluded.detail, since, excluded.since),"
      " reason = excluded.reason, detail = excluded.detail, until = excluded.until, ordinal = excluded.ordinal,"
      " refired = excluded.refired",
      work.pending.at(hold.item).id, chase::name_of(hold.reason.code), hold.reason.detail, now, hold.until);
}

std::vector<chase::Brakes::Over> SqliteStore::over_limit(std::size_t limit, Instant) {
  std::vector<chase::Brakes::Over> over;
  Transaction reading{database_, Kind::read};
  {
    // Each of too many people has something pending: nearly always this is all there is to look at.
    Query pending = reading.query(
        "SELECT count(*) FROM (SELECT 1 FROM notification INDEXED BY notification_pending WHERE state = 'pending'"
        " LIMIT ?)",
        limit + 1);
    pending.next();
    if (pending.integer(0) <= static_cast<std::int64_t>(limit)) return over;
  }
  Query query = reading.query(
      "SELECT n.rule, n.nominal FROM notification n WHERE n.state = 'pending' AND n.deliver = 'direct'"
      " AND n.first_meeting = 0 AND n.rule <> 'limit'"
      " AND NOT EXISTS (SELECT 1 FROM chase_case c WHERE c.id = n.chase_case AND c.status = 'closed')"
      " AND NOT EXISTS (SELECT 1 FROM released r WHERE r.what = 'limit' AND r.name = n.rule AND r.day = n.nominal) "
      "GROUP BY n.rule, n.nominal HAVING count(DISTINCT n.recipient) > ? ORDER BY n.rule, "
      "n.nominal",
      limit);
  while (query.next()) over.push_back({query.text(0), query.day(1)});
  return over;
}

}  // namespace chaser::store
