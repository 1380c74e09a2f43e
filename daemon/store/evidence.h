#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.h"

namespace chaser::store {

/// What reading the whole chain found.
struct ChainCheck {
  std::int64_t events = 0;               // read until the end or the first broken place
  std::string head;                      // of the last good one
  std::optional<std::string> broken;     // the first broken place, in words; nothing: it is whole
  std::optional<std::int64_t> noted_at;  // which event has the noted head
};

/// Reads every event from the first on and follows the chain; then compares with the head that the store keeps beside
/// it and, unless `noted_head` is "", looks for a head that somebody noted elsewhere.
/// Finds a changed, removed, inserted, moved or cut off event. Who can write the database can also make a chain anew;
/// that is what a head noted elsewhere is for.
ChainCheck check_chain(Store& store, std::string_view noted_head = {});

/// What the log, replayed, says of everything; the same shape as Store::recorded().
/// Events that are not understood change nothing.
Recorded replay(Store& store);

/// Where the two differ, in words, at most `differences_max`.
inline constexpr std::size_t differences_max = 1'000;
std::vector<std::string> differences(const Recorded& log, const Recorded& tables);

}  // namespace chaser::store
