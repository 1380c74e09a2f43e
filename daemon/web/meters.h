#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "calendar/time.h"

namespace prometheus {
struct MetricFamily;
}

namespace chaser::web {

/// What one pass did.
struct PassMeter {
  std::size_t looked = 0;
  std::size_t notified = 0;
  std::size_t held = 0;
  std::size_t failed = 0;
  std::size_t messages = 0;
  absl::Duration took;
};

enum class ReloadResult : std::uint8_t { taken, partly, refused };

/// What the service counts while it runs; the counters begin at nought with the program. Thread-safe. Nothing that is
/// counted by has more values than channels, outcomes and results there are.
class Meters {
 public:
  Meters();
  ~Meters();
  Meters(const Meters&) = delete;
  Meters& operator=(const Meters&) = delete;

  /// The loop has looked at what is due at `now`.
  void note_tick(calendar::Instant now);
  void note_pass(const PassMeter& pass);
  /// An attempt ended.
  void note_attempt(std::string_view channel, std::string_view outcome);
  void note_reload(ReloadResult result, calendar::Instant now);
  /// The program began with these files: `well` if none of them was broken.
  void note_start(bool well, calendar::Instant now);

  std::optional<calendar::Instant> last_tick() const;
  std::vector<prometheus::MetricFamily> collect() const;

 private:
  struct Counted;
  std::unique_ptr<Counted> counted_;
  mutable std::mutex mutex_;
  std::optional<calendar::Instant> last_tick_;
};

}  // namespace chaser::web
