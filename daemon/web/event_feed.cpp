#include "web/event_feed.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "web/shapes.h"

namespace chaser::web {
namespace {

/// As a chunk of an HTTP body.
std::string chunk(std::string_view text) {
  return fmt::format("{:x}\r\n{}\r\n", text.size(), text);
}

/// False: the client has gone, or takes too long.
bool send_all(int connection, std::string_view bytes) {
  while (!bytes.empty()) {
    pollfd waited{connection, POLLOUT, 0};
    const int ready = ::poll(&waited, 1, static_cast<int>(absl::ToInt64Milliseconds(EventFeed::patience)));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return false;
    const ssize_t sent = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return false;
    if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

/// Whether the client has closed its end. What it says is thrown away.
bool has_left(int connection) {
  char said[256];
  const ssize_t got = ::recv(connection, said, sizeof said, MSG_DONTWAIT);
  return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

std::string event_text(const store::Event& event) {
  return fmt::format("id: {}\nevent: {}\ndata: {}\n\n", event.sequence, event.kind, text_of(shape_of(event)));
}

}  // namespace

EventFeed::~EventFeed() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    for (const Client& client : clients_) ::shutdown(client.connection, SHUT_RDWR);
    changed_.notify_all();
  }
  for (Client& client : clients_) {
    client.thread.join();
    ::close(client.connection);
  }
}

std::shared_ptr<EventFeed::Place> EventFeed::reserve() {
  {
    const std::lock_guard lock(mutex_);
    remove_gone();
    if (ending_ || clients_.size() + reserved_ >= clients_max) return nullptr;
    ++reserved_;
  }
  return std::make_shared<Place>(*this);
}

void EventFeed::give_back(Place& place) {
  const std::lock_guard lock(mutex_);
  if (!place.taken_) --reserved_;
}

void EventFeed::add(Place& place, int connection, std::int64_t after) {
  if (connection < 0) return;
  const std::lock_guard lock(mutex_);
  if (ending_) {
    ::close(connection);
    return;
  }
  place.taken_ = true;
  --reserved_;
  Client& client = clients_.emplace_back();
  client.connection = connection;
  client.after = after;
  client.thread = std::thread([this, &client] { serve(client); });
}

void EventFeed::wake() {
  const std::lock_guard lock(mutex_);
  ++wakes_;
  changed_.notify_all();
}

/// With the lock held. Those that have gone are about to end: joining them takes no time.
void EventFeed::remove_gone() {
  for (auto client = clients_.begin(); client != clients_.end();) {
    if (!client->gone) {
      ++client;
      continue;
    }
    client->thread.join();
    ::close(client->connection);
    client = clients_.erase(client);
  }
}

void EventFeed::serve(Client& client) {
  bool stays = send_all(client.connection, chunk("retry: 5000\n\n"));
  std::uint64_t seen = 0;
  while (stays) {
    {
      const std::lock_guard lock(mutex_);
      if (ending_) break;
      seen = wakes_;
    }
    stays = tell_news(client) && !has_left(client.connection);
    if (!stays) break;
    std::unique_lock lock(mutex_);
    const bool woken =
        changed_.wait_for(lock, absl::ToChronoMilliseconds(heartbeat), [&] { return ending_ || wakes_ != seen; });
    lock.unlock();
    if (!woken) stays = send_all(client.connection, chunk(":\n\n"));
  }
  const std::lock_guard lock(mutex_);
  client.gone = true;
}

/// What has happened since, as long as there is more.
bool EventFeed::tell_news(Client& client) {
  try {
    for (;;) {
      std::vector<store::Event> events;
      {
        const Site::Reader store = site_.reader();
        events = store->events("", "", client.after, events_at_once);
      }
      for (const store::Event& event : events) {
        if (!send_all(client.connection, chunk(event_text(event)))) return false;
        client.after = event.sequence;
      }
      if (events.size() < events_at_once) return true;
    }
  } catch (const store::StoreError&) {
    return true;  // it cannot be read just now: the next wake or heartbeat tries again
  }
}

}  // namespace chaser::web
