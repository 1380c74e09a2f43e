// What the program does with each answer that a Workflows webhook can give (research/delivery.md A7).
#include <fmt/format.h>

#include <set>

#include "e2e/deliveries.h"
#include "support/catch.h"

using namespace chaser;
using namespace chaser::test;

namespace {

std::unique_ptr<Site> site_of(int leads) {
  SiteFiles files = leads_with_a_promise(leads, "teams");
  files.sessions = 1;
  auto site = std::make_unique<Site>(files);
  site->pass(long_before);
  return site;
}

WorkflowAnswer error(int status, const char* code, const char* message = "no") {
  return {status, {}, fmt::format(R"({{"error":{{"code":"{}","message":"{}"}}}})", code, message)};
}

}  // namespace

TEST_CASE("card: told by 429 or 503 when to come again, it comes then, once, and nobody gets a mail instead") {
  const int status = GENERATE(429, 503);
  const auto site = site_of(3);
  site->teams().set_answers({{status, {"Retry-After: 90"}, ""}, {}});
  site->pass_at(morning);
  const std::size_t gone = site->teams().count();
  site->pass_at(morning + absl::Seconds(30));
  const calendar::Instant again = next_try(*site);
  CHECK(again >= morning + absl::Seconds(90));
  site->pass_at(morning + absl::Seconds(89));
  CHECK(site->teams().count() == gone);  // those claimed with it went on; it did not
  site->pass_at(again);
  CHECK(count(*site, "channel = 'teams' AND state = 'accepted'") == 3);
  CHECK(site->teams().count() == 4);
  CHECK(marked_cards(*site) == 0);
  CHECK(site->mail().count() == 0);
}

TEST_CASE("card: put off without a time it comes after a quarter of a minute, doubled each time") {
  const int status = GENERATE(408, 429, 500, 502, 503, 504);
  const auto site = site_of(1);
  site->teams().set_answers({{status, {}, ""}});
  calendar::Instant now = morning;
  for (const int seconds : {15, 30, 60, 120}) {
    site->pass_at(now);
    const absl::Duration wait = next_try(*site) - now;
    INFO(status << " " << absl::FormatDuration(wait));
    CHECK(wait >= 0.8 * absl::Seconds(seconds));
    CHECK(wait <= 1.2 * absl::Seconds(seconds));
    now += wait;
  }
  site->teams().set_answers({{}});
  site->pass_at(now);
  CHECK(count(*site, "channel = 'teams' AND state = 'accepted'") == 1);
  CHECK(site->mail().count() == 0);
}

TEST_CASE("card: a flow that is off, gone, closed to us or elsewhere is posted to once a card at most; mail goes") {
  const WorkflowAnswer answer = GENERATE(
      error(400, "WorkflowTriggerIsNotEnabled"), error(400, "Other", "The workflow is in state 'Deleted'."),
      error(404, "WorkflowNotFound"), WorkflowAnswer{404, {}, ""}, WorkflowAnswer{410, {}, ""},
      error(401, "DirectApiAuthorizationRequired"), WorkflowAnswer{403, {}, ""},
      error(400, "MissingApiVersionParameter"), WorkflowAnswer{302, {"Location: http://127.0.0.1:1/elsewhere"}, ""});
  INFO(answer.status << " " << answer.body);
  const auto site = site_of(20);
  site->teams().set_answers({answer});
  const std::string log = site->log_of_pass(morning);
  CHECK(log.find("refused message=") != std::string::npos);
  CHECK(each_has_one(*site, 20));
  std::set<std::string> posted;
  for (const Posted& card : site->teams().posted()) posted.insert(card.header("x-ms-client-tracking-id"));
  CHECK(posted.size() == site->teams().count());
  CHECK(posted.size() < 20);  // what was claimed before the first answer; the others saw a broken flow
  site->pass_at(morning + absl::Hours(2));
  CHECK(each_has_one(*site, 20));
  CHECK(count(*site, "channel = 'teams' AND state = 'refused'") == 20);
}

TEST_CASE(
    "card: where there is no other way, a flow that is off is an error in the log, probed each hour, costs no try") {
  SiteFiles files = leads_with_a_promise(1, "teams");
  const std::string email = "email: lead1@county.example, ";
  files.directory.replace(files.directory.find(email), email.size(), "");
  const Site site(files);
  site.pass(long_before);
  site.teams().set_answers({error(400, "WorkflowTriggerIsNotEnabled")});
  CHECK(site.log_of_pass(morning).find("the channel is held, tried again") != std::string::npos);
  CHECK(count(site, "state = 'queued' AND attempts = 0") == 1);
  site.pass_at(morning + absl::Minutes(59));
  CHECK(site.teams().count() == 1);
  site.pass_at(morning + absl::Minutes(61));
  CHECK(site.teams().count() == 2);
  site.teams().set_answers({{}});
  site.pass_at(morning + absl::Minutes(122));
  CHECK(site.teams().count() == 3);
  CHECK(count(site, "state = 'accepted'") == 1);
  CHECK(site.mail().count() == 0);
}

TEST_CASE("card: one that is too big, also when cut, goes by email, once") {
  const auto site = site_of(1);
  site->teams().set_answers({{413, {}, ""}});
  site->pass(promised);
  site->pass(promised, 12);
  CHECK(each_has_one(*site, 1));
  CHECK(site->teams().count() <= 2);
  CHECK(count(*site, "channel = 'teams' AND state = 'refused'") == 1);
}
