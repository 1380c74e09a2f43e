#include "plan/owners_roster.h"

#include <absl/strings/ascii.h>

#include <algorithm>
#include <utility>

namespace chaser::plan {
namespace {

/// Names shorter than this are never matched with a slip in them: a wrong letter makes another acronym.
constexpr std::size_t slip_size_min = 10;
/// Except for two letters exchanged, from this size on: DHGLH for DHLGH.
constexpr std::size_t exchange_size_min = 5;
/// Longer texts are never taken for names written without a blank between.
constexpr std::size_t segmented_size_max = 300;

bool is_name_byte(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || (c & '\x80') != 0;
}

std::string letters_of(std::string_view text) {
  std::string letters;
  for (const NameWord& word : name_words(text)) letters += word.folded;
  return letters;
}

/// Whether one inserted, dropped, changed or exchanged letter makes the one text of the other.
bool differ_by_one_slip(std::string_view a, std::string_view b) {
  const bool is_long = std::min(a.size(), b.size()) >= slip_size_min;
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > 1) return false;
  const auto front = static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
  a.remove_prefix(front);
  b.remove_prefix(front);
  while (!a.empty() && a.back() == b.back()) {
    a.remove_suffix(1);
    b.remove_suffix(1);
  }
  return (is_long && a.size() <= 1 && b.size() <= 1) ||
         (a.size() == 2 && b.size() == 2 && a[0] == b[1] && a[1] == b[0]);
}

}  // namespace

std::vector<NameWord> name_words(std::string_view text) {
  std::vector<NameWord> words;
  for (std::size_t i = 0; i < text.size();) {
    if (!is_name_byte(text[i])) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && is_name_byte(text[end])) ++end;
    words.push_back({i, end, absl::AsciiStrToLower(std::string(text.substr(i, end - i)))});
    i = end;
  }
  return words;
}

std::string folded_name(std::string_view text) {
  std::string folded;
  for (const NameWord& word : name_words(text)) folded += (folded.empty() ? "" : " ") + word.folded;
  return folded;
}

Roster::Roster(std::span<const std::string> names) {
  for (const std::string& name : names) {
    const std::string words = folded_name(name);
    if (words.empty()) continue;
    const std::string letters = letters_of(name);
    by_words_.try_emplace(words, name);
    by_letters_.try_emplace(letters, name);
    words_max_ = std::max(words_max_, static_cast<std::size_t>(std::ranges::count(words, ' ')) + 1);
    letters_max_ = std::max(letters_max_, letters.size());
  }
}

const std::string* Roster::find_exactly(std::string_view text) const {
  const auto at = by_words_.find(folded_name(text));
  return at == by_words_.end() ? nullptr : &at->second;
}

const std::string* Roster::find(std::string_view text) const {
  if (const std::string* const exact = find_exactly(text)) return exact;
  const std::string words = folded_name(text);
  if (words.size() < exchange_size_min || words.size() > letters_max_ * 2 + 1) return nullptr;
  const std::string* found = nullptr;
  for (const auto& [known, name] : by_words_) {
    if (known.size() < exchange_size_min || !differ_by_one_slip(words, known)) continue;
    if (found != nullptr) return nullptr;  // two names as near: no telling
    found = &name;
  }
  return found;
}

std::size_t Roster::longest_at(std::span<const NameWord> words, std::size_t first) const {
  std::size_t longest = 0;
  std::string text;
  const std::size_t most = std::min(words.size() - first, words_max_);
  for (std::size_t count = 1; count <= most; ++count) {
    text += (text.empty() ? "" : " ") + words[first + count - 1].folded;
    if (by_words_.contains(text)) longest = count;
  }
  return longest;
}

std::vector<std::string> Roster::segments(std::string_view text) const {
  const std::string letters = letters_of(text);
  if (letters.empty() || letters.size() > segmented_size_max) return {};
  // fewest[i]: how many names make up the first i letters; from[i]: where the last of them begins.
  constexpr std::size_t none = segmented_size_max + 1;
  std::vector<std::size_t> fewest(letters.size() + 1, none);
  std::vector<std::size_t> from(letters.size() + 1, 0);
  fewest[0] = 0;
  for (std::size_t end = 1; end <= letters.size(); ++end) {
    for (std::size_t begin = end > letters_max_ ? end - letters_max_ : 0; begin < end; ++begin) {
      if (fewest[begin] + 1 >= fewest[end] ||
          !by_letters_.contains(std::string_view(letters).substr(begin, end - begin)))
        continue;
      fewest[end] = fewest[begin] + 1;
      from[end] = begin;
    }
  }
  std::vector<std::string> names;
  if (fewest.back() == none) return names;
  for (std::size_t end = letters.size(); end > 0; end = from[end])
    names.push_back(by_letters_.at(letters.substr(from[end], end - from[end])));
  std::ranges::reverse(names);
  return names;
}

}  // namespace chaser::plan
