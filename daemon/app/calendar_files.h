#pragma once

#include <vector>

#include "calendar/working_calendar.h"
#include "documents/problems.h"

namespace chaser::app {

/// The calendars of one file (config/calendars/README.md shows one):
///
///     calendars:
///       - calendar: kent-offices
///         extends: england-and-wales       # its weekend, rules and moves come first
///         weekend: [Sat, Sun]
///         holidays:
///           - { name: Christmas Day, date: 12-25, substitute: true, from: 2020, to: 2040 }
///           - { name: Good Friday, easter: -2 }
///           - { name: Spring bank holiday, month: 5, weekday: Mon, nth: -1 }
///         moves:
///           - { name: Coronation, from: 2023-05-01, to: 2023-05-08 }
///
/// Every problem at its place. Calendars with errors are left out.
std::vector<calendar::CalendarDefinition> read_calendars(const documents::Source& source,
                                                         documents::Problems& problems);

}  // namespace chaser::app
