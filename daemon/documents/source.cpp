#include <algorithm>
#include <utility>

#include "documents/problems.h"

namespace chaser::documents {
namespace {

std::vector<std::size_t> line_starts(std::string_view text) {
  std::vector<std::size_t> starts;
  const std::size_t first = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  if (first < text.size()) starts.push_back(first);
  for (std::size_t i = first; i < text.size(); ++i) {
    const bool ends_line = text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n'));
    if (ends_line && i + 1 < text.size()) starts.push_back(i + 1);
  }
  return starts;
}

}  // namespace

Source::Source(std::string name, std::string bytes) : name_{std::move(name)}, encoding_{Encoding::utf8} {
  Decoded decoded = decode(std::move(bytes));
  text_ = std::move(decoded.text);
  encoding_ = decoded.encoding;
  starts_ = line_starts(text_);
}

std::string_view Source::line(int number) const {
  if (number < 1 || number > line_count()) return {};
  const auto index = static_cast<std::size_t>(number - 1);
  const std::size_t start = starts_[index];
  std::size_t end = index + 1 < starts_.size() ? starts_[index + 1] : text_.size();
  while (end > start && (text_[end - 1] == '\n' || text_[end - 1] == '\r')) --end;
  return std::string_view{text_}.substr(start, end - start);
}

Position Source::position(std::size_t offset, int length) const {
  if (starts_.empty()) return {1, 1, length};
  offset = std::clamp(offset, starts_.front(), text_.size());
  const bool after_last_line = offset == text_.size() && (text_.back() == '\n' || text_.back() == '\r');
  if (after_last_line) return {line_count() + 1, 1, length};
  const auto next = std::ranges::upper_bound(starts_, offset);
  const std::size_t start = *std::prev(next);
  const std::size_t column = character_count(std::string_view{text_}.substr(start, offset - start)) + 1;
  return {static_cast<int>(next - starts_.begin()), static_cast<int>(column), length};
}

}  // namespace chaser::documents
