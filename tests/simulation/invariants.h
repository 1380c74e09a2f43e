#pragma once

#include <string>
#include <vector>

#include "simulation/arrivals.h"

namespace chaser::simulation {

/// What the whole of a run shows, read from the store's tables, its log and the mailboxes.
struct Findings {
  std::vector<std::string> violations;
  std::size_t notifications = 0;
  std::size_t lost = 0;        // to be told, and nobody will
  std::size_t phantom = 0;     // said to have been told, and nothing arrived
  std::size_t duplicates = 0;  // arrivals of a message that had arrived before
};

/// The invariants of design.md §6, at the end of a run when everything works again.
Findings check_everything(Life& life, const County& county, const PostOffice& office, Instant now, bool was_clock_right,
                          const std::string& state);

}  // namespace chaser::simulation
