#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "channels/channel.h"
#include "channels/settings.h"

namespace chaser::channels {

inline constexpr int smtp_sessions_max = 20;
/// Of a bounce address before the @, so that with the token (52 characters) it stays within 64.
inline constexpr std::size_t verp_local_max = 12;

/// What keeps settings from making a channel, in words for the settings' door ("mail goes without TLS to this machine
/// alone"), or nothing. `envelope_from` must be set: it falls back to the identity's address where settings are read.
std::optional<std::string> what_is_wrong(const SmtpSettings& settings);
std::optional<std::string> what_is_wrong(const TeamsSettings& settings);

/// make_smtp and make_teams throw std::invalid_argument for settings with something wrong.
/// Email by libcurl SMTP; `now` is needed where tokens are fetched (settings.oauth) and may be called on any thread.
/// Source: research/delivery.md §B3.
std::unique_ptr<Channel> make_smtp(SmtpSettings settings, ReadClock now = {});
/// Microsoft Teams by Workflows webhooks. Source: research/delivery.md §A.
std::unique_ptr<Channel> make_teams(TeamsSettings settings);
/// For trying things out: each email a file in a Maildir (tmp -> new by rename, name from the delivery's key:
/// delivering twice overwrites); serves the channel `name`.
std::unique_ptr<Channel> make_maildir(std::string name, std::string directory);
/// Each parcel a file <key>.json in a folder; serves the channel `name`.
std::unique_ptr<Channel> make_folder(std::string name, std::string directory);

}  // namespace chaser::channels
