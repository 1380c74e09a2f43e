#pragma once

#include <yaml.h>

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "documents/problems.h"

namespace chaser::documents {

// For yaml.cpp alone: libyaml's marks and errors in the words of Chaser.

/// libyaml counts characters from the start of the file (the parser never sees a byte order mark; CR LF are two);
/// Source counts bytes.
class MarkMap {
 public:
  explicit MarkMap(const Source& source);

  std::size_t offset(const yaml_mark_t& mark) const;
  Position position(const yaml_mark_t& mark, int length = 1) const;
  /// Of a scalar: to its end, or to the end of its first line.
  Position span(const yaml_mark_t& start, const yaml_mark_t& end) const;

 private:
  static constexpr std::size_t stride = 256;

  Position position_at(std::size_t offset, int length) const;

  const Source& source_;
  std::vector<std::size_t> offsets_;  // of characters 0, stride, 2 * stride ...; empty when characters are bytes
  /// Where the last mark stood: marks come in order, and a line may be as long as a file.
  mutable std::optional<std::pair<std::size_t, Position>> last_;
};

struct QuotedSpan {
  yaml_mark_t start;
  yaml_mark_t end;
};

/// False, with the error, for NUL, other control characters and bytes that are no UTF-8.
bool report_unreadable_characters(const Source& source, Problems& problems);

/// What stopped the parser, where the mistake was made rather than where it was noticed, and how to mend it.
void report_syntax_error(const yaml_parser_t& parser, const Source& source, const MarkMap& marks,
                         const std::optional<QuotedSpan>& last_quote, Problems& problems);

}  // namespace chaser::documents
