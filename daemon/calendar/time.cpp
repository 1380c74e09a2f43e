#include "calendar/time.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace chaser::calendar {
namespace {

constexpr std::array<std::string_view, 12> month_names = {"January",   "February", "March",    "April",
                                                          "May",       "June",     "July",     "August",
                                                          "September", "October",  "November", "December"};
constexpr std::array<std::string_view, 7> weekday_names = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                           "Friday", "Saturday", "Sunday"};

std::string_view month_name(CivilDay day) {
  return month_names[static_cast<std::size_t>(day.month() - 1)];
}

/// Reads a fixed form from the front of a text; `ok()` is false from the first thing that did not fit.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }

  /// The next `width` digits, which must be within [low, high].
  int number(std::size_t width, int low, int high) {
    int value = 0;
    for (std::size_t i = 0; i < width; ++i) {
      if (rest_.size() <= i || !is_digit(rest_[i])) return fail();
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(width);
    return value < low || value > high ? fail() : value;
  }

  /// Takes the next character if it is one of `accepted`; else nothing is taken and the answer is NUL.
  char take(std::string_view accepted) {
    if (rest_.empty() || accepted.find(rest_.front()) == std::string_view::npos) return '\0';
    const char taken = rest_.front();
    rest_.remove_prefix(1);
    return taken;
  }

  char expect(std::string_view accepted) {
    const char taken = take(accepted);
    if (taken == '\0') fail();
    return taken;
  }

  std::size_t digits_ahead() const {
    return static_cast<std::size_t>(std::find_if_not(rest_.begin(), rest_.end(), is_digit) - rest_.begin());
  }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  int fail() {
    ok_ = false;
    rest_ = {};
    return 0;
  }

  std::string_view rest_;
  bool ok_ = true;
};

std::optional<CivilDay> scan_day(Scanner& scanner) {
  const int year = scanner.number(4, 0, 9999);
  scanner.expect("-");
  const int month = scanner.number(2, 1, 12);
  scanner.expect("-");
  const int day = scanner.number(2, 1, 31);
  if (!scanner.ok()) return std::nullopt;
  const CivilDay civil(year, month, day);
  if (civil.day() != day) return std::nullopt;  // 31 April became 1 May
  return civil;
}

absl::Duration scan_fraction(Scanner& scanner) {
  absl::Duration fraction = absl::ZeroDuration();
  if (scanner.take(".") == '\0') return fraction;
  const std::size_t width = scanner.digits_ahead();
  if (width > 9) {
    scanner.expect("");
    return fraction;
  }
  int scale = 1'000'000'000;
  for (std::size_t i = 0; i < width; ++i) scale /= 10;
  return absl::Nanoseconds(scanner.number(std::max<std::size_t>(width, 1), 0, 999'999'999)) * scale;
}

absl::Duration scan_offset(Scanner& scanner) {
  const char sign = scanner.expect("Zz+-");
  if (sign != '+' && sign != '-') return absl::ZeroDuration();
  const int hours = scanner.number(2, 0, 23);
  scanner.expect(":");
  const int minutes = scanner.number(2, 0, 59);
  const absl::Duration offset = absl::Hours(hours) + absl::Minutes(minutes);
  return sign == '+' ? offset : -offset;
}

}  // namespace

CivilDay day_of(Instant at, const Zone& zone) {
  return CivilDay(zone.At(at).cs);
}

Instant first_instant(CivilDay day, const Zone& zone) {
  const auto midnight = zone.At(absl::CivilSecond(day));
  return midnight.kind == Zone::TimeInfo::SKIPPED ? midnight.trans : midnight.pre;
}

Instant local_instant(CivilDay day, std::chrono::minutes time_of_day, const Zone& zone) {
  // `pre` takes the offset in force before the transition: on by the gap if skipped, the first of the two if repeated.
  return zone.At(absl::CivilSecond(absl::CivilMinute(day) + time_of_day.count())).pre;
}

CivilDay add_months(CivilDay day, int months) {
  const absl::CivilMonth month = absl::CivilMonth(day) + months;
  const CivilDay last = CivilDay(month + 1) - 1;
  return std::min(CivilDay(month) + (day.day() - 1), last);
}

std::string iso_day(CivilDay day) {
  return fmt::format("{:04}-{:02}-{:02}", day.year(), day.month(), day.day());
}

std::optional<CivilDay> parse_iso_day(std::string_view text) {
  Scanner scanner(text);
  const std::optional<CivilDay> day = scan_day(scanner);
  return scanner.at_end() ? day : std::nullopt;
}

std::string rfc3339(Instant at, const Zone& zone) {
  const Zone::CivilInfo local = zone.At(at);
  const int minutes = std::abs(local.offset) / 60;
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}{:02}:{:02}", local.cs.year(), local.cs.month(),
                     local.cs.day(), local.cs.hour(), local.cs.minute(), local.cs.second(),
                     local.offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

std::optional<Instant> parse_rfc3339(std::string_view text) {
  Scanner scanner(text);
  const std::optional<CivilDay> day = scan_day(scanner);
  if (!day) return std::nullopt;
  scanner.expect("Tt");
  const int hour = scanner.number(2, 0, 23);
  scanner.expect(":");
  const int minute = scanner.number(2, 0, 59);
  int second = 0;
  absl::Duration fraction = absl::ZeroDuration();
  if (scanner.take(":") != '\0') {
    second = scanner.number(2, 0, 59);
    fraction = scan_fraction(scanner);
  }
  const absl::Duration offset = scan_offset(scanner);
  if (!scanner.ok() || !scanner.at_end()) return std::nullopt;
  const absl::CivilSecond local(day->year(), day->month(), day->day(), hour, minute, second);
  return absl::FromCivil(local, absl::UTCTimeZone()) + fraction - offset;
}

std::string short_day(CivilDay day) {
  return fmt::format("{} {} {}", day.day(), month_name(day).substr(0, 3), day.year());
}

std::string long_day(CivilDay day) {
  return fmt::format("{} {} {} {}", weekday_names[static_cast<std::size_t>(weekday_index(day))], day.day(),
                     month_name(day), day.year());
}

}  // namespace chaser::calendar
