#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rulebook/cel_ast.h"

namespace chaser::rulebook::cel {

enum class TokenKind : std::uint8_t { end, name, quoted_name, integer, natural, real, text, sign, bad };

struct Token {
  TokenKind kind = TokenKind::end;
  Span at;
  std::string_view spelling;    // as written
  std::uint64_t magnitude = 0;  // of integer and natural
  double real = 0;
  std::string text;      // of text, unescaped; of quoted_name, without its backticks
  std::string message;   // of bad: what is wrong; `at` is the exact place of it
  bool outside = false;  // of bad: it is CEL, of a part that conditions leave out

  bool is(std::string_view sign) const { return kind == TokenKind::sign && spelling == sign; }
};

/// Cuts a condition into tokens, one at a time; blanks and // comments are skipped. After the first `bad` or `end`
/// token, stop.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}
  Token next();

 private:
  void skip_blanks();
  bool at_text() const;
  Token name();
  Token quoted_name();
  Token number();
  Token string_literal();
  Token sign();
  Token bad(std::size_t begin, std::size_t end, std::string message) const;
  std::optional<Token> escape(std::string& into);
  std::optional<std::uint32_t> code_point(std::size_t digits, int base);
  std::optional<std::uint32_t> low_surrogate();
  char peek(std::size_t ahead = 0) const;

  std::string_view text_;
  std::size_t place_ = 0;
};

bool is_reserved(std::string_view name);

}  // namespace chaser::rulebook::cel
