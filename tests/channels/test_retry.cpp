#include "channels/retry.h"

#include <curl/curl.h>

#include "support/catch.h"

using namespace chaser;
using namespace chaser::channels;
using store::MessageState;
using store::Outcome;
using store::OutcomeKind;

namespace {

const calendar::Instant now = absl::FromUnixSeconds(1'798'000'000);

store::OutboxMessage message(int attempts = 1) {
  store::OutboxMessage made;
  made.key = std::string(64, 'b');
  made.channel = "email";
  made.attempts = attempts;
  made.created = now;
  return made;
}

std::int64_t wait_of(const store::Disposition& disposition) {
  return absl::ToInt64Seconds(disposition.not_before - now);
}

Outcome smtp(int curl, long reply, std::string_view enhanced = "", std::string_view line = "", bool all = false,
             bool before = false) {
  return classify_smtp(curl, reply, enhanced, line, all, before);
}

Outcome teams(long status, std::string_view body = "", std::string_view retry_after = "") {
  return classify_teams(CURLE_OK, status, body, retry_after, true, now);
}

}  // namespace

TEST_CASE(
    "retry: waits 1, 2, 5, 10, 20, 30 and then every 30 minutes, within a fifth, always the same for one delivery") {
  const std::vector<std::int64_t> minutes{1, 2, 5, 10, 20, 30, 30, 30};
  for (std::size_t i = 0; i < minutes.size(); ++i) {
    const Outcome later{OutcomeKind::temporary, 451, "", "", {}};
    const auto first = disposition(message(static_cast<int>(i) + 1), later, now);
    CHECK(first.state == MessageState::queued);
    CHECK(wait_of(first) >= minutes[i] * 48);
    CHECK(wait_of(first) <= minutes[i] * 72);
    CHECK(wait_of(disposition(message(static_cast<int>(i) + 1), later, now)) == wait_of(first));
  }
}

TEST_CASE("retry: Retry-After is honoured, but not beyond a day") {
  CHECK(wait_of(disposition(message(), {OutcomeKind::temporary, 429, "", "", 600}, now)) == 600);
  CHECK(wait_of(disposition(message(), {OutcomeKind::temporary, 429, "", "", 1}, now)) >= 48);
  CHECK(wait_of(disposition(message(), {OutcomeKind::temporary, 429, "", "", 999'999'999}, now)) ==
        retry_after_max_seconds);
}

TEST_CASE("retry: what cannot go by its use-by time needs a person") {
  store::OutboxMessage old = message(50);
  old.created = now - use_by + absl::Minutes(37);
  CHECK(disposition(old, {OutcomeKind::temporary, 451, "", "", {}}, now).state == MessageState::queued);
  old.created = now - use_by + absl::Minutes(23);
  CHECK(disposition(old, {OutcomeKind::temporary, 451, "", "", {}}, now).state == MessageState::needs_attention);
}

TEST_CASE("retry: accepted and refused are final; a 550 at RCPT without enhanced code gets one second look") {
  CHECK(disposition(message(), {OutcomeKind::accepted, 250, "", "", {}}, now).state == MessageState::accepted);
  CHECK(disposition(message(), {OutcomeKind::permanent, 550, "5.1.1", "", {}}, now).state == MessageState::refused);
  const Outcome bare{OutcomeKind::permanent, 550, "", "", {}, true};
  for (const int attempts : {1, 2, 7}) {  // whatever else was tried before
    store::OutboxMessage looked = message(attempts);
    const auto second = disposition(looked, bare, now);
    CHECK(second.state == MessageState::queued);
    CHECK(wait_of(second) == 1'800);
    looked.refusals = 1;
    CHECK(disposition(looked, bare, now).state == MessageState::refused);
  }
  CHECK(disposition(message(), {OutcomeKind::permanent, 550, "", "", {}}, now).state == MessageState::refused);
}

TEST_CASE("retry: an unknown ending is sent once more after a minute, then needs a person; a Teams digest is not") {
  const Outcome unknown{OutcomeKind::unknown, 354, "", "", {}};
  const auto once = disposition(message(), unknown, now);
  CHECK(once.state == MessageState::queued);
  CHECK(wait_of(once) == 60);
  store::OutboxMessage again = message(2);
  again.doubts = 1;
  again.last_outcome = "temporary 451";  // what came between does not make it certain
  CHECK(disposition(again, unknown, now).state == MessageState::needs_attention);
  store::OutboxMessage digest = message();
  digest.channel = "teams";
  digest.kind = chase::MessageKind::digest;
  CHECK(disposition(digest, unknown, now).state == MessageState::needs_attention);
  for (const auto kind : {chase::MessageKind::direct, chase::MessageKind::catch_up}) {
    digest.kind = kind;
    CHECK(disposition(digest, unknown, now).state == MessageState::queued);
  }
}

TEST_CASE("retry: a broken channel is probed hourly, also long after the use-by time") {
  store::OutboxMessage old = message(100);
  old.created = now - absl::Hours(1'000);
  const auto probe = disposition(old, {OutcomeKind::channel_broken, 535, "", "", {}}, now);
  CHECK(probe.state == MessageState::queued);
  CHECK(wait_of(probe) == 3'600);
}

TEST_CASE("classify: every ending of an SMTP attempt has the meaning of the decision table") {
  CHECK(smtp(CURLE_OK, 250, "2.0.0", "", true).kind == OutcomeKind::accepted);
  CHECK(smtp(CURLE_WEIRD_SERVER_REPLY, 251, "", "", true).kind == OutcomeKind::accepted);
  CHECK(smtp(CURLE_WEIRD_SERVER_REPLY, 452, "", "", true).kind == OutcomeKind::temporary);
  CHECK(smtp(CURLE_WEIRD_SERVER_REPLY, 554, "", "", true).kind == OutcomeKind::permanent);
  CHECK(smtp(CURLE_SEND_ERROR, 450).kind == OutcomeKind::temporary);
  CHECK(smtp(CURLE_SEND_ERROR, 550).kind == OutcomeKind::permanent);
  for (const CURLcode code : {CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_OPERATION_TIMEDOUT}) {
    CHECK(smtp(code, 354, "", "", true).kind == OutcomeKind::unknown);
    CHECK(smtp(code, 354, "", "", false).kind == OutcomeKind::temporary);
    for (const long reply : {0L, 220L, 250L, 334L}) CHECK(smtp(code, reply).kind == OutcomeKind::temporary);
  }
  CHECK(smtp(CURLE_COULDNT_CONNECT, 0).kind == OutcomeKind::temporary);
  CHECK(smtp(CURLE_COULDNT_RESOLVE_HOST, 0).kind == OutcomeKind::temporary);
  CHECK(smtp(CURLE_USE_SSL_FAILED, 0).kind == OutcomeKind::channel_broken);
  CHECK(smtp(CURLE_SSL_CONNECT_ERROR, 220).kind == OutcomeKind::channel_broken);
  CHECK(smtp(CURLE_PEER_FAILED_VERIFICATION, 220).kind == OutcomeKind::channel_broken);
  CHECK(smtp(CURLE_LOGIN_DENIED, 535).kind == OutcomeKind::channel_broken);
  CHECK(smtp(CURLE_LOGIN_DENIED, 454).kind == OutcomeKind::temporary);
}

TEST_CASE("classify: the enhanced code decides what a refusal is about") {
  const auto at_rcpt = [](long reply, std::string_view enhanced, std::string_view line = "") {
    return smtp(CURLE_SEND_ERROR, reply, enhanced, line).kind;
  };
  for (const char* code : {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
    CHECK(at_rcpt(550, code) == OutcomeKind::permanent);
  CHECK(at_rcpt(552, "5.2.2") == OutcomeKind::temporary);
  CHECK(at_rcpt(552, "") == OutcomeKind::temporary);
  CHECK(at_rcpt(554, "5.4.4") == OutcomeKind::temporary);
  CHECK(at_rcpt(554, "5.3.2") == OutcomeKind::temporary);
  CHECK(at_rcpt(550, "5.7.60") == OutcomeKind::channel_broken);
  CHECK(at_rcpt(550, "5.1.90") == OutcomeKind::channel_broken);
  CHECK(at_rcpt(450, "4.1.1") == OutcomeKind::temporary);
}

TEST_CASE("classify: Microsoft 365's own answers are known") {
  const auto at_dot = [](long reply, std::string_view enhanced, std::string_view line, bool before = false) {
    return smtp(CURLE_WEIRD_SERVER_REPLY, reply, enhanced, line, true, before);
  };
  CHECK(at_dot(432, "4.3.2", "432 4.3.2 Concurrent connections limit exceeded").kind == OutcomeKind::temporary);
  const Outcome rate = at_dot(421, "4.4.2", "421 4.4.2 Message submission rate for this client has exceeded the limit");
  CHECK(rate.kind == OutcomeKind::temporary);
  CHECK(rate.retry_after_seconds == 60);
  CHECK(at_dot(554, "5.2.0", "554 5.2.0 SubmissionQuotaExceededException").kind == OutcomeKind::channel_broken);
  const char* duplicate = "554 5.2.0 STOREDRV.Submission.Exception:MapiExceptionDuplicateDelivery";
  CHECK(at_dot(554, "5.2.0", duplicate, true).kind == OutcomeKind::accepted);
  CHECK(at_dot(554, "5.2.0", duplicate, false).kind == OutcomeKind::permanent);
  CHECK(smtp(CURLE_LOGIN_DENIED, 535, "5.7.139").kind == OutcomeKind::channel_broken);
}

TEST_CASE("classify: webhook answers mean what Workflows means by them") {
  for (const long status : {200L, 202L, 204L}) CHECK(teams(status).kind == OutcomeKind::accepted);
  for (const long status : {408L, 429L, 500L, 502L, 503L, 504L}) CHECK(teams(status).kind == OutcomeKind::temporary);
  for (const long status : {301L, 302L, 401L, 403L, 404L}) CHECK(teams(status).kind == OutcomeKind::channel_broken);
  CHECK(teams(400, R"({"error":{"code":"WorkflowTriggerIsNotEnabled","message":"off"}})").kind ==
        OutcomeKind::channel_broken);
  CHECK(teams(400, R"({"error":{"code":"MissingApiVersionParameter","message":"x"}})").kind ==
        OutcomeKind::channel_broken);
  CHECK(teams(400, R"({"error":{"code":"X","message":"it is in state 'Deleted'"}})").kind ==
        OutcomeKind::channel_broken);
  CHECK(teams(400, R"({"error":{"code":"TriggerInputSchemaMismatch","message":"x"}})").kind == OutcomeKind::permanent);
  CHECK(teams(413).kind == OutcomeKind::permanent);
  CHECK(teams(400, "not JSON").kind == OutcomeKind::permanent);
}

TEST_CASE("classify: Retry-After is read in seconds and as a date") {
  CHECK(teams(429, "", "120").retry_after_seconds == 120);
  const std::string date = absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", now + absl::Seconds(90), absl::UTCTimeZone());
  CHECK(teams(429, "", date).retry_after_seconds == 90);
  CHECK_FALSE(teams(429, "", "soon").retry_after_seconds);
  CHECK_FALSE(teams(429, "", "-5").retry_after_seconds);
}

TEST_CASE("classify: a webhook that went silent is in doubt only after the request went out") {
  CHECK(classify_teams(CURLE_RECV_ERROR, 0, "", "", true, now).kind == OutcomeKind::unknown);
  CHECK(classify_teams(CURLE_OPERATION_TIMEDOUT, 0, "", "", true, now).kind == OutcomeKind::unknown);
  CHECK(classify_teams(CURLE_GOT_NOTHING, 0, "", "", true, now).kind == OutcomeKind::unknown);
  CHECK(classify_teams(CURLE_COULDNT_CONNECT, 0, "", "", false, now).kind == OutcomeKind::temporary);
  CHECK(classify_teams(CURLE_PEER_FAILED_VERIFICATION, 0, "", "", false, now).kind == OutcomeKind::temporary);
  CHECK(classify_teams(CURLE_RECV_ERROR, 202, "", "", true, now).kind == OutcomeKind::accepted);
}
