#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calendar/time.h"
#include "channels/settings.h"

namespace chaser::channels {

/// Links that let whoever holds them answer about one action, or mute one person's digests. A link carries its own
/// meaning, signed; nothing is stored for it. What it opens changes nothing by being opened: the page asks for a click.
/// Source: research/delivery.md §D.

/// What each link is for; a link of one purpose is none of another.
enum class LinkPurpose : std::uint8_t {
  answer,  // about one action
  mine,    // all of a person's actions
  mute,    // no more digests
  feed,    // a calendar of a person's dates
};

/// Responses that a link allows, as bits.
enum class LinkResponse : std::uint8_t {
  acknowledge = 1,
  snooze = 2,
  update = 4,
  done = 8,
  blocked = 16,
  extension = 32,
  not_mine = 64
};

/// What a link says.
struct Link {
  std::string delivery;           // 32 hex: the first half of the message's key
  std::string recipient;          // a party's id; who acts by it
  std::string plan;               // "" unless of answer
  std::string action;             // "" unless of answer
  std::uint32_t epoch = 1;        // of the action's case: answered and begun again since, the link is of before
  std::uint32_t token_epoch = 1;  // of the recipient: raised, all their links end
  std::uint8_t allowed = 0;       // LinkResponse bits
  calendar::Instant expires;      // in whole minutes, later rounded down

  bool allows(LinkResponse response) const { return (allowed & static_cast<std::uint8_t>(response)) != 0; }
  bool operator==(const Link&) const = default;
};

/// Longer tokens would make URLs that mail programs break: ids beyond are refused when minting.
inline constexpr std::size_t link_id_characters_max = 64;
inline constexpr std::size_t link_token_characters_max = 400;
inline constexpr std::size_t link_key_bytes_min = 16;

enum class LinkFault : std::uint8_t { malformed, unknown_key, forged, expired };
std::string_view name_of(LinkFault fault);

/// What a token proved to be. Expired, it still says what it was about, so that the page can.
struct VerifiedLink {
  std::optional<Link> link;
  std::optional<LinkFault> fault;  // nothing: it holds
};

/// The keys in force: the first signs, all verify, so that a new one can be put before the old one. Their names in
/// tokens come from their bytes.
using LinkKeys = std::vector<Secret>;

/// `v1.<key>.<what it says>.<signature>`. Throws std::invalid_argument for ids that are too long and a delivery that is
/// none; assert: there is a key. Pure.
std::string mint(const Link& link, LinkPurpose purpose, const LinkKeys& keys);
/// Pure; never throws for what a token holds.
VerifiedLink verify(std::string_view token, LinkPurpose purpose, const LinkKeys& keys, calendar::Instant now);

/// When a link sent at `sent` about something due at `due` ends: 30 days after the due date but no later than 90 days
/// and no sooner than 30 days after sending, so that one about something long overdue still works.
calendar::Instant link_expiry(calendar::Instant due, calendar::Instant sent);

}  // namespace chaser::channels
