#include "simulation/arrivals.h"

#include <fmt/format.h>

#include <algorithm>

namespace chaser::simulation {

namespace {

constexpr int letters_wait_most = 60;  // days

bool is_within(const Hours& hours, Instant at, const calendar::WorkingCalendar& calendar) {
  calendar::Zone zone;
  if (!absl::LoadTimeZone(hours.zone, &zone)) return false;
  const absl::CivilHour hour = absl::ToCivilHour(at, zone);
  const CivilDay day(hour);
  const int weekday = calendar::weekday_index(day);
  return weekday >= hours.first_day && weekday <= hours.last_day && hour.hour() >= hours.open &&
         hour.hour() < hours.close && calendar.is_working_day(day);
}

}  // namespace

void Watch::complain(const Arrival& arrival, const std::string& what) {
  violations_.push_back(fmt::format("message {} to {} at {}: {}", arrival.message, arrival.destination,
                                    calendar::rfc3339(arrival.at, absl::UTCTimeZone()), what));
}

std::vector<Watch::Item> Watch::items_of(store::MessageRow message) {
  if (!database_) {
    database_ = std::make_unique<store::Database>(state_ + "/chaser.db", store::Database::Mode::read_only);
  }
  std::vector<Item> items;
  store::Transaction reading(*database_, store::Transaction::Kind::read);
  store::Query query = reading.query(
      "SELECT p.slug, n.rule, n.recipient, a.name, a.status, a.dropped, m.tries, m.created,"
      " CASE WHEN c.rule = n.rule THEN c.closed_at END FROM message m JOIN message_item i ON i.message = m.id"
      " JOIN notification n ON n.id = i.notification JOIN chase_case c ON c.id = n.chase_case"
      " JOIN action a ON a.id = n.action JOIN plan p ON p.id = a.plan WHERE m.id = ? AND i.withdrawn = 0",
      message);
  while (query.next()) {
    items.push_back({query.text(0), query.text(1), query.text(2), query.text(3), query.text(4), query.truth(5),
                     query.small(6), query.instant(7), query.maybe_instant(8)});
  }
  return items;
}

/// Whether one is the deputy of another who is away, or was within the days that a letter may take; so along a line of
/// deputies.
bool Watch::stands_in(const std::string& id, const std::string& meant) const {
  std::string next = meant;
  for (std::size_t i = 0; i < county_.people.size(); ++i) {
    const Person& person = county_.person(next);
    const bool is_away =
        std::any_of(person.absences.begin(), person.absences.end(), [&](const std::pair<CivilDay, CivilDay>& absence) {
          const CivilDay today(absl::ToCivilHour(turn_, absl::UTCTimeZone()));
          return absence.first <= today + 1 && today - letters_wait_most <= absence.second;
        });
    if (!is_away || person.deputy.empty()) return false;
    if (person.deputy == id) return true;
    next = person.deputy;
  }
  return false;
}

void Watch::arrived(const Arrival& arrival, Life& life) {
  const std::vector<Item> items = items_of(arrival.message);
  if (items.empty()) return complain(arrival, "an attempt without a notification");
  const std::string id = arrival.destination.substr(0, arrival.destination.find('@'));
  for (const Item& item : items) {
    if (item.recipient != id && !stands_in(id, item.recipient)) {
      complain(arrival, "it tells what is for " + item.recipient);
    }
    if (item.attempts == 1 && item.ended && *item.ended < item.created) {
      complain(arrival, "written when its case had ended: " + item.action + " " + item.rule);
    }
    // What was composed a moment ago is true; what has waited is looked at again before it first goes.
    const bool has_waited = item.attempts == 1 && item.created + absl::Minutes(2) < turn_ && item.rule != "exhausted" &&
                            item.rule != "closed" && item.rule != "handed_over";
    const bool is_over = item.status == "done" || item.status == "cancelled" || item.status == "superseded";
    if (has_waited && (is_over || item.dropped)) complain(arrival, "it is not true any more: " + item.action);
  }
  const Person& person = county_.person(id);
  const Hours hours = person.has_own_hours ? person.hours : Hours{};
  if (!is_within(hours, turn_, life.engine().world().calendar("county"))) {
    complain(arrival, "outside the window, sent at " + calendar::rfc3339(turn_, absl::UTCTimeZone()));
  }
  const std::string day = calendar::iso_day(calendar::day_of(turn_, county_.zone_of("")));  // the plans' clock
  for (const json& freeze : county_.freezes) {
    if (!freezes_are_released_ && freeze.at("from") <= day && day <= freeze.at("to")) complain(arrival, "in a freeze");
  }
  const bool is_stopped = stops_.contains("") || stops_.contains("party:" + id) ||
                          std::all_of(items.begin(), items.end(), [&](const Item& item) {
                            return stops_.contains("plan:" + item.plan) || stops_.contains("rule:" + item.rule);
                          });
  if (is_stopped) complain(arrival, "although it was stopped");
  if (life.is_clock_held()) complain(arrival, "while the clock was held");
}

void Watch::stopped(const std::string& word, bool is_stopped) {
  if (is_stopped) {
    stops_.insert(word);
  } else if (word.empty()) {
    stops_.clear();
  } else {
    stops_.erase(word);
  }
}

void Watch::release_all() {
  stops_.clear();
  freezes_are_released_ = true;
}

}  // namespace chaser::simulation
