#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/engine.h"

namespace chaser::app {

/// A flow that posts nothing for 90 days is switched off. Source: research/delivery.md A1.
inline constexpr absl::Duration heartbeat_after = absl::Hours(24 * 30);
/// One that was not taken is followed by another so much later.
inline constexpr absl::Duration heartbeat_retry = absl::Hours(24);

/// Which Teams channels need a sign of life: those that people have in the directory and that took no card for a month.
/// What it knows lies in the store, so that a restart changes nothing. On the loop's thread.
class Heartbeats {
 public:
  explicit Heartbeats(Engine& engine) : engine_(engine) {}

  /// A card was taken.
  void heard(const std::string& place, Instant now);
  /// One goes now: the next is a day away, unless heard() says that it was taken.
  void goes(const std::string& place, Instant now);
  /// None can go there before `until`: its flow is broken, or its owner's rate used up.
  void waits(const std::string& place, Instant until);
  /// Places that one is due for, in the sending window of somebody there and in no freeze; {} where the settings ask for
  /// none.
  std::vector<std::string> due(Instant now);
  std::optional<Instant> next(Instant now);

 private:
  std::map<std::string, Instant> times(Instant now);  // when the next is due, by place
  Instant known_alive(const std::string& place, Instant now);
  void keep(const std::string& place, Instant alive);

  Engine& engine_;
  std::map<std::string, Instant> alive_;  // as kept
  std::map<std::string, Instant> waits_;
};

}  // namespace chaser::app
