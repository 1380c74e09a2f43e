#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "app/settings.h"

namespace chaser::app {

/// The service's log: one line an entry on standard error, with journald's level prefixes when the journal reads it,
/// else with the time. Control characters are shown as U+FFFD. Never given secrets, message texts, names or addresses.
/// Thread-safe.
class Log {
 public:
  explicit Log(LogLevel least);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void set_level(LogLevel least);
  void debug(std::string_view line);
  void info(std::string_view line);
  void warning(std::string_view line);
  /// Something failed: say what was attempted, what happens now and what to do.
  void error(std::string_view line);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// `text` on one line: control characters replaced.
std::string one_line(std::string_view text);

}  // namespace chaser::app
