#pragma once

#include <condition_variable>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include "web/site.h"

namespace chaser::web {

/// Tells whoever listens what is decided and delivered, as server-sent events, each client on a thread of its own so
/// that none takes one from the pages. Thread-safe.
class EventFeed {
 public:
  static constexpr std::size_t clients_max = 4;
  /// A client that hears nothing is sent a comment this often; one that takes longer over its bytes is sent away.
  static constexpr absl::Duration heartbeat = absl::Seconds(15);
  static constexpr absl::Duration patience = absl::Seconds(5);
  static constexpr std::size_t events_at_once = 100;

  explicit EventFeed(Site& site) : site_(site) {}
  ~EventFeed();
  EventFeed(const EventFeed&) = delete;
  EventFeed& operator=(const EventFeed&) = delete;

  /// A place kept for a client that is about to come; given back when it goes, if none came.
  class Place {
   public:
    explicit Place(EventFeed& feed) : feed_(feed) {}
    ~Place() { feed_.give_back(*this); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

   private:
    friend class EventFeed;
    EventFeed& feed_;
    bool taken_ = false;
  };
  /// Nothing: all are taken.
  std::shared_ptr<Place> reserve();
  /// The client that the place was kept for: its connection, which is closed here in the end (-1: it has gone), and
  /// after which event it goes on.
  void add(Place& place, int connection, std::int64_t after);
  /// Something may have happened.
  void wake();

 private:
  struct Client {
    int connection = -1;
    std::int64_t after = 0;
    bool gone = false;
    std::thread thread;
  };

  void serve(Client& client);
  bool tell_news(Client& client);
  void remove_gone();
  void give_back(Place& place);

  Site& site_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Client> clients_;
  std::size_t reserved_ = 0;
  std::uint64_t wakes_ = 0;
  bool ending_ = false;
};

}  // namespace chaser::web
