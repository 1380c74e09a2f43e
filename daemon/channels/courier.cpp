#include "channels/courier.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace chaser::channels {
namespace {

using store::MessageRow;
using store::OutcomeKind;

constexpr std::size_t slots_per_worker = 8;
// An idle connection is let go before relays close it on their own (most after a minute or more).
constexpr std::chrono::seconds idle_before_rest{20};

/// A channel's queue and its workers.
class Lane {
 public:
  Lane(std::unique_ptr<Channel> channel, const Courier::Callbacks& callbacks, Carriage carriage)
      : channel_(std::move(channel)),
        callbacks_(callbacks),
        slots_(slots_per_worker * static_cast<std::size_t>(channel_->workers())) {
    assert(channel_->workers() > 0);
    if (carriage == Carriage::by_hand) {
      by_hand_ = channel_->make_session();
      return;
    }
    for (int i = 0; i < channel_->workers(); ++i)
      threads_.emplace_back([this, number = static_cast<std::size_t>(i)] { work(number); });
  }

  void carry(Parcel parcel) {
    bool any_may = true;
    {
      const std::lock_guard lock(mutex_);
      assert(!stopping_ && taken_ < slots_);
      ++taken_;
      queue_.push_back(std::move(parcel));
      any_may = sessions_ >= threads_.size();
    }
    if (any_may) return wake_.notify_one();
    wake_.notify_all();  // one alone might be a session that is not used now
  }

  void use_sessions(std::size_t sessions) {
    {
      const std::lock_guard lock(mutex_);
      if (sessions_ == sessions) return;  // asked at every look at the outbox
      sessions_ = std::max<std::size_t>(sessions, 1);
    }
    wake_.notify_all();
  }

  bool carry_next() {
    assert(by_hand_);
    const std::optional<Parcel> parcel = next_at_once(0);
    if (parcel) carry_out(*by_hand_, 0, *parcel);
    return parcel.has_value();
  }

  std::size_t free_slots() const {
    const std::lock_guard lock(mutex_);
    return stopping_ ? 0 : slots_ - taken_;
  }

  std::size_t slots() const { return slots_; }

  void begin_stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
  }

  bool has_stopped() const {
    const std::lock_guard lock(mutex_);
    return ended_ == threads_.size();
  }

  void join() {
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }

 private:
  /// The next parcel to deliver or to hand back; nothing when there is no more to do. Sleeps without waking, but for
  /// letting go of the connection of a session that `was_used`.
  std::optional<Parcel> next(Session& session, std::size_t number, bool was_used) {
    std::unique_lock lock(mutex_);
    const auto ready = [&] { return stopping_ || (number < sessions_ && !queue_.empty()); };
    if (was_used) {
      wake_.wait_for(lock, idle_before_rest, [&] { return ready() || number >= sessions_; });
      if (!ready()) {
        lock.unlock();
        session.rest();
        lock.lock();
      }
    }
    wake_.wait(lock, ready);
    if (queue_.empty()) return std::nullopt;
    Parcel parcel = std::move(queue_.front());
    queue_.pop_front();
    return parcel;
  }

  bool is_stopping() const {
    const std::lock_guard lock(mutex_);
    return stopping_;
  }

  std::optional<Parcel> next_at_once(std::size_t number) {
    const std::lock_guard lock(mutex_);
    if (queue_.empty() || number >= sessions_) return std::nullopt;
    Parcel parcel = std::move(queue_.front());
    queue_.pop_front();
    return parcel;
  }

  void work(std::size_t number) {
    const std::unique_ptr<Session> session = channel_->make_session();
    bool was_used = false;
    while (std::optional<Parcel> parcel = next(*session, number, was_used)) {
      was_used = true;
      while (parcel) parcel = carry_out(*session, number, *parcel);
    }
    session->rest();
    const std::lock_guard lock(mutex_);
    ++ended_;
  }

  /// Delivers one parcel, or hands it back; what is to be carried at once after it.
  std::optional<Parcel> carry_out(Session& session, std::size_t number, const Parcel& parcel) {
    std::optional<Parcel> following;
    if (is_stopping()) {
      callbacks_.returned(parcel.message);
    } else {
      Outcome outcome = deliver(session, parcel);
      if (!by_hand_) following = next_at_once(number);
      callbacks_.finished(parcel.message, std::move(outcome), following.has_value());
    }
    const std::lock_guard lock(mutex_);
    --taken_;
    return following;
  }

  // A session reports what the other side does as an Outcome; what it throws is our own environment (memory, threads).
  Outcome deliver(Session& session, const Parcel& parcel) const {
    bool begun = false;
    const BeginBody begin_body = [&](MessageRow message) {
      begun = callbacks_.begin_body(message);
      return begun;
    };
    try {
      return session.deliver(parcel, begin_body);
    } catch (const std::exception& error) {
      return {begun ? OutcomeKind::unknown : OutcomeKind::temporary, 0, "", error.what(), {}};
    }
  }

  const std::unique_ptr<Channel> channel_;
  const Courier::Callbacks& callbacks_;
  const std::size_t slots_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Parcel> queue_;
  std::size_t taken_ = 0;                                           // queued or under way
  std::size_t sessions_ = std::numeric_limits<std::size_t>::max();  // so many are used, the first ones
  std::size_t ended_ = 0;
  bool stopping_ = false;
  std::unique_ptr<Session> by_hand_;
  std::vector<std::thread> threads_;  // last: they use all of the above
};

}  // namespace

struct Courier::Impl {
  Callbacks callbacks;
  std::map<std::string, std::unique_ptr<Lane>, std::less<>> lanes;

  Lane& lane(const std::string& channel) {
    const auto found = lanes.find(channel);
    assert(found != lanes.end());
    return *found->second;
  }
};

Courier::Courier(std::vector<std::unique_ptr<Channel>> channels, Callbacks callbacks, Carriage carriage)
    : impl_(std::make_unique<Impl>()) {
  impl_->callbacks = std::move(callbacks);
  for (std::unique_ptr<Channel>& channel : channels) {
    std::string name(channel->name());
    const bool is_new =
        impl_->lanes.emplace(std::move(name), std::make_unique<Lane>(std::move(channel), impl_->callbacks, carriage))
            .second;
    assert(is_new);
    static_cast<void>(is_new);
  }
}

Courier::~Courier() {
  stop();
}

void Courier::carry(const std::string& channel, Parcel parcel) {
  impl_->lane(channel).carry(std::move(parcel));
}

bool Courier::carry_next() {
  return std::any_of(impl_->lanes.begin(), impl_->lanes.end(),
                     [](const auto& lane) { return lane.second->carry_next(); });
}

std::size_t Courier::free_slots(const std::string& channel) const {
  return impl_->lane(channel).free_slots();
}

void Courier::use_sessions(const std::string& channel, std::size_t sessions) {
  impl_->lane(channel).use_sessions(sessions);
}

std::size_t Courier::slots(const std::string& channel) const {
  return impl_->lane(channel).slots();
}

std::vector<std::string> Courier::channels() const {
  std::vector<std::string> names;
  for (const auto& [name, lane] : impl_->lanes) names.push_back(name);
  return names;
}

void Courier::begin_stop() {
  for (const auto& [name, lane] : impl_->lanes) lane->begin_stop();
}

bool Courier::has_stopped() const {
  return std::all_of(impl_->lanes.begin(), impl_->lanes.end(),
                     [](const auto& lane) { return lane.second->has_stopped(); });
}

void Courier::stop() {
  begin_stop();
  for (const auto& [name, lane] : impl_->lanes) lane->join();
}

}  // namespace chaser::channels
