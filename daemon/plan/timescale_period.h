#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "plan/timescale.h"
#include "plan/timescale_text.h"

namespace chaser::plan {

/// The years a timescale may name; others are taken for slips of the pen.
inline constexpr int first_timescale_year = 1990;
inline constexpr int last_timescale_year = 2199;

/// A stretch of the calendar as a text names it, not yet laid on the calendar by the plan's conventions.
struct Period {
  enum class Unit : std::uint8_t { day, month, quarter, half, season, year };
  enum class Part : std::uint8_t { whole, early, middle, late };
  /// How the year is written: "2026"; "2026/27" (financial by its form or by the words beside it); "2026-27" (either);
  /// "2026-30", years from `year` to `last_year`; "academic year 2026/27".
  enum class Form : std::uint8_t { calendar, financial, either, years, academic };

  Unit unit = Unit::year;
  Part part = Part::whole;
  Form form = Form::calendar;
  int year = 0;  // 0: not said here ("March" in "March to May 2027")
  int last_year = 0;
  int index = 0;      // month 1-12, quarter 1-4, half 1-2, season 0 winter - 3 autumn
  int day = 0;        // 0 with unit day: none
  int other_day = 0;  // 3/4/2026 by the other order of day and month; 0: there is none
  int other_month = 0;
  bool said_calendar = false;   // "calendar year 2026"
  std::string_view convention;  // of a day: "day first", "ISO date", ...
  std::string problem;          // what is wrong with it; empty if nothing

  bool is_whole_year() const { return unit == Unit::year && part == Part::whole; }
};

/// A period on the calendar.
struct Dates {
  CivilDay start;
  CivilDay due;
  Precision precision = Precision::none;
  std::string convention;
  bool ambiguous = false;
  std::optional<AlternativeReading> alternative;
};

struct FoundPeriod {
  Period period;
  std::size_t size;  // tokens
};

/// The longest period that begins with the first token, also one without a year ("March", "9 July", "Q1").
std::optional<FoundPeriod> period_at(std::span<const Token> tokens, const Conventions& conventions);

/// Lays a period with a year and no problem on the calendar.
Dates dates_of(const Period& period, const Conventions& conventions);

/// The day in the numbering of spreadsheets (1 Jan 2026 is 46023), if it falls in the years a timescale may name.
std::optional<CivilDay> spreadsheet_day(int serial);

}  // namespace chaser::plan
