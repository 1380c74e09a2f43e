#pragma once

#include <cstddef>

#include "chase/compose.h"
#include "store/store.h"

namespace chaser::app {

using calendar::Instant;

/// What a pass did, summed over its parts.
struct PassCounts {
  std::size_t looked = 0;    // actions decided
  std::size_t notified = 0;  // new pending notifications
  std::size_t held = 0;
  std::size_t failed = 0;    // actions whose deciding threw; held for an hour
  std::size_t messages = 0;  // queued
  std::size_t sent = 0;      // accepted by their channels, also those of earlier passes

  PassCounts& operator+=(const PassCounts& other);
};

/// Actions in one transaction. Source: design.md §3.
inline constexpr std::size_t actions_per_commit = 250;
inline constexpr std::size_t recipients_per_slice = 200;

/// Decides about at most actions_per_commit of the actions that are due at `look.now` and records it. Nothing looked
/// at: none is due. An action whose deciding throws is held for an hour with the reason; the others go on.
PassCounts decide_some(store::Store& store, const chase::World& world, const chase::Look& look);

/// Composes for at most recipients_per_slice of the recipients who are due. False: none was.
bool compose_some(store::Store& store, const chase::World& world, const chase::Brakes& brakes, const chase::Look& look,
                  PassCounts& counts);

/// What holds sending at large at `now`: stops, the limit of people, released freezes, the clock.
chase::Brakes brakes_of(store::Store& store, const chase::World& world, bool clock_held, Instant now);

}  // namespace chaser::app
