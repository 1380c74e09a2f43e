#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "documents/characters.h"
#include "plan/plan.h"

namespace chaser::plan {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const std::optional<CivilDay>& day) {
  return day ? Json(calendar::iso_day(*day)) : Json(nullptr);
}

Json json_of(const Timescale& timescale) {
  Json alternative = nullptr;
  if (timescale.alternative) {
    alternative = {{"start", json_of(timescale.alternative->start)},
                   {"due", json_of(timescale.alternative->due)},
                   {"convention", timescale.alternative->convention}};
  }
  Json json = {{"verbatim", timescale.verbatim},
               {"kind", name_of(timescale.kind)},
               {"start", json_of(timescale.start)},
               {"due", json_of(timescale.due)},
               {"precision", name_of(timescale.precision)},
               {"convention", timescale.convention},
               {"ambiguous", timescale.ambiguous},
               {"alternative", std::move(alternative)}};
  if (!timescale.problem.empty()) json["problem"] = timescale.problem;
  return json;
}

Json json_of(const Milestone& milestone) {
  return {{"id", milestone.id},
          {"name", milestone.name},
          {"due", calendar::iso_day(milestone.due)},
          {"done", milestone.done}};
}

Json json_of(const Reading& reading) {
  return {{"on", calendar::iso_day(reading.on)}, {"value", reading.value}};
}

Json json_of(const std::vector<Reading>& readings) {
  Json list = Json::array();
  for (const Reading& reading : readings) list.push_back(json_of(reading));
  return list;
}

Json json_of(const std::optional<Measure>& measure) {
  if (!measure) return nullptr;
  return {{"name", measure->name},
          {"unit", measure->unit},
          {"baseline", json_of(measure->baseline)},
          {"target", json_of(measure->target)},
          {"points", json_of(measure->points)},
          {"months", measure->months ? Json(*measure->months) : Json(nullptr)},
          {"readings", json_of(measure->readings)}};
}

Json json_of(const Action& action) {
  Json owners = Json::array();
  for (const OwnerToken& owner : action.owners) owners.push_back({{"name", owner.name}, {"role", name_of(owner.role)}});
  Json milestones = Json::array();
  for (const Milestone& milestone : action.milestones) milestones.push_back(json_of(milestone));
  Json other = Json::object();
  for (const auto& [column, text] : action.other) other[column] = text;
  return {{"id", action.id},
          {"section", action.section},
          {"text", action.text},
          {"title", action.title},
          {"owners", std::move(owners)},
          {"owners_verbatim", action.owners_verbatim},
          {"timescale", json_of(action.timescale)},
          {"status", action.status},
          {"cadence_months", action.cadence_months ? Json(*action.cadence_months) : Json(nullptr)},
          {"recurrence", action.recurrence},
          {"milestones", std::move(milestones)},
          {"measure", json_of(action.measure)},
          {"blocked_by", action.blocked_by},
          {"tags", action.tags},
          {"other", std::move(other)},
          {"line", action.at.line}};
}

Json json_of(const documents::Problem& problem) {
  return {{"severity", problem.severity == documents::Severity::error ? "error" : "warning"},
          {"file", problem.file},
          {"line", problem.at.line},
          {"column", problem.at.column},
          {"length", problem.at.length},
          {"message", problem.message},
          {"excerpt", problem.excerpt},
          {"notes", problem.notes}};
}

std::string owners_words(const Action& action) {
  std::vector<std::string> words;
  for (const OwnerToken& owner : action.owners) {
    words.push_back(owner.role == Role::support ? owner.name + " (support)" : owner.name);
  }
  return words.empty() ? "(nobody)" : fmt::format("{}", fmt::join(words, " + "));
}

std::string due_words(const Timescale& timescale) {
  if (timescale.due) return fmt::format("due {}", calendar::short_day(*timescale.due));
  return std::string{name_of(timescale.kind)};
}

std::string reading_words(const Timescale& timescale) {
  const std::string mark = timescale.ambiguous ? "*" : "";
  if (!timescale.due || timescale.convention.empty()) return due_words(timescale) + mark;
  return fmt::format("{}{} ({})", due_words(timescale), mark, timescale.convention);
}

