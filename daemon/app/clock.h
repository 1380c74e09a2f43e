#pragma once

#include <optional>
#include <string>

#include "calendar/time.h"

namespace chaser::app {

using calendar::Instant;

/// The one place that asks what time it is: the system's clock, or a scripted one that stands still.
class Clock {
 public:
  Clock() = default;
  explicit Clock(Instant scripted) : scripted_(scripted) {}

  Instant now() const;
  /// Time since the machine started, suspension included.
  absl::Duration since_boot() const;
  bool is_scripted() const { return scripted_.has_value(); }

 private:
  std::optional<Instant> scripted_;
};

/// Whether the system's clock is known to follow a time source. Unknown counts as yes.
bool clock_is_synchronised();

/// Tells a clock that cannot be right from one that can. Sending is held while it cannot; deciding never is.
/// Pure: readings are passed in. Source: design.md §6, clock jumps.
class ClockGuard {
 public:
  /// A jump further than this holds sending.
  static constexpr absl::Duration jump_max = absl::Hours(36);
  /// Smaller differences between the clocks are drift.
  static constexpr absl::Duration step_min = absl::Seconds(5);

  struct Reading {
    Instant wall;
    absl::Duration boot;
    bool synchronised = true;
  };
  enum class Judgement : unsigned char { steady, stepped, held, let_go };

  /// At the start: `high_water` is the latest instant that the store has seen. `held_before`: it was held when it
  /// stopped.
  ClockGuard(const Reading& reading, std::optional<Instant> high_water, bool held_before);

  /// Compares with the last reading that was right. `held` and `let_go` are told once, when they begin.
  Judgement observe(const Reading& reading);
  /// The operator's word: this is the time.
  void release(const Reading& reading);

  bool is_held() const { return held_; }
  /// Why, for the log and the status.
  const std::string& reason() const { return reason_; }

 private:
  bool hold(std::string reason);
  Reading good_;
  bool held_ = false;
  bool until_synchronised_ = false;
  std::string reason_;
};

}  // namespace chaser::app
