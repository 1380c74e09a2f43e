#pragma once

#include <cstddef>
#include <map>

#include "calendar/working_calendar.h"

namespace chaser::calendar {

/// Western Easter Sunday, Gregorian, of any year from 1.
CivilDay easter_sunday(int year);

/// Which entry of a definition makes a day a holiday.
struct HolidayOrigin {
  std::size_t entry;  // place among the rules, or rules.size() + place among the moves
  bool substituted;   // kept on another day than the rule's own
};

/// The holidays of the years `first`..`last` (inclusive) and, at the edges, of days next to them: rules, then
/// substitutes in order of date, then moves. A day has one holiday: a rule's own day wins over a substitute.
std::map<CivilDay, HolidayOrigin> expand_holidays(const CalendarDefinition& definition, int first, int last);

}  // namespace chaser::calendar
