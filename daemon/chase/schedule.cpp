#include "chase/world.h"

namespace chaser::chase {
namespace {

constexpr CivilDay table_first{2020, 1, 1};
constexpr CivilDay table_end{2046, 1, 1};

}  // namespace

Schedule::Schedule(calendar::SendingWindow window, const calendar::ZoneDays& days,
                   const calendar::WorkingCalendar& calendar)
    : window_(window), days_(days), calendar_(calendar) {
  openings_.reserve(static_cast<std::size_t>(table_end - table_first));
  for (CivilDay day = table_first; day < table_end; ++day) {
    // Days that the window skips share the opening that follows them.
    openings_.push_back(calendar::opening_on_or_after(day, window_, zone(), calendar_));
  }
}

Instant Schedule::opening_on_or_after(CivilDay day) const {
  const std::int64_t place = calendar::day_number(day) - calendar::day_number(table_first);
  if (place >= 0 && place < static_cast<std::int64_t>(openings_.size()))
    return openings_[static_cast<std::size_t>(place)];
  return calendar::opening_on_or_after(day, window_, zone(), calendar_);
}

Instant Schedule::next_opening(Instant from) const {
  return calendar::next_opening(from, window_, zone(), calendar_);
}

}  // namespace chaser::chase
