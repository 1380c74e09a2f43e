#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace chaser::app {

/// The service manager's side of the daemon (sd_notify): nothing happens where there is none.
class ServiceManager {
 public:
  void ready(const std::string& status) const;
  void status(const std::string& text) const;
  void reloading() const;
  void stopping() const;
  void alive() const;
  /// How often alive() must be said at the latest; nothing if nobody watches.
  std::optional<std::chrono::microseconds> watchdog_interval() const;
};

}  // namespace chaser::app
