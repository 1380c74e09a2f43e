#include <nlohmann/json.hpp>

#include "rulebook/rulebook.h"
#include "store/chain.h"
#include "store/encoding.h"
#include "store/recorded.h"
#include "store/sqlite_class.h"

namespace chaser::store {

// The event log as evidence: its chain, and what it must tell when it is replayed.

namespace {

using Kind = Transaction::Kind;

constexpr std::string_view facts_columns =
    "SELECT a.status, a.kind, a.start_day, coalesce(a.extended_day, a.due_day), a.first_due, a.slips,"
    " a.dropped, a.unowned,"
    " coalesce((SELECT group_concat(owner, ',') FROM (SELECT s.role || ' ' || s.party || iif(s.delegate = '', '', ' "
    "held by ' || s.delegate) AS owner FROM assignment s"
    " WHERE s.action = a.id AND s.gone IS NULL ORDER BY s.position)), ''), a.percent,"
    " coalesce((SELECT group_concat(request, ',') FROM (SELECT r.number || ' ' || r.kind AS request FROM request r"
    " WHERE r.action = a.id AND r.state = 'open' ORDER BY r.number)), '') FROM action a WHERE a.id = ?";

/// What lies in tables beside the action's own, each row as one text: too much to be said by every event, so that
/// events hold a digest of it.
constexpr std::pair<std::string_view, std::string_view> beside_actions[] = {
    {"supplement", "SELECT json_array(recurrence, measure, blocked_by) FROM supplement WHERE action = ?"},
    {"reported", "SELECT json_array(reviews, noted, claimed, milestones_met) FROM reported WHERE action = ?"},
    {"readings", "SELECT json_array(day, value, at, party) FROM reading WHERE action = ? ORDER BY day"},
    {"re_datings",
     "SELECT json_array(at, before_day, after_day, how, actor) FROM re_dating WHERE action = ? ORDER BY "
     "id"},
    {"dependencies", "SELECT json_array(blocker_plan, blocker) FROM dependency WHERE action = ? ORDER BY 1"}};
constexpr std::size_t digest_digits = 16;

/// "" of nothing.
std::string digest_of(Transaction& reading, std::string_view sql, ActionRow action) {
  std::string rows;
  Query query = reading.query(sql, action);
  while (query.next()) rows.append(query.view(0)).append("\n");
  return rows.empty() ? rows : rulebook::sha256_hex(rows).substr(0, digest_digits);
}

/// The columns of facts_columns as an event's "now".
JsonObject facts_text(const Query& query) {
  JsonObject facts;
  facts.add("status", query.view(0)).add("kind", query.view(1));
  const std::pair<const char*, int> days[] = {{"start", 2}, {"due", 3}, {"first_due", 4}};
  for (const auto& [name, column] : days) {
    const auto day = query.maybe_day(column);
    facts.add(name, day ? calendar::iso_day(*day) : std::string());
  }
  facts.add("slips", query.integer(5)).add("dropped", query.integer(6)).add("unowned", query.integer(7));
  facts.add("owners", split(query.view(8))).add("percent", query.maybe_integer(9).value_or(-1));
  facts.add("requests", split(query.view(10)));
  return facts;
}

chase::NotificationIdentity identity_of(const Query& query, int column) {
  chase::NotificationIdentity identity;
  identity.plan = query.text(column);
  identity.action = query.text(column + 1);
  identity.rule = query.text(column + 2);
  identity.step = query.text(column + 3);
  identity.occurrence = {static_cast<std::int32_t>(query.integer(column + 4)), query.truth(column + 5)};
  identity.recipient = query.text(column + 6);
  return identity;
}

struct Place {
  ActionRow row;
  std::string plan;
  std::string action;
};
std::vector<Place> all_places(Transaction& reading) {
  std::vector<Place> places;
  Query query = reading.query("SELECT a.id, p.slug, a.name FROM action a JOIN plan p ON p.id = a.plan ORDER BY a.id");
  while (query.next()) places.push_back({query.integer(0), query.text(1), query.text(2)});
  return places;
}

std::string answers_of(Transaction& reading, ActionRow action) {
  std::string answers;
  Query query = reading.query("SELECT at, kind, party, accepted FROM response WHERE action = ? ORDER BY id", action);
  while (query.next()) add_answer_to(answers, query.instant(0), query.view(1), query.view(2), query.truth(3));
  return answers;
}

LogHead log_head_in(Transaction& reading) {
  Query query = reading.query("SELECT log_events, log_head FROM keeper WHERE id = 1");
  query.next();
  return {query.integer(0), query.is_null(1) ? std::string(first_link()) : hex_of_bytes(query.blob(1))};
}

}  // namespace

void SqliteStore::add_event(Transaction& change, Instant at, std::string_view kind, std::string_view plan,
                            std::string_view action, std::string_view actor, std::string_view json,
                            std::string_view words) {
  Event event{0, at, std::string(kind), std::string(plan), std::string(action), std::string(actor), std::string(json)};
  if (!change.log_end()) change.log_end() = log_head_in(change);
  LogHead& end = *change.log_end();
  event.sequence = end.events + 1;
  std::string salt;
  std::optional<std::string> seal;
  if (!words.empty()) {
    {
      Query random = change.query("SELECT randomblob(16)");
      random.next();
      salt = random.blob(0);
    }
    event.seal = seal_of(salt, words);
    seal = bytes_of_hex(event.seal);
  }
  end = {event.sequence, chain_hash(end.hash, event)};
  const std::string hash = bytes_of_hex(end.hash);
  const std::optional<Blob> sealed = seal ? std::optional(Blob{*seal}) : std::nullopt;
  change.run(
      "INSERT INTO event (sequence, at, kind, plan, action, actor, json, seal, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, "
      "?)",
      event.sequence, at, kind, plan, action, actor, json, sealed, Blob{hash});
  if (!words.empty()) {
    change.run("INSERT INTO event_words (event, salt, words) VALUES (?, ?, ?)", event.sequence, Blob{salt}, words);
  }
}

LogHead SqliteStore::log_head() {
  Transaction reading{database_, Kind::read};
  return log_head_in(reading);
}

std::string SqliteStore::facts_of(Transaction& reading, ActionRow action) {
  JsonObject facts;
  {
    Query query = reading.query(facts_columns, action);
    if (!query.next()) return "{}";
    facts = facts_text(query);
  }
  for (const auto& [name, sql] : beside_actions) facts.add(name, digest_of(reading, sql, action));
  return facts.text();
}

Recorded SqliteStore::recorded() {
  Recorded recorded;
  Transaction reading{database_, Kind::read};
  for (const Place& place : all_places(reading)) {
    const std::string name = place.plan + "/" + place.action;
    const auto facts = nlohmann::json::parse(facts_of(reading, place.row));
    for (const auto& [field, value] : facts.items()) recorded[fact_name(name, field)] = value.dump();
    std::string answers = answers_of(reading, place.row);
    if (!answers.empty()) recorded[answers_name(place.plan, place.action)] = std::move(answers);
  }
  {
    Query query = reading.query(
        "SELECT p.slug || '/' || a.name, c.rule, c.anchor, c.epoch, c.status FROM chase_case c JOIN action a ON a.id ="
        " c.action JOIN plan p ON p.id = a.plan");
    while (query.next()) {
      recorded[case_name(query.view(0), query.view(1), query.view(2), query.integer(3))] = query.text(4);
    }
  }
  {
    Query query = reading.query(
        "SELECT p.slug, a.name, n.rule, n.step, n.ordinal, n.refired, n.recipient, n.key, n.state FROM notification n"
        " JOIN action a ON a.id = n.action JOIN plan p ON p.id = a.plan");
    while (query.next()) {
      recorded[notification_name(identity_of(query, 0), hex_of_bytes(query.blob(7)))] = query.text(8);
    }
  }
  Query query = reading.query("SELECT plan, rule, party FROM stop");
  while (query.next()) recorded[stop_name({query.text(0), query.text(1), query.text(2)})] = in_force;
  return recorded;
}

namespace {

std::string cases_text(Transaction& reading, ActionRow action) {
  std::string list;
  Query query =
      reading.query("SELECT rule, anchor, epoch, status FROM chase_case WHERE action = ? ORDER BY id", action);
  while (query.next()) {
    JsonObject item;
    item.add("rule", query.view(0)).add("anchor", query.view(1)).add("epoch", query.integer(2));
    list += (list.empty() ? "" : ",") + item.add("status", query.view(3)).text();
  }
  return "[" + list + "]";
}

std::string notifications_text(Transaction& reading, ActionRow action) {
  std::string list;
  Query query = reading.query(
      "SELECT p.slug, a.name, n.rule, n.step, n.ordinal, n.refired, n.recipient, n.key, n.state FROM notification n"
      " JOIN action a ON a.id = n.action JOIN plan p ON p.id = a.plan WHERE n.action = ? ORDER BY n.id",
      action);
  while (query.next()) {
    const std::string key = hex_of_bytes(query.blob(7));
    JsonObject item;
    item.add("key", key).add("name", notification_name(identity_of(query, 0), key)).add("state", query.view(8));
    list += (list.empty() ? "" : ",") + item.text();
  }
  return "[" + list + "]";
}

}  // namespace

/// A log that began before it was complete gets the state of every action as it is now; replays go on from there.
void SqliteStore::write_baseline() {
  Transaction change{database_};
  Instant now;
  {
    Query query = change.query("SELECT log_baseline, coalesce(clock_high_water, 0) FROM keeper");
    query.next();
    if (!query.truth(0)) return;
    now = query.instant(1);
  }
  for (const Place& place : all_places(change)) {
    JsonObject details;
    details.add_raw("now", facts_of(change, place.row)).add_raw("cases", cases_text(change, place.row));
    details.add_raw("notifications", notifications_text(change, place.row));
    const std::string answers = answers_of(change, place.row);
    if (!answers.empty()) details.add("answers", answers);
    add_event(change, now, "baseline", place.plan, place.action, "chaser", details.text());
  }
  change.run("UPDATE keeper SET log_baseline = 0");
  change.commit();
}

}  // namespace chaser::store
