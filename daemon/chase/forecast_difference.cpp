#include "chase/forecast_difference.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "chase/forecast_json.h"

namespace chaser::chase {
namespace {

using Same = std::tuple<std::string, std::string, std::string, std::string, std::string, std::string, std::string>;

Same identity(const Telling& told) {
  return {told.plan, told.action, told.rule, told.step, to_string(told.occurrence), told.to, told.channel};
}

using Tellings = std::vector<const Telling*>;

std::map<Same, Tellings> grouped(std::span<const Telling> tellings, Instant from) {
  std::map<Same, Tellings> groups;
  for (const Telling& told : tellings) {
    if (told.at >= from) groups[identity(told)].push_back(&told);
  }
  for (auto& [same, group] : groups) {
    std::stable_sort(group.begin(), group.end(), [](const Telling* a, const Telling* b) { return a->at < b->at; });
  }
  return groups;
}

/// Takes away from both what goes at the same instant; both are in order of time.
void drop_unchanged(Tellings& before, Tellings& after) {
  Tellings left_before;
  Tellings left_after;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < before.size() || j < after.size()) {
    if (j == after.size() || (i < before.size() && before[i]->at < after[j]->at))
      left_before.push_back(before[i++]);
    else if (i == before.size() || after[j]->at < before[i]->at)
      left_after.push_back(after[j++]);
    else
      ++i, ++j;
  }
  before = std::move(left_before);
  after = std::move(left_after);
}

Instant time_of(const Change& change) {
  return change.after != nullptr ? change.after->at : change.before->at;
}

const Telling& told_of(const Change& change) {
  return change.after != nullptr ? *change.after : *change.before;
}

const World& world_of(const Change& change, const World& before, const World& after) {
  return change.after != nullptr ? after : before;
}

std::string time_words(const Telling& told, const World& world) {
  return absl::FormatTime("%a %e %b %Y  %H:%M", told.at, world.person(told.recipient).zone);
}

/// Changes that read the same but for the action are one line.
struct Row {
  std::string what;
  std::string when;
  std::string to;
  std::string step;
  std::vector<std::string> channels;
  std::vector<std::string> actions;
  std::string reason;
};

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

std::vector<Row> rows_of(std::span<const Change> changes, const World& before, const World& after) {
  std::vector<Row> rows;
  std::map<std::tuple<int, Instant, Instant, std::string, std::string, std::string>, std::size_t> known;
  for (const Change& change : changes) {
    const World& world = world_of(change, before, after);
    const Telling& told = told_of(change);
    std::string step = told.rule + "/" + told.step;
    if (told.occurrence != Occurrence{}) step += " " + to_string(told.occurrence);
    const Instant was = change.before != nullptr ? change.before->at : absl::InfinitePast();
    const auto [found, is_new] =
        known.try_emplace({static_cast<int>(change.kind), told.at, was, told.to, step, told.reason}, rows.size());
    if (is_new) {
      std::string when = time_words(told, world);
      if (change.kind == Change::Kind::moves) when = time_words(*change.before, before) + " -> " + when;
      rows.push_back({std::string(name_of(change.kind)),
                      std::move(when),
                      world.person(told.recipient).name,
                      step,
                      {},
                      {},
                      told.reason});
    }
    Row& row = rows[found->second];
    add_once(row.channels, told.channel);
    add_once(row.actions, told.plan + "/" + told.action);
  }
  return rows;
}

std::string count_words(std::size_t count, std::string_view what) {
  return fmt::format("{} {}", count, what);
}

}  // namespace

std::string_view name_of(Change::Kind kind) {
  constexpr std::array<std::string_view, 3> names{"appears", "vanishes", "moves"};
  return names[static_cast<std::size_t>(kind)];
}

std::vector<Change> difference(std::span<const Telling> before, std::span<const Telling> after, Instant from) {
  std::map<Same, Tellings> old = grouped(before, from);
  std::map<Same, Tellings> now = grouped(after, from);
  std::vector<Change> changes;
  for (auto& [same, group] : old) {
    Tellings& its = now[same];
    drop_unchanged(group, its);
    for (std::size_t i = 0; i < group.size() && i < its.size(); ++i)
      changes.push_back({Change::Kind::moves, group[i], its[i]});
    for (std::size_t i = its.size(); i < group.size(); ++i)
      changes.push_back({Change::Kind::vanishes, group[i], nullptr});
    its.erase(its.begin(), its.begin() + static_cast<std::ptrdiff_t>(std::min(its.size(), group.size())));
  }
  for (const auto& [same, group] : now) {
    for (const Telling* told : group) changes.push_back({Change::Kind::appears, nullptr, told});
  }
  const auto key = [](const Change& change) {
    const Telling& told = told_of(change);
    return std::tie(told.plan, told.position, told.action, told.to, told.rule, told.step, told.channel);
  };
  std::stable_sort(changes.begin(), changes.end(), [&](const Change& a, const Change& b) {
    return time_of(a) != time_of(b) ? time_of(a) < time_of(b) : key(a) < key(b);
  });
  return changes;
}

std::string difference_table(std::span<const Change> changes, const World& before, const World& after) {
  if (changes.empty()) return "Nothing changes.\n";
  std::string text;
  for (const Row& row : rows_of(changes, before, after)) {
    text += fmt::format("{:<9} {}  {}  {}  {}  {}; {}\n", row.what, row.when, row.to, fmt::join(row.actions, ", "),
                        row.step, fmt::join(row.channels, ", "), row.reason);
  }
  std::array<std::size_t, 3> counts{};
  std::set<std::string> people;
  for (const Change& change : changes) {
    ++counts[static_cast<std::size_t>(change.kind)];
    if (told_of(change).channel != "report")
      people.insert(world_of(change, before, after).person(told_of(change).recipient).name);
  }
  std::string of;
  std::size_t shown = 0;
  constexpr std::size_t names_max = 10;
  for (const std::string& name : people) {
    if (shown++ == names_max) break;
    of += (of.empty() ? "" : ", ") + name;
  }
  if (people.size() > names_max) of += fmt::format(" and {} more", people.size() - names_max);
  return text + fmt::format("\n{}, {}, {}{}.\n", count_words(counts[0], "appear"), count_words(counts[1], "vanish"),
                            count_words(counts[2], "move"), of.empty() ? "" : ", for " + of);
}

std::string difference_json(std::span<const Change> changes, const World& before, const World& after) {
  nlohmann::ordered_json entries = nlohmann::ordered_json::array();
  for (const Change& change : changes) {
    nlohmann::ordered_json entry;
    entry["change"] = name_of(change.kind);
    entry["was"] = change.before == nullptr ? nlohmann::ordered_json()
                                            : nlohmann::ordered_json(calendar::rfc3339(
                                                  change.before->at, before.person(change.before->recipient).zone));
    entry.update(json_of(told_of(change), world_of(change, before, after)));
    entries.push_back(std::move(entry));
  }
  return entries.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace chaser::chase
