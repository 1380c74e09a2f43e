#include "store/database.h"
#include "store/tallies.h"

namespace chaser::store {

namespace {

using Kind = Transaction::Kind;

std::size_t count(const Query& query, int column) {
  return static_cast<std::size_t>(query.integer(column));
}

// The index on a notification's action finds those of a case.
constexpr std::string_view cases_by_step =
    "SELECT rule, step, count(*) FROM (SELECT c.rule AS rule, coalesce((SELECT n.step FROM notification n"
    " WHERE n.action = c.action AND n.chase_case = c.id AND n.state NOT IN ('superseded', 'lapsed', 'withdrawn')"
    " ORDER BY n.id DESC LIMIT 1), '') AS step FROM chase_case c WHERE c.status = 'open')"
    " GROUP BY rule, step ORDER BY rule, step";

}  // namespace

Tallies tallies_of(const std::string& directory) {
  Tallies tallies;
  Database database(directory + "/chaser.db", Database::Mode::read_only);
  Transaction reading{database, Kind::read};
  {
    Query query = reading.query(cases_by_step);
    while (query.next()) tallies.cases.push_back({query.text(0), query.text(1), count(query, 2)});
  }
  {
    Query query = reading.query("SELECT reason, count(*) FROM hold GROUP BY reason ORDER BY reason");
    while (query.next()) tallies.holds.emplace_back(query.text(0), count(query, 1));
  }
  {
    // The list of states is that of the index message_unsettled.
    Query query = reading.query(
        "SELECT channel, state, count(*) FROM message WHERE state IN ('queued', 'claimed', 'body_started', 'unknown',"
        " 'needs_attention') GROUP BY channel, state ORDER BY channel, state");
    while (query.next()) tallies.messages.push_back({query.text(0), query.text(1), count(query, 2)});
  }
  {
    Query query = reading.query("SELECT slug FROM plan ORDER BY slug");
    while (query.next()) tallies.plans.push_back(query.text(0));
  }
  return tallies;
}

}  // namespace chaser::store
