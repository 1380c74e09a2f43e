// What the program does with each answer that a relay can give (research/delivery.md B3 and B5): when it tries again,
// whom else an answer holds, and which way a message goes then.
#include <fmt/format.h>

#include <algorithm>

#include "e2e/deliveries.h"
#include "support/catch.h"

using namespace chaser;
using namespace chaser::test;

namespace {

/// A site whose leads have been told nothing yet, on the eve of their promises.
std::unique_ptr<Site> site_of(int leads, bool with_teams = true, int sessions = 2) {
  SiteFiles files = leads_with_a_promise(leads, "email", with_teams);
  files.sessions = sessions;
  auto site = std::make_unique<Site>(files);
  site->pass(long_before);
  return site;
}

/// Reads the last outcome of every message.
std::vector<std::string> outcomes(const Site& site) {
  return site.ask("SELECT DISTINCT last_outcome FROM message");
}

void fault_at(const Site& site, const std::string& point, SmtpFault fault) {
  SmtpScript script;
  script.faults[point] = std::move(fault);
  site.mail().set_script(script);
}

}  // namespace

TEST_CASE("refusal: what a relay puts off is tried after 1, 2, 5, 10, 20, 30, 30 minutes, a fifth more or less") {
  const auto site = site_of(1);
  refuse_at(*site, "RCPT", "451 4.3.0 later");
  calendar::Instant now = morning;
  for (const int minutes : {1, 2, 5, 10, 20, 30, 30}) {
    site->pass_at(now);
    const absl::Duration wait = next_try(*site) - now;
    INFO(minutes << " minutes: " << absl::FormatDuration(wait));
    CHECK(wait >= 0.8 * absl::Minutes(minutes));
    CHECK(wait <= 1.2 * absl::Minutes(minutes));
    site->pass_at(now + wait - absl::Seconds(1));  // not a second before
    now += wait;
  }
  CHECK(count(*site, "attempts = 7") == 1);
  mend_relay(*site);
  site->pass_at(now);
  CHECK(each_has_one(*site, 1));
  CHECK(site->teams().count() == 0);
}

TEST_CASE("refusal: a bare 550 at RCPT gets one second look half an hour later, whatever was tried before it") {
  const auto site = site_of(1, false);
  calendar::Instant now = morning;
  const bool was_put_off = GENERATE(false, true);
  if (was_put_off) {
    refuse_at(*site, "RCPT", "451 4.7.1 greylisted");
    for (int i = 0; i < 3; ++i) {
      site->pass_at(now);
      now = next_try(*site);
    }
  }
  const bool is_for_ever = GENERATE(false, true);
  refuse_at(*site, "RCPT", "550 no such user here", is_for_ever ? -1 : 1);
  site->pass_at(now);
  CHECK(next_try(*site) == now + absl::Minutes(30));
  site->pass_at(now + absl::Minutes(29));
  site->pass_at(now + absl::Minutes(30));
  CHECK(count(*site, is_for_ever ? "state = 'refused'" : "state = 'accepted'") == 1);
  CHECK(site->mail().count() == (is_for_ever ? 0 : 1));
}

TEST_CASE("refusal: a bare 550 that is not about the recipient is one for good") {
  const std::string point = GENERATE("MAIL", "DATA", ".");
  const auto site = site_of(1);
  refuse_at(*site, point, "550 no");
  site->pass(promised);
  CHECK(count(*site, "channel = 'email' AND state = 'refused'") == 1);
  CHECK(site->teams().count() == 1);
}

namespace {

/// What keeps all mail from leaving, and how it is mended.
struct Broken {
  const char* what;
  const char* settings;  // of the email channel, instead of "tls: none"
  bool offers_tls;
  bool offers_login;
  const char* point;
  const char* reply;  // "" is none
};

SmtpScript relay_of(const Broken& broken, bool is_mended) {
  SmtpScript script;
  if (broken.offers_tls || (is_mended && broken.offers_login)) script.tls = SmtpScript::Tls::starttls;
  if (broken.offers_login) script.auth = {"PLAIN"};
  if (!is_mended && *broken.reply != '\0') script.faults[broken.point] = SmtpFault{.reply = broken.reply};
  return script;
}

}  // namespace

