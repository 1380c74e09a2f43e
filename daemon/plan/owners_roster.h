#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace chaser::plan {

/// A word of an owner cell: where it stands and how it compares (small ASCII letters).
struct NameWord {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string folded;
};

/// Letters, digits and bytes beyond ASCII make words; every other mark and blank parts them.
std::vector<NameWord> name_words(std::string_view text);
/// The words alone, one blank between: how names compare.
std::string folded_name(std::string_view text);

/// The names a directory knows, compared by their words alone: without case, punctuation and blanks.
class Roster {
 public:
  Roster() = default;
  explicit Roster(std::span<const std::string> names);

  bool empty() const { return by_words_.empty(); }
  /// The name as the directory has it, if `text` is one, or differs by one slip of the pen in a long name; else null.
  const std::string* find(std::string_view text) const;
  const std::string* find_exactly(std::string_view text) const;
  /// How many of the words from `first` on make the longest known name; 0 if none begins there.
  std::size_t longest_at(std::span<const NameWord> words, std::size_t first) const;
  /// Known names that, written one behind the other with or without blanks, make up the whole text; empty if none do.
  std::vector<std::string> segments(std::string_view text) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  using Names = std::unordered_map<std::string, std::string, Hash, std::equal_to<>>;

  Names by_words_;    // "kent county council"
  Names by_letters_;  // "kentcountycouncil"
  std::size_t words_max_ = 0;
  std::size_t letters_max_ = 0;
};

}  // namespace chaser::plan
