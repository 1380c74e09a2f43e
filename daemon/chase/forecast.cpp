#include "chase/forecast.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "chase/forecast_json.h"

namespace chaser::chase {
namespace {

/// What makes two notifications one message: the instant, the channel, and the step that carries it or the digest.
using MessageOf = std::tuple<Instant, std::string, std::string>;

MessageOf message_of(const Telling& told) {
  if (told.kind != MessageKind::direct) return {told.at, told.channel, std::string(name_of(told.kind))};
  return {told.at, told.channel, told.carrier.empty() ? told.rule + "/" + told.step : told.carrier};
}

}  // namespace

nlohmann::ordered_json json_of(const Telling& told, const World& world) {
  nlohmann::ordered_json entry;
  entry["at"] = calendar::rfc3339(told.at, world.person(told.recipient).zone);
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
  return entry;
}

std::string forecast_json(std::span<const Telling> tellings, const World& world, Instant from) {
  nlohmann::ordered_json entries = nlohmann::ordered_json::array();
  for (const Telling& told : tellings) {
    if (told.at >= from) entries.push_back(json_of(told, world));
  }
  return entries.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

ForecastSums forecast_sums(std::span<const Telling> tellings, const World& world, Instant from) {
  std::map<std::pair<CivilDay, PartyIndex>, std::set<MessageOf>> weeks;
  std::set<PartyIndex> people;
  for (const Telling& told : tellings) {
    if (told.at < from || told.channel == "report") continue;
    const CivilDay day = calendar::day_of(told.at, world.person(told.recipient).zone);
    weeks[{day - calendar::weekday_index(day), told.recipient}].insert(message_of(told));
    people.insert(told.recipient);
  }
  ForecastSums sums;
  sums.people = people.size();
  for (const auto& [week, messages] : weeks) {
    sums.weeks.push_back({week.first, week.second, messages.size()});
    sums.messages += messages.size();
  }
  return sums;
}

std::vector<PersonWeek> weeks_over_budget(const ForecastSums& sums, const World& world) {
  std::vector<PersonWeek> over;
  const auto budget = world.rulebook().budget().messages_per_week;
  if (!budget) return over;
  std::copy_if(sums.weeks.begin(), sums.weeks.end(), std::back_inserter(over),
               [&](const PersonWeek& week) { return week.messages > static_cast<std::size_t>(*budget); });
  std::stable_sort(over.begin(), over.end(),
                   [](const PersonWeek& a, const PersonWeek& b) { return a.messages > b.messages; });
  return over;
}

}  // namespace chaser::chase
