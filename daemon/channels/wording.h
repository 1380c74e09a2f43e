#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calendar/time.h"
#include "calendar/working_calendar.h"
#include "rulebook/rulebook.h"

namespace chaser::channels {

using calendar::CivilDay;

/// Text of people made fit for one line: control and direction-changing characters gone, runs of blanks one blank, no
/// outer ones. Invalid UTF-8 becomes U+FFFD.
std::string one_line(std::string_view text);
/// At most `characters_max` characters; what is cut ends in an ellipsis.
std::string shortened(std::string_view text, std::size_t characters_max);

/// "A", "A and B", "A, B and C".
std::string listed(const std::vector<std::string>& names);
/// The same of many: "A, B, C and 10 others" where they are more than `listed_names_max`.
inline constexpr std::size_t listed_names_max = 4;
std::string listed_shortly(const std::vector<std::string>& names);
/// "1 working day", "3 working days".
std::string counted(int count, std::string_view noun);
/// "31 December 2026".
std::string plain_day(CivilDay day);

/// A step's place in words: "5 working days before the due date", "on the due date", "2 weeks after its last update".
std::string place_of_step(rulebook::Offset at, rulebook::Anchor anchor);
/// The offset alone, without sign: "5 working days".
std::string length_of(rulebook::Offset offset);

/// Which anchor an instance's name ("due", "milestone:m1", "cutoff:2026-12-31") is of.
rulebook::Anchor anchor_of(std::string_view instance);

/// How far off a day is, in the unit that a step counts by: "in 5 working days", "today", "tomorrow", or "" where no
/// count says it (past days, or more than 20 working days, 12 weeks or 90 days off). `calendar` may be null: then
/// calendar days are counted.
std::string distance(CivilDay today, CivilDay day, rulebook::OffsetUnit unit,
                     const calendar::WorkingCalendar* calendar);

/// The few words that begin a subject, by what the rule counts from, never by a step's name: "Due in 5 working days",
/// "Overdue since 31 December 2026", "No update since 1 September 2026", "Review", "Has no owner".
std::string headline(rulebook::Anchor anchor, CivilDay anchor_day, CivilDay today, rulebook::OffsetUnit unit,
                     const calendar::WorkingCalendar* calendar);

/// What an item of a digest counts as. In order of urgency.
enum class Urgency : unsigned char {
  overdue,
  unowned,
  ended,
  unreachable,
  answered,
  due_today,
  due_this_month,
  due_later,
  stalled,
  review,
  starting,
  asked,     // a request waits for the reader's word
  blocking,  // another action waits for it
  inherited,
  handed_over,
  closed,
};
Urgency urgency_of(std::string_view rule, rulebook::Anchor anchor, CivilDay anchor_day, CivilDay today);
/// "3 overdue", "1 review".
std::string counted(int count, Urgency urgency);

}  // namespace chaser::channels
