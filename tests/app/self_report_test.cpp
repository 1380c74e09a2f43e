#include "app/self_report.h"
#include "support/catch.h"

using namespace chaser;
using app::stuck_words;

TEST_CASE("self-report: nothing stuck is no words") {
  store::StoreStatus status;
  status.queued = 5;
  const calendar::Instant now = absl::FromCivil(absl::CivilSecond(2027, 1, 4, 9), absl::UTCTimeZone());
  CHECK(stuck_words(status, "", now).empty());
  status.oldest_unsent = now - app::stuck_after + absl::Seconds(1);
  CHECK(stuck_words(status, "", now).empty());
}

TEST_CASE("self-report: what needs a person, what waits too long and a mailbox that cannot be read are told") {
  store::StoreStatus status;
  status.queued = 5;
  status.needs_attention = 1;
  const calendar::Instant now = absl::FromCivil(absl::CivilSecond(2027, 1, 4, 9), absl::UTCTimeZone());
  status.oldest_unsent = now - app::stuck_after;
  CHECK(stuck_words(status, "no such host", now) ==
        "1 message in need of a person (see \"chaser outbox\"); 5 messages not sent, the oldest since "
        "2027-01-03T09:00:00+00:00; the inbox cannot be read: no such host");
}
