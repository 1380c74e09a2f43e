#include "plan/timescale_mention.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace chaser::plan {
namespace {

using Tokens = std::span<const Token>;
using Unit = Period::Unit;
using Part = Period::Part;
using Form = Period::Form;
using Role = Mention::Role;
using Joint = Mention::Joint;

/// Whether a token is one of the words in a list separated by '|'.
bool is_one_of(const Token& token, std::string_view words) {
  while (!words.empty()) {
    const std::size_t bar = words.find('|');
    if (token.is(words.substr(0, bar))) return true;
    if (bar == words.npos) return false;
    words.remove_prefix(bar + 1);
  }
  return false;
}

constexpr std::string_view range_words = "-|to|until|till|til|tot|through|thru|bis|ending|ends|end|finish|finishes";
constexpr std::string_view part_words = "early|mid|middle|late|end|start|beginning";
constexpr std::string_view fillers =
    "the|of|in|on|at|during|around|about|approximately|approx|circa|c|ca|est|estimated|expected|anticipated|date|year|"
    "month|than|.|:|,|(|\"|'|~|=|over|throughout|end|season|council|local";
constexpr std::string_view start_words =
    "from|since|start|starts|starting|started|begin|begins|beginning|began|begun|commence|commences|commencing|"
    "commenced|commencement|initially|launched|established|introduced|first|earliest|onset";
constexpr std::string_view open_words =
    "ongoing|continuous|continuously|continued|continuing|continual|continually|continues|continue|thereafter|"
    "indefinite|indefinitely|onward|onwards|forward|forwards|beyond|permanent|permanently|bau|rolling|afterwards|"
    "present|date|ff|annually|yearly|later";
constexpr std::string_view unknown_words = "unknown|tbc|tbd|tba|open|?";

bool is_amount(Tokens tokens, std::size_t i) {
  if (!tokens[i].is_number()) return false;
  if (i > 0 && is_one_of(tokens[i - 1], "£|€|$|#")) return true;
  if (i > 0 && tokens[i - 1].is_word() && !tokens[i].blank_before) return true;
  if (i + 1 < tokens.size() && is_one_of(tokens[i + 1], "%|€|£|ha|hectares|tonnes|km|homes|trees")) return true;
  if (i + 1 < tokens.size() && tokens[i + 1].is("s") && !tokens[i + 1].blank_before) return true;  // "2030s"
  return i + 2 < tokens.size() && tokens[i + 1].is(",") && !tokens[i + 2].blank_before && tokens[i + 2].is_digits(3, 3);
}

/// A period with the tokens it takes.
std::vector<Mention> periods_in(Tokens tokens, const Conventions& conventions) {
  std::vector<Mention> found;
  for (std::size_t i = 0; i < tokens.size();) {
    const bool each = i > 0 && is_one_of(tokens[i - 1], "every|each|per");
    const auto period = each || is_amount(tokens, i) ? std::nullopt : period_at(tokens.subspan(i), conventions);
    if (!period) {
      ++i;
      continue;
    }
    Mention mention;
    mention.first = period->period;
    mention.begin = i;
    mention.end = i += period->size;
    found.push_back(std::move(mention));
  }
  return found;
}

/// "24 - 25/2/2018", "9 to 11 July", "1st and 3rd March 2026": the bare day before, as a mention of its own.
std::optional<Mention> day_before(Tokens tokens, const Mention& next, std::size_t from) {
  if (next.first.unit != Unit::day || next.begin < from + 2) return std::nullopt;
  std::size_t at = next.begin - 1;
  if (!is_one_of(tokens[at], "-|to|and|&|until|/|,")) return std::nullopt;
  --at;
  if (at > from && !tokens[at].blank_before && is_one_of(tokens[at], "st|nd|rd|th")) --at;
  if (at < from || !tokens[at].is_digits(1, 2) || tokens[at].value < 1 || tokens[at].value > 31) return std::nullopt;
  Mention mention;
  mention.first = next.first;
  mention.first.day = tokens[at].value;
  mention.first.other_day = mention.first.other_month = 0;
  mention.begin = at;
  mention.end = next.begin - 1;
  if (!next.first.problem.empty() || next.first.year == 0) return mention;
  const CivilDay day(next.first.year, next.first.index, mention.first.day);
  if (day.month() != next.first.index) mention.first.problem = "there is no such day in that month";
  return mention;
}

std::vector<Mention> with_bare_days(Tokens tokens, std::vector<Mention> mentions) {
  std::vector<Mention> all;
  std::size_t from = 0;
  for (Mention& mention : mentions) {
    if (auto day = day_before(tokens, mention, from)) all.push_back(std::move(*day));
    from = mention.end;
    all.push_back(std::move(mention));
  }
  return all;
}

enum class Link : std::uint8_t { none, range, list, choice };

/// What the tokens between two periods make of them.
Link link_between(Tokens tokens, const Mention& a, const Mention& b) {
  Tokens between = tokens.subspan(a.end, b.begin - a.end);
  while (!between.empty() && is_one_of(between.front(), ".|,") && between.size() > 1) between = between.subspan(1);
  if (between.empty()) return Link::none;
  const Token& first = between.front();
  const bool after_between = a.begin > 0 && tokens[a.begin - 1].is("between");
  if (between.size() > 5) return Link::none;
  const auto rest_is = [&](std::string_view words) {
    return std::ranges::all_of(between.subspan(1), [&](const Token& token) { return is_one_of(token, words); });
  };
  constexpr std::string_view parts = "end|early|mid|middle|late|start|beginning|of|the|-|.|:|in|by|to|up|date";
  if (is_one_of(first, range_words) && rest_is(parts)) return Link::range;
  if (first.is("up") && between.size() > 1 && between[1].is("to")) return Link::range;
  if (after_between && first.is("and") && rest_is(parts)) return Link::range;
  if (first.is("/")) {
    if (!rest_is("end|early|mid|late|of")) return Link::none;
    return a.first.year == 0 ? Link::range : Link::choice;
  }
  if (first.is("or") || (first.is("and") && between.size() == 3 && between[1].is("/") && between[2].is("or")))
    return Link::choice;
  if (is_one_of(first, "and|&|+|,|then") && rest_is("and|then|by|in|again|end|of|the")) return Link::list;
  return Link::none;
}

void borrow(Period& to, const Period& from) {
  to.year = from.year;
  if (to.form == Form::calendar &&
      (from.form == Form::financial || from.form == Form::either || from.form == Form::academic))
    to.form = from.form;
  if (to.unit == Unit::day && to.problem.empty() && to.index > 0) {
    const CivilDay day(to.year, to.index, to.day);
    if (day.month() != to.index) to.problem = "there is no such day in that month";
  }
}

/// Gives the year to the one of two linked periods that has none; a range over the turn of the year gets two years.
void share_year(Period& a, Period& b, const Conventions& conventions) {
  if (!a.problem.empty() || !b.problem.empty() || (a.year == 0) == (b.year == 0)) return;
  const bool backwards = a.year == 0;
  borrow(backwards ? a : b, backwards ? b : a);
  if (!a.problem.empty() || !b.problem.empty() || a.form != Form::calendar) return;
  if (dates_of(a, conventions).start <= dates_of(b, conventions).due) return;
  if (backwards)
    --a.year;
  else
    ++b.year;
}

Part part_of(const Token& token) {
  if (token.is("early")) return Part::early;
  if (token.is("mid") || token.is("middle")) return Part::middle;
  if (token.is("late")) return Part::late;
  return Part::whole;
}

/// Joins ranges; lists and choices stay apart but know it.
std::vector<Mention> linked(Tokens tokens, std::vector<Mention> mentions, const Conventions& conventions) {
  std::vector<Link> links(mentions.size(), Link::none);
  for (std::size_t i = 0; i + 1 < mentions.size(); ++i) links[i] = link_between(tokens, mentions[i], mentions[i + 1]);
  for (std::size_t i = mentions.size(); i-- > 0;)
    if (links[i] != Link::none) share_year(mentions[i].first, mentions[i + 1].first, conventions);
  std::vector<Mention> joined;
  for (std::size_t i = 0; i < mentions.size(); ++i) {
    if (i > 0 && links[i - 1] != Link::none && !joined.empty()) {
      share_year(joined.back().last ? *joined.back().last : joined.back().first, mentions[i].first, conventions);
    }
    if (i == 0 || links[i - 1] != Link::range) {
      joined.push_back(mentions[i]);
      if (i > 0 && links[i - 1] == Link::list) joined.back().joint = Joint::list;
      if (i > 0 && links[i - 1] == Link::choice) joined.back().joint = Joint::choice;
      continue;
    }
    Mention& range = joined.back();
    range.last = mentions[i].first;
    for (std::size_t at = range.end; at < mentions[i].begin; ++at)
      if (part_of(tokens[at]) != Part::whole) range.last->part = part_of(tokens[at]);
    range.end = mentions[i].end;
  }
  return joined;
}

bool is_word_after(Tokens tokens, std::size_t at, std::string_view words) {
  return at < tokens.size() && is_one_of(tokens[at], words);
}

/// "no later than", "not before", "no earlier than", "not until": the role turned by what stands before it.
Role turned(Role role, Tokens tokens, std::size_t at) {
  const bool negated = at > 0 && is_one_of(tokens[at - 1], "no|not");
  const Token& token = tokens[at];
  if (token.is("later")) return negated ? Role::by : Role::after;
  if (token.is("earlier")) return negated ? Role::start : Role::before;
  if (negated && (role == Role::before || token.is("until") || token.is("till"))) return Role::start;
  if (negated && role == Role::after) return Role::by;
  return role;
}

Role role_of(const Token& token) {
  if (is_one_of(
          token,
          "by|until|till|til|tot|to|through|thru|due|deadline|target|ends|ending|finish|finishes|finishing|asp|latest"))
    return Role::by;
  if (is_one_of(token, "before|earlier|prior|pre|ahead")) return Role::before;
  if (is_one_of(token, "after|later|post|following|beyond")) return Role::after;
  if (is_one_of(token, start_words)) return Role::start;
  return Role::none;
}

/// Reads the words before a mention, nearest first: "by the end of", "starting in early".
void read_words_before(Tokens tokens, std::size_t from, Mention& mention) {
  bool of = false;
  for (std::size_t at = mention.begin; at-- > from;) {
    const Token& token = tokens[at];
    const bool word_before = at > from && tokens[at - 1].is_word();
    if (part_of(token) != Part::whole) {
      mention.first.part = part_of(token);
    } else if (token.is("-") && word_before && is_one_of(tokens[at - 1], part_words) && !token.blank_before) {
      continue;
    } else if (token.is("end")) {
      mention.at_end = true;
      if (!mention.last && mention.role == Role::none) mention.role = Role::by;
    } else if (of && is_one_of(token, "start|beginning")) {
      mention.at_start = true;
    } else if (is_one_of(token, "half|quarter|season")) {
      return;
    } else if (const Role role = role_of(token); role != Role::none) {
      if (token.is("to") && word_before && is_one_of(tokens[at - 1], "prior|subject|relation|relating|due")) continue;
      mention.role = turned(role, tokens, at);
      if (mention.role == Role::by && token.is("by") && word_before &&
          is_one_of(tokens[at - 1], "start|starts|starting|begin|begins|commence|commences"))
        mention.role = Role::start;
      return;
    } else if (!is_one_of(token, fillers)) {
      return;
    }
    of = token.is("of") || (of && token.is("the"));
    if (token.is("end")) of = false;
  }
}

/// "2026+", "2026 onwards", "2026 (and beyond)", "2026 - ongoing", "2026-", "2023-unknown".
bool goes_on_behind(Tokens tokens, std::size_t at) {
  if (is_word_after(tokens, at, "+")) return at + 1 >= tokens.size() || !tokens[at + 1].is_number();
  bool dash = false;
  bool bracket = false;
  for (std::size_t skipped = 0; at < tokens.size() && skipped < 6; ++at, ++skipped) {
    const Token& token = tokens[at];
    if (is_one_of(token, open_words)) return !bracket || !token.is("ongoing");
    if (token.is("on") && is_word_after(tokens, at + 1, "-|going")) return true;
    if (dash && is_one_of(token, unknown_words)) return true;
    if (is_one_of(token, "in") && is_word_after(tokens, at + 1, "perpetuity")) return true;
    bracket = bracket || token.is("(");
    dash = dash || token.is("-") || token.is("to");
    if (!is_one_of(token, "-|(|,|;|.|/|and|&|then|but|to|be|is|will|:|>")) return false;
  }
  return dash && at >= tokens.size() && tokens[at - 1].is("-");
}

constexpr std::string_view done_words = "completed|done|finished|closed|actioned";

/// "completed in 2023", "Done (March 2024)", "2024 - complete".
bool is_done(Tokens tokens, const Mention& mention, std::size_t from) {
  bool marked = false;
  if (mention.role == Role::none && !mention.at_end) {
    for (std::size_t at = mention.begin; at-- > from;) {
      const bool negated = has_any(mention.before, "be|to|not|will|must|should|partially|partly|part");
      if (is_one_of(tokens[at], done_words) || (marked && tokens[at].is("complete"))) return !negated;
      marked = marked || is_one_of(tokens[at], "-|:|(|,");
      if (!is_one_of(tokens[at], "in|on|at|during|-|:|(|,|early|late|mid|the|of")) break;
    }
  }
  std::size_t at = mention.end;
  while (is_word_after(tokens, at, "-|(|,|:|;")) ++at;
  return is_word_after(tokens, at, "completed|complete|done|achieved|delivered|finished") &&
         !is_word_after(tokens, at + 1, "by|in|when|subject");
}

/// Whether a year may belong to a document or a figure: "the 2023 strategy", "Local Plan 2040", "2019 baseline".
bool is_doubtful(Tokens tokens, const Mention& mention) {
  if (mention.last || !mention.first.is_whole_year()) return false;
  constexpr std::string_view nouns =
      "baseline|baselines|level|levels|census|strategy|budget|act|regulations|report|guidance|election|elections|"
      "figures|figure|data|survey|edition|version|framework|policy|agenda|spending|settlement|conference|standard|"
      "standards|emissions";
  constexpr std::string_view names =
      "strategy|plan|agenda|act|vision|order|regulations|framework|policy|cop|version|edition|ordinance|code|standard|"
      "roadmap|accord|agreement|page|pg|ref|no|iso";
  if (is_word_after(tokens, mention.end, nouns)) return true;
  if (mention.begin == 0) return false;
  const Token& before = tokens[mention.begin - 1];
  if (is_one_of(before, names)) return true;
  const bool noun_behind = mention.end < tokens.size() && tokens[mention.end].is_word();
  return is_one_of(before, "the|our|its|their|this|a|s") && noun_behind && mention.first.form == Form::calendar;
}

std::string words_between(Tokens tokens, std::size_t from, std::size_t to) {
  std::string words = " ";
  for (std::size_t i = from; i < to; ++i)
    if (tokens[i].kind != Token::Kind::mark) words += tokens[i].text + " ";
  return words;
}

/// Where the clause of a mention begins: behind the mention before it, or behind the last ; or full stop since.
std::size_t clause_begin(Tokens tokens, std::size_t from, std::size_t begin) {
  for (std::size_t at = begin; at-- > from;) {
    const bool stop = tokens[at].is(".") && at + 1 < tokens.size() && tokens[at + 1].blank_before && at + 1 < begin;
    if (tokens[at].is(";") || stop) return at + 1;
  }
  return from;
}

bool is_inside_brackets(Tokens tokens, std::size_t at) {
  int depth = 0;
  for (std::size_t i = 0; i < at; ++i)
    depth = std::max(0, depth + (tokens[i].is("(") ? 1 : tokens[i].is(")") ? -1 : 0));
  return depth > 0;
}

}  // namespace

