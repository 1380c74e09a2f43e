#include "plan/cadence.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <array>
#include <charconv>

#include "calendar/recurrence.h"
#include "documents/characters.h"

namespace chaser::plan {
namespace {

constexpr int weeks_max = 520;
constexpr std::string_view examples =
    "is no review cycle: write 3mo, every quarter, every 6 months, annually, annually in March or an RRULE such as "
    "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=1";

constexpr std::array<std::string_view, 12> month_names{"january",   "february", "march",    "april",
                                                       "may",       "june",     "july",     "august",
                                                       "september", "october",  "november", "december"};
constexpr std::array<std::string_view, 13> number_words{"",      "one",   "two",  "three", "four",   "five",  "six",
                                                        "seven", "eight", "nine", "ten",   "eleven", "twelve"};

/// Words that stand for months by themselves.
constexpr std::array<std::pair<std::string_view, int>, 16> whole_words{{{"monthly", 1},
                                                                        {"every month", 1},
                                                                        {"quarterly", 3},
                                                                        {"every quarter", 3},
                                                                        {"four times a year", 3},
                                                                        {"half-yearly", 6},
                                                                        {"half yearly", 6},
                                                                        {"every half year", 6},
                                                                        {"six-monthly", 6},
                                                                        {"twice a year", 6},
                                                                        {"annually", 12},
                                                                        {"yearly", 12},
                                                                        {"every year", 12},
                                                                        {"once a year", 12},
                                                                        {"biennially", 24},
                                                                        {"every other year", 24}}};

std::optional<int> number_of(std::string_view word) {
  for (std::size_t i = 1; i < number_words.size(); ++i) {
    if (word == number_words[i]) return static_cast<int>(i);
  }
  int number = 0;
  const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (failure != std::errc{} || end != word.data() + word.size() || number < 1) return std::nullopt;
  return number;
}

/// "march" or "mar".
std::optional<int> month_of(std::string_view word) {
  for (std::size_t i = 0; i < month_names.size(); ++i) {
    if (word == month_names[i] || (word.size() == 3 && month_names[i].starts_with(word)))
      return static_cast<int>(i) + 1;
  }
  return std::nullopt;
}

/// "march", "march and september": the first day of each, every year.
std::optional<Cadence> in_months(std::string_view names) {
  static const RE2 first(R"(([a-z]+)(?:\s*(?:,|and|&)\s*)?)");
  std::string months;
  std::string word;
  re2::StringPiece rest(names.data(), names.size());
  while (!rest.empty()) {
    if (!RE2::Consume(&rest, first, &word)) return std::nullopt;
    const std::optional<int> month = month_of(word);
    if (!month) return std::nullopt;
    months += fmt::format("{}{}", months.empty() ? "" : ",", *month);
  }
  if (months.empty()) return std::nullopt;
  return Cadence{std::nullopt, fmt::format("FREQ=YEARLY;BYMONTH={};BYMONTHDAY=1", months)};
}

std::optional<Cadence> every(int count, std::string_view unit) {
  if (unit.starts_with("w")) {
    if (count > weeks_max) return std::nullopt;
    return Cadence{std::nullopt, fmt::format("FREQ=WEEKLY;INTERVAL={}", count)};
  }
  const int months_each = unit.starts_with("y") ? 12 : unit.starts_with("q") ? 3 : 1;
  if (count > cadence_months_max / months_each) return std::nullopt;
  return Cadence{count * months_each, ""};
}

std::optional<Cadence> by_words(const std::string& text) {
  static const RE2 counted(R"((?:every\s+)?(\w+)\s*(w|weeks?|mo|months?|quarters?|y|years?))");
  static const RE2 named(
      R"((?:annually|yearly|every year|each year|once a year|every|each)\s+(?:in\s+|on\s+)?([a-z ,&]+))");
  for (const auto& [word, months] : whole_words) {
    if (text == word) return Cadence{months, ""};
  }
  if (text == "weekly" || text == "every week") return every(1, "week");
  std::string number;
  std::string unit;
  // "3mo" has no blank for \w+ to end at.
  static const RE2 short_form(R"((\d+)\s*(w|mo|y))");
  if (RE2::FullMatch(text, short_form, &number, &unit) || RE2::FullMatch(text, counted, &number, &unit)) {
    if (const std::optional<int> count = number_of(number)) return every(*count, unit);
  }
  std::string names;
  if (RE2::FullMatch(text, named, &names)) return in_months(names);
  return std::nullopt;
}

}  // namespace

std::expected<Cadence, std::string> read_cadence(std::string_view text) {
  std::string_view trimmed = documents::trimmed(text);
  if (trimmed.starts_with("RRULE:")) trimmed.remove_prefix(6);
  if (trimmed.find("FREQ=") != std::string_view::npos) {
    if (std::string why = calendar::why_no_recurrence(trimmed); !why.empty()) return std::unexpected(std::move(why));
    return Cadence{std::nullopt, std::string(trimmed)};
  }
  if (auto cadence = by_words(documents::folded(trimmed))) return *std::move(cadence);
  return std::unexpected(std::string(examples));
}

std::string words_of(const Cadence& cadence) {
  if (!cadence.recurrence.empty()) return cadence.recurrence;
  const int months = cadence.months.value_or(0);
  if (months % 12 == 0) return months == 12 ? "every year" : fmt::format("every {} years", months / 12);
  return months == 1 ? "every month" : fmt::format("every {} months", months);
}

}  // namespace chaser::plan
