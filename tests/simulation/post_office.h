#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "channels/channel.h"
#include "simulation/crashes.h"
#include "simulation/dice.h"

namespace chaser::simulation {

using calendar::Instant;

/// The time of the simulated machine. The wall clock can be set; what has passed since boot cannot.
struct Time {
  Instant wall;
  absl::Duration since_boot = absl::ZeroDuration();
  void pass(absl::Duration length) {
    wall += length;
    since_boot += length;
  }
};

/// What arrived at a person's mailbox or channel.
struct Arrival {
  store::MessageRow message = 0;
  std::string key;
  std::string channel;
  std::string destination;
  Instant at;
  bool told = true;  // the service heard of it; else its outcome was lost on the way
};

/// How often, of a thousand attempts, a channel does not simply accept.
struct Weather {
  int refused_now = 0;       // try again later
  int refused_for_good = 0;  // a mailbox that is not there: a bounce
  int lost_before = 0;       // the connection went before the body was taken: nobody knows
  int lost_after = 0;        // it was taken, and the word of it was lost
  int broken = 0;            // a login refused, a flow that is off
  int slow = 0;              // minutes pass before the verdict
  int dies_before = 0;       // the service dies with the body on its way
  int dies_after = 0;        // and just after it was taken
};

/// The channels of a simulated county, and everything that ever arrived through them.
class PostOffice {
 public:
  PostOffice(Time& time, Crashes& crashes, Dice& dice) : time_(time), crashes_(crashes), dice_(dice) {}

  std::vector<std::unique_ptr<channels::Channel>> channels();
  void set_weather(const Weather& weather) { weather_ = weather; }
  /// Called at each arrival, before the service hears of it.
  void on_arrival(std::function<void(const Arrival&)> visit) { on_arrival_ = std::move(visit); }

  const std::vector<Arrival>& arrivals() const { return arrivals_; }
  /// Attempts of which the service could not know whether they arrived: each allows one repetition.
  std::size_t doubtful() const { return doubtful_; }

  store::Outcome deliver(std::string_view channel, const channels::Parcel& parcel,
                         const channels::BeginBody& begin_body);

 private:
  Time& time_;
  Crashes& crashes_;
  Dice& dice_;
  Weather weather_;
  std::function<void(const Arrival&)> on_arrival_;
  std::vector<Arrival> arrivals_;
  std::size_t doubtful_ = 0;
};

}  // namespace chaser::simulation
