#include "plan/timescale_wording.h"

#include <fmt/format.h>

#include <algorithm>

namespace chaser::plan {
namespace {

constexpr std::string_view ongoing_words =
    "ongoing|on going|continuous|continuously|continual|continually|continued|continuing|continues|continue|permanent|"
    "permanently|indefinite|indefinitely|perpetual|in perpetuity|rolling|bau|business as usual|no end date|no end|"
    "no fixed end|open ended|long standing|thereafter|onwards|onward|all year|year round|always|as and when|ad hoc|"
    "day to day|core business|part of normal|to date|until further notice|for the foreseeable";

constexpr std::string_view under_way_words =
    "in progress|underway|under way|already existing|have existed|has existed|started|commenced|begun|in place|"
    "as required|as needed|when required|when needed|as necessary|as appropriate|current|currently|throughout";

constexpr std::string_view recurring_words =
    "annually|yearly|quarterly|monthly|weekly|daily|fortnightly|biannually|bi annually|semi annually|half yearly|"
    "six monthly|bimonthly|bi monthly|biennially|biennial|triennially|termly|every|each year|each month|each quarter|"
    "each spring|each summer|each autumn|each winter|each financial year|per year|per annum|per quarter|per month|"
    "per week|p a|twice a year|once a year|a year|twice yearly|three times a year|times per year|regularly|"
    "periodically|periodic|recurring|routinely|per term|year on year|recurrent|seasonally";

/// Adjectives: they repeat what they stand beside, not the action; alone they do say when.
constexpr std::string_view recurring_alone = "annual|regular|routine|seasonal|biannual|bi annual|cyclical";

constexpr std::string_view dateless_beginnings =
    "tbc|tbd|tba|none|nil|n a|na|n k|nk|not applicable|not known|not yet|not set|not stated|not specified|"
    "not provided|not available|not scheduled|not determined|not decided|not agreed|not confirmed|not defined|unknown|"
    "undetermined|undecided|unscheduled|unspecified|unclear|to be confirmed|to be determined|to be agreed|"
    "to be decided|to be announced|to be set|to be scheduled|to be advised|to be identified|to be established|"
    "to be developed|to be defined|no date|no dates|no timescale|no timescales|no timeline|no deadline|no target|"
    "no fixed date|no specific|no timeframe|no set|blank|date tbc|dates tbc|t b c";

constexpr std::string_view dateless_words =
    "tbc|tbd|tba|to be confirmed|to be determined|to be agreed|to be decided|to be announced|to be set|"
    "to be scheduled|to be advised|not yet known|not known|not yet set|not yet agreed|not yet determined|"
    "not yet decided|not set|unknown";

constexpr std::string_view conditional_words =
    "subject to|dependent on|dependent upon|dependant on|depending on|depending upon|depends on|depends upon|"
    "contingent on|contingent upon|conditional on|conditional upon|provided that|providing|if|when|once|pending|"
    "awaiting|as soon as|as funding allows|as resources allow|as resources permit|funding permitting|"
    "resources permitting|resource permitting|where funding|unfunded|where possible|as opportunities arise|upon|"
    "as budget allows|following|after|linked to|in line with|on completion of|on approval of|on adoption of|"
    "prior to|before|opportunistic";

constexpr std::string_view done_words =
    "complete|completed|done|achieved|delivered|finished|closed|implemented|actioned|fulfilled|discharged|accomplished";

constexpr std::string_view not_done_words =
    "not|to be|will be|must be|should be|partially|partly|in part|part|nearly|almost|until|when|once|if|upon|by|on|yet|"
    "until complete|mostly|substantially|being|half";

/// Whether the words begin with one of the phrases.
bool begins_with_any(std::string_view words, std::string_view phrases) {
  while (!phrases.empty()) {
    const std::size_t bar = phrases.find('|');
    const std::string_view phrase = phrases.substr(0, bar);
    if (words.size() > phrase.size() + 1 && words.substr(1).starts_with(phrase) && words[phrase.size() + 1] == ' ')
      return true;
    if (bar == phrases.npos) return false;
    phrases.remove_prefix(bar + 1);
  }
  return false;
}

std::ptrdiff_t word_count(std::string_view words) {
  return std::ranges::count(words, ' ') - 1;
}

bool says_done(std::string_view words) {
  if (!has_any(words, done_words) || has_any(words, not_done_words)) return false;
  if (std::ranges::any_of(words, [](char c) { return c >= '0' && c <= '9'; }) && !has_phrase(words, "100"))
    return false;
  return word_count(words) <= 4 || begins_with_any(words, done_words);
}

bool is_unit_of_time(const Token& token) {
  return token.is("day") || token.is("days") || token.is("week") || token.is("weeks") || token.is("month") ||
         token.is("months") || token.is("year") || token.is("years") || token.is("yr") || token.is("yrs");
}

/// "Year 1", "Phase 2", "month 6", "M24".
bool has_project_time(std::span<const Token> tokens) {
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    const Token& token = tokens[i];
    const bool small = tokens[i + 1].is_digits(1, 3);
    if (!small && !tokens[i + 1].is("one") && !tokens[i + 1].is("two") && !tokens[i + 1].is("three")) continue;
    if (is_unit_of_time(token) || token.is("phase") || token.is("stage") || token.is("tranche") || token.is("wave"))
      return true;
    if ((token.is("m") || token.is("y") || token.is("w")) && small && !tokens[i + 1].blank_before) return true;
  }
  return false;
}

std::string relative_problem(std::string_view words, std::span<const Token> tokens) {
  if (has_duration(tokens))
    return "a length of time does not say from which day it counts; write the last day, such as '31 Mar 2027'";
  if (has_project_time(tokens))
    return "a year, month or phase of a project has no date by itself; say in the plan's key which date it stands for";
  if (has_any(words, "short|medium|long|near") && (has_phrase(words, "term") || word_count(words) <= 3))
    return "short, medium and long term have no date by themselves; say in the plan's key which date it stands for";
  if (has_any(words, "asap|immediate|immediately|urgent|urgently|now|soon|shortly|imminent|high priority"))
    return "how urgent it is does not say by which day; write a date";
  if (has_any(words, "see above|as above|ditto|see below|as below|same as above"))
    return "it points to another row; repeat that row's date";
  return "";
}

std::string yearless_problem(std::string_view words) {
  constexpr std::string_view months =
      "january|february|march|april|may|june|july|august|september|october|november|december|spring|summer|autumn|"
      "winter|jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec|q 1|q 2|q 3|q 4|h 1|h 2|quarter|half";
  return has_any(words, months) ? "it does not say which year; write the year, such as 'March 2027'" : "";
}

}  // namespace