std::string verbatim_words(const Timescale& timescale) {
  std::string words = timescale.verbatim.empty() ? "(blank)" : timescale.verbatim;
  std::ranges::replace(words, '\n', ' ');
  return words;
}

constexpr std::size_t columns = 5;
using TableRow = std::array<std::string, columns>;

TableRow row_of(const Action& action) {
  return {action.id, owners_words(action), verbatim_words(action.timescale), reading_words(action.timescale),
          action.title};
}

std::string table_of(const Plan& plan) {
  // A very long cell moves its own row alone, not the whole table.
  constexpr std::size_t width_max = 40;
  std::array<std::size_t, columns> widths{};
  for (const Action& action : plan.actions) {
    const TableRow row = row_of(action);
    for (std::size_t i = 0; i < columns; ++i)
      widths[i] = std::max(widths[i], std::min(documents::display_width(row[i]), width_max));
  }
  std::string table;
  std::string section;
  for (const Action& action : plan.actions) {
    if (action.section != section) table += fmt::format("\n{}\n", action.section);
    section = action.section;
    TableRow row = row_of(action);
    for (std::size_t i = 0; i + 1 < columns; ++i) table += "  " + documents::padded(row[i], widths[i]);
    table += "  " + row[columns - 1] + "\n";
  }
  return table;
}

/// Ambiguous timescales by name: each text once, with its two readings and the actions that have it.
std::string ambiguous_words(const Plan& plan) {
  std::map<std::string, std::vector<const Action*>> by_text;
  for (const Action& action : plan.actions) {
    if (action.timescale.ambiguous && action.timescale.alternative) {
      by_text[action.timescale.verbatim].push_back(&action);
    }
  }
  std::string words;
  for (const auto& [text, actions] : by_text) {
    std::vector<std::string> ids;
    for (const Action* const action : actions) ids.push_back(action->id);
    const Timescale& timescale = actions.front()->timescale;
    words += fmt::format("* \"{}\" can be read two ways: {} ({}, taken) or due {} ({}). Actions: {}\n", text,
                         due_words(timescale), timescale.convention,
                         timescale.alternative->due ? calendar::short_day(*timescale.alternative->due) : "never",
                         timescale.alternative->convention, fmt::join(ids, ", "));
  }
  return words;
}

std::string counted(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string kinds_words(const Plan& plan) {
  std::map<TimescaleKind, std::size_t> counts;
  for (const Action& action : plan.actions) ++counts[action.timescale.kind];
  std::vector<std::string> words;
  for (const auto& [kind, count] : counts) words.push_back(fmt::format("{} {}", count, name_of(kind)));
  return fmt::format("{}", fmt::join(words, ", "));
}

/// What the table has said already is not said again.
bool is_told_by_table(const documents::Problem& problem) {
  return problem.severity == documents::Severity::warning &&
         problem.message.find(" can be read two ways: ") != std::string::npos;
}

}  // namespace

std::string to_json(const Plan& plan, const documents::Problems& problems) {
  Json json = {
      {"title", plan.title}, {"sections", plan.sections}, {"actions", Json::array()}, {"problems", Json::array()}};
  for (const Action& action : plan.actions) json["actions"].push_back(json_of(action));
  for (const documents::Problem& problem : problems.sorted()) json["problems"].push_back(json_of(problem));
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

std::string to_table(const Plan& plan, const documents::Problems& problems) {
  std::string text = plan.title.empty() ? "" : plan.title + "\n";
  text += fmt::format("{} in {}: {}\n", counted(plan.actions.size(), "action"),
                      counted(plan.sections.size(), "section"), kinds_words(plan));
  text += table_of(plan);
  if (const std::string ambiguous = ambiguous_words(plan); !ambiguous.empty()) text += "\n" + ambiguous;
  std::string others;
  for (const documents::Problem& problem : problems.sorted()) {
    if (!is_told_by_table(problem)) others += documents::describe(problem);
  }
  if (!others.empty()) text += "\n" + others;
  text += fmt::format("\n{}, {}.\n", counted(problems.errors(), "error"), counted(problems.warnings(), "warning"));
  return text;
}

}  // namespace chaser::plan
