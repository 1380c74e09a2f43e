#include "plan/measure_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "documents/characters.h"

namespace chaser::plan {
namespace {

using documents::MappingReader;
using documents::YamlNode;

constexpr std::size_t words_max = 100;  // of a name or a unit, in characters
constexpr std::array<std::string_view, 12> months{"jan", "feb", "mar", "apr", "may", "jun",
                                                  "jul", "aug", "sep", "oct", "nov", "dec"};

/// Reads one measure; what is wrong anywhere makes it none.
class MeasureReader {
 public:
  explicit MeasureReader(const ReadingContext& context) : context_{context}, problems_{context.problems} {}

  std::optional<Measure> read(const YamlNode& node) {
    const std::size_t before = problems_.errors_met();
    MappingReader keys{node, context_.source, problems_, "a measure"};
    if (!keys.is_valid()) return std::nullopt;
    measure_.name = words(keys, "name", keys.required_text("name"));
    measure_.unit = words(keys, "unit", keys.text("unit"));
    const YamlNode* const baseline = keys.required("baseline");
    const YamlNode* const target = keys.required("target");
    if (baseline != nullptr) measure_.baseline = reading(*baseline, "on", "the baseline").value_or(Reading{});
    if (target != nullptr) measure_.target = reading(*target, "by", "the target").value_or(Reading{});
    const bool is_whole = problems_.errors_met() == before;
    if (is_whole) check_ends(keys);
    const std::optional<std::string> better = keys.text("better");
    if (better && is_whole) check_better(keys, *better);
    if (const YamlNode* const profile = keys.optional("profile")) read_profile(*profile);
    if (const YamlNode* const readings = keys.optional("readings")) read_readings(*readings);
    keys.finish();
    if (problems_.errors_met() != before) return std::nullopt;
    return std::move(measure_);
  }

 private:
  void error(const YamlNode& node, std::string message, std::vector<std::string> notes = {}) {
    problems_.error(context_.source, node.at, std::move(message), std::move(notes));
  }

  std::string words(MappingReader& keys, std::string_view key, const std::optional<std::string>& text) {
    if (!text) return "";
    const std::string_view shown = documents::trimmed(*text);
    if (documents::character_count(shown) > words_max || shown.find_first_of("\r\n") != std::string_view::npos) {
      keys.error_at(key, fmt::format("\"{}\" is one line of at most {} characters", key, words_max));
    }
    return std::string(shown);
  }

  std::optional<double> value(const YamlNode& node) {
    const std::optional<double> number = node.is_scalar() ? read_quantity(node.scalar) : std::nullopt;
    if (!number) error(node, fmt::format("\"{}\" is no number such as 28600, 1,500,000 or 1.5 million", node.scalar));
    return number;
  }

  /// { value: 1.5 million, by: 2030 }
  std::optional<Reading> reading(const YamlNode& node, std::string_view day_key, std::string what) {
    MappingReader keys{node, context_.source, problems_, std::move(what)};
    if (!keys.is_valid()) return std::nullopt;
    const YamlNode* const value_node = keys.required("value");
    const std::optional<std::string> text = keys.required_text(day_key);
    const std::optional<double> number = value_node != nullptr ? value(*value_node) : std::nullopt;
    const std::optional<CivilDay> day = text ? day_of_words(*text, context_.conventions) : std::nullopt;
    if (text && !day) {
      keys.error_at(day_key, fmt::format("\"{}\" is a date such as 2030-03-31 or \"end of March 2030\"; got \"{}\"",
                                         day_key, *text));
    }
    keys.finish();
    if (!number || !day) return std::nullopt;
    return Reading{*day, *number};
  }

