#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "calendar/time.h"
#include "rulebook/cel_value.h"

namespace chaser::rulebook::cel {

/// Turns a `day` into the timestamp of 00:00 in the plan's zone.
struct DayReader {
  const calendar::Zone* zone = nullptr;  // nullptr: UTC

  Value timestamp(const Value& day) const;
};

/// CEL's timestamps: years 0001 to 9999, nanoseconds; durations: what 64 bits of nanoseconds hold, about 292 years.
/// Out of range: a problem. Source: google/cel-spec, "Timestamps" and "Duration".
Value timestamp_value(std::int64_t seconds, std::int64_t nanoseconds);
Value duration_value(std::int64_t nanoseconds);

/// RFC 3339 with up to nine decimals, strictly; nothing if it is none, a problem if out of range.
std::optional<Value> parse_timestamp(std::string_view text);
/// "1h30m", "-1.5s", "250ms": numbers with h, m, s, ms, us, ns; nothing if it is none, a problem if out of range.
std::optional<Value> parse_duration(std::string_view text);

std::string timestamp_text(const Value& timestamp);
std::string duration_text(const Value& duration);

/// timestamp + sign * duration; sign is 1 or -1.
Value add_duration(const Value& timestamp, const Value& duration, int sign);
/// left - right as a duration.
Value difference(const Value& left, const Value& right);

/// "UTC", "", "+01:00", "-09:30", "02:00".
std::optional<calendar::Zone> fixed_zone(std::string_view name);

/// The accessors of timestamps and days (getFullYear ...) in a zone, by name; `which` is one of theirs.
Value timestamp_part(std::string_view which, const Value& timestamp, const calendar::Zone& zone);
Value duration_part(std::string_view which, const Value& duration);

}  // namespace chaser::rulebook::cel
