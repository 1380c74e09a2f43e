#pragma once

#include <functional>
#include <memory>
#include <string>

#include "chase/world.h"

namespace chaser::web {

struct ServerSettings {
  std::string address = "127.0.0.1";
  int port = 8427;  // 0: any that is free
  int threads = 4;
  std::string state_directory;  // the page reads the store beside the service
};

/// The staff's listener: /healthz (alive), /readyz (started and the store can be read) and one read-only page. GET and
/// HEAD alone, requests with a body are refused before it is read; what a client can cost is bounded (HttpLimits). On
/// threads of its own; each request reads through its own connection. Source: design.md §7.
class Server {
 public:
  /// Binds and begins to listen. Throws std::runtime_error if the address is taken.
  Server(ServerSettings settings, std::shared_ptr<const chase::World> world, std::function<calendar::Instant()> now);
  ~Server();

  /// Where it listens.
  int port() const;
  void set_ready(bool ready);
  void set_world(std::shared_ptr<const chase::World> world);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace chaser::web