TEST_CASE("refusal: what no recipient can help holds the channel, costs no attempt, alerts, and goes when mended") {
  const Broken broken = GENERATE(
      Broken{"a sender that is not allowed", "tls: none", false, false, "MAIL", "550 5.7.60 SendAsDenied"},
      Broken{"no STARTTLS", "tls: starttls, ca_file: relay.pem", false, false, "", ""},
      Broken{"STARTTLS refused", "tls: starttls, ca_file: relay.pem", true, false, "STARTTLS", "454 4.7.0 no"},
      Broken{"an unknown certificate", "tls: starttls", true, false, "", ""},
      Broken{"a password refused", "tls: starttls, ca_file: relay.pem, auth: plain, user: chaser, password_file: pass",
             true, true, "AUTH", "535 5.7.139 Authentication unsuccessful, basic authentication is disabled"});
  INFO(broken.what);
  const auto site = site_of(12);
  std::filesystem::copy_file(site->mail().ca_file(), site->file("relay.pem"));
  site->write("pass", "correct horse");
  site->change_settings("tls: none", broken.settings);
  site->mail().set_script(relay_of(broken, false));
  const std::string log = site->log_of_pass(morning);
  CHECK(log.find("the channel is held, tried again") != std::string::npos);
  CHECK(count(*site, "channel = 'email' AND state = 'queued' AND attempts = 0") == 12);
  CHECK(site->teams().count() == 0);  // a relay is everybody's: it is waited for
  const int tried = site->mail().connections();
  site->pass_at(morning + absl::Minutes(59));
  CHECK(site->mail().connections() - tried <= 1);  // of those that were not tried yet
  SmtpScript mended = relay_of(broken, true);
  if (std::string_view(broken.what) == "no STARTTLS") mended.tls = SmtpScript::Tls::starttls;
  if (std::string_view(broken.settings) == "tls: starttls") {
    site->change_settings("tls: starttls", "tls: starttls, ca_file: relay.pem");
  }
  site->mail().set_script(mended);
  site->pass_at(morning + absl::Hours(3));
  CHECK(each_has_one(*site, 12));
  CHECK(site->teams().count() == 0);
}

TEST_CASE("refusal: told at the final dot that it sends too fast, all mail waits a minute and then comes once") {
  const auto site = site_of(20, true, 1);
  fault_at(*site, ".",
           {.reply = "421 4.4.2 Message submission rate for this client has exceeded the configured limit",
            .then = SmtpFault::Then::close,
            .times = 1});
  site->pass_at(morning);
  const std::size_t gone = site->mail().count();
  CHECK(gone < 8);  // those that were claimed before; the rest has not tried
  CHECK(count(*site, "state = 'queued' AND tries = 0") == 12);
  site->pass_at(morning + absl::Seconds(150));
  CHECK(each_has_one(*site, 20));
  CHECK(site->teams().count() == 0);
}

TEST_CASE("refusal: a sender's used-up quota holds all mail for four hours, is nobody's refusal, and it goes then") {
  const std::string reply =
      GENERATE("554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException; message not sent",
               "554 5.1.90 Your message can't be sent because you've reached your daily limit",
               "550 5.7.232 Your message can't be sent because your trial tenant has exceeded its daily limit",
               "550 5.7.233 Your message can't be sent because your tenant exceeded its daily limit");
  const std::string point = GENERATE(".", "RCPT");
  const auto site = site_of(3);
  refuse_at(*site, point, reply);
  site->pass_at(morning);
  CHECK(count(*site, "channel = 'email' AND state = 'queued' AND attempts = 0") == 3);
  const std::string late = std::to_string(absl::ToUnixMicros(morning + absl::Hours(4)));
  CHECK(count(*site, "last_outcome LIKE 'channel_broken%' AND not_before < " + late) == 0);
  mend_relay(*site);
  site->pass_at(morning + absl::Hours(5));
  CHECK(each_has_one(*site, 3));
  CHECK(site->teams().count() == 0);
}

