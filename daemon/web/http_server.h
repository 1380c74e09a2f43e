#pragma once

#include <httplib.h>

#include <chrono>
#include <cstddef>
#include <string>

namespace chaser::web {

/// What one client can cost.
struct HttpLimits {
  int threads = 4;
  std::size_t waiting_max = 64;  // connections taken and not yet served; later ones wait in the system's queue
  std::size_t head_bytes_max = 32 * 1024;     // of a request: its first line and headers together
  std::size_t body_bytes_max = 0;             // of its body, as announced by Content-Length
  std::chrono::milliseconds patience{5'000};  // for the whole request to come, and again for the whole answer to go
  std::chrono::milliseconds farewell{1'000};  // for a refused client to take its answer while its body is thrown away
};

/// httplib's server with the limits that 0.11.4 lacks: a request's head is bounded in bytes and in time whatever its
/// lines are, a connection carries one request (so that no refused body is ever taken for the next one), ranges are
/// ignored, and stop() does not wait for clients. A client that is too slow is sent away. For server.cpp alone:
/// the header is heavy.
class HttpServer : public httplib::Server {
 public:
  explicit HttpServer(const HttpLimits& limits);
  ~HttpServer() override;
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Listens on a Unix socket that its user and group may use, in place of one that a dead service left. Throws
  /// std::system_error.
  void bind_to_unix_socket(const std::string& path);
  /// Once bound to a port: as many may wait to be taken as on a Unix socket. httplib's five are fewer than a proxy
  /// opens at once, and whoever finds no room tries again only after a quarter of a second or more.
  void let_more_wait();
  /// Another descriptor of the connection that this thread is serving, or -1. The caller closes it.
  static int share_connection();
  /// Ends listening and every connection, those that are being served too.
  void end();

 private:
  bool process_and_close_socket(socket_t socket) override;

  const HttpLimits limits_;
  int ending_;  // an eventfd, readable from end() on
};

}  // namespace chaser::web
