#include <algorithm>

#include "store/evidence.h"
#include "store/given.h"
#include "support/catch.h"

using namespace given;
using store::MessageState;
using store::OutcomeKind;
using store::Returned;

namespace {

const std::string sent_id = "d.0123456789abcdef0123456789abcdef.fedcba9876543210@county.example";

/// A desk whose first message has been accepted under sent_id.
struct Posted {
  explicit Posted(const StoreKind& kind) : desk(kind, {{"2.1", "CCN", "2026-12-31"}}), now(at("2026-09-01T09:00:00Z")) {
    message = desk.await_message(now);
    const store::Store::Claim claim{message.row, store::Rendered{"bytes", sent_id, "ccn@kent.example"}};
    REQUIRE(desk->claim(std::span(&claim, 1), now, now + absl::Minutes(20))[0]);
    desk.begin_body(message.row, now);
    desk.finish(message.row, now, OutcomeKind::accepted, MessageState::accepted);
    REQUIRE(desk.told_state(notification()) == "delivered");
  }
  std::int64_t notification() const { return message.items.at(0).notification; }

  Returned mail(Returned::Kind of, char digit = 'a') const {
    Returned returned;
    returned.kind = of;
    returned.identity = std::string(64, digit);
    returned.message = message.row;
    return returned;
  }
  bool take(const Returned& returned, const std::string& mark = "1:1") const {
    return desk->take_returned(std::span(&returned, 1), mark, *desk.world, now)[0];
  }
  /// Notifications of a rule, as the log shows them.
  std::vector<store::NotificationRecord> told_by(const std::string& rule) const {
    auto all = desk->notifications("county", "2.1", 100);
    std::erase_if(all, [&](const store::NotificationRecord& record) { return record.rule != rule; });
    return all;
  }

  Desk desk;
  Instant now;
  store::OutboxMessage message;
};

}  // namespace

TEST_CASE("store: a sent message is found by its whole Message-ID or by what stands before the @, by nothing else") {
  const auto kind = any_store();
  INFO("store " << kind.name);
  const Posted posted(kind);
  REQUIRE(posted.desk->find_sent(sent_id));
  CHECK(posted.desk->find_sent(sent_id)->row == posted.message.row);
  CHECK(posted.desk->find_sent(sent_id)->items.size() == posted.message.items.size());
  CHECK(posted.desk->find_sent(sent_id.substr(0, sent_id.find('@'))));
  for (const std::string& other :
       {std::string("d."), sent_id.substr(0, 40), sent_id + "x", std::string("d"), std::string()}) {
    INFO(other);
    CHECK_FALSE(posted.desk->find_sent(other));
  }
}

TEST_CASE("store: a mail that came back has its effect once, and how far the mailbox was read is kept with it") {
  const auto kind = any_store();
  INFO("store " << kind.name);
  Posted posted(kind);
  Returned bounce = posted.mail(Returned::Kind::bounce);
  bounce.outcome = {OutcomeKind::permanent, 550, "5.1.1", "no such user", {}};
  CHECK(posted.take(bounce, "7:12"));
  CHECK(posted.desk.told_state(posted.notification()) == "unreachable");
  CHECK(posted.desk.state_of(posted.message.row) == MessageState::refused);
  CHECK(posted.desk->kept("inbox") == "7:12");
  CHECK_FALSE(posted.take(bounce, "7:13"));
  CHECK(posted.desk->kept("inbox") == "7:13");
  CHECK(posted.desk.events("mail").size() == 1);
  posted.desk.reopen();
  CHECK_FALSE(posted.take(bounce, "7:14"));
}

