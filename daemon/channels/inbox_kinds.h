#pragma once

#include <memory>

#include "channels/inbox.h"

namespace chaser::channels {

/// For make_inbox alone, which has looked at the settings.
std::unique_ptr<Inbox> make_maildir_inbox(const InboxSettings& settings);
std::unique_ptr<Inbox> make_imap_inbox(InboxSettings settings, ReadClock now);

}  // namespace chaser::channels
