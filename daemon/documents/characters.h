#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace chaser::documents {

/// Text is UTF-8 throughout; a character is a code point. An invalid byte counts as one character, U+FFFD.
struct Character {
  char32_t code = 0;
  std::size_t bytes = 0;  // 1..4
  bool valid = true;
};

/// The character that begins at `offset`, which lies inside `text`.
Character character_at(std::string_view text, std::size_t offset);
std::size_t character_count(std::string_view text);
/// The first `count` characters, never cutting one in half.
std::string_view first_characters(std::string_view text, std::size_t count);
void append_utf8(std::string& to, char32_t code);
/// Columns of a terminal: 0 for combining marks, 2 for East Asian wide characters and emoji, else 1.
int display_width(char32_t code);
std::size_t display_width(std::string_view text);
/// With blanks after it up to `width` columns; a wider text as it is.
std::string padded(std::string text, std::size_t width);

/// Without blanks at both ends: ASCII white space, no-break space, zero-width space and byte order mark.
std::string_view trimmed(std::string_view text);
/// ASCII letters in lower case, the rest untouched.
std::string lower_case(std::string_view text);
bool equal_without_case(std::string_view a, std::string_view b);
/// Trimmed, in lower case, each run of blanks and line breaks one blank: for comparing what people typed.
std::string folded(std::string_view text);

enum class Encoding { utf8, utf16, windows_1252, invalid };

struct Decoded {
  std::string text;  // UTF-8; of an invalid text the bytes as they came
  Encoding encoding = Encoding::utf8;
};

/// UTF-8 by its bytes, UTF-16 by its byte order mark; bytes above 127 without one valid UTF-8 sequence among them are
/// Windows-1252; anything else is invalid.
Decoded decode(std::string bytes);

}  // namespace chaser::documents
