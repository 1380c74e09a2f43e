#include "chase/condition_words.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "plan/measure.h"
#include "rulebook/vocabulary.h"

namespace chaser::chase {
namespace {

using rulebook::FactEntry;
using rulebook::FactValue;

bool is_name_byte(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '_' ||
         byte == '.';
}

/// "its first due", "the plan's id", "today".
std::string subject(const FactEntry& fact) {
  const std::size_t dot = fact.name.find('.');
  std::string name(dot == std::string_view::npos ? fact.name : fact.name.substr(dot + 1));
  std::replace_if(name.begin(), name.end(), [](char c) { return c == '_' || c == '.'; }, ' ');
  if (fact.name.starts_with("action.")) return "its " + name;
  if (fact.name.starts_with("plan.")) return "the plan's " + name;
  if (fact.name.starts_with("case.")) return "the case's " + name;
  return name;
}

std::string is_words(const FactEntry& fact, const rulebook::Facts& facts) {
  return fmt::format("{} is {}", subject(fact), value_words(facts[fact.fact], facts.zone));
}

/// The facts that a text speaks of, in its order, each once.
std::vector<const FactEntry*> mentioned(std::string_view text) {
  std::vector<const FactEntry*> found;
  char quote = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (quote != 0 || text[i] == '"' || text[i] == '\'') {
      if (quote == 0)
        quote = text[i];
      else if (text[i] == '\\')
        ++i;
      else if (text[i] == quote)
        quote = 0;
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && is_name_byte(text[end])) ++end;
    if (end == i) {
      ++i;
      continue;
    }
    // "action.title.contains" speaks of action.title.
    for (std::string_view name = text.substr(i, end - i); !name.empty();) {
      if (const FactEntry* const fact = rulebook::find_fact(name)) {
        if (std::find(found.begin(), found.end(), fact) == found.end()) found.push_back(fact);
        break;
      }
      const std::size_t dot = name.rfind('.');
      name = dot == std::string_view::npos ? std::string_view() : name.substr(0, dot);
    }
    i = end;
  }
  return found;
}

/// "dated" of "\"dated\"", "a, b" of "[\"a\", \"b\"]".
std::string unquoted(std::string text) {
  std::erase_if(text, [](char byte) { return byte == '"' || byte == '\''; });
  return text;
}

std::optional<std::string> plain_words(std::string_view part, const rulebook::Facts& facts) {
  static const RE2 equality(R"(\s*([a-z_.]+)\s*(==|!=)\s*("[^"\\]*"|'[^'\\]*'|[\w.-]+)\s*)");
  static const RE2 membership(R"(\s*(!?)\(?\s*([a-z_.]+)\s+in\s+\[([^\[\]()]*)\]\s*\)?\s*)");
  static const RE2 truth(R"(\s*(!?)\s*([a-z_.]+)\s*)");
  std::string name;
  std::string sign;
  std::string value;
  if (RE2::FullMatch(part, equality, &name, &sign, &value)) {
    const FactEntry* const fact = rulebook::find_fact(name);
    if (fact == nullptr || rulebook::find_fact(value) != nullptr) return std::nullopt;
    if (sign == "!=") return is_words(*fact, facts);
    return fmt::format("{}, not {}", is_words(*fact, facts), unquoted(value));
  }
  if (RE2::FullMatch(part, membership, &sign, &name, &value)) {
    const FactEntry* const fact = rulebook::find_fact(name);
    if (fact == nullptr) return std::nullopt;
    if (!sign.empty()) return is_words(*fact, facts);
    return fmt::format("{}, none of {}", is_words(*fact, facts), unquoted(value));
  }
  if (RE2::FullMatch(part, truth, &sign, &name)) {
    const FactEntry* const fact = rulebook::find_fact(name);
    if (fact == nullptr) return std::nullopt;
    return fmt::format("{}: {}", fact->meaning, sign.empty() ? "no" : "yes");
  }
  return std::nullopt;
}

}  // namespace

std::string value_words(const FactValue& value, const calendar::Zone& zone) {
  switch (value.kind) {
    case FactValue::Kind::null:
      return "none";
    case FactValue::Kind::boolean:
      return value.integer != 0 ? "true" : "false";
    case FactValue::Kind::integer:
      return std::to_string(value.integer);
    case FactValue::Kind::real:
      return plan::quantity_words(value.real());
    case FactValue::Kind::text: {
      constexpr std::size_t shown_max = 60;
      if (value.text.empty()) return "\"\"";
      return value.text.size() <= shown_max ? std::string(value.text)
                                            : std::string(value.text.substr(0, shown_max)) + "...";
    }
    case FactValue::Kind::texts:
      return value.texts.empty() ? "none" : fmt::format("{}", fmt::join(value.texts, ", "));
    case FactValue::Kind::day:
      return calendar::short_day(calendar::CivilDay(1970, 1, 1) + value.integer);
    case FactValue::Kind::instant:
      return absl::FormatTime("%e %b %Y, %H:%M", absl::FromUnixMicros(value.integer), zone);
  }
  return "";
}

std::string why_false(std::string_view part, const rulebook::Facts& facts) {
  if (const auto words = plain_words(part, facts)) return *words;
  std::vector<std::string> values;
  for (const FactEntry* const fact : mentioned(part)) {
    values.push_back(fmt::format("{}: {}", fact->name, value_words(facts[fact->fact], facts.zone)));
  }
  return fmt::format("{} is false{}", part, values.empty() ? "" : fmt::format(" ({})", fmt::join(values, "; ")));
}

}  // namespace chaser::chase
