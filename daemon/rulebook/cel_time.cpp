#include "rulebook/cel_time.h"

#include <absl/time/civil_time.h>
#include <absl/time/time.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <utility>

namespace chaser::rulebook::cel {
namespace {

constexpr std::int64_t second_first = -62'135'596'800;  // 0001-01-01T00:00:00Z
constexpr std::int64_t second_last = 253'402'300'799;   // 9999-12-31T23:59:59Z
constexpr std::int64_t nanoseconds_a_second = 1'000'000'000;

/// Reads exactly `digits` digits at `place`.
std::optional<int> fixed_number(std::string_view text, std::size_t place, std::size_t digits) {
  if (place + digits > text.size()) return std::nullopt;
  int number = 0;
  for (const char c : text.substr(place, digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = 10 * number + (c - '0');
  }
  return number;
}

/// "Z", "+hh:mm" or "-hh:mm", in seconds east.
std::optional<std::int64_t> zone_offset(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  const std::optional<int> hours = fixed_number(text, 1, 2);
  const std::optional<int> minutes = fixed_number(text, 4, 2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const std::int64_t offset = std::int64_t{*hours} * 3600 + std::int64_t{*minutes} * 60;
  return text[0] == '-' ? -offset : offset;
}

/// The decimals after a dot as nanoseconds, moving `place` past them; nothing if there are none or more than nine.
std::optional<std::int64_t> decimals(std::string_view text, std::size_t& place) {
  std::int64_t nanoseconds = 0;
  std::int64_t unit = nanoseconds_a_second / 10;
  const std::size_t begin = place;
  for (; place < text.size() && text[place] >= '0' && text[place] <= '9'; ++place, unit /= 10) {
    if (place - begin >= 9) return std::nullopt;
    nanoseconds += unit * (text[place] - '0');
  }
  if (place == begin) return std::nullopt;
  return nanoseconds;
}

std::string nanosecond_text(std::int64_t nanoseconds) {
  if (nanoseconds == 0) return "";
  std::array<char, 16> buffer{};
  const int size = std::snprintf(buffer.data(), buffer.size(), ".%09lld", static_cast<long long>(nanoseconds));
  std::string text(buffer.data(), static_cast<std::size_t>(size));
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

absl::Time to_time(const Value& timestamp) {
  return absl::FromUnixSeconds(timestamp.integer) + absl::Nanoseconds(static_cast<std::int64_t>(timestamp.size));
}

/// Wide enough for any number of units that a condition's text can hold.
__extension__ typedef __int128 Wide;

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};
constexpr std::array<Unit, 7> units{{{"ns", 1},
                                     {"us", 1000},
                                     {"\u00b5s", 1000},
                                     {"ms", 1'000'000},
                                     {"s", nanoseconds_a_second},
                                     {"m", 60 * nanoseconds_a_second},
                                     {"h", 3600 * nanoseconds_a_second}}};

/// One "12.5h" at the start of `text`, removed from it; nothing if there is none. Sums in 128 bits, so it cannot wrap
/// within the text a condition may have.
bool take_part(std::string_view& text, Wide& sum) {
  Wide whole = 0;
  Wide fraction = 0;
  Wide scale = 1;
  std::size_t place = 0;
  std::size_t digits = 0;
  const auto digit = [&] { return place < text.size() && text[place] >= '0' && text[place] <= '9'; };
  for (; digit(); ++place, ++digits) {
    if (whole < nanoseconds_a_second * nanoseconds_a_second) whole = 10 * whole + (text[place] - '0');
  }
  if (place < text.size() && text[place] == '.') {
    for (++place; digit(); ++place, ++digits) {
      if (scale >= nanoseconds_a_second * nanoseconds_a_second) continue;
      fraction = 10 * fraction + (text[place] - '0');
      scale *= 10;
    }
  }
  if (digits == 0) return false;
  std::size_t end = place;
  while (end < text.size() && text[end] != '.' && (text[end] < '0' || text[end] > '9')) ++end;
  for (const Unit& unit : units) {
    if (text.substr(place, end - place) != unit.name) continue;
    sum += whole * unit.nanoseconds + fraction * unit.nanoseconds / scale;
    text.remove_prefix(end);
    return true;
  }
  return false;
}

}  // namespace

Value DayReader::timestamp(const Value& day) const {
  const absl::CivilDay civil = absl::CivilDay(1970, 1, 1) + day.integer;
  const calendar::Zone utc = absl::UTCTimeZone();
  return timestamp_value(absl::ToUnixSeconds(absl::FromCivil(civil, zone != nullptr ? *zone : utc)), 0);
}

Value timestamp_value(std::int64_t seconds, std::int64_t nanoseconds) {
  if (seconds < second_first || seconds > second_last) return problem_value(problem::range);
  Value value = integer_value(seconds, Value::Kind::timestamp);
  value.size = static_cast<std::size_t>(nanoseconds);
  return value;
}

Value duration_value(std::int64_t nanoseconds) {
  return integer_value(nanoseconds, Value::Kind::duration);
}

std::optional<Value> parse_timestamp(std::string_view text) {
  // YYYY-MM-DDThh:mm:ss[.f]zone
  constexpr std::array<std::pair<std::size_t, char>, 4> marks{{{4, '-'}, {7, '-'}, {13, ':'}, {16, ':'}}};
  if (text.size() < 20 || (text[10] != 'T' && text[10] != 't')) return std::nullopt;
  for (const auto& [place, mark] : marks) {
    if (text[place] != mark) return std::nullopt;
  }
  const auto year = fixed_number(text, 0, 4);
  const auto month = fixed_number(text, 5, 2);
  const auto day = fixed_number(text, 8, 2);
  const auto hour = fixed_number(text, 11, 2);
  const auto minute = fixed_number(text, 14, 2);
  const auto second = fixed_number(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const absl::CivilSecond civil(*year, *month, *day, *hour, *minute, *second);
  if (civil.month() != *month || civil.day() != *day || civil.hour() != *hour || civil.minute() != *minute ||
      civil.second() != *second) {
    return std::nullopt;
  }
  std::size_t place = 19;
  std::int64_t nanoseconds = 0;
  if (text[place] == '.') {
    const std::optional<std::int64_t> fraction = decimals(text, ++place);
    if (!fraction) return std::nullopt;
    nanoseconds = *fraction;
  }
  const std::optional<std::int64_t> offset = zone_offset(text.substr(place));
  if (!offset) return std::nullopt;
  return timestamp_value((civil - absl::CivilSecond(1970, 1, 1)) - *offset, nanoseconds);
}

std::optional<Value> parse_duration(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return duration_value(0);
  if (text.empty()) return std::nullopt;
  Wide sum = 0;
  while (!text.empty()) {
    if (!take_part(text, sum)) return std::nullopt;
  }
  if (negative) sum = -sum;
  if (sum > INT64_MAX || sum < INT64_MIN) return problem_value(problem::range);
  return duration_value(static_cast<std::int64_t>(sum));
}

std::string timestamp_text(const Value& timestamp) {
  const absl::CivilSecond civil = absl::CivilSecond(1970, 1, 1) + timestamp.integer;
  std::array<char, 40> buffer{};
  const int size = std::snprintf(buffer.data(), buffer.size(), "%04lld-%02d-%02dT%02d:%02d:%02d",
                                 static_cast<long long>(civil.year()), civil.month(), civil.day(), civil.hour(),
                                 civil.minute(), civil.second());
  return std::string(buffer.data(), static_cast<std::size_t>(size)) +
         nanosecond_text(static_cast<std::int64_t>(timestamp.size)) + "Z";
}

std::string duration_text(const Value& duration) {
  std::int64_t seconds = duration.integer / nanoseconds_a_second;
  std::int64_t nanoseconds = duration.integer % nanoseconds_a_second;
  const bool negative = duration.integer < 0;
  if (negative) {
    seconds = -seconds;
    nanoseconds = -nanoseconds;
  }
  return (negative ? "-" : "") + std::to_string(seconds) + nanosecond_text(nanoseconds) + "s";
}

Value add_duration(const Value& timestamp, const Value& duration, int sign) {
  // Floor division, so that the nanoseconds stay within [0, 1e9).
  std::int64_t seconds = duration.integer / nanoseconds_a_second;
  std::int64_t nanoseconds = duration.integer % nanoseconds_a_second;
  seconds = timestamp.integer + sign * seconds;
  nanoseconds = static_cast<std::int64_t>(timestamp.size) + sign * nanoseconds;
  if (nanoseconds < 0) {
    nanoseconds += nanoseconds_a_second;
    --seconds;
  }
  if (nanoseconds >= nanoseconds_a_second) {
    nanoseconds -= nanoseconds_a_second;
    ++seconds;
  }
  return timestamp_value(seconds, nanoseconds);
}

Value difference(const Value& left, const Value& right) {
  std::int64_t nanoseconds = 0;
  const std::int64_t seconds = left.integer - right.integer;
  const auto rest = static_cast<std::int64_t>(left.size) - static_cast<std::int64_t>(right.size);
  if (__builtin_mul_overflow(seconds, nanoseconds_a_second, &nanoseconds) ||
      __builtin_add_overflow(nanoseconds, rest, &nanoseconds)) {
    return problem_value(problem::range);
  }
  return duration_value(nanoseconds);
}

std::optional<calendar::Zone> fixed_zone(std::string_view name) {
  if (name.empty() || name == "UTC" || name == "Z") return absl::UTCTimeZone();
  const bool is_signed = name[0] == '+' || name[0] == '-';
  const std::optional<std::int64_t> offset = zone_offset(is_signed ? std::string(name) : "+" + std::string(name));
  if (!offset || name.back() == 'Z') return std::nullopt;
  return absl::FixedTimeZone(static_cast<int>(*offset));
}

Value timestamp_part(std::string_view which, const Value& timestamp, const calendar::Zone& zone) {
  const absl::CivilSecond civil = absl::ToCivilSecond(to_time(timestamp), zone);
  if (which == "getFullYear") return integer_value(civil.year());
  if (which == "getMonth") return integer_value(civil.month() - 1);
  if (which == "getDate") return integer_value(civil.day());
  if (which == "getDayOfMonth") return integer_value(civil.day() - 1);
  if (which == "getDayOfYear") return integer_value(absl::GetYearDay(absl::CivilDay(civil)) - 1);
  if (which == "getDayOfWeek") return integer_value((calendar::weekday_index(absl::CivilDay(civil)) + 1) % 7);
  if (which == "getHours") return integer_value(civil.hour());
  if (which == "getMinutes") return integer_value(civil.minute());
  if (which == "getSeconds") return integer_value(civil.second());
  return integer_value(static_cast<std::int64_t>(timestamp.size) / 1'000'000);
}

Value duration_part(std::string_view which, const Value& duration) {
  if (which == "getHours") return integer_value(duration.integer / (3600 * nanoseconds_a_second));
  if (which == "getMinutes") return integer_value(duration.integer / (60 * nanoseconds_a_second));
  if (which == "getSeconds") return integer_value(duration.integer / nanoseconds_a_second);
  return integer_value(duration.integer / 1'000'000 % 1000);
}

}  // namespace chaser::rulebook::cel
