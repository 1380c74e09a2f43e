#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "app/clock.h"
#include "app/dispatch.h"
#include "app/engine.h"
#include "app/log.h"
#include "app/pass.h"
#include "app/writing.h"
#include "simulation/post_office.h"

namespace chaser::simulation {

/// One life of the service, from its start to a crash or an end: the real engine, passes and dispatch over a real
/// database, on one thread, with the clock and the channels of the simulation. What Service does between its timer and
/// its signals is turn() and next_event().
class Life {
 public:
  /// Opens the store and starts. Throws StoreError if it dies while starting.
  Life(app::Inputs inputs, const app::FileReader& read, const std::string& state, Time& time, PostOffice& office);

  /// One turn of the loop. True: there may be more to do now.
  bool turn();
  std::optional<Instant> next_event();
  /// A verb that writes, as it comes through the control socket.
  app::WriteAnswer ask(app::WriteRequest request);
  void reload(app::Inputs inputs);

  app::Engine& engine() { return engine_; }
  store::Store& store() { return engine_.store(); }
  bool is_clock_held() const { return guard_.is_held(); }
  std::size_t in_flight() const { return dispatch_.in_flight(); }

 private:
  app::ClockGuard::Reading reading() const { return {time_.wall, time_.since_boot, true}; }
  void observe_clock();

  Time& time_;
  app::Log log_{app::LogLevel::error};
  app::Engine engine_;
  Instant up_since_;
  app::PassCounts pass_;
  app::ClockGuard guard_;
  app::Dispatch dispatch_;
};

}  // namespace chaser::simulation
