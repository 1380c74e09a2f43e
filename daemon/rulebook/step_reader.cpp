#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "plan/timescale.h"
#include "rulebook/rule_file.h"
#include "rulebook/rule_reader.h"

namespace chaser::rulebook {
namespace {

using documents::MappingReader;
using documents::YamlNode;

constexpr int times_most = 1000;
constexpr std::size_t sentence_size_most = 300;

constexpr std::array<std::pair<std::string_view, Audience::Who>, 6> audiences{
    {{"leads", Audience::Who::leads},
     {"supports", Audience::Who::supports},
     {"former", Audience::Who::former},
     {"coordinator", Audience::Who::coordinator},
     {"sponsor", Audience::Who::sponsor},
     {"approver", Audience::Who::approver}}};
constexpr std::string_view audience_note =
    "who can be named: leads, supports, former, coordinator, sponsor, approver, each also with .superior or .deputy; "
    "party:ID; report:NAME";

bool is_slug(std::string_view text) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; };
  return !text.empty() && text.size() <= name_size_most && text.front() != '-' && text.front() != '_' &&
         std::all_of(text.begin(), text.end(), fits);
}

std::optional<std::string> scalar_text(const YamlNode& node, std::string_view key, const ReadingContext& context) {
  if (node.is_scalar()) return node.scalar;
  context.error(node.at, node.is_null() ? fmt::format("\"{}\" is empty; give it a value", key)
                                        : fmt::format("\"{}\" must be one text", key));
  return std::nullopt;
}

