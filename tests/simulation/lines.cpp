#include "simulation/lines.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "store/database.h"
#include "store/encoding.h"

namespace chaser::simulation {

namespace {

std::string occurrence(std::int64_t ordinal, bool refired) {
  return (refired ? "r" : "") + std::to_string(ordinal);
}

class Lines {
 public:
  Lines(const std::string& state, const County& county)
      : county_(county), database_(state + "/chaser.db", store::Database::Mode::read_only) {}

  void add_message(const Arrival& arrival) {
    store::Transaction reading(database_, store::Transaction::Kind::read);
    store::Query query = reading.query(
        "SELECT n.rule, n.step, n.ordinal, n.refired, n.recipient, n.deliver, n.about, n.first_meeting, a.name, "
        "a.position,"
        " n.id, i.carried_by, c.rule, c.step, m.kind FROM message_item i JOIN notification n ON n.id = i.notification"
        " JOIN notification c ON c.id = i.carried_by JOIN action a ON a.id = n.action JOIN message m ON m.id = "
        "i.message"
        " WHERE i.message = ? AND i.withdrawn = 0 ORDER BY i.position",
        arrival.message);
    while (query.next()) {
      const std::string deliver = query.truth(7) ? "digest" : query.text(5);
      std::string line =
          head(arrival.at, query.text(4), query.text(0), query.text(1), occurrence(query.integer(2), query.truth(3)));
      line += fmt::format("  {} {} {}", query.text(4), arrival.channel, deliver);
      auto about = store::texts_of(query.view(6));
      std::sort(about.begin(), about.end());
      if (!about.empty()) line += fmt::format(" about {}", fmt::join(about, " "));
      if (query.view(14) == "catch-up") {
        line += " in catch-up";
      } else if (query.integer(10) != query.integer(11)) {
        line += " in " + query.text(12) + "/" + query.text(13);
      }
      actions_[line].emplace(query.integer(9), query.text(8));
    }
  }

  void add_reports(Instant until) {
    store::Transaction reading(database_, store::Transaction::Kind::read);
    store::Query query = reading.query(
        "SELECT n.rule, n.step, n.ordinal, n.refired, n.recipient, n.decided, a.name, a.position FROM notification n"
        " JOIN action a ON a.id = n.action WHERE n.state = 'recorded' AND n.decided <= ?",
        until);
    while (query.next()) {
      const std::string line = head(query.instant(5), query.text(4), query.text(0), query.text(1),
                                    occurrence(query.integer(2), query.truth(3)));
      actions_[line + "  " + query.text(4) + " report report"].emplace(query.integer(7), query.text(6));
    }
  }

  json all() const {
    json lines = json::array();
    for (const auto& [line, actions] : actions_) {
      std::string text = line + ":";
      for (const auto& [position, action] : actions) text += " " + action;
      lines.push_back(text);
    }
    return lines;
  }

 private:
  std::string head(Instant at, const std::string& recipient, const std::string& rule, const std::string& step,
                   const std::string& times) const {
    return absl::FormatTime("%Y-%m-%dT%H:%M%Ez", at, county_.zone_of(recipient)) +
           fmt::format("  {}/{} {}", rule, step, times);
  }

  const County& county_;
  store::Database database_;
  std::map<std::string, std::set<std::pair<std::int64_t, std::string>>> actions_;
};

}  // namespace

json lines_of(const std::string& state, const County& county, const PostOffice& office, Instant until) {
  Lines lines(state, county);
  std::set<std::string> seen;
  for (const Arrival& arrival : office.arrivals()) {
    if (arrival.at <= until && seen.insert(arrival.key).second) lines.add_message(arrival);
  }
  lines.add_reports(until);
  return lines.all();
}

}  // namespace chaser::simulation
