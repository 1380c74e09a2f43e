#include <algorithm>

#include "store/encoding.h"
#include "store/sqlite_class.h"

namespace chaser::store {

namespace {

using Kind = Transaction::Kind;

constexpr std::size_t history_told_most = 6;

MessageState message_state(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(MessageState::needs_attention); ++i) {
    if (name_of(static_cast<MessageState>(i)) == name) return static_cast<MessageState>(i);
  }
  throw StoreError(StoreFault::corrupt, "a message has the state \"" + std::string(name) + "\"");
}

chase::MessageKind message_kind(std::string_view name) {
  for (const auto kind : {chase::MessageKind::digest, chase::MessageKind::catch_up}) {
    if (chase::name_of(kind) == name) return kind;
  }
  return chase::MessageKind::direct;
}

OutcomeKind outcome_kind(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(OutcomeKind::unknown); ++i) {
    if (name_of(static_cast<OutcomeKind>(i)) == name) return static_cast<OutcomeKind>(i);
  }
  return OutcomeKind::unknown;
}

/// The columns of items_of's query, in its order.
TellingItem item_of(const Query& query, Alternatives& known) {
  TellingItem item;
  item.notification = query.integer(0);
  item.carried_by = query.integer(1);
  item.key = hex_of_bytes(query.blob(2));
  item.plan = query.text(3);
  item.plan_title = query.text(4);
  item.action = query.text(5);
  item.section = query.text(6);
  item.title = query.text(7);
  item.text = query.text(8);
  item.owners = query.text(9);
  item.timescale = timescale_of(query, 10, known);
  item.status = query.text(19);
  item.updated = query.maybe_instant(20);
  item.last_note = query.text(21);
  item.rule = query.text(22);
  item.rule_version = query.text(23);
  item.step = query.text(24);
  item.anchor = query.text(25);
  item.epoch = query.small(26);
  item.anchor_day = query.day(27);
  item.occurrence = {static_cast<std::int32_t>(query.integer(28)), query.truth(29)};
  item.deliver = query.view(30) == rulebook::name_of(rulebook::Deliver::digest) ? rulebook::Deliver::digest
                                                                                : rulebook::Deliver::direct;
  item.about = texts_of(query.view(31));
  item.nominal = query.day(32);
  item.opening = query.instant(33);
  item.first_meeting = query.truth(34);
  item.late = query.truth(35);
  item.thread_root = query.text(36);
  item.wrote = query.text(37);
  item.said = query.text(38);
  item.instead_of = query.text(39);
  item.away_until = query.maybe_day(40);
  item.action_row = query.integer(41);
  return item;
}

/// Where a carrier has been withdrawn, the first that rode under it speaks for the rest.
void mend_carriers(std::vector<TellingItem>& items) {
  std::map<std::int64_t, std::int64_t> speaks_now;  // a carrier that is gone -> who took its place
  const auto is_here = [&](std::int64_t notification) {
    return std::any_of(items.begin(), items.end(),
                       [&](const TellingItem& item) { return item.notification == notification; });
  };
  for (auto& item : items) {
    if (is_here(item.carried_by)) continue;
    item.carried_by = speaks_now.try_emplace(item.carried_by, item.notification).first->second;
  }
}

}  // namespace

std::vector<TellingItem> SqliteStore::items_of(Transaction& reading, MessageRow row, std::string_view channel) {
  std::vector<TellingItem> items;
  Query query = reading.query(
      "SELECT n.id, i.carried_by, n.key, p.slug, p.title, a.name, a.section, a.title, a.text, a.owners_verbatim, "
      "a.verbatim,"
      " a.kind, a.start_day, coalesce(a.extended_day, a.due_day), iif(a.extended_day IS NULL, a.precision, 'day'),"
      " a.convention, a.ambiguous, a.alternative, a.problem, a.status,"
      // The words go with the day on which they were said; a date that was moved since said none.
      " CASE WHEN a.last_note <> '' THEN coalesce((SELECT r.noted FROM reported r WHERE r.action = a.id), a.updated)"
      " ELSE a.updated END, a.last_note, n.rule, v.hash, n.step, c.anchor, c.epoch, c.anchor_day, n.ordinal, "
      "n.refired, "
      "n.deliver,"
      " n.about, n.nominal, n.opening, n.first_meeting, n.late, coalesce(t.message_id, ''),"
      " coalesce(r.party, ''), coalesce(r.note, ''), iif(n.reader = '', '', n.recipient), n.away_until, n.action FROM"
      " message_item i"
      " JOIN notification n ON n.id = i.notification JOIN chase_case c ON c.id = n.chase_case"
      " JOIN rule_version v ON v.id = c.rule_version JOIN action a ON a.id = n.action JOIN plan p ON p.id = a.plan"
      " LEFT JOIN response r ON n.rule = 'reply' AND r.id = n.ordinal"
      " LEFT JOIN thread t ON t.action = n.action AND t.channel = ?2 AND t.recipient = iif(n.reader = '', n.recipient,"
      " n.reader)"
      " WHERE i.message = ?1 AND i.withdrawn = 0 ORDER BY i.position",
      row, channel);
  Alternatives known;
  while (query.next()) items.push_back(item_of(query, known));
  for (TellingItem& item : items) {
    if (item.anchor.starts_with("asked:") || item.occurrence.refired) item.request = request_of(reading, item);
    if (item.rule == rulebook::inherited_rule) item.said = history_of(reading, item.notification);
  }
  mend_carriers(items);
  return items;
}

