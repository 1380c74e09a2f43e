#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "app/engine.h"
#include "app/heartbeat.h"
#include "app/log.h"
#include "channels/courier.h"
#include "channels/gate.h"
#include "channels/render.h"
#include "chase/compose.h"
#include "web/muting.h"

namespace chaser::app {

/// What dispatching did since it was last asked.
struct DispatchCounts {
  std::size_t accepted = 0;
  std::size_t retried = 0;
  std::size_t failed = 0;     // refused, or in need of a person
  std::size_t withdrawn = 0;  // not true any more when its turn came
};

/// The way of a message from the outbox to its channel and back: verified again, rendered, claimed, carried, settled.
/// Everything but the carrying happens on the loop's thread; the courier's threads cross over by `post` and several
/// marks share a transaction. Source: design.md §7, research/delivery.md §C.
class Dispatch {
 public:
  using Post = std::function<void(std::function<void()>)>;
  using PostLater = std::function<void(std::chrono::milliseconds, std::function<void()>)>;
  /// Told of every attempt that ended: the channel and the outcome's name.
  using Attempted = std::function<void(std::string_view channel, std::string_view outcome)>;
  /// `settled` is called on the loop when outcomes have been recorded: there may be something new to decide and to
  /// send.
  Dispatch(Engine& engine, std::vector<std::unique_ptr<channels::Channel>> channels, Log& log, Post post,
           std::function<Instant()> now, std::function<void()> settled, Attempted attempted = {},
           channels::Carriage carriage = channels::Carriage::by_threads, PostLater post_later = {});

  /// After a crash: what was claimed is queued again; what was on its way gets its one second try, or a person's eye.
  void recover(Instant now);
  /// Hands over as many queued messages as the channels take. True if any went or changed: there may be more.
  bool pump(const chase::Brakes& brakes, Instant now);
  /// Carried by hand: one parcel, on this thread, with all that its outcome leads to. False: none is under way.
  bool carry_next() { return courier_.carry_next(); }
  /// When a channel that is closed now (its relay down, its rate used up) opens again; nothing: none is closed.
  std::optional<Instant> next_opening(Instant now) const;
  /// Sends a sign of life to Teams channels that had none for a month, unless all is stopped or the flow is broken; it
  /// is no message, and nobody waits for it.
  void beat(const chase::Brakes& brakes, Instant now);
  std::optional<Instant> next_beat(const chase::Brakes& brakes, Instant now);
  /// Claimed and not settled yet.
  std::size_t in_flight() const { return in_flight_.size(); }
  /// The other channel by which a message's recipient can be reached, or "".
  std::string other_way(const store::OutboxMessage& message) const;
  bool has_unrecorded() const { return !unrecorded_.empty(); }
  /// Tries again to record outcomes that the store could not take.
  void record_again();
  DispatchCounts take_counts();
  /// Takes no more; what is under way is settled as long as the loop runs. True when all is done.
  void begin_stop() { courier_.begin_stop(); }
  bool has_stopped() const { return courier_.has_stopped() && in_flight_.empty() && crossings_are_empty(); }

 private:
  struct Begin {
    store::MessageRow message;
    std::promise<bool> answer;
  };
  struct Ended {
    store::MessageRow message;
    store::Outcome outcome;
  };

  /// What all messages of one pump have in common.
  struct Round {
    const chase::Brakes& brakes;
    Instant now;
    web::Muted muted;
    std::map<std::pair<std::string, std::string>, store::DeadAddress> dead;  // by recipient and the address's hash
    channels::RenderContext context;
    std::unordered_map<store::ActionRow, store::LoadedAction> actions;  // read at once for all its messages
    std::map<Instant, std::vector<store::MessageRow>> waiting;          // what has to wait until then
  };

  channels::Courier::Callbacks callbacks();
  void cross();  // on the courier's threads
  void cross_soon();
  void take_crossings();
  bool crossings_are_empty() const;
  std::vector<store::Store::Finish> finishes_of(const std::vector<Ended>& ended, Instant now);
  void record(std::vector<Ended> ended, std::vector<Begin> begins = {});
  void tell_unreachable(Instant now);
  void resolve(const store::OutboxMessage& message, Instant now);
  channels::Gate::Passage passage_of_heartbeat(const std::string& place);
  void beaten(const Ended& ended, Instant now);
  void note_alive(const std::string& place, Instant now);
  store::Disposition disposition_of(const store::OutboxMessage& message, const store::Outcome& outcome,
                                    Instant now) const;
  void report(const store::OutboxMessage& message, const store::Outcome& outcome,
              const store::Disposition& disposition);

  std::vector<store::OutboxMessage> next_messages(Instant now);
  channels::Gate::Passage passage_of(const store::OutboxMessage& message) const;
  bool goes_another_way(const store::OutboxMessage& message, const Round& round);
  std::string why_dead(const store::OutboxMessage& message, const Round& round) const;
  void give_up(const store::OutboxMessage& message, const std::string& why, Instant now);
  Round begin_round(const chase::Brakes& brakes, Instant now);
  bool has_to_wait(const store::OutboxMessage& message, Round& round);
  void postpone(const Round& round);
  bool withdraw_unwanted(const store::OutboxMessage& message, const Round& round);
  /// Reads the actions that its messages will be asked about.
  void read_actions(std::span<const store::OutboxMessage> messages, Round& round);
  /// As it is now; nullptr if it is not there any more. Until the round ends.
  const store::LoadedAction* action_of(const store::TellingItem& item, Round& round);
  bool withdraw_untrue(const store::OutboxMessage& message, Round& round);
  std::optional<store::Rendered> render(const store::OutboxMessage& message, Round& round);
  /// Nothing: it does not go now, and what becomes of it is in the store.
  std::optional<store::Store::Claim> prepare(const store::OutboxMessage& message, Round& round);
  void carry(store::OutboxMessage message, std::optional<store::Rendered> rendered);

  Engine& engine_;
  Log& log_;
  Post post_;
  PostLater post_later_;
  std::function<Instant()> now_;
  std::function<void()> settled_;
  Attempted attempted_;
  channels::Gate gate_;
  Heartbeats heartbeats_;
  std::vector<std::string> beaten_places_;  // the heartbeat's row is -1 less its index here
  std::map<store::MessageRow, store::OutboxMessage> in_flight_;
  std::vector<Ended> unrecorded_;  // the store would not take them; nothing is claimed meanwhile
  DispatchCounts counts_;
  mutable std::mutex mutex_;  // guards what follows
  std::vector<Begin> begins_;
  std::vector<Ended> ended_;
  std::vector<store::MessageRow> returned_;
  bool crossing_ = false;
  bool crossing_soon_ = false;
  channels::Courier courier_;  // last: its threads use all of the above
};

/// Until when a queued message must wait, although its time has come: the recipient's window is closed, or a stop, a
/// freeze or the clock holds. Nothing: it may go now.
std::optional<Instant> waits_until(const store::OutboxMessage& message, const chase::World& world,
                                   const chase::Brakes& brakes, Instant now);

/// Why a notification is not true any more (its action is finished, its case closed, it was withdrawn), or nothing.
std::optional<chase::Reason> why_untrue(const store::TellingItem& item, std::string_view recipient,
                                        const chase::ActionState& state, const chase::World& world);

}  // namespace chaser::app
