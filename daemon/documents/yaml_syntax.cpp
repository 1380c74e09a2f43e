#include "documents/yaml_syntax.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace chaser::documents {
namespace {

std::size_t first_offset(const Source& source) {
  return source.text().starts_with("\xEF\xBB\xBF") ? 3 : 0;
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// A place at or before `offset` where something stands: the end of the file points behind its last word.
Position visible(const Source& source, std::size_t offset) {
  const std::string_view text = source.text();
  offset = std::min(offset, text.size());
  const bool at_end = offset >= text.size() || text.find_first_not_of(" \t\r\n", offset) == std::string_view::npos;
  if (!at_end) return source.position(offset);
  const std::size_t last = text.substr(0, offset).find_last_not_of(" \t\r\n");
  return source.position(last == std::string_view::npos ? 0 : last + 1);
}

struct Finding {
  std::size_t offset;
  std::string message;
  std::vector<std::string> notes;
};

std::string_view words(const char* text) {
  return text == nullptr ? std::string_view{} : std::string_view{text};
}

bool is_tab_at(const Source& source, std::size_t offset) {
  return offset < source.text().size() && source.text()[offset] == '\t';
}

Finding scanner_finding(const yaml_parser_t& parser, const Source& source, const MarkMap& marks) {
  const std::string_view problem = words(parser.problem);
  const std::string_view context = words(parser.context);
  const std::size_t at = marks.offset(parser.problem_mark);
  const std::size_t began = marks.offset(parser.context_mark);
  if (context == "while scanning a quoted scalar" && problem.starts_with("found unexpected")) {
    return {began, "this quote is never closed", {"it must end with the same quote that opens it"}};
  }
  if (context == "while parsing a quoted scalar" || context == "while scanning a quoted scalar") {
    return {at,
            "this escape is unknown: in double quotes a backslash is written \\\\",
            {"or use single quotes, where a backslash is just a backslash"}};
  }
  if (context.starts_with("while parsing a quoted scalar") || problem == "found unknown escape character") {
    return {at, "this escape is unknown: in double quotes a backslash is written \\\\", {}};
  }
  if (problem == "found character that cannot start any token") {
    if (is_tab_at(source, at)) return {at, "a tab cannot indent YAML; use spaces", {}};
    return {at, fmt::format("text cannot begin with '{}'; put it in quotes", source.text().substr(at, 1)), {}};
  }
  if (problem == "found a tab character that violates indentation" ||
      problem == "found a tab character where an indentation space is expected") {
    return {at, "a tab cannot indent YAML; use spaces", {}};
  }
  if (problem == "mapping values are not allowed in this context") {
    return {at, "a ':' is not expected here", {"text with ': ' in it needs quotes; or this line is indented too far"}};
  }
  if (problem == "could not find expected ':'") {
    return {began, "a key must be followed by ': ' and its value", {"or the line above is not finished"}};
  }
  if (problem == "block sequence entries are not allowed in this context") {
    return {at, "a list entry ('- ') is not expected here", {"a list begins on a line of its own below its key"}};
  }
  return {at, fmt::format("this is not YAML: {}{}{}", context, context.empty() ? "" : ", ", problem), {}};
}

Finding parser_finding(const yaml_parser_t& parser, const MarkMap& marks) {
  const std::string_view problem = words(parser.problem);
  const std::string_view context = words(parser.context);
  const std::size_t at = marks.offset(parser.problem_mark);
  const std::size_t began = marks.offset(parser.context_mark);
  const bool elsewhere = parser.problem_mark.line != parser.context_mark.line;
  if (context == "while parsing a flow sequence") {
    if (elsewhere) return {began, "this '[' is never closed with ']'", {}};
    return {at, "expected ',' or ']' here", {"text with a comma, a bracket or a colon in it needs quotes"}};
  }
  if (context == "while parsing a flow node") {
    return {at, "a value is missing here", {"or a '[' or '{' before it is never closed"}};
  }
  if (context == "while parsing a flow mapping") {
    if (elsewhere) return {began, "this '{' is never closed with '}'", {}};
    return {at, "expected ',' or '}' here", {"text with a comma, a brace or a colon in it needs quotes"}};
  }
  if (context == "while parsing a block mapping") {
    return {at,
            "expected a key here, as far in as the keys above it",
            {fmt::format("the mapping it would belong to begins on line {}, column {}", parser.context_mark.line + 1,
                         parser.context_mark.column + 1)}};
  }
  if (context == "while parsing a block collection") {
    return {at,
            "expected '- ' here, as far in as the entries above it",
            {fmt::format("the list it would belong to begins on line {}, column {}", parser.context_mark.line + 1,
                         parser.context_mark.column + 1)}};
  }
  return {at, fmt::format("this is not YAML: {}{}{}", context, context.empty() ? "" : ", ", problem), {}};
}

/// A quote that closed right before the error: the one who wrote it meant to close it earlier, or it stands inside.
std::optional<Finding> quote_finding(const yaml_parser_t& parser, const Source& source, const MarkMap& marks,
                                     const std::optional<QuotedSpan>& last_quote) {
  if (!last_quote || last_quote->end.line != parser.problem_mark.line) return std::nullopt;
  const std::size_t closed = marks.offset(last_quote->end);
  const std::size_t at = std::max(marks.offset(parser.problem_mark), closed);
  const std::string_view between = std::string_view{source.text()}.substr(closed, at - closed);
  if (between.find_first_not_of(' ') != std::string_view::npos) return std::nullopt;
  if (last_quote->start.line != last_quote->end.line) {
    return Finding{marks.offset(last_quote->start),
                   fmt::format("this quote is not closed before line {}", last_quote->end.line + 1),
                   {"the quote that ends it there was meant to open another text"}};
  }
  return Finding{closed > 0 ? closed - 1 : 0,
                 "text goes on after this closing quote",
                 {"a quote inside double quotes is written \\\", inside single quotes ''"}};
}

Finding finding_of(const yaml_parser_t& parser, const Source& source, const MarkMap& marks,
                   const std::optional<QuotedSpan>& last_quote) {
  if (parser.error == YAML_READER_ERROR) {
    return {first_offset(source) + parser.problem_offset, fmt::format("unreadable: {}", words(parser.problem)), {}};
  }
  if (parser.error == YAML_SCANNER_ERROR) {
    Finding finding = scanner_finding(parser, source, marks);
    if (!finding.message.starts_with("this quote")) {
      if (auto quote = quote_finding(parser, source, marks, last_quote)) return *quote;
    }
    return finding;
  }
  if (auto quote = quote_finding(parser, source, marks, last_quote)) return *quote;
  return parser_finding(parser, marks);
}

}  // namespace

MarkMap::MarkMap(const Source& source) : source_{source} {
  if (is_ascii(source.text())) return;
  std::size_t character = 0;
  for (std::size_t offset = first_offset(source); offset < source.text().size(); ++character) {
    if (character % stride == 0) offsets_.push_back(offset);
    offset += character_at(source.text(), offset).bytes;
  }
}

std::size_t MarkMap::offset(const yaml_mark_t& mark) const {
  const std::size_t size = source_.text().size();
  if (offsets_.empty()) return std::min(mark.index, size);
  const std::size_t slot = std::min(mark.index / stride, offsets_.size() - 1);
  std::size_t offset = offsets_[slot];
  for (std::size_t left = mark.index - slot * stride; left > 0 && offset < size; --left) {
    offset += character_at(source_.text(), offset).bytes;
  }
  return offset;
}

Position MarkMap::position(const yaml_mark_t& mark, int length) const {
  return position_at(offset(mark), length);
}

/// On the same line it counts on from the last one, so that many values on one line cost no more than on many.
Position MarkMap::position_at(std::size_t offset, int length) const {
  offset = std::max(offset, first_offset(source_));
  const std::string_view text = source_.text();
  if (last_ && last_->first <= offset) {
    const std::string_view between = text.substr(last_->first, offset - last_->first);
    if (offset < text.size() && between.find_first_of("\r\n") == std::string_view::npos) {
      Position at = last_->second;
      at.column += static_cast<int>(character_count(between));
      at.length = length;
      last_ = std::pair(offset, at);
      return at;
    }
  }
  const Position at = source_.position(offset, length);
  if (offset < text.size()) last_ = std::pair(offset, at);
  return at;
}

Position MarkMap::span(const yaml_mark_t& start, const yaml_mark_t& end) const {
  const std::size_t from = offset(start);
  const std::string_view text = std::string_view{source_.text()}.substr(from, offset(end) - from);
  const std::string_view first_line = text.substr(0, std::min(text.find_first_of("\r\n"), text.size()));
  return position_at(from, std::max(1, static_cast<int>(character_count(first_line))));
}

bool report_unreadable_characters(const Source& source, Problems& problems) {
  const std::string_view text = source.text();
  if (source.encoding() == Encoding::windows_1252) {
    const auto first = std::ranges::find_if(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
    problems.error(source, source.position(static_cast<std::size_t>(first - text.begin())),
                   "this file is not UTF-8 (it looks like Windows-1252); save it as UTF-8");
    return false;
  }
  for (std::size_t offset = 0; offset < text.size();) {
    const Character next = character_at(text, offset);
    const bool is_control = next.code < 0x20 && next.code != '\t' && next.code != '\n' && next.code != '\r';
    if (!next.valid) {
      problems.error(source, source.position(offset), "these bytes are not UTF-8; save the file as UTF-8");
      return false;
    }
    if (is_control) {
      problems.error(
          source, source.position(offset),
          fmt::format("control character U+{:04X} in the file; remove it", static_cast<unsigned>(next.code)));
      return false;
    }
    offset += next.bytes;
  }
  return true;
}

void report_syntax_error(const yaml_parser_t& parser, const Source& source, const MarkMap& marks,
                         const std::optional<QuotedSpan>& last_quote, Problems& problems) {
  if (parser.error == YAML_MEMORY_ERROR) throw std::bad_alloc{};
  Finding finding = finding_of(parser, source, marks, last_quote);
  problems.error(source, visible(source, finding.offset), std::move(finding.message), std::move(finding.notes));
}

}  // namespace chaser::documents
