#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "channels/channel.h"

namespace chaser::channels {

/// Who carries: worker threads of the courier's own, or its owner, one parcel a call of carry_next().
enum class Carriage : std::uint8_t { by_threads, by_hand };

/// Carries claimed parcels to their channels, on worker threads unless by hand, and hands back what happened. It
/// decides nothing and touches no store: `begin_body` and `finished` are called on worker threads and must do their own
/// crossing to the loop (asio::post, then wait). stop() drains: parcels not begun are handed back as never begun, those
/// under way are waited for up to the channels' time-outs.
class Courier {
 public:
  struct Callbacks {
    BeginBody begin_body;
    /// `goes_on`: that session begins its next parcel at once, so that another callback of its is near.
    std::function<void(store::MessageRow, Outcome, bool goes_on)> finished;
    std::function<void(store::MessageRow)> returned;  // not begun because of stop()
  };
  Courier(std::vector<std::unique_ptr<Channel>> channels, Callbacks callbacks,
          Carriage carriage = Carriage::by_threads);
  ~Courier();

  /// Queues a parcel for its channel. At most free_slots(channel) at once (assert).
  void carry(const std::string& channel, Parcel parcel);
  /// By hand alone: carries the oldest parcel of the first channel (by name) that has one, on this thread. False: none.
  bool carry_next();
  /// How many more parcels the channel can take now: keeps the claimed few and the leases short.
  std::size_t free_slots(const std::string& channel) const;
  /// Uses so many of the channel's sessions at most, at least one, from now on; the others end their connections as
  /// soon as they are done with what they carry. By hand it changes nothing.
  void use_sessions(const std::string& channel, std::size_t sessions);
  /// How many it takes when it has none.
  std::size_t slots(const std::string& channel) const;
  std::vector<std::string> channels() const;
  /// Takes no more and begins to drain, without waiting: callbacks still come until has_stopped().
  void begin_stop();
  bool has_stopped() const;
  /// begin_stop, then waits. Not from a thread that the callbacks wait for: begin_stop() there, and stop() when
  /// has_stopped().
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace chaser::channels
