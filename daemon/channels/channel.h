#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.h"

namespace chaser::channels {

using calendar::Instant;
using store::Outcome;

/// What a channel is given: bytes as stored, and where they go.
struct Parcel {
  store::MessageRow message = 0;
  std::string key;    // the delivery's id
  std::string bytes;  // email: the whole MIME message, CRLF; teams: the POST body
  std::string message_id;
  std::string destination;        // one address; a Teams channel's name
  bool ambiguous_before = false;  // an earlier attempt ended unknown: "duplicate" then means that it had arrived
};

/// Called on the channel's own thread just before the body may leave; false: fenced, nothing may go.
using BeginBody = std::function<bool(store::MessageRow)>;

/// One way to reach people. deliver() blocks and is called on a worker thread of the courier, one at a time per worker;
/// a channel with sessions keeps one per worker (make_session). Never throws for what the other side does: that is the
/// Outcome.
class Session {
 public:
  virtual ~Session() = default;
  virtual Outcome deliver(const Parcel& parcel, const BeginBody& begin_body) = 0;
  /// Nothing to carry for a while: let go of connections. deliver() may follow.
  virtual void rest() {}
};

class Channel {
 public:
  virtual ~Channel() = default;
  virtual std::string_view name() const = 0;  // "email", "teams"
  virtual int workers() const = 0;            // how many sessions at once
  virtual std::unique_ptr<Session> make_session() = 0;
};

}  // namespace chaser::channels
