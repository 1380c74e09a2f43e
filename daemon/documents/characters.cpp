#include "documents/characters.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

namespace chaser::documents {
namespace {

constexpr char32_t replacement = 0xFFFD;

unsigned char byte_at(std::string_view text, std::size_t offset) {
  return static_cast<unsigned char>(text[offset]);
}

bool is_continuation(unsigned char byte) {
  return (byte & 0xC0U) == 0x80U;
}

/// Length that the first byte announces; 0 for one that cannot begin a character.
std::size_t announced_length(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return 2;
  if (first >= 0xE0 && first <= 0xEF) return 3;
  if (first >= 0xF0 && first <= 0xF4) return 4;
  return 0;
}

bool is_scalar_value(char32_t code, std::size_t bytes) {
  if (bytes == 3 && (code < 0x800 || (code >= 0xD800 && code <= 0xDFFF))) return false;
  return bytes != 4 || (code >= 0x10000 && code <= 0x10FFFF);
}

struct Range {
  char32_t first;
  char32_t last;
};

bool is_within(char32_t code, const auto& ranges) {
  const auto next = std::ranges::upper_bound(ranges, code, {}, &Range::first);
  return next != ranges.begin() && code <= std::prev(next)->last;
}

// The blocks of Unicode 15 that matter on a terminal; single exceptions inside them cost a caret one column.
constexpr std::array combining = {Range{0x0300, 0x036F}, Range{0x0483, 0x0489}, Range{0x0591, 0x05BD},
                                  Range{0x0610, 0x061A}, Range{0x064B, 0x065F}, Range{0x1AB0, 0x1AFF},
                                  Range{0x1DC0, 0x1DFF}, Range{0x200B, 0x200F}, Range{0x202A, 0x202E},
                                  Range{0x2060, 0x2064}, Range{0x20D0, 0x20FF}, Range{0xFE00, 0xFE0F},
                                  Range{0xFE20, 0xFE2F}, Range{0xFEFF, 0xFEFF}, Range{0xE0100, 0xE01EF}};
constexpr std::array wide = {
    Range{0x1100, 0x115F},   Range{0x231A, 0x231B},   Range{0x23E9, 0x23EC},   Range{0x25FD, 0x25FE},
    Range{0x2614, 0x2615},   Range{0x2648, 0x2653},   Range{0x26AA, 0x26AB},   Range{0x26BD, 0x26BE},
    Range{0x26C4, 0x26C5},   Range{0x2705, 0x2705},   Range{0x270A, 0x270B},   Range{0x2728, 0x2728},
    Range{0x274C, 0x274C},   Range{0x2753, 0x2755},   Range{0x2795, 0x2797},   Range{0x2B1B, 0x2B1C},
    Range{0x2E80, 0x303E},   Range{0x3041, 0x33FF},   Range{0x3400, 0x4DBF},   Range{0x4E00, 0x9FFF},
    Range{0xA000, 0xA4CF},   Range{0xA960, 0xA97F},   Range{0xAC00, 0xD7A3},   Range{0xF900, 0xFAFF},
    Range{0xFE30, 0xFE6F},   Range{0xFF00, 0xFF60},   Range{0xFFE0, 0xFFE6},   Range{0x1F300, 0x1F64F},
    Range{0x1F680, 0x1F6FF}, Range{0x1F900, 0x1F9FF}, Range{0x1FA70, 0x1FAFF}, Range{0x20000, 0x3FFFD}};

// Windows-1252's own 0x80..0x9F; 0 where it has no character.
constexpr std::array<char32_t, 32> windows_1252_middle = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

bool is_blank(char32_t code) {
  return code == ' ' || (code >= '\t' && code <= '\r') || code == 0xA0 || code == 0x200B || code == 0xFEFF;
}

std::optional<std::string> from_utf16(std::string_view bytes) {
  const bool little = byte_at(bytes, 0) == 0xFF;
  if (bytes.size() % 2 != 0) return std::nullopt;
  const auto unit_at = [&](std::size_t offset) -> char32_t {
    const char32_t first = byte_at(bytes, offset);
    const char32_t second = byte_at(bytes, offset + 1);
    return little ? (second << 8U | first) : (first << 8U | second);
  };
  std::string text;
  text.reserve(bytes.size() / 2);
  for (std::size_t offset = 2; offset < bytes.size(); offset += 2) {
    const char32_t unit = unit_at(offset);
    if (unit < 0xD800 || unit > 0xDFFF) {
      append_utf8(text, unit);
      continue;
    }
    if (unit > 0xDBFF || offset + 4 > bytes.size()) return std::nullopt;
    offset += 2;
    const char32_t low = unit_at(offset);
    if (low < 0xDC00 || low > 0xDFFF) return std::nullopt;
    append_utf8(text, 0x10000 + ((unit - 0xD800) << 10U) + (low - 0xDC00));
  }
  return text;
}

std::optional<std::string> from_windows_1252(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() + bytes.size() / 8);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    const char32_t code = byte >= 0x80 && byte <= 0x9F ? windows_1252_middle[byte - 0x80U] : byte;
    if (code == 0 && byte != 0) return std::nullopt;
    append_utf8(text, code);
  }
  return text;
}

}  // namespace

