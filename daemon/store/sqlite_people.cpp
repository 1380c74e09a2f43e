#include "store/encoding.h"
#include "store/sqlite_class.h"

namespace chaser::store {

namespace {

using Kind = Transaction::Kind;

}  // namespace

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
  } else if (what == "address") {
    released = change.run("DELETE FROM dead_address WHERE ?1 = '' OR recipient = ?1", stop.party);
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