/// What was sent about the notification's action before it, the latest few: "due on 31 Dec 2026, overdue on 8 Jan
/// 2027".
std::string SqliteStore::history_of(Transaction& reading, std::int64_t notification) {
  std::string history;
  Query query = reading.query(
      "SELECT * FROM (SELECT h.step, iif(h.first_meeting, h.sent / 86400000000, h.nominal), h.id FROM notification n "
      "JOIN notification h ON h.action = n.action AND"
      " h.id < n.id AND h.state = 'delivered' AND h.leads <> '' AND h.relational = 0 AND h." +
          std::string(of_a_rule_file) +
          " WHERE n.id = ?1 GROUP BY h.chase_case, h.step, h.ordinal, h.refired ORDER BY h.id DESC LIMIT ?2) ORDER BY "
          "id",
      notification, history_told_most);
  while (query.next()) {
    history += (history.empty() ? "" : ", ") + query.text(0) + " on " + calendar::short_day(query.day(1));
  }
  return history;
}

OutboxMessage SqliteStore::message_of(Transaction& reading, MessageRow row) {
  OutboxMessage message;
  {
    Query query = reading.query(
        "SELECT m.id, m.key, m.recipient, m.channel, m.kind, m.state, m.attempts, m.created, m.not_before, "
        "m.last_outcome,"
        " l.bytes, coalesce(l.message_id, ''), coalesce(l.destination, ''),"
        " (SELECT count(*) FROM attempt WHERE message = m.id AND outcome = 'unknown'),"
        " (SELECT count(*) FROM attempt WHERE message = m.id AND outcome = 'permanent') FROM message m"
        " LEFT JOIN letter l ON l.message = m.id WHERE m.id = ?",
        row);
    if (!query.next()) throw StoreError(StoreFault::bug, "there is no message " + std::to_string(row));
    message.row = query.integer(0);
    message.key = hex_of_bytes(query.blob(1));
    message.recipient = query.text(2);
    message.channel = query.text(3);
    message.kind = message_kind(query.view(4));
    message.state = message_state(query.view(5));
    message.attempts = query.small(6);
    message.created = query.instant(7);
    message.not_before = query.instant(8);
    message.last_outcome = query.text(9);
    message.bytes = query.blob(10);
    message.message_id = query.text(11);
    message.destination = query.text(12);
    message.doubts = query.small(13);
    message.refusals = query.small(14);
  }
  message.items = items_of(reading, row, message.channel);
  return message;
}

std::vector<OutboxMessage> SqliteStore::queued(Instant now, std::size_t limit, std::span<const std::string> channels) {
  struct Place {
    int urgency;
    std::int64_t not_before;
    MessageRow row;
    auto operator<=>(const Place&) const = default;
  };
  Transaction reading{database_, Kind::read};
  std::vector<Place> places;
  for (const auto& channel : channels) {
    for (const int urgency : urgencies) {
      Query query = reading.query(
          "SELECT urgency, not_before, id FROM message WHERE state = 'queued' AND channel = ? AND urgency = ?"
          " AND not_before <= ? ORDER BY not_before, id LIMIT ?",
          channel, urgency, now, limit);
      while (query.next()) places.push_back({query.small(0), query.integer(1), query.integer(2)});
    }
  }
  std::sort(places.begin(), places.end());
  if (places.size() > limit) places.resize(limit);
  std::vector<OutboxMessage> messages;
  for (const auto& place : places) messages.push_back(message_of(reading, place.row));
  return messages;
}

