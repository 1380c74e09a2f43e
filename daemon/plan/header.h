#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "documents/table.h"

namespace chaser::plan {

// For read_plan alone: which column of a plan's table says what.

enum class Column : std::uint8_t { id, action, owner, support, timescale, status, section, title };
inline constexpr std::size_t column_kinds = 8;
/// "ID", "Action", "Lead" ...: the name to suggest when it is missing.
std::string_view name_of(Column column);

/// A header row as read: where each kind of column stands, and the columns that Chaser has no word for.
struct Header {
  std::array<std::optional<std::size_t>, column_kinds> at;
  std::vector<documents::Cell> cells;
  std::vector<std::size_t> unknown;

  std::optional<std::size_t> index(Column column) const { return at[static_cast<std::size_t>(column)]; }
};

/// Reads a row as a header: cells by the words of design.md §4 with synonyms, in any order, without case and signs.
/// A row is one if it names the action and, besides, who or when; nothing otherwise. `exact` refuses cells that merely
/// contain such a word, so that no row of data passes for a header repeated on a new page.
enum class Match : std::uint8_t { exact, loose };
std::optional<Header> read_header(const documents::Row& row, Match match);

/// How many kinds of column a row names: for telling which row comes nearest to being the header.
std::size_t columns_named(const documents::Row& row);

/// The words by which a column of that kind goes, for suggestions.
std::vector<std::string> words_for(Column column);

}  // namespace chaser::plan
