#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "documents/yaml.h"

namespace chaser::documents {
namespace {

std::string_view kind_words(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::null:
      return "nothing";
    case YamlNode::Kind::scalar:
      return "text";
    case YamlNode::Kind::sequence:
      return "a list";
    case YamlNode::Kind::mapping:
      return "a mapping";
  }
  return "";
}

std::string got(const YamlNode& node) {
  if (!node.is_scalar()) return std::string{kind_words(node)};
  return fmt::format("\"{}{}\"", first_characters(node.scalar, 60), character_count(node.scalar) > 60 ? "\u2026" : "");
}

template <typename Number>
std::optional<Number> number_of(const YamlNode& node) {
  Number number{};
  const char* const end = node.scalar.data() + node.scalar.size();
  const auto [stop, failure] = std::from_chars(node.scalar.data(), end, number);
  if (node.quoted || failure != std::errc{} || stop != end) return std::nullopt;
  return number;
}

}  // namespace

MappingReader::MappingReader(const YamlNode& node, const Source& source, Problems& problems, std::string what)
    : node_{node}, source_{source}, problems_{problems}, what_{std::move(what)} {
  if (node.is_mapping()) return;
  if (node.is_null()) {
    problems_.error(source_, node_.at, fmt::format("{} is empty; it needs keys with values", what_));
    return;
  }
  problems_.error(source_, node_.at, fmt::format("{} must be a mapping (key: value), not {}", what_, kind_words(node)));
}

const YamlNode* MappingReader::optional(std::string_view key) {
  if (std::ranges::find(known_, key) == known_.end()) known_.emplace_back(key);
  return node_.find(key);
}

const YamlNode* MappingReader::required(std::string_view key) {
  const YamlNode* const value = optional(key);
  if (value != nullptr || !is_valid()) return value;
  if (looks_misspelt(key)) {
    missing_.emplace_back(key);
  } else {
    report_missing(key);
  }
  return value;
}

/// Whether a key of the mapping, unknown so far, may have meant `key`: then finish() says so, and one message is
/// enough.
bool MappingReader::looks_misspelt(std::string_view key) const {
  const std::vector<std::string> wanted{std::string(key)};
  return std::ranges::any_of(node_.entries,
                             [&](const YamlEntry& entry) { return nearest(entry.key.scalar, wanted).has_value(); });
}

void MappingReader::report_missing(std::string_view key) {
  problems_.error(source_, node_.at, fmt::format("{} needs \"{}\"", what_, key));
}

std::optional<std::string> MappingReader::text(std::string_view key) {
  const YamlNode* const value = optional(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_scalar()) return value->scalar;
  if (value->is_null()) {
    error_at(key, fmt::format("\"{}\" is empty; give it a value or remove it", key));
  } else {
    error_at(key, fmt::format("\"{}\" must be text, not {}", key, kind_words(*value)));
  }
  return std::nullopt;
}

std::optional<std::string> MappingReader::required_text(std::string_view key) {
  return required(key) == nullptr ? std::nullopt : text(key);
}

std::optional<std::int64_t> MappingReader::integer(std::string_view key, std::int64_t least, std::int64_t most) {
  const YamlNode* const value = optional(key);
  if (value == nullptr) return std::nullopt;
  const auto number = value->is_scalar() ? number_of<std::int64_t>(*value) : std::nullopt;
  if (number && *number >= least && *number <= most) return number;
  error_at(key, fmt::format("\"{}\" must be a whole number from {} to {}; got {}", key, least, most, got(*value)),
           value->quoted ? std::vector<std::string>{"without quotes"} : std::vector<std::string>{});
  return std::nullopt;
}

std::optional<double> MappingReader::number(std::string_view key) {
  const YamlNode* const value = optional(key);
  if (value == nullptr) return std::nullopt;
  const auto number = value->is_scalar() ? number_of<double>(*value) : std::nullopt;
  if (number && std::isfinite(*number)) return number;
  error_at(key, fmt::format("\"{}\" must be a number; got {}", key, got(*value)),
           value->quoted ? std::vector<std::string>{"without quotes"} : std::vector<std::string>{});
  return std::nullopt;
}

std::optional<bool> MappingReader::boolean(std::string_view key) {
  const YamlNode* const value = optional(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_scalar() && !value->quoted && value->scalar == "true") return true;
  if (value->is_scalar() && !value->quoted && value->scalar == "false") return false;
  error_at(key, fmt::format("\"{}\" must be true or false; got {}", key, got(*value)));
  return std::nullopt;
}

std::vector<const YamlNode*> MappingReader::one_or_more(std::string_view key) {
  const YamlNode* const value = optional(key);
  if (value == nullptr) return {};
  if (value->is_scalar()) return {value};
  std::vector<const YamlNode*> scalars;
  if (!value->is_sequence()) {
    error_at(key, fmt::format("\"{}\" must be text or a list of texts, not {}", key, kind_words(*value)));
    return scalars;
  }
  for (const YamlNode& item : value->items) {
    if (item.is_scalar()) {
      scalars.push_back(&item);
    } else {
      problems_.error(source_, item.at, fmt::format("\"{}\" lists texts; this is {}", key, kind_words(item)));
    }
  }
  return scalars;
}

void MappingReader::error_at(std::string_view key, std::string message, std::vector<std::string> notes) {
  const YamlNode* const value = node_.find(key);
  problems_.error(source_, value == nullptr ? node_.at : value->at, std::move(message), std::move(notes));
}

void MappingReader::finish() {
  for (const auto& [key, value] : node_.entries) {
    if (std::ranges::find(known_, key.scalar) != known_.end()) continue;
    const std::optional<std::string> meant = nearest(key.scalar, known_);
    if (meant) std::erase(missing_, *meant);
    problems_.error(source_, key.at,
                    fmt::format("unknown key \"{}\" in {}{}", key.scalar, what_, did_you_mean(key.scalar, known_)),
                    {fmt::format("keys of {}: {}", what_, fmt::join(known_, ", "))});
  }
  for (const std::string& key : missing_) report_missing(key);
}

}  // namespace chaser::documents
