#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "channels/breaker.h"
#include "channels/bucket.h"

namespace chaser::channels {

/// How fast messages may leave. Source: research/delivery.md A6, B7.
struct GateSettings {
  Rate email;                                 // of the relay; none by default
  Rate email_day;                             // a second limit of the relay, over a day
  Rate teams{5, absl::Seconds(12)};           // per owner of flows
  std::map<std::string, std::string> owners;  // of a Teams channel's flow; a channel without one owns itself
  Rate recipient{30, absl::Minutes(1)};       // per person and channel
};

/// Decides whether a message may leave now: the breaker of its way, the rate of its channel (Teams: of the flow's
/// owner) and of its recipient. Spends nothing of a message that must wait. One thread; no clock, no store. What it has
/// learnt is gone with the process: at a start everything may go, and learns anew.
class Gate {
 public:
  static constexpr absl::Duration alone_for = absl::Minutes(10);

  explicit Gate(GateSettings settings) : settings_(std::move(settings)) {}

  struct Passage {
    store::MessageRow message = 0;
    std::string channel;    // "email", "teams"
    std::string place;      // Teams: the channel's name; "" otherwise
    std::string recipient;  // a party's id
  };

  /// How many of a channel may go now as far as the channel as a whole is concerned; 0 spares asking for each.
  std::size_t room(const std::string& channel, calendar::Instant now) const;
  /// When a channel without room has some again.
  std::optional<calendar::Instant> opens(const std::string& channel, calendar::Instant now) const;
  /// How many of a channel's sessions may be used at once; a very large number without a limit. One for a while, after
  /// the other side said that too many speak to it together.
  std::size_t sessions(const std::string& channel, calendar::Instant now) const;
  /// Until when this one must wait; nothing: it may go now. Those that wait for one owner's rate are told times one
  /// after another, so that they do not all come back at once.
  std::optional<calendar::Instant> waits(const Passage& passage, calendar::Instant now);
  /// The passage's way does not work for reasons that waiting does not mend, and nothing is to be tried on it now.
  bool is_broken(const Passage& passage, calendar::Instant now) const;
  void goes(const Passage& passage, calendar::Instant now);
  /// How it ended. A pause that the other side asks for holds all that share its rate. A policy refusal at RCPT is the
  /// recipient's affair until a second recipient in a row gets one too: then it is the relay's and holds the channel.
  void heard(const Passage& passage, const store::Outcome& outcome, calendar::Instant now);

 private:
  struct Queue {
    Bucket bucket;
    std::set<store::MessageRow> waiting;
  };
  static std::string way_of(const Passage& passage);
  std::string owner_of(const Passage& passage) const;
  Queue& owner_queue(const Passage& passage);
  void forget_full(calendar::Instant now);
  bool concerns_recipient_alone(const Passage& passage, const store::Outcome& outcome);

  GateSettings settings_;
  Bucket email_{settings_.email};
  Bucket email_day_{settings_.email_day};
  std::map<std::string, calendar::Instant, std::less<>> alone_until_;  // by channel
  std::map<std::string, Breaker, std::less<>> breakers_;
  std::map<std::string, Queue, std::less<>> owners_;
  std::map<std::string, Bucket, std::less<>> recipients_;
  std::set<std::string> suspects_;  // refused for policy at RCPT since a mail was last accepted
  std::set<std::string> convicts_;  // of them, those after whom one was: their refusals say nothing about the relay
};

}  // namespace chaser::channels
