#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

struct ssl_st;
struct ssl_ctx_st;

namespace chaser::test {

/// One accepted connection, plain or TLS, read by lines or bytes. Used by one thread; interrupt() by any.
class Wire {
 public:
  explicit Wire(int descriptor) : descriptor_(descriptor) {}
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  /// False if the handshake fails.
  bool begin_tls(ssl_ctx_st* context);
  bool is_tls() const { return tls_ != nullptr; }
  /// Without its CR LF; nothing when the peer is gone or a line exceeds 64 KiB.
  std::optional<std::string> read_line();
  /// Everything up to and without `end`; nothing when the peer is gone.
  std::optional<std::string> read_until(std::string_view end);
  std::optional<std::string> read_bytes(std::size_t count);
  bool write(std::string_view bytes);
  /// Blocks until the peer goes or interrupt() is called: a server that hangs.
  void hang();
  /// Blocks likewise without reading a byte: a server whose disk is full.
  void stall() const;
  /// Closes with a reset instead of a farewell.
  void reset();
  void interrupt() const;

 private:
  bool fill();
  int descriptor_;
  ssl_st* tls_ = nullptr;
  std::string buffer_;
};

/// Listens on 127.0.0.1 and gives each connection a thread of its own. The destructor ends them all.
class Listener {
 public:
  using Serve = std::function<void(Wire&, int connection)>;
  explicit Listener(Serve serve, std::uint16_t port = 0);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  std::uint16_t port() const { return port_; }
  int connections() const;

 private:
  struct Connection {
    std::unique_ptr<Wire> wire;
    std::thread thread;
    std::atomic<bool> ended = false;
  };
  void accept_all();
  void forget_ended();
  Serve serve_;
  int descriptor_;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  bool stopping_ = false;
  int count_ = 0;
  std::list<Connection> connections_;
  std::thread thread_;
};

}  // namespace chaser::test
