#pragma once

#include <cstdint>
#include <vector>

#include "calendar/time.h"

namespace chaser::calendar {

/// The civil days of one zone. Gives what day_of() and local_instant() give; within 2020-2045 it looks them up, which
/// costs a tenth: a pass asks several times for each action. A value fixed at construction; const calls are
/// thread-safe.
class ZoneDays {
 public:
  explicit ZoneDays(Zone zone);

  const Zone& zone() const { return zone_; }
  /// The civil day on which `at` falls.
  CivilDay day_of(Instant at) const;
  /// 00:00 of the day, as local_instant() gives it where that does not exist or comes twice.
  Instant midnight(CivilDay day) const;

 private:
  struct TableDay {
    std::int64_t midnight = 0;  // seconds since 1970
    CivilDay day;
    bool plain = false;  // both its midnights come once: from the one to the next the zone has this day and no other
  };

  Zone zone_;
  std::vector<TableDay> days_;
};

}  // namespace chaser::calendar
