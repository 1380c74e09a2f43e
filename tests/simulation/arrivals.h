#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "simulation/county.h"
#include "simulation/life.h"
#include "simulation/post_office.h"
#include "store/database.h"

namespace chaser::simulation {

/// Stands beside the channels and looks at everything that arrives, at the moment it does: nothing without a
/// notification, nothing outside windows, freezes and stops, nothing while the clock is held.
class Watch {
 public:
  Watch(const County& county, const Time& time, std::string state)
      : county_(county), time_(time), state_(std::move(state)) {}

  void turns(Instant now) { turn_ = now; }
  void arrived(const Arrival& arrival, Life& life);
  void stopped(const std::string& word, bool is_stopped);
  void release_all();
  void tried_by_hand() { ++by_hand_; }

  std::size_t by_hand() const { return by_hand_; }
  const std::vector<std::string>& violations() const { return violations_; }

 private:
  struct Item {
    std::string plan;
    std::string rule;
    std::string recipient;
    std::string action;
    std::string status;
    bool dropped = false;
    int attempts = 0;
    Instant created;
    std::optional<Instant> ended;  // its case
  };
  std::vector<Item> items_of(store::MessageRow message);
  void complain(const Arrival& arrival, const std::string& what);
  bool stands_in(const std::string& id, const std::string& meant) const;

  const County& county_;
  const Time& time_;
  std::string state_;
  std::unique_ptr<store::Database> database_;
  Instant turn_;
  std::set<std::string> stops_;
  bool freezes_are_released_ = false;
  std::size_t by_hand_ = 0;
  std::vector<std::string> violations_;
};

}  // namespace chaser::simulation