TEST_CASE("store: a bounce is told to the coordinator once for each case and person") {
  const auto kind = any_store();
  INFO("store " << kind.name);
  const Posted posted(kind);
  posted.take(posted.mail(Returned::Kind::bounce));
  CHECK(posted.desk->tell_unreachable(*posted.desk.world, posted.now) == 1);
  CHECK(posted.desk->tell_unreachable(*posted.desk.world, posted.now) == 0);
  const auto told = posted.told_by("unreachable");
  REQUIRE(told.size() == 1);
  CHECK(told[0].about == std::vector<std::string>{posted.message.recipient});
  CHECK(told[0].deliver == "direct");
  CHECK(told[0].recipient != posted.message.recipient);
  CHECK(store::differences(store::replay(*posted.desk.store), posted.desk->recorded()).empty());
}

TEST_CASE("store: a bounce with another channel queues that, and nobody is unreachable") {
  const auto kind = any_store();
  INFO("store " << kind.name);
  const Posted posted(kind);
  Returned bounce = posted.mail(Returned::Kind::bounce);
  bounce.fall_back_to = posted.message.channel == "email" ? "teams" : "email";
  // Another message of the pass may wait by itself; only those of this notification count.
  posted.take(bounce);
  CHECK(posted.desk.told_state(posted.notification()) == "composed");
  CHECK(posted.desk->tell_unreachable(*posted.desk.world, posted.now) == 0);
  const auto queued = posted.desk.queued(posted.now);
  CHECK(std::any_of(queued.begin(), queued.end(), [&](const store::OutboxMessage& message) {
    return message.channel == bounce.fall_back_to && message.items.at(0).notification == posted.notification();
  }));
}

TEST_CASE("store: an absence is a hint by party and time, and changes nothing else") {
  const auto kind = any_store();
  INFO("store " << kind.name);
  const Posted posted(kind);
  posted.take(posted.mail(Returned::Kind::absence));
  const auto hints = posted.desk->absence_hints(posted.now);
  REQUIRE(hints.size() == 1);
  CHECK(hints[0].party == posted.message.recipient);
  CHECK(hints[0].heard == posted.now);
  CHECK(posted.desk->absence_hints(posted.now + absl::Seconds(1)).empty());
  CHECK(posted.desk.told_state(posted.notification()) == "delivered");
}

TEST_CASE("store: a comment is the action's last word and goes to the coordinator, not to who wrote it") {
  const auto kind = any_store();
  INFO("store " << kind.name);
  const Posted posted(kind);
  Returned comment = posted.mail(Returned::Kind::comment);
  comment.party = posted.message.recipient;
  comment.text = "We wait for the grant.";
  comment.notifications = {posted.notification()};
  posted.take(comment);
  const auto told = posted.told_by("reply");
  REQUIRE(told.size() == 1);
  CHECK(told[0].about == std::vector<std::string>{posted.message.recipient});
  CHECK(posted.desk.events("response").size() == 1);
  CHECK(posted.desk.load("2.1").state.facts.last_note == "We wait for the grant.");
  CHECK(store::differences(store::replay(*posted.desk.store), posted.desk->recorded()).empty());
  SECTION("the coordinator's own comment goes to nobody but the sponsor") {
    Returned own = posted.mail(Returned::Kind::comment, 'b');
    own.party = told[0].recipient;
    own.text = "Thank you.";
    own.notifications = {posted.notification()};
    posted.take(own);
    for (const auto& record : posted.told_by("reply")) {
      if (record.about == std::vector<std::string>{own.party}) CHECK(record.recipient != own.party);
    }
  }
}

TEST_CASE("store: of one party's comments no more than the day's number is passed on") {
  const auto kind = any_store();
  INFO("store " << kind.name);
  const Posted posted(kind);
  for (int i = 0; i < static_cast<int>(store::comments_passed_on_per_day) + 3; ++i) {
    Returned comment = posted.mail(Returned::Kind::comment);
    comment.identity = std::string(62, 'c') + (i < 10 ? "0" : "") + std::to_string(i);
    comment.party = posted.message.recipient;
    comment.text = "Again.";
    comment.notifications = {posted.notification()};
    posted.take(comment);
  }
  CHECK(posted.told_by("reply").size() == store::comments_passed_on_per_day);
  CHECK(posted.desk.events("response").size() == store::comments_passed_on_per_day + 3);
}
