#include "rulebook/cel_lexer.h"

#include <absl/strings/charconv.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "documents/characters.h"

namespace chaser::rulebook::cel {
namespace {

constexpr std::array<std::string_view, 17> reserved{"as",        "break",  "const",  "continue", "else", "for",
                                                    "function",  "if",     "import", "let",      "loop", "package",
                                                    "namespace", "return", "var",    "void",     "while"};

constexpr std::array<std::string_view, 25> signs{"&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%",
                                                 "!",  "?",  ":",  ".",  ",",  "(",  ")", "[", "]", "{", "}", ";"};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_high_surrogate(std::uint32_t point) {
  return point >= 0xd800 && point < 0xdc00;
}
bool is_low_surrogate(std::uint32_t point) {
  return point >= 0xdc00 && point < 0xe000;
}

constexpr std::string_view single_escapes = "abfnrtv\\?\"'`";
constexpr std::string_view single_values = "\a\b\f\n\r\t\v\\?\"'`";

/// What to say about a character that starts no token.
std::string stray(std::string_view character) {
  if (character == "=") return "to compare, write two equal signs: ==";
  if (character == "&") return "for \"and\", write &&";
  if (character == "|") return "for \"or\", write ||";
  for (const std::string_view quote : {"\u201c", "\u201d", "\u2018", "\u2019", "\u00ab", "\u00bb"}) {
    if (character == quote) return "curly quotes do not work here: write straight ones, as in \"done\"";
  }
  return "\"" + std::string(character) + "\" has no meaning in a condition";
}

}  // namespace

bool is_reserved(std::string_view name) {
  return std::find(reserved.begin(), reserved.end(), name) != reserved.end();
}

char Lexer::peek(std::size_t ahead) const {
  return place_ + ahead < text_.size() ? text_[place_ + ahead] : '\0';
}

Token Lexer::bad(std::size_t begin, std::size_t end, std::string message) const {
  Token token;
  token.kind = TokenKind::bad;
  token.at = {begin, std::max(end, begin)};
  token.message = std::move(message);
  return token;
}

void Lexer::skip_blanks() {
  while (place_ < text_.size()) {
    const char c = text_[place_];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
      ++place_;
    } else if (c == '/' && peek(1) == '/') {
      place_ = std::min(text_.find('\n', place_), text_.size());
    } else {
      return;
    }
  }
}

bool Lexer::at_text() const {
  std::size_t ahead = 0;
  while (ahead < 2 && std::string_view("rRbB").find(peek(ahead)) != std::string_view::npos && peek(ahead) != '\0')
    ++ahead;
  return peek(ahead) == '"' || peek(ahead) == '\'';
}

Token Lexer::next() {
  skip_blanks();
  if (place_ >= text_.size()) {
    Token token;
    token.at = {text_.size(), text_.size()};
    return token;
  }
  if (at_text()) return string_literal();
  const char c = peek();
  if (is_letter(c)) return name();
  if (c == '`') return quoted_name();
  if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
  return sign();
}

Token Lexer::name() {
  const std::size_t begin = place_;
  while (is_letter(peek()) || is_digit(peek())) ++place_;
  Token token;
  token.kind = TokenKind::name;
  token.at = {begin, place_};
  token.spelling = text_.substr(begin, place_ - begin);
  return token;
}

Token Lexer::quoted_name() {
  const std::size_t begin = place_++;
  const auto fits = [](char c) { return is_letter(c) || is_digit(c) || c == '.' || c == '-' || c == '/' || c == ' '; };
  while (fits(peek())) ++place_;
  if (peek() != '`' || place_ == begin + 1) {
    return bad(begin, begin + 1, "this ` is never closed; between two stand letters, digits, and _ . - / alone");
  }
  Token token;
  token.kind = TokenKind::quoted_name;
  token.text = text_.substr(begin + 1, place_ - begin - 1);
  token.at = {begin, ++place_};
  token.spelling = text_.substr(begin, place_ - begin);
  return token;
}

Token Lexer::number() {
  const std::size_t begin = place_;
  const bool hex = peek() == '0' && (peek(1) == 'x' || peek(1) == 'X') && is_hex(peek(2));
  bool real = false;
  if (hex) {
    place_ += 2;
    while (is_hex(peek())) ++place_;
  } else {
    while (is_digit(peek())) ++place_;
    if (peek() == '.' && is_digit(peek(1))) {
      real = true;
      ++place_;
      while (is_digit(peek())) ++place_;
    }
    const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 2 : 1;
    if ((peek() == 'e' || peek() == 'E') && is_digit(peek(sign))) {
      real = true;
      place_ += sign;
      while (is_digit(peek())) ++place_;
    }
  }
  Token token;
  token.at = {begin, place_};
  const char* const first = text_.data() + begin + (hex ? 2 : 0);
  const char* const last = text_.data() + place_;
  std::errc error{};
  if (real) {
    token.kind = TokenKind::real;
    error = absl::from_chars(first, last, token.real).ec;
    if (error == std::errc::result_out_of_range && std::abs(token.real) < 1) error = {};  // so small that it is 0
  } else {
    token.kind = TokenKind::integer;
    error = std::from_chars(first, last, token.magnitude, hex ? 16 : 10).ec;
    if (peek() == 'u' || peek() == 'U') {
      token.kind = TokenKind::natural;
      token.at.end = ++place_;
    }
  }
  if (is_letter(peek()) || is_digit(peek())) {
    return bad(place_, place_ + 1,
               "a number ends before this letter; put texts in quotes, and write hours as duration(\"48h\")");
  }
  if (error != std::errc{}) return bad(begin, place_, "this number is too large");
  token.spelling = text_.substr(begin, place_ - begin);
  return token;
}

