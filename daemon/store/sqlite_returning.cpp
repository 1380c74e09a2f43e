#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "chase/compose.h"
#include "store/encoding.h"
#include "store/sqlite_class.h"

namespace chaser::store {

namespace {

using Kind = Transaction::Kind;

constexpr absl::Duration day_long = absl::Hours(24);

JsonObject event_of(const Returned& mail, std::string_view key, std::string_view party) {
  JsonObject line;
  line.add("mail", name_of(mail.kind));
  if (!key.empty()) line.add("message", key);
  if (!party.empty()) line.add("party", party);
  if (mail.outcome.code != 0) line.add("code", std::int64_t{mail.outcome.code});
  if (!mail.outcome.enhanced.empty()) line.add("enhanced", mail.outcome.enhanced);
  return line;
}

}  // namespace

std::string_view name_of(Returned::Kind kind) {
  constexpr std::array<std::string_view, 6> names{"bounce", "delayed", "absence", "comment", "forged", "unrelated"};
  return names[static_cast<std::size_t>(kind)];
}

/// A notification of a rule of Chaser's own, about the action and in the case of another one.
struct SqliteStore::BuiltIn {
  std::int64_t like = 0;  // a notification of that action and case
  std::string_view rule;
  std::string step;
  std::int64_t ordinal = 0;
  std::string about;  // a party's id
};

std::optional<OutboxMessage> SqliteStore::find_sent(std::string_view message_id) {
  Transaction reading{database_, Kind::read};
  MessageRow row = 0;
  {
    const bool is_whole = message_id.find('@') != std::string_view::npos;
    const std::string from(message_id);
    // Every text that begins with "ID@" lies between that and "IDA".
    Query query = is_whole
                      ? reading.query("SELECT message FROM letter WHERE message_id = ?", from)
                      : reading.query("SELECT message FROM letter WHERE message_id >= ? AND message_id < ? LIMIT 1",
                                      from + "@", from + "A");
    if (!query.next()) return std::nullopt;
    row = query.integer(0);
  }
  OutboxMessage message = message_of(reading, row);
  message.bytes.clear();
  return message;
}

std::vector<bool> SqliteStore::take_returned(std::span<const Returned> mails, std::string_view mark,
                                             const chase::World& world, Instant now) {
  std::vector<bool> taken;
  Transaction change{database_};
  for (const Returned& mail : mails) {
    const bool is_new = change.run("INSERT INTO returned (identity, at, kind) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                                   Blob{bytes_of_hex(mail.identity)}, now, name_of(mail.kind)) > 0;
    if (is_new) take_one(change, mail, world, now);
    taken.push_back(is_new);
  }
  change.run("INSERT INTO kept (name, value) VALUES ('inbox', ?) ON CONFLICT DO UPDATE SET value = excluded.value",
             mark);
  raise_high_water(change, now);
  change.commit();
  return taken;
}

void SqliteStore::take_one(Transaction& change, const Returned& mail, const chase::World& world, Instant now) {
  std::string key;
  std::string recipient;
  if (mail.message != 0) {
    Query query = change.query("SELECT key, recipient FROM message WHERE id = ?", mail.message);
    if (query.next()) {
      key = hex_of_bytes(query.blob(0));
      recipient = query.text(1);
    }
  }
  JsonObject line = event_of(mail, key, mail.party.empty() ? recipient : mail.party);
  if (mail.kind == Returned::Kind::bounce) return take_bounce(change, mail, std::move(line), now);
  if (mail.kind == Returned::Kind::absence && !recipient.empty()) {
    change.run("INSERT INTO absence (party, heard) VALUES (?, ?) ON CONFLICT DO UPDATE SET heard = excluded.heard",
               recipient, now);
  }
  add_event(change, now, "mail", "", "", "chaser", line.text());
  if (mail.kind == Returned::Kind::comment) take_comment(change, mail, world, now);
}

/// The relay had taken it, and yet it did not arrive: as if it had been refused, unless another channel carried it.
void SqliteStore::take_bounce(Transaction& change, const Returned& mail, JsonObject line, Instant now) {
  const Outcome& outcome = mail.outcome;
  std::string words = "permanent";
  if (outcome.code != 0) words += " " + std::to_string(outcome.code);
  for (const std::string& part : {outcome.enhanced, outcome.text}) {
    if (!part.empty()) words += " " + part;
  }
  const int refused = change.run(
      "UPDATE message SET state = 'refused', settled = ?2, lease_until = NULL, last_outcome = ?3 WHERE id = ?1 AND"
      " (state IN ('accepted', 'unknown', 'needs_attention') OR (state = 'queued' AND tries > 0))",
      mail.message, now, "bounced: " + words);
  std::string changed;
  if (refused > 0) {
    Query query = change.query(
        "UPDATE notification SET state = 'composed' WHERE state = 'delivered' AND id IN (SELECT notification FROM"
        " message_item WHERE message = ?1 AND withdrawn = 0) AND NOT EXISTS (SELECT 1 FROM message_item o JOIN message "
        "m ON m.id = o.message WHERE o.notification = notification.id AND o.withdrawn = 0 AND m.state = 'accepted')"
        " RETURNING key",
        mail.message);
    while (query.next()) {
      const std::string key = hex_of_bytes(query.blob(0));
      changed += (changed.empty() ? "" : ",") + JsonObject().add("key", key).add("state", "composed").text();
    }
  }
  if (!changed.empty()) line.add_raw("changed", "[" + changed + "]");
  add_event(change, now, "mail", "", "", "chaser", line.text());
  if (refused == 0) return;
  note_refusal(change, mail.message, outcome, now);
  if (!mail.fall_back_to.empty()) queue_fallback(change, mail.message, mail.fall_back_to, now);
  mark_unreachable(change, mail.message, now);
}

void SqliteStore::take_comment(Transaction& change, const Returned& mail, const chase::World& world, Instant now) {
  std::int64_t today = 0;
  {
    Query query = change.query("SELECT count(*) FROM response WHERE kind = 'comment' AND party = ? AND at > ?",
                               mail.party, now - day_long);
    query.next();
    today = query.integer(0);
  }
  is_there_again(change, mail.party, now);
  Rows notifications = mail.notifications;
  const bool is_about_actions = !notifications.empty();
  if (!is_about_actions) {  // of a digest, and it does not say about what: its first action carries it
    Query query = change.query(
        "SELECT notification FROM message_item WHERE message = ? AND withdrawn = 0 ORDER BY position LIMIT 1",
        mail.message);
    if (query.next()) notifications.push_back(query.integer(0));
  }
  std::set<std::int64_t> done;
  for (const std::int64_t notification : notifications) {
    std::int64_t action = 0;
    std::string plan;
    std::string name;
    {
      Query query = change.query(
          "SELECT a.id, p.slug, a.name FROM notification n JOIN action a ON a.id = n.action JOIN plan p ON p.id = "
          "a.plan"
          " WHERE n.id = ?",
          notification);
      if (!query.next()) continue;
      action = query.integer(0);
      plan = query.text(1);
      name = query.text(2);
    }
    if (!done.insert(action).second) continue;
    change.run(
        "INSERT INTO response (action, at, kind, party, until, note, status, author, means, accepted, answer)"
        " VALUES (?, ?, 'comment', ?, NULL, ?, NULL, ?, 'mail', 1, ?)",
        action, now, mail.party, mail.text, mail.party, is_about_actions ? "" : "in answer to a digest");
    const std::int64_t response = change.last_row();
    if (is_about_actions) change.run("UPDATE action SET last_note = ? WHERE id = ?", mail.text, action);
    JsonObject line;
    line.add("response", "comment").add("party", mail.party).add("means", "mail").add("accepted", std::int64_t{1});
    line.add_raw("now", facts_of(change, action));
    add_event(change, now, "response", plan, name, mail.party, line.text(), mail.text);
    if (today++ >= static_cast<std::int64_t>(comments_passed_on_per_day)) continue;
    tell_coordinator(change, {notification, rulebook::reply_rule, "mail", response, mail.party}, world, now);
  }
}

bool SqliteStore::tell_coordinator(Transaction& change, const BuiltIn& told, const chase::World& world, Instant now) {
  chase::NotificationIdentity identity;
  std::int64_t chase_case = 0;
  std::int64_t action = 0;
  {
    Query query = change.query(
        "SELECT p.slug, a.name, c.anchor, c.epoch, n.chase_case, n.action FROM notification n JOIN chase_case c ON "
        "c.id ="
        " n.chase_case JOIN action a ON a.id = n.action JOIN plan p ON p.id = a.plan WHERE n.id = ?",
        told.like);
    if (!query.next()) return false;
    identity.plan = query.text(0);
    identity.action = query.text(1);
    identity.anchor = query.text(2);
    identity.epoch = query.small(3);
    chase_case = query.integer(4);
    action = query.integer(5);
  }
  const chase::PlanContext* const plan = world.find_plan(identity.plan);
  if (plan == nullptr) return false;
  // Nobody is told of their own silence or words.
  const chase::PartyIndex about = world.find_party(told.about);
  const chase::PartyIndex to = plan->coordinator != about ? plan->coordinator : plan->sponsor;
  if (to == chase::no_party || to == about) return false;
  bool is_new = false;
  for (const chase::PartyIndex recipient : world.person(to).recipients) {
    if (recipient == about) continue;
    identity.rule = told.rule;
    identity.step = told.step;
    identity.occurrence.ordinal = static_cast<std::int32_t>(told.ordinal);
    identity.recipient = world.person(recipient).id;
    const bool added = insert_built_in(change, identity, {chase_case, action}, told.about, recipient, world, now);
    is_new = is_new || added;
  }
  return is_new;
}

bool SqliteStore::insert_built_in(Transaction& change, const chase::NotificationIdentity& identity, BuiltInPlace place,
                                  const std::string& about, chase::PartyIndex recipient, const chase::World& world,
                                  Instant now) {
  const std::vector<std::string> email{"email"};
  const std::vector<std::string> via = chase::resolve_channels(email, world.person(recipient));
  if (via.empty()) return false;
  const chase::Schedule& schedule = world.schedule(recipient);
  const Instant opening =
      place.is_note ? schedule.opening_on_or_after(schedule.day_of(now) + 1) : schedule.next_opening(now);
  const rulebook::Deliver deliver = place.is_note ? rulebook::Deliver::digest : rulebook::Deliver::direct;
  const std::vector<std::string> of = about.empty() ? std::vector<std::string>{} : std::vector<std::string>{about};
  const bool is_new =
      change.run(
          "INSERT INTO notification (key, chase_case, action, rule, step, ordinal, refired, recipient, relational, "
          "leads,"
          " about, state, deliver, via, first_meeting, late, nominal, opening, decided, reason, detail) VALUES"
          " (?, ?, ?, ?, ?, ?, 0, ?, 0, '', ?, 'pending', ?, ?, 0, 0, ?, ?, ?, 'none', '')"
          " ON CONFLICT (key) DO NOTHING",
          Blob{bytes_of_hex(chase::key_of(identity))}, place.chase_case, place.action, identity.rule, identity.step,
          identity.occurrence.ordinal, identity.recipient, to_column(of), rulebook::name_of(deliver), joined(via),
          place.is_note ? schedule.day_of(opening) : schedule.day_of(now), opening, now) > 0;
  if (!is_new) return false;
  JsonObject item;
  item.add("rule", identity.rule).add("anchor", identity.anchor).add("epoch", identity.epoch);
  item.add("step", identity.step).add("occurrence", chase::to_string(identity.occurrence));
  item.add("to", identity.recipient).add("state", "pending");
  add_event(change, now, "decided", identity.plan, identity.action, "chaser",
            JsonObject().add_raw("notifications", "[" + item.text() + "]").text());
  compose_by(change, identity.recipient, opening);
  return true;
}

std::size_t SqliteStore::tell_unreachable(const chase::World& world, Instant now) {
  struct Missed {
    std::int64_t notification;
    std::string recipient;
  };
  std::vector<Missed> all;
  Transaction change{database_};
  {
    // One for each case and person; told once, the key keeps it from being told again.
    Query query = change.query(
        "SELECT min(id), iif(reader = '', recipient, reader) AS missed FROM notification WHERE state = 'unreachable'"
        " AND " +
        std::string(of_a_rule_file) + " GROUP BY chase_case, missed");
    while (query.next()) all.push_back({query.integer(0), query.text(1)});
  }
  std::size_t told = 0;
  for (const Missed& missed : all) {
    if (tell_coordinator(change,
                         {missed.notification, rulebook::unreachable_rule, missed.recipient, 0, missed.recipient},
                         world, now)) {
      ++told;
    }
  }
  change.commit();
  return told;
}

std::vector<AbsenceHint> SqliteStore::absence_hints(Instant since) {
  std::vector<AbsenceHint> hints;
  Transaction reading{database_, Kind::read};
  Query query = reading.query("SELECT party, heard FROM absence WHERE heard >= ? ORDER BY party", since);
  while (query.next()) hints.push_back({query.text(0), query.instant(1)});
  return hints;
}

}  // namespace chaser::store
