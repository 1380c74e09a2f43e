#include <algorithm>

#include "store/given.h"
#include "support/catch.h"

using namespace given;
using store::MessageState;
using store::OutcomeKind;

namespace {

void refuse(const Desk& desk, const store::OutboxMessage& message, const std::string& other, Instant now) {
  const store::Store::Claim claim{message.row, store::Rendered{"bytes", "id", "place"}};
  REQUIRE(desk->claim(std::span(&claim, 1), now, now + absl::Minutes(20))[0]);
  store::Disposition disposition{MessageState::refused, now};
  disposition.fall_back_to = other;
  const store::Store::Finish finish{message.row, {OutcomeKind::permanent, 400, "", "no", {}}, disposition};
  desk->finish(std::span(&finish, 1), now);
}

}  // namespace

TEST_CASE("store: a message that is refused goes by the other channel once, with a key of its own") {
  const auto kind = any_store();
  INFO("store " << kind.name);
  Desk desk(kind, {{"2.1", "CCN", "2026-12-31"}});
  Instant now = at("2026-09-01T09:00:00Z");
  const store::OutboxMessage first = desk.await_message(now);
  const std::string other = first.channel == "email" ? "teams" : "email";
  refuse(desk, first, other, now);
  const auto after = desk.queued(now);
  REQUIRE(after.size() == 1);
  CHECK(after[0].channel == other);
  CHECK(after[0].recipient == first.recipient);
  CHECK(after[0].kind == first.kind);
  CHECK(after[0].key != first.key);
  REQUIRE(after[0].items.size() == first.items.size());
  CHECK(after[0].items[0].key == first.items[0].key);
  CHECK(desk.find(first.row)->state == MessageState::refused);
  CHECK(desk.told_state(first.items[0].notification) == "composed");

  SECTION("delivered there, it is delivered") {
    desk.deliver(after[0], now);
    CHECK(desk.told_state(first.items[0].notification) == "delivered");
  }
  SECTION("refused there too, it does not come back, and its recipient is unreachable") {
    refuse(desk, after[0], first.channel, now);
    CHECK(desk.queued(now).empty());
    CHECK(desk.told_state(first.items[0].notification) == "unreachable");
  }
  SECTION("a second refusal of the first is no second message") {
    desk->retry(first.row, now);
    CHECK_FALSE(desk->fall_back(first.row, other, "broken", now));
    CHECK(desk.queued(now).size() == 2);
  }
}

TEST_CASE("store: what waits for a broken channel goes by the other without an attempt") {
  const auto kind = any_store();
  INFO("store " << kind.name);
  Desk desk(kind, {{"2.1", "CCN", "2026-12-31"}});
  Instant now = at("2026-09-01T09:00:00Z");
  const store::OutboxMessage first = desk.await_message(now);
  const std::string other = first.channel == "email" ? "teams" : "email";
  CHECK(desk->fall_back(first.row, other, "the channel is broken", now));
  CHECK_FALSE(desk->fall_back(first.row, other, "the channel is broken", now));
  const auto after = desk.queued(now);
  REQUIRE(after.size() == 1);
  CHECK(after[0].channel == other);
  CHECK(desk.find(first.row)->last_outcome == "the channel is broken");
  CHECK(desk->attempts(first.row).empty());
}
