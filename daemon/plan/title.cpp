#include <algorithm>
#include <array>

#include "documents/characters.h"
#include "plan/action_reader.h"

namespace chaser::plan {
namespace {

constexpr std::size_t title_max = 70;
// A clause shorter than this says too little: "Design, test, and ..." is not called "Design".
constexpr std::size_t clause_min = 25;
constexpr std::array<std::string_view, 8> clause_ends = {". ", "; ", ": ", ", ", " \u2013 ", " \u2014 ", " - ", " ("};

std::string on_one_line(std::string_view text) {
  std::string line;
  for (const char c : documents::trimmed(text)) {
    const bool is_blank = c == ' ' || (c >= '\t' && c <= '\r');
    if (!is_blank) {
      line.push_back(c);
    } else if (line.back() != ' ') {
      line.push_back(' ');
    }
  }
  return line;
}

std::string_view without_stop(std::string_view text) {
  text = documents::trimmed(text);
  while (!text.empty() && std::string_view{".,;:-"}.find(text.back()) != std::string_view::npos) text.remove_suffix(1);
  return documents::trimmed(text);
}

}  // namespace

std::string title_of(std::string_view text) {
  const std::string line = on_one_line(text);
  const std::size_t sentence = line.find(". ");
  const std::string_view first = std::string_view{line}.substr(0, sentence);
  if (documents::character_count(first) <= title_max) return std::string{without_stop(first)};
  const std::string_view room = documents::first_characters(line, title_max);
  std::size_t clause = 0;
  for (const std::string_view end : clause_ends) {
    const std::size_t at = room.rfind(end);
    if (at != std::string_view::npos) clause = std::max(clause, at);
  }
  if (clause >= clause_min) return std::string{without_stop(room.substr(0, clause))};
  const std::size_t blank = room.rfind(' ');
  const std::string_view words = blank == std::string_view::npos ? room : room.substr(0, blank);
  return std::string{without_stop(words)} + "\u2026";
}

}  // namespace chaser::plan
