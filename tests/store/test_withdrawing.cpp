// What is not said after all: withdrawn notifications, and a person's word on a message.
#include <algorithm>

#include "given.h"
#include "support/catch.h"

using namespace given;
using store::MessageState;
using store::OutcomeKind;

namespace {

const chase::Reason not_true{chase::ReasonCode::finished, "done"};

/// A desk whose coordinator has a digest or message of several actions waiting.
struct Waiting : Desk {
  explicit Waiting(const StoreKind& store_kind)
      : Desk(store_kind, {{"2.1", "CCN", "2026-12-31"}, {"2.2", "CCN", "2026-12-31"}}) {
    while (true) {
      message = await_message(now);
      if (message.items.size() > 1) break;
      deliver(message, now);
    }
  }

  std::vector<std::int64_t> notifications() const {
    std::vector<std::int64_t> rows;
    for (const auto& item : message.items) rows.push_back(item.notification);
    return rows;
  }

  Instant now = at("2026-09-01T09:00:00Z");
  store::OutboxMessage message;
};

}  // namespace

TEST_CASE("store: a notification that is not true any more leaves its message, and the rest goes") {
  Waiting desk(any_store());
  const auto rows = desk.notifications();
  desk->withdraw(desk.message.row, std::span(rows).first(1), not_true, desk.now);
  CHECK(desk.told_state(rows[0]) == "withdrawn");
  const auto left = desk.find(desk.message.row);
  CHECK(left->state == MessageState::queued);
  REQUIRE(left->items.size() == rows.size() - 1);
  for (const auto& item : left->items) {
    CHECK(item.notification != rows[0]);
    CHECK(item.carried_by != rows[0]);
  }
  CHECK(desk->next_look() <= desk.now);
}

TEST_CASE("store: a message without any notification left is withdrawn") {
  Waiting desk(any_store());
  const auto rows = desk.notifications();
  desk->withdraw(desk.message.row, rows, not_true, desk.now);
  CHECK(desk.state_of(desk.message.row) == MessageState::withdrawn);
  CHECK_FALSE(desk.claim(desk.message.row, desk.now, desk.now + absl::Minutes(10)));
  for (const auto row : rows) CHECK(desk.told_state(row) == "withdrawn");
}

TEST_CASE("store: what has been tried cannot be called back") {
  Waiting desk(any_store());
  const auto rows = desk.notifications();
  const bool has_come_back = GENERATE(false, true);
  REQUIRE(desk.claim(desk.message.row, desk.now, desk.now + absl::Minutes(10)));
  if (has_come_back) desk.finish(desk.message.row, desk.now, OutcomeKind::temporary, MessageState::queued);
  const MessageState before = desk.state_of(desk.message.row);
  desk->withdraw(desk.message.row, rows, not_true, desk.now);
  CHECK(desk.state_of(desk.message.row) == before);
  CHECK(desk.find(desk.message.row)->items.size() == rows.size());
  for (const auto row : rows) CHECK(desk.told_state(row) == "composed");
}

TEST_CASE("store: withdrawing takes only what the message holds") {
  Waiting desk(any_store());
  const std::vector<std::int64_t> strangers{99'999};
  desk->withdraw(desk.message.row, strangers, not_true, desk.now);
  CHECK(desk.find(desk.message.row)->items.size() == desk.message.items.size());
  CHECK(desk.state_of(desk.message.row) == MessageState::queued);
}

TEST_CASE("store: a message that a person drops never goes, and its notifications are withdrawn for that reason") {
  Waiting desk(any_store());
  CHECK(desk->drop(desk.message.row, "cli:anna", desk.now));
  CHECK_FALSE(desk->drop(desk.message.row, "cli:anna", desk.now));
  CHECK(desk.state_of(desk.message.row) == MessageState::withdrawn);
  CHECK(desk.queued(desk.now + absl::Hours(24)).empty());
  for (const auto row : desk.notifications()) CHECK(desk.told_state(row) == "withdrawn");
  const auto dropped = desk.events("dropped");
  REQUIRE(dropped.size() == 1);
  CHECK(dropped[0].actor == "cli:anna");
  CHECK(desk->next_look() <= desk.now);
}

TEST_CASE("store: a message under way or settled is neither dropped nor tried again") {
  Waiting desk(any_store());
  const auto row = desk.message.row;
  REQUIRE(desk.claim(row, desk.now, desk.now + absl::Minutes(10)));
  CHECK_FALSE(desk->drop(row, "cli:anna", desk.now));
  CHECK_FALSE(desk->retry(row, desk.now));
  REQUIRE(desk.begin_body(row, desk.now));
  CHECK_FALSE(desk->drop(row, "cli:anna", desk.now));
  desk.finish(row, desk.now, OutcomeKind::accepted, MessageState::accepted);
  CHECK_FALSE(desk->drop(row, "cli:anna", desk.now));
  CHECK_FALSE(desk->retry(row, desk.now));
  CHECK(desk.events("dropped").empty());
  CHECK(desk.events("retry").empty());
}

TEST_CASE("store: a stuck message goes again at a person's word") {
  Waiting desk(any_store());
  const auto row = desk.message.row;
  REQUIRE(desk.claim(row, desk.now, desk.now + absl::Minutes(10)));
  SECTION("one that is unknown") {
    REQUIRE(desk.begin_body(row, desk.now));
    desk->reap(desk.now, true);
    desk->resolve_unknown(row, false, desk.now, desk.now);
  }
  SECTION("one that was refused") {
    desk.finish(row, desk.now, OutcomeKind::permanent, MessageState::refused);
  }
  SECTION("one that waits for its next try") {
    desk.finish(row, desk.now, OutcomeKind::temporary, MessageState::queued);
  }
  CHECK(desk->retry(row, desk.now));
  const auto queued = desk.queued(desk.now);
  REQUIRE(queued.size() == 1);
  CHECK(queued[0].row == row);
  desk.deliver(queued[0], desk.now);
  for (const auto notification : desk.notifications()) CHECK(desk.told_state(notification) == "delivered");
}

TEST_CASE("store: there is no message to drop or retry where there is none") {
  Waiting desk(any_store());
  CHECK_FALSE(desk->drop(99'999, "cli:anna", desk.now));
  CHECK_FALSE(desk->retry(99'999, desk.now));
}
