#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "app/clock.h"
#include "app/engine.h"
#include "app/log.h"
#include "web/server.h"

namespace chaser::test {

/// A whole site on a scripted clock: the real settings, engine, passes and channels, with the pages listening. Time
/// stands still until it is set; then what is due is decided and sent, and the pages tell that time. Its thread is the
/// loop: what pages change runs there, between passes.
class ScriptedSite {
 public:
  /// Throws std::runtime_error if the settings have errors.
  ScriptedSite(const std::string& config, const std::string& state, calendar::Instant at);
  ~ScriptedSite();

  web::Server& server() { return *server_; }
  /// Goes to that time and makes its pass; returns when it has ended. Returns how many messages were made.
  std::size_t go_to(calendar::Instant at);
  /// Goes from one event to the next, as the service wakes, up to that time and then there. Returns how many messages
  /// were made.
  std::size_t go_until(calendar::Instant at);
  /// Runs on the loop's thread and waits for it.
  void on_loop(const std::function<void(app::Engine&)>& work);
  calendar::Instant now();

 private:
  void loop();
  void post(std::function<void()> work);
  std::size_t pass();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> posted_;
  bool ending_ = false;
  app::Clock clock_;  // guarded by mutex_
  app::Log log_;
  std::unique_ptr<app::Engine> engine_;
  std::unique_ptr<web::Server> server_;
  std::thread thread_;
};

}  // namespace chaser::test
