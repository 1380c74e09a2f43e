#include <algorithm>

#include "store/encoding.h"
#include "store/sqlite_class.h"

namespace chaser::store {

// Responses: recorded with all that they change, and read back.

namespace {

using Kind = Transaction::Kind;

constexpr std::size_t requests_most = 10'000;  // of one action, in one reading

std::string_view party_id(const chase::World& world, chase::PartyIndex party) {
  return party == chase::no_party ? std::string_view() : std::string_view(world.person(party).id);
}

std::string lineage_column(std::span<const chase::Lineage> lineage) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& each : lineage) pairs.emplace_back(chase::name_of(each.how), each.action);
  return to_column(pairs);
}

/// The audit trail's line: what was answered and what came of it, by party ids. The note and the answer are words: they
/// may name people and lie beside the log.
JsonObject line_of(const chase::Response& response, const chase::ResponseEffect& effect) {
  JsonObject line;
  line.add("response", chase::name_of(response.kind)).add("party", response.party).add("means", response.means);
  if (response.until) line.add("until", calendar::iso_day(*response.until));
  if (response.due) line.add("due", calendar::iso_day(*response.due));
  if (!response.to.empty()) line.add("to", response.to);
  if (effect.status) line.add("status", *effect.status);
  if (effect.percent) line.add("percent", std::int64_t{*effect.percent});
  if (effect.due) line.add("extended", calendar::iso_day(*effect.due));
  if (effect.asked) line.add("request", std::int64_t{effect.asked->number});
  for (const auto& decided : effect.decided) {
    line.add(std::string("request ") + std::to_string(decided.number), chase::name_of(decided.end));
  }
  std::vector<std::string> others;
  for (const auto& lineage : effect.lineage) others.push_back(lineage.action);
  if (!others.empty()) line.add("others", others);
  if (effect.blocked_by) line.add("blocked_by", effect.blocked_by->action);
  if (effect.reading) {
    line.add_real("value", effect.reading->value).add("read_on", calendar::iso_day(effect.reading->on));
  }
  if (effect.claimed) line.add("claimed", chase::name_of(*effect.claimed));
  if (!effect.milestone.empty()) line.add("milestone", effect.milestone);
  if (effect.counts_as_review) line.add("review", std::int64_t{1});
  line.add("accepted", effect.accepted ? std::int64_t{1} : std::int64_t{0});
  return line;
}

std::string words_of(const chase::Response& response, const chase::ResponseEffect& effect) {
  std::string words = response.note;
  for (const std::string* each : {&response.evidence, &effect.answer}) {
    if (!words.empty() && !each->empty()) words += "\n";
    words += *each;
  }
  return words;
}

std::string ended_cases(const LoadedAction& action, const chase::ResponseEffect& effect) {
  std::string list;
  for (const auto& end : effect.ended) {
    const chase::CaseState& ended = action.state.cases.at(end.index);
    JsonObject item;
    item.add("rule", ended.rule->rule->name).add("anchor", ended.anchor).add("epoch", ended.epoch);
    list += (list.empty() ? "" : ",") + item.add("status", chase::name_of(end.status)).text();
  }
  return "[" + list + "]";
}

}  // namespace

void SqliteStore::record_response(const LoadedAction& action, const chase::Response& response,
                                  const chase::ResponseEffect& effect, const chase::World& world, Instant now) {
  Transaction change{database_};
  {
    Query query = change.query("SELECT 1 FROM look WHERE action = ? AND version = ?", action.row, action.row_version);
    if (!query.next()) {
      throw StoreError(StoreFault::conflict, "action " + action.state.facts.id + " changed while it was answered");
    }
  }
  change.run(
      "INSERT INTO response (action, at, kind, party, until, note, status, author, means, accepted, answer, percent,"
      " due, to_party, others, evidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      action.row, now, chase::name_of(response.kind), response.party, response.until, response.note, response.status,
      response.author, response.means, effect.accepted, effect.answer, response.percent, response.due, response.to,
      to_column(response.others), response.evidence);
  JsonObject line = line_of(response, effect);
  if (effect.accepted) {
    record_effect(change, action, response, effect, world, now);
    line.add_raw("ended", ended_cases(action, effect)).add_raw("now", facts_of(change, action.row));
  }
  add_event(change, now, "response", action.state.plan->id, action.state.facts.id, response.party, line.text(),
            words_of(response, effect));
  is_there_again(change, response.party, now);
  raise_high_water(change, now);
  change.commit();
}

