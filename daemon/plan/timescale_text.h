#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace chaser::plan {

/// The text of a cell as a reader would say it: struck-out text (<s>, <del>, <strike>, ~~ ~~), tags, entities, link
/// targets, emphasis and footnote marks are gone; every dash is '-', every blank ' ', every line end and <br> ';';
/// ASCII letters are small. Bytes that are not UTF-8 and control characters become blanks.
std::string plain_text(std::string_view cell);

/// The first part of plain_text, for texts whose letters and signs are to be kept: struck-out text, tags, entities,
/// link targets, emphasis and notes in square brackets are gone; <br> and the like are ';'.
std::string without_markup(std::string_view cell);

struct Token {
  enum class Kind : unsigned char { number, word, mark };
  Kind kind = Kind::mark;
  std::string text;           // small letters; one character for a mark
  int value = 0;              // of a number of up to 4 digits
  bool blank_before = false;  // or the text's start

  bool is(std::string_view what) const { return text == what; }
  bool is_number() const { return kind == Kind::number; }
  bool is_word() const { return kind == Kind::word; }
  bool is_digits(std::size_t fewest, std::size_t most) const {
    return is_number() && text.size() >= fewest && text.size() <= most;
  }
};

/// Numbers, words (letters, with all bytes beyond ASCII) and single marks: "Q2-2026" is q, 2, -, 2026.
std::vector<Token> tokens_of(std::string_view plain);

/// The words and numbers alone, one blank before, between and after: " n a ". Made for has_phrase.
std::string words_of(std::string_view plain);

/// Whether whole words stand in what words_of made: has_phrase(" by end of 2026 ", "end of").
bool has_phrase(std::string_view words, std::string_view phrase);

/// Whether one of the words or phrases of a list separated by '|' does. A word that ends in '*' is the start of one.
bool has_any(std::string_view words, std::string_view phrases);

}  // namespace chaser::plan
