#include <algorithm>

#include "store/given.h"
#include "support/catch.h"

using namespace given;
using store::MessageState;
using store::OutcomeKind;

namespace {

/// The first message that a year of mornings makes; `now` becomes that morning.
store::OutboxMessage first_message(Desk& desk, Instant& now) {
  for (int day = 0; day < 366; ++day, now += absl::Hours(24)) {
    desk.pass(now);
    const auto messages = desk.queued(now);
    if (!messages.empty()) return messages.front();
  }
  FAIL("nothing was sent in a year");
  return {};
}

std::optional<store::OutboxMessage> find(const Desk& desk, store::MessageRow row) {
  for (const store::OutboxMessage& message : desk->outbox(100, false)) {
    if (message.row == row) return message;
  }
  return std::nullopt;
}

void refuse(const Desk& desk, const store::OutboxMessage& message, const std::string& other, Instant now) {
  const store::Store::Claim claim{message.row, store::Rendered{"bytes", "id", "place"}};
  REQUIRE(desk->claim(std::span(&claim, 1), now, now + absl::Minutes(20))[0]);
  store::Disposition disposition{MessageState::refused, now};
  disposition.fall_back_to = other;
  const store::Store::Finish finish{message.row, {OutcomeKind::permanent, 400, "", "no", {}}, disposition};
  desk->finish(std::span(&finish, 1), now);
}

std::string state_of_notification(const Desk& desk, std::int64_t row) {
  for (const auto& record : desk->notifications("county", "2.1", 100)) {
    if (record.row == row) return record.state;
  }
  return "";
}

}  // namespace

TEST_CASE("store: a message that is refused goes by the other channel once, with a key of its own") {
  const auto kind = GENERATE(from_range(store_kinds()));
  INFO("store " << kind.name);
  Desk desk(kind, {{"2.1", "CCN", "2026-12-31"}});
  Instant now = at("2026-09-01T09:00:00Z");
  const store::OutboxMessage first = first_message(desk, now);
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
  CHECK(find(desk, first.row)->state == MessageState::refused);
  CHECK(state_of_notification(desk, first.items[0].notification) == "composed");

  SECTION("delivered there, it is delivered") {
    desk.deliver(after[0], now);
    CHECK(state_of_notification(desk, first.items[0].notification) == "delivered");
  }
  SECTION("refused there too, it does not come back, and its recipient is unreachable") {
    refuse(desk, after[0], first.channel, now);
    CHECK(desk.queued(now).empty());
    CHECK(state_of_notification(desk, first.items[0].notification) == "unreachable");
  }
  SECTION("a second refusal of the first is no second message") {
    desk->retry(first.row, now);
    CHECK_FALSE(desk->fall_back(first.row, other, "broken", now));
    CHECK(desk.queued(now).size() == 2);
  }
}

TEST_CASE("store: what waits for a broken channel goes by the other without an attempt") {
  const auto kind = GENERATE(from_range(store_kinds()));
  INFO("store " << kind.name);
  Desk desk(kind, {{"2.1", "CCN", "2026-12-31"}});
  Instant now = at("2026-09-01T09:00:00Z");
  const store::OutboxMessage first = first_message(desk, now);
  const std::string other = first.channel == "email" ? "teams" : "email";
  CHECK(desk->fall_back(first.row, other, "the channel is broken", now));
  CHECK_FALSE(desk->fall_back(first.row, other, "the channel is broken", now));
  const auto after = desk.queued(now);
  REQUIRE(after.size() == 1);
  CHECK(after[0].channel == other);
  CHECK(find(desk, first.row)->last_outcome == "the channel is broken");
  CHECK(desk->attempts(first.row).empty());
}
