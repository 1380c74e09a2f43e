#include "app/heartbeat.h"

#include <algorithm>

namespace chaser::app {

namespace {

/// What is kept is no older than this, so that a busy channel costs a write a day.
constexpr absl::Duration kept_every = absl::Hours(24);

std::string name_in_store(const std::string& place) {
  return "heartbeat:" + place;
}

}  // namespace

Instant Heartbeats::known_alive(const std::string& place, Instant now) {
  const auto found = alive_.find(place);
  if (found != alive_.end()) return found->second;
  const auto kept = engine_.store().kept(name_in_store(place));
  Instant at;
  std::string error;
  if (!kept || !absl::ParseTime(absl::RFC3339_full, *kept, &at, &error)) {
    keep(place, now);  // counted from the first time that it is seen
    return now;
  }
  alive_[place] = at;
  return at;
}

void Heartbeats::keep(const std::string& place, Instant alive) {
  alive_[place] = alive;
  engine_.store().keep(name_in_store(place), calendar::rfc3339(alive, absl::UTCTimeZone()));
}

/// Kept before it goes: should the service die meanwhile, or the flow refuse it, another goes the next day.
void Heartbeats::goes(const std::string& place, Instant now) {
  keep(place, now - heartbeat_after + heartbeat_retry);
}

void Heartbeats::waits(const std::string& place, Instant until) {
  waits_[place] = until;
}

void Heartbeats::heard(const std::string& place, Instant now) {
  const auto& teams = engine_.inputs().settings.teams;
  if (teams && teams->workflows.heartbeat && known_alive(place, now) + kept_every <= now) keep(place, now);
}

std::map<std::string, Instant> Heartbeats::times(Instant now) {
  std::map<std::string, Instant> times;
  const auto& teams = engine_.inputs().settings.teams;
  if (!teams || !teams->workflows.heartbeat) return times;
  const chase::World& world = engine_.world();
  for (std::size_t party = 0; party < world.persons().size(); ++party) {
    const auto index = static_cast<chase::PartyIndex>(party);
    const std::string& place = world.person(index).contact.teams;
    const auto flow = teams->workflows.channels.find(place);
    if (flow == teams->workflows.channels.end() || flow->second.json || times.contains(place)) continue;
    Instant due = std::max(now, known_alive(place, now) + heartbeat_after);
    if (const auto wait = waits_.find(place); wait != waits_.end()) due = std::max(due, wait->second);
    const chase::Schedule& schedule = world.schedule(index);
    const rulebook::Freeze* const freeze = world.rulebook().freeze_on(schedule.day_of(due));
    if (freeze != nullptr) due = calendar::first_instant(freeze->to + 1, schedule.zone());
    times[place] = schedule.next_opening(due);
  }
  return times;
}

std::vector<std::string> Heartbeats::due(Instant now) {
  std::vector<std::string> places;
  for (const auto& [place, at] : times(now)) {
    if (at <= now) places.push_back(place);
  }
  return places;
}

std::optional<Instant> Heartbeats::next(Instant now) {
  std::optional<Instant> next;
  for (const auto& [place, at] : times(now)) next = std::min(next.value_or(at), at);
  return next;
}

}  // namespace chaser::app
