// The way of a message: queued, claimed, body_started, settled. What is fenced, and what a crash leaves behind.
#include "given.h"
#include "support/catch.h"

using namespace given;
using store::MessageState;
using store::OutcomeKind;

namespace {

/// A desk with one message that can go now.
struct Outbox : Desk {
  explicit Outbox(const StoreKind& store_kind)
      : Desk(store_kind, {{"2.1", "CCN", "2026-12-31"}}), message(await_message(now)) {}
  Instant lease() const { return now + absl::Minutes(10); }

  Instant now = at("2026-09-01T09:00:00Z");
  store::OutboxMessage message;
};

}  // namespace

TEST_CASE("store: a message is claimed once, and only when it is due") {
  Outbox desk(any_store());
  const auto row = desk.message.row;
  CHECK(desk.claim(row, desk.now, desk.lease()));
  CHECK_FALSE(desk.claim(row, desk.now, desk.lease()));
  CHECK(desk.state_of(row) == MessageState::claimed);
  CHECK(desk.queued(desk.now + absl::Hours(1)).empty());
  CHECK(desk->attempts(row).size() == 1);
}

TEST_CASE("store: claims of one call are decided one by one") {
  Outbox desk(any_store());
  const store::Store::Claim claims[] = {{desk.message.row, store::Rendered{"b", "i", "d"}}, {9'999, std::nullopt}};
  CHECK(desk->claim(claims, desk.now, desk.lease()) == std::vector<bool>{true, false});
}

TEST_CASE("store: a message that is postponed is due at that instant, not a microsecond before") {
  Outbox desk(any_store());
  const Instant later = desk.now + absl::Hours(3);
  desk->postpone(std::span(&desk.message.row, 1), later);
  CHECK(desk.queued(later - absl::Microseconds(1)).empty());
  CHECK(desk.queued(later).size() == 1);
  CHECK(desk->next_retry() == later);
  CHECK(desk.find(desk.message.row)->attempts == 0);
}

TEST_CASE("store: the bytes, Message-ID and destination of the first attempt never change") {
  Outbox desk(any_store());
  const auto row = desk.message.row;
  REQUIRE(desk.claim(row, desk.now, desk.lease()));
  const std::string first = desk.find(row)->bytes;
  CHECK_FALSE(first.empty());
  desk.finish(row, desk.now, OutcomeKind::temporary, MessageState::queued);
  const Instant again = desk.now + absl::Hours(1);
  REQUIRE(desk.claim(row, again, again + absl::Minutes(10)));
  CHECK(desk.find(row)->bytes == first);
  CHECK(desk.find(row)->message_id == "<first@x>");
  CHECK(desk.find(row)->attempts == 2);
  CHECK(desk->attempts(row).size() == 2);
}

TEST_CASE("store: bytes of any kind come back as they went in") {
  Outbox desk(any_store());
  const std::string bytes("a\0b\r\n\xff\xfe", 7);
  const store::Store::Claim claim{desk.message.row, store::Rendered{bytes, "i", "d"}};
  REQUIRE(desk->claim(std::span(&claim, 1), desk.now, desk.lease()).at(0));
  CHECK(desk.find(desk.message.row)->bytes == bytes);
}

TEST_CASE("store: a body begins once, and only under a claim") {
  Outbox desk(any_store());
  const auto row = desk.message.row;
  CHECK_FALSE(desk.begin_body(row, desk.now));
  REQUIRE(desk.claim(row, desk.now, desk.lease()));
  CHECK(desk.begin_body(row, desk.now));
  CHECK_FALSE(desk.begin_body(row, desk.now));
  CHECK(desk.state_of(row) == MessageState::body_started);
}

TEST_CASE("store: a claim whose lease has run out goes back to the queue and costs no attempt; its body is fenced") {
  Outbox desk(any_store());
  const auto row = desk.message.row;
  REQUIRE(desk.claim(row, desk.now, desk.lease()));
  CHECK(desk->reap(desk.lease() - absl::Microseconds(1), false).empty());
  CHECK(desk.state_of(row) == MessageState::claimed);
  CHECK(desk->reap(desk.lease(), false).empty());
  CHECK(desk.state_of(row) == MessageState::queued);
  CHECK(desk.find(row)->attempts == 0);
  CHECK_FALSE(desk.begin_body(row, desk.lease()));
  desk.finish(row, desk.lease(), OutcomeKind::accepted, MessageState::accepted);
  CHECK(desk.state_of(row) == MessageState::queued);
  CHECK(desk.events("fenced").size() == 1);
}

TEST_CASE("store: a body whose lease has run out is unknown, and is told of") {
  Outbox desk(any_store());
  const auto row = desk.message.row;
  REQUIRE(desk.claim(row, desk.now, desk.lease()));
  REQUIRE(desk.begin_body(row, desk.now));
  CHECK(desk->reap(desk.lease() - absl::Microseconds(1), false).empty());
  CHECK(desk->reap(desk.lease(), false) == std::vector<store::MessageRow>{row});
  CHECK(desk.state_of(row) == MessageState::unknown);
  CHECK(desk->reap(desk.lease(), true).empty());
  REQUIRE(desk->attempts(row).size() == 1);
  CHECK(desk->attempts(row)[0].outcome.kind == OutcomeKind::unknown);
  CHECK(desk->attempts(row)[0].ended == desk.lease());
}

TEST_CASE("store: at a start every lease of an earlier process is over, however long it was") {
  Outbox desk(any_store());
  const auto row = desk.message.row;
  const bool begun = GENERATE(false, true);
  REQUIRE(desk.claim(row, desk.now, desk.now + absl::Hours(1'000)));
  if (begun) REQUIRE(desk.begin_body(row, desk.now));
  desk.reopen();
  CHECK(desk->reap(desk.now, false).empty());
  CHECK(desk->reap(desk.now, true).size() == (begun ? 1 : 0));
  CHECK(desk.state_of(row) == (begun ? MessageState::unknown : MessageState::queued));
}

TEST_CASE("store: a verdict that comes late") {
  Outbox desk(any_store());
  const auto row = desk.message.row;
  const Instant late = desk.lease() + absl::Minutes(1);
  REQUIRE(desk.claim(row, desk.now, desk.lease()));
  REQUIRE(desk.begin_body(row, desk.now));
  desk->reap(desk.lease(), false);
  SECTION("is the truth if the message was accepted") {
    desk.finish(row, late, OutcomeKind::accepted, MessageState::accepted);
    CHECK(desk.state_of(row) == MessageState::accepted);
    CHECK(desk.told_state(desk.message.items[0].notification) == "delivered");
  }
  SECTION("is fenced if it was anything else") {
    desk.finish(row, late, OutcomeKind::temporary, MessageState::queued);
    CHECK(desk.state_of(row) == MessageState::unknown);
    CHECK(desk.events("fenced").size() == 1);
  }
  SECTION("calls off the resend that waits, so that nobody gets it twice") {
    desk->resolve_unknown(row, true, late + absl::Hours(1), late);
    REQUIRE(desk.state_of(row) == MessageState::queued);
    desk.finish(row, late, OutcomeKind::accepted, MessageState::accepted);
    CHECK(desk.state_of(row) == MessageState::accepted);
    CHECK(desk.queued(late + absl::Hours(2)).empty());
  }
}

TEST_CASE("store: an unknown message is sent again by itself once, then a person must look") {
  Outbox desk(any_store());
  const auto row = desk.message.row;
  Instant now = desk.now;
  const auto lose = [&] {
    REQUIRE(desk.claim(row, now, now + absl::Minutes(10)));
    REQUIRE(desk.begin_body(row, now));
    REQUIRE(desk->reap(now, true).size() == 1);
  };
  lose();
  const Instant again = now + absl::Minutes(30);
  desk->resolve_unknown(row, true, again, now);
  CHECK(desk.queued(again - absl::Microseconds(1)).empty());
  REQUIRE(desk.queued(again).size() == 1);
  now = again;
  lose();
  desk->resolve_unknown(row, true, again, now);
  CHECK(desk.state_of(row) == MessageState::needs_attention);
  CHECK(desk->status().needs_attention == 1);
}

TEST_CASE("store: that a message was ever in doubt is known whatever came after, and its one resend with it") {
  Outbox desk(any_store());
  const auto row = desk.message.row;
  Instant now = desk.now;
  const auto end = [&](OutcomeKind kind, MessageState state) {
    now += absl::Minutes(40);
    REQUIRE(desk.claim(row, now, now + absl::Minutes(10)));
    REQUIRE(desk.begin_body(row, now));
    desk.finish(row, now, kind, state);
  };
  CHECK(desk.find(row)->doubts == 0);
  end(OutcomeKind::unknown, MessageState::queued);
  end(OutcomeKind::temporary, MessageState::queued);
  CHECK(desk.find(row)->doubts == 1);
  end(OutcomeKind::permanent, MessageState::queued);
  CHECK(desk.find(row)->refusals == 1);
  // Dying on the way of the resend leaves no second one.
  now += absl::Minutes(40);
  REQUIRE(desk.claim(row, now, now + absl::Minutes(10)));
  REQUIRE(desk.begin_body(row, now));
  REQUIRE(desk->reap(now, true).size() == 1);
  desk->resolve_unknown(row, true, now, now);
  CHECK(desk.state_of(row) == MessageState::needs_attention);
  CHECK(desk.find(row)->doubts == 2);
}

TEST_CASE("store: without a resend an unknown message waits for a person at once") {
  Outbox desk(any_store());
  REQUIRE(desk.claim(desk.message.row, desk.now, desk.lease()));
  REQUIRE(desk.begin_body(desk.message.row, desk.now));
  desk->reap(desk.now, true);
  desk->resolve_unknown(desk.message.row, false, desk.now, desk.now);
  CHECK(desk.state_of(desk.message.row) == MessageState::needs_attention);
}

TEST_CASE("store: a broken channel costs no attempt, a temporary refusal does") {
  Outbox desk(any_store());
  const auto row = desk.message.row;
  REQUIRE(desk.claim(row, desk.now, desk.lease()));
  const bool broken = GENERATE(false, true);
  desk.finish(row, desk.now, broken ? OutcomeKind::channel_broken : OutcomeKind::temporary, MessageState::queued);
  CHECK(desk.find(row)->attempts == (broken ? 0 : 1));
  CHECK(desk->attempts(row).size() == 1);
  CHECK(desk.queued(desk.now + absl::Minutes(5)).size() == 1);
}

TEST_CASE("store: an outcome counts once") {
  Outbox desk(any_store());
  const auto row = desk.message.row;
  desk.deliver(desk.message, desk.now);
  desk.finish(row, desk.now + absl::Hours(1), OutcomeKind::permanent, MessageState::refused);
  CHECK(desk.state_of(row) == MessageState::accepted);
  CHECK(desk.told_state(desk.message.items[0].notification) == "delivered");
  CHECK(desk.events("sent").size() == 1);
  CHECK(desk.events("fenced").size() == 1);
}
