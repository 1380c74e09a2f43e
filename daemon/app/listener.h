#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "app/engine.h"
#include "app/log.h"
#include "channels/inbox.h"
#include "channels/returned_mail.h"

namespace chaser::app {

/// The way of a mail from the mailbox to its effect: fetched and parsed on a thread of its own, recorded on the loop's,
/// moved out of the way afterwards. Killed anywhere, a mail has its effect once: it is recorded together with it, and
/// how far the mailbox has been read too. It answers nobody; what it tells goes to the coordinator as a notification.
/// Source: research/delivery.md B6; docs/decisions/0010-what-comes-back.md.
class Listener {
 public:
  struct Ports {
    std::function<void(std::function<void()>)> post;  // to the loop
    std::function<Instant()> now;
    /// The other channel of a message's recipient, or "".
    std::function<std::string(const store::OutboxMessage&)> other_way;
    std::function<void()> heard;  // on the loop: there may be something new to decide and to send
  };
  Listener(Engine& engine, std::unique_ptr<channels::Inbox> inbox, std::chrono::seconds every, Log& log, Ports ports);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// Looks now and every so often, on its thread.
  void start();
  /// Looks once, here and now, until nothing is left. Not after start().
  void look_once();
  void begin_stop();
  /// The thread has ended; needs the loop to turn.
  bool has_stopped() const { return stopped_; }

 private:
  using Mails = std::vector<channels::ReturnedMail>;
  void run();
  bool look_on_thread();
  bool take_on_loop(Mails mails, const std::string& mark);
  void take(const Mails& mails, const std::string& mark);
  store::Returned effect_of(const channels::ReturnedMail& mail) const;
  void fill_comment(const channels::ReturnedMail& mail, const store::OutboxMessage& sent,
                    store::Returned& effect) const;
  void report(const channels::ReturnedMail& mail, const store::Returned& effect);
  void note_trouble(const std::string& trouble);

  Engine& engine_;
  std::unique_ptr<channels::Inbox> inbox_;
  const std::chrono::seconds every_;
  Log& log_;
  const Ports ports_;
  std::string mark_;
  std::string trouble_;  // what was told last of a mailbox that cannot be read
  std::mutex mutex_;
  std::condition_variable woken_;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> stopped_ = true;
  std::thread thread_;
};

/// The actions of a message that an answer is about: those whose ids it names as words; else all of a direct message;
/// else, of a digest, its only one, or none. Rows of notifications, one an action. Pure.
std::vector<std::int64_t> answered_items(const store::OutboxMessage& sent, std::string_view subject,
                                         std::string_view words);

}  // namespace chaser::app
