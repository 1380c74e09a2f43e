#include "store/given.h"
#include "support/catch.h"

using namespace given;
using store::MessageState;
using store::OutcomeKind;

namespace {

constexpr const char* address = "Net@County.example";

/// The relay's last word on a message, which is refused for it.
void refuse(const Desk& desk, const store::OutboxMessage& message, int code, const std::string& enhanced, Instant now) {
  const store::Store::Claim claim{message.row, store::Rendered{"bytes", "id", address}};
  REQUIRE(desk->claim(std::span(&claim, 1), now, now + absl::Minutes(20))[0]);
  const store::Store::Finish finish{
      message.row, {OutcomeKind::permanent, code, enhanced, "no", {}}, {MessageState::refused, now}};
  desk->finish(std::span(&finish, 1), now);
}

store::OutboxMessage await_mail(Desk& desk, Instant& now) {
  store::OutboxMessage message = desk.await_message(now);
  REQUIRE(message.channel == "email");
  return message;
}

}  // namespace

TEST_CASE(
    "store: an address that does not exist is dead at the first refusal, whatever its capitals, and the log says so") {
  const auto kind = any_store();
  INFO("store " << kind.name);
  Desk desk(kind, {{"2.1", "CCN", "2026-12-31"}});
  Instant now = at("2026-09-01T09:00:00Z");
  const store::OutboxMessage message = await_mail(desk, now);
  const std::string code = GENERATE("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1");
  refuse(desk, message, 550, code, now);
  const auto dead = desk->dead_addresses(now - absl::Hours(1));
  REQUIRE(dead.size() == 1);
  CHECK(dead[0].recipient == message.recipient);
  CHECK(dead[0].address == store::address_hash("net@county.EXAMPLE"));
  CHECK(dead[0].since == now);
  CHECK(dead[0].said == "550 " + code);
  CHECK(desk.events("dead_address").size() == 1);
  CHECK(desk->dead_addresses(now).empty());  // as long ago as that it is tried again

  SECTION("until a person has its message tried again") {
    desk->retry(message.row, now);
    CHECK(desk->dead_addresses(now - absl::Hours(1)).empty());
  }
  SECTION("until it is released, by its party or with all") {
    CHECK_FALSE(desk->release("address", {"", "", "nobody"}, "cli:test", now));
    const bool is_by_party = GENERATE(true, false);
    const std::string party = is_by_party ? message.recipient : "";
    CHECK(desk->release("address", {"", "", party}, "cli:test", now));
    CHECK(desk->dead_addresses(now - absl::Hours(1)).empty());
    CHECK_FALSE(desk->release("address", {"", "", party}, "cli:test", now));
  }
}

TEST_CASE("store: other refusals count: the third within a week says that an address is dead") {
  const auto kind = any_store();
  INFO("store " << kind.name);
  Desk desk(kind, {{"2.1", "CCN", "2026-12-28"}, {"2.2", "CCN", "2026-12-29"}, {"2.3", "CCN", "2026-12-31"}});
  Instant now = at("2026-09-01T09:00:00Z");
  std::vector<store::OutboxMessage> mails;
  for (int day = 0; mails.size() < 4; ++day, now += absl::Hours(24)) {
    REQUIRE(day < 200);
    desk.pass(now);
    mails = desk.queued(now);
    std::erase_if(mails, [](const auto& mail) { return mail.channel != "email" || mail.recipient != "ccn"; });
  }
  const auto refused = [&](std::size_t mail, absl::Duration later) {
    now += later;
    refuse(desk, mails[mail], 550, "5.0.0", now);
    return !desk->dead_addresses(now - absl::Hours(1)).empty();
  };
  CHECK_FALSE(refused(0, absl::ZeroDuration()));
  CHECK_FALSE(refused(1, absl::Hours(24)));
  SECTION("within the week") {
    CHECK(refused(2, absl::Hours(24 * 6)));
  }
  SECTION("a moment later than a week they do not count together") {
    CHECK_FALSE(refused(2, absl::Hours(24 * 6) + absl::Microseconds(1)));
    CHECK(refused(3, absl::Hours(23)));
  }
}

TEST_CASE("store: what is given up for its address was never tried, and nobody but its recipient is unreachable") {
  const auto kind = any_store();
  INFO("store " << kind.name);
  Desk desk(kind, {{"2.1", "CCN", "2026-12-31"}});
  Instant now = at("2026-09-01T09:00:00Z");
  const store::OutboxMessage message = await_mail(desk, now);
  CHECK(desk->give_up(message.row, "not tried: dead", now));
  CHECK(desk.find(message.row)->state == MessageState::refused);
  CHECK(desk.find(message.row)->last_outcome == "not tried: dead");
  CHECK(desk->attempts(message.row).empty());
  CHECK(desk.told_state(message.items[0].notification) == "unreachable");
  CHECK_FALSE(desk->give_up(message.row, "again", now));
}
