#include "chase/world.h"

namespace chaser::chase {
namespace {

constexpr CivilDay table_first{2020, 1, 1};
constexpr CivilDay table_end{2046, 1, 1};

}  // namespace

Schedule::Schedule(calendar::SendingWindow window, Zone zone, const calendar::WorkingCalendar& calendar)
    : window_(window), zone_(zone), calendar_(calendar), first_(table_first) {
  openings_.reserve(static_cast<std::size_t>(table_end - table_first));
  for (CivilDay day = table_first; day < table_end; ++day) {
    // Days that the window skips share the opening that follows them.
    openings_.push_back(calendar::opening_on_or_after(day, window_, zone_, calendar_));
  }
}

Instant Schedule::opening_on_or_after(CivilDay day) const {
  if (day >= first_ && day < table_end) return openings_[static_cast<std::size_t>(day - first_)];
  return calendar::opening_on_or_after(day, window_, zone_, calendar_);
}

Instant Schedule::next_opening(Instant from) const {
  return calendar::next_opening(from, window_, zone_, calendar_);
}

CivilDay Schedule::day_of(Instant at) const {
  return calendar::day_of(at, zone_);
}

}  // namespace chaser::chase
