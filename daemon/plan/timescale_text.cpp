#include "plan/timescale_text.h"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace chaser::plan {
namespace {

/// One UTF-8 character at the front of a text: its bytes and number, or 0xFFFD for one byte that is none.
struct Character {
  std::size_t size = 1;
  char32_t code = 0xFFFD;
};

Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {1, lead};
  const std::size_t size = lead >= 0xF0 && lead < 0xF5 ? 4 : lead >= 0xE0 && lead < 0xF0 ? 3 : lead >= 0xC2 ? 2 : 0;
  if (size == 0 || lead >= 0xF5 || text.size() < size) return {};
  char32_t code = lead & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return {};
    code = (code << 6U) | (byte(i) & 0x3FU);
  }
  return {size, code};
}

bool is_dash(char32_t c) {
  return (c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0xFE58 || c == 0xFF0D;
}

bool is_blank(char32_t c) {
  return c == 0xA0 || c == 0xAD || c == 0x1680 || (c >= 0x2000 && c <= 0x200F) || c == 0x202F || c == 0x205F ||
         c == 0x2060 || c == 0x3000 || c == 0xFEFF || c == 0xFFFD;
}

/// Marks that point to a note and say nothing themselves: * daggers, superscript figures.
bool is_note_mark(char32_t c) {
  return c == '*' || c == 0x2020 || c == 0x2021 || c == 0xB9 || c == 0xB2 || c == 0xB3 || c == 0xA7 ||
         (c >= 0x2070 && c <= 0x2079);
}

/// What a character is read as. Nothing: itself.
std::optional<std::string_view> substitute(char32_t c) {
  if (c == '\n' || c == '\r' || c == 0x2028 || c == 0x2029 || c == 0x2022 || c == 0xB7) return ";";
  if (c < 0x20 || c == 0x7F || is_blank(c)) return " ";
  if (is_dash(c)) return "-";
  if (is_note_mark(c)) return "";
  if (c == 0x2018 || c == 0x2019 || c == 0x2032 || c == '`') return "'";
  if (c == 0x201C || c == 0x201D) return "\"";
  if (c == 0x2026) return "...";
  if (c == 0x2192) return "-";
  if (c == 0x2215 || c == 0x2044) return "/";
  if (c == 0x2713 || c == 0x2714 || c == 0x2705 || c == 0x2611) return " done ";
  return std::nullopt;
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 10> entities{{{"&nbsp;", " "},
                                                                                  {"&ndash;", "-"},
                                                                                  {"&mdash;", "-"},
                                                                                  {"&minus;", "-"},
                                                                                  {"&#8211;", "-"},
                                                                                  {"&#8212;", "-"},
                                                                                  {"&#160;", " "},
                                                                                  {"&amp;", "&"},
                                                                                  {"&lt;", "<"},
                                                                                  {"&gt;", ">"}}};

/// The name of a tag "<s>", "</b>", "<br/>", "<span style=...>"; empty if this '<' opens none ("< 6 months").
std::string tag_name(std::string_view tag) {
  std::string name;
  std::size_t i = 1;
  if (i < tag.size() && tag[i] == '/') name += tag[i++];
  while (i < tag.size() && absl::ascii_isalnum(static_cast<unsigned char>(tag[i])))
    name += absl::ascii_tolower(static_cast<unsigned char>(tag[i++]));
  const bool named = !name.empty() && name != "/" && absl::ascii_isalpha(static_cast<unsigned char>(name.back()));
  return named || name.starts_with('h') || name.starts_with("/h") ? name : std::string{};
}

/// Removes tags; text struck out by them goes with them.
std::string without_tags(std::string_view text) {
  std::string plain;
  std::string struck;  // the tag that strikes out now, "" if none
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t close = text[i] == '<' ? text.find('>', i) : std::string_view::npos;
    const std::string name = close == std::string_view::npos ? "" : tag_name(text.substr(i, close - i));
    if (name.empty()) {
      if (struck.empty()) plain += text[i];
      ++i;
      continue;
    }
    if (struck.empty() && (name == "s" || name == "del" || name == "strike"))
      struck = name;
    else if (!struck.empty() && name == "/" + struck)
      struck.clear();
    else if (struck.empty())
      plain += name == "br" || name == "p" || name == "li" || name == "/p" ? ";" : " ";
    i = close + 1;
  }
  return plain;
}

/// Removes what Markdown strikes out, its emphasis, and what a link points to: "[text](target)" is "text".
std::string without_markdown(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size();) {
    const std::string_view rest = text.substr(i);
    if (const std::size_t end = rest.starts_with("~~") ? rest.find("~~", 2) : rest.npos; end != rest.npos) {
      plain += ' ';
      i += end + 2;
    } else if (const std::size_t target = rest.starts_with("](") ? rest.find(')') : rest.npos; target != rest.npos) {
      i += target + 1;
    } else if (rest.starts_with("**") || rest.starts_with("__")) {
      i += 2;
    } else {
      plain += text[i++];
    }
  }
  return plain;
}