bool is_whole_number(std::string_view text) {
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Why `text` is no offset, and what would be one.
std::string offset_problem(std::string_view key, std::string_view text) {
  if (is_whole_number(text)) {
    return fmt::format("\"{}\" needs a unit: 5d (days), 5wd (working days), 1w or 1mo; got \"{}\"", key, text);
  }
  const std::size_t digits = text.find_first_not_of("0123456789", text.find_first_of("+-") == 0 ? 1 : 0);
  const bool has_unit = digits != std::string_view::npos && digits > 0;
  if (has_unit && parse_offset("1" + std::string(text.substr(digits)))) {
    return fmt::format("\"{}\" is out of range: at most 10000 either way; got \"{}\"", key, text);
  }
  return fmt::format(
      "\"{}\" is a number with d (days), wd (working days), w (weeks) or mo (months), such as 5wd; got \"{}\"", key,
      text);
}

std::optional<Audience> named_audience(std::string_view base, Audience::Relation relation) {
  for (const auto& [name, who] : audiences) {
    if (name == base) return Audience{who, relation, ""};
  }
  return std::nullopt;
}

std::vector<std::string> audience_words() {
  std::vector<std::string> words;
  for (const auto& [name, who] : audiences) {
    for (const std::string_view relation : {"", ".superior", ".deputy"})
      words.push_back(fmt::format("{}{}", name, relation));
  }
  return words;
}

std::optional<Audience> read_party(std::string_view name, Audience::Relation relation, const YamlNode& node,
                                   const ReadingContext& context) {
  const std::string id(name);
  const std::vector<std::string>& known = context.rules.parties;
  if (id.empty()) {
    context.error(node.at, "party: needs an id of the directory, as in \"party:ccn\"");
    return std::nullopt;
  }
  if (!known.empty() && std::find(known.begin(), known.end(), id) == known.end()) {
    context.error(node.at, fmt::format("the directory has no party \"{}\"{}", id, documents::did_you_mean(id, known)));
    return std::nullopt;
  }
  return Audience{Audience::Who::party, relation, id};
}

std::optional<Audience> read_report(std::string_view name, const YamlNode& node, const ReadingContext& context) {
  if (is_slug(name)) return Audience{Audience::Who::report, Audience::Relation::self, std::string(name)};
  context.error(node.at,
                fmt::format("a report is named in small letters, digits and -, as in \"report:exceptions\"; got \"{}\"",
                            node.scalar));
  return std::nullopt;
}

std::optional<Repeat> read_repeat(const YamlNode& node, const std::optional<Offset>& at,
                                  const ReadingContext& context) {
  MappingReader reader{node, context.source, context.problems, "\"repeat\""};
  if (!reader.is_valid()) return std::nullopt;
  std::optional<Offset> every;
  if (const YamlNode* const value = reader.required("every")) every = read_length(*value, "every", context);
  Repeat repeat;
  repeat.times = 0;
  if (reader.optional("times") != nullptr) {
    repeat.times = static_cast<int>(reader.integer("times", 1, times_most).value_or(1));
  }
  reader.finish();
  if (at && at->count < 0) {
    context.error(node.at, "a step before the anchor cannot repeat: what comes before a date comes once",
                  {"to write again before it, add another step"});
  }
  if (!every) return std::nullopt;
  repeat.every = *every;
  return repeat;
}

bool is_empty_list(const YamlNode* node) {
  return node != nullptr && node->is_sequence() && node->items.empty();
}

std::uint8_t read_precisions(MappingReader& reader, const ReadingContext& context) {
  std::vector<std::string> known;
  for (int i = 0; i <= static_cast<int>(plan::Precision::span); ++i) {
    known.emplace_back(plan::name_of(static_cast<plan::Precision>(i)));
  }
  const YamlNode* const node = reader.optional("precision");
  if (node == nullptr) return 0xff;
  unsigned bits = 0;
  for (const YamlNode* const each : reader.one_or_more("precision")) {
    if (const auto word = read_word(*each, "precision", known, context)) {
      bits |= 1U << static_cast<unsigned>(*plan::precision(*word));
    }
  }
  if (is_empty_list(node))
    reader.error_at("precision", "\"precision\" names none, so the step would never fire; leave it out for all");
  return static_cast<std::uint8_t>(bits);
}

std::vector<Audience> read_audiences(MappingReader& reader, const ReadingContext& context) {
  std::vector<Audience> to;
  const YamlNode* const node = reader.required("to");
  if (node == nullptr) return to;
  const std::vector<const YamlNode*> listed = reader.one_or_more("to");
  if (is_empty_list(node))
    reader.error_at("to", "\"to\" names nobody; say who is told, such as leads", {std::string(audience_note)});
  for (const YamlNode* const each : listed) {
    const std::optional<Audience> audience = read_audience(*each, context);
    if (!audience) continue;
    if (std::find(to.begin(), to.end(), *audience) != to.end()) {
      context.error(each->at, fmt::format("\"{}\" is named twice", each->scalar));
    } else {
      to.push_back(*audience);
    }
  }
  return to;
}

std::vector<std::string> read_channels(MappingReader& reader, const ReadingContext& context) {
  const YamlNode* const node = reader.optional("via");
  if (node == nullptr) return {"email"};
  std::vector<std::string> via;
  const std::vector<const YamlNode*> listed = reader.one_or_more("via");
  if (is_empty_list(node)) reader.error_at("via", "\"via\" names no channel; leave it out for email");
  for (const YamlNode* const each : listed) {
    const std::optional<std::string> channel = read_word(*each, "channel", context.rules.channels, context);
    if (!channel) continue;
    if (std::find(via.begin(), via.end(), *channel) != via.end()) {
      context.error(each->at, fmt::format("\"{}\" is named twice", *channel));
    } else {
      via.push_back(*channel);
    }
  }
  return via;
}

/// `decision`, `update`, or a sentence in the author's own words.
std::string read_asks(MappingReader& reader, const ReadingContext& context) {
  static const std::vector<std::string> words{"decision", "update"};
  const std::string asks = reader.text("asks").value_or("");
  if (asks.empty()) return asks;
  const bool is_line = asks.size() <= sentence_size_most && asks.find_first_of("\r\n") == std::string::npos;
  if (is_line && asks.find(' ') == std::string::npos)
    return read_word(*reader.optional("asks"), "question", words, context).value_or("");
  if (is_line) return asks;
  reader.error_at("asks", fmt::format("\"asks\" is one line of at most {} bytes", sentence_size_most));
  return "";
}

PauseLimit read_pause(MappingReader& pauses, std::string_view key, PauseLimit limit, const ReadingContext& context) {
  const YamlNode* const node = pauses.optional(key);
  if (node == nullptr) return limit;
  MappingReader reader{*node, context.source, context.problems, fmt::format("\"{}\"", key)};
  if (!reader.is_valid()) return limit;
  limit.times.reset();
  if (const YamlNode* const up_to = reader.required("up_to")) {
    limit.up_to = read_length(*up_to, "up_to", context).value_or(limit.up_to);
  }
  if (const auto times = reader.integer("times", 1, times_most)) limit.times = static_cast<int>(*times);
  reader.finish();
  return limit;
}

}  // namespace

std::optional<std::string> read_slug(const YamlNode& node, std::string_view key, const ReadingContext& context) {
  std::optional<std::string> text = scalar_text(node, key, context);
  if (!text || is_slug(*text)) return text;
  context.error(node.at,
                fmt::format("\"{}\" is a name of small letters, digits, - and _, at most {} of them; got \"{}\"", key,
                            name_size_most, *text));
  return std::nullopt;
}

