#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "documents/characters.h"
#include "plan/action_reader.h"
#include "plan/header.h"
#include "plan/plan.h"

namespace chaser::plan {
namespace {

using documents::Cell;
using documents::Position;
using documents::Row;
using documents::Table;

constexpr std::size_t id_characters_max = 40;
constexpr std::size_t section_characters_max = 160;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool starts_in_lower_case(std::string_view text) {
  return !text.empty() && text.front() >= 'a' && text.front() <= 'z';
}

bool ends_a_sentence(std::string_view text) {
  return text.ends_with('.') || text.ends_with('!') || text.ends_with('?') || text.ends_with(';');
}

/// "Page 3 of 12": what a printed document repeats.
bool is_page_number(std::string_view text) {
  const std::string folded = documents::folded(text);
  if (folded.starts_with("page ") && folded.size() > 5 && is_digit(folded[5])) return true;
  return !folded.empty() && std::ranges::all_of(folded, is_digit);
}

bool could_be_section(const Cell& cell) {
  return documents::character_count(cell.text) <= section_characters_max && !ends_a_sentence(cell.text) &&
         !is_page_number(cell.text);
}

std::string joined(std::string_view above, std::string_view below, char with) {
  if (above.empty()) return std::string{below};
  if (below.empty()) return std::string{above};
  return fmt::format("{}{}{}", above, with, below);
}

/// A cell wrapped over rows is one text; the place stays the first one's.
void append(Cell& cell, const Cell& more, char with = ' ') {
  if (cell.text.empty()) cell.at = more.at;
  cell.text = joined(cell.text, more.text, with);
}

bool have_equal_cells(const Row& row, const Header& header) {
  return std::ranges::equal(row.cells, header.cells, {}, &Cell::text, &Cell::text);
}

class PlanReader {
 public:
  PlanReader(const Table& table, ReadingContext context) : table_{table}, context_{std::move(context)} {}

  std::optional<Plan> read();

 private:
  // Finding the header.
  std::optional<std::size_t> find_header();
  void report_no_header();
  void warn_of_missing_columns();
  void read_title(std::size_t header_row);
  void take_section_above(std::size_t header_row);
  bool has_repeated_headers(std::size_t header_row) const;
  std::optional<Header> repeated_header(const Row& row) const;

  // Reading rows.
  void read_row(const Row& row);
  void read_single(const Row& row, const Cell& cell);
  void read_continuation(const Row& row);
  bool breaks_off_in_text(const Row& row) const;
  bool continues_broken_line(const Row& row) const;
  void continue_broken_line(const Row& row);
  bool is_numbered_heading(const Row& row) const;
  bool repeats_one_cell(const Row& row) const;
  void begin_action(const Row& row, Cell id);
  void begin_unnamed_action(const Row& row);
  void take_section(const Cell& cell);
  void use_section(const std::string& name);
  void drop_waiting_section();
  void report_unplaced(const Cell& cell);
  void end_action();

  const Cell* cell(const Row& row, Column column) const;
  std::string text(const Row& row, Column column) const;
  Cell cell_or_empty(const Row& row, Column column) const;
  bool is_filled(const Row& row, Column column) const { return !text(row, column).empty(); }
  void append_cells(const Row& row, ActionCells& cells) const;