/// Removes footnote numbers in square brackets: "[3]", "[a]".
std::string without_notes(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t end = text[i] == '[' ? text.find(']', i) : text.npos;
    if (end != text.npos && end - i >= 2 && end - i <= 3) {
      i = end;
      continue;
    }
    if (text[i] != '[' && text[i] != ']') plain += text[i];
  }
  return plain;
}

std::string with_entities_read(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size();) {
    bool found = false;
    for (const auto& [entity, meaning] : entities) {
      if (text[i] != '&' || !text.substr(i).starts_with(entity)) continue;
      plain += meaning;
      i += entity.size();
      found = true;
      break;
    }
    if (!found) plain += text[i++];
  }
  return plain;
}

bool is_letter(char c) {
  return absl::ascii_isalpha(static_cast<unsigned char>(c)) || (c & '\x80') != 0;
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

std::string without_markup(std::string_view cell) {
  return without_notes(without_markdown(with_entities_read(without_tags(cell))));
}

std::string plain_text(std::string_view cell) {
  const std::string text = without_markup(cell);
  std::string plain;
  for (std::size_t i = 0; i < text.size();) {
    const Character c = first_character(std::string_view(text).substr(i));
    if (const auto other = substitute(c.code))
      plain += *other;
    else
      plain += std::string_view(text).substr(i, c.size);
    i += c.size;
  }
  absl::AsciiStrToLower(&plain);
  const std::size_t begin = std::min(plain.find_first_not_of(" "), plain.size());
  plain = plain.substr(begin, plain.find_last_not_of(" ") + 1 - begin);
  return plain;
}

std::vector<Token> tokens_of(std::string_view plain) {
  std::vector<Token> tokens;
  bool blank = true;
  for (std::size_t i = 0; i < plain.size();) {
    if (plain[i] == ' ') {
      blank = true;
      ++i;
      continue;
    }
    Token token;
    std::size_t end = i + 1;
    if (is_digit(plain[i])) {
      token.kind = Token::Kind::number;
      while (end < plain.size() && is_digit(plain[end])) ++end;
    } else if (is_letter(plain[i])) {
      token.kind = Token::Kind::word;
      while (end < plain.size() && is_letter(plain[end])) ++end;
    }
    token.text = plain.substr(i, end - i);
    token.blank_before = blank;
    if (token.is_digits(1, 4))
      for (const char digit : token.text) token.value = token.value * 10 + (digit - '0');
    tokens.push_back(std::move(token));
    blank = false;
    i = end;
  }
  return tokens;
}

std::string words_of(std::string_view plain) {
  std::string words = " ";
  for (const Token& token : tokens_of(plain))
    if (token.kind != Token::Kind::mark) words += token.text + " ";
  return words;
}

bool has_phrase(std::string_view words, std::string_view phrase) {
  const bool open = phrase.ends_with('*');
  if (open) phrase.remove_suffix(1);
  for (std::size_t at = words.find(phrase); at != words.npos; at = words.find(phrase, at + 1)) {
    const std::size_t end = at + phrase.size();
    if (at > 0 && words[at - 1] == ' ' && (open || (end < words.size() && words[end] == ' '))) return true;
  }
  return false;
}

bool has_any(std::string_view words, std::string_view phrases) {
  while (!phrases.empty()) {
    const std::size_t bar = phrases.find('|');
    if (has_phrase(words, phrases.substr(0, bar))) return true;
    if (bar == phrases.npos) break;
    phrases.remove_prefix(bar + 1);
  }
  return false;
}

}  // namespace chaser::plan