std::vector<Mention> mentions_in(std::span<const Token> tokens, const Conventions& conventions) {
  std::vector<Mention> mentions = linked(tokens, with_bare_days(tokens, periods_in(tokens, conventions)), conventions);
  std::size_t from = 0;
  for (std::size_t i = 0; i < mentions.size(); ++i) {
    Mention& mention = mentions[i];
    const std::size_t clause = clause_begin(tokens, from, mention.begin);
    const std::size_t next = i + 1 < mentions.size() ? mentions[i + 1].begin : tokens.size();
    mention.before = words_between(tokens, clause, mention.begin);
    std::size_t mark = mention.end;
    while (mark < next && !is_one_of(tokens[mark], ",|;|.|(|)")) ++mark;
    mention.after = words_between(tokens, mention.end, mark);
    read_words_before(tokens, clause, mention);
    if (has_any(mention.after, "earliest")) mention.role = Role::start;
    mention.opens = goes_on_behind(tokens.subspan(0, next), mention.end);
    mention.done = is_done(tokens.subspan(0, next), mention, clause);
    mention.doubtful = is_doubtful(tokens, mention);
    mention.in_brackets = is_inside_brackets(tokens, mention.begin);
    from = mention.end;
  }
  return mentions;
}

}  // namespace chaser::plan
