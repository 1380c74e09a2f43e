#include "support/client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace chaser::test {

namespace {

int connected(int family, const sockaddr* address, socklen_t size) {
  const int descriptor = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0 || ::connect(descriptor, address, size) != 0) {
    throw std::system_error(errno, std::generic_category(), "connecting");
  }
  return descriptor;
}

}  // namespace

Client Client::unix_socket(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  return Client(connected(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof address));
}

Client Client::tcp(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return Client(connected(AF_INET, reinterpret_cast<const sockaddr*>(&address), sizeof address));
}

bool Client::say(std::string_view bytes) const {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!bytes.empty()) {
    pollfd waited{descriptor_, POLLOUT, 0};
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (::poll(&waited, 1, std::max(0, static_cast<int>(left.count()))) <= 0) return false;
    const ssize_t put = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put < 0 && errno != EAGAIN && errno != EINTR) return false;
    if (put > 0) bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

void Client::end_saying() const {
  ::shutdown(descriptor_, SHUT_WR);
}

std::optional<std::string> Client::hear(std::chrono::steady_clock::time_point deadline, std::size_t bytes) const {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  pollfd waited{descriptor_, POLLIN, 0};
  if (::poll(&waited, 1, std::max(0, static_cast<int>(left.count()))) <= 0) return std::nullopt;
  std::string heard(bytes, '\0');
  const ssize_t got = ::recv(descriptor_, heard.data(), heard.size(), 0);
  heard.resize(got > 0 ? static_cast<std::size_t>(got) : 0);  // a reset is an end too
  return heard;
}

std::optional<std::string> Client::hear_all(std::chrono::milliseconds within) const {
  const auto deadline = std::chrono::steady_clock::now() + within;
  std::string all;
  for (;;) {
    const auto heard = hear(deadline, 65536);
    if (!heard) return std::nullopt;
    if (heard->empty()) return all;
    all += *heard;
  }
}

std::optional<std::string> Client::hear_until(std::string_view end) const {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  std::string all;
  while (!all.ends_with(end)) {
    const auto heard = hear(deadline, 1);
    if (!heard || heard->empty()) return std::nullopt;
    all += *heard;
  }
  return all;
}

void Client::leave() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

}  // namespace chaser::test
