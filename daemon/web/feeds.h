#pragma once

#include <string>
#include <string_view>

#include "channels/calendar_feed.h"
#include "web/site.h"

namespace chaser::web {

/// Where a person's calendar feed is, from its slash on: it says who, is signed, and ends when their links are
/// revoked. It never expires else: a subscription lasts for years. Assert: there are link keys. Throws
/// std::invalid_argument for a party whose id is too long for a link.
std::string feed_path(const channels::LinkKeys& keys, std::string_view party, std::uint32_t token_epoch);

/// All that is a party's: what it leads or supports itself and what it is reached for. `host` makes the events'
/// identities; they never change, so neither may it.
channels::CalendarFeed feed_of(store::Store& store, const chase::World& world, chase::PartyIndex party,
                               std::string_view host);

}  // namespace chaser::web
