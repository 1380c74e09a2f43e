#include <algorithm>
#include <numeric>

#include "documents/problems.h"

namespace chaser::documents {
namespace {

// Longer words are sentences; nobody mistypes one as another.
constexpr std::size_t word_bytes_max = 64;
// Comparing with more would take longer than the hint is worth.
constexpr std::size_t known_words_max = 5'000;

std::string bare(std::string_view word) {
  std::string bare = lower_case(word);
  std::erase_if(bare, [](char c) { return c == '_' || c == '-' || c == ' ' || c == '.'; });
  return bare;
}

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

std::size_t distance_allowed(std::size_t length) {
  if (length <= 2) return 0;
  if (length <= 4) return 1;
  return length <= 7 ? 2 : 3;
}

}  // namespace

std::optional<std::string> nearest(std::string_view got, std::span<const std::string> known) {
  if (got.size() > word_bytes_max || known.size() > known_words_max) return std::nullopt;
  const std::string wanted = bare(got);
  if (wanted.empty()) return std::nullopt;
  std::optional<std::string> best;
  std::size_t best_distance = distance_allowed(wanted.size()) + 1;
  for (const std::string& word : known) {
    if (word.size() > word_bytes_max) continue;
    const std::string candidate = bare(word);
    const std::size_t distance = edit_distance(wanted, candidate);
    // A word that shares nothing with what was typed is no help, however short both are.
    if (distance >= best_distance || distance >= candidate.size()) continue;
    best = word;
    best_distance = distance;
  }
  return best;
}

std::string did_you_mean(std::string_view got, std::span<const std::string> known) {
  const std::optional<std::string> word = nearest(got, known);
  return word ? "; did you mean \"" + *word + "\"?" : "";
}

}  // namespace chaser::documents
