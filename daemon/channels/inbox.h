#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "channels/settings.h"

namespace chaser::channels {

/// The mailbox cannot be read now: what was attempted and what came back, without secrets.
class InboxError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A mail as it lies in the mailbox; `bytes` are cut at returned_bytes_max.
struct Arrived {
  std::string place;  // where: a UID, a file's name
  std::string bytes;
};

/// Mails fetched at once, at most.
inline constexpr std::size_t inbox_batch_max = 50;

/// The mailbox of bounces and answers. Blocks; one thread, but for interrupt().
class Inbox {
 public:
  virtual ~Inbox() = default;
  struct Batch {
    std::vector<Arrived> mails;
    std::string mark;   // how far it has been read, once all of `mails` have had their effect
    bool more = false;  // there are further ones now
  };
  /// Mails not read before `mark` ("": never), oldest first. Nothing in the mailbox is moved. Throws InboxError.
  virtual Batch look(const std::string& mark) = 0;
  /// They have had their effect: moves them out of the way. Throws InboxError; a mail that stays is no harm.
  virtual void settle(std::span<const Arrived> mails) = 0;
  /// What is under way ends soon, by an InboxError. From any thread.
  virtual void interrupt() {}
};

/// What keeps settings from making an inbox, in words, or nothing.
std::optional<std::string> what_is_wrong(const InboxSettings& settings);

/// By IMAP4rev1 (libcurl) or in a Maildir, as the settings say; throws std::invalid_argument for settings with
/// something wrong. `now` is needed where tokens are fetched.
std::unique_ptr<Inbox> make_inbox(InboxSettings settings, ReadClock now);

}  // namespace chaser::channels