  const Table& table_;
  ReadingContext context_;
  Header header_;
  Plan plan_;
  std::map<std::string, int> lines_of_ids_;
  std::optional<ActionCells> open_;
  int broken_line_ = 0;  // the open action's last line, if it breaks off inside its text
  std::optional<Cell> waiting_section_;
  std::string section_;
  bool is_full_ = false;
};

std::optional<Plan> PlanReader::read() {
  const std::optional<std::size_t> first = find_header();
  if (!first) {
    report_no_header();
    return std::nullopt;
  }
  warn_of_missing_columns();
  read_title(*first);
  take_section_above(*first);
  for (std::size_t i = *first + 1; i < table_.rows.size() && !is_full_; ++i) {
    const Row& row = table_.rows[i];
    if (std::optional<Header> header = repeated_header(row)) {
      end_action();
      header_ = std::move(*header);
    } else {
      read_row(row);
    }
  }
  end_action();
  drop_waiting_section();
  if (plan_.actions.empty()) {
    context_.problems.error(context_.source, table_.rows[*first].cells.front().at,
                            "no action stands below this header row");
  }
  return std::move(plan_);
}

// ---- the header ----

std::optional<std::size_t> PlanReader::find_header() {
  for (const Match match : {Match::exact, Match::loose}) {
    for (std::size_t i = 0; i < table_.rows.size(); ++i) {
      if (std::optional<Header> header = read_header(table_.rows[i], match)) {
        // The row is known by its plain words; its other cells may still say more loosely what they are.
        header_ = *read_header(table_.rows[i], Match::loose);
        return i;
      }
    }
  }
  return std::nullopt;
}

void PlanReader::report_no_header() {
  const std::string message = "no header row: one row must name the columns, such as ID, Action, Lead, Timescale";
  const Row* nearest = nullptr;
  std::size_t most = 0;
  for (const Row& row : table_.rows) {
    const std::size_t named = columns_named(row);
    if (named <= most) continue;
    most = named;
    nearest = &row;
  }
  if (nearest == nullptr) {
    context_.problems.error(context_.source, table_.rows.empty() ? Position{1, 1, 1} : table_.rows.front().cells[0].at,
                            message);
    return;
  }
  context_.problems.error(context_.source, nearest->cells.front().at, message,
                          {"this row comes nearest; it must name the action, and who leads it or by when"});
}

/// Names the column that is not there, and the header's cell that was perhaps meant to be it.
void PlanReader::warn_of_missing_columns() {
  for (const Column column : {Column::id, Column::owner, Column::timescale}) {
    if (header_.index(column)) continue;
    const std::vector<std::string> words = words_for(column);
    const auto meant = std::ranges::find_if(
        header_.unknown, [&](std::size_t i) { return documents::nearest(header_.cells[i].text, words).has_value(); });
    const bool is_meant = meant != header_.unknown.end();
    const Cell& at = is_meant ? header_.cells[*meant] : header_.cells.front();
    const std::string hint = is_meant ? fmt::format("; is \"{}\" meant to be \"{}\"?", at.text, name_of(column)) : "";
    context_.problems.warning(context_.source, at.at,
                              fmt::format("this header has no column \"{}\"{}", name_of(column), hint));
  }
}

void PlanReader::read_title(std::size_t header_row) {
  for (std::size_t i = 0; i < header_row; ++i) {
    const Cell* const only = table_.rows[i].only_cell();
    if (only == nullptr || is_page_number(only->text)) continue;
    plan_.title = only->text;
    return;
  }
}

std::optional<Header> PlanReader::repeated_header(const Row& row) const {
  if (have_equal_cells(row, header_)) return header_;
  std::optional<Header> header = read_header(row, Match::exact);
  const std::optional<std::size_t> id = header_.index(Column::id);
  // A row of data with an id of its own is an action, even if its words are those of a header.
  const bool has_id = id && *id < row.cells.size() && std::ranges::any_of(row.cells[*id].text, is_digit);
  return has_id ? std::nullopt : header;
}

bool PlanReader::has_repeated_headers(std::size_t header_row) const {
  const auto below =
      std::ranges::subrange{table_.rows.begin() + static_cast<std::ptrdiff_t>(header_row) + 1, table_.rows.end()};
  return std::ranges::any_of(below, [&](const Row& row) { return repeated_header(row).has_value(); });
}

/// Where each section has a table of its own, the first one's heading stands above the first header.
void PlanReader::take_section_above(std::size_t header_row) {
  if (header_row < 2 || !has_repeated_headers(header_row)) return;
  const Cell* const above = table_.rows[header_row - 1].only_cell();
  if (above != nullptr && above->text != plan_.title && could_be_section(*above)) take_section(*above);
}

// ---- rows ----

const Cell* PlanReader::cell(const Row& row, Column column) const {
  const std::optional<std::size_t> index = header_.index(column);
  return index && *index < row.cells.size() ? &row.cells[*index] : nullptr;
}

std::string PlanReader::text(const Row& row, Column column) const {
  const Cell* const found = cell(row, column);
  return found == nullptr ? "" : found->text;
}

Cell PlanReader::cell_or_empty(const Row& row, Column column) const {
  const Cell* const found = cell(row, column);
  return found == nullptr ? Cell{} : *found;
}

void PlanReader::read_row(const Row& row) {
  if (continues_broken_line(row)) {
    continue_broken_line(row);
    return;
  }
  if (is_numbered_heading(row) || repeats_one_cell(row)) {
    take_section(repeats_one_cell(row) ? row.cells.front() : *cell(row, Column::action));
    return;
  }
  if (const Cell* const only = row.only_cell()) {
    read_single(row, *only);
    return;
  }
  Cell id = cell_or_empty(row, Column::id);
  const bool has_text = is_filled(row, Column::action) || is_filled(row, Column::title);
  if (!id.text.empty() && documents::character_count(id.text) <= id_characters_max) {
    begin_action(row, std::move(id));
  } else if (!id.text.empty()) {
    report_unplaced(id);
  } else if (!header_.index(Column::id)) {
    begin_unnamed_action(row);
  } else if (has_text && is_filled(row, Column::owner) && is_filled(row, Column::timescale) &&
             (!open_ || (!open_->owners.text.empty() && !open_->timescale.text.empty()))) {
    begin_unnamed_action(row);
  } else {
    read_continuation(row);
  }
}

/// A row of one cell: a section, a wrapped text, or a note. It is a text's next line only in the text's own column.
void PlanReader::read_single(const Row& row, const Cell& only) {
  const bool in_first_column = &only == &row.cells.front();
  const std::optional<std::size_t> section = header_.index(Column::section);
  const bool in_section_column = section && *section < row.cells.size() && &only == &row.cells[*section];
  if (in_section_column) {
    take_section(only);
  } else if (!in_first_column) {
    read_continuation(row);
  } else if (row.cells.size() > 1 && header_.index(Column::action) == 0 && !could_be_section(only)) {
    read_continuation(row);
  } else if (could_be_section(only)) {
    take_section(only);
  } else if (!is_page_number(only.text)) {
    report_unplaced(only);
  }
}

void PlanReader::read_continuation(const Row& row) {
  if (!open_ || waiting_section_) {
    const auto filled = std::ranges::find_if(row.cells, [](const Cell& c) { return !c.text.empty(); });
    report_unplaced(*filled);
    return;
  }
  append_cells(row, *open_);
}

/// A row that ends in its text, short of the columns behind it, may go on with the first words of the next line.
bool PlanReader::breaks_off_in_text(const Row& row) const {
  const std::optional<std::size_t> action = header_.index(Column::action);
  return action && row.cells.size() == *action + 1 && header_.cells.size() > *action + 1;
}

bool PlanReader::continues_broken_line(const Row& row) const {
  if (!open_ || broken_line_ == 0 || row.line != broken_line_ + 1 || row.cells.front().text.empty()) return false;
  const std::string& first = row.cells.front().text;
  if (row.cells.size() == 1) return starts_in_lower_case(first);
  return row.cells.size() <= header_.cells.size() - *header_.index(Column::action) && !is_digit(first.front());
}

void PlanReader::continue_broken_line(const Row& row) {
  Row shifted = row;
  shifted.cells.insert(shifted.cells.begin(), *header_.index(Column::action), Cell{});
  broken_line_ = row.cells.size() == 1 ? row.line : 0;
  append_cells(shifted, *open_);
}

/// "1 | Transport | | " above "1.1 | ...": a numbered heading, not an action.
bool PlanReader::is_numbered_heading(const Row& row) const {
  const std::string id = text(row, Column::id);
  const std::string words = text(row, Column::action);
  const auto filled = std::ranges::count_if(row.cells, [](const Cell& c) { return !c.text.empty(); });
  if (id.empty() || words.empty() || filled != 2 || &row == &table_.rows.back()) return false;
  const std::string next = text(*(&row + 1), Column::id);
  const std::string stem = id.ends_with('.') ? id : id + ".";
  return next.size() > stem.size() && next.starts_with(stem);
}

/// A merged cell is copied into each column by some programs.
bool PlanReader::repeats_one_cell(const Row& row) const {
  const auto is_same = [&](const Cell& c) { return c.text == row.cells.front().text; };
  return row.cells.size() > 2 && std::ranges::all_of(row.cells, is_same);
}

void PlanReader::append_cells(const Row& row, ActionCells& cells) const {
  append(cells.text, cell_or_empty(row, Column::action));
  append(cells.title, cell_or_empty(row, Column::title));
  append(cells.owners, cell_or_empty(row, Column::owner), '\n');
  append(cells.supports, cell_or_empty(row, Column::support), '\n');
  append(cells.timescale, cell_or_empty(row, Column::timescale));
  append(cells.status, cell_or_empty(row, Column::status));
  for (const std::size_t i : header_.unknown) {
    if (i >= row.cells.size() || row.cells[i].text.empty()) continue;
    const auto known = std::ranges::find(cells.other, header_.cells[i].text, [](const auto& o) { return o.first; });
    if (known == cells.other.end()) {
      cells.other.emplace_back(header_.cells[i].text, row.cells[i].text);
    } else {
      known->second = joined(known->second, row.cells[i].text, ' ');
    }
  }
}

void PlanReader::begin_action(const Row& row, Cell id) {
  end_action();
  std::ranges::replace(id.text, '\n', ' ');
  open_.emplace();
  open_->id = std::move(id);
  append_cells(row, *open_);
  broken_line_ = breaks_off_in_text(row) ? row.line : 0;
  if (const std::string section = text(row, Column::section); !section.empty()) {
    use_section(section);
  } else if (waiting_section_) {
    use_section(waiting_section_->text);
  }
  waiting_section_.reset();
  open_->section = section_;
  if (open_->text.text.empty() && !open_->title.text.empty()) open_->text = open_->title;
  if (!open_->text.text.empty()) return;
  context_.problems.warning(context_.source, open_->id.at, fmt::format("action {} has no text", open_->id.text));
}

/// An action without an id is kept, under a name that its place gives it, and reported: without one, nobody can answer
/// for it and a later import cannot know it again.
void PlanReader::begin_unnamed_action(const Row& row) {
  const bool has_column = header_.index(Column::id).has_value();
  Cell id = cell_or_empty(row, Column::action);
  id.text = has_column ? fmt::format("row-{}", row.line) : fmt::format("{}", plan_.actions.size() + (open_ ? 2 : 1));
  if (has_column) {
    context_.problems.error(context_.source, id.at, fmt::format("this action has no id; it is read as \"{}\"", id.text),
                            {"give it an id, so that answers and later versions of the plan can name it"});
  }
  begin_action(row, std::move(id));
}

void PlanReader::take_section(const Cell& only) {
  end_action();
  drop_waiting_section();
  waiting_section_ = only;
}

void PlanReader::use_section(const std::string& name) {
  section_ = name;
  std::ranges::replace(section_, '\n', ' ');
  if (std::ranges::find(plan_.sections, section_) == plan_.sections.end()) plan_.sections.push_back(section_);
}

void PlanReader::drop_waiting_section() {
  if (waiting_section_) report_unplaced(*waiting_section_);
  waiting_section_.reset();
}

void PlanReader::report_unplaced(const Cell& cell) {
  constexpr std::size_t shown_max = 60;
  const std::string_view shown = documents::first_characters(cell.text, shown_max);
  context_.problems.warning(context_.source, cell.at,
                            fmt::format("\"{}{}\" is neither an action nor the heading of any; it is left out", shown,
                                        shown.size() < cell.text.size() ? "\u2026" : ""));
}

void PlanReader::end_action() {
  if (!open_) return;
  const ActionCells cells = std::move(*open_);
  open_.reset();
  broken_line_ = 0;
  const auto [known, is_new] = lines_of_ids_.try_emplace(documents::folded(cells.id.text), cells.id.at.line);
  if (!is_new) {
    context_.problems.error(
        context_.source, cells.id.at,
        fmt::format("id {} is given twice; it already stands on line {}", cells.id.text, known->second),
        {"each action needs an id of its own; this one is left out"});
    return;
  }
  if (plan_.actions.size() == actions_max) {
    context_.problems.error(context_.source, cells.id.at, fmt::format("more than {} actions", actions_max));
    is_full_ = true;
    return;
  }
  plan_.actions.push_back(read_action(cells, context_));
}

}  // namespace

std::optional<Plan> read_plan(const Table& table, const documents::Source& source, std::string plan_id,
                              const Conventions& conventions, const Directory* directory, const Workflow& workflow,
                              documents::Problems& problems) {
  // A document that was refused whole has no header to miss.
  if (table.rows.empty() && std::ranges::any_of(problems.in_order(), [&](const documents::Problem& problem) {
        return problem.severity == documents::Severity::error && problem.file == source.name();
      })) {
    return std::nullopt;
  }
  ReadingContext context{source, plan_id, conventions, directory, workflow, problems, {}, {}};
  if (directory != nullptr) context.known_names = directory->known_names(plan_id);
  context.roster = Roster(context.known_names);
  std::optional<Plan> plan = PlanReader{table, std::move(context)}.read();
  if (plan) plan->id = std::move(plan_id);
  return plan;
}

}  // namespace chaser::plan
