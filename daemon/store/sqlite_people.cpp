#include "store/encoding.h"
#include "store/sqlite_class.h"

namespace chaser::store {

namespace {

using Kind = Transaction::Kind;

/// The note and the answer are words: they may name people and lie beside the log.
JsonObject line_of(const chase::Response& response, const chase::ResponseEffect& effect) {
  JsonObject line;
  line.add("response", chase::name_of(response.kind)).add("party", response.party).add("means", response.means);
  if (response.until) line.add("until", calendar::iso_day(*response.until));
  if (effect.status) line.add("status", *effect.status);
  line.add("accepted", effect.accepted ? std::int64_t{1} : std::int64_t{0});
  return line;
}

std::string words_of(const chase::Response& response, const chase::ResponseEffect& effect) {
  if (response.note.empty() || effect.answer.empty()) return response.note + effect.answer;
  return response.note + "\n" + effect.answer;
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
                                  const chase::ResponseEffect& effect, const chase::World&, Instant now) {
  Transaction change{database_};
  {
    Query query = change.query("SELECT 1 FROM look WHERE action = ? AND version = ?", action.row, action.row_version);
    if (!query.next()) {
      throw StoreError(StoreFault::conflict, "action " + action.state.facts.id + " changed while it was answered");
    }
  }
  change.run(
      "INSERT INTO response (action, at, kind, party, until, note, status, author, means, accepted, answer)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      action.row, now, chase::name_of(response.kind), response.party, response.until, response.note, response.status,
      response.author, response.means, effect.accepted, effect.answer);
  JsonObject line = line_of(response, effect);
  if (effect.accepted) {
    for (const auto& added : effect.pauses) insert_pause(change, action.case_rows.at(added.index), action, added.pause);
    for (const auto& end : effect.ended) end_case(change, action.case_rows.at(end.index), action.row, end, now);
    const std::optional<Instant> updated = effect.is_update ? std::optional(now) : std::nullopt;
    const std::optional<Instant> reviewed = effect.is_review ? std::optional(now) : std::nullopt;
    const std::optional<std::string> note = effect.note.empty() ? std::nullopt : std::optional(effect.note);
    change.run(
        "UPDATE action SET status = coalesce(?2, status), updated = coalesce(?3, updated),"
        " reviewed = coalesce(?4, reviewed), last_note = coalesce(?5, last_note) WHERE id = ?1",
        action.row, effect.status, updated, reviewed, note);
    look_now(change, action.row, now);
    line.add_raw("ended", ended_cases(action, effect)).add_raw("now", facts_of(change, action.row));
  }
  add_event(change, now, "response", action.state.plan->id, action.state.facts.id, response.party, line.text(),
            words_of(response, effect));
  raise_high_water(change, now);
  change.commit();
}

void SqliteStore::stop(const Stop& stop, std::string_view actor, Instant now) {
  Transaction change{database_};
  const int added =
      change.run("INSERT INTO stop (plan, rule, party, at, actor) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                 stop.plan, stop.rule, stop.party, now, actor);
  if (added > 0) {
    add_event(change, now, "stop", stop.plan, "", actor,
              JsonObject().add("rule", stop.rule).add("party", stop.party).text());
  }
  change.commit();
}

std::vector<Stop> SqliteStore::stops() {
  std::vector<Stop> stops;
  Transaction reading{database_, Kind::read};
  Query query = reading.query("SELECT plan, rule, party FROM stop ORDER BY plan, rule, party");
  while (query.next()) stops.push_back({query.text(0), query.text(1), query.text(2)});
  return stops;
}

bool SqliteStore::release(std::string_view what, const Stop& stop, std::string_view actor, Instant now) {
  Transaction change{database_};
  int released = 0;
  if (what == "stop") {
    const bool is_all = stop == Stop{};
    released = is_all ? change.run("DELETE FROM stop")
                      : change.run("DELETE FROM stop WHERE plan = ? AND rule = ? AND party = ?", stop.plan, stop.rule,
                                   stop.party);
  } else if (what == "limit") {
    // What waits now is let go; the next date that is over the limit is held again.
    released = change.run(
        "INSERT INTO released (what, name, day, at) SELECT DISTINCT 'limit', rule, nominal, ?1 FROM notification"
        " WHERE state = 'pending' AND deliver = 'direct' AND (?2 = '' OR rule = ?2) ON CONFLICT DO NOTHING",
        now, stop.rule);
  } else if (what == "freeze" || what == "clock") {
    released = change.run("INSERT INTO released (what, name, day, at) VALUES (?, ?, 0, ?) ON CONFLICT DO NOTHING", what,
                          stop.rule, now);
  }
  if (released == 0) return false;
  wake_recipients(change, now);
  add_event(change, now, "release", stop.plan, "", actor,
            JsonObject().add("what", what).add("rule", stop.rule).add("party", stop.party).text());
  change.commit();
  return true;
}

bool SqliteStore::is_released(std::string_view what, std::string_view name) {
  Transaction reading{database_, Kind::read};
  Query query = reading.query("SELECT 1 FROM released WHERE what = ? AND name IN (?, '') LIMIT 1", what, name);
  return query.next();
}

void SqliteStore::forget_release(std::string_view what, std::string_view name, Instant now) {
  Transaction change{database_};
  if (change.run("DELETE FROM released WHERE what = ? AND name = ?", what, name) > 0) {
    add_event(change, now, "release_over", "", "", "chaser", JsonObject().add("what", what).add("name", name).text());
  }
  change.commit();
}

}  // namespace chaser::store
