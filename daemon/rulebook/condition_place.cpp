#include "rulebook/condition_place.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "documents/characters.h"

namespace chaser::rulebook {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::size_t offset_of(documents::Position at, const documents::Source& source) {
  const std::string_view line = source.line(at.line);
  if (line.data() == nullptr) return source.text().size();
  const auto begin = static_cast<std::size_t>(line.data() - source.text().data());
  return begin + documents::first_characters(line, static_cast<std::size_t>(std::max(at.column - 1, 0))).size();
}

/// Bytes of a double-quoted YAML escape, the backslash included.
std::size_t escape_size(char kind) {
  return kind == 'x' ? 4 : kind == 'u' ? 6 : kind == 'U' ? 10 : 2;
}

/// For each byte of a scalar's value, and for its end, the byte of the source that it came from.
class Alignment {
 public:
  Alignment(const documents::YamlNode& scalar, const documents::Source& source)
      : value_(scalar.scalar), text_(source.text()), place_(offset_of(scalar.at, source)) {
    const char first = place_ < text_.size() ? text_[place_] : '\0';
    if (scalar.quoted && (first == '"' || first == '\'')) {
      quote_ = first;
      ++place_;
    } else if (scalar.quoted) {
      place_ = std::min(text_.find('\n', place_), text_.size());  // past the block scalar's | or >
    }
    found_ = align();
  }

  /// Nothing where the value could not be followed through the source.
  std::optional<std::vector<std::size_t>> offsets() && {
    if (!found_) return std::nullopt;
    return std::move(offsets_);
  }

 private:
  bool align() {
    while (offsets_.size() < value_.size()) {
      if (place_ >= text_.size() || !step()) return false;
    }
    offsets_.push_back(place_);
    return true;
  }

  bool step() {
    const char wanted = value_[offsets_.size()];
    const char got = text_[place_];
    if (quote_ == '"' && got == '\\') return escape();
    if (quote_ == '\'' && got == '\'' && wanted == '\'') return take(1, 2);
    if (is_blank(wanted)) return blank(wanted, got);
    if (got == wanted) return take(1, 1);
    if (!is_blank(got)) return false;
    ++place_;  // indentation, or the blanks of a folded line
    return true;
  }

  bool blank(char wanted, char got) {
    if (got == wanted) return take(1, 1);
    offsets_.push_back(place_);
    while (place_ < text_.size() && is_blank(text_[place_])) ++place_;
    return true;
  }

  bool escape() {
    const char kind = place_ + 1 < text_.size() ? text_[place_ + 1] : '\0';
    if (kind == '\n' || kind == '\r') {  // the line goes on
      place_ += 2;
      while (place_ < text_.size() && is_blank(text_[place_])) ++place_;
      return true;
    }
    return take(documents::character_at(value_, offsets_.size()).bytes, escape_size(kind));
  }

  bool take(std::size_t bytes, std::size_t source_bytes) {
    offsets_.insert(offsets_.end(), bytes, place_);
    place_ += source_bytes;
    return true;
  }

  std::string_view value_;
  std::string_view text_;
  std::size_t place_;
  char quote_ = '\0';
  bool found_ = false;
  std::vector<std::size_t> offsets_;
};

}  // namespace

ConditionPlace place_in_scalar(const documents::YamlNode& scalar, const documents::Source& source) {
  auto offsets = Alignment{scalar, source}.offsets();
  if (!offsets) return [at = scalar.at](cel::Span) { return at; };
  return [offsets = *std::move(offsets), &source](cel::Span span) {
    const std::size_t begin = offsets[std::min(span.begin, offsets.size() - 1)];
    const std::size_t end = offsets[std::min(span.end, offsets.size() - 1)];
    documents::Position at = source.position(begin);
    const std::size_t line_end = std::min(source.text().find_first_of("\r\n", begin), source.text().size());
    const std::string_view meant =
        std::string_view(source.text()).substr(begin, std::min(end, line_end) - std::min(begin, line_end));
    at.length = std::max(1, static_cast<int>(documents::character_count(meant)));
    return at;
  };
}

}  // namespace chaser::rulebook