TEST_CASE("refusal: a full mailbox is waited for, and its address lives on") {
  const auto [reply, wait] = GENERATE(table<std::string, absl::Duration>({{"452 4.2.2 mailbox full", absl::Minutes(30)},
                                                                          {"552 5.2.2 mailbox full", absl::Hours(4)},
                                                                          {"554 5.2.2 mailbox full", absl::Hours(4)}}));
  const std::string point = GENERATE("RCPT", ".");
  INFO(reply << " at " << point);
  const auto site = site_of(3);
  fault_at(*site, point, {.reply = reply, .recipient = "lead2@county.example"});
  site->pass_at(morning);
  CHECK(each_has_one(*site, 2));  // the others
  CHECK(next_try(*site) >= morning + wait);
  CHECK(next_try(*site) <= morning + 1.3 * wait);
  site->pass_at(next_try(*site));
  site->pass_at(next_try(*site));
  mend_relay(*site);
  site->pass_at(next_try(*site));
  CHECK(each_has_one(*site, 3));
  CHECK(site->ask("SELECT recipient FROM dead_address").empty());
  CHECK(site->teams().count() == 0);
}

TEST_CASE("refusal: an answer of the relay's store or network is temporary, also as 5yz, and the message comes once") {
  const std::string reply = GENERATE("450 mailbox busy", "450 4.1.1 not yet known", "451 4.3.0 later", "554 5.3.0 full",
                                     "554 5.3.2 not accepting", "554 5.4.4 no route", "432 4.3.2 Concurrent");
  const std::string point = GENERATE("RCPT", ".");
  INFO(reply << " at " << point);
  const auto site = site_of(2);
  refuse_at(*site, point, reply, 1);
  site->pass_at(morning);
  site->pass_at(next_try(*site));
  CHECK(each_has_one(*site, 2));
  CHECK(outcomes(*site).size() == 1);
  CHECK(site->teams().count() == 0);
}

TEST_CASE("refusal: one address of a hundred that the relay's policy refuses holds nobody, and is tried each hour") {
  const auto site = site_of(100);
  fault_at(*site, "RCPT", {.reply = "550 5.7.1 recipient does not want this", .recipient = "lead7@county.example"});
  site->pass_at(morning);
  CHECK(each_has_one(*site, 99));
  CHECK(next_try(*site) == morning + absl::Hours(1));
  CHECK(count(*site, "state = 'queued' AND attempts = 0") == 1);
  SECTION("until it is taken") {
    mend_relay(*site);
    site->pass_at(morning + absl::Hours(1));
    CHECK(each_has_one(*site, 100));
    CHECK(site->teams().count() == 0);
  }
  SECTION("until its use-by time, and then it goes the other way") {
    site->pass_at(morning + absl::Hours(49));
    CHECK(site->teams().count() == 0);
    site->pass_at(morning + absl::Hours(73));
    CHECK(site->teams().count() == 1);
    CHECK(count(*site, "channel = 'email' AND state = 'refused'") == 1);
  }
}

TEST_CASE("refusal: policy that refuses every recipient is the relay's: the channel is held after the second") {
  const auto site = site_of(60, true, 1);
  refuse_at(*site, "RCPT", "550 5.7.1 relaying denied");
  const std::string log = site->log_of_pass(morning);
  CHECK(log.find("the channel is held, tried again") != std::string::npos);
  CHECK(count(*site, "state = 'queued' AND attempts = 0") == 60);
  CHECK(count(*site, "last_outcome <> ''") < 10);  // what was claimed before the second
  mend_relay(*site);
  site->pass_at(morning + absl::Hours(2));
  CHECK(each_has_one(*site, 60));
  CHECK(site->teams().count() == 0);
}
