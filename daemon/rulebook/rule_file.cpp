#include "rulebook/rule_file.h"
#include "plan/cadence.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "rulebook/condition_place.h"
#include "rulebook/rule_reader.h"

namespace chaser::rulebook {
namespace {

using documents::MappingReader;
using documents::YamlNode;

template <class Word>
std::vector<std::string> names_up_to(Word last) {
  std::vector<std::string> names;
  for (int i = 0; i <= static_cast<int>(last); ++i) names.emplace_back(name_of(static_cast<Word>(i)));
  return names;
}

/// One of an enumeration's names; the fallback if it is missing or wrong.
template <class Word>
Word read_enumeration(const YamlNode* node, std::string_view what, Word fallback, Word last,
                      const ReadingContext& context) {
  if (node == nullptr) return fallback;
  const std::vector<std::string> names = names_up_to(last);
  const std::optional<std::string> word = read_word(*node, what, names, context);
  if (!word) return fallback;
  return static_cast<Word>(std::find(names.begin(), names.end(), *word) - names.begin());
}

struct Defaults {
  std::string calendar = "england-and-wales";
  std::string window = "office-hours";
};

void read_schedule(MappingReader& reader, std::string& calendar, std::string& window, const ReadingContext& context) {
  if (const YamlNode* const node = reader.optional("calendar")) {
    calendar = read_word(*node, "calendar", context.rules.calendars, context).value_or(calendar);
  }
  if (const YamlNode* const node = reader.optional("window")) {
    window = read_word(*node, "window", context.rules.windows, context).value_or(window);
  }
}

void read_when(MappingReader& reader, Rule& rule, const ReadingContext& context) {
  const YamlNode* const node = reader.required("when");
  if (node == nullptr) return;
  if (node->is_mapping()) {
    context.error(node->at, "\"when\" is one condition; one with { or : in it goes in quotes");
    return;
  }
  const std::optional<std::string> text = reader.text("when");
  if (!text) return;
  cel::Environment environment;
  environment.statuses = context.rules.statuses;
  environment.zones = &context.rules.zones;
  const auto place = place_in_scalar(*node, context.source);
  rule.when = compile_condition(*text, place, environment, context.source, context.problems).value_or(Condition{});
}

void read_cadence(MappingReader& reader, Rule& rule, const ReadingContext& context) {
  const YamlNode* const node = reader.optional("cadence");
  if (node == nullptr) return;
  if (rule.anchor != Anchor::next_review) {
    context.error(node->at,
                  "\"cadence\" is for anchor: next_review, where it says how long after a review the next one is");
    return;
  }
  const std::optional<std::string> text = reader.text("cadence");
  if (!text) return;
  auto cadence = plan::read_cadence(*text);
  if (!cadence) return context.error(node->at, fmt::format("\"{}\" {}", *text, cadence.error()));
  rule.cadence_months = cadence->months.value_or(rule.cadence_months);
  rule.recurrence = std::move(cadence->recurrence);
}

void read_steps(MappingReader& reader, Rule& rule, const ReadingContext& context) {
  const YamlNode* const node = reader.required("steps");
  if (node == nullptr) return;
  if (!node->is_sequence() || node->items.empty()) {
    context.error(node->at, "\"steps\" is a list of at least one step: - { step: due, at: 0d, to: leads }");
    return;
  }
  if (node->items.size() > steps_most) {
    context.error(node->at,
                  fmt::format("a rule has at most {} steps; this one has {}", steps_most, node->items.size()));
    return;
  }
  for (const YamlNode& item : node->items) {
    std::optional<Step> step = read_step(item, context);
    if (!step) continue;
    if (!step->name.empty() && rule.find(step->name) != nullptr) {
      context.error(item.find("step")->at, fmt::format("the step \"{}\" is there twice in this rule", step->name),
                    {"each step needs a name of its own within its rule"});
    }
    rule.steps.push_back(*std::move(step));
  }
}

void read_name(MappingReader& reader, Rule& rule, const ReadingContext& context) {
  const YamlNode* const node = reader.required("rule");
  if (node == nullptr) return;
  rule.name = read_slug(*node, "rule", context).value_or("");
  rule.where = node->at;
  if (is_built_in(rule.name))
    context.error(node->at, fmt::format("\"{}\" is a rule of Chaser's own; choose another name", rule.name));
}

std::optional<Rule> read_rule(const YamlNode& node, const Defaults& defaults, const ReadingContext& context) {
  MappingReader reader{node, context.source, context.problems, "a rule"};
  if (!reader.is_valid()) return std::nullopt;
  Rule rule;
  rule.where = node.at;
  rule.calendar = defaults.calendar;
  rule.window = defaults.window;
  rule.file = context.source.name();
  read_name(reader, rule, context);
  rule.about = reader.text("about").value_or("");
  read_when(reader, rule, context);
  rule.anchor = read_enumeration(reader.required("anchor"), "anchor", Anchor::due, Anchor::blocking, context);
  rule.answers =
      read_enumeration(reader.optional("answers"), "way of answering", Answers::all, Answers::lead_first, context);
  read_cadence(reader, rule, context);
  read_schedule(reader, rule.calendar, rule.window, context);
  read_steps(reader, rule, context);
  if (const YamlNode* const pauses = reader.optional("pauses")) rule.pauses = read_pauses(*pauses, context);
  rule.may_match_nothing = reader.boolean("may_match_nothing").value_or(false);
  reader.finish();
  return rule;
}

/// The items of a list under `key`; an error if it is anything else.
std::span<const YamlNode> items_of(MappingReader& reader, std::string_view key, std::string_view example,
                                   const ReadingContext& context) {
  const YamlNode* const node = reader.optional(key);
  if (node == nullptr) return {};
  if (node->is_sequence()) return node->items;
  context.error(node->at, fmt::format("\"{}\" is a list, each line beginning with \"- \": {}", key, example));
  return {};
}

void read_inhibit(const YamlNode& node, RuleFile& file, const ReadingContext& context) {
  static const std::vector<std::string> scopes{"action"};
  MappingReader reader{node, context.source, context.problems, "an inhibit"};
  if (!reader.is_valid()) return;
  const YamlNode* const rule = reader.required("rule");
  const YamlNode* const silences = reader.required("silences");
  if (const YamlNode* const same = reader.optional("same")) read_word(*same, "scope", scopes, context);
  reader.finish();
  if (rule == nullptr || silences == nullptr) return;
  const std::optional<std::string> by = read_slug(*rule, "rule", context);
  const std::optional<std::string> silenced = read_slug(*silences, "silences", context);
  if (by && silenced) file.inhibits.push_back({{*by, *silenced}, rule->at, silences->at});
}

std::optional<CivilDay> read_day(MappingReader& reader, std::string_view key, const ReadingContext& context) {
  const YamlNode* const node = reader.required(key);
  if (node == nullptr) return std::nullopt;
  const std::optional<CivilDay> day = node->is_scalar() ? calendar::parse_iso_day(node->scalar) : std::nullopt;
  if (!day)
    context.error(node->at, fmt::format("\"{}\" is a day, written as in 2027-03-22; got \"{}\"", key, node->scalar));
  return day;
}

void read_freeze(const YamlNode& node, RuleFile& file, const ReadingContext& context) {
  MappingReader reader{node, context.source, context.problems, "a freeze"};
  if (!reader.is_valid()) return;
  const std::optional<std::string> name = reader.required_text("name");
  const std::optional<CivilDay> from = read_day(reader, "from", context);
  const std::optional<CivilDay> to = read_day(reader, "to", context);
  reader.finish();
  if (!name || !from || !to) return;
  if (*to < *from) reader.error_at("to", "this freeze ends before it begins");
  file.freezes.push_back({*name, *from, *to});
}

void read_limit(const YamlNode& node, RuleFile& file, const ReadingContext& context) {
  MappingReader reader{node, context.source, context.problems, "\"limit\""};
  if (!reader.is_valid()) return;
  reader.required("people");
  if (const auto people = reader.integer("people", 1, 1'000'000)) file.limit_people = static_cast<int>(*people);
  reader.finish();
}

void read_budget(const YamlNode& node, RuleFile& file, const ReadingContext& context) {
  MappingReader reader{node, context.source, context.problems, "\"budget\""};
  if (!reader.is_valid()) return;
  if (const YamlNode* const per_person = reader.required("per_person")) {
    MappingReader amounts{*per_person, context.source, context.problems, "\"per_person\""};
    if (amounts.is_valid() && amounts.required("messages_per_week") != nullptr) {
      if (const auto most = amounts.integer("messages_per_week", 1, 1000)) {
        file.budget.messages_per_week = static_cast<int>(*most);
      }
    }
    amounts.finish();
  }
  reader.finish();
}

void read_version(MappingReader& reader) {
  const YamlNode* const node = reader.required("version");
  if (node == nullptr) return;
  if (node->scalar == "1" && node->quoted) {
    reader.error_at("version", "\"version\" is a number: 1 without quotes");
  } else if (node->scalar != "1") {
    reader.error_at("version", fmt::format("this Chaser reads version: 1 of rule files; got \"{}\"", node->scalar));
  }
}

void read_rules_of(MappingReader& reader, const Defaults& defaults, RuleFile& file, const ReadingContext& context) {
  const std::span<const YamlNode> items = items_of(reader, "rules", "- rule: deadline", context);
  if (items.size() > rules_most) {
    reader.error_at("rules", fmt::format("a file has at most {} rules; this one has {}", rules_most, items.size()));
    return;
  }
  for (const YamlNode& item : items) {
    if (std::optional<Rule> rule = read_rule(item, defaults, context)) file.rules.push_back(*std::move(rule));
  }
}

}  // namespace

RuleFile read_rule_file(const documents::Source& source, const RuleContext& rules, documents::Problems& problems) {
  RuleFile file;
  const std::optional<YamlNode> root = documents::parse_yaml(source, problems);
  if (!root) return file;
  const ReadingContext context{source, rules, problems};
  MappingReader reader{*root, source, problems, "a rule file"};
  if (!reader.is_valid()) return file;
  read_version(reader);
  Defaults defaults;
  if (const YamlNode* const node = reader.optional("defaults")) {
    MappingReader defaults_reader{*node, source, problems, "\"defaults\""};
    read_schedule(defaults_reader, defaults.calendar, defaults.window, context);
    defaults_reader.finish();
  }
  read_rules_of(reader, defaults, file, context);
  for (const YamlNode& node : items_of(reader, "inhibits", "- { rule: deadline, silences: stalled }", context)) {
    read_inhibit(node, file, context);
  }
  if (const YamlNode* const node = reader.optional("limit")) read_limit(*node, file, context);
  for (const YamlNode& node :
       items_of(reader, "freezes", "- { name: Election period, from: 2027-03-22, to: 2027-05-06 }", context)) {
    read_freeze(node, file, context);
  }
  if (const YamlNode* const node = reader.optional("budget")) read_budget(*node, file, context);
  reader.finish();
  const std::string version = sha256_hex(source.text());
  for (Rule& rule : file.rules) rule.version = version;
  return file;
}

}  // namespace chaser::rulebook
