#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/engine.h"

namespace chaser::app {

/// A flow that posts nothing for 90 days is switched off. Source: research/delivery.md A1.
inline constexpr absl::Duration heartbeat_after = absl::Hours(24 * 30);

/// Which Teams channels need a sign of life: those that people have in the directory and that took no card for a month.
/// What it knows lies in the store, so that a restart changes nothing. On the loop's thread.
class Heartbeats {
 public:
  explicit Heartbeats(Engine& engine) : engine_(engine) {}

  /// A card was taken.
  void heard(const std::string& place, Instant now);
  /// One goes now, whatever becomes of it: the next is a month away.
  void goes(const std::string& place, Instant now);
  /// Places that one is due for, in the sending window of somebody there; {} where the settings ask for none.
  std::vector<std::string> due(Instant now);
  std::optional<Instant> next(Instant now);

 private:
  std::map<std::string, Instant> times(Instant now);  // when the next is due, by place
  Instant known_alive(const std::string& place, Instant now);

  Engine& engine_;
  std::map<std::string, Instant> alive_;  // as kept
};

}  // namespace chaser::app
