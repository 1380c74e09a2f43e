#include "plan/timescale.h"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "plan/timescale_mention.h"
#include "plan/timescale_period.h"
#include "plan/timescale_text.h"
#include "plan/timescale_wording.h"

namespace chaser::plan {
namespace {

constexpr std::size_t text_size_max = 1000;  // characters

constexpr std::array<std::string_view, 6> kind_names{"dated",       "ongoing", "unscheduled",
                                                     "conditional", "done",    "unreadable"};
constexpr std::array<std::string_view, 7> precision_names{"none", "day", "month", "quarter", "half", "year", "span"};

using Role = Mention::Role;
using Joint = Mention::Joint;

/// A mention on the calendar.
struct Reading {
  Mention mention;
  Dates dates;  // of a range: from the first's start to the last's due
};

Timescale without_date(TimescaleKind kind, std::string convention, std::string problem = "") {
  Timescale timescale;
  timescale.kind = kind;
  timescale.convention = std::move(convention);
  timescale.problem = std::move(problem);
  return timescale;
}

Timescale unreadable(std::string problem) {
  return without_date(TimescaleKind::unreadable, "", std::move(problem));
}

/// A range of bare years ("2026-2030") is one period, so that it has the rival reading of "2026-30".
Period joined_years(const Mention& mention) {
  Period period = mention.first;
  period.form = Period::Form::years;
  period.last_year = mention.last->year;
  return period;
}

bool is_bare_year(const Period& period) {
  return period.is_whole_year() && period.form == Period::Form::calendar && !period.said_calendar;
}

Dates dates_of(const Mention& mention, const Conventions& conventions) {
  if (!mention.last) return dates_of(mention.first, conventions);
  if (is_bare_year(mention.first) && is_bare_year(*mention.last) && mention.last->year > mention.first.year)
    return dates_of(joined_years(mention), conventions);
  const Dates first = dates_of(mention.first, conventions);
  Dates range = dates_of(*mention.last, conventions);
  range.alternative.reset();
  // "2026-27 to 2028-29": years that come in pairs are financial years.
  if (first.ambiguous) range.ambiguous = false;
  range.start = first.start;
  range.precision = Precision::span;
  range.convention = "span";
  return range;
}

/// Mentions that are no deadline of their own beside others: figures of documents, months without their year, the
/// dates that another one replaced, interim reports beside the completion.
template <typename Predicate>
void drop_beside_others(std::vector<Mention>& mentions, Predicate is_lesser) {
  if (std::ranges::all_of(mentions, is_lesser)) return;
  std::erase_if(mentions, is_lesser);
}

template <typename Predicate>
void prefer(std::vector<Mention>& mentions, Predicate is_better) {
  drop_beside_others(mentions, [&](const Mention& mention) { return !is_better(mention); });
}

bool is_replaced(const Mention& mention) {
  return has_any(mention.before, "was|originally|previously|formerly|original|delayed from|moved from|not");
}
bool is_replacement(const Mention& mention) {
  return has_any(mention.before,
                 "revised|now|new|extended|rescheduled|moved to|delayed to|amended|postponed|updated to");
}
bool is_completion(const Mention& mention) {
  return has_any(mention.before, "complet*|final*|finish*|conclu*|deliver*|adopt*|full") ||
         has_any(mention.after, "complet*|final*|finish*|conclu*|adopt*");
}
bool is_interim(const Mention& mention) {
  constexpr std::string_view words =
      "update*|review*|report*|progress|interim|initial|draft|refresh*|checkpoint|milestone*|consult*|pilot";
  return has_any(mention.before, words) || has_any(mention.after, words);
}

/// "Easter 2027", "by Christmas 2026": the year alone would be another day.
bool is_feast(const Mention& mention) {
  constexpr std::string_view feasts = "easter|christmas|xmas|whitsun|michaelmas|ramadan|eid|diwali|lent|halloween";
  if (mention.first.unit != Period::Unit::year || mention.last) return false;
  const std::size_t blank = mention.before.find_last_of(' ', mention.before.size() - 2);
  return blank != std::string::npos && has_any(mention.before.substr(blank), feasts);
}

void drop_lesser(std::vector<Mention>& mentions) {
  drop_beside_others(mentions, [](const Mention& m) { return m.doubtful; });
  drop_beside_others(mentions, [](const Mention& m) { return !m.has_year() && m.problem().empty(); });
  drop_beside_others(mentions, [](const Mention& m) { return m.done; });
  if (mentions.size() < 2) return;
  drop_beside_others(mentions, is_replaced);
  if (mentions.size() > 1) prefer(mentions, is_replacement);
}

std::vector<Reading> readings_of(std::vector<Mention> mentions, const Conventions& conventions) {
  std::vector<Reading> readings;
  for (Mention& mention : mentions) {
    Dates dates = dates_of(mention, conventions);
    readings.push_back({std::move(mention), std::move(dates)});
  }
  return readings;
}

/// The day on which a reading is due by the words before it, if it names a deadline at all.
std::optional<CivilDay> due_of(const Reading& reading) {
  const Mention& mention = reading.mention;
  switch (mention.role) {
    case Role::start:
      if (mention.last) return reading.dates.due;
      return std::nullopt;
    case Role::after:
      return std::nullopt;
    case Role::before:
      return mention.at_end ? reading.dates.due : reading.dates.start - 1;
    case Role::by:
      return mention.at_start && !mention.last ? reading.dates.start : reading.dates.due;
    case Role::none:
      break;
  }
  return reading.dates.due;
}

/// The day from which it holds, if it names one.
std::optional<CivilDay> start_of(const Reading& reading) {
  const Mention& mention = reading.mention;
  if (mention.role == Role::after) return reading.dates.due + 1;
  if (mention.role == Role::before || (mention.role == Role::by && !mention.last)) return std::nullopt;
  return reading.dates.start;
}

Timescale dated(const Reading& reading) {
  Timescale timescale;
  timescale.kind = TimescaleKind::dated;
  timescale.start = start_of(reading);
  timescale.due = due_of(reading);
  timescale.precision = reading.dates.precision;
  timescale.convention = reading.dates.convention;
  timescale.ambiguous = reading.dates.ambiguous;
  timescale.alternative = reading.dates.alternative;
  const bool shifted = timescale.due != reading.dates.due;
  if (shifted) timescale.alternative.reset();
  if (shifted && !timescale.start) timescale.precision = Precision::day;
  if (timescale.alternative && !timescale.start) timescale.alternative->start.reset();
  return timescale;
}

Timescale ongoing(std::optional<CivilDay> start, const Reading* end, std::string convention) {
  Timescale timescale = end == nullptr ? Timescale{} : dated(*end);
  timescale.kind = TimescaleKind::ongoing;
  timescale.start = start ? start : timescale.start;
  if (end == nullptr) timescale.convention = std::move(convention);
  return timescale;
}

std::string days_named(const std::vector<Reading>& readings) {
  std::string days;
  for (const Reading& reading : readings) {
    const auto day = due_of(reading);
    if (day) days += (days.empty() ? "" : ", ") + calendar::iso_day(*day);
  }
  return days;
}

/// Ongoing or recurring words with dates beside them: which of them is its start, which its end?
Timescale read_ongoing(std::vector<Reading> readings, bool recurring) {
  const std::string convention = recurring ? "recurring" : "no end";
  std::optional<CivilDay> start;
  std::optional<Reading> end;
  for (const Reading& reading : readings) {
    const Mention& mention = reading.mention;
    if (mention.opens || mention.role == Role::start || mention.role == Role::after) {
      if (!start) start = start_of(reading) ? start_of(reading) : reading.dates.start;
      if (mention.last && !mention.opens) end = reading;
    } else if (mention.role == Role::by || mention.role == Role::before || mention.last ||
               mention.first.form == Period::Form::years) {
      end = reading;
    } else if (is_interim(mention) && readings.size() == 1) {
      continue;  // a checkpoint on the way, neither start nor end
    } else if (has_any(mention.before, "in|during|throughout|over") && mention.first.unit == Period::Unit::year) {
      end = reading;
    } else if (!is_interim(mention)) {
      return unreadable(fmt::format("'{}' may be the day it starts or the day it ends; write 'from ...' or 'until ...'",
                                    calendar::short_day(reading.dates.due)));
    }
  }
  return ongoing(start, end ? &*end : nullptr, convention);
}

/// "By February 2022 and February 2023": promised until the last of them.
bool is_list(const std::vector<Reading>& readings) {
  return std::ranges::all_of(readings.begin() + 1, readings.end(),
                             [](const Reading& reading) { return reading.mention.joint == Joint::list; });
}

/// "(1) ...: draft; (2) ...: final": numbered steps, the last of which ends it.
bool is_numbered(std::span<const Token> tokens, std::size_t count) {
  std::size_t numbers = 0;
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    const bool mark = tokens[i + 1].is(")") || (tokens[i + 1].is(".") && !tokens[i + 1].blank_before);
    if (tokens[i].is_digits(1, 2) && mark && static_cast<std::size_t>(tokens[i].value) == numbers + 1) ++numbers;
  }
  return numbers >= 2 && numbers >= count;
}

Timescale whole_of(const std::vector<Reading>& readings) {
  const auto last = std::ranges::max_element(readings, {}, [](const Reading& r) { return *due_of(r); });
  Timescale timescale = dated(*last);
  std::optional<CivilDay> start;
  for (const Reading& reading : readings) {
    const auto own = start_of(reading);
    if (!own) return timescale;
    start = start ? std::min(*start, *own) : *own;
  }
  if (timescale.start != start) timescale.precision = Precision::span;
  timescale.start = start;
  timescale.alternative.reset();
  return timescale;
}

/// Several deadlines: one promise only where the text says how they belong together.
Timescale read_several(std::vector<Reading> readings, std::span<const Token> tokens) {
  const auto same = [&](const Reading& reading) { return due_of(reading) == due_of(readings.front()); };
  if (std::ranges::all_of(readings, same)) return dated(readings.front());
  const bool choice = std::ranges::any_of(readings, [](const Reading& r) { return r.mention.joint == Joint::choice; });
  if (!choice) {
    if (is_list(readings) || is_numbered(tokens, readings.size())) return whole_of(readings);
    const auto completes = [](const Reading& r) { return is_completion(r.mention); };
    if (std::ranges::count_if(readings, completes) == 1) return dated(*std::ranges::find_if(readings, completes));
    const auto last_step = [](const Reading& r) { return !is_interim(r.mention); };
    if (std::ranges::count_if(readings, last_step) == 1) return dated(*std::ranges::find_if(readings, last_step));
  }
  return unreadable(
      fmt::format("it names more than one date ({}) and not which one counts; write one", days_named(readings)));
}

/// What names a start belongs to the deadline beside it: "Start 2023 End 2025".
Timescale read_deadlines(std::vector<Reading> readings, std::span<const Token> tokens) {
  std::vector<Reading> dues;
  std::optional<CivilDay> start;
  for (Reading& reading : readings) {
    if (due_of(reading) && !reading.mention.opens)
      dues.push_back(std::move(reading));
    else if (!start)
      start = reading.mention.role == Role::after ? reading.dates.due + 1 : reading.dates.start;
  }
  if (dues.empty()) return ongoing(start, nullptr, "no end stated");
  Timescale timescale = dues.size() == 1 ? dated(dues.front()) : read_several(std::move(dues), tokens);
  if (!start || timescale.kind == TimescaleKind::unreadable) return timescale;
  if (*start > *timescale.due) return unreadable("it ends before it begins; write the first day, then the last");
  timescale.start = start;
  timescale.precision = Precision::span;
  timescale.alternative.reset();
  return timescale;
}

Timescale done_on(const Reading& reading) {
  Timescale timescale = dated(reading);
  timescale.kind = TimescaleKind::done;
  return timescale;
}

/// A number of five digits or more where a date should be: "2023-20325".
bool has_slip(std::span<const Token> tokens) {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const bool joined = (i > 0 && tokens[i - 1].is("-")) || (i + 1 < tokens.size() && tokens[i + 1].is("-"));
    if (joined && tokens[i].is_digits(5, 7)) return true;
  }
  return false;
}

