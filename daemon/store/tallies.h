#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace chaser::store {

/// What there is of each kind, counted, for metrics. No party is in it.
struct Tallies {
  struct Cases {
    std::string rule;
    std::string step;  // the last that was told or waits to be; "" before the first
    std::size_t count = 0;
  };
  std::vector<Cases> cases;                                // open ones, by rule and step
  std::vector<std::pair<std::string, std::size_t>> holds;  // by the reason's name
  struct Messages {
    std::string channel;
    std::string state;
    std::size_t count = 0;
  };
  std::vector<Messages> messages;  // those not settled, by channel and state
  std::vector<std::string> plans;  // all that were ever imported
};

/// Counts what lies in the store of a state directory, beside a running service, by a connection of its own: it takes
/// a while in a large store and must hold up nobody. Throws StoreError.
Tallies tallies_of(const std::string& directory);

}  // namespace chaser::store