  void check_ends(MappingReader& keys) {
    if (measure_.target.on <= measure_.baseline.on) {
      keys.error_at("target",
                    fmt::format("the target's day, {}, must come after the baseline's, {}",
                                calendar::iso_day(measure_.target.on), calendar::iso_day(measure_.baseline.on)));
    }
    if (measure_.target.value == measure_.baseline.value) {
      keys.error_at("target", "the target is what the baseline is already: there is nothing to reach");
    }
  }

  void check_better(MappingReader& keys, const std::string& better) {
    if (better != "higher" && better != "lower") {
      return keys.error_at("better", fmt::format("\"better\" is higher or lower; got \"{}\"", better));
    }
    if ((better == "lower") == measure_.is_lower_better()) return;
    keys.error_at("better", fmt::format("\"{}\" is better, but the target lies {} the baseline", better,
                                        measure_.is_lower_better() ? "below" : "above"));
  }

  void read_profile(const YamlNode& node) {
    if (node.is_scalar() && node.scalar == "linear") return;
    if (node.is_mapping()) return read_weights(node);
    if (node.is_sequence() && node.items.size() <= profile_points_max) return read_points(node);
    error(node,
          fmt::format("\"profile\" is linear, weights of months or a list of up to {} points", profile_points_max),
          {"such as profile: { nov: 1, dec: 1, jan: 1, feb: 1, mar: 1 }",
           "or profile: [{ by: 2027-03-31, value: 400000 }]"});
  }

  /// { nov: 2, dec: 1 }: a month that is not named brings nothing.
  void read_weights(const YamlNode& node) {
    measure_.months.emplace();
    double sum = 0;
    for (const auto& [key, weight] : node.entries) {
      const std::string name = documents::folded(key.scalar).substr(0, 3);
      const auto month = std::find(months.begin(), months.end(), name);
      if (month == months.end()) {
        error(key, fmt::format("\"{}\" is no month: jan, feb, ... dec", key.scalar));
        continue;
      }
      const double number = value(weight).value_or(0);
      if (number < 0) error(weight, "a month's weight is not below 0");
      measure_.months->at(static_cast<std::size_t>(month - months.begin())) = number;
      sum += number;
    }
    if (sum <= 0) error(node, "at least one month must have a weight above 0");
  }

  void read_points(const YamlNode& node) {
    for (const YamlNode& item : node.items) {
      const std::optional<Reading> point = reading(item, "by", "a point of the profile");
      if (!point) continue;
      const CivilDay before = measure_.points.empty() ? measure_.baseline.on : measure_.points.back().on;
      if (point->on <= before || point->on >= measure_.target.on) {
        error(item, "the profile's points lie between the baseline's day and the target's, each after the one before");
      }
      measure_.points.push_back(*point);
    }
  }

  void read_readings(const YamlNode& node) {
    if (!node.is_sequence() || node.items.size() > readings_max) {
      return error(node, fmt::format("\"readings\" is a list of up to {}", readings_max),
                   {"such as readings: [{ on: 2026-03-31, value: 410000 }]"});
    }
    for (const YamlNode& item : node.items) {
      const std::optional<Reading> read = reading(item, "on", "a reading");
      if (!read) continue;
      const bool is_known = std::ranges::find(measure_.readings, read->on, &Reading::on) != measure_.readings.end();
      if (is_known) error(item, fmt::format("there are two readings on {}", calendar::iso_day(read->on)));
      add_reading(measure_, *read);
    }
  }

  const ReadingContext& context_;
  documents::Problems& problems_;
  Measure measure_;
};

}  // namespace

std::optional<Measure> read_measure(const YamlNode& node, const ReadingContext& context) {
  return MeasureReader(context).read(node);
}

std::optional<CivilDay> day_of_words(std::string_view text, const Conventions& conventions) {
  if (const auto day = calendar::parse_iso_day(documents::trimmed(text))) return day;
  const Timescale timescale = read_timescale(text, conventions);
  if (timescale.kind != TimescaleKind::dated || timescale.ambiguous) return std::nullopt;
  return timescale.due;
}

}  // namespace chaser::plan
