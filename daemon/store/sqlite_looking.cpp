#include "store/chain.h"
#include "store/encoding.h"
#include "store/sqlite_class.h"

namespace chaser::store {

namespace {

using Kind = Transaction::Kind;

/// What every listing takes: "" for all plans, "" for all actions of a plan.
constexpr std::string_view of_place = " (?1 = '' OR p.slug = ?1) AND (?2 = '' OR a.name = ?2)";

std::string occurrence_of(const Query& query, int column) {
  return chase::to_string({static_cast<std::int32_t>(query.integer(column)), query.truth(column + 1)});
}

}  // namespace

std::optional<Instant> SqliteStore::earliest(std::string_view sql) {
  Transaction reading{database_, Kind::read};
  Query query = reading.query(sql);
  return query.next() ? query.maybe_instant(0) : std::nullopt;
}

std::optional<Instant> SqliteStore::next_look() {
  return earliest("SELECT min(next_look) FROM look WHERE next_look IS NOT NULL");
}

std::optional<Instant> SqliteStore::next_compose() {
  return earliest("SELECT min(next_compose) FROM recipient WHERE next_compose IS NOT NULL");
}

std::optional<Instant> SqliteStore::next_retry() {
  return earliest("SELECT min(not_before) FROM message WHERE state = 'queued'");
}

std::optional<Instant> SqliteStore::clock_high_water() {
  return earliest("SELECT clock_high_water FROM keeper");
}

StoreStatus SqliteStore::status() {
  StoreStatus status;
  {
    // One statement, so that its parts are of one moment; the longer lists of states are those of message_unsettled.
    Transaction reading{database_, Kind::read};
    Query query = reading.query(
        "SELECT (SELECT count(*) FROM plan), (SELECT count(*) FROM action WHERE dropped = 0),"
        " (SELECT count(*) FROM chase_case WHERE status = 'open'),"
        " (SELECT count(*) FROM notification WHERE state = 'pending'),"
        " (SELECT count(*) FROM message WHERE state IN ('queued', 'claimed', 'body_started', 'unknown',"
        " 'needs_attention') AND state <> 'needs_attention'),"
        " (SELECT count(*) FROM message WHERE state IN ('queued', 'claimed', 'body_started', 'unknown',"
        " 'needs_attention') AND state = 'needs_attention'),"
        " (SELECT min(created) FROM message WHERE state IN ('queued', 'claimed', 'body_started', 'unknown',"
        " 'needs_attention')), last_pass, clock_high_water, scripted,"
        " (SELECT min(next_look) FROM look WHERE next_look IS NOT NULL),"
        " (SELECT min(next_compose) FROM recipient WHERE next_compose IS NOT NULL),"
        " (SELECT min(not_before) FROM message WHERE state = 'queued'), log_events, log_head,"
        " (SELECT count(*) FROM action WHERE dropped = 0 AND kind = 'ongoing') FROM keeper");
    query.next();
    const auto count = [&](int column) { return static_cast<std::size_t>(query.integer(column)); };
    status.plans = count(0);
    status.actions = count(1);
    status.open_cases = count(2);
    status.pending = count(3);
    status.queued = count(4);
    status.needs_attention = count(5);
    status.oldest_unsent = query.maybe_instant(6);
    status.last_pass = query.maybe_instant(7);
    status.clock_high_water = query.maybe_instant(8);
    status.scripted = query.truth(9);
    status.next_look = query.maybe_instant(10);
    status.next_compose = query.maybe_instant(11);
    status.next_retry = query.maybe_instant(12);
    status.log = {query.integer(13), query.is_null(14) ? std::string(first_link()) : hex_of_bytes(query.blob(14))};
    status.ongoing = count(15);
  }
  status.schema_version = static_cast<int>(database_.pragma("user_version"));
  return status;
}

std::vector<Event> SqliteStore::events(std::string_view plan, std::string_view action, std::int64_t after,
                                       std::size_t limit) {
  std::vector<Event> events;
  Transaction reading{database_, Kind::read};
  static const std::string columns =
      "SELECT sequence, at, kind, plan, action, actor, json, coalesce(words, ''), seal, hash FROM event LEFT JOIN"
      " event_words ON event_words.event = event.sequence";
  Query query =
      !plan.empty() && !action.empty()
          ? reading.query(columns + " WHERE plan = ?1 AND action = ?2 AND sequence > ?3 ORDER BY sequence LIMIT ?4",
                          plan, action, after, limit)
          : reading.query(
                columns +
                    " WHERE sequence > ?3 AND (?1 = '' OR plan = ?1) AND (?2 = '' OR action = ?2) ORDER BY sequence"
                    " LIMIT ?4",
                plan, action, after, limit);
  while (query.next()) {
    events.push_back({query.integer(0), query.instant(1), query.text(2), query.text(3), query.text(4), query.text(5),
                      query.text(6), query.text(7), hex_of_bytes(query.blob(8)), hex_of_bytes(query.blob(9))});
  }
  return events;
}

std::vector<NotificationRecord> SqliteStore::notifications(std::string_view plan, std::string_view action,
                                                           std::size_t limit) {
  std::vector<NotificationRecord> records;
  Transaction reading{database_, Kind::read};
  static const std::string sql =
      "SELECT n.id, n.key, p.slug, a.name, n.rule, n.step, n.ordinal, n.refired, n.recipient, n.about, n.state, "
      "n.reason,"
      " n.detail, n.deliver, n.via, n.nominal, n.opening, n.decided, n.sent, n.reader FROM notification n"
      " JOIN action a ON a.id = n.action JOIN plan p ON p.id = a.plan WHERE" +
      std::string(of_place) + " ORDER BY n.id DESC LIMIT ?3";
  Query query = reading.query(sql, plan, action, limit);
  while (query.next()) {
    NotificationRecord record;
    record.row = query.integer(0);
    record.key = hex_of_bytes(query.blob(1));
    record.plan = query.text(2);
    record.action = query.text(3);
    record.rule = query.text(4);
    record.step = query.text(5);
    record.occurrence = occurrence_of(query, 6);
    record.recipient = query.text(8);
    record.about = texts_of(query.view(9));
    record.state = query.text(10);
    const chase::Reason reason{chase::reason_code(query.view(11)), query.text(12)};
    if (reason.code != chase::ReasonCode::none) record.reason = chase::describe(reason);
    record.deliver = query.text(13);
    record.via = split(query.view(14));
    record.nominal = query.day(15);
    record.opening = query.instant(16);
    record.decided = query.instant(17);
    record.sent = query.maybe_instant(18);
    record.reader = query.text(19);
    records.push_back(std::move(record));
  }
  return records;
}

std::vector<HoldRecord> SqliteStore::holds(std::string_view plan, std::string_view action, std::size_t limit) {
  std::vector<HoldRecord> records;
  Transaction reading{database_, Kind::read};
  static const std::string sql =
      "SELECT p.slug, a.name, coalesce(c.rule, ''), coalesce(c.anchor, ''), h.step, h.ordinal, h.refired, h.recipient,"
      " h.reason, h.detail, h.since, h.until FROM hold h JOIN action a ON a.id = h.action JOIN plan p ON p.id = a.plan"
      " LEFT JOIN chase_case c ON c.id = h.chase_case WHERE" +
      std::string(of_place) +
      " ORDER BY p.slug, a.position, a.id, h.chase_case, h.step, h.recipient, h.assignment LIMIT ?3";
  Query query = reading.query(sql, plan, action, limit);
  while (query.next()) {
    HoldRecord record;
    record.plan = query.text(0);
    record.action = query.text(1);
    record.rule = query.text(2);
    record.anchor = query.text(3);
    record.step = query.text(4);
    record.occurrence = occurrence_of(query, 5);
    record.recipient = query.text(7);
    record.reason = {chase::reason_code(query.view(8)), query.text(9)};
    record.since = query.instant(10);
    record.until = query.maybe_instant(11);
    records.push_back(std::move(record));
  }
  return records;
}

}  // namespace chaser::store
