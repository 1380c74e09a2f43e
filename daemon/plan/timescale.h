#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "calendar/time.h"

namespace chaser::plan {

using calendar::CivilDay;

enum class TimescaleKind : std::uint8_t { dated, ongoing, unscheduled, conditional, done, unreadable };
enum class Precision : std::uint8_t { none, day, month, quarter, half, year, span };

std::string_view name_of(TimescaleKind kind);  // "dated", ...
std::string_view name_of(Precision precision);
std::optional<TimescaleKind> timescale_kind(std::string_view name);
std::optional<Precision> precision(std::string_view name);

/// How a plan wants its ambiguous texts read; each default is the one of design.md §4.
struct Conventions {
  enum class Year : std::uint8_t { calendar, financial };          // "2026", "Q2 2026"
  enum class YearRange : std::uint8_t { financial, calendar };     // "2026-27": consecutive, two-digit end
  enum class DateOrder : std::uint8_t { day_first, month_first };  // "3/4/2026"
  Year year = Year::calendar;
  YearRange year_range = YearRange::financial;
  DateOrder date_order = DateOrder::day_first;
  /// The plan says itself which `year_range` it means, so that "2026-27" is not ambiguous any more.
  bool year_range_settled = false;
  /// The plan's own key: "Short term" -> the text it stands for ("2027"). Compared without case and outer blanks.
  std::map<std::string, std::string> key;

  bool operator==(const Conventions&) const = default;
};

struct AlternativeReading {
  std::optional<CivilDay> start;
  std::optional<CivilDay> due;
  std::string convention;

  bool operator==(const AlternativeReading&) const = default;
};

/// A timescale cell and its reading. `verbatim` is the cell's text, untouched.
/// `due` is the last day on which the promise is kept, inclusive. `ambiguous` is true only where design.md §4 says so.
struct Timescale {
  std::string verbatim;
  TimescaleKind kind = TimescaleKind::unscheduled;
  std::optional<CivilDay> start;
  std::optional<CivilDay> due;
  Precision precision = Precision::none;
  /// By which reading: "calendar year", "financial year", "span", "day first", "meteorological season", "plan key", ...
  std::string convention;
  bool ambiguous = false;
  std::optional<AlternativeReading> alternative;
  /// Why it is unreadable and what would be readable; empty otherwise.
  std::string problem;

  bool operator==(const Timescale&) const = default;
};

/// Reads a timescale cell by design.md §4. Never guesses: what it cannot read is `unreadable` with the problem.
/// Pure in the text and the conventions; a text longer than 1,000 characters is unreadable.
Timescale read_timescale(std::string_view text, const Conventions& conventions = {});

}  // namespace chaser::plan
