#include <cassert>

#include "store/encoding.h"
#include "store/sqlite_class.h"

namespace chaser::store {

namespace {

/// What the outbox shows of an outcome: "accepted 250 2.0.0 Ok: queued".
std::string words_of(const Outcome& outcome) {
  std::string words(name_of(outcome.kind));
  if (outcome.code != 0) words += " " + std::to_string(outcome.code);
  if (!outcome.enhanced.empty()) words += " " + outcome.enhanced;
  if (!outcome.text.empty()) words += " " + outcome.text;
  return words;
}

/// An event of a message: by its key and codes alone; the server's words may name an address.
std::string event_of(std::string_view key, const Outcome& outcome, MessageState state) {
  return JsonObject()
      .add("message", key)
      .add("outcome", name_of(outcome.kind))
      .add("code", std::int64_t{outcome.code})
      .add("enhanced", outcome.enhanced)
      .add("state", name_of(state))
      .text();
}

}  // namespace

std::vector<bool> SqliteStore::claim(std::span<const Claim> claims, Instant now, Instant lease_until) {
  std::vector<bool> taken;
  if (ballast_) ballast_->take();  // what is claimed now has an outcome that must find room
  Transaction change{database_};
  for (const auto& claim : claims) {
    std::int64_t number = 0;
    {
      Query query = change.query(
          "UPDATE message SET state = 'claimed', attempts = attempts + 1, tries = tries + 1, lease_until = ?2"
          " WHERE id = ?1 AND state = 'queued' RETURNING tries",
          claim.message, lease_until);
      if (query.next()) number = query.integer(0);
    }
    taken.push_back(number != 0);
    if (number == 0) continue;
    change.run("INSERT INTO attempt (message, number, started) VALUES (?, ?, ?)", claim.message, number, now);
    if (!claim.rendered) continue;
    change.run(
        "INSERT INTO letter (message, bytes, message_id, destination) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        claim.message, Blob{claim.rendered->bytes}, claim.rendered->message_id, claim.rendered->destination);
  }
  change.commit();
  return taken;
}

namespace {

std::vector<bool> begin_all(Transaction& change, std::span<const MessageRow> messages, Instant now) {
  std::vector<bool> begun;
  for (const MessageRow message : messages) {
    const bool is_claimed =
        change.run("UPDATE message SET state = 'body_started' WHERE id = ? AND state = 'claimed'", message) > 0;
    if (is_claimed) {
      change.run(
          "UPDATE attempt SET body_started = ?2 WHERE message = ?1 AND number = (SELECT tries FROM message WHERE id = "
          "?1)",
          message, now);
    }
    begun.push_back(is_claimed);
  }
  return begun;
}

}  // namespace

std::vector<bool> SqliteStore::begin_body(std::span<const MessageRow> messages, Instant now) {
  return cross({}, messages, now);
}

void SqliteStore::finish(std::span<const Finish> finished, Instant now) {
  finish_and_begin(finished, {}, now);
}

std::vector<bool> SqliteStore::finish_and_begin(std::span<const Finish> finished, std::span<const MessageRow> begins,
                                                Instant now) {
  try {
    return cross(finished, begins, now);
  } catch (const StoreError& error) {
    // What has gone must not look unsent: the room kept for this moment makes place for the outcome.
    const bool is_full = error.fault() == StoreFault::disk_full && !finished.empty();
    if (!is_full || !ballast_ || !ballast_->release()) throw;
    return cross(finished, begins, now);
  }
}

std::vector<bool> SqliteStore::cross(std::span<const Finish> finished, std::span<const MessageRow> begins,
                                     Instant now) {
  Transaction change{database_};
  for (const auto& finish : finished) finish_one(change, finish, now);
  if (!finished.empty()) raise_high_water(change, now);
  std::vector<bool> begun = begin_all(change, begins, now);
  change.commit();
  return begun;
}

void SqliteStore::finish_one(Transaction& change, const Finish& finish, Instant now) {
  const Outcome& outcome = finish.outcome;
  const MessageState state = finish.disposition.state;
  const bool is_over = state == MessageState::accepted || state == MessageState::refused;
  const std::optional<Instant> settled = is_over ? std::optional(now) : std::nullopt;
  // An attempt whose channel was broken is not counted.
  const int spent = outcome.kind == OutcomeKind::channel_broken ? 0 : 1;
  // What goes again although it may have arrived has had its one resend.
  const int resent = outcome.kind == OutcomeKind::unknown && state == MessageState::queued ? 1 : 0;
  const Instant not_before = state == MessageState::queued ? finish.disposition.not_before : now;
  std::string key;
  {
    // Fenced by the state; an acceptance that comes after the lease ran out is still the truth, and calls off the
    // resend that waits.
    Query query = change.query(
        "UPDATE message SET state = ?2, not_before = ?3, settled = ?4, last_outcome = ?5, lease_until = NULL,"
        " attempts = attempts - ?6, resends = resends + ?7 WHERE id = ?1 AND (state IN ('claimed', 'body_started') OR"
        " (?2 = 'accepted' AND (state IN ('unknown', 'needs_attention') OR (state = 'queued' AND resends > 0))))"
        " RETURNING key",
        finish.message, name_of(state), not_before, settled, words_of(outcome), 1 - spent, resent);
    if (query.next()) key = hex_of_bytes(query.blob(0));
  }
  if (key.empty()) {
    add_event(change, now, "fenced", "", "", "chaser",
              JsonObject().add("row", finish.message).add("outcome", name_of(outcome.kind)).text());
    return;
  }
  change.run(
      "UPDATE attempt SET ended = ?2, outcome = ?3, code = ?4, enhanced = ?5, text = ?6, retry_after = ?7"
      " WHERE message = ?1 AND number = (SELECT tries FROM message WHERE id = ?1)",
      finish.message, now, name_of(outcome.kind), outcome.code, outcome.enhanced, outcome.text,
      outcome.retry_after_seconds);
  add_event(change, now, state == MessageState::accepted ? "sent" : "attempt", "", "", "chaser",
            event_of(key, outcome, state));
  if (state == MessageState::accepted) mark_delivered(change, finish.message, now);
  if (state != MessageState::refused) return;
  if (outcome.kind == OutcomeKind::permanent && outcome.code != 0) note_refusal(change, finish.message, outcome, now);
  if (!finish.disposition.fall_back_to.empty()) {
    queue_fallback(change, finish.message, finish.disposition.fall_back_to, now);
  }
  mark_unreachable(change, finish.message, now);
}

namespace {

/// An item of a message that has just been accepted, and its place.
struct Told {
  std::int64_t notification = 0;
  ActionRow action = 0;
  std::string plan;
  std::string name;
  std::string rule;
  std::string recipient;
  std::string reader;  // who stood in for the recipient and got it, or ""
  bool is_withdrawn = false;
  bool keeps_floor = false;  // a direct one that is no first meeting
  JsonObject details;
};

/// What all items of it have in common.
struct Carrier {
  std::string recipient;
  std::string channel;
  std::string kind;
  std::string message_id;  // "" if it has no letter
  std::vector<Told> items;
};

Carrier carrier_of(Transaction& reading, MessageRow message) {
  Carrier carrier;
  Query query = reading.query(
      "SELECT m.recipient, m.channel, m.kind, m.key, coalesce(l.message_id, ''), n.id, n.action, p.slug, a.name, "
      "n.rule,"
      " n.step, n.recipient, n.reader, i.withdrawn, n.deliver, n.first_meeting, n.key FROM message m JOIN message_item "
      "i"
      " ON i.message = m.id JOIN notification n ON n.id = i.notification JOIN action a ON a.id = n.action"
      " JOIN plan p ON p.id = a.plan LEFT JOIN letter l ON l.message = m.id WHERE m.id = ?1 ORDER BY i.position",
      message);
  while (query.next()) {
    if (carrier.items.empty()) {
      carrier.recipient = query.text(0);
      carrier.channel = query.text(1);
      carrier.kind = query.text(2);
      carrier.message_id = query.text(4);
    }
    const bool is_direct = query.view(14) == rulebook::name_of(rulebook::Deliver::direct);
    Told& item = carrier.items.emplace_back(Told{query.integer(5), query.integer(6), query.text(7), query.text(8),
                                                 query.text(9), query.text(11), query.text(12), query.truth(13),
                                                 is_direct && !query.truth(15), JsonObject()});
    item.details.add("rule", query.view(9)).add("step", query.view(10)).add("to", query.view(11));
    item.details.add("channel", query.view(1)).add("message", hex_of_bytes(query.blob(3)));
    item.details.add("key", hex_of_bytes(query.blob(16)));
  }
  return carrier;
}

/// Direct messages move the floor of their rule, also of who stands in.
void move_floor(Transaction& change, const Carrier& carrier, const Told& item, Instant now) {
  if (carrier.kind == chase::name_of(chase::MessageKind::digest) || !item.keeps_floor) return;
  const auto move = [&](const std::string& recipient) {
    change.run(
        "INSERT INTO last_direct (action, rule, recipient, at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET at = max(at, excluded.at)",
        item.action, item.rule, recipient, now);
  };
  move(item.recipient);
  if (!item.reader.empty()) move(carrier.recipient);
}

}  // namespace

/// The first channel to accept a notification delivers it.
void SqliteStore::mark_delivered(Transaction& change, MessageRow message, Instant now) {
  const Carrier carrier = carrier_of(change, message);
  // The first message about an action is the root of its thread; a digest speaks of many and is the root of none.
  const bool is_root = carrier.kind == chase::name_of(chase::MessageKind::direct) && !carrier.message_id.empty();
  for (const Told& item : carrier.items) {
    change.run(
        "UPDATE look SET next_look = min(coalesce(next_look, ?2), ?2), version = version + 1 WHERE action = ?1 AND"
        " when_delivered",
        item.action, now);
    if (item.is_withdrawn) continue;
    change.run(
        "UPDATE notification SET state = 'delivered', sent = coalesce(sent, ?2), reason = 'none', detail = '' WHERE"
        " id = ?1",
        item.notification, now);
    move_floor(change, carrier, item, now);
    if (is_root) {
      change.run(
          "INSERT INTO thread (action, recipient, channel, message_id) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
          item.action, carrier.recipient, carrier.channel, carrier.message_id);
    }
    add_event(change, now, "delivered", item.plan, item.name, "chaser", item.details.text());
  }
}

/// A notification is unreachable once no other channel carries it or can still carry it.
void SqliteStore::mark_unreachable(Transaction& change, MessageRow message, Instant now) {
  Rows given_up;
  Rows actions;
  std::vector<std::string> keys;
  {
    Query query = change.query(
        "SELECT n.id, n.action, n.key FROM message_item i JOIN notification n ON n.id = i.notification WHERE i.message "
        "= ?1"
        " AND i.withdrawn = 0 AND n.state = 'composed' AND NOT EXISTS (SELECT 1 FROM message_item o JOIN message m ON"
        " m.id = o.message WHERE o.notification = n.id AND o.withdrawn = 0 AND m.id <> ?1"
        " AND m.state NOT IN ('refused', 'withdrawn'))",
        message);
    while (query.next()) {
      given_up.push_back(query.integer(0));
      actions.push_back(query.integer(1));
      keys.push_back(hex_of_bytes(query.blob(2)));
    }
  }
  for (std::size_t i = 0; i < given_up.size(); ++i) {
    change.run(
        "UPDATE notification SET state = 'unreachable', reason = 'unreachable',"
        " detail = iif(reader = '', recipient, reader) WHERE id = ?",
        given_up[i]);
    look_now(change, actions[i], now);
  }
  if (keys.empty()) return;
  add_event(change, now, "unreachable", "", "", "chaser", JsonObject().add("row", message).add("keys", keys).text());
}

std::vector<MessageRow> SqliteStore::reap(Instant now, bool all) {
  std::vector<MessageRow> unknown;
  Transaction change{database_};
  // The list of states is that of the index message_unsettled: without it every message ever sent would be read.
  constexpr std::string_view expired =
      "state IN ('queued', 'claimed', 'body_started', 'unknown', 'needs_attention') AND (?1 OR lease_until <= ?2)"
      " AND lease_until IS NOT NULL";
  const std::string where(expired);
  {
    Query query =
        change.query("SELECT id FROM message WHERE state = 'body_started' AND " + where + " ORDER BY id", all, now);
    while (query.next()) unknown.push_back(query.integer(0));
  }
  for (const MessageRow message : unknown) {
    change.run(
        "UPDATE message SET state = 'unknown', lease_until = NULL, last_outcome = 'unknown: no verdict came back' "
        "WHERE id = ?",
        message);
    change.run(
        "UPDATE attempt SET ended = ?2, outcome = 'unknown', text = 'no verdict came back' WHERE message = ?1 AND "
        "number ="
        " (SELECT tries FROM message WHERE id = ?1)",
        message, now);
    add_event(change, now, "unknown", "", "", "chaser", JsonObject().add("row", message).text());
  }
  // No byte of a body left the house: certainly not sent, and no attempt of the recipient's.
  change.run(
      "UPDATE attempt SET ended = ?2, outcome = 'temporary', text = 'was not begun' WHERE ended IS NULL AND message IN"
      " (SELECT id FROM message WHERE state = 'claimed' AND " +
          where + ")",
      all, now);
  change.run(
      "UPDATE message SET state = 'queued', lease_until = NULL, attempts = attempts - 1, not_before = ?2"
      " WHERE state = 'claimed' AND " +
          where,
      all, now);
  change.commit();
  return unknown;
}

void SqliteStore::resolve_unknown(MessageRow message, bool resend, Instant not_before, Instant now) {
  Transaction change{database_};
  const int resent = resend ? change.run(
                                  "UPDATE message SET state = 'queued', resends = resends + 1, not_before = ?2"
                                  " WHERE id = ?1 AND state = 'unknown' AND resends = 0",
                                  message, not_before)
                            : 0;
  const int stuck =
      change.run("UPDATE message SET state = 'needs_attention' WHERE id = ? AND state = 'unknown'", message);
  if (resent + stuck > 0) {
    add_event(change, now, resent > 0 ? "resent" : "needs_attention", "", "", "chaser",
              JsonObject().add("row", message).text());
  }
  change.commit();
}

bool SqliteStore::retry(MessageRow message, Instant now) {
  Transaction change{database_};
  const bool is_queued =
      change.run(
          "UPDATE message SET state = 'queued', not_before = ?2, settled = NULL WHERE id = ?1 AND state IN ('queued',"
          " 'refused', 'unknown', 'needs_attention')",
          message, now) > 0;
  if (is_queued) {
    // Who says so knows that the address is well.
    change.run("DELETE FROM dead_address WHERE recipient = (SELECT recipient FROM message WHERE id = ?)", message);
  }
  if (is_queued) add_event(change, now, "retry", "", "", "chaser", JsonObject().add("row", message).text());
  change.commit();
  return is_queued;
}

bool SqliteStore::drop(MessageRow message, std::string_view actor, Instant now) {
  Transaction change{database_};
  const bool is_dropped =
      change.run(
          "UPDATE message SET state = 'withdrawn', settled = ?2 WHERE id = ?1 AND state IN ('queued', 'unknown',"
          " 'needs_attention')",
          message, now) > 0;
  if (!is_dropped) return false;
  Rows actions;
  std::vector<std::string> keys;
  {
    // What another channel still carries or has delivered stays as it is.
    Query query = change.query(
        "UPDATE notification SET state = 'withdrawn', reason = 'stopped', detail = 'this message' WHERE state = "
        "'composed'"
        " AND id IN (SELECT notification FROM message_item WHERE message = ?1 AND withdrawn = 0) AND NOT EXISTS"
        " (SELECT 1 FROM message_item o JOIN message m ON m.id = o.message WHERE o.notification = notification.id"
        " AND o.withdrawn = 0 AND m.id <> ?1 AND m.state NOT IN ('refused', 'withdrawn')) RETURNING action, key",
        message);
    while (query.next()) {
      actions.push_back(query.integer(0));
      keys.push_back(hex_of_bytes(query.blob(1)));
    }
  }
  for (const std::int64_t action : actions) look_now(change, action, now);
  add_event(change, now, "dropped", "", "", actor, JsonObject().add("row", message).add("keys", keys).text());
  change.commit();
  return true;
}

}  // namespace chaser::store
