#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace chaser::plan {

/// How often an ongoing action is reviewed: every so many calendar months after the last review, or on the days of a
/// recurrence (calendar/recurrence.h). One of the two is set.
struct Cadence {
  std::optional<int> months;
  std::string recurrence;
  bool operator==(const Cadence&) const = default;
};

inline constexpr int cadence_months_max = 120;

/// "3mo", "1y", "every quarter", "every 6 months", "twice a year", "annually", "annually in March" (the first of that
/// month), "every 2 weeks", "FREQ=YEARLY;BYMONTH=3,9;BYMONTHDAY=1" (with or without RRULE:). Otherwise why it is none,
/// in words that follow the text.
std::expected<Cadence, std::string> read_cadence(std::string_view text);

/// "every 3 months", "every year", "FREQ=...".
std::string words_of(const Cadence& cadence);

}  // namespace chaser::plan
