#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plan/timescale_period.h"

namespace chaser::plan {

/// A period or a range of them where a text names it, and what the words beside it make of it.
struct Mention {
  /// by: a deadline by word ("by", "until", "due"); none: nothing but the period itself.
  enum class Role : std::uint8_t { none, by, before, start, after };
  /// How it is joined to the mention before it: "and" makes a list; "or" a question.
  enum class Joint : std::uint8_t { apart, list, choice };

  Period first;
  std::optional<Period> last;  // of a range
  Role role = Role::none;
  Joint joint = Joint::apart;
  bool at_end = false;    // "end of"
  bool at_start = false;  // "start of", "beginning of"
  bool opens = false;     // goes on without end: "2026 onwards", "2026 - ongoing", "2026+"
  bool done = false;      // "completed in", "(done)"
  bool doubtful = false;  // perhaps the name of a document: "the 2023 strategy"
  bool in_brackets = false;
  std::string before;     // words since the mention before it or the clause's beginning
  std::string after;      // words up to the next mark or mention
  std::size_t begin = 0;  // tokens
  std::size_t end = 0;

  const Period& end_period() const { return last ? *last : first; }
  bool has_year() const { return first.year != 0 && end_period().year != 0; }
  /// What is wrong with it; empty if nothing.
  const std::string& problem() const { return first.problem.empty() ? end_period().problem : first.problem; }
};

/// All periods that a text names, in its order, ranges joined and years borrowed ("9 March to 11 July 2023").
std::vector<Mention> mentions_in(std::span<const Token> tokens, const Conventions& conventions);

}  // namespace chaser::plan
