#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace chaser::app {

/// <state directory>/control.sock
std::string control_path(const std::string& state_directory);

/// The service's ear for the verbs that write: one line of JSON in, one line out, on a Unix socket of mode 0600. Served
/// on the loop's thread. A request is at most request_bytes_max and whole within `patience`, else its connection is
/// closed; of more connections than connections_max the later ones wait.
class ControlSocket {
 public:
  static constexpr std::size_t request_bytes_max = 32u << 20;
  static constexpr int connections_max = 8;

  using Answer = std::function<std::string(const std::string& request)>;
  /// Replaces a socket that a dead service left. Throws std::system_error.
  ControlSocket(boost::asio::io_context& io, const std::string& path, Answer answer,
                std::chrono::milliseconds patience = std::chrono::seconds(10));
  ~ControlSocket();
  void close();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

/// Asks a running service; nothing if none listens. Throws std::system_error if it went away before answering.
std::optional<std::string> ask_service(const std::string& path, const std::string& request);

}  // namespace chaser::app
