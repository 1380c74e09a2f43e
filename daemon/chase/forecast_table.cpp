#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "chase/forecast.h"
#include "documents/characters.h"

namespace chaser::chase {
namespace {

constexpr std::size_t actions_shown_max = 12;  // of a line
constexpr std::size_t people_shown_max = 3;
constexpr std::size_t weeks_shown_max = 10;

const Zone& zone_of(const Telling& told, const World& world) {
  return world.person(told.recipient).zone;
}

std::string name_of_recipient(PartyIndex party, const World& world) {
  const Person& person = world.person(party);
  return person.is_report ? "report " + person.name : person.name;
}

CivilDay monday_of(CivilDay day) {
  return day - calendar::weekday_index(day);
}

CivilDay day_of(const Telling& told, const World& world) {
  return calendar::day_of(told.at, zone_of(told, world));
}

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

/// "deadline/superior", "deadline/overdue, 2nd time", "deadline/due again".
std::string step_words(const Telling& told) {
  const std::string name = told.rule + "/" + told.step;
  if (told.occurrence.refired) return name + " again";
  if (told.occurrence.ordinal == 0) return name;
  return fmt::format("{} ({}.)", name, told.occurrence.ordinal + 1);
}

/// One printed line: what some people are told by one step at one instant for one reason, about which actions.
struct Line {
  Instant at;
  const Telling* first = nullptr;
  std::vector<PartyIndex> people;
  std::set<std::string> channels;
  std::vector<std::tuple<std::int32_t, std::string, std::string>> actions;  // row, plan, id
};

std::string how_words(const Line& line) {
  const Telling& told = *line.first;
  if (told.channel == "report") return "report";
  std::string text = fmt::format("{}", fmt::join(line.channels, ", "));
  if (told.kind == MessageKind::catch_up) return text + ", in one catch-up";
  if (told.kind == MessageKind::digest) return text + ", digest";
  if (!told.carrier.empty()) return text + ", with " + told.carrier;
  return text;
}

/// Each person's lines: the actions of one instant, step and reason together. `apart`: an action a line.
std::vector<Line> lines_of(std::span<const Telling> tellings, const ForecastOptions& options, bool apart) {
  using Group = std::tuple<Instant, PartyIndex, std::string, std::string, std::string, int, std::string>;
  std::map<Group, Line> groups;
  for (const Telling& told : tellings) {
    if (told.at < options.from) continue;
    const std::string carrier = told.kind == MessageKind::direct ? told.carrier : std::string(name_of(told.kind));
    Line& line = groups[Group(told.at, told.recipient, step_words(told), carrier, told.reason,
                              static_cast<int>(told.nominal - CivilDay()), apart ? told.plan + "/" + told.action : "")];
    if (line.first == nullptr) {
      line.at = told.at;
      line.first = &told;
      line.people.push_back(told.recipient);
    }
    line.channels.insert(told.channel);
    const std::tuple action(told.position, told.plan, told.action);
    if (std::find(line.actions.begin(), line.actions.end(), action) == line.actions.end())
      line.actions.push_back(action);
  }
  std::vector<Line> lines;
  for (auto& [group, line] : groups) {
    std::sort(line.actions.begin(), line.actions.end());
    lines.push_back(std::move(line));
  }
  // Leads before those who are told about them.
  std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) {
    return std::pair(a.at, !a.first->about.empty()) < std::pair(b.at, !b.first->about.empty());
  });
  return lines;
}

/// People who are told the same at the same instant share a line: leads first, as they come.
std::vector<Line> with_people_together(std::vector<Line> lines) {
  std::vector<Line> together;
  for (Line& line : lines) {
    const auto same = std::find_if(together.rbegin(), together.rend(), [&](const Line& other) {
      return other.at != line.at ||
             (other.actions == line.actions && step_words(*other.first) == step_words(*line.first) &&
              other.first->reason == line.first->reason && how_words(other) == how_words(line));
    });
    if (same != together.rend() && same->at == line.at) {
      same->people.insert(same->people.end(), line.people.begin(), line.people.end());
    } else {
      together.push_back(std::move(line));
    }
  }
  return together;
}

