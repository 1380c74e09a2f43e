#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "calendar/time.h"

namespace chaser::calendar {

/// A zone of the machine's tz database, which the core itself never reads.
inline Zone zone_named(const std::string& name) {
  Zone zone;
  if (!absl::LoadTimeZone(name, &zone)) throw std::runtime_error("no zone " + name);
  return zone;
}

inline Zone london() {
  return zone_named("Europe/London");
}

inline CivilDay day(std::string_view text) {
  return parse_iso_day(text).value();
}
inline Instant instant(std::string_view text) {
  return parse_rfc3339(text).value();
}

}  // namespace chaser::calendar
