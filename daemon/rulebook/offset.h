#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "calendar/time.h"
#include "calendar/working_calendar.h"

namespace chaser::rulebook {

enum class OffsetUnit : std::uint8_t { days, working_days, weeks, months };

/// "-60wd", "+5wd", "0d", "+3mo", "2w". Within +-10,000.
struct Offset {
  int count = 0;
  OffsetUnit unit = OffsetUnit::days;
  bool operator==(const Offset&) const = default;
};

/// Nothing if it is no offset; a missing sign is a plus.
std::optional<Offset> parse_offset(std::string_view text);
/// "+5wd", "-60wd", "0d".
std::string to_string(Offset offset);

/// anchor + offset, unrolled: the anchor's own day is never rolled and never counted; months clamp.
calendar::CivilDay apply(Offset offset, calendar::CivilDay anchor, const calendar::WorkingCalendar& calendar);

/// The nominal day of a step: apply(), then, if it is no working day, the working day before for a step at or before
/// the anchor (count <= 0), the one after for a step after it. Source: design.md 5.1.
calendar::CivilDay nominal_day(Offset offset, calendar::CivilDay anchor, const calendar::WorkingCalendar& calendar);

}  // namespace chaser::rulebook