std::optional<std::string> read_word(const YamlNode& node, std::string_view what, std::span<const std::string> known,
                                     const ReadingContext& context) {
  std::optional<std::string> text = scalar_text(node, what, context);
  if (!text || std::find(known.begin(), known.end(), *text) != known.end()) return text;
  std::string all;
  for (const std::string& word : known) all += (all.empty() ? "" : ", ") + word;
  context.error(node.at, fmt::format("unknown {} \"{}\"{}", what, *text, documents::did_you_mean(*text, known)),
                {fmt::format("what can stand here: {}", all)});
  return std::nullopt;
}

std::optional<Offset> read_offset(const YamlNode& node, std::string_view key, const ReadingContext& context) {
  const std::optional<std::string> text = scalar_text(node, key, context);
  if (!text) return std::nullopt;
  const std::optional<Offset> offset = parse_offset(*text);
  if (!offset) context.error(node.at, offset_problem(key, *text));
  return offset;
}

std::optional<Offset> read_length(const YamlNode& node, std::string_view key, const ReadingContext& context) {
  const std::optional<Offset> offset = read_offset(node, key, context);
  if (!offset || offset->count > 0) return offset;
  context.error(node.at, fmt::format("\"{}\" is a length of 1 or more, such as 10wd; got \"{}\"", key, node.scalar));
  return std::nullopt;
}

std::optional<Audience> read_audience(const YamlNode& node, const ReadingContext& context) {
  std::string_view base = node.scalar;
  if (base.starts_with("report:")) return read_report(base.substr(7), node, context);
  Audience::Relation relation = Audience::Relation::self;
  const std::size_t dot = base.find('.');
  if (dot != std::string_view::npos && base.substr(dot) == ".superior") relation = Audience::Relation::superior;
  if (dot != std::string_view::npos && base.substr(dot) == ".deputy") relation = Audience::Relation::deputy;
  if (relation != Audience::Relation::self) base = base.substr(0, dot);
  if (base.starts_with("party:")) return read_party(base.substr(6), relation, node, context);
  if (std::optional<Audience> audience = named_audience(base, relation)) return audience;
  if (node.scalar == "leads.silent") {
    context.error(node.at, "unknown audience \"leads.silent\"; leads already means those who have not answered");
    return std::nullopt;
  }
  context.error(
      node.at,
      fmt::format("unknown audience \"{}\"{}", node.scalar, documents::did_you_mean(node.scalar, audience_words())),
      {std::string(audience_note)});
  return std::nullopt;
}

std::optional<Step> read_step(const YamlNode& node, const ReadingContext& context) {
  static const std::vector<std::string> deliveries{"direct", "digest"};
  MappingReader reader{node, context.source, context.problems, "a step"};
  if (!reader.is_valid()) return std::nullopt;
  Step step;
  step.where = node.at;
  std::optional<Offset> at;
  if (const YamlNode* const name = reader.required("step")) step.name = read_slug(*name, "step", context).value_or("");
  if (const YamlNode* const value = reader.required("at")) at = read_offset(*value, "at", context);
  step.to = read_audiences(reader, context);
  step.via = read_channels(reader, context);
  if (const YamlNode* const value = reader.optional("deliver")) {
    if (read_word(*value, "delivery", deliveries, context) == "digest") step.deliver = Deliver::digest;
  }
  step.precisions = read_precisions(reader, context);
  if (const YamlNode* const value = reader.optional("repeat")) step.repeat = read_repeat(*value, at, context);
  step.asks = read_asks(reader, context);
  if (const YamlNode* const value = reader.optional("template")) {
    step.template_ = read_slug(*value, "template", context).value_or("");
  }
  reader.finish();
  step.at = at.value_or(Offset{});
  return step;
}

PauseLimits read_pauses(const YamlNode& node, const ReadingContext& context) {
  PauseLimits limits;
  MappingReader reader{node, context.source, context.problems, "\"pauses\""};
  if (!reader.is_valid()) return limits;
  limits.acknowledge = read_pause(reader, "acknowledge", limits.acknowledge, context);
  limits.snooze = read_pause(reader, "snooze", limits.snooze, context);
  limits.blocked = read_pause(reader, "blocked", limits.blocked, context);
  limits.update = read_pause(reader, "update", limits.update, context);
  limits.extension = read_pause(reader, "extension", limits.extension, context);
  reader.finish();
  return limits;
}

}  // namespace chaser::rulebook