/// Whoever answers is not away, whatever an automatic answer said.
void SqliteStore::is_there_again(Transaction& change, std::string_view party, Instant now) {
  if (change.run("DELETE FROM absence WHERE party = ?", party) == 0) return;
  change.run(
      "UPDATE recipient SET next_compose = ?2 WHERE party = ?1 AND EXISTS (SELECT 1 FROM notification WHERE state ="
      " 'pending' AND recipient = ?1)",
      party, now);
}

void SqliteStore::record_effect(Transaction& change, const LoadedAction& action, const chase::Response& response,
                                const chase::ResponseEffect& effect, const chase::World& world, Instant now) {
  for (const auto& cut : effect.cut) {
    change.run("UPDATE pause SET last_day = ?, cut = ? WHERE id = ?", cut.last, now,
               action.pause_rows.at(cut.index).at(cut.pause));
  }
  for (const auto& added : effect.pauses) insert_pause(change, action.case_rows.at(added.index), action, added.pause);
  for (const auto& end : effect.ended) end_case(change, action.case_rows.at(end.index), action.row, end, now);
  const std::optional<Instant> updated = effect.is_update ? std::optional(now) : std::nullopt;
  const std::optional<Instant> reviewed = effect.is_review ? std::optional(now) : std::nullopt;
  const std::optional<Instant> reopened = effect.reopened ? std::optional(now) : std::nullopt;
  const std::optional<std::string> note = effect.note.empty() ? std::nullopt : std::optional(effect.note);
  std::vector<chase::Lineage> lineage = action.state.facts.lineage;
  lineage.insert(lineage.end(), effect.lineage.begin(), effect.lineage.end());
  change.run(
      "UPDATE action SET status = coalesce(?2, status), updated = coalesce(?3, updated),"
      " reviewed = coalesce(?4, reviewed), last_note = coalesce(?5, last_note), percent = coalesce(?6, percent),"
      " extended_day = coalesce(?7, extended_day), slips = slips + ?8, reopened = coalesce(?9, reopened), lineage = ?10"
      " WHERE id = ?1",
      action.row, effect.status, updated, reviewed, note, effect.percent, effect.due, effect.due.has_value(), reopened,
      lineage_column(lineage));
  for (const auto& each : effect.delegated) {
    change.run("UPDATE assignment SET delegate = ?, delegated = ? WHERE id = ?", party_id(world, each.delegate), now,
               action.assignment_rows.at(each.assignment));
  }
  for (const auto lead : effect.done) {
    change.run("UPDATE assignment SET done = ? WHERE id = ?", now, action.assignment_rows.at(lead));
  }
  if (effect.reopened) change.run("UPDATE assignment SET done = NULL WHERE action = ?", action.row);
  record_requests(change, action, response, effect, world, now);
  record_blocking(change, action, effect, now);
  record_reported(change, action, response, effect, now);
  if (effect.due) {
    record_re_dating(change, action.row, action.state.facts.timescale.due, effect.due, "extension", response.party,
                     now);
  }
  look_now(change, action.row, now);
  if (effect.status || effect.due) wake_connected(change, action.row, now);
}