/// Lengths of time beside a date that has no word of its own: "March 2026 (12 months)" may count from then.
bool is_blurred_by_duration(const std::vector<Mention>& mentions, std::span<const Token> tokens) {
  if (!has_duration(tokens)) return false;
  return std::ranges::none_of(mentions, [](const Mention& m) {
    return m.last || m.role == Role::by || m.role == Role::before || m.first.form == Period::Form::years || m.at_end;
  });
}

std::string first_problem(const std::vector<Mention>& mentions) {
  for (const Mention& mention : mentions)
    if (!mention.problem().empty()) return mention.problem();
  return "";
}

Timescale read_mentions(std::vector<Mention> mentions, std::string_view words, std::span<const Token> tokens,
                        const Conventions& conventions) {
  const bool recurring = says_recurring(words);
  const bool goes_on = says_ongoing(words) || recurring;
  drop_lesser(mentions);
  if (std::string problem = first_problem(mentions); !problem.empty()) return unreadable(std::move(problem));
  if (std::ranges::any_of(mentions, is_feast))
    return unreadable("a feast is no day of a calendar to everyone; write the day, such as '24 Dec 2027'");
  if (std::ranges::any_of(mentions, [](const Mention& m) { return m.doubtful; }))
    return unreadable("the year in it may belong to a document or a figure; write 'by' and the date");
  if (std::ranges::none_of(mentions, &Mention::has_year)) {
    const Wording wording = wording_of(words, tokens);
    return without_date(wording.kind, wording.convention, wording.problem);
  }
  if (is_blurred_by_duration(mentions, tokens) && !goes_on)
    return unreadable("a date and a length of time: it does not say which ends it; write the last day");
  std::vector<Reading> readings = readings_of(std::move(mentions), conventions);
  for (const Reading& reading : readings)
    if (reading.dates.start > reading.dates.due)
      return unreadable("it ends before it begins; write the first day, then the last");
  if (readings.size() == 1 && readings.front().mention.done) return done_on(readings.front());
  if (goes_on) return read_ongoing(std::move(readings), recurring);
  return read_deadlines(std::move(readings), tokens);
}

