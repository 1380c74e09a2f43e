#include "plan/action_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "documents/characters.h"

namespace chaser::plan {
namespace {

using documents::Cell;
using documents::Position;

std::string quoted(std::string_view text) {
  constexpr std::size_t shown_max = 60;
  const std::string_view shown = documents::first_characters(text, shown_max);
  return fmt::format("\"{}{}\"", shown, shown.size() < text.size() ? "\u2026" : "");
}

/// Where in its cell an owner is named; the cell itself if the token is not on the cell's first line as it stands.
Position place_of(std::string_view token, const Cell& cell, const documents::Source& source) {
  const std::string_view line = source.line(cell.at.line);
  const std::size_t start = documents::first_characters(line, static_cast<std::size_t>(cell.at.column - 1)).size();
  const std::size_t found = line.find(token, start);
  const auto length = static_cast<int>(documents::character_count(token));
  if (token.empty() || found == std::string_view::npos) return cell.at;
  const int column = static_cast<int>(documents::character_count(line.substr(0, found))) + 1;
  const bool is_inside = column + length <= cell.at.column + cell.at.length;
  return is_inside ? Position{cell.at.line, column, length} : cell.at;
}

void read_owners(const ActionCells& cells, const ReadingContext& context, Action& action) {
  action.owners_verbatim = cells.owners.text;
  action.owners = split_owners(cells.owners.text, context.roster);
  std::vector<const Cell*> cell_of(action.owners.size(), &cells.owners);
  for (OwnerToken& support : split_owners(cells.supports.text, context.roster)) {
    support.role = Role::support;
    const bool is_known = std::ranges::find(action.owners, support.name, &OwnerToken::name) != action.owners.end();
    if (is_known) continue;
    action.owners.push_back(std::move(support));
    cell_of.push_back(&cells.supports);
  }
  for (std::size_t i = 0; i < action.owners.size(); ++i) {
    check_owner(action.id, action.owners[i], place_of(action.owners[i].name, *cell_of[i], context.source), context);
  }
  if (!action.owners.empty()) return;
  const Cell& owners = cells.owners;
  const std::string said = owners.text.empty() ? "" : fmt::format(" ({})", quoted(owners.text));
  context.problems.warning(context.source, owners.at.line > 0 ? owners.at : action.at,
                           fmt::format("action {} has no owner{}; the coordinator will be told", action.id, said),
                           {"name who leads it, as the directory does; several with commas between them"});
}

std::string reading_words(const std::optional<CivilDay>& due, std::string_view convention, std::string_view taken) {
  return fmt::format("due {} ({}{})", due ? calendar::short_day(*due) : "never", convention, taken);
}

void warn_of_two_readings(const Action& action, Position at, const ReadingContext& context) {
  const Timescale& timescale = action.timescale;
  const AlternativeReading& other = *timescale.alternative;
  context.problems.warning(
      context.source, at,
      fmt::format("action {} {} can be read two ways: {} or {}", action.id, quoted(timescale.verbatim),
                  reading_words(timescale.due, timescale.convention, ", taken"),
                  reading_words(other.due, other.convention, "")),
      {"to settle it for the whole plan: conventions: { year-range: financial } or { year-range: calendar }",
       fmt::format("for this action alone: actions: {{ \"{}\": {{ timescale: ... }} }} in the supplement", action.id)});
}

void check_timescale(const Action& action, Position at, const ReadingContext& context) {
  if (action.timescale.kind == TimescaleKind::unreadable) {
    context.problems.warning(
        context.source, at,
        fmt::format("action {}: timescale {} cannot be read{}{}", action.id, quoted(action.timescale.verbatim),
                    action.timescale.problem.empty() ? "" : ": ", action.timescale.problem),
        {"until it is settled, no deadline is chased; it is a task of the coordinator"});
  }
  const bool is_settled = context.conventions.year_range_settled;
  if (action.timescale.ambiguous && action.timescale.alternative && !is_settled) {
    warn_of_two_readings(action, at, context);
  }
}

void read_status(const ActionCells& cells, const ReadingContext& context, Action& action) {
  if (!context.workflow.statuses().empty()) action.status = context.workflow.statuses().front().name;
  if (cells.status.text.empty()) {
    const Status* const done = context.workflow.read("done");
    if (action.timescale.kind == TimescaleKind::done && done != nullptr) action.status = done->name;
    return;
  }
  if (const Status* const status = context.workflow.read(cells.status.text)) {
    action.status = status->name;
    return;
  }
  const std::vector<std::string> names = context.workflow.names();
  context.problems.warning(
      context.source, cells.status.at,
      fmt::format("action {}: unknown status {}{}; {} is taken", action.id, quoted(cells.status.text),
                  documents::did_you_mean(cells.status.text, names), action.status),
      {fmt::format("statuses of this workflow: {}", fmt::join(names, ", "))});
  action.other.emplace_back("Status", cells.status.text);
}

}  // namespace

void check_owner(const std::string& action_id, const OwnerToken& owner, Position at, const ReadingContext& context) {
  if (context.directory == nullptr) return;
  const Party* const party = context.directory->resolve(owner.name, context.plan_id);
  if (party == nullptr) {
    context.problems.warning(context.source, at,
                             fmt::format("action {}: owner {} is not in the directory{}", action_id, quoted(owner.name),
                                         documents::did_you_mean(owner.name, context.known_names)),
                             {fmt::format("in the directory: plans: {{ {}: {{ aliases: {{ {}: ID }} }} }}",
                                          context.plan_id, quoted(owner.name))});
  } else if (party->vacant) {
    context.problems.warning(
        context.source, at,
        fmt::format("action {}: owner {} is vacant; the coordinator will be told", action_id, quoted(owner.name)));
  }
}

Action read_action(const ActionCells& cells, const ReadingContext& context) {
  Action action;
  action.id = cells.id.text;
  action.at = cells.id.at;
  action.section = cells.section;
  action.text = cells.text.text;
  action.title = cells.title.text.empty() ? title_of(action.text) : title_of(cells.title.text);
  action.other = cells.other;
  action.timescale = read_timescale(cells.timescale.text, context.conventions);
  read_owners(cells, context, action);
  check_timescale(action, cells.timescale.at.line > 0 ? cells.timescale.at : action.at, context);
  read_status(cells, context, action);
  return action;
}

}  // namespace chaser::plan
