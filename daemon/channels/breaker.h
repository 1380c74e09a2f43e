#pragma once

#include <optional>

#include "calendar/time.h"
#include "store/store.h"

namespace chaser::channels {

/// Keeps messages from a way that does not work, so that a relay that is down costs one attempt now and then and not
/// one of every message. Closed, all go; after failures in a row that are the way's own (not a recipient's) it is open
/// for a while that doubles; then one goes to try. Asked with the time; keeps no clock.
class Breaker {
 public:
  static constexpr int failures_max = 3;
  static constexpr absl::Duration pause_min = absl::Seconds(30);
  static constexpr absl::Duration pause_max = absl::Minutes(30);
  static constexpr absl::Duration broken_pause = absl::Hours(1);
  static constexpr absl::Duration trial_max = absl::Minutes(20);

  /// Until when nothing may go; nothing: it may now. While one is trying it is asked again after a moment.
  std::optional<calendar::Instant> waits(calendar::Instant now) const;
  /// Only a single one may go, to try.
  bool is_trying() const { return opened_; }
  /// Configuration keeps the way from working: what can go another way should.
  bool is_broken() const { return broken_; }
  void goes(calendar::Instant now);
  void heard(const store::Outcome& outcome, calendar::Instant now);

 private:
  void open(calendar::Instant until);

  int failures_ = 0;
  bool opened_ = false;
  bool broken_ = false;
  /// The one that tries is waited for until then; one that was never heard of again must not close the way for ever.
  calendar::Instant under_way_until_ = absl::InfinitePast();
  absl::Duration pause_ = pause_min;
  calendar::Instant until_ = absl::InfinitePast();
};

}  // namespace chaser::channels
