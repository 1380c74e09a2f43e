#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "calendar/time.h"

namespace chaser::channels {

/// A day to remember, as calendar programs take it.
struct Appointment {
  std::string uid;          // the same for the same action in every mail
  std::int32_t change = 0;  // SEQUENCE: raised when the day changes
  calendar::CivilDay day;
  std::string title;
  std::string text;
  std::string url;  // "" is none
};

/// An iCalendar object (RFC 5545) with METHOD:PUBLISH: whole days that keep nobody busy, added by hand and never
/// answered. `organizer` is an address; ASCII line folding and escapes are libical's. Pure. Source:
/// research/delivery.md §E.
std::string calendar_of(const std::vector<Appointment>& appointments, const std::string& organizer,
                        const std::string& organizer_name, calendar::Instant now);

}  // namespace chaser::channels
