#include "documents/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "documents/table_builder.h"

namespace chaser::documents {
namespace {

bool has_ending(std::string_view name, std::string_view ending) {
  return name.size() >= ending.size() && equal_without_case(name.substr(name.size() - ending.size()), ending);
}

/// "| --- | :-: |": the line under a Markdown table's header.
bool is_delimiter_row(std::string_view line) {
  line = trimmed(line);
  const bool has_only_signs = line.find_first_not_of("|:- \t") == std::string_view::npos;
  return has_only_signs && line.find('-') != std::string_view::npos && line.find('|') != std::string_view::npos;
}

TableFormat guess_from_text(const Source& source) {
  for (int number = 1; number <= source.line_count(); ++number) {
    if (is_delimiter_row(source.line(number))) return TableFormat::markdown;
  }
  const std::size_t tabs = agreeing_rows(source, '\t');
  const bool has_commas = agreeing_rows(source, ',') > tabs || agreeing_rows(source, ';') > tabs;
  return has_commas ? TableFormat::csv : TableFormat::tab_separated;
}

}  // namespace

const Cell* Row::only_cell() const {
  const auto is_filled = [](const Cell& cell) { return !cell.text.empty(); };
  const auto first = std::ranges::find_if(cells, is_filled);
  if (first == cells.end() || std::any_of(first + 1, cells.end(), is_filled)) return nullptr;
  return &*first;
}

void TableBuilder::refuse(Position at, std::string message) {
  if (!is_full_) problems_.error(source_, at, std::move(message));
  is_full_ = true;
}

void TableBuilder::add_cell(std::size_t offset, std::string_view raw, std::string text) {
  if (is_full_) return;
  const std::string_view shown = trimmed(raw);
  const std::size_t start = shown.empty() ? offset : offset + static_cast<std::size_t>(shown.data() - raw.data());
  const std::string_view first_line = shown.substr(0, std::min(shown.find_first_of("\r\n"), shown.size()));
  const Position at = source_.position(start, std::max(1, static_cast<int>(character_count(first_line))));
  if (row_.cells.empty()) row_.line = source_.position(offset).line;
  if (text.size() > table_cell_bytes_max) {
    refuse(at,
           fmt::format("a cell of more than {} KiB; is a quote or a line end missing?", table_cell_bytes_max >> 10U));
    return;
  }
  if (row_.cells.size() == table_columns_max) {
    refuse(at, fmt::format("a row of more than {} cells", table_columns_max));
    return;
  }
  row_.cells.push_back({std::string{trimmed(text)}, at});
}

void TableBuilder::end_row() {
  Row row = std::exchange(row_, {});
  if (is_full_ || std::ranges::all_of(row.cells, [](const Cell& cell) { return cell.text.empty(); })) return;
  if (table_.rows.size() == table_rows_max) {
    refuse(row.cells.front().at, fmt::format("more than {} rows; split the document", table_rows_max));
    return;
  }
  table_.rows.push_back(std::move(row));
}

bool is_readable(const Source& source, Problems& problems) {
  if (source.text().size() > table_bytes_max) {
    problems.error(source.name(), fmt::format("larger than {} MiB; split the document", table_bytes_max >> 20U));
    return false;
  }
  const std::string_view text = source.text();
  for (std::size_t offset = 0; offset < text.size();) {
    const Character next = character_at(text, offset);
    if (!next.valid) {
      problems.error(source, source.position(offset), "these bytes are neither UTF-8 nor Windows-1252",
                     {"save the document as UTF-8"});
      return false;
    }
    if (next.code < 0x20 && (next.code < '\t' || next.code > '\r')) {
      problems.error(
          source, source.position(offset),
          fmt::format("control character U+{:04X} in the document; remove it", static_cast<unsigned>(next.code)));
      return false;
    }
    offset += next.bytes;
  }
  return true;
}

TableFormat guess_format(const Source& source) {
  const std::string_view name = source.name();
  if (has_ending(name, ".csv")) return TableFormat::csv;
  if (has_ending(name, ".md") || has_ending(name, ".markdown")) return TableFormat::markdown;
  if (has_ending(name, ".tsv") || has_ending(name, ".tab")) return TableFormat::tab_separated;
  if (has_ending(name, ".txt") && agreeing_rows(source, '\t') > 1) return TableFormat::tab_separated;
  return guess_from_text(source);
}

Table read_table(const Source& source, Problems& problems) {
  switch (guess_format(source)) {
    case TableFormat::csv:
      return read_csv(source, problems);
    case TableFormat::markdown:
      return read_markdown(source, problems);
    case TableFormat::tab_separated:
      break;
  }
  return read_tab_separated(source, problems);
}

}  // namespace chaser::documents