std::string actions_words(const Line& line, const ForecastOptions& options, bool with_plan) {
  std::string text;
  for (std::size_t i = 0; i < line.actions.size() && i < actions_shown_max; ++i) {
    const auto& [position, plan, action] = line.actions[i];
    text += (i == 0 ? "" : ", ") + (with_plan ? plan + "/" : std::string()) + action;
    if (options.two_ways.contains({plan, action})) text += "*";
  }
  if (line.actions.size() > actions_shown_max)
    text += fmt::format(" and {} more", line.actions.size() - actions_shown_max);
  return text;
}

std::string people_words(const Line& line, const World& world) {
  std::string text;
  for (std::size_t i = 0; i < line.people.size() && i < people_shown_max; ++i) {
    text += (i == 0 ? "" : " + ") + name_of_recipient(line.people[i], world);
  }
  if (line.people.size() > people_shown_max) text += fmt::format(" and {} more", line.people.size() - people_shown_max);
  return text;
}

std::string why_words(const Line& line, const World& world) {
  const Telling& told = *line.first;
  std::string text = told.reason;
  if (!told.about.empty()) {
    std::vector<std::string> names;
    for (const std::string& id : told.about) {
      if (names.size() < people_shown_max) names.push_back(world.person(world.find_party(id)).name);
    }
    text += fmt::format("; about {}", fmt::join(names, " and "));
    if (told.about.size() > names.size()) text += fmt::format(" and {} more", told.about.size() - names.size());
  }
  if (told.channel != "report" && day_of(told, world) > told.nominal && !told.occurrence.refired &&
      !rulebook::is_built_in(told.rule)) {
    text += fmt::format("; its own day was {}", calendar::short_day(told.nominal));
  }
  return text;
}

/// Cells of a line; widths follow the longest up to a limit, so that a table fits its content.
constexpr std::size_t columns = 6;
using Row = std::array<std::string, columns>;
constexpr std::array<std::size_t, columns> width_max{24, 44, 36, 32, 32, 0};

class Table {
 public:
  Table(const World& world, const ForecastOptions& options) : world_(world), options_(options) {}

  /// A heading stands by itself.
  void head(std::string text) { rows_.push_back({std::move(text), std::nullopt}); }

  void add(const Line& line, bool with_people, bool with_actions) {
    const bool several_plans = world_.plans().size() > 1;
    Row row;
    row[0] = absl::FormatTime("%a %e %b %Y  %H:%M", line.at, zone_of(*line.first, world_));
    if (with_people) row[1] = people_words(line, world_);
    if (with_actions) row[2] = actions_words(line, options_, several_plans);
    row[3] = step_words(*line.first);
    row[4] = how_words(line);
    row[5] = why_words(line, world_);
    for (std::size_t i = 0; i < columns; ++i) {
      if (documents::display_width(row[i]) <= width_max[i])
        widths_[i] = std::max(widths_[i], documents::display_width(row[i]));
      else
        widths_[i] = width_max[i];
    }
    rows_.push_back({"", std::move(row)});
  }

  std::string text(std::string_view indent = "") const {
    std::string text;
    for (const auto& [heading, row] : rows_) {
      text += row ? std::string(indent) + print(*row) : heading;
      text += "\n";
    }
    return text;
  }

 private:
  std::string print(const Row& row) const {
    std::string line;
    for (std::size_t i = 0; i < columns; ++i) {
      if (widths_[i] == 0 && row[i].empty()) continue;
      line += row[i];
      const std::size_t width = documents::display_width(row[i]);
      if (i + 1 < columns) line.append(2 + (width < widths_[i] ? widths_[i] - width : 0), ' ');
    }
    while (line.ends_with(' ')) line.pop_back();
    return line;
  }

  const World& world_;
  const ForecastOptions& options_;
  std::vector<std::pair<std::string, std::optional<Row>>> rows_;
  std::array<std::size_t, columns> widths_{};
};

std::string by_day(std::span<const Telling> tellings, const World& world, const ForecastOptions& options) {
  Table table(world, options);
  std::vector<Line> lines = with_people_together(lines_of(tellings, options, false));
  std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) { return a.at < b.at; });
  for (const Line& line : lines) table.add(line, true, true);
  return table.text();
}

