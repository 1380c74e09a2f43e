#include "support/token_peer.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace chaser::test {

TokenPeer::TokenPeer(int life)
    : life_(life), listener_(std::make_unique<Listener>([this](Wire& wire, int) { serve(wire); })) {}

std::string TokenPeer::url() const {
  return fmt::format("http://127.0.0.1:{}/tenant/oauth2/v2.0/token", listener_->port());
}

std::vector<std::string> TokenPeer::posted() const {
  const std::lock_guard lock(mutex_);
  return posted_;
}

void TokenPeer::answer_with(int status, std::string body) {
  const std::lock_guard lock(mutex_);
  status_ = status;
  body_ = std::move(body);
}

void TokenPeer::serve(Wire& wire) {
  if (!wire.read_line()) return;
  std::size_t length = 0;
  for (std::optional<std::string> line = wire.read_line(); line && !line->empty(); line = wire.read_line()) {
    if (line->starts_with("Content-Length: ")) length = std::stoul(line->substr(16));
  }
  const std::optional<std::string> form = wire.read_bytes(length);
  if (!form) return;
  std::string body;
  int status = 200;
  {
    const std::lock_guard lock(mutex_);
    posted_.push_back(*form);
    status = status_;
    body = body_;
    if (body.empty()) {
      body =
          fmt::format(R"({{"token_type":"Bearer","expires_in":{},"access_token":"token-{}"}})", life_, posted_.size());
    }
  }
  wire.write(fmt::format("HTTP/1.1 {} -\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}", status,
                         body.size(), body));
}

}  // namespace chaser::test
