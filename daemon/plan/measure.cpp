#include "plan/measure.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "documents/characters.h"

namespace chaser::plan {
namespace {

constexpr double days_per_month = 365.2425 / 12;

double share_between(const Reading& from, const Reading& to, CivilDay day) {
  return static_cast<double>(day - from.on) / static_cast<double>(to.on - from.on);
}

/// The weight that the days after `from`, up to and with `to`, carry: a month's weight falls evenly on its days.
double weight_between(const std::array<double, 12>& months, CivilDay from, CivilDay to) {
  double weight = 0;
  for (CivilDay begin = from + 1; begin <= to;) {
    const CivilDay month(begin.year(), begin.month());
    const CivilDay next(begin.year(), begin.month() + 1);
    const CivilDay end = std::min(next, to + 1);
    weight += months[static_cast<std::size_t>(begin.month() - 1)] * static_cast<double>(end - begin) /
              static_cast<double>(next - month);
    begin = end;
  }
  return weight;
}

double by_points(const Measure& measure, CivilDay day) {
  const Reading* before = &measure.baseline;
  for (const Reading& point : measure.points) {
    if (point.on >= day) return before->value + (point.value - before->value) * share_between(*before, point, day);
    before = &point;
  }
  const Reading& target = measure.target;
  return before->value + (target.value - before->value) * share_between(*before, target, day);
}

}  // namespace

double expected_on(const Measure& measure, CivilDay day) {
  if (day <= measure.baseline.on) return measure.baseline.value;
  if (day >= measure.target.on) return measure.target.value;
  if (!measure.months) return by_points(measure, day);
  const double whole = weight_between(*measure.months, measure.baseline.on, measure.target.on);
  if (whole <= 0) return by_points(measure, day);  // no such month lies between the two
  const double share = weight_between(*measure.months, measure.baseline.on, day) / whole;
  return measure.baseline.value + (measure.target.value - measure.baseline.value) * share;
}

bool is_behind(const Measure& measure, const Reading& reading) {
  const double expected = expected_on(measure, reading.on);
  const double tolerance = 1e-9 * std::max(std::abs(expected), std::abs(reading.value));
  return measure.is_lower_better() ? reading.value > expected + tolerance : reading.value < expected - tolerance;
}

int readings_behind(const Measure& measure) {
  int count = 0;
  for (auto reading = measure.readings.rbegin(); reading != measure.readings.rend(); ++reading) {
    if (!is_behind(measure, *reading)) break;
    ++count;
  }
  return count;
}

double percent_of_way(const Measure& measure, double value) {
  return 100 * (value - measure.baseline.value) / (measure.target.value - measure.baseline.value);
}

std::optional<double> required_per_month(const Measure& measure) {
  const Reading& from = measure.latest() != nullptr ? *measure.latest() : measure.baseline;
  if (from.on >= measure.target.on) return std::nullopt;
  if (percent_of_way(measure, from.value) >= 100) return 0;
  return (measure.target.value - from.value) / (static_cast<double>(measure.target.on - from.on) / days_per_month);
}

void add_reading(Measure& measure, Reading reading) {
  std::vector<Reading>& readings = measure.readings;
  const auto place = std::ranges::lower_bound(readings, reading.on, {}, &Reading::on);
  if (place != readings.end() && place->on == reading.on)
    *place = reading;
  else
    readings.insert(place, reading);
  if (readings.size() > readings_max) readings.erase(readings.begin());
}

std::optional<double> read_quantity(std::string_view text) {
  static const RE2 form(R"(([+-]?)(\d{1,3}(?:[,_ ]\d{3})+|\d+)?(\.\d+)?\s*(thousand|million|m|billion|bn|%)?)");
  const std::string folded = documents::folded(text);
  std::string sign;
  std::string whole;
  std::string part;
  std::string scale;
  if (!RE2::FullMatch(folded, form, &sign, &whole, &part, &scale) || (whole.empty() && part.empty())) {
    return std::nullopt;
  }
  std::erase_if(whole, [](char c) { return c == ',' || c == '_' || c == ' '; });
  const std::string digits = (sign == "-" ? "-" : "") + (whole.empty() ? "0" : whole) + part;
  double value = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (failure != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  if (scale == "thousand") value *= 1e3;
  if (scale == "million" || scale == "m") value *= 1e6;
  if (scale == "billion" || scale == "bn") value *= 1e9;
  constexpr double value_max = 1e15;  // beyond it a double no longer counts ones
  if (std::abs(value) > value_max) return std::nullopt;
  return value;
}

std::string quantity_words(double value) {
  std::string digits = fmt::format("{:.2f}", std::abs(value));
  while (digits.ends_with('0')) digits.pop_back();
  if (digits.ends_with('.')) digits.pop_back();
  const std::size_t whole = std::min(digits.find('.'), digits.size());
  for (std::size_t at = whole; at > 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  const bool is_negative = value < 0 && digits != "0";
  return (is_negative ? "-" : "") + digits;
}

}  // namespace chaser::plan