std::optional<Token> Lexer::escape(std::string& into) {
  const std::size_t begin = place_++;
  const char c = peek();
  if (const std::size_t index = single_escapes.find(c); c != '\0' && index != std::string_view::npos) {
    into += single_values[index];
    ++place_;
    return std::nullopt;
  }
  const bool octal = c >= '0' && c <= '3';
  const std::size_t digits = octal ? 3 : c == 'x' || c == 'X' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
  if (digits == 0) {
    const std::size_t end = place_ < text_.size() ? place_ + documents::character_at(text_, place_).bytes : place_;
    return bad(begin, end, "unknown escape; for a backslash itself write two, or r\"...\" for a text without escapes");
  }
  if (!octal) ++place_;
  std::optional<std::uint32_t> point = code_point(digits, octal ? 8 : 16);
  if (point && digits == 4 && is_high_surrogate(*point)) {
    const std::optional<std::uint32_t> low = low_surrogate();
    if (low) point = 0x10000 + ((*point - 0xd800) << 10U) + (*low - 0xdc00);
  }
  if (!point || *point > 0x10ffff || is_high_surrogate(*point) || is_low_surrogate(*point)) {
    return bad(begin, std::max(place_, begin + 2), "this escape names no character");
  }
  documents::append_utf8(into, *point);
  return std::nullopt;
}

/// Exactly `digits` digits, and moves past them.
std::optional<std::uint32_t> Lexer::code_point(std::size_t digits, int base) {
  const std::string_view number = text_.substr(std::min(place_, text_.size()), digits);
  std::uint32_t point = 0;
  const auto [rest, error] = std::from_chars(number.data(), number.data() + number.size(), point, base);
  if (number.size() != digits || rest != number.data() + digits || error != std::errc{}) return std::nullopt;
  place_ += digits;
  return point;
}

/// The second half of a pair, where it stands next.
std::optional<std::uint32_t> Lexer::low_surrogate() {
  const std::size_t begin = place_;
  if (peek() == '\\' && peek(1) == 'u') {
    place_ += 2;
    const std::optional<std::uint32_t> point = code_point(4, 16);
    if (point && is_low_surrogate(*point)) return point;
  }
  place_ = begin;
  return std::nullopt;
}

Token Lexer::string_literal() {
  const std::size_t begin = place_;
  bool raw = false;
  bool bytes = false;
  for (; peek() != '"' && peek() != '\''; ++place_) (peek() == 'r' || peek() == 'R' ? raw : bytes) = true;
  if (bytes) {
    Token token = bad(begin, place_ + 1, "bytes (b\"...\") are not part of conditions here: write a text, \"...\"");
    token.outside = true;
    return token;
  }
  const char quote = peek();
  const bool triple = peek(1) == quote && peek(2) == quote;
  const std::size_t width = triple ? 3 : 1;
  place_ += width;
  Token token;
  token.kind = TokenKind::text;
  while (true) {
    if (place_ >= text_.size() || (!triple && (peek() == '\n' || peek() == '\r'))) {
      return bad(begin, begin + width, "this quote is never closed");
    }
    if (peek() == quote && (!triple || (peek(1) == quote && peek(2) == quote))) break;
    if (peek() == '\\' && !raw) {
      if (std::optional<Token> problem = escape(token.text)) return *problem;
    } else {
      token.text += text_[place_++];
    }
  }
  place_ += width;
  token.at = {begin, place_};
  token.spelling = text_.substr(begin, place_ - begin);
  return token;
}

Token Lexer::sign() {
  const std::string_view rest = text_.substr(place_);
  for (const std::string_view sign : signs) {
    if (!rest.starts_with(sign)) continue;
    Token token;
    token.kind = TokenKind::sign;
    token.at = {place_, place_ + sign.size()};
    token.spelling = rest.substr(0, sign.size());
    place_ += sign.size();
    return token;
  }
  const std::string_view character = rest.substr(0, documents::character_at(rest, 0).bytes);
  return bad(place_, place_ + character.size(), stray(character));
}

}  // namespace chaser::rulebook::cel