Character character_at(std::string_view text, std::size_t offset) {
  const unsigned char first = byte_at(text, offset);
  const std::size_t length = announced_length(first);
  if (length == 1) return {first, 1, true};
  if (length == 0 || offset + length > text.size()) return {replacement, 1, false};
  char32_t code = first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const unsigned char next = byte_at(text, offset + i);
    if (!is_continuation(next)) return {replacement, 1, false};
    code = code << 6U | (next & 0x3FU);
  }
  if (!is_scalar_value(code, length)) return {replacement, 1, false};
  return {code, length, true};
}

std::size_t character_count(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t offset = 0; offset < text.size(); offset += character_at(text, offset).bytes) ++count;
  return count;
}

std::string_view first_characters(std::string_view text, std::size_t count) {
  std::size_t offset = 0;
  while (count-- > 0 && offset < text.size()) offset += character_at(text, offset).bytes;
  return text.substr(0, offset);
}

void append_utf8(std::string& to, char32_t code) {
  const auto put = [&](char32_t byte) { to.push_back(static_cast<char>(static_cast<unsigned char>(byte))); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0U | code >> 6U);
    put(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    put(0xE0U | code >> 12U);
    put(0x80U | (code >> 6U & 0x3FU));
    put(0x80U | (code & 0x3FU));
  } else {
    put(0xF0U | code >> 18U);
    put(0x80U | (code >> 12U & 0x3FU));
    put(0x80U | (code >> 6U & 0x3FU));
    put(0x80U | (code & 0x3FU));
  }
}

int display_width(char32_t code) {
  if (code < 0x300) return 1;
  if (is_within(code, combining)) return 0;
  return is_within(code, wide) ? 2 : 1;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t offset = 0; offset < text.size();) {
    const Character next = character_at(text, offset);
    width += static_cast<std::size_t>(display_width(next.code));
    offset += next.bytes;
  }
  return width;
}

std::string padded(std::string text, std::size_t width) {
  const std::size_t has = display_width(text);
  if (has < width) text.append(width - has, ' ');
  return text;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty()) {
    const Character first = character_at(text, 0);
    if (!is_blank(first.code)) break;
    text.remove_prefix(first.bytes);
  }
  while (!text.empty()) {
    std::size_t start = text.size() - 1;
    while (start > 0 && is_continuation(byte_at(text, start)) && text.size() - start < 4) --start;
    const Character last = character_at(text, start);
    if (!is_blank(last.code) || start + last.bytes != text.size()) break;
    text.remove_suffix(last.bytes);
  }
  return text;
}

std::string lower_case(std::string_view text) {
  std::string lower{text};
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

bool equal_without_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::string folded(std::string_view text) {
  text = trimmed(text);
  std::string result;
  result.reserve(text.size());
  for (std::size_t offset = 0; offset < text.size();) {
    const Character next = character_at(text, offset);
    if (!is_blank(next.code)) {
      result.append(text.substr(offset, next.bytes));
    } else if (result.back() != ' ') {
      result.push_back(' ');
    }
    offset += next.bytes;
  }
  return lower_case(result);
}

Decoded decode(std::string bytes) {
  if (bytes.size() >= 2 && ((byte_at(bytes, 0) == 0xFF && byte_at(bytes, 1) == 0xFE) ||
                            (byte_at(bytes, 0) == 0xFE && byte_at(bytes, 1) == 0xFF))) {
    if (std::optional<std::string> text = from_utf16(bytes)) return {std::move(*text), Encoding::utf16};
    return {std::move(bytes), Encoding::invalid};
  }
  bool has_invalid = false;
  bool has_sequences = false;
  for (std::size_t offset = 0; offset < bytes.size();) {
    const Character next = character_at(bytes, offset);
    has_invalid = has_invalid || !next.valid;
    has_sequences = has_sequences || next.bytes > 1;
    offset += next.bytes;
  }
  if (!has_invalid) return {std::move(bytes), Encoding::utf8};
  if (!has_sequences) {
    if (std::optional<std::string> text = from_windows_1252(bytes)) return {std::move(*text), Encoding::windows_1252};
  }
  return {std::move(bytes), Encoding::invalid};
}

}  // namespace chaser::documents
