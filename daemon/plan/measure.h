#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calendar/time.h"

namespace chaser::plan {

using calendar::CivilDay;

/// What stood on a day.
struct Reading {
  CivilDay on;
  double value = 0;
  bool operator==(const Reading&) const = default;
};

inline constexpr std::size_t readings_max = 1000;
inline constexpr std::size_t profile_points_max = 200;

/// A quantity that an action promises: "1.5 million trees by 2030". It goes from the baseline to the target, downwards
/// where the target is the lower of the two. The profile says how: evenly (nothing set), through the points between, or
/// each year's growth by the months' weights (trees are planted from November to March).
struct Measure {
  std::string name;
  std::string unit;
  Reading baseline;
  Reading target;                                // after the baseline, and another value
  std::vector<Reading> points;                   // strictly between the two, by day
  std::optional<std::array<double, 12>> months;  // weights of January to December, not all 0
  std::vector<Reading> readings;                 // by day, one a day

  bool operator==(const Measure&) const = default;
  bool is_lower_better() const { return target.value < baseline.value; }
  const Reading* latest() const { return readings.empty() ? nullptr : &readings.back(); }
};

/// What should stand at the end of `day` by the profile: the baseline's value before it, the target's after it.
double expected_on(const Measure& measure, CivilDay day);
/// Whether a reading is short of what should have stood on its day.
bool is_behind(const Measure& measure, const Reading& reading);
/// How many of the last readings in a row are behind; 0 without a reading.
int readings_behind(const Measure& measure);
/// How much of the way from the baseline to the target, in per cent; above 100 beyond it, below 0 on the wrong side.
double percent_of_way(const Measure& measure, double value);
/// What each calendar month from the last reading (without one: the baseline) to the target must bring; 0 once it is
/// reached. Nothing if the target's day is not after it.
std::optional<double> required_per_month(const Measure& measure);

/// Puts a reading in its place; one of the same day is replaced. Of more than readings_max the oldest goes.
void add_reading(Measure& measure, Reading reading);

/// "1500000", "1,500,000", "1.5 million", "12.5 %": nothing if it is no finite number.
std::optional<double> read_quantity(std::string_view text);
/// "1,500,000", "0.25".
std::string quantity_words(double value);

}  // namespace chaser::plan
