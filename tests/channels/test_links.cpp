#include "channels/links.h"

#include <stdexcept>

#include "channels/signing.h"
#include "support/catch.h"

using namespace chaser;
using namespace chaser::channels;

namespace {

const calendar::Instant now = absl::FromUnixSeconds(1'798'000'020);

const LinkKeys keys{{std::string(32, 'k')}};

Link link_of() {
  Link link;
  link.delivery = "0123456789abcdef0123456789abcdef";
  link.recipient = "ccn";
  link.plan = "kent-medway";
  link.action = "2.1";
  link.epoch = 3;
  link.allowed = static_cast<std::uint8_t>(LinkResponse::acknowledge) | static_cast<std::uint8_t>(LinkResponse::done);
  link.expires = absl::FromUnixSeconds(1'798'000'020 + 86'400);
  return link;
}

std::optional<LinkFault> fault_of(const std::string& token, LinkPurpose purpose = LinkPurpose::answer,
                                  const LinkKeys& with = keys, calendar::Instant at = now) {
  return verify(token, purpose, with, at).fault;
}

}  // namespace

TEST_CASE("links: one that was minted says who, what, which answers and until when") {
  const Link link = link_of();
  const std::string token = mint(link, LinkPurpose::answer, keys);
  const VerifiedLink verified = verify(token, LinkPurpose::answer, keys, now);
  CHECK_FALSE(verified.fault);
  REQUIRE(verified.link);
  CHECK(*verified.link == link);
  CHECK(verified.link->allows(LinkResponse::done));
  CHECK_FALSE(verified.link->allows(LinkResponse::snooze));
  CHECK(token.size() < 200);
  CHECK(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") ==
        std::string::npos);
  CHECK(mint(link, LinkPurpose::answer, keys) == token);
}

TEST_CASE("links: every changed character is refused") {
  const std::string token = mint(link_of(), LinkPurpose::answer, keys);
  for (std::size_t i = 0; i < token.size(); ++i) {
    for (const char c : {'A', 'z', '0', '-', '.', '!'}) {
      if (token[i] == c) continue;
      std::string changed = token;
      changed[i] = c;
      CHECK(fault_of(changed));
    }
    CHECK(fault_of(token.substr(0, i)));
  }
  CHECK(fault_of(token + "A"));
  CHECK(fault_of(token + "."));
}

TEST_CASE("links: one of another purpose is none") {
  CHECK(fault_of(mint(link_of(), LinkPurpose::mute, keys), LinkPurpose::answer) == LinkFault::forged);
  CHECK(fault_of(mint(link_of(), LinkPurpose::answer, keys), LinkPurpose::mute) == LinkFault::forged);
}

TEST_CASE("links: the old key verifies beside the new one, and no longer once it is gone") {
  const std::string old = mint(link_of(), LinkPurpose::answer, keys);
  const LinkKeys rotated{{std::string(32, 'n')}, keys[0]};
  CHECK_FALSE(fault_of(old, LinkPurpose::answer, rotated));
  const std::string fresh = mint(link_of(), LinkPurpose::answer, rotated);
  CHECK(fresh != old);
  CHECK(fault_of(fresh) == LinkFault::unknown_key);
  CHECK(fault_of(old, LinkPurpose::answer, {rotated[0]}) == LinkFault::unknown_key);
  CHECK(fault_of(old, LinkPurpose::answer, {}) == LinkFault::unknown_key);
}

TEST_CASE("links: an expired one still says what it was about") {
  const Link link = link_of();
  const std::string token = mint(link, LinkPurpose::answer, keys);
  CHECK_FALSE(fault_of(token, LinkPurpose::answer, keys, link.expires - absl::Nanoseconds(1)));
  const VerifiedLink late = verify(token, LinkPurpose::answer, keys, link.expires);
  CHECK(late.fault == LinkFault::expired);
  REQUIRE(late.link);
  CHECK(late.link->action == "2.1");
}

TEST_CASE("links: what is no token is malformed and nothing else happens") {
  for (const char* text :
       {"", ".", "...", "v1...", "v2.a.b.c", "v1.a.!.c", "v1.aaaaaa.AA.AA", "v1.a.b", "v1.a.b.c.d"}) {
    CHECK(fault_of(text));
  }
  CHECK(fault_of(std::string(100'000, 'A')) == LinkFault::malformed);
}

TEST_CASE("links: ids that a link has no room for are refused when it is minted") {
  Link link = link_of();
  link.action = std::string(link_id_characters_max, 'x');
  const std::string token = mint(link, LinkPurpose::answer, keys);
  CHECK_FALSE(fault_of(token));
  CHECK(token.size() < 300);
  link.action += 'x';
  CHECK_THROWS_AS(mint(link, LinkPurpose::answer, keys), std::invalid_argument);
  link = link_of();
  link.delivery = "abc";
  CHECK_THROWS_AS(mint(link, LinkPurpose::answer, keys), std::invalid_argument);
}

TEST_CASE("links: they end 30 days after the due date, within 30 to 90 days of sending") {
  const absl::Duration day = absl::Hours(24);
  CHECK(link_expiry(now + 10 * day, now) == now + 40 * day);
  CHECK(link_expiry(now + 61 * day, now) == now + 90 * day);
  CHECK(link_expiry(now - 200 * day, now) == now + 30 * day);
}

TEST_CASE("signing: base64 for URLs is one to one") {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    std::string back;
    CHECK(from_base64url(base64url(bytes), back));
    CHECK(back == bytes);
    bytes += static_cast<char>(i * 37);
  }
  std::string back;
  CHECK_FALSE(from_base64url("A", back));
  CHECK_FALSE(from_base64url("AB", back));  // bits left over that base64url() would not write
  CHECK_FALSE(from_base64url("AA==", back));
  CHECK(hex(hmac_sha256("Jefe", "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}