/// The number of a day as spreadsheets leave it in a CSV. Many stand for a month, shown as "Dec-26".
std::optional<Timescale> read_spreadsheet_day(std::string_view plain) {
  const std::string_view whole = plain.substr(0, plain.find('.'));
  const std::string_view rest = plain.substr(whole.size());
  const auto digits = [](std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  };
  if (whole.size() < 5 || whole.size() > 6 || !digits(whole)) return std::nullopt;
  if (!rest.empty() && (rest.size() < 2 || !digits(rest.substr(1)))) return std::nullopt;
  const auto day = spreadsheet_day(std::stoi(std::string(whole)));
  if (!day)
    return unreadable(
        fmt::format("'{}' is no date; as a spreadsheet's day it is beyond the years that plans name", whole));
  Timescale timescale;
  timescale.kind = TimescaleKind::dated;
  timescale.start = timescale.due = day;
  timescale.precision = Precision::day;
  timescale.convention = "spreadsheet's day number";
  if (day->day() == 1)
    timescale.alternative = AlternativeReading{day, CivilDay(absl::CivilMonth(*day) + 1) - 1, "month"};
  return timescale;
}

std::string folded(std::string_view text) {
  const std::string_view blanks = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == text.npos) return "";
  return absl::AsciiStrToLower(std::string(text.substr(begin, text.find_last_not_of(blanks) - begin + 1)));
}

