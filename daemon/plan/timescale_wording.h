#pragma once

#include <span>
#include <string>
#include <string_view>

#include "plan/timescale.h"
#include "plan/timescale_text.h"

namespace chaser::plan {

/// What a text without a date says. `words` are those of words_of, `tokens` of the same text.
struct Wording {
  TimescaleKind kind = TimescaleKind::unreadable;
  std::string convention;
  std::string problem;  // only of what is unreadable
};

Wording wording_of(std::string_view words, std::span<const Token> tokens);

/// "Ongoing", "Continuous", "BAU", "no end date": goes on without a day on which it is kept.
bool says_ongoing(std::string_view words);
/// "Annually", "every two years", "per quarter".
bool says_recurring(std::string_view words);
/// "TBC", "None", "not known" at the very beginning, so that a date behind it is no promise.
bool begins_without_date(std::string_view words);

/// "12 months", "120 days", "M6": a length of time, which needs a day to count from.
bool has_duration(std::span<const Token> tokens);

}  // namespace chaser::plan
