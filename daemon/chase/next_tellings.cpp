#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "chase/forecast.h"

namespace chaser::chase {

std::vector<Telling> next_tellings(const ActionState& state, const World& world, Instant now, std::size_t most,
                                   absl::Duration horizon, const Brakes& brakes) {
  Rehearsal rehearsal(world, now);
  rehearsal.set_brakes(brakes);
  rehearsal.add(state);
  const Instant end = now + horizon;
  while (true) {
    std::set<Instant> instants;
    for (const Telling& told : rehearsal.tellings()) instants.insert(told.at);
    const auto next = rehearsal.next_event();
    if (!next || *next > end || instants.size() > most) break;
    rehearsal.run_until(std::max(*next, rehearsal.now()));
  }
  std::vector<Telling> tellings;
  std::set<Instant> kept;
  for (const Telling& told : rehearsal.tellings()) {
    kept.insert(told.at);
    if (kept.size() > most) break;
    tellings.push_back(told);
  }
  return tellings;
}

std::string consequences(std::span<const Telling> next, PartyIndex me, const World& world) {
  constexpr std::size_t names_max = 3;
  const auto day_month = [&](const Telling& told) {
    const std::string text = absl::FormatTime("%e %B", told.at, world.person(me).zone);
    return text.starts_with(' ') ? text.substr(1) : text;
  };
  std::string again;
  std::vector<std::string> others;
  const Telling* first_other = nullptr;
  for (const Telling& told : next) {
    if (rulebook::is_built_in(told.rule) || told.channel == "report") continue;
    if (told.recipient == me) {
      if (again.empty()) again = "we write again on " + day_month(told);
      continue;
    }
    // Who stands above the reader; other leads are asked for themselves.
    const bool above = std::find(told.about.begin(), told.about.end(), world.person(me).id) != told.about.end() ||
                       told.recipient == world.find_plan(told.plan)->coordinator ||
                       told.recipient == world.find_plan(told.plan)->sponsor;
    if (!above || (first_other != nullptr && told.at != first_other->at)) continue;
    if (first_other == nullptr) first_other = &told;
    const std::string& name = world.person(told.recipient).name;
    if (std::find(others.begin(), others.end(), name) == others.end()) others.push_back(name);
  }
  std::string to;
  for (std::size_t i = 0; i < others.size() && i < names_max; ++i) to += (i == 0 ? "to " : " and ") + others[i];
  if (others.size() > names_max) to += fmt::format(" and {} more", others.size() - names_max);
  if (first_other != nullptr) to += " on " + day_month(*first_other);
  if (again.empty()) return to.empty() ? "" : "we write " + to;
  return to.empty() ? again : again + ", and " + to;
}

}  // namespace chaser::chase
