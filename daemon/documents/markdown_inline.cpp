#include "documents/markdown_inline.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "documents/characters.h"

namespace chaser::documents {
namespace {

bool is_punctuation(char c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

bool is_word(char c) {
  return static_cast<unsigned char>(c) >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
         (c >= 'a' && c <= 'z');
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> entities = {
    {{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}, {"&nbsp;", " "}, {"&#124;", "|"}}};
constexpr std::array<std::string_view, 3> line_breaks = {"<br>", "<br/>", "<br />"};

/// A run of '*' or '_' in the output that may yet turn out to be emphasis.
struct Run {
  std::size_t at;
  std::size_t length;
  char sign;
};

class InlineReader {
 public:
  explicit InlineReader(std::string_view text) : text_{text} {}

  std::string words() {
    while (offset_ < text_.size()) step();
    return without_emphasis();
  }

 private:
  std::string_view rest() const { return text_.substr(offset_); }
  void step();
  bool take_replacement();
  bool take_code();
  bool take_link();
  bool take_address();
  bool take_emphasis();
  std::string without_emphasis() const;

  std::string_view text_;
  std::size_t offset_ = 0;
  std::string out_;
  std::vector<Run> open_;
  std::vector<Run> removed_;
};

void InlineReader::step() {
  const char c = text_[offset_];
  if (c == '\\' && offset_ + 1 < text_.size() && is_punctuation(text_[offset_ + 1])) {
    out_.push_back(text_[offset_ + 1]);
    offset_ += 2;
    return;
  }
  if ((c == '&' || c == '<') && (take_replacement() || take_address())) return;
  if (c == '`' && take_code()) return;
  if ((c == '[' || c == '!') && take_link()) return;
  if ((c == '*' || c == '_') && take_emphasis()) return;
  out_.push_back(c);
  ++offset_;
}

bool InlineReader::take_replacement() {
  for (const auto& [entity, meaning] : entities) {
    if (!rest().starts_with(entity)) continue;
    out_ += meaning;
    offset_ += entity.size();
    return true;
  }
  for (const std::string_view line_break : line_breaks) {
    if (!equal_without_case(rest().substr(0, line_break.size()), line_break)) continue;
    out_.push_back('\n');
    offset_ += line_break.size();
    return true;
  }
  return false;
}

/// <https://example.org>
bool InlineReader::take_address() {
  const std::size_t end = rest().find_first_of("> ");
  if (end == std::string_view::npos || rest()[end] != '>') return false;
  const std::string_view inside = rest().substr(1, end - 1);
  const bool is_address =
      inside.starts_with("http://") || inside.starts_with("https://") || (inside.find('@') != std::string_view::npos);
  if (!is_address) return false;
  out_ += inside;
  offset_ += end + 1;
  return true;
}

bool InlineReader::take_code() {
  const std::size_t ticks = std::min(rest().find_first_not_of('`'), rest().size());
  const std::string_view fence = rest().substr(0, ticks);
  const std::size_t end = text_.find(fence, offset_ + ticks);
  if (end == std::string_view::npos) {
    out_ += fence;
    offset_ += ticks;
    return true;
  }
  for (std::size_t i = offset_ + ticks; i < end; ++i) {
    if (text_[i] == '\\' && i + 1 < end && text_[i + 1] == '|') continue;  // the table's own escape
    out_.push_back(text_[i]);
  }
  offset_ = end + ticks;
  return true;
}

/// [words](address), [words][reference] and the same with '!' before: the words.
bool InlineReader::take_link() {
  const bool is_image = rest().starts_with("![");
  if (!is_image && text_[offset_] != '[') return false;
  const std::size_t open = offset_ + (is_image ? 1 : 0);
  const std::size_t close = text_.find_first_of("[]", open + 1);
  if (close == std::string_view::npos || text_[close] != ']' || close + 1 >= text_.size()) return false;
  const char opening = text_[close + 1];
  if (opening != '(' && opening != '[') return false;
  const std::size_t end = text_.find(opening == '(' ? ')' : ']', close + 2);
  if (end == std::string_view::npos) return false;
  out_ += plain_words(text_.substr(open + 1, close - open - 1));
  offset_ = end + 1;
  return true;
}

bool InlineReader::take_emphasis() {
  const char sign = text_[offset_];
  const std::size_t length = std::min(rest().find_first_not_of(sign), rest().size());
  const char before = offset_ > 0 ? text_[offset_ - 1] : ' ';
  const char after = offset_ + length < text_.size() ? text_[offset_ + length] : ' ';
  const bool can_open = after != ' ' && !(sign == '_' && is_word(before));
  const bool can_close = before != ' ' && !(sign == '_' && is_word(after));
  const Run run{out_.size(), length, sign};
  out_.append(length, sign);
  offset_ += length;
  const auto opener = std::ranges::find_if(open_.rbegin(), open_.rend(),
                                           [&](const Run& o) { return o.sign == sign && o.length == length; });
  if (can_close && opener != open_.rend()) {
    removed_.push_back(*opener);
    removed_.push_back(run);
    open_.erase(std::prev(opener.base()), open_.end());
  } else if (can_open && length <= 3 && open_.size() < 64) {
    open_.push_back(run);
  }
  return true;
}

std::string InlineReader::without_emphasis() const {
  std::vector<Run> runs = removed_;
  std::ranges::sort(runs, {}, &Run::at);
  std::string words;
  std::size_t from = 0;
  for (const Run& run : runs) {
    words.append(out_, from, run.at - from);
    from = run.at + run.length;
  }
  return words.append(out_, from);
}

}  // namespace

std::string plain_words(std::string_view markdown) {
  return InlineReader{markdown}.words();
}

}  // namespace chaser::documents