void SqliteStore::record_requests(Transaction& change, const LoadedAction& action, const chase::Response& response,
                                  const chase::ResponseEffect& effect, const chase::World& world, Instant now) {
  for (const auto& decided : effect.decided) {
    change.run("UPDATE request SET state = ?, decided = ?, decided_by = ? WHERE action = ? AND number = ?",
               chase::name_of(decided.end), now, response.party, action.row, decided.number);
  }
  if (!effect.asked) return;
  const chase::Request& asked = *effect.asked;
  Rows assignments;
  for (const auto index : asked.assignments) assignments.push_back(action.assignment_rows.at(index));
  change.run(
      "INSERT INTO request (action, number, kind, assignments, asker, decider, asked, due, status, others, note, "
      "evidence)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      action.row, asked.number, chase::name_of(asked.kind), to_column(assignments), party_id(world, asked.by),
      party_id(world, asked.decider), asked.asked, asked.due, asked.status, to_column(asked.others), asked.note,
      asked.evidence);
  change.run("UPDATE action SET last_request = ? WHERE id = ?", asked.number, action.row);
}

/// The blocker is due for a look too: its leads are told, or not any more.
void SqliteStore::record_blocking(Transaction& change, const LoadedAction& action, const chase::ResponseEffect& effect,
                                  Instant now) {
  if (effect.unblocked) {
    Rows blockers;
    {
      Query query = change.query("SELECT blocker FROM blocking WHERE blocked = ?", action.row);
      while (query.next()) blockers.push_back(query.integer(0));
    }
    change.run("DELETE FROM blocking WHERE blocked = ?", action.row);
    for (const std::int64_t blocker : blockers) look_now(change, blocker, now);
  }
  if (!effect.blocked_by) return;
  std::optional<std::int64_t> blocker;
  {
    Query query = change.query(
        "SELECT b.id FROM action b JOIN action a ON a.plan = b.plan WHERE a.id = ? AND b.name = ? AND b.dropped = 0",
        action.row, effect.blocked_by->action);
    if (query.next()) blocker = query.integer(0);
  }
  if (!blocker) return;
  change.run(
      "INSERT INTO blocking (blocked, blocker, since, until) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
      " since = excluded.since, until = excluded.until",
      action.row, *blocker, effect.blocked_by->since, effect.blocked_by->until);
  look_now(change, *blocker, now);
}

chase::Surroundings SqliteStore::surroundings(std::string_view plan) {
  chase::Surroundings around;
  Transaction reading{database_, Kind::read};
  {
    Query query = reading.query(
        "SELECT a.name FROM action a JOIN plan p ON p.id = a.plan WHERE p.slug = ? AND a.dropped = 0", plan);
    while (query.next()) around.actions.push_back(query.text(0));
  }
  std::sort(around.actions.begin(), around.actions.end());
  Query query = reading.query(
      "SELECT a.name, b.name FROM blocking w JOIN action a ON a.id = w.blocked JOIN action b ON b.id = w.blocker"
      " JOIN plan p ON p.id = a.plan WHERE p.slug = ? ORDER BY a.id, b.id",
      plan);
  while (query.next()) around.waits.emplace_back(query.text(0), query.text(1));
  return around;
}

std::vector<ResponseRecord> SqliteStore::responses(std::string_view plan, std::string_view action, std::size_t limit) {
  std::vector<ResponseRecord> records;
  Transaction reading{database_, Kind::read};
  Query query = reading.query(
      "SELECT p.slug, a.name, r.at, r.kind, r.party, r.until, r.note, r.status, r.author, r.means, r.accepted, "
      "r.answer,"
      " r.percent, r.due, r.to_party, r.others, r.evidence FROM response r JOIN action a ON a.id = r.action"
      " JOIN plan p ON p.id = a.plan WHERE (?1 = '' OR p.slug = ?1) AND (?2 = '' OR a.name = ?2)"
      " ORDER BY r.id DESC LIMIT ?3",
      plan, action, limit);
  while (query.next()) {
    ResponseRecord record{query.text(0), query.text(1), query.instant(2), {}, query.truth(10), query.text(11)};
    chase::Response& response = record.response;
    response.kind = chase::response_kind(query.view(3)).value_or(chase::ResponseKind::update);
    response.party = query.text(4);
    response.until = query.maybe_day(5);
    response.note = query.text(6);
    if (!query.is_null(7)) response.status = query.text(7);
    response.author = query.text(8);
    response.means = query.text(9);
    if (!query.is_null(12)) response.percent = query.small(12);
    response.due = query.maybe_day(13);
    response.to = query.text(14);
    response.others = texts_of(query.view(15));
    response.evidence = query.text(16);
    records.push_back(std::move(record));
  }
  return records;
}

