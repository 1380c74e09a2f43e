#include "calendar/sending_window.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>

namespace chaser::calendar {
namespace {

constexpr std::uint8_t whole_week = 0b1111111;
// Holidays on every weekday that a window has would close it for good; no calendar in use leaves a gap like this.
constexpr int closed_days_max = 3'660;

bool is_over_midnight(const SendingWindow& window) {
  return window.close <= window.open;
}

/// Whether the window of the day before can still be open: over midnight, or behind a gap at the day's end.
bool reaches_next_day(const SendingWindow& window) {
  constexpr std::chrono::hours gap_max{2};
  return is_over_midnight(window) || window.close + gap_max > std::chrono::hours{24};
}

bool opens_on(CivilDay day, const SendingWindow& window, const WorkingCalendar& calendar) {
  if ((window.weekdays >> weekday_index(day) & 1) == 0) return false;
  return window.on_holidays || !calendar.holiday_name(day);
}

/// The end of the window that opens on `day` at `opening`.
Instant closing(CivilDay day, Instant opening, const SendingWindow& window, const Zone& zone) {
  const Instant close = local_instant(is_over_midnight(window) ? day + 1 : day, window.close, zone);
  if (close > opening) return close;
  // The gap swallowed the window whole: it keeps its length behind the gap, so that its day is not lost.
  return opening + absl::FromChrono(window.close - window.open);
}

/// The first day at or after `day` on which the window opens, or nothing.
std::optional<CivilDay> opening_day(CivilDay day, const SendingWindow& window, const WorkingCalendar& calendar) {
  assert((window.weekdays & whole_week) != 0);
  const CivilDay end = day + closed_days_max;
  for (; day < end; ++day) {
    if (opens_on(day, window, calendar)) return day;
  }
  return std::nullopt;
}

std::string describe_weekdays(std::uint8_t weekdays) {
  constexpr std::array<std::string_view, 7> names = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  std::string text;
  for (std::size_t first = 0; first < names.size(); ++first) {
    if ((weekdays >> first & 1) == 0) continue;
    std::size_t last = first;
    while (last + 1 < names.size() && (weekdays >> (last + 1) & 1) != 0) ++last;
    if (!text.empty()) text += ", ";
    text += names[first];
    if (last > first) fmt::format_to(std::back_inserter(text), "-{}", names[last]);
    first = last;
  }
  return text;
}

}  // namespace

SendingWindow office_hours() {
  return {};
}

std::string describe(const SendingWindow& window) {
  return fmt::format("{} {:02}:{:02}-{:02}:{:02}{}", describe_weekdays(window.weekdays), window.open.count() / 60,
                     window.open.count() % 60, window.close.count() / 60, window.close.count() % 60,
                     window.on_holidays ? ", holidays too" : "");
}

bool is_open(Instant at, const SendingWindow& window, const Zone& zone, const WorkingCalendar& calendar) {
  return next_opening(at, window, zone, calendar) == at;
}

Instant next_opening(Instant from, const SendingWindow& window, const Zone& zone, const WorkingCalendar& calendar) {
  const CivilDay today = day_of(from, zone);
  std::optional<CivilDay> day = opening_day(reaches_next_day(window) ? today - 1 : today, window, calendar);
  for (; day; day = opening_day(*day + 1, window, calendar)) {
    const Instant opening = local_instant(*day, window.open, zone);
    if (from <= opening) return opening;
    if (from < closing(*day, opening, window, zone)) return from;
  }
  return absl::InfiniteFuture();
}

Instant opening_on_or_after(CivilDay day, const SendingWindow& window, const Zone& zone,
                            const WorkingCalendar& calendar) {
  return next_opening(first_instant(day, zone), window, zone, calendar);
}

}  // namespace chaser::calendar
