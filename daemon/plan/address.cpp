#include <algorithm>

#include "documents/characters.h"
#include "plan/directory.h"

namespace chaser::plan {
namespace {

constexpr std::size_t address_max = 254;
constexpr std::size_t local_part_max = 64;
constexpr std::size_t label_max = 63;

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool is_atext(char c) {
  return is_letter_or_digit(c) || std::string_view{"!#$%&'*+-/=?^_`{|}~"}.find(c) != std::string_view::npos;
}

bool has_empty_part(std::string_view dotted) {
  return dotted.empty() || dotted.starts_with('.') || dotted.ends_with('.') ||
         dotted.find("..") != std::string_view::npos;
}

bool is_label(std::string_view label) {
  if (label.size() > label_max || label.starts_with('-') || label.ends_with('-')) return false;
  for (std::size_t offset = 0; offset < label.size();) {
    const documents::Character next = documents::character_at(label, offset);
    const bool is_ascii = next.code < 0x80;
    if (!next.valid || (is_ascii && next.code != '-' && !is_letter_or_digit(static_cast<char>(next.code))))
      return false;
    // Blanks, invisible and direction marks of an IDN would make two domains look alike.
    const bool is_invisible = next.code <= 0xA0 || documents::display_width(next.code) == 0 || next.code == 0x3000 ||
                              (next.code >= 0x2000 && next.code <= 0x206F);
    if (!is_ascii && is_invisible) return false;
    offset += next.bytes;
  }
  return true;
}

bool is_domain(std::string_view domain) {
  if (has_empty_part(domain)) return false;
  while (!domain.empty()) {
    const std::size_t dot = std::min(domain.find('.'), domain.size());
    if (!is_label(domain.substr(0, dot))) return false;
    domain.remove_prefix(std::min(dot + 1, domain.size()));
  }
  return true;
}

}  // namespace

std::string why_no_address(std::string_view text) {
  if (text.empty()) return "it is empty";
  if (text.find_first_of(std::string_view{"\r\n\0", 3}) != std::string_view::npos) {
    return "it holds a line break or NUL";
  }
  if (text.find_first_of(" \t") != std::string_view::npos) return "it holds a blank";
  if (text.find_first_of("<>\",;:\\()[]") != std::string_view::npos) {
    return "write the bare address, one, such as name@council.example";
  }
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos) return "it has no '@'";
  const std::string_view local = text.substr(0, at);
  if (has_empty_part(local)) return "what stands before the '@' is empty or has a dot too many";
  if (!std::ranges::all_of(local, [](char c) { return c == '.' || is_atext(c); })) {
    return "before the '@' only ASCII letters, digits, dots and .!#$%&'*+-/=?^_`{|}~ can be delivered everywhere";
  }
  if (local.size() > local_part_max) return "what stands before the '@' is longer than 64 characters";
  if (text.size() > address_max) return "it is longer than 254 characters";
  return is_domain(text.substr(at + 1)) ? "" : "what stands after the '@' is no domain";
}

bool is_address(std::string_view text) {
  return why_no_address(text).empty();
}

}  // namespace chaser::plan
