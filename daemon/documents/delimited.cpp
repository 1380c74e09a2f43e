#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "documents/table.h"
#include "documents/table_builder.h"

namespace chaser::documents {
namespace {

// Rows at the start of a document by which its separator is told.
constexpr std::size_t rows_looked_at = 60;

enum class Quotes {
  strict,   // RFC 4180: a quote that begins a cell must close it
  natural,  // tab-separated text: only what a spreadsheet must have quoted is quoted
};

struct QuotedCell {
  std::string text;
  std::size_t close = 0;  // offset of the closing quote
  bool has_line_break = false;
  bool needed_quotes = false;
};

class DelimitedReader {
 public:
  DelimitedReader(const Source& source, char separator, Quotes quotes, TableBuilder& to, Problems* problems)
      : source_{source}, text_{source.text()}, separator_{separator}, quotes_{quotes}, to_{to}, problems_{problems} {}

  /// Reads at most `rows_max` rows, blank ones counted.
  void read(std::size_t rows_max);

 private:
  void read_cell();
  void read_plain(std::size_t start);
  bool read_quoted(std::size_t start);
  std::optional<QuotedCell> quoted_at(std::size_t open) const;
  bool is_cell_end(std::size_t offset) const;
  void end_cell();
  void complain(std::size_t offset, std::string message, std::vector<std::string> notes = {});

  const Source& source_;
  std::string_view text_;
  char separator_;
  Quotes quotes_;
  TableBuilder& to_;
  Problems* problems_;
  std::size_t offset_ = 0;
  bool row_ended_ = false;
};

void DelimitedReader::complain(std::size_t offset, std::string message, std::vector<std::string> notes) {
  if (problems_ != nullptr) problems_->error(source_, source_.position(offset), std::move(message), std::move(notes));
}

bool DelimitedReader::is_cell_end(std::size_t offset) const {
  return offset >= text_.size() || text_[offset] == separator_ || text_[offset] == '\n' || text_[offset] == '\r';
}

void DelimitedReader::read(std::size_t rows_max) {
  offset_ = text_.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  const std::string_view first = source_.line(1);
  if (quotes_ == Quotes::strict && first.size() == 5 && first.starts_with("sep=")) {
    offset_ = std::min(text_.size(), text_.find_first_of("\r\n", offset_));  // Excel's own note of the separator
  }
  for (std::size_t rows = 0; rows < rows_max && offset_ < text_.size() && !to_.is_full(); ++rows) {
    row_ended_ = false;
    while (!row_ended_) read_cell();
    to_.end_row();
  }
}

void DelimitedReader::read_cell() {
  std::size_t start = offset_;
  while (start < text_.size() && text_[start] == ' ') ++start;
  const bool is_quoted = start < text_.size() && text_[start] == '"';
  if (is_quoted && read_quoted(start)) return;
  read_plain(offset_);
}

void DelimitedReader::read_plain(std::size_t start) {
  std::size_t end = start;
  while (!is_cell_end(end)) ++end;
  to_.add_cell(start, text_.substr(start, end - start));
  offset_ = end;
  end_cell();
}

std::optional<QuotedCell> DelimitedReader::quoted_at(std::size_t open) const {
  QuotedCell cell;
  for (std::size_t i = open + 1; i < text_.size(); ++i) {
    const char c = text_[i];
    if (c == '"' && (i + 1 == text_.size() || text_[i + 1] != '"')) {
      cell.close = i;
      cell.needed_quotes = cell.needed_quotes || cell.has_line_break;
      return cell;
    }
    if (c == '"') ++i;
    cell.has_line_break = cell.has_line_break || c == '\n' || c == '\r';
    cell.needed_quotes = cell.needed_quotes || c == '"' || c == ',' || c == separator_;
    const bool is_crlf = c == '\r' && i + 1 < text_.size() && text_[i + 1] == '\n';
    if (!is_crlf) cell.text.push_back(c == '\r' ? '\n' : c);
  }
  return std::nullopt;
}

/// False if the quote is no more than a character of a plain cell; then nothing was read.
bool DelimitedReader::read_quoted(std::size_t start) {
  const std::optional<QuotedCell> cell = quoted_at(start);
  if (!cell) {
    if (quotes_ == Quotes::strict) complain(start, "this quote is never closed");
    return false;
  }
  std::size_t end = cell->close + 1;
  while (end < text_.size() && text_[end] == ' ') ++end;
  const bool is_whole = is_cell_end(end);
  if (quotes_ == Quotes::natural && !(is_whole && cell->needed_quotes)) return false;
  if (!is_whole && cell->has_line_break) {
    complain(start, fmt::format("this quote is not closed before line {}", source_.position(cell->close).line),
             {"the quote that ends it there was meant to open another cell"});
    return false;
  }
  if (!is_whole) {
    complain(cell->close, "text goes on after this closing quote", {"a quote inside a quoted cell is written \"\""});
    return false;
  }
  to_.add_cell(start + 1, text_.substr(start + 1, cell->close - start - 1), cell->text);
  offset_ = end;
  end_cell();
  return true;
}

void DelimitedReader::end_cell() {
  row_ended_ = offset_ >= text_.size() || text_[offset_] != separator_;
  if (offset_ >= text_.size()) return;
  const bool is_crlf = text_[offset_] == '\r' && offset_ + 1 < text_.size() && text_[offset_ + 1] == '\n';
  offset_ += is_crlf ? 2 : 1;
}

Table read_delimited(const Source& source, char separator, Quotes quotes, Problems& problems) {
  if (!is_readable(source, problems)) return {};
  TableBuilder builder{source, problems};
  DelimitedReader{source, separator, quotes, builder, &problems}.read(std::string_view::npos);
  return builder.table();
}

}  // namespace

std::size_t agreeing_rows(const Source& source, char separator) {
  Problems unheard;
  TableBuilder builder{source, unheard};
  DelimitedReader{source, separator, Quotes::strict, builder, nullptr}.read(rows_looked_at);
  std::map<std::size_t, std::size_t> rows_by_cells;
  for (const Row& row : builder.table().rows) {
    if (row.cells.size() > 1) ++rows_by_cells[row.cells.size()];
  }
  std::size_t most = 0;
  for (const auto& [cells, rows] : rows_by_cells) most = std::max(most, rows);
  return most;
}

char guess_separator(const Source& source) {
  const std::string_view first = source.line(1);
  if (first.size() == 5 && first.starts_with("sep=")) return first[4];
  return std::ranges::max(std::array{',', ';', '\t'}, {}, [&](char c) { return agreeing_rows(source, c); });
}

Table read_csv(const Source& source, Problems& problems) {
  return read_delimited(source, guess_separator(source), Quotes::strict, problems);
}

Table read_tab_separated(const Source& source, Problems& problems) {
  return read_delimited(source, '\t', Quotes::natural, problems);
}

}  // namespace chaser::documents
