#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "calendar/time.h"

namespace chaser::calendar {

/// A recurrence is the value of an RRULE (RFC 5545), such as "FREQ=MONTHLY;INTERVAL=6;BYMONTHDAY=31", in whole days. A
/// day that its month does not have is the month's last (RFC 7529's SKIP=BACKWARD, unless the text says its own): a
/// cycle never skips.

/// Why `recurrence` is none, in words to follow it; "" if it is one. Taken: FREQ (weekly or longer), INTERVAL, BYMONTH,
/// and one of BYMONTHDAY and BYDAY; an end (COUNT, UNTIL) is not.
std::string why_no_recurrence(std::string_view recurrence);

/// Its first instance after `after`, of the recurrence that begins on `begin`. Nothing if none comes within 200 years
/// or it is no recurrence.
std::optional<CivilDay> next_instance(std::string_view recurrence, CivilDay begin, CivilDay after);

}  // namespace chaser::calendar