std::string week_words(const PersonWeek& week, const World& world) {
  std::string text =
      fmt::format("  week of {}: {}", calendar::short_day(week.monday), counted(week.messages, "message", "messages"));
  const auto budget = world.rulebook().budget().messages_per_week;
  if (budget && week.messages > static_cast<std::size_t>(*budget))
    text += fmt::format(", over the budget of {}", *budget);
  return text;
}

std::string by_person(std::span<const Telling> tellings, const World& world, const ForecastOptions& options) {
  std::map<std::pair<PartyIndex, CivilDay>, PersonWeek> weeks;
  for (const PersonWeek& week : forecast_sums(tellings, world, options.from).weeks)
    weeks[{week.person, week.monday}] = week;
  std::vector<Line> lines = lines_of(tellings, options, false);
  std::stable_sort(lines.begin(), lines.end(), [&](const Line& a, const Line& b) {
    const auto key = [&](const Line& line) {
      return std::tuple(world.person(line.people[0]).is_report, name_of_recipient(line.people[0], world),
                        line.people[0], line.at);
    };
    return key(a) < key(b);
  });
  Table table(world, options);
  const Line* last = nullptr;
  for (const Line& line : lines) {
    const PartyIndex person = line.people[0];
    const bool is_new = last == nullptr || last->people[0] != person;
    const CivilDay monday = monday_of(day_of(*line.first, world));
    if (is_new) table.head((last == nullptr ? "" : "\n") + name_of_recipient(person, world));
    if (is_new || monday_of(day_of(*last->first, world)) != monday) {
      const auto week = weeks.find({person, monday});
      table.head(week == weeks.end() ? "  week of " + calendar::short_day(monday) : week_words(week->second, world));
    }
    table.add(line, false, true);
    last = &line;
  }
  return table.text("    ");
}

std::string by_action(std::span<const Telling> tellings, const World& world, const ForecastOptions& options) {
  std::vector<Line> lines = with_people_together(lines_of(tellings, options, true));
  const auto key = [](const Line& line) {
    const auto& [position, plan, action] = line.actions[0];
    return std::tie(plan, position, action, line.at);
  };
  std::stable_sort(lines.begin(), lines.end(), [&](const Line& a, const Line& b) { return key(a) < key(b); });
  Table table(world, options);
  const Line* last = nullptr;
  for (const Line& line : lines) {
    if (last == nullptr || last->actions[0] != line.actions[0]) {
      const auto& [position, plan, action] = line.actions[0];
      table.head((last == nullptr ? "" : "\n") + plan + "/" + action +
                 (options.two_ways.contains({plan, action}) ? "*" : ""));
    }
    table.add(line, true, false);
    last = &line;
  }
  return table.text("    ");
}

/// "In 12 months", "In 14 days".
std::string span_words(const ForecastOptions& options, const World& world) {
  if (!options.to || world.plans().empty()) return "";
  const Zone& zone = world.plans().front().zone;
  const CivilDay from = calendar::day_of(options.from, zone);
  const CivilDay end = calendar::day_of(*options.to, zone) + 1;
  const auto months = static_cast<int>((end.year() - from.year()) * 12 + end.month() - from.month());
  if (months > 0 && calendar::add_months(from, months) == end) {
    const bool years = months % 12 == 0 && months > 12;
    return years ? fmt::format("In {}: ", counted(static_cast<std::size_t>(months / 12), "year", "years"))
                 : fmt::format("In {}: ", counted(static_cast<std::size_t>(months), "month", "months"));
  }
  return fmt::format("In {}: ",
                     counted(static_cast<std::size_t>(std::max<std::int64_t>(0, end - from)), "day", "days"));
}

