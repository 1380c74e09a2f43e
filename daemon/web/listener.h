#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "web/exchange.h"

namespace chaser::web {

/// Where a listener listens: an address of this machine and a port, or a Unix socket.
struct ListenAt {
  std::string address = "127.0.0.1";
  int port = 0;        // 0: any that is free
  std::string socket;  // a path; "": the address and port
  bool operator==(const ListenAt&) const = default;
};

/// What a listener does with requests. Called from several threads at once.
class Front {
 public:
  virtual ~Front() = default;
  /// By the head alone (method, path, headers), before a byte of the body is read: nothing, or what refuses it.
  /// `body` is the length announced.
  virtual std::optional<Response> refuse(const Request& head, std::uint64_t body) = 0;
  /// The whole request.
  virtual Response answer(Request request) = 0;
  /// The page for what was refused by the server itself: requests that are none (400), failures (500).
  virtual Response explain(int status) = 0;
  virtual std::uint64_t body_max() const = 0;
  virtual int threads() const = 0;
};

/// One HTTP listener with its threads. What a client can cost is bounded (HttpLimits): chunked and too long bodies are
/// refused before they are read, a connection carries one request. Every answer has the security headers.
class Listener {
 public:
  /// Binds and begins to listen. Throws std::runtime_error if the place is taken. `front` outlives it.
  Listener(const ListenAt& at, Front& front);
  ~Listener();

  int port() const;  // 0 on a Unix socket

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace chaser::web
