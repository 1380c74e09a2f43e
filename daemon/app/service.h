#pragma once

#include <functional>
#include <memory>
#include <string>

#include "app/clock.h"
#include "app/engine.h"
#include "app/log.h"
#include "app/pass.h"
#include "app/service_manager.h"
#include "channels/channel.h"
#include "chase/rehearsal.h"

namespace chaser::app {

/// The channels that the settings name. Throws std::invalid_argument for settings with something wrong.
std::vector<std::unique_ptr<channels::Channel>> make_channels(const Settings& settings, const Clock& clock);

/// The next tellings if nobody answers, at most `most` instants; nothing for stores of more than `actions_max` actions,
/// where the answer would take too long for a page.
std::vector<chase::Telling> upcoming(store::Store& store, const chase::World& world, Instant now, std::size_t most,
                                     std::size_t actions_max = 2'000);

/// The daemon: one loop that owns the writing store, decides when something is due, hands messages to the courier and
/// sleeps exactly until the next event. Source: design.md §3, "The data's way".
class Service {
 public:
  /// `reload`: reads all inputs anew (SIGHUP); see reload_inputs.
  using Reload = std::function<Reloaded(const Inputs& last_good, documents::Problems& problems)>;
  Service(Engine& engine, const Clock& clock, Log& log, Reload reload);
  ~Service();

  /// One pass to its end: decides, composes and delivers all that is due now, then returns. Messages to be tried again
  /// later stay.
  PassCounts once();
  /// Runs until SIGTERM or SIGINT, then drains. SIGHUP reloads. `started` is called when the service is ready.
  void run(const std::function<void(const PassCounts&)>& started);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace chaser::app
