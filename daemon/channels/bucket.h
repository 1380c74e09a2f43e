#pragma once

#include <cstddef>

#include "calendar/time.h"

namespace chaser::channels {

/// At most `burst` at once, then one every `every`. A burst of 0 is no limit at all.
struct Rate {
  int burst = 0;
  absl::Duration every = absl::Seconds(1);

  bool is_limited() const { return burst > 0; }
  bool operator==(const Rate&) const = default;
};

/// The rate of which no more than `count` go in any `period`: a fifth of them at once, the rest evenly. 0: no limit.
Rate rate_within(int count, absl::Duration period);

/// A token bucket that is asked with the time and keeps no clock. Full at first.
class Bucket {
 public:
  explicit Bucket(Rate rate) : rate_(rate) {}

  /// When the next one may go, with `ahead` others before it; an instant at or before `now` means now.
  calendar::Instant available(calendar::Instant now, std::size_t ahead = 0) const;
  /// How many may go at `now`; a very large number without a limit.
  std::size_t tokens(calendar::Instant now) const;
  void take(calendar::Instant now);
  /// The other side asked for a pause: nothing goes before `at`.
  void hold_until(calendar::Instant at);
  /// Nothing was taken that still counts.
  bool is_full(calendar::Instant now) const { return empty_until_ <= now && held_until_ <= now; }

 private:
  Rate rate_;
  calendar::Instant empty_until_ = absl::InfinitePast();  // when all that was taken is filled up again
  calendar::Instant held_until_ = absl::InfinitePast();
};

}  // namespace chaser::channels
