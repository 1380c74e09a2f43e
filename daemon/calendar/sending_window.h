#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "calendar/time.h"
#include "calendar/working_calendar.h"

namespace chaser::calendar {

/// When a recipient may be written to, in their own zone.
struct SendingWindow {
  std::uint8_t weekdays = 0b0011111;  // bit 0 = Monday; the day on which the window opens
  std::chrono::minutes open{9 * 60};
  /// Exclusive. At or before `open` it is the next day's: 22:00-06:00 belongs to the day of 22:00.
  std::chrono::minutes close{17 * 60};
  bool on_holidays = false;  // whether it opens on the calendar's holidays

  bool operator==(const SendingWindow&) const = default;
};

/// Monday to Friday 09:00-17:00, minus the calendar's holidays.
SendingWindow office_hours();

/// "Mon-Fri 09:00-17:00".
std::string describe(const SendingWindow& window);

bool is_open(Instant at, const SendingWindow& window, const Zone& zone, const WorkingCalendar& calendar);

/// First sending instant at or after `from` inside `window`, in the recipient's zone.
/// Boundary: `from` itself if it already is one; an instant at `close` is not. A local opening that does not exist on
/// that day is shifted on by the gap; one that exists twice is the first. Windows with no weekday never open:
/// the caller's input is checked before (assert). Source: design.md 5.1.
Instant next_opening(Instant from, const SendingWindow& window, const Zone& zone, const WorkingCalendar& calendar);

/// The first opening on or after a civil day of the recipient: next_opening from that day's first instant.
Instant opening_on_or_after(CivilDay day, const SendingWindow& window, const Zone& zone,
                            const WorkingCalendar& calendar);

}  // namespace chaser::calendar
