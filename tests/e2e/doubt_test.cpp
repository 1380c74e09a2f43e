// Messages of which nobody knows whether they arrived (research/delivery.md C): one resend in all, marked, and then a
// person; and messages that are not true any more when their turn comes.
#include <algorithm>
#include <set>

#include "e2e/deliveries.h"
#include "support/catch.h"

using namespace chaser;
using namespace chaser::test;

namespace {

std::unique_ptr<Site> site_of(SiteFiles files) {
  files.sessions = 1;
  auto site = std::make_unique<Site>(files);
  site->pass(long_before);
  return site;
}

std::set<std::string> message_ids(const Site& site) {
  std::set<std::string> found;
  for (const Received& mail : site.mail().received()) found.insert(mail.message_id);
  return found;
}

std::set<std::string> tracking_ids(const Site& site) {
  std::set<std::string> found;
  for (const Posted& card : site.teams().posted()) found.insert(card.header("x-ms-client-tracking-id"));
  return found;
}

const WorkflowAnswer silent{.then = WorkflowAnswer::Then::close};
const WorkflowAnswer busy{.status = 429};
const char* const duplicate =
    "554 5.2.0 STOREDRV.Submission.Exception:DuplicateDeliveryException.MapiExceptionDuplicateDelivery; Failed";

}  // namespace

TEST_CASE("doubt: a duplicate that the server reports after an unknown ending is the first one's arrival") {
  const auto site = site_of(leads_with_a_promise(1, "email"));
  close_at_dot(*site, true, 1);
  site->pass_at(morning);
  const bool was_put_off = GENERATE(false, true);
  if (was_put_off) {  // what comes between does not make it forgotten
    refuse_at(*site, "MAIL", "451 4.3.0 later");
    site->pass_at(next_try(*site));
  }
  refuse_at(*site, ".", duplicate);
  site->pass_at(next_try(*site));
  CHECK(count(*site, "state = 'accepted'") == 1);
  CHECK(each_has_one(*site, 1));
  CHECK(site->teams().count() == 0);
}

TEST_CASE("doubt: a duplicate that the server reports of a message never in doubt is a refusal") {
  const auto site = site_of(leads_with_a_promise(1, "email"));
  refuse_at(*site, ".", duplicate);
  site->pass_at(morning);
  CHECK(count(*site, "channel = 'email' AND state = 'refused'") == 1);
  CHECK(site->teams().count() == 1);
}

TEST_CASE("doubt: a mail goes once more in all, whatever came between, then a person looks") {
  const auto site = site_of(leads_with_a_promise(1, "email"));
  close_at_dot(*site, true, 1);
  site->pass_at(morning);
  refuse_at(*site, "RCPT", "451 4.3.0 later");
  site->pass_at(next_try(*site));
  close_at_dot(*site, true, -1);
  site->pass_at(next_try(*site));
  CHECK(count(*site, "state = 'needs_attention'") == 1);
  site->pass(promised + 1);
  CHECK(arrivals(*site).at("lead1@county.example") == 2);
  CHECK(message_ids(*site).size() == 1);
  CHECK(site->teams().count() == 0);
}

TEST_CASE("doubt: a card goes once more after a minute under its own id and says that it may be a repeat") {
  const auto site = site_of(leads_with_a_promise(1, "teams"));
  const bool was_put_off = GENERATE(false, true);
  site->teams().set_answers(was_put_off ? std::vector<WorkflowAnswer>{silent, busy, {}}
                                        : std::vector<WorkflowAnswer>{silent, {}});
  site->pass_at(morning);
  CHECK(next_try(*site) == morning + absl::Seconds(60));
  CHECK(marked_cards(*site) == 0);
  site->pass_at(next_try(*site));
  if (was_put_off) site->pass_at(next_try(*site));
  CHECK(count(*site, "state = 'accepted'") == 1);
  CHECK(site->teams().count() == (was_put_off ? 3 : 2));
  CHECK(marked_cards(*site) == static_cast<int>(site->teams().count()) - 1);
  CHECK(tracking_ids(*site).size() == 1);
  CHECK(site->mail().count() == 0);
}

