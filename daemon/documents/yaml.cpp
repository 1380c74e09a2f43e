#include "documents/yaml.h"

#include <fmt/format.h>
#include <yaml.h>

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <utility>

#include "documents/yaml_syntax.h"

namespace chaser::documents {
namespace {

std::string_view view(const yaml_char_t* text) {
  return text == nullptr ? std::string_view{} : std::string_view{reinterpret_cast<const char*>(text)};
}

class Parser {
 public:
  explicit Parser(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    if (yaml_parser_initialize(&parser_) == 0) throw std::bad_alloc{};
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;
  ~Parser() { yaml_parser_delete(&parser_); }

  yaml_parser_t* get() { return &parser_; }

 private:
  yaml_parser_t parser_{};
};

class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { yaml_event_delete(&event_); }

  yaml_event_t* get() { return &event_; }
  const yaml_event_t* operator->() const { return &event_; }

 private:
  yaml_event_t event_{};
};

/// Grows the tree event by event. A mapping in the making keeps its next key in `keys_` until the value comes.
class TreeBuilder {
 public:
  TreeBuilder(const Source& source, const MarkMap& marks, Problems& problems)
      : source_{source}, marks_{marks}, problems_{problems} {}

  /// False when a limit is hit: the reading ends there.
  bool take(const yaml_event_t& event);
  YamlNode root() { return std::move(root_); }

 private:
  struct Open {
    YamlNode node;
    std::optional<YamlNode> key;
    bool is_key_usable = false;
    std::unordered_map<std::string, int> lines_of_keys;
  };

  bool open(const yaml_event_t& event, YamlNode::Kind kind);
  void close();
  bool add_scalar(const yaml_event_t& event);
  bool add_alias(const yaml_event_t& event);
  bool is_within_limits(Position at);
  void refuse_properties(const yaml_char_t* anchor, const yaml_char_t* tag, Position at);
  void place(YamlNode node);
  void place_entry(Open& mapping, YamlNode value);
  bool check_key(Open& mapping, const YamlNode& key);