std::vector<OutboxMessage> SqliteStore::outbox(std::size_t limit, bool unsettled_only) {
  Transaction reading{database_, Kind::read};
  Rows rows;
  {
    Query query = unsettled_only
                      ? reading.query(
                            "SELECT id FROM message WHERE state IN ('queued', 'claimed', 'body_started', 'unknown',"
                            " 'needs_attention') ORDER BY created DESC, id DESC LIMIT ?",
                            limit)
                      : reading.query("SELECT id FROM message ORDER BY id DESC LIMIT ?", limit);
    while (query.next()) rows.push_back(query.integer(0));
  }
  std::vector<OutboxMessage> messages;
  for (const std::int64_t row : rows) messages.push_back(message_of(reading, row));
  return messages;
}

std::vector<Attempt> SqliteStore::attempts(MessageRow message) {
  std::vector<Attempt> attempts;
  Transaction reading{database_, Kind::read};
  Query query = reading.query(
      "SELECT number, started, ended, outcome, code, enhanced, text, retry_after FROM attempt WHERE message = ?"
      " ORDER BY number",
      message);
  while (query.next()) {
    Attempt attempt{message, query.small(0), query.instant(1), query.maybe_instant(2), {}};
    attempt.outcome = {outcome_kind(query.view(3)), query.small(4), query.text(5), query.text(6),
                       query.maybe_integer(7)};
    attempts.push_back(std::move(attempt));
  }
  return attempts;
}

void SqliteStore::withdraw(MessageRow message, std::span<const std::int64_t> notifications, const chase::Reason& reason,
                           Instant now) {
  Transaction change{database_};
  {
    Query query = change.query("SELECT 1 FROM message WHERE id = ? AND state = 'queued' AND tries = 0", message);
    if (!query.next()) return;  // on its way or settled: what has left the house cannot be called back
  }
  std::vector<std::string> keys;
  for (const std::int64_t row : notifications) {
    ActionRow action = 0;
    {
      // One that another channel has delivered stays delivered; it only leaves this message.
      Query query = change.query(
          "UPDATE notification SET state = iif(state = 'composed', 'withdrawn', state),"
          " reason = iif(state = 'composed', ?2, reason), detail = iif(state = 'composed', ?3, detail)"
          " WHERE id = ?1 AND EXISTS (SELECT 1 FROM message_item WHERE message = ?4 AND notification = ?1) RETURNING "
          "action, key, state",
          row, chase::name_of(reason.code), reason.detail, message);
      if (!query.next()) continue;
      action = query.integer(0);
      if (query.view(2) == "withdrawn") keys.push_back(hex_of_bytes(query.blob(1)));
    }
    take_from_queue(change, row, now);
    look_now(change, action, now);
  }
  add_event(change, now, "withdrawn", "", "", "chaser",
            JsonObject().add("message", message).add("keys", keys).add("reason", chase::describe(reason)).text());
  change.commit();
}

std::string SqliteStore::key_of_row(Transaction& reading, std::int64_t notification) {
  Query query = reading.query("SELECT key FROM notification WHERE id = ?", notification);
  return query.next() ? hex_of_bytes(query.blob(0)) : std::string();
}

void SqliteStore::take_from_queue(Transaction& change, std::int64_t notification, Instant now) {
  Rows messages;
  {
    Query query = change.query(
        "SELECT m.id FROM message_item i JOIN message m ON m.id = i.message WHERE i.notification = ?"
        " AND m.state = 'queued'",
        notification);
    while (query.next()) messages.push_back(query.integer(0));
  }
  for (const std::int64_t message : messages) {
    // The bytes of one that was tried never change; it goes unless nothing in it is true any more.
    change.run(
        "UPDATE message_item SET withdrawn = 1 WHERE message = ?1 AND notification = ?2 AND"
        " (SELECT tries FROM message WHERE id = ?1) = 0",
        message, notification);
    change.run(
        "UPDATE message SET state = 'withdrawn', settled = ?2 WHERE id = ?1 AND state = 'queued' AND NOT EXISTS"
        " (SELECT 1 FROM message_item i JOIN notification n ON n.id = i.notification WHERE i.message = ?1"
        " AND i.withdrawn = 0 AND n.state NOT IN ('withdrawn', 'superseded', 'lapsed'))",
        message, now);
  }
}

}  // namespace chaser::store