TEST_CASE("doubt: a card of which nothing was heard twice waits for a person, and goes no other way") {
  const auto site = site_of(leads_with_a_promise(1, "teams"));
  site->teams().set_answers({silent});
  site->pass_at(morning);
  site->pass_at(next_try(*site));
  site->pass(promised, 12);
  CHECK(site->teams().count() == 2);
  CHECK(count(*site, "state = 'needs_attention'") == 1);
  CHECK(site->mail().count() == 0);
  CHECK(site->run({"status"}).out.find("1 in need of a person") != std::string::npos);
}

TEST_CASE("doubt: a digest on a Teams channel is not posted again; a person looks") {
  SiteFiles files = leads_with_a_promise(1, "teams");
  files.rules.replace(files.rules.find("to: leads"), 9, "to: leads, deliver: digest");
  const auto site = site_of(files);
  site->teams().set_answers({silent});
  site->pass(promised);
  site->pass(promised, 11);
  CHECK(site->teams().count() == 1);
  CHECK(count(*site, "kind = 'digest' AND state = 'needs_attention'") == 1);
  CHECK(site->mail().count() == 0);
}

TEST_CASE("doubt: a catch-up carries what is told once, so its card goes once more, marked") {
  const auto site = site_of(leads_with_a_promise(1, "teams"));
  site->teams().set_answers({silent, {}});
  site->pass(promised + 3);  // the service did not run on the day
  REQUIRE(count(*site, "kind = 'catch-up'") == 1);
  site->pass_at(next_try(*site));
  CHECK(site->teams().count() == 2);
  CHECK(marked_cards(*site) == 1);
  CHECK(count(*site, "state = 'accepted'") == 1);
}

TEST_CASE("doubt: at a person's word a message in doubt goes again as the same mail") {
  const auto site = site_of(leads_with_a_promise(1, "email"));
  close_at_dot(*site, true, 2);
  site->pass_at(morning);
  const bool is_found_only = GENERATE(false, true);
  if (is_found_only) {
    // As a service leaves it that dies after it has found the doubt and before it has resolved it.
    site->ask("UPDATE message SET state = 'unknown', resends = 0");
  } else {
    site->pass_at(next_try(*site));
    REQUIRE(count(*site, "state = 'needs_attention'") == 1);
  }
  mend_relay(*site);
  const std::string row = first(*site, "SELECT id FROM message");
  CHECK(outbox(*site, "retry", row).exit == 0);
  site->pass_at(morning + absl::Hours(2));
  CHECK(count(*site, "state = 'accepted'") == 1);
  CHECK(arrivals(*site).at("lead1@county.example") == (is_found_only ? 2 : 3));
  CHECK(message_ids(*site).size() == 1);
}

TEST_CASE("withdrawn: what is done before its first attempt is never sent, and the others are not touched") {
  const auto site = site_of(leads_with_a_promise(30, "email", false));
  refuse_at(*site, "CONNECT", "421 4.3.2 closed");
  site->pass_at(morning);
  REQUIRE(count(*site, "recipient = 'lead30' AND state = 'queued' AND tries = 0") == 1);  // the breaker kept it
  answer_done(*site, "plan/30", morning + absl::Minutes(2));
  mend_relay(*site);
  for (int hour = 1; hour <= 3; ++hour) site->pass_at(morning + absl::Hours(hour));
  CHECK(each_has_one(*site, 29));
  CHECK_FALSE(arrivals(*site).contains("lead30@county.example"));
  CHECK(count(*site, "recipient = 'lead30' AND state = 'withdrawn'") == 1);
}

TEST_CASE("withdrawn: what was refused for now and is done when its time comes again does not go any more") {
  const auto site = site_of(leads_with_a_promise(2, "email", false));
  refuse_at(*site, "RCPT", "451 4.3.0 later");
  site->pass_at(morning);
  REQUIRE(count(*site, "state = 'queued' AND tries = 1") == 2);
  answer_done(*site, "plan/1", morning + absl::Seconds(10));
  mend_relay(*site);
  for (int hour = 1; hour <= 2; ++hour) site->pass_at(morning + absl::Hours(hour));
  CHECK(each_has_one(*site, 1));
  CHECK(count(*site, "recipient = 'lead1' AND state = 'withdrawn'") == 1);
  CHECK(first(*site, "SELECT state FROM notification WHERE recipient = 'lead1'") == "withdrawn");
}
