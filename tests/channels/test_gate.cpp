#include "channels/gate.h"

#include "support/catch.h"

using namespace chaser;
using namespace chaser::channels;
using store::Outcome;
using store::OutcomeKind;

namespace {

const calendar::Instant start = absl::FromUnixSeconds(1'798'000'000);

Outcome ended(OutcomeKind kind, int code = 0, std::optional<std::int64_t> retry_after = {}) {
  return {kind, code, "", "", retry_after};
}

Gate::Passage card(store::MessageRow row, const std::string& place, const std::string& recipient = "") {
  return {row, "teams", place, recipient.empty() ? "r" + std::to_string(row) : recipient};
}

Gate::Passage letter(store::MessageRow row, const std::string& recipient = "") {
  return {row, "email", "", recipient.empty() ? "r" + std::to_string(row) : recipient};
}

int pass_now(Gate& gate, const std::vector<Gate::Passage>& all, calendar::Instant now) {
  int gone = 0;
  for (const Gate::Passage& passage : all) {
    if (gate.waits(passage, now)) continue;
    gate.goes(passage, now);
    ++gone;
  }
  return gone;
}

}  // namespace

TEST_CASE("bucket: a burst, then one an interval, not a moment before") {
  Bucket bucket({3, absl::Seconds(10)});
  CHECK(bucket.tokens(start) == 3);
  for (int i = 0; i < 3; ++i) bucket.take(start);
  CHECK(bucket.tokens(start) == 0);
  CHECK(bucket.available(start) == start + absl::Seconds(10));
  CHECK(bucket.available(start, 2) == start + absl::Seconds(30));
  CHECK(bucket.tokens(start + absl::Seconds(10) - absl::Nanoseconds(1)) == 0);
  CHECK(bucket.tokens(start + absl::Seconds(10)) == 1);
  CHECK(bucket.tokens(start + absl::Hours(1)) == 3);
  CHECK_FALSE(bucket.is_full(start + absl::Seconds(29)));
  CHECK(bucket.is_full(start + absl::Seconds(30)));
}

TEST_CASE("bucket: a limit of so many in a period holds for every period, from its first moment") {
  const int count = GENERATE(1, 2, 25, 30, 10'000);
  Bucket bucket(rate_within(count, absl::Minutes(1)));
  std::vector<calendar::Instant> gone;
  const calendar::Instant end = start + absl::Minutes(3);
  for (calendar::Instant now = start; now < end; now = std::max(bucket.available(now), now)) {
    bucket.take(now);
    gone.push_back(now);
  }
  CHECK(static_cast<int>(gone.size()) >= 2 * count - 1);
  const auto last = static_cast<std::size_t>(count);
  for (std::size_t i = last; i < gone.size(); ++i)
    CHECK(gone[i] - gone[i - last] >= absl::Minutes(1) - absl::Seconds(1));
  CHECK_FALSE(rate_within(0, absl::Minutes(1)).is_limited());
}

TEST_CASE("bucket: held, nothing goes before its time; without a limit all else goes") {
  Bucket bucket(Rate{});
  for (int i = 0; i < 1'000; ++i) bucket.take(start);
  CHECK(bucket.tokens(start) > 1'000);
  bucket.hold_until(start + absl::Minutes(1));
  CHECK(bucket.tokens(start + absl::Seconds(59)) == 0);
  CHECK(bucket.tokens(start + absl::Seconds(60)) > 0);
}

TEST_CASE("breaker: opens at the third failure of the way in a row, then lets one try, and pauses longer each time") {
  Breaker breaker;
  for (int i = 0; i < 2; ++i) breaker.heard(ended(OutcomeKind::temporary), start);
  CHECK_FALSE(breaker.waits(start));
  breaker.heard(ended(OutcomeKind::temporary), start);
  CHECK(breaker.waits(start) == start + absl::Seconds(30));
  const calendar::Instant second = start + absl::Seconds(30);
  CHECK_FALSE(breaker.waits(second));
  breaker.goes(second);
  CHECK(breaker.waits(second));                            // one is trying
  CHECK_FALSE(breaker.waits(second + absl::Minutes(20)));  // and was never heard of again
  breaker.heard(ended(OutcomeKind::temporary), second);
  CHECK(breaker.waits(second) == second + absl::Seconds(60));
  calendar::Instant now = second;
  for (int i = 0; i < 10; ++i) {
    now = *breaker.waits(now);
    breaker.goes(now);
    breaker.heard(ended(OutcomeKind::temporary), now);
  }
  CHECK(breaker.waits(now) == now + absl::Minutes(30));
  breaker.heard(ended(OutcomeKind::accepted, 250), now);
  CHECK_FALSE(breaker.waits(now));
  CHECK_FALSE(breaker.is_trying());
}

TEST_CASE("breaker: a refusal of one message proves that the way works") {
  Breaker breaker;
  for (int i = 0; i < 20; ++i) {
    breaker.heard(ended(OutcomeKind::temporary), start);
    breaker.heard(ended(OutcomeKind::temporary), start);
    breaker.heard(i % 2 == 0 ? ended(OutcomeKind::permanent, 550) : ended(OutcomeKind::temporary, 451), start);
  }
  CHECK_FALSE(breaker.waits(start));
}

TEST_CASE("breaker: a broken way is tried hourly, or as late as it asks") {
  Breaker breaker;
  breaker.heard(ended(OutcomeKind::channel_broken, 535), start);
  CHECK(breaker.is_broken());
  CHECK(breaker.waits(start) == start + absl::Hours(1));
  breaker.heard(ended(OutcomeKind::channel_broken, 554, 4 * 3'600), start);
  CHECK(breaker.waits(start) == start + absl::Hours(4));
}

TEST_CASE(
    "gate: all flows of one owner share five cards at once and then one in twelve seconds; another owner does not") {
  GateSettings settings;
  settings.owners = {
      {"place", "flows@county.example"}, {"waste", "flows@county.example"}, {"far", "else@county.example"}};
  Gate gate(settings);
  std::vector<Gate::Passage> shared;
  for (store::MessageRow row = 1; row <= 20; ++row) shared.push_back(card(row, row % 2 == 0 ? "place" : "waste"));
  CHECK(pass_now(gate, shared, start) == 5);
  CHECK(pass_now(gate, {card(100, "far")}, start) == 1);
  CHECK(pass_now(gate, {shared.begin() + 5, shared.end()}, start + absl::Seconds(11)) == 0);
  CHECK(pass_now(gate, {shared.begin() + 5, shared.end()}, start + absl::Seconds(12)) == 1);
}

TEST_CASE("gate: those that wait for one owner are told times one after another") {
  Gate gate(GateSettings{});
  for (store::MessageRow row = 1; row <= 5; ++row) REQUIRE(pass_now(gate, {card(row, "place")}, start) == 1);
  CHECK(gate.waits(card(6, "place"), start) == start + absl::Seconds(12));
  CHECK(gate.waits(card(7, "place"), start) == start + absl::Seconds(24));
  CHECK(gate.waits(card(8, "place"), start) == start + absl::Seconds(36));
}

TEST_CASE("gate: told to slow down, all flows of that owner wait as long as they are told") {
  GateSettings settings;
  settings.owners = {{"place", "one"}, {"waste", "one"}};
  Gate gate(settings);
  gate.goes(card(1, "place"), start);
  gate.heard(card(1, "place"), ended(OutcomeKind::temporary, 429, 90), start);
  CHECK(gate.waits(card(2, "waste"), start + absl::Seconds(89)));
  CHECK_FALSE(gate.waits(card(2, "waste"), start + absl::Seconds(90)));
}

TEST_CASE("gate: one flow that is broken holds no other") {
  Gate gate(GateSettings{});
  gate.goes(card(1, "place"), start);
  gate.heard(card(1, "place"), ended(OutcomeKind::channel_broken, 404), start);
  CHECK(gate.is_broken(card(2, "place"), start));
  CHECK(gate.waits(card(2, "place"), start) == start + absl::Hours(1));
  CHECK_FALSE(gate.is_broken(card(3, "waste"), start));
  CHECK_FALSE(gate.waits(card(3, "waste"), start));
  CHECK_FALSE(gate.is_broken(card(2, "place"), start + absl::Hours(1)));  // time to try
  CHECK(gate.room("email", start) > 0);
}

TEST_CASE("gate: a relay's rate is kept over a minute and over a day") {
  GateSettings settings;
  settings.email = {25, absl::Milliseconds(2'400)};
  settings.email_day = {40, absl::Hours(24) / 40};
  Gate gate(settings);
  CHECK(gate.room("email", start) == 25);
  for (store::MessageRow row = 0; row < 25; ++row) gate.goes(letter(row), start);
  CHECK(gate.room("email", start) == 0);
  CHECK(gate.opens("email", start) == start + absl::Milliseconds(2'400));
  const calendar::Instant later = start + absl::Minutes(1);
  CHECK(gate.room("email", later) == 15);
  CHECK_FALSE(gate.opens("email", later));
}

TEST_CASE("gate: a relay that says the rate is exceeded gets nothing before the time that it needs") {
  Gate gate(GateSettings{});
  gate.goes(letter(1), start);
  gate.heard(letter(1), ended(OutcomeKind::temporary, 421, 60), start);
  CHECK(gate.room("email", start + absl::Seconds(59)) == 0);
  CHECK(gate.opens("email", start) == start + absl::Seconds(60));
  CHECK(gate.room("email", start + absl::Seconds(60)) > 1'000);
}

TEST_CASE("gate: a relay that too many sessions speak to is spoken to by one, until it has not said so for a while") {
  const std::string words = "Concurrent connections limit exceeded";
  const auto said = GENERATE_COPY(Outcome{OutcomeKind::temporary, 432, "4.3.2", "432 4.3.2 " + words, {}},
                                  Outcome{OutcomeKind::temporary, 432, "", "432", {}},
                                  Outcome{OutcomeKind::temporary, 421, "4.3.2", "421 4.3.2 " + words, {}});
  Gate gate(GateSettings{});
  CHECK(gate.sessions("email", start) > 1'000);
  gate.heard(letter(1), said, start);
  CHECK(gate.sessions("email", start) == 1);
  CHECK(gate.room("email", start) > 1'000);  // it is not down
  CHECK(gate.sessions("teams", start) > 1'000);
  const calendar::Instant again = start + absl::Minutes(9);
  gate.heard(letter(2), said, again);
  gate.heard(letter(3), ended(OutcomeKind::accepted, 250), again);
  CHECK(gate.sessions("email", again + Gate::alone_for - absl::Nanoseconds(1)) == 1);
  CHECK(gate.sessions("email", again + Gate::alone_for) > 1'000);
}

TEST_CASE("gate: what a relay puts off for other reasons leaves it all of its sessions") {
  Gate gate(GateSettings{});
  gate.heard(letter(1), ended(OutcomeKind::temporary, 451), start);
  gate.heard(letter(2), ended(OutcomeKind::temporary, 421, 60), start);
  gate.heard(letter(3), {OutcomeKind::permanent, 550, "", "Concurrent connections limit exceeded", {}}, start);
  CHECK(gate.sessions("email", start) > 1'000);
}

TEST_CASE("gate: a relay that is down is tried by one message, and the rest keep their attempts") {
  Gate gate(GateSettings{});
  for (store::MessageRow row = 1; row <= 3; ++row) {
    gate.goes(letter(row), start);
    gate.heard(letter(row), ended(OutcomeKind::temporary), start);
  }
  CHECK(gate.room("email", start) == 0);
  CHECK(gate.opens("email", start) == start + absl::Seconds(30));
  const calendar::Instant later = start + absl::Seconds(30);
  CHECK(gate.room("email", later) == 1);
  gate.goes(letter(4), later);
  CHECK(gate.room("email", later) == 0);
  gate.heard(letter(4), ended(OutcomeKind::accepted, 250), later);
  CHECK(gate.room("email", later) > 1'000);
}

TEST_CASE("gate: one person gets thirty at once and then one a minute, on each channel; others are not held") {
  Gate gate(GateSettings{});
  std::vector<Gate::Passage> many;
  for (store::MessageRow row = 1; row <= 50; ++row) many.push_back(letter(row, "ccn"));
  CHECK(pass_now(gate, many, start) == 30);
  CHECK(pass_now(gate, {letter(90, "other"), card(91, "place", "ccn")}, start) == 2);
  CHECK(gate.waits(letter(60, "ccn"), start) == start + absl::Minutes(1));
}

TEST_CASE("gate: what it remembers of recipients is bounded") {
  Gate gate(GateSettings{});
  calendar::Instant now = start;
  for (store::MessageRow row = 0; row < 50'000; ++row) {
    gate.goes(letter(row), now);
    now += absl::Seconds(1);
  }
  CHECK(gate.room("email", now) > 0);
}

namespace {

Outcome refused_by_policy(int code = 550, const char* enhanced = "5.7.1") {
  return {OutcomeKind::channel_broken, code, enhanced, "", {}, true};
}

const Outcome taken{OutcomeKind::accepted, 250, "", "", {}};

}  // namespace

TEST_CASE("gate: one recipient whom the relay's policy refuses at RCPT holds nobody else, however often") {
  Gate gate(GateSettings{});
  for (int i = 0; i < 5; ++i) gate.heard(letter(1, "a"), refused_by_policy(), start);
  CHECK_FALSE(gate.is_broken(letter(2), start));
  CHECK(gate.room("email", start) > 1);
}

TEST_CASE("gate: a second recipient in a row refused by policy makes it the relay's, and holds the channel an hour") {
  Gate gate(GateSettings{});
  gate.heard(letter(1, "a"), refused_by_policy(), start);
  SECTION("in a row") {
    gate.heard(letter(2, "b"), refused_by_policy(), start);
    CHECK(gate.is_broken(letter(3), start));
    CHECK(gate.opens("email", start) == start + absl::Hours(1));
    const calendar::Instant later = start + absl::Hours(1);
    CHECK(gate.room("email", later) == 1);
    gate.heard(letter(1, "a"), refused_by_policy(), later);  // the one that tries, and nobody was taken since
    CHECK(gate.is_broken(letter(3), later));
  }
  SECTION("not with a mail accepted in between") {
    gate.heard(letter(2, "b"), taken, start);
    gate.heard(letter(3, "c"), refused_by_policy(), start);
    CHECK_FALSE(gate.is_broken(letter(4), start));
  }
}

TEST_CASE("gate: two recipients whom policy refuses hold the channel once and not again each hour") {
  Gate gate(GateSettings{});
  gate.heard(letter(1, "a"), refused_by_policy(), start);
  gate.heard(letter(2, "b"), refused_by_policy(), start);
  const calendar::Instant later = start + absl::Hours(1);
  gate.heard(letter(3, "c"), taken, later);  // the relay works for others
  gate.heard(letter(1, "a"), refused_by_policy(), later);
  gate.heard(letter(2, "b"), refused_by_policy(), later);
  CHECK_FALSE(gate.is_broken(letter(4), later));
  gate.heard(letter(1, "a"), taken, later);  // whom it takes again is like anybody else
  gate.heard(letter(1, "a"), refused_by_policy(), later);
  gate.heard(letter(5, "e"), refused_by_policy(), later);
  CHECK(gate.is_broken(letter(4), later));
}

TEST_CASE("gate: a login that is wanted, a used-up quota or a policy told elsewhere hold the channel at once") {
  Outcome broken = refused_by_policy();
  SECTION("a login") {
    broken = refused_by_policy(530, "5.7.0");
  }
  SECTION("a quota") {
    broken.retry_after_seconds = 14'400;
  }
  SECTION("not at RCPT") {
    broken.at_recipient = false;
  }
  SECTION("not a policy") {
    broken.enhanced = "5.1.8";
  }
  Gate gate(GateSettings{});
  gate.heard(letter(1, "a"), broken, start);
  CHECK(gate.is_broken(letter(2), start));
}

TEST_CASE("gate: told by 421 to wait, the relay's whole mail waits so long") {
  Gate gate(GateSettings{});
  gate.heard(letter(1), ended(OutcomeKind::temporary, 421, 60), start);
  CHECK(gate.room("email", start + absl::Seconds(59)) == 0);
  CHECK(gate.opens("email", start + absl::Seconds(59)) == start + absl::Seconds(60));
  CHECK(gate.room("email", start + absl::Seconds(60)) > 0);
}

TEST_CASE("gate: what it remembers of recipients refused by policy is bounded") {
  Gate gate(GateSettings{});
  for (store::MessageRow row = 0; row < 30'000; ++row) {
    gate.heard(letter(row), refused_by_policy(), start);
    gate.heard(letter(100'000), taken, start);
  }
  CHECK_FALSE(gate.is_broken(letter(4), start));
}