std::vector<RequestRecord> SqliteStore::requests(std::string_view plan, std::string_view action, bool open_only,
                                                 std::size_t limit) {
  Transaction reading{database_, Kind::read};
  return requests_in(reading, plan, action, open_only, limit);
}

std::optional<RequestRecord> SqliteStore::request_of(Transaction& reading, const TellingItem& item) {
  std::optional<RequestRecord> last;
  for (RequestRecord& record : requests_in(reading, item.plan, item.action, false, requests_most)) {
    if (item.anchor == "asked:" + std::to_string(record.number)) return std::move(record);
    last = std::move(record);
  }
  // Said once more, because what was asked last was refused: it carries the words of whoever refused, not of who asked.
  const bool refused = item.occurrence.refired && last && last->state == chase::name_of(chase::RequestEnd::refused);
  if (!refused || !last->decided || item.opening - *last->decided > absl::Hours(24 * 7)) return std::nullopt;
  Query query = reading.query(
      "SELECT r.note FROM response r JOIN action a ON a.id = r.action JOIN plan p ON p.id = a.plan"
      " WHERE p.slug = ? AND a.name = ? AND r.kind = 'refuse' AND r.accepted = 1 AND r.at = ?",
      item.plan, item.action, *last->decided);
  last->note = query.next() ? query.text(0) : "";
  return last;
}

std::vector<RequestRecord> SqliteStore::requests_in(Transaction& reading, std::string_view plan,
                                                    std::string_view action, bool open_only, std::size_t limit) {
  std::vector<RequestRecord> records;
  std::vector<Rows> assignments;
  {
    static const std::string columns =
        "SELECT p.slug, a.name, a.title, r.number, r.kind, r.assignments, r.asker, r.decider, r.asked, r.due, r.others,"
        " r.note, r.evidence, r.state, r.decided, r.decided_by FROM ";
    // Of one action: by its place, so that the requests of all others are not read.
    static const std::string of_one = columns +
                                      "plan p JOIN action a ON a.plan = p.id AND a.name = ?2 CROSS JOIN request r ON"
                                      " r.action = a.id WHERE p.slug = ?1 AND (?3 = 0 OR r.state = 'open')"
                                      " ORDER BY r.number LIMIT ?4";
    static const std::string of_many = columns +
                                       "request r JOIN action a ON a.id = r.action JOIN plan p ON p.id = a.plan"
                                       " WHERE (?1 = '' OR p.slug = ?1) AND (?2 = '' OR a.name = ?2) AND (?3 = 0 OR"
                                       " r.state = 'open') ORDER BY p.slug, a.position, r.number LIMIT ?4";
    const bool is_of_one = !plan.empty() && !action.empty();
    Query query = reading.query(is_of_one ? of_one : of_many, plan, action, open_only, limit);
    while (query.next()) {
      RequestRecord record;
      record.plan = query.text(0);
      record.action = query.text(1);
      record.title = query.text(2);
      record.number = query.small(3);
      record.kind = chase::response_kind(query.view(4)).value_or(chase::ResponseKind::extension);
      assignments.push_back(rows_of(query.view(5)));
      record.asker = query.text(6);
      record.decider = query.text(7);
      record.asked = query.instant(8);
      record.due = query.maybe_day(9);
      record.others = texts_of(query.view(10));
      record.note = query.text(11);
      record.evidence = query.text(12);
      record.state = query.text(13);
      record.decided = query.maybe_instant(14);
      record.decided_by = query.text(15);
      records.push_back(std::move(record));
    }
  }
  for (std::size_t i = 0; i < records.size(); ++i) {
    for (const std::int64_t row : assignments[i]) {
      Query query = reading.query("SELECT party FROM assignment WHERE id = ?", row);
      if (query.next()) records[i].parties.push_back(query.text(0));
    }
  }
  return records;
}

}  // namespace chaser::store
