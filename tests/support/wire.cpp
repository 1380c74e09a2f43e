#include "support/wire.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <memory>
#include <stdexcept>

namespace chaser::test {
namespace {

constexpr std::size_t line_bytes_max = 65'536;

}  // namespace

Wire::~Wire() {
  SSL_free(tls_);
  ::close(descriptor_);
}

bool Wire::begin_tls(SSL_CTX* context) {
  buffer_.clear();
  tls_ = SSL_new(context);
  SSL_set_fd(tls_, descriptor_);
  return SSL_accept(tls_) == 1;
}

bool Wire::fill() {
  std::array<char, 65'536> chunk;
  const ssize_t got = tls_ != nullptr ? SSL_read(tls_, chunk.data(), static_cast<int>(chunk.size()))
                                      : ::recv(descriptor_, chunk.data(), chunk.size(), 0);
  if (got <= 0) return false;
  buffer_.append(chunk.data(), static_cast<std::size_t>(got));
  return true;
}

std::optional<std::string> Wire::read_until(std::string_view end) {
  std::size_t searched = 0;
  for (;;) {
    const std::size_t at = buffer_.find(end, searched);
    if (at != std::string::npos) {
      std::string found = buffer_.substr(0, at);
      buffer_.erase(0, at + end.size());
      return found;
    }
    searched = buffer_.size() < end.size() ? 0 : buffer_.size() - end.size() + 1;
    if (!fill()) return std::nullopt;
  }
}

std::optional<std::string> Wire::read_line() {
  for (;;) {
    const std::size_t at = buffer_.find('\n');
    if (at != std::string::npos) {
      std::string line = buffer_.substr(0, at);
      buffer_.erase(0, at + 1);
      if (line.ends_with('\r')) line.pop_back();
      return line;
    }
    if (buffer_.size() > line_bytes_max || !fill()) return std::nullopt;
  }
}

std::optional<std::string> Wire::read_bytes(std::size_t count) {
  while (buffer_.size() < count) {
    if (!fill()) return std::nullopt;
  }
  std::string bytes = buffer_.substr(0, count);
  buffer_.erase(0, count);
  return bytes;
}

bool Wire::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = tls_ != nullptr ? SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size()))
                                         : ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void Wire::hang() {
  while (fill()) buffer_.clear();
}

void Wire::stall() const {
  pollfd gone{descriptor_, POLLRDHUP, 0};
  while (::poll(&gone, 1, -1) < 0 && errno == EINTR) {
  }
}

void Wire::reset() {
  const linger at_once{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  // Closes the socket but keeps its number, which interrupt() may be using.
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  ::dup2(nothing, descriptor_);
  ::close(nothing);
}

void Wire::interrupt() const {
  ::shutdown(descriptor_, SHUT_RDWR);
}

Listener::Listener(Serve serve, std::uint16_t port)
    : serve_(std::move(serve)), descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  std::signal(SIGPIPE, SIG_IGN);  // SSL_write to a peer that has gone
  const int yes = 1;
  ::setsockopt(descriptor_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(descriptor_, generic, length) != 0 || ::listen(descriptor_, 128) != 0)
    throw std::runtime_error("cannot listen");
  ::getsockname(descriptor_, generic, &length);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { accept_all(); });
}

Listener::~Listener() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const Connection& connection : connections_) connection.wire->interrupt();
  }
  ::shutdown(descriptor_, SHUT_RDWR);
  thread_.join();
  ::close(descriptor_);
  for (Connection& connection : connections_) connection.thread.join();
}

int Listener::connections() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

void Listener::accept_all() {
  for (;;) {
    const int accepted = ::accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC);
    const std::lock_guard lock(mutex_);
    if (accepted < 0 || stopping_) {
      if (accepted >= 0) ::close(accepted);
      if (stopping_) return;
      continue;
    }
    forget_ended();
    const int yes = 1;
    ::setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    Connection& connection = connections_.emplace_back();
    connection.wire = std::make_unique<Wire>(accepted);
    connection.thread = std::thread([this, &connection, number = ++count_] {
      serve_(*connection.wire, number);
      connection.wire->interrupt();
      connection.ended = true;
    });
  }
}

void Listener::forget_ended() {
  connections_.remove_if([](Connection& connection) {
    if (!connection.ended) return false;
    connection.thread.join();
    return true;
  });
}

}  // namespace chaser::test
