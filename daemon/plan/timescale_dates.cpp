#include "calendar/time.h"
#include "plan/timescale_period.h"

#include <absl/time/civil_time.h>

#include <string>
#include <utility>

namespace chaser::plan {
namespace {

using Unit = Period::Unit;
using Part = Period::Part;
using Form = Period::Form;
using absl::CivilMonth;

/// Whole months from a first one.
struct Months {
  CivilMonth first;
  int count;
};

CivilDay start_of(const Months& months) {
  return CivilDay(months.first);
}
CivilDay due_of(const Months& months) {
  return CivilDay(months.first + months.count) - 1;
}

/// Quarter or half or whole of a year that begins with `year_start`.
Months part_of_year(CivilMonth year_start, const Period& period) {
  if (period.unit == Unit::quarter) return {year_start + 3 * (period.index - 1), 3};
  if (period.unit == Unit::half) return {year_start + 6 * (period.index - 1), 6};
  const int last = period.form == Form::years ? period.last_year : period.year;
  return {year_start, 12 * (last - period.year + 1)};
}

Months calendar_months(const Period& period) {
  return part_of_year(CivilMonth(period.year, 1), period);
}

/// "2026-30" in financial years ends on 31 March 2030: its years are the outer ones as people write them.
Months financial_months(const Period& period) {
  const CivilMonth april(period.year, 4);
  if (period.form != Form::years) return part_of_year(april, period);
  return {april, 12 * (period.last_year - period.year)};
}

/// A month or a season in a year that has two: the year in which it falls.
int year_of_month(const Period& period, int month, int first_month) {
  return month >= first_month ? period.year : period.year + 1;
}

Months month_or_season(const Period& period) {
  if (period.unit == Unit::season) return {CivilMonth(period.year, period.index == 0 ? 12 : period.index * 3), 3};
  if (period.form == Form::academic) return {CivilMonth(year_of_month(period, period.index, 9), period.index), 1};
  if (period.form == Form::calendar) return {CivilMonth(period.year, period.index), 1};
  return {CivilMonth(year_of_month(period, period.index, 4), period.index), 1};
}

Precision precision_of(const Period& period) {
  switch (period.unit) {
    case Unit::day:
      return Precision::day;
    case Unit::month:
      return Precision::month;
    case Unit::season:
    case Unit::quarter:
      return Precision::quarter;
    case Unit::half:
      return Precision::half;
    case Unit::year:
      break;
  }
  return period.form == Form::years ? Precision::span : Precision::year;
}

std::string convention_of(const Period& period, bool financial) {
  const std::string year = financial ? "financial " : "calendar ";
  if (period.unit == Unit::quarter) return year + "quarter";
  if (period.unit == Unit::half) return year + "half";
  if (period.form == Form::years) return financial ? "financial years" : "span";
  return year + "year";
}

Dates dates_of_months(const Months& months, const Period& period, std::string convention) {
  Dates dates;
  dates.start = start_of(months);
  dates.due = due_of(months);
  dates.precision = precision_of(period);
  dates.convention = std::move(convention);
  return dates;
}

/// A year, quarter or half, by the plan's year, with the other reading beside it.
Dates dates_in_year(const Period& period, bool financial) {
  const Months chosen = financial ? financial_months(period) : calendar_months(period);
  const Months other = financial ? calendar_months(period) : financial_months(period);
  Dates dates = dates_of_months(chosen, period, convention_of(period, financial));
  dates.alternative = AlternativeReading{start_of(other), due_of(other), convention_of(period, !financial)};
  return dates;
}

/// "2026-27": the financial year, or two calendar years.
Dates dates_of_either(Period period, const Conventions& conventions) {
  const bool financial = conventions.year_range == Conventions::YearRange::financial;
  period.form = Form::financial;
  Dates one = dates_of_months(financial_months(period), period, "financial year");
  period.form = Form::years;
  period.last_year = period.year + 1;
  Dates two = dates_of_months(calendar_months(period), period, "span");
  Dates& chosen = financial ? one : two;
  const Dates& other = financial ? two : one;
  chosen.alternative = AlternativeReading{other.start, other.due, other.convention};
  chosen.ambiguous = !conventions.year_range_settled && financial;
  return chosen;
}

Dates dates_of_day(const Period& period) {
  Dates dates;
  dates.start = dates.due = CivilDay(period.year, period.index, period.day);
  dates.precision = Precision::day;
  dates.convention = period.convention;
  if (period.other_day != 0) {
    const CivilDay other(period.year, period.other_month, period.other_day);
    dates.alternative =
        AlternativeReading{other, other, period.convention == "day first" ? "month first" : "day first"};
  }
  return dates;
}

Dates whole(const Period& period, const Conventions& conventions) {
  switch (period.unit) {
    case Unit::day:
      return dates_of_day(period);
    case Unit::month:
      return dates_of_months(month_or_season(period), period, "month");
    case Unit::season:
      return dates_of_months(month_or_season(period), period, "meteorological season");
    default:
      break;
  }
  if (period.form == Form::academic) return dates_of_months({CivilMonth(period.year, 9), 12}, period, "academic year");
  if (period.form == Form::either && period.unit == Unit::year) return dates_of_either(period, conventions);
  if (period.form == Form::financial || period.form == Form::either) {
    Period one = period;
    one.form = Form::financial;
    return dates_of_months(financial_months(one), one, convention_of(one, true));
  }
  Dates dates = dates_in_year(period, conventions.year == Conventions::Year::financial && !period.said_calendar);
  if (period.said_calendar) dates.alternative.reset();
  return dates;
}

/// The last day of the early or middle part: of a year its first quarter or half, of a month its 10th or 15th, of
/// what has n months the first third or two thirds of them.
CivilDay part_end(const Dates& dates, Unit unit, bool early) {
  if (unit == Unit::month) return dates.start + (early ? 9 : 14);
  const int months = unit == Unit::year ? (early ? 3 : 6) : unit == Unit::half ? (early ? 2 : 4) : (early ? 1 : 2);
  return CivilDay(CivilMonth(dates.start) + months) - 1;
}

}  // namespace

Dates dates_of(const Period& period, const Conventions& conventions) {
  Dates dates = whole(period, conventions);
  if (period.part == Part::whole || period.unit == Unit::day || period.form == Form::years) return dates;
  if (period.part == Part::late)
    dates.start = part_end(dates, period.unit, false) + 1;
  else
    dates.due = part_end(dates, period.unit, period.part == Part::early);
  constexpr std::string_view names[] = {"", "early in the ", "middle of the ", "late in the "};
  const auto name = names[static_cast<std::size_t>(period.part)];
  dates.convention = std::string(name) + dates.convention;
  if (period.part != Part::late) dates.alternative.reset();
  return dates;
}

}  // namespace chaser::plan