std::string print_sums(std::span<const Telling> tellings, const World& world, const ForecastOptions& options) {
  const ForecastSums sums = forecast_sums(tellings, world, options.from);
  const std::string span = span_words(options, world);
  if (sums.weeks.empty()) return span.empty() ? "Nothing goes out in this time.\n" : span + "nothing goes out.\n";
  const auto busiest =
      std::max_element(sums.weeks.begin(), sums.weeks.end(),
                       [](const PersonWeek& a, const PersonWeek& b) { return a.messages < b.messages; });
  const auto budget = world.rulebook().budget().messages_per_week;
  const std::vector<PersonWeek> over = weeks_over_budget(sums, world);
  std::string verdict;
  if (budget) verdict = fmt::format(" (budget {}{})", *budget, over.empty() ? "" : ": over");
  std::string text =
      fmt::format("\n{}{} to {}. Busiest week: {}, {}, {}{}.\n", span, counted(sums.messages, "message", "messages"),
                  counted(sums.people, "person", "people"), calendar::short_day(busiest->monday),
                  world.person(busiest->person).name, counted(busiest->messages, "message", "messages"), verdict);
  for (std::size_t i = 1; i < over.size() && i < weeks_shown_max; ++i) {
    text += fmt::format("Over the budget too: {}, {}, {}.\n", calendar::short_day(over[i].monday),
                        world.person(over[i].person).name, counted(over[i].messages, "message", "messages"));
  }
  if (over.size() > weeks_shown_max)
    text += fmt::format("And {} weeks more; --by person shows each.\n", over.size() - weeks_shown_max);
  return text;
}

bool has_star(std::span<const Telling> tellings, const ForecastOptions& options) {
  return !options.two_ways.empty() && std::any_of(tellings.begin(), tellings.end(), [&](const Telling& told) {
    return told.at >= options.from && options.two_ways.contains({told.plan, told.action});
  });
}

}  // namespace

std::string forecast_table(std::span<const Telling> tellings, const World& world, const ForecastOptions& options) {
  std::string text;
  if (options.view == ForecastView::day) text = by_day(tellings, world, options);
  if (options.view == ForecastView::person) text = by_person(tellings, world, options);
  if (options.view == ForecastView::action) text = by_action(tellings, world, options);
  if (has_star(tellings, options))
    text += "\n* its timescale can be read two ways; \"chaser check\" says which was taken.\n";
  return text + print_sums(tellings, world, options);
}

std::string forecast_held(std::span<const Silence> silences, const World& world, Instant from) {
  struct Kept {
    Instant first;
    std::optional<Instant> until;
    std::set<std::tuple<std::string, std::string, std::string, std::string, std::string, std::string>> notifications;
    std::set<std::string> people;
  };
  std::map<std::pair<ReasonCode, std::string>, Kept> kept;
  for (const Silence& silence : silences) {
    const ReasonCode code = silence.reason.code;
    const bool is_guard = code == ReasonCode::frozen || code == ReasonCode::stopped || code == ReasonCode::limited ||
                          code == ReasonCode::clock || code == ReasonCode::unreachable;
    if (!is_guard || (silence.until && *silence.until < from)) continue;
    auto [found, is_new] = kept.try_emplace({code, silence.reason.detail});
    Kept& guard = found->second;
    if (is_new || silence.at < guard.first) guard.first = silence.at;
    if (silence.until) guard.until = std::max(guard.until.value_or(*silence.until), *silence.until);
    guard.notifications.emplace(silence.plan, silence.action, silence.rule, silence.step, to_string(silence.occurrence),
                                silence.recipient);
    guard.people.insert(silence.recipient);
  }
  std::string text;
  const Zone zone = world.plans().empty() ? absl::UTCTimeZone() : world.plans().front().zone;
  for (const auto& [what, guard] : kept) {
    std::string end;
    if (what.first == ReasonCode::frozen && guard.until) {
      end = fmt::format("; released as one digest a person on {}",
                        calendar::short_day(calendar::day_of(*guard.until, zone)));
    } else if (what.first == ReasonCode::limited) {
      end = "; \"chaser release limit\" lets go";
    } else if (what.first == ReasonCode::stopped) {
      end = "; \"chaser release stop\" lets go";
    }
    text += fmt::format("held from {}: {}: {} to {}{}\n", calendar::short_day(calendar::day_of(guard.first, zone)),
                        describe({what.first, what.second}),
                        counted(guard.notifications.size(), "notification", "notifications"),
                        counted(guard.people.size(), "person", "people"), end);
  }
  return text;
}

}  // namespace chaser::chase
