#include <fmt/format.h>

#include <algorithm>

#include "documents/problems.h"

namespace chaser::documents {
namespace {

// What a reader takes in at a glance; a longer line is shown around its token.
constexpr int shown_max = 110;
constexpr int before_token = 50;

struct Excerpt {
  std::string line;
  std::string carets;
};

char32_t safe(const Character& character) {
  const bool is_control = (character.code < 0x20 && character.code != '\t') ||
                          (character.code >= 0x7F && character.code <= 0x9F) ||
                          (character.code >= 0x202A && character.code <= 0x202E);
  return is_control ? 0xFFFD : character.code;
}

/// A tab under a tab keeps both lines equally wide whatever the terminal's stops are.
std::string padding(char32_t code, char fill) {
  if (code == '\t') return fill == ' ' ? "\t" : std::string(1, fill);
  return std::string(static_cast<std::size_t>(display_width(code)), fill);
}

Excerpt excerpt_of(const Problem& problem) {
  const int count = static_cast<int>(character_count(problem.excerpt));
  const bool is_long = count > shown_max;
  const int first = is_long ? std::clamp(problem.at.column - before_token, 1, count - shown_max + 1) : 1;
  const int last = is_long ? first + shown_max - 1 : count;
  const int token_end = problem.at.column + std::max(problem.at.length, 1) - 1;
  Excerpt shown;
  if (first > 1) shown = {"\u2026", " "};
  int column = 1;
  for (std::size_t offset = 0; offset < problem.excerpt.size() && column <= last; ++column) {
    const Character character = character_at(problem.excerpt, offset);
    offset += character.bytes;
    if (column < first) continue;
    append_utf8(shown.line, safe(character));
    if (column < problem.at.column) shown.carets += padding(safe(character), ' ');
    if (column >= problem.at.column && column <= token_end) shown.carets += padding(safe(character), '^');
  }
  if (last < count) shown.line += "\u2026";
  // A place behind the line's end: something is missing there.
  if (problem.at.column > count) shown.carets += std::string(static_cast<std::size_t>(problem.at.column > 0), '^');
  return shown;
}

std::string safe_text(std::string_view text) {
  std::string shown;
  for (std::size_t offset = 0; offset < text.size();) {
    const Character character = character_at(text, offset);
    append_utf8(shown, safe(character));
    offset += character.bytes;
  }
  return shown;
}

std::string place(const Problem& problem) {
  if (problem.at.line == 0) return safe_text(problem.file);
  if (problem.at.column == 0) return fmt::format("{}:{}", safe_text(problem.file), problem.at.line);
  return fmt::format("{}:{}:{}", safe_text(problem.file), problem.at.line, problem.at.column);
}

}  // namespace

std::string describe(const Problem& problem) {
  const std::string_view severity = problem.severity == Severity::error ? "error" : "warning";
  std::string text = fmt::format("{}: {}: {}\n", place(problem), severity, safe_text(problem.message));
  if (!problem.excerpt.empty() && problem.at.column > 0) {
    const Excerpt shown = excerpt_of(problem);
    text += fmt::format("{:>4} | {}\n     | {}\n", problem.at.line, shown.line, shown.carets);
  }
  for (const std::string& note : problem.notes) text += fmt::format("     | {}\n", safe_text(note));
  return text;
}

}  // namespace chaser::documents
