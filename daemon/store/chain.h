#pragma once

#include <string>
#include <string_view>

#include "store/store.h"

namespace chaser::store {

// How the event log is chained: each event's hash covers the hash before it and all that the event says, so that no
// event can be changed, removed, inserted or moved without every later hash telling. Hashes are 64 hex digits.
// Source: docs/decisions/0009-evidence.md.

/// What stands before the first event: 64 zeros.
std::string_view first_link();

/// The hash of an event: SHA-256 over `previous` and the length-prefixed sequence, instant, kind, plan, action, actor,
/// json and seal of the event. Its `hash`, `words` and `words_are_erased` are not looked at.
std::string chain_hash(std::string_view previous, const Event& event);

/// What the chain holds instead of words that people wrote: SHA-256 over a random salt and the words. With the salt
/// and the words gone it tells nothing, and stays.
std::string seal_of(std::string_view salt, std::string_view words);

}  // namespace chaser::store
