#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "documents/problems.h"

namespace chaser::documents {

inline constexpr std::size_t table_bytes_max = std::size_t{16} << 20U;
inline constexpr std::size_t table_rows_max = 200'000;
inline constexpr std::size_t table_columns_max = 200;
inline constexpr std::size_t table_cell_bytes_max = std::size_t{64} << 10U;

/// One cell: its text trimmed at both ends, inner line breaks kept as '\n', never shortened.
struct Cell {
  std::string text;
  Position at;
};

/// One row of the document, in order. A line of text without separators is a row of one cell; a blank line is none.
/// `cells` holds every separator's cell, empty ones too, so that columns keep their numbers.
struct Row {
  int line = 0;
  std::vector<Cell> cells;

  /// The only non-empty cell, or nullptr if there are none or several.
  const Cell* only_cell() const;
};

/// A whole document as rows: title, noise, header, sections and data alike. plan/ tells them apart.
struct Table {
  std::vector<Row> rows;
};

enum class TableFormat { tab_separated, csv, markdown };

/// By the file's name (.csv, .md, .tsv, .txt), else by its text.
TableFormat guess_format(const Source& source);

/// Lines, cells separated by tabs. A cell that a spreadsheet quoted (because of a comma, a quote or a line break in it)
/// is read as it was there; other quotes are text.
Table read_tab_separated(const Source& source, Problems& problems);
/// RFC 4180 with quotes, embedded line breaks, doubled quotes; separator ',' ';' or tab, whichever the header uses;
/// a byte order mark is dropped. An unterminated quote is an error at its opening.
Table read_csv(const Source& source, Problems& problems);
/// GitHub's tables; escaped pipes, <br> as a line break, inline code, emphasis and links reduced to their words;
/// headings and paragraphs are one-cell rows; delimiter rows vanish.
Table read_markdown(const Source& source, Problems& problems);
/// guess_format and the reader for it. Limits, each an error: 16 MiB, 200,000 rows, 200 columns, 64 KiB a cell;
/// NUL bytes and invalid UTF-8 are errors with their place (UTF-16 with a byte order mark and Windows-1252 are read).
Table read_table(const Source& source, Problems& problems);

}  // namespace chaser::documents