  const Source& source_;
  const MarkMap& marks_;
  Problems& problems_;
  YamlNode root_;
  std::vector<Open> open_;
  std::size_t nodes_ = 0;
  int documents_ = 0;
};

bool TreeBuilder::take(const yaml_event_t& event) {
  switch (event.type) {
    case YAML_DOCUMENT_START_EVENT:
      if (++documents_ > 1) {
        problems_.error(source_, marks_.position(event.start_mark),
                        "a second document begins here; one file holds one document, without '---' inside");
        return false;
      }
      return true;
    case YAML_MAPPING_START_EVENT:
      return open(event, YamlNode::Kind::mapping);
    case YAML_SEQUENCE_START_EVENT:
      return open(event, YamlNode::Kind::sequence);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
      close();
      return true;
    case YAML_SCALAR_EVENT:
      return add_scalar(event);
    case YAML_ALIAS_EVENT:
      return add_alias(event);
    default:
      return true;
  }
}

bool TreeBuilder::is_within_limits(Position at) {
  if (++nodes_ > yaml_nodes_max) {
    problems_.error(source_, at, fmt::format("more than {} values in one file; split it", yaml_nodes_max));
    return false;
  }
  if (open_.size() >= yaml_depth_max) {
    problems_.error(source_, at, fmt::format("nested more than {} levels deep", yaml_depth_max));
    return false;
  }
  return true;
}

void TreeBuilder::refuse_properties(const yaml_char_t* anchor, const yaml_char_t* tag, Position at) {
  if (anchor != nullptr) {
    problems_.error(source_, at,
                    fmt::format("anchors are not used here; remove \"&{}\" and write the value out where it is needed",
                                view(anchor)));
  }
  if (tag != nullptr) {
    problems_.error(source_, at, fmt::format("tags are not used here; remove \"{}\"", view(tag)),
                    {"text that begins with '!' needs quotes"});
  }
}

bool TreeBuilder::open(const yaml_event_t& event, YamlNode::Kind kind) {
  const bool is_mapping = kind == YamlNode::Kind::mapping;
  YamlNode node;
  node.kind = kind;
  node.at = marks_.position(event.start_mark);
  if (!is_within_limits(node.at)) return false;
  refuse_properties(is_mapping ? event.data.mapping_start.anchor : event.data.sequence_start.anchor,
                    is_mapping ? event.data.mapping_start.tag : event.data.sequence_start.tag, node.at);
  open_.push_back({std::move(node), std::nullopt, false, {}});
  return true;
}

void TreeBuilder::close() {
  Open closed = std::move(open_.back());
  open_.pop_back();
  place(std::move(closed.node));
}

bool TreeBuilder::add_scalar(const yaml_event_t& event) {
  const auto& scalar = event.data.scalar;
  YamlNode node;
  node.at = marks_.span(event.start_mark, event.end_mark);
  if (!is_within_limits(node.at)) return false;
  refuse_properties(scalar.anchor, scalar.tag, node.at);
  node.scalar.assign(reinterpret_cast<const char*>(scalar.value), scalar.length);
  node.quoted = scalar.style != YAML_PLAIN_SCALAR_STYLE;
  const bool is_null = !node.quoted && (node.scalar.empty() || node.scalar == "~" || node.scalar == "null" ||
                                        node.scalar == "Null" || node.scalar == "NULL");
  node.kind = is_null ? YamlNode::Kind::null : YamlNode::Kind::scalar;
  place(std::move(node));
  return true;
}

bool TreeBuilder::add_alias(const yaml_event_t& event) {
  YamlNode node;
  node.at = marks_.span(event.start_mark, event.end_mark);
  if (!is_within_limits(node.at)) return false;
  problems_.error(
      source_, node.at,
      fmt::format("aliases are not used here; write the value of \"*{}\" out", view(event.data.alias.anchor)),
      {"text that begins with '*' needs quotes"});
  place(std::move(node));
  return true;
}

void TreeBuilder::place(YamlNode node) {
  if (open_.empty()) {
    root_ = std::move(node);
  } else if (open_.back().node.is_sequence()) {
    open_.back().node.items.push_back(std::move(node));
  } else if (!open_.back().key) {
    open_.back().is_key_usable = check_key(open_.back(), node);
    open_.back().key = std::move(node);
  } else {
    place_entry(open_.back(), std::move(node));
  }
}

bool TreeBuilder::check_key(Open& mapping, const YamlNode& key) {
  if (key.is_sequence() || key.is_mapping()) {
    problems_.error(source_, key.at, "a key is a word, not a list or a mapping",
                    {"text that begins with '[' or '{' needs quotes"});
    return false;
  }
  if (key.scalar == "<<" && !key.quoted) {
    problems_.error(source_, key.at, "merge keys (\"<<\") are not used here; write the values out");
    return false;
  }
  const auto [known, is_new] = mapping.lines_of_keys.try_emplace(key.scalar, key.at.line);
  if (is_new) return true;
  problems_.error(source_, key.at,
                  fmt::format("\"{}\" is given twice; it already stands on line {}", key.scalar, known->second));
  return false;
}

void TreeBuilder::place_entry(Open& mapping, YamlNode value) {
  YamlNode key = std::move(*mapping.key);
  mapping.key.reset();
  if (!mapping.is_key_usable) return;
  key.kind = YamlNode::Kind::scalar;
  mapping.node.entries.push_back({std::move(key), std::move(value)});
}

/// The last quoted scalar before an error: a forgotten quote makes the next one close it, far from the mistake.
void remember_quote(const yaml_event_t& event, std::optional<QuotedSpan>& last) {
  if (event.type != YAML_SCALAR_EVENT) return;
  const auto style = event.data.scalar.style;
  const bool quoted = style == YAML_SINGLE_QUOTED_SCALAR_STYLE || style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
  last = quoted ? std::optional{QuotedSpan{event.start_mark, event.end_mark}} : std::nullopt;
}

bool has_readable_text(const Source& source, Problems& problems) {
  if (source.text().size() > yaml_bytes_max) {
    problems.error(source.name(), fmt::format("larger than {} MiB; split it", yaml_bytes_max >> 20U));
    return false;
  }
  return report_unreadable_characters(source, problems);
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  const auto entry = std::ranges::find_if(entries, [&](const auto& e) { return e.key.scalar == key; });
  return entry == entries.end() ? nullptr : &entry->value;
}

std::optional<YamlNode> parse_yaml(const Source& source, Problems& problems) {
  if (!has_readable_text(source, problems)) return std::nullopt;
  const MarkMap marks{source};
  Parser parser{source.text()};
  TreeBuilder tree{source, marks, problems};
  std::optional<QuotedSpan> last_quote;
  for (;;) {
    Event event;
    if (yaml_parser_parse(parser.get(), event.get()) == 0) {
      report_syntax_error(*parser.get(), source, marks, last_quote, problems);
      return std::nullopt;
    }
    if (event->type == YAML_STREAM_END_EVENT) return tree.root();
    remember_quote(*event.get(), last_quote);
    if (!tree.take(*event.get())) return std::nullopt;
  }
}

}  // namespace chaser::documents