bool says_ongoing(std::string_view words) {
  return has_any(words, ongoing_words);
}

bool says_recurring(std::string_view words) {
  return has_any(words, recurring_words) || (word_count(words) <= 3 && has_any(words, recurring_alone)) ||
         begins_with_any(words, "annual measure*|measured annually|measure annually");
}

bool begins_without_date(std::string_view words) {
  if (has_any(words, "no later than|not later than|no earlier than|not before|not earlier than|not until"))
    return false;
  return begins_with_any(words, dateless_beginnings);
}

bool has_duration(std::span<const Token> tokens) {
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    if (!tokens[i].is_digits(1, 3)) continue;
    if (i > 0 && tokens[i - 1].is("every")) continue;
    std::size_t unit = i + 1;
    if (tokens[unit].is("working") || tokens[unit].is("calendar") || tokens[unit].is("+")) ++unit;
    if (unit < tokens.size() && is_unit_of_time(tokens[unit])) return true;
  }
  return false;
}

Wording wording_of(std::string_view words, std::span<const Token> tokens) {
  if (word_count(words) <= 0) return {TimescaleKind::unscheduled, "no date", ""};
  if (says_done(words)) return {TimescaleKind::done, "done", ""};
  const bool funded = has_any(words, "subject to|pending|awaiting|dependent on|depending on");
  if (begins_without_date(words))
    return funded ? Wording{TimescaleKind::conditional, "condition", ""}
                  : Wording{TimescaleKind::unscheduled, "no date", ""};
  if (says_recurring(words)) return {TimescaleKind::ongoing, "recurring", ""};
  if (says_ongoing(words)) return {TimescaleKind::ongoing, "no end", ""};
  if (std::string problem = relative_problem(words, tokens); !problem.empty())
    return {TimescaleKind::unreadable, "", std::move(problem)};
  if (has_any(words, conditional_words) && !has_any(words, "as required by"))
    return {TimescaleKind::conditional, "condition", ""};
  if (has_any(words, dateless_words)) return {TimescaleKind::unscheduled, "no date", ""};
  if (has_any(words, under_way_words) && !has_any(words, "as required by|not|never|yet"))
    return {TimescaleKind::ongoing, "under way", ""};
  if (std::string problem = yearless_problem(words); !problem.empty())
    return {TimescaleKind::unreadable, "", std::move(problem)};
  return {TimescaleKind::unreadable, "",
          "no date, period or known wording in it; write one, such as 'March 2027', "
          "'2026/27', 'Ongoing' or 'TBC'"};
}

}  // namespace chaser::plan