std::size_t character_count(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

const std::string* in_key(std::string_view text, const Conventions& conventions) {
  const std::string wanted = folded(text);
  for (const auto& [word, meaning] : conventions.key)
    if (folded(word) == wanted) return &meaning;
  return nullptr;
}

Timescale read_plain(std::string_view text, const Conventions& conventions) {
  const std::string plain = plain_text(text);
  if (auto day = read_spreadsheet_day(plain)) return *std::move(day);
  const std::vector<Token> tokens = tokens_of(plain);
  const std::string words = words_of(plain);
  std::vector<Mention> mentions = mentions_in(tokens, conventions);
  const bool set_aside = begins_without_date(words) &&
                         std::ranges::all_of(mentions, [](const Mention& m) { return m.in_brackets || m.doubtful; });
  if (mentions.empty() || set_aside) {
    const Wording wording = wording_of(words, tokens);
    return without_date(wording.kind, wording.convention, wording.problem);
  }
  if (has_slip(tokens)) return unreadable("a year has four digits; one number in it has more");
  return read_mentions(std::move(mentions), words, tokens, conventions);
}

}  // namespace

std::string_view name_of(TimescaleKind kind) {
  return kind_names[static_cast<std::size_t>(kind)];
}
std::string_view name_of(Precision precision) {
  return precision_names[static_cast<std::size_t>(precision)];
}

std::optional<TimescaleKind> timescale_kind(std::string_view name) {
  const auto at = std::ranges::find(kind_names, name);
  if (at == kind_names.end()) return std::nullopt;
  return static_cast<TimescaleKind>(at - kind_names.begin());
}

std::optional<Precision> precision(std::string_view name) {
  const auto at = std::ranges::find(precision_names, name);
  if (at == precision_names.end()) return std::nullopt;
  return static_cast<Precision>(at - precision_names.begin());
}

Timescale read_timescale(std::string_view text, const Conventions& conventions) {
  Timescale timescale;
  const std::string* const meaning = in_key(text, conventions);
  if (character_count(text) > text_size_max)
    timescale = unreadable(fmt::format("it is longer than {} characters; write the date alone", text_size_max));
  else if (meaning != nullptr && character_count(*meaning) <= text_size_max)
    timescale = read_plain(*meaning, conventions);
  else
    timescale = read_plain(text, conventions);
  // Whatever was read, nothing may end before it begins.
  if (timescale.start && timescale.due && *timescale.due < *timescale.start) {
    timescale = unreadable("it ends before it begins; write the dates in order");
  }
  if (meaning != nullptr && timescale.kind != TimescaleKind::unreadable) timescale.convention = "plan key";
  timescale.verbatim = text;
  return timescale;
}

}  // namespace chaser::plan
