#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "documents/problems.h"

namespace chaser::documents {

struct YamlEntry;

/// A node of a YAML document with its place. Scalars are kept as text; readers give them types.
struct YamlNode {
  enum class Kind : std::uint8_t { null, scalar, sequence, mapping };

  Kind kind = Kind::null;
  Position at;
  std::string scalar;              // of a scalar, unescaped
  bool quoted = false;             // "..." or '...' or a block scalar: then it is text, never a number or null
  std::vector<YamlNode> items;     // of a sequence
  std::vector<YamlEntry> entries;  // of a mapping, in the file's order

  bool is_scalar() const { return kind == Kind::scalar; }
  bool is_sequence() const { return kind == Kind::sequence; }
  bool is_mapping() const { return kind == Kind::mapping; }
  bool is_null() const { return kind == Kind::null; }
  /// The value under `key`, or nullptr (also when this is no mapping).
  const YamlNode* find(std::string_view key) const;
};

/// A pair of a mapping.
struct YamlEntry {
  YamlNode key;
  YamlNode value;
};

inline constexpr std::size_t yaml_bytes_max = std::size_t{8} << 20U;
inline constexpr std::size_t yaml_nodes_max = 200'000;
inline constexpr std::size_t yaml_depth_max = 64;

/// One YAML document by libyaml's events. Errors: syntax (the first, with its place and what libyaml missed),
/// duplicate keys (all), aliases, tags, merge keys and several documents (refused, as rule files need none),
/// nesting over 64, more than 200,000 nodes, files over 8 MiB, NUL bytes, invalid UTF-8. Nothing on any error of
/// syntax; an empty file is a null node.
std::optional<YamlNode> parse_yaml(const Source& source, Problems& problems);

/// Reads a mapping strictly: each key asked for is known; finish() reports every other as an error with a suggestion.
/// Every accessor reports a wrong type at its exact place and returns nothing, so that reading goes on and finds the
/// rest.
class MappingReader {
 public:
  /// `what` names the mapping in messages: "a rule", "the settings". A node that is no mapping is reported once.
  MappingReader(const YamlNode& node, const Source& source, Problems& problems, std::string what);

  const YamlNode* optional(std::string_view key);
  /// Missing: an error at the mapping; if an unknown key looks like it, finish() names that one instead.
  const YamlNode* required(std::string_view key);

  std::optional<std::string> text(std::string_view key);
  std::optional<std::string> required_text(std::string_view key);
  std::optional<std::int64_t> integer(std::string_view key, std::int64_t least, std::int64_t most);
  std::optional<double> number(std::string_view key);
  std::optional<bool> boolean(std::string_view key);
  /// A scalar or a sequence of scalars, as scalars.
  std::vector<const YamlNode*> one_or_more(std::string_view key);

  /// An error at the value of `key`, or at the mapping if there is none.
  void error_at(std::string_view key, std::string message, std::vector<std::string> notes = {});
  /// Reports unknown keys. Call once, after all reads.
  void finish();
  bool is_valid() const { return node_.is_mapping(); }

 private:
  bool looks_misspelt(std::string_view key) const;
  void report_missing(std::string_view key);

  const YamlNode& node_;
  const Source& source_;
  Problems& problems_;
  std::string what_;
  std::vector<std::string> known_;
  std::vector<std::string> missing_;  // required, and perhaps there under a misspelt key
};

}  // namespace chaser::documents
