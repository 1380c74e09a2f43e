#include "chase/forecast.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

namespace chaser::chase {
namespace {

const Zone& zone_of(const Telling& told, const World& world) { return world.person(told.recipient).zone; }

std::string name_of_recipient(const Telling& told, const World& world) {
  const Person& person = world.person(told.recipient);
  return person.is_report ? "report " + person.name : person.name;
}

CivilDay monday_of(CivilDay day) { return day - calendar::weekday_index(day); }

/// One printed line: what one person is told by one step on one day, on which channels, about which actions.
struct Line {
  Instant at;
  const Telling* first;
  std::set<std::string> channels;
  std::vector<std::pair<std::int32_t, std::string>> actions;
};

std::vector<Line> lines_of(std::span<const Telling> tellings, Instant from) {
  using Group = std::tuple<Instant, PartyIndex, std::string, std::string, std::string>;
  std::map<Group, Line> groups;
  for (const Telling& told : tellings) {
    if (told.at < from) continue;
    const std::string how = told.carrier.empty() ? std::string(rulebook::name_of(told.deliver)) : told.carrier;
    auto [found, is_new] = groups.try_emplace(Group(told.at, told.recipient, told.rule, told.step, how));
    Line& line = found->second;
    if (is_new) {
      line.at = told.at;
      line.first = &told;
    }
    line.channels.insert(told.channel);
    const std::pair action(told.position, told.action);
    if (std::find(line.actions.begin(), line.actions.end(), action) == line.actions.end()) line.actions.push_back(action);
  }
  std::vector<Line> lines;
  for (auto& [group, line] : groups) {
    std::sort(line.actions.begin(), line.actions.end());
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string actions_of(const Line& line) {
  std::string text;
  for (const auto& [position, action] : line.actions) text += (text.empty() ? "" : ", ") + action;
  return text;
}

std::string how_of(const Line& line) {
  std::string text = fmt::format("{}", fmt::join(line.channels, ", "));
  if (line.first->carrier == "catch-up") return text + ", in one catch-up message";
  if (!line.first->carrier.empty()) return text + ", with " + line.first->carrier;
  if (line.first->deliver == rulebook::Deliver::digest) return text + ", in the digest";
  return text;
}

std::string print(const Line& line, const World& world) {
  const std::string when = absl::FormatTime("%a %e %b %Y  %H:%M", line.at, zone_of(*line.first, world));
  const std::string step = line.first->rule + "/" + line.first->step;
  std::string about;
  if (!line.first->about.empty()) about = fmt::format(", about {}", fmt::join(line.first->about, " and "));
  return fmt::format("{}  {:<28} {:<24} {:<24} {}; {}{}\n", when, name_of_recipient(*line.first, world), actions_of(line),
                     step, how_of(line), line.first->reason, about);
}

/// How many messages a line's group makes is a matter of composing: a message is what one person gets at one instant on one
/// channel for one carrier.
struct Sums {
  std::set<std::tuple<Instant, PartyIndex, std::string, std::string>> messages;
  std::set<PartyIndex> people;
  std::map<std::pair<CivilDay, PartyIndex>, std::set<std::tuple<Instant, std::string, std::string>>> weeks;
};

std::string print_sums(std::span<const Telling> tellings, const World& world, Instant from) {
  Sums sums;
  for (const Telling& told : tellings) {
    if (told.at < from || told.channel == "report") continue;
    const std::string message = told.kind == MessageKind::direct
                                    ? (told.carrier.empty() ? told.rule + "/" + told.step : told.carrier)
                                    : std::string(name_of(told.kind));
    sums.messages.emplace(told.at, told.recipient, told.channel, message);
    sums.people.insert(told.recipient);
    const CivilDay monday = monday_of(calendar::day_of(told.at, zone_of(told, world)));
    sums.weeks[{monday, told.recipient}].emplace(told.at, told.channel, message);
  }
  if (sums.messages.empty()) return "Nothing goes out in this time.\n";
  const auto busiest = std::max_element(sums.weeks.begin(), sums.weeks.end(), [](const auto& a, const auto& b) {
    return a.second.size() < b.second.size();
  });
  return fmt::format("\n{} message{} to {} {}. Busiest week: {}, {}, {} message{}.\n", sums.messages.size(),
                     sums.messages.size() == 1 ? "" : "s", sums.people.size(), sums.people.size() == 1 ? "person" : "people",
                     calendar::short_day(busiest->first.first), world.person(busiest->first.second).name,
                     busiest->second.size(), busiest->second.size() == 1 ? "" : "s");
}

}  // namespace

std::string forecast_json(std::span<const Telling> tellings, const World& world, Instant from) {
  nlohmann::ordered_json entries = nlohmann::ordered_json::array();
  for (const Telling& told : tellings) {
    if (told.at < from) continue;
    nlohmann::ordered_json entry;
    entry["at"] = calendar::rfc3339(told.at, zone_of(told, world));
    entry["plan"] = told.plan;
    entry["action"] = told.action;
    entry["rule"] = told.rule;
    entry["step"] = told.step;
    entry["occurrence"] = to_string(told.occurrence);
    entry["to"] = told.to;
    const bool is_report = told.channel == "report";
    entry["address"] = is_report ? nlohmann::ordered_json() : nlohmann::ordered_json(told.address);
    entry["via"] = told.channel;
    entry["deliver"] = is_report ? std::string("report") : std::string(rulebook::name_of(told.deliver));
    entry["reason"] = told.reason;
    entries.push_back(std::move(entry));
  }
  return entries.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string forecast_table(std::span<const Telling> tellings, const World& world, Instant from, bool by_person) {
  std::vector<Line> lines = lines_of(tellings, from);
  std::string text;
  if (!by_person) {
    for (const Line& line : lines) text += print(line, world);
    return text + print_sums(tellings, world, from);
  }
  std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) { return a.first->to < b.first->to; });
  PartyIndex person = no_party;
  CivilDay week = CivilDay(1, 1, 1);  // none yet
  for (const Line& line : lines) {
    if (line.first->recipient != person) {
      person = line.first->recipient;
      week = CivilDay(1, 1, 1);
      text += fmt::format("{}{}\n", text.empty() ? "" : "\n", name_of_recipient(*line.first, world));
    }
    const CivilDay monday = monday_of(calendar::day_of(line.at, zone_of(*line.first, world)));
    if (week != monday) text += fmt::format("  week of {}\n", calendar::short_day(monday));
    week = monday;
    text += "    " + print(line, world);
  }
  return text + print_sums(tellings, world, from);
}

std::vector<Telling> next_tellings(const ActionState& state, const World& world, Instant now, std::size_t most,
                                   absl::Duration horizon) {
  Rehearsal rehearsal(world, now);
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
    if (told.rule == "exhausted" || told.channel == "report") continue;
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
