#include "plan/timescale_period.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace chaser::plan {
namespace {

using Tokens = std::span<const Token>;
using Unit = Period::Unit;
using Form = Period::Form;
using Found = std::optional<FoundPeriod>;

constexpr std::array<std::string_view, 12> month_names{"january",   "february", "march",    "april",
                                                       "may",       "june",     "july",     "august",
                                                       "september", "october",  "november", "december"};

/// 1-12 by name or by its first letters, three at least ("sept", "jan"); 0 if it is none.
int month_number(const Token& token) {
  if (!token.is_word() || token.text.size() < 3) return 0;
  for (int month = 1; month <= 12; ++month)
    if (month_names[static_cast<std::size_t>(month - 1)].starts_with(token.text)) return month;
  return 0;
}

bool is_full_month_name(const Token& token) {
  return token.text.size() > 4 || token.is("june") || token.is("july");
}

std::optional<int> season_number(const Token& token) {
  if (token.is("winter")) return 0;
  if (token.is("spring")) return 1;
  if (token.is("summer")) return 2;
  if (token.is("autumn") || token.is("fall")) return 3;
  return std::nullopt;
}

/// 1-4 of "first", "2nd", "3"; with how many tokens it takes. Numbers need their ending where `ending` is asked for.
std::pair<int, std::size_t> ordinal_at(Tokens tokens, bool ending) {
  constexpr std::array<std::string_view, 4> words{"first", "second", "third", "fourth"};
  if (tokens.empty()) return {0, 0};
  for (int i = 0; i < 4; ++i)
    if (tokens[0].is(words[static_cast<std::size_t>(i)])) return {i + 1, 1};
  if (tokens[0].is("final") || tokens[0].is("last")) return {4, 1};
  if (!tokens[0].is_digits(1, 1) || tokens[0].value < 1 || tokens[0].value > 4) return {0, 0};
  const bool has_ending = tokens.size() > 1 && !tokens[1].blank_before &&
                          (tokens[1].is("st") || tokens[1].is("nd") || tokens[1].is("rd") || tokens[1].is("th"));
  if (has_ending) return {tokens[0].value, 2};
  return ending ? std::pair<int, std::size_t>{0, 0} : std::pair<int, std::size_t>{tokens[0].value, 1};
}

bool is_year(const Token& token) {
  return token.is_digits(4, 4);
}
bool follows(Tokens tokens, std::size_t i, std::string_view mark) {
  return i < tokens.size() && tokens[i].is(mark) && !tokens[i].blank_before;
}
/// A number that stands right behind what is before it.
bool number_follows(Tokens tokens, std::size_t i, std::size_t fewest, std::size_t most) {
  return i < tokens.size() && !tokens[i].blank_before && tokens[i].is_digits(fewest, most);
}
/// Whether a text goes on after token i with a digit or with another part of a longer number ("20/21/22").
bool goes_on(Tokens tokens, std::size_t i, std::string_view mark) {
  return follows(tokens, i, mark) && number_follows(tokens, i + 1, 1, 9);
}

int full_year(const Token& token) {
  return token.text.size() <= 2 ? 2000 + token.value : token.value;
}

std::string bound_problem(int year) {
  if (year >= first_timescale_year && year <= last_timescale_year) return "";
  return fmt::format("'{}' is no year between {} and {}", year, first_timescale_year, last_timescale_year);
}

/// Why that is no day, or "".
std::string day_problem(int year, int month, int day) {
  if (month < 1 || month > 12) return fmt::format("there is no month {}", month);
  const int last = (CivilDay(year, month + 1, 1) - 1).day();
  if (day >= 1 && day <= last) return {};
  return fmt::format("there is no day {} in month {} of {}, which has {} days", day, month, year, last);
}

Period day_period(int year, int month, int day, std::string_view convention) {
  Period period;
  period.unit = Unit::day;
  period.year = year;
  period.index = month;
  period.day = day;
  period.convention = convention;
  period.problem = bound_problem(year);
  if (period.problem.empty()) period.problem = day_problem(year, month, day);
  return period;
}

/// "T09:30:00Z" or " 00:00:00" after a date, in tokens from i; how many they are.
std::size_t clock_size(Tokens tokens, std::size_t i) {
  std::size_t at = i;
  if (at < tokens.size() && tokens[at].is("t")) ++at;
  if (at + 1 >= tokens.size() || !tokens[at].is_digits(1, 2) || !follows(tokens, at + 1, ":")) return 0;
  if (!number_follows(tokens, at + 2, 2, 2)) return 0;
  at += 3;
  while ((follows(tokens, at, ":") || follows(tokens, at, ".")) && number_follows(tokens, at + 1, 1, 9)) at += 2;
  if (at < tokens.size() && tokens[at].is("z")) ++at;
  return at - i;
}

/// 2026-12-31, 2026/12/31, 2026.12.31, with or without a time of day.
Found year_first_day(Tokens tokens) {
  if (!is_year(tokens[0]) || tokens.size() < 5 || tokens[1].blank_before) return std::nullopt;
  const std::string& mark = tokens[1].text;
  if (mark != "-" && mark != "/" && mark != ".") return std::nullopt;
  if (!number_follows(tokens, 2, 1, 2) || !follows(tokens, 3, mark) || !number_follows(tokens, 4, 1, 2))
    return std::nullopt;
  const std::size_t size = 5 + clock_size(tokens, 5);
  return FoundPeriod{day_period(tokens[0].value, tokens[2].value, tokens[4].value, "ISO date"), size};
}

/// 31/12/2026, 31.12.26, 31-12-2026 in the order of the conventions, or in the only order there is.
Found numeric_day(Tokens tokens, const Conventions& conventions) {
  if (!tokens[0].is_digits(1, 2) || tokens.size() < 5 || tokens[1].blank_before) return std::nullopt;
  const std::string& mark = tokens[1].text;
  if (mark != "-" && mark != "/" && mark != ".") return std::nullopt;
  if (!number_follows(tokens, 2, 1, 2) || !follows(tokens, 3, mark)) return std::nullopt;
  if (!number_follows(tokens, 4, 4, 4) && !number_follows(tokens, 4, 2, 2)) return std::nullopt;
  const int a = tokens[0].value;
  const int b = tokens[2].value;
  const int year = full_year(tokens[4]);
  const bool either = a <= 12 && b <= 12;
  const bool month_first = either ? conventions.date_order == Conventions::DateOrder::month_first : a <= 12 && b > 12;
  Period period = day_period(year, month_first ? a : b, month_first ? b : a, month_first ? "month first" : "day first");
  if (either && a != b && period.problem.empty()) {
    period.other_day = month_first ? a : b;
    period.other_month = month_first ? b : a;
  }
  return FoundPeriod{period, 5 + clock_size(tokens, 5)};
}

/// What stands between month and year: ", ' - . / of". How many tokens.
std::size_t joint_size(Tokens tokens, std::size_t i) {
  std::size_t at = i;
  while (at < tokens.size() && at < i + 3 &&
         (tokens[at].is(",") || tokens[at].is("'") || tokens[at].is(".") || tokens[at].is("of")))
    ++at;
  if (at == i && at + 1 < tokens.size() && (tokens[at].is("-") || tokens[at].is("/")) && !tokens[at].blank_before &&
      !tokens[at + 1].blank_before)
    ++at;
  return at - i;
}

bool is_ordinal_ending(Tokens tokens, std::size_t i) {
  return i < tokens.size() && !tokens[i].blank_before &&
         (tokens[i].is("st") || tokens[i].is("nd") || tokens[i].is("rd") || tokens[i].is("th"));
}

/// 31 Dec 2026, 31st of December, 2026, 31-Dec-26, and without a year.
Found day_month(Tokens tokens) {
  if (!tokens[0].is_digits(1, 2)) return std::nullopt;
  std::size_t i = 1;
  if (is_ordinal_ending(tokens, i)) ++i;
  if (i < tokens.size() && tokens[i].is("of"))
    ++i;
  else if (i < tokens.size() && (tokens[i].is("-") || tokens[i].is("/")) && !tokens[i].blank_before)
    ++i;
  const int month = i < tokens.size() ? month_number(tokens[i]) : 0;
  if (month == 0) return std::nullopt;
  const std::size_t bare = ++i;
  i += joint_size(tokens, i);
  const bool has_year = i < tokens.size() && (tokens[i].is_digits(4, 4) || tokens[i].is_digits(2, 2)) &&
                        !(i + 1 < tokens.size() && month_number(tokens[i + 1]) != 0 && !is_year(tokens[i]));
  if (has_year)
    return FoundPeriod{day_period(full_year(tokens[i]), month, tokens[0].value, "day"),
                       i + 1 + clock_size(tokens, i + 1)};
  Period period;
  period.unit = Unit::day;
  period.index = month;
  period.day = tokens[0].value;
  period.convention = "day";
  return FoundPeriod{period, bare};
}

/// June 30, 2020; June 30th 2020.
Found month_day(Tokens tokens) {
  const int month = month_number(tokens[0]);
  if (month == 0 || tokens.size() < 3) return std::nullopt;
  std::size_t i = tokens[1].is(".") ? 2 : 1;
  if (i >= tokens.size() || !tokens[i].is_digits(1, 2)) return std::nullopt;
  const int day = tokens[i++].value;
  if (is_ordinal_ending(tokens, i)) ++i;
  if (i < tokens.size() && tokens[i].is(",")) ++i;
  if (i >= tokens.size() || !is_year(tokens[i])) return std::nullopt;
  return FoundPeriod{day_period(tokens[i].value, month, day, "day"), i + 1};
}

/// 20261231.
Found compact_day(Tokens tokens) {
  if (!tokens[0].is_digits(8, 8)) return std::nullopt;
  const auto number = [&](std::size_t from, std::size_t size) { return std::stoi(tokens[0].text.substr(from, size)); };
  Period period = day_period(number(0, 4), number(4, 2), number(6, 2), "ISO date");
  if (!period.problem.empty()) return std::nullopt;
  return FoundPeriod{period, 1};
}

Period year_period(int year, Form form, int last_year = 0) {
  Period period;
  period.year = year;
  period.form = form;
  period.last_year = last_year;
  period.problem = bound_problem(year);
  if (period.problem.empty() && last_year != 0) period.problem = bound_problem(last_year);
  return period;
}

Period unclear(std::string problem) {
  Period period;
  period.problem = std::move(problem);
  return period;
}

/// The last year of "2026-30" or "2026/7": the end with the century or decade of the first.
int completed_year(int first, const Token& end) {
  if (end.text.size() == 4) return end.value;
  const int power = end.text.size() == 2 ? 100 : 10;
  const int year = first - first % power + end.value;
  return year == first - first % power && first % power == power - 1 ? year + power : year;  // 1999/00
}

/// 2009/11: a month, or years?
Period month_or_years(int year, std::string_view mark, const Token& end) {
  return unclear(
      fmt::format("'{}{}{}' may be month {} of {} or the years {} to {}; write the month's name or both years in full",
                  year, mark, end.text, end.value, year, year, completed_year(year, end)));
}

/// 2026/27 is a financial year, 2026/30 a span, 2026/03 unclear.
Found slashed_years(Tokens tokens, bool financial_words) {
  if (tokens.size() < 3 || !follows(tokens, 1, "/") || !number_follows(tokens, 2, 1, 4) || tokens[2].is_digits(3, 3))
    return std::nullopt;
  const int year = full_year(tokens[0]);
  const int end = completed_year(year, tokens[2]);
  if (end == year + 1) return FoundPeriod{year_period(year, Form::financial), 3};
  if (tokens[0].text.size() == 2 && !financial_words) return std::nullopt;
  if (end > year) {
    const bool month_too = tokens[2].is_digits(2, 2) && tokens[2].value <= 12;
    if (month_too) return FoundPeriod{month_or_years(year, "/", tokens[2]), 3};
    return FoundPeriod{year_period(year, Form::years, end), 3};
  }
  return FoundPeriod{
      unclear(fmt::format("'{}/{}' is neither a financial year nor a month beyond doubt; write '{}/{:02}' "
                          "or the month's name",
                          tokens[0].text, tokens[2].text, year, (year + 1) % 100)),
      3};
}

/// 2026-27 is a year by one of two conventions, 2026-30 a span, 2027-03 a month.
Found dashed_years(Tokens tokens, bool financial_words) {
  if (tokens.size() < 3 || !tokens[1].is("-") || !tokens[2].is_digits(1, 2)) return std::nullopt;
  if (tokens[2].blank_before != tokens[1].blank_before || goes_on(tokens, 3, "/") || goes_on(tokens, 3, "."))
    return std::nullopt;
  if (tokens.size() > 3 && month_number(tokens[3]) != 0) return std::nullopt;  // "2026 - 27 March 2027"
  const int year = full_year(tokens[0]);
  const int end = completed_year(year, tokens[2]);
  if (end == year + 1) return FoundPeriod{year_period(year, financial_words ? Form::financial : Form::either), 3};
  if (tokens[0].text.size() == 2) return std::nullopt;
  const bool month_too = tokens[2].is_digits(2, 2) && tokens[2].value >= 1 && tokens[2].value <= 12;
  if (month_too && end > year) return FoundPeriod{month_or_years(year, "-", tokens[2]), 3};
  if (month_too && !tokens[1].blank_before) {
    Period period = year_period(year, Form::calendar);
    period.unit = Unit::month;
    period.index = tokens[2].value;
    return FoundPeriod{period, 3};
  }
  if (end > year) return FoundPeriod{year_period(year, Form::years, end), 3};
  return FoundPeriod{unclear(fmt::format("'{}-{}' ends before it begins", tokens[0].text, tokens[2].text)), 3};
}

/// "financial year", "FY", "academic year", ... before a year: its form and how many tokens.
struct YearWords {
  std::optional<Form> form;
  bool calendar = false;
  std::size_t size = 0;
};

YearWords year_words(Tokens tokens, std::size_t i) {
  const auto is = [&](std::size_t at, std::string_view word) { return at < tokens.size() && tokens[at].is(word); };
  const std::size_t year = is(i + 1, "year") || is(i + 1, "years") || is(i + 1, "yr") ? 2 : 0;
  if (is(i, "fy")) return {Form::financial, false, 1 + (is(i + 1, "'") || is(i + 1, "-") ? 1U : 0U)};
  if (year == 0) return {};
  if (is(i, "financial") || is(i, "fiscal") || is(i, "council")) return {Form::financial, false, year};
  if (is(i, "academic") || is(i, "school")) return {Form::academic, false, year};
  if (is(i, "calendar")) return {std::nullopt, true, year};
  return {};
}

std::string one_financial_year_problem(int year) {
  return fmt::format("'FY {}' may be {}/{:02} or {}/{:02}; write the financial year with both its years", year,
                     year - 1, year % 100, year, (year + 1) % 100);
}

/// Gives a year the form that words before or behind it say.
Period with_words(Period period, const YearWords& words) {
  if (!period.problem.empty()) return period;
  if (words.calendar) {
    period.said_calendar = true;
    if (period.form == Form::either) period = year_period(period.year, Form::years, period.year + 1);
    return period;
  }
  if (!words.form) return period;
  const bool one_pair = period.form == Form::financial || period.form == Form::either;
  if (one_pair)
    period.form = *words.form;
  else if (period.form == Form::calendar && *words.form == Form::financial)
    period = unclear(one_financial_year_problem(period.year));
  else if (period.form == Form::calendar)
    period =
        unclear(fmt::format("an academic year has two years, such as {}/{:02}", period.year, (period.year + 1) % 100));
  return period;
}

/// A year or years in any writing, with the words around them.
Found year_at(Tokens tokens) {
  const YearWords before = year_words(tokens, 0);
  const Tokens rest = tokens.subspan(before.size);
  if (rest.empty()) return std::nullopt;
  const bool two_digits = rest[0].is_digits(2, 2) && (before.form == Form::financial || follows(rest, 1, "/"));
  if (!is_year(rest[0]) && !two_digits) return std::nullopt;
  Found found = slashed_years(rest, before.form.has_value());
  if (!found) found = dashed_years(rest, before.form.has_value());
  if (!found && rest[0].is_digits(2, 2) && before.form == Form::financial)
    found = FoundPeriod{year_period(full_year(rest[0]), Form::calendar), 1};
  if (!found && is_year(rest[0]) && before.form && rest.size() > 2 && follows(rest, 1, "-") && is_year(rest[2]) &&
      rest[2].value == rest[0].value + 1)
    found = FoundPeriod{year_period(rest[0].value, Form::financial), 3};
  if (!found && is_year(rest[0])) found = FoundPeriod{year_period(rest[0].value, Form::calendar), 1};
  if (!found) return std::nullopt;
  const YearWords behind = year_words(rest, found->size);
  found->period = with_words(found->period, before.size > 0 ? before : behind);
  found->size += before.size + (before.size > 0 ? 0 : behind.size);
  return found;
}

/// The year after a month, quarter, half or season, from token i; size counts from there.
Found year_behind(Tokens tokens, std::size_t i) {
  const std::size_t joint = joint_size(tokens, i);
  std::size_t at = i + joint;
  if (joint == 0 && at + 1 < tokens.size() && tokens[at].is("/") && is_year(tokens[at + 1])) ++at;  // "Q2 / 2025"
  if (at < tokens.size() && tokens[at].is("(")) ++at;
  if (at < tokens.size() && tokens[at].is("the")) ++at;
  if (at >= tokens.size()) return std::nullopt;
  Found found = year_at(tokens.subspan(at));
  if (!found && tokens[at].is_digits(2, 2) && !(at + 1 < tokens.size() && month_number(tokens[at + 1]) != 0))
    found = FoundPeriod{year_period(full_year(tokens[at]), Form::calendar), 1};
  if (found && found->period.form == Form::years && found->period.problem.empty()) {
    // "March 2026-30" is no year of March: the year alone belongs to it, the rest is the reader's to join.
    found = FoundPeriod{year_period(tokens[at].value, Form::calendar), 1};
  }
  if (found) found->size += at - i;
  return found;
}

Found with_year(Period period, Tokens tokens, std::size_t size) {
  const Found year = year_behind(tokens, size);
  if (!year) return FoundPeriod{period, size};
  period.year = year->period.year;
  period.form = year->period.form;
  period.said_calendar = year->period.said_calendar;
  period.problem = year->period.problem;
  if (period.unit == Unit::season && period.index == 1 && period.form != Form::calendar && period.problem.empty())
    period.problem = fmt::format("spring {}/{:02} may be that of {} or of {}; write one year", period.year,
                                 (period.year + 1) % 100, period.year, period.year + 1);
  return FoundPeriod{period, size + year->size};
}

/// March 2027, Mar-27, Jan. 2019; "June 30" is refused: a day without a year, or a year?
Found month_at(Tokens tokens) {
  Period period;
  period.unit = Unit::month;
  period.index = month_number(tokens[0]);
  if (period.index == 0) return std::nullopt;
  if (tokens.size() > 1 && tokens[1].is_digits(1, 2) && is_full_month_name(tokens[0]) && tokens[1].value >= 1 &&
      tokens[1].value <= 31 && tokens[1].blank_before) {
    period.problem = fmt::format("'{} {}' may be a day without its year or the year 20{:02}; write the year in full",
                                 tokens[0].text, tokens[1].text, tokens[1].value);
    return FoundPeriod{period, 2};
  }
  return with_year(period, tokens, 1);
}

/// 03/2027, 3-2027, 03.2027.
Found numeric_month(Tokens tokens) {
  if (!tokens[0].is_digits(1, 2) || tokens.size() < 3) return std::nullopt;
  if (!follows(tokens, 1, "/") && !follows(tokens, 1, "-") && !follows(tokens, 1, ".")) return std::nullopt;
  if (!number_follows(tokens, 2, 4, 4)) return std::nullopt;
  if (tokens[0].value < 1 || tokens[0].value > 12) return std::nullopt;
  Period period = year_period(tokens[2].value, Form::calendar);
  period.unit = Unit::month;
  period.index = tokens[0].value;
  return FoundPeriod{period, 3};
}

/// Q2, quarter 2, second quarter, 2Q, H1, first half: unit, index, and how many tokens.
Found quarter_or_half_at(Tokens tokens) {
  Period period;
  const auto unit_of = [](const Token& token, bool letter) -> std::optional<Unit> {
    if (token.is("quarter") || token.is("qtr") || (letter && token.is("q"))) return Unit::quarter;
    if (token.is("half") || (letter && token.is("h"))) return Unit::half;
    return std::nullopt;
  };
  const auto fits = [&] { return period.index >= 1 && period.index <= (period.unit == Unit::half ? 2 : 4); };
  if (const auto unit = unit_of(tokens[0], true); unit && tokens.size() > 1) {
    period.unit = *unit;
    const auto [index, size] = ordinal_at(tokens.subspan(1), false);
    period.index = index;
    if (fits()) return FoundPeriod{period, 1 + size};
    return std::nullopt;
  }
  const auto [index, size] = ordinal_at(tokens, false);
  if (index == 0 || size >= tokens.size()) return std::nullopt;
  const auto unit = unit_of(tokens[size], !tokens[size].blank_before);
  if (!unit) return std::nullopt;
  period.unit = *unit;
  period.index = tokens[0].is("last") && *unit == Unit::half ? 2 : index;
  if (!fits()) return std::nullopt;
  return FoundPeriod{period, size + 1};
}

Found named_part_at(Tokens tokens) {
  Found found = quarter_or_half_at(tokens);
  if (const auto season = season_number(tokens[0]); !found && season) {
    Period period;
    period.unit = Unit::season;
    period.index = *season;
    found = FoundPeriod{period, tokens.size() > 1 && tokens[1].is("term") ? 2U : 1U};
  }
  if (!found) return std::nullopt;
  std::size_t size = found->size;
  while (size < tokens.size() && (tokens[size].is("of") || tokens[size].is("-") || tokens[size].is("in"))) {
    const bool dash = tokens[size].is("-");
    if (dash && !(size + 1 < tokens.size() && is_year(tokens[size + 1]))) break;
    ++size;
  }
  const Found with = with_year(found->period, tokens, size);
  return with->period.year == 0 && with->period.problem.empty() ? found : with;
}

/// 2026 Q2, 2026/27 Q3, 2026 March, 2026 spring.
Found year_then_part(Tokens tokens) {
  const Found year = year_at(tokens);
  if (!year || !year->period.problem.empty() || year->period.form == Form::years) return std::nullopt;
  std::size_t at = year->size;
  const bool mark = at < tokens.size() && (tokens[at].is(",") || tokens[at].is("-") || tokens[at].is("/") ||
                                           tokens[at].is(":") || tokens[at].is("("));
  if (mark) ++at;
  if (at >= tokens.size()) return std::nullopt;
  const Tokens rest = tokens.subspan(at);
  Found part = quarter_or_half_at(rest);
  if (!part && season_number(rest[0])) part = named_part_at(rest);
  if (!part && month_number(rest[0]) != 0) part = month_at(rest);
  if (!part || part->period.year != 0 || !part->period.problem.empty()) return std::nullopt;
  if (year_behind(rest, part->size)) return std::nullopt;
  part->period.year = year->period.year;
  part->period.form = year->period.form;
  part->size += at;
  return part;
}

bool is_weekday(const Token& token) {
  constexpr std::array<std::string_view, 7> names{"monday", "tuesday",  "wednesday", "thursday",
                                                  "friday", "saturday", "sunday"};
  return token.is_word() && token.text.size() >= 3 &&
         std::ranges::any_of(names, [&](std::string_view name) { return name.starts_with(token.text); });
}

}  // namespace

std::optional<FoundPeriod> period_at(std::span<const Token> tokens, const Conventions& conventions) {
  if (tokens.empty()) return std::nullopt;
  if (is_weekday(tokens[0]) && tokens.size() > 1) {
    const std::size_t skip = tokens[1].is(",") || tokens[1].is(".") ? 2 : 1;
    Found found = period_at(tokens.subspan(skip), conventions);
    if (!found || found->period.unit != Unit::day) return std::nullopt;
    found->size += skip;
    return found;
  }
  Found found = year_first_day(tokens);
  if (!found) found = numeric_day(tokens, conventions);
  if (!found) found = day_month(tokens);
  if (!found) found = month_day(tokens);
  if (!found) found = compact_day(tokens);
  if (!found) found = named_part_at(tokens);
  if (!found) found = month_at(tokens);
  if (!found) found = numeric_month(tokens);
  if (!found) found = year_then_part(tokens);
  if (!found) found = year_at(tokens);
  return found;
}

std::optional<CivilDay> spreadsheet_day(int serial) {
  const CivilDay day = CivilDay(1899, 12, 30) + serial;
  if (day.year() < first_timescale_year || day.year() > last_timescale_year) return std::nullopt;
  return day;
}

}  // namespace chaser::plan
