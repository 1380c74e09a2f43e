#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "channels/settings.h"
#include "store/store.h"

namespace chaser::channels {

/// Access tokens for a mailbox by OAuth 2 client credentials (RFC 6749 §4.4): fetched when first wanted, kept for 80 %
/// of their life, fetched anew at once when a server refuses one. Serves all sessions of a channel, from any thread.
/// Source: research/delivery.md §0.6, B7.
class TokenSource {
 public:
  TokenSource(OauthSettings settings, ReadClock now) : settings_(std::move(settings)), now_(std::move(now)) {}

  struct Answer {
    std::string token;                      // "" if there is none
    std::optional<store::Outcome> failure;  // why: temporary, or channel_broken where the settings must change
  };
  /// Blocks while one is fetched.
  Answer token();
  /// A server would not have it: the next token() fetches another.
  void refused(const std::string& token);

 private:
  Answer fetch();

  const OauthSettings settings_;
  const ReadClock now_;
  std::mutex mutex_;
  std::string token_;
  calendar::Instant good_until_ = absl::InfinitePast();
};

/// What keeps the settings from being used, or nothing.
std::optional<std::string> what_is_wrong(const OauthSettings& settings);

}  // namespace chaser::channels
