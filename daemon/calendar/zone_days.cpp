#include "calendar/zone_days.h"

#include <algorithm>

namespace chaser::calendar {
namespace {

constexpr CivilDay table_begin{2020, 1, 1};
constexpr CivilDay table_end{2046, 1, 1};
constexpr std::int64_t day_seconds = 24 * 60 * 60;

}  // namespace

ZoneDays::ZoneDays(Zone zone) : zone_(zone) {
  days_.reserve(static_cast<std::size_t>(table_end - table_begin));
  auto midnight = zone_.At(absl::CivilSecond(table_begin));
  for (CivilDay day = table_begin; day < table_end; ++day) {
    const auto next = zone_.At(absl::CivilSecond(day + 1));
    const bool plain = midnight.kind == Zone::TimeInfo::UNIQUE && next.kind == Zone::TimeInfo::UNIQUE;
    days_.push_back({absl::ToUnixSeconds(midnight.pre), day, plain});
    midnight = next;
  }
}

CivilDay ZoneDays::day_of(Instant at) const {
  const std::int64_t second = absl::ToUnixSeconds(at);
  if (second < days_.front().midnight || second >= days_.back().midnight) return calendar::day_of(at, zone_);
  // Days of 23 and 25 hours make this guess wrong, nearly always by one at most.
  auto place = static_cast<std::size_t>((second - days_.front().midnight) / day_seconds);
  place = std::min(place, days_.size() - 2);
  while (second < days_[place].midnight) --place;
  while (second >= days_[place + 1].midnight) ++place;
  return days_[place].plain ? days_[place].day : calendar::day_of(at, zone_);
}

Instant ZoneDays::midnight(CivilDay day) const {
  const std::int64_t place = day_number(day) - day_number(table_begin);
  if (place < 0 || place >= static_cast<std::int64_t>(days_.size())) {
    return local_instant(day, std::chrono::minutes{0}, zone_);
  }
  return absl::FromUnixSeconds(days_[static_cast<std::size_t>(place)].midnight);
}

}  // namespace chaser::calendar
