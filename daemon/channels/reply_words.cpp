#include "channels/reply_words.h"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "channels/wording.h"

namespace chaser::channels {
namespace {

constexpr std::size_t lines_max = 2'000;

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty() && lines.size() < lines_max) {
    const std::size_t end = text.find('\n');
    lines.push_back(one_line(text.substr(0, end)));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

bool matches(const std::string& line, const RE2& pattern) {
  return RE2::PartialMatch(line, pattern);
}

// "From: ..." of a quoted head, in the languages of Outlook's users here.
bool begins_quoted_head(const std::vector<std::string>& lines, std::size_t at) {
  static const RE2 from("(?i)^\\*?(from|oddi wrth|von|de|da|van)\\*? ?: ?\\S");
  static const RE2 other(
      "(?i)^\\*?(sent|date|to|subject|anfonwyd|gesendet|datum|an|envoy\xc3\xa9|objet|inviato|verzonden)\\*? ?:");
  if (!matches(lines[at], from)) return false;
  const std::size_t end = std::min(lines.size(), at + 4);
  return std::any_of(lines.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                     lines.begin() + static_cast<std::ptrdiff_t>(end),
                     [&](const std::string& line) { return matches(line, other); });
}

// "On Monday Chaser wrote:", in one line or two, before what is quoted.
bool announces_quotation(const std::vector<std::string>& lines, std::size_t at) {
  static const RE2 wrote(
      "(?i)(wrote|ysgrifennodd|schrieb.*|a \xc3\xa9"
      "crit|ha scritto|schreef.*|escribi\xc3\xb3) ?:$");
  static const RE2 begins("(?i)^(on|ar|am|le|il|op|el) ");
  if (matches(lines[at], wrote) && matches(lines[at], begins)) return true;
  const bool two = at + 1 < lines.size() && matches(lines[at], begins) && matches(lines[at + 1], wrote);
  const bool before_quotes = at + 1 < lines.size() && lines[at].ends_with(':') && lines[at + 1].starts_with('>');
  return two || before_quotes;
}

bool ends_words(const std::vector<std::string>& lines, std::size_t at) {
  static const RE2 divider("^(_{10,}|-{3,} ?\\S.*\\S ?-{3,}|-{10,})$");
  const std::string& line = lines[at];
  return line == "--" || matches(line, divider) || begins_quoted_head(lines, at) || announces_quotation(lines, at);
}

void trim_empty(std::vector<std::string>& lines) {
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  const auto first = std::find_if(lines.begin(), lines.end(), [](const std::string& line) { return !line.empty(); });
  lines.erase(lines.begin(), first);
}

std::string encoded(std::uint32_t point) {
  if (point == 0 || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return "\xef\xbf\xbd";
  const auto tail = [&](unsigned shift) { return static_cast<char>(0x80U | ((point >> shift) & 0x3fU)); };
  if (point < 0x80) return {static_cast<char>(point)};
  if (point < 0x800) return {static_cast<char>(0xc0U | (point >> 6U)), tail(0)};
  if (point < 0x10000) return {static_cast<char>(0xe0U | (point >> 12U)), tail(6), tail(0)};
  return {static_cast<char>(0xf0U | (point >> 18U)), tail(12), tail(6), tail(0)};
}

std::string entity(std::string_view name) {
  struct Named {
    std::string_view name;
    std::string_view text;
  };
  static constexpr Named all[] = {{"amp", "&"}, {"lt", "<"}, {"gt", ">"}, {"quot", "\""}, {"apos", "'"}, {"nbsp", " "}};
  for (const Named& each : all) {
    if (each.name == name) return std::string(each.text);
  }
  if (!name.starts_with('#') || name.size() < 2) return "";
  const bool is_hex = name[1] == 'x' || name[1] == 'X';
  const std::string_view digits = name.substr(is_hex ? 2 : 1);
  std::uint32_t point = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), point, is_hex ? 16 : 10);
  return error == std::errc() && end == digits.data() + digits.size() ? encoded(point) : "";
}

/// Walks through HTML once, from tag to tag.
class Stripper {
 public:
  std::string strip(std::string_view html) {
    while (!html.empty()) {
      const std::size_t length = html[0] == '<' ? tag(html) : html[0] == '&' ? reference(html) : character(html);
      html.remove_prefix(length);
    }
    return std::move(text_);
  }

 private:
  std::size_t tag(std::string_view html) {
    if (html.starts_with("<!--")) {
      const std::size_t end = html.find("-->");
      return end == std::string_view::npos ? html.size() : end + 3;
    }
    const std::size_t close = html.find('>');
    const std::size_t length = close == std::string_view::npos ? html.size() : close + 1;
    const bool is_end = html.size() > 1 && html[1] == '/';
    std::string_view rest = html.substr(0, length);
    rest.remove_prefix(std::min<std::size_t>(is_end ? 2 : 1, rest.size()));
    std::string name;
    for (const char c : rest) {
      if (name.size() >= 12 || !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))) break;
      name += static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
    take(name, is_end);
    return length;
  }

  void take(const std::string& name, bool is_end) {
    if (name == "script" || name == "style" || name == "head" || name == "title" || name == "blockquote") {
      hidden_ = is_end ? std::max(0, hidden_ - 1) : hidden_ + 1;
    }
    static constexpr std::string_view breaking[] = {"br", "p", "div", "tr", "li", "h1", "h2", "h3", "table", "hr"};
    const bool breaks = std::find(std::begin(breaking), std::end(breaking), name) != std::end(breaking);
    if (breaks && hidden_ == 0 && !text_.empty() && text_.back() != '\n') text_ += '\n';
  }

  std::size_t reference(std::string_view html) {
    const std::size_t end = html.substr(0, 12).find(';');
    const std::string text = end == std::string_view::npos ? "" : entity(html.substr(1, end - 1));
    if (text.empty()) return character(html);
    if (hidden_ == 0) text_ += text;
    return end + 1;
  }

  std::size_t character(std::string_view html) {
    const char c = html[0] == '\n' || html[0] == '\r' ? ' ' : html[0];
    if (hidden_ == 0) text_ += c;
    return 1;
  }

  std::string text_;
  int hidden_ = 0;
};

}  // namespace

std::string reply_words(std::string_view text, std::size_t characters_max) {
  const std::vector<std::string> lines = lines_of(text);
  std::vector<std::string> kept;
  for (std::size_t i = 0; i < lines.size() && !ends_words(lines, i); ++i) {
    if (lines[i].starts_with('>')) continue;
    if (lines[i].empty() && (kept.empty() || kept.back().empty())) continue;
    kept.push_back(lines[i]);
  }
  trim_empty(kept);
  std::string words;
  for (const std::string& line : kept) words += (words.empty() ? "" : "\n") + line;
  return shortened(words, characters_max);
}

std::string text_of_html(std::string_view html) {
  return Stripper().strip(html);
}

}  // namespace chaser::channels
