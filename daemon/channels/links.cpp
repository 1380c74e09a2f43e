#include "channels/links.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdlib>
#include <stdexcept>

#include "channels/signing.h"

namespace chaser::channels {
namespace {

using calendar::Instant;

constexpr std::string_view version = "v1";
constexpr std::size_t key_name_characters = 6;
constexpr std::size_t delivery_bytes = 16;

std::string_view label_of(LinkPurpose purpose) {
  using namespace std::string_view_literals;
  switch (purpose) {
    case LinkPurpose::answer:
      return "chaser/answer/v1\0"sv;
    case LinkPurpose::mine:
      return "chaser/mine/v1\0"sv;
    case LinkPurpose::mute:
      return "chaser/mute/v1\0"sv;
    case LinkPurpose::feed:
      return "chaser/feed/v1\0"sv;
  }
  std::abort();
}

// Tells keys apart and gives nothing of them away.
std::string key_name(const Secret& key) {
  return base64url(hmac_sha256(key.value, "chaser/key-name/v1")).substr(0, key_name_characters);
}

std::string signature_of(const Secret& key, LinkPurpose purpose, std::string_view name, std::string_view payload) {
  std::string text(label_of(purpose));
  text += name;
  text += '.';
  text += payload;
  return hmac_sha256(key.value, text);
}

void put(std::string& bytes, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes += static_cast<char>((number >> static_cast<unsigned>(shift)) & 0xffU);
}

void put(std::string& bytes, const std::string& text, const char* what) {
  if (text.size() > link_id_characters_max) throw std::invalid_argument(std::string(what) + " is too long for a link");
  bytes += static_cast<char>(text.size());
  bytes += text;
}

/// Takes a payload apart; once it ran short, all that follows is nothing.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  std::string_view bytes(std::size_t count) {
    if (rest_.size() < count) {
      is_short_ = true;
      rest_ = {};
      return {};
    }
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  std::uint32_t number() {
    std::uint32_t value = 0;
    for (const char byte : bytes(4)) value = (value << 8U) | static_cast<unsigned char>(byte);
    return value;
  }
  std::uint8_t byte() {
    const std::string_view one = bytes(1);
    return one.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(one[0]);
  }
  std::string text() { return std::string(bytes(byte())); }
  bool is_whole() const { return !is_short_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool is_short_ = false;
};

std::string bytes_of_hex(std::string_view text) {
  const auto value = [](char c) -> int {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    if (value(text[i]) < 0 || value(text[i + 1]) < 0) return "";
    bytes += static_cast<char>(value(text[i]) * 16 + value(text[i + 1]));
  }
  return bytes;
}

std::string packed(const Link& link) {
  std::string bytes = bytes_of_hex(link.delivery);
  if (link.delivery.size() != 2 * delivery_bytes || bytes.size() != delivery_bytes)
    throw std::invalid_argument("a link needs a delivery's id of 32 hex characters");
  bytes += static_cast<char>(link.allowed);
  put(bytes, link.epoch);
  put(bytes, link.token_epoch);
  put(bytes, static_cast<std::uint32_t>(std::max<std::int64_t>(absl::ToUnixSeconds(link.expires), 0) / 60));
  put(bytes, link.recipient, "the recipient's id");
  put(bytes, link.plan, "the plan's id");
  put(bytes, link.action, "the action's id");
  return bytes;
}

std::optional<Link> unpacked(std::string_view bytes) {
  Reader reader(bytes);
  Link link;
  link.delivery = hex(reader.bytes(delivery_bytes));
  link.allowed = reader.byte();
  link.epoch = reader.number();
  link.token_epoch = reader.number();
  link.expires = absl::FromUnixSeconds(std::int64_t{reader.number()} * 60);
  link.recipient = reader.text();
  link.plan = reader.text();
  link.action = reader.text();
  return reader.is_whole() ? std::optional(link) : std::nullopt;
}

/// The four parts of a token; nothing if it is none by its shape.
std::optional<std::array<std::string_view, 4>> parts_of(std::string_view token) {
  if (token.size() > link_token_characters_max) return std::nullopt;
  std::array<std::string_view, 4> parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::size_t dot = i + 1 < parts.size() ? token.find('.') : token.size();
    if (dot == std::string_view::npos) return std::nullopt;
    parts[i] = token.substr(0, dot);
    token.remove_prefix(std::min(dot + 1, token.size()));
  }
  return parts;
}

}  // namespace

std::string_view name_of(LinkFault fault) {
  switch (fault) {
    case LinkFault::malformed:
      return "malformed";
    case LinkFault::unknown_key:
      return "unknown_key";
    case LinkFault::forged:
      return "forged";
    case LinkFault::expired:
      return "expired";
  }
  std::abort();
}

std::string mint(const Link& link, LinkPurpose purpose, const LinkKeys& keys) {
  assert(!keys.empty());
  const std::string payload = packed(link);
  const std::string name = key_name(keys.front());
  const std::string signature = signature_of(keys.front(), purpose, name, payload);
  return std::string(version) + "." + name + "." + base64url(payload) + "." + base64url(signature);
}

VerifiedLink verify(std::string_view token, LinkPurpose purpose, const LinkKeys& keys, Instant now) {
  const auto parts = parts_of(token);
  std::string payload;
  std::string signature;
  if (!parts || (*parts)[0] != version || !from_base64url((*parts)[2], payload) ||
      !from_base64url((*parts)[3], signature)) {
    return {std::nullopt, LinkFault::malformed};
  }
  const auto key =
      std::find_if(keys.begin(), keys.end(), [&](const Secret& each) { return key_name(each) == (*parts)[1]; });
  if (key == keys.end()) return {std::nullopt, LinkFault::unknown_key};
  if (!are_equal_secretly(signature, signature_of(*key, purpose, (*parts)[1], payload)))
    return {std::nullopt, LinkFault::forged};
  std::optional<Link> link = unpacked(payload);
  if (!link) return {std::nullopt, LinkFault::malformed};
  if (now >= link->expires) return {std::move(link), LinkFault::expired};
  return {std::move(link), std::nullopt};
}

Instant link_expiry(Instant due, Instant sent) {
  const Instant usual = std::min(due + absl::Hours(24 * 30), sent + absl::Hours(24 * 90));
  return std::max(usual, sent + absl::Hours(24 * 30));
}

}  // namespace chaser::channels
