#include "channels/retry.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>

namespace chaser::channels {
namespace {

using store::Disposition;
using store::MessageState;
using store::OutboxMessage;
using store::Outcome;
using store::OutcomeKind;

constexpr std::array<std::int64_t, 6> delays_minutes{1, 2, 5, 10, 20, 30};

// FNV-1a: jitter needs no secrecy, only that two deliveries differ and one stays the same.
std::uint64_t mixed(std::string_view key, int attempt) {
  std::uint64_t hash = 1469598103934665603ULL;
  const auto mix = [&](unsigned char byte) { hash = (hash ^ byte) * 1099511628211ULL; };
  for (const char c : key) mix(static_cast<unsigned char>(c));
  for (int shift = 0; shift < 32; shift += 8) mix(static_cast<unsigned char>(static_cast<unsigned>(attempt) >> shift));
  return hash ^ (hash >> 29U);
}

// Workflows takes 15 s, doubled each time. Source: research/delivery.md A7.
std::int64_t teams_delay_seconds(std::size_t tried) {
  return std::min<std::int64_t>(15LL << std::min<std::size_t>(tried, 16), 1'800);
}

absl::Duration backoff(const OutboxMessage& message) {
  const auto tried = static_cast<std::size_t>(std::max(message.attempts, 1) - 1);
  const std::int64_t seconds = message.channel == "teams"
                                   ? teams_delay_seconds(tried)
                                   : 60 * delays_minutes[std::min(tried, delays_minutes.size() - 1)];
  const auto permille = static_cast<std::int64_t>(mixed(message.key, message.attempts) % 401) - 200;
  return absl::Seconds(seconds + seconds * permille / 1000);
}

Disposition again(const OutboxMessage& message, const Outcome& outcome, calendar::Instant now) {
  absl::Duration wait = backoff(message);
  if (outcome.retry_after_seconds) {
    const std::int64_t asked = std::clamp<std::int64_t>(*outcome.retry_after_seconds, 0, retry_after_max_seconds);
    wait = std::max(wait, absl::Seconds(asked));
  }
  if (now + wait > message.created + use_by) return {MessageState::needs_attention, now};
  return {MessageState::queued, now + wait};
}

// Servers without enhanced codes say 550 at RCPT for much that passes: one second look before an address is given up,
// whatever else was tried before.
bool deserves_second_look(const OutboxMessage& message, const Outcome& outcome) {
  return outcome.at_recipient && outcome.code == 550 && outcome.enhanced.empty() && message.refusals == 0;
}

Disposition after_unknown(const OutboxMessage& message, calendar::Instant now) {
  // A second card is seen by a whole channel, and a digest is told again anyway; a catch-up carries what is not.
  const bool not_worth_it = message.channel == "teams" && message.kind == chase::MessageKind::digest;
  if (message.doubts > 0 || not_worth_it) return {MessageState::needs_attention, now};
  return {MessageState::queued, now + absl::Seconds(60)};
}

}  // namespace

bool is_policy_of_recipient(const Outcome& outcome) {
  const bool wants_login = outcome.code == 530 || outcome.code == 535 || outcome.code == 538;
  return outcome.kind == OutcomeKind::channel_broken && outcome.at_recipient && !wants_login &&
         outcome.enhanced.starts_with("5.7.") && !outcome.retry_after_seconds;
}

Disposition disposition(const OutboxMessage& message, const Outcome& outcome, calendar::Instant now) {
  switch (outcome.kind) {
    case OutcomeKind::accepted:
      return {MessageState::accepted, now};
    case OutcomeKind::temporary:
      return again(message, outcome, now);
    case OutcomeKind::permanent:
      if (deserves_second_look(message, outcome)) return {MessageState::queued, now + absl::Minutes(30)};
      return {MessageState::refused, now};
    case OutcomeKind::channel_broken: {
      const std::int64_t probe =
          std::clamp<std::int64_t>(outcome.retry_after_seconds.value_or(3'600), 3'600, retry_after_max_seconds);
      return {MessageState::queued, now + absl::Seconds(probe)};
    }
    case OutcomeKind::unknown:
      return after_unknown(message, now);
  }
  assert(false && "every kind of outcome has its disposition");
  return {MessageState::needs_attention, now};
}

}  // namespace chaser::channels
