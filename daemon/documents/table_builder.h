#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "documents/table.h"

namespace chaser::documents {

// For the readers alone.

/// Collects cells into rows, trims them, drops blank rows and holds the table's limits: the first one that is hit is
/// reported and from then on `is_full()`.
class TableBuilder {
 public:
  TableBuilder(const Source& source, Problems& problems) : source_{source}, problems_{problems} {}

  /// A cell whose raw form begins at byte `offset` and is `raw` there; `text` is what it means.
  void add_cell(std::size_t offset, std::string_view raw, std::string text);
  /// The same, where the raw form is the meaning.
  void add_cell(std::size_t offset, std::string_view raw) { add_cell(offset, raw, std::string{raw}); }
  void end_row();

  bool is_full() const { return is_full_; }
  Table table() { return std::move(table_); }

 private:
  void refuse(Position at, std::string message);

  const Source& source_;
  Problems& problems_;
  Table table_;
  Row row_;
  bool is_full_ = false;
};

/// False, with the error, if the text is too large, has NUL or other control characters, or is not UTF-8.
bool is_readable(const Source& source, Problems& problems);

/// The separator that most rows at the start of the document agree on in their number of cells: ',' ';' or tab.
char guess_separator(const Source& source);

/// How many rows at the start have the commonest number of cells, of two or more, with that separator.
std::size_t agreeing_rows(const Source& source, char separator);

}  // namespace chaser::documents
