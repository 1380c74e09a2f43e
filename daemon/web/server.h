#pragma once

#include <memory>
#include <optional>

#include "web/listener.h"
#include "web/site.h"

namespace chaser::web {

struct ServerSettings {
  std::optional<ListenAt> staff;    // the coordinator's pages, the API, health
  std::optional<ListenAt> answers;  // what links lead to, for everybody
  int threads = 4;                  // of each listener
  SiteSettings site;
};

/// The two listeners and what they share. On threads of their own; pages read through their own connections and write
/// through the loop's thread alone. Source: design.md §7.
class Server {
 public:
  /// Binds and begins to listen. Throws std::runtime_error if a place is taken.
  Server(ServerSettings settings, Doors doors, std::shared_ptr<const chase::World> world);
  ~Server();

  /// Where they listen; 0 for none and for Unix sockets.
  int port() const;
  int answers_port() const;
  void set_ready(bool ready);
  void set_world(std::shared_ptr<const chase::World> world);
  /// Something was decided or sent: what pages played ahead is outdated.
  void note_change();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace chaser::web
