// What the program does when the other side will not have a message: real servers, the real program, a scripted clock.
#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <fstream>
#include <map>

#include "e2e/deliveries.h"
#include "support/catch.h"

using namespace chaser;
using namespace chaser::test;

namespace {

/// Those of the leads of `leads_with_a_promise` have no address but a Teams channel.
void reach_by_teams_alone(SiteFiles& files, int from, int to) {
  for (int lead = from; lead <= to; ++lead) {
    const std::string email = fmt::format("email: lead{}@county.example", lead);
    files.directory.replace(files.directory.find(email), email.size(), "teams: kcc");
  }
}

/// Until so many have come, however slow this machine is; not for ever.
void wait_for(const std::function<std::size_t()>& count, std::size_t wanted) {
  for (int tries = 0; tries < 600 && count() < wanted; ++tries) ::poll(nullptr, 0, 50);
}

}  // namespace

TEST_CASE("delivery: cards for a flow that is off go by email, once each") {
  const Site site(leads_with_a_promise(6, "teams"));
  site.pass(long_before);
  site.teams().set_answers({{400, {}, R"({"error":{"code":"WorkflowTriggerIsNotEnabled","message":"off"}})"}});
  site.pass(promised);
  site.pass(promised, 11);
  CHECK(each_has_one(site, 6));
  CHECK(count(site, "channel = 'teams' AND state = 'refused'") == 6);
  CHECK(count(site, "channel = 'email' AND state = 'accepted'") == 6);
  CHECK(site.ask("SELECT DISTINCT state FROM notification").front() == "delivered");
}

TEST_CASE("delivery: a card that Workflows will not have goes by email, and the others are not touched") {
  const Site site(leads_with_a_promise(3, "teams"));
  site.pass(long_before);
  site.teams().set_answers({{400, {}, R"({"error":{"code":"TriggerInputSchemaMismatch","message":"no"}})"}, {}});
  site.pass(promised);
  CHECK(arrivals(site).size() == 1);
  CHECK(site.teams().posted().size() == 3);
  for (const Posted& posted : site.teams().posted()) CHECK(posted.faults.empty());
  CHECK(count(site, "state = 'accepted'") == 3);
}

TEST_CASE("delivery: one bad address of a hundred harms nobody else, and its owner is reached the other way") {
  const Site site(leads_with_a_promise(100, "email"));
  site.pass(long_before);
  refuse_at(site, "RCPT", "550 5.1.1 no such user", 1);
  site.pass(promised);
  CHECK(arrivals(site).size() == 99);
  CHECK(site.teams().posted().size() == 1);
  CHECK(count(site, "state = 'accepted'") == 100);
  CHECK(count(site, "state = 'refused'") == 1);
}

TEST_CASE("delivery: a bad address with no other way is told to somebody") {
  const Site site(leads_with_a_promise(2, "email", false));
  site.pass(long_before);
  refuse_at(site, "RCPT", "550 5.1.1 no such user", 1);
  site.pass(promised);
  CHECK(site.ask("SELECT count(*) FROM notification WHERE state = 'unreachable'").front() == "1");
  site.pass(promised, 10);
  const auto mails = site.mail().received();
  const auto told = std::find_if(mails.begin(), mails.end(),
                                 [](const Received& mail) { return mail.recipient == "boss@county.example"; });
  REQUIRE(told != mails.end());
  CHECK(told->bytes.find("cannot be reached") != std::string::npos);
}

TEST_CASE(
    "delivery: an address that does not exist gets no further mail, its party's coordinator does, until it is let go") {
  SiteFiles files = leads_with_a_promise(1, "email", false);
  files.plan += "2\tPromise 2\tlead1\t11 January 2027\n3\tPromise 3\tlead1\t18 January 2027\n";
  const Site site(files);
  site.pass(long_before);
  refuse_at(site, "RCPT", "550 5.1.1 no such user", 1);
  site.pass(promised);
  site.pass(promised, 10);
  site.pass(promised + 7);
  CHECK(arrivals(site).empty());
  CHECK(count(site, "recipient = 'lead1' AND state = 'refused' AND last_outcome LIKE 'not tried: %5.1.1%'") == 1);
  CHECK(site.ask("SELECT count(*) FROM notification WHERE state = 'unreachable'").front() == "2");
  site.pass(promised + 7, 10);
  CHECK(site.ask("SELECT count(*) FROM notification WHERE rule = 'unreachable' AND recipient = 'boss' AND state ="
                 " 'delivered'")
            .front() == "2");
  const std::string standing = site.run({"status"}).out;
  CHECK(standing.find("no mail to     lead1: 550 5.1.1 since 2027-01-04") != std::string::npos);
  SECTION("at a person's word") {
    CHECK(site.run({"release", "address", "lead1", "--now", "2027-01-11T12:00:00Z"}).exit == 0);
    site.pass(promised + 14);
    CHECK(arrivals(site).at("lead1@county.example") == 1);
  }
  SECTION("by another address in the directory") {
    files.directory.replace(files.directory.find("lead1@"), 6, "first@");
    site.write("directory.yaml", files.directory);
    site.pass(promised + 14);
    CHECK(count(site, "recipient = 'lead1' AND state = 'accepted'") == 1);
    const auto mails = site.mail().received();
    CHECK(std::count_if(mails.begin(), mails.end(),
                        [](const Received& mail) { return mail.recipient == "first@county.example"; }) == 1);
  }
}

TEST_CASE("delivery: a dead address is tried again after its time, and where the settings give it none, always") {
  SiteFiles files = leads_with_a_promise(1, "email", false);
  files.plan += "2\tPromise 2\tlead1\t11 January 2027\n3\tPromise 3\tlead1\t15 February 2027\n";
  const Site site(files);
  const bool is_always_tried = GENERATE(false, true);
  if (is_always_tried) std::ofstream(site.file("chaser.yaml"), std::ios::app) << "dead_address_for: 0d\n";
  site.pass(long_before);
  refuse_at(site, "RCPT", "550 5.1.1 no such user", 1);
  site.pass(promised);
  site.pass(promised + 7);
  CHECK(arrivals(site).size() == (is_always_tried ? 1 : 0));
  site.pass(promised + 42);
  CHECK(arrivals(site).at("lead1@county.example") == (is_always_tried ? 2 : 1));
}

TEST_CASE("delivery: mail for a dead address goes to the person's Teams channel at once") {
  SiteFiles files = leads_with_a_promise(1, "email");
  files.plan += "2\tPromise 2\tlead1\t11 January 2027\n";
  const Site site(files);
  site.pass(long_before);
  refuse_at(site, "RCPT", "550 5.1.1 no such user", 1);
  site.pass(promised);
  site.pass(promised + 7);
  CHECK(arrivals(site).empty());
  CHECK(site.teams().count() == 2);
  CHECK(site.ask("SELECT DISTINCT state FROM notification").front() == "delivered");
}

TEST_CASE("delivery: what the relay put off until its use-by time goes the other way") {
  const Site site(leads_with_a_promise(1, "email"));
  site.pass(long_before);
  refuse_at(site, "RCPT", "451 4.3.0 later");
  for (int day = 0; day < 3; ++day) site.pass(promised + day);
  CHECK(site.teams().posted().empty());
  site.pass(promised + 3);
  CHECK(site.teams().posted().size() == 1);
  CHECK(count(site, "channel = 'email' AND state = 'refused'") == 1);
  CHECK(site.ask("SELECT DISTINCT state FROM notification").front() == "delivered");
}

TEST_CASE("delivery: a relay that is down for two days delays every reminder and loses none") {
  const Site site(leads_with_a_promise(20, "email", false));
  site.pass(long_before);
  refuse_at(site, "CONNECT", "421 4.3.2 closed");
  site.pass(promised);
  site.pass(promised + 1);
  CHECK(site.mail().count() == 0);
  mend_relay(site);
  site.pass(promised + 2);
  CHECK(each_has_one(site, 20));
}

TEST_CASE(
    "delivery: a relay that is down for three days: every reminder arrives once or is reported, cards are not "
    "delayed") {
  SiteFiles files = leads_with_a_promise(10, "email", false);
  reach_by_teams_alone(files, 6, 10);
  const Site site(files);
  site.pass(long_before);
  refuse_at(site, "CONNECT", "421 4.3.2 closed");
  site.pass(promised);
  CHECK(site.teams().posted().size() == 5);
  for (int day = 1; day <= 2; ++day) site.pass(promised + day);
  site.pass(promised + 3, 8);
  CHECK(site.mail().count() == 0);
  SECTION("back before their last try, it gets them all") {
    mend_relay(site);
    site.pass(promised + 3, 10);
  }
  SECTION("still down at their last try, each of them needs a person, as the status says, and goes at their word") {
    site.pass(promised + 3, 10);
    CHECK(count(site, "state = 'needs_attention'") == 5);
    CHECK(site.run({"status"}).out.find("5 in need of a person") != std::string::npos);
    mend_relay(site);
    site.pass(promised + 4);
    CHECK(arrivals(site).empty());
    for (const std::string& row : site.ask("SELECT id FROM message WHERE state = 'needs_attention'")) {
      CHECK(outbox(site, "retry", row, morning + absl::Hours(97)).exit == 0);
    }
    site.pass(promised + 4, 11);
  }
  CHECK(each_has_one(site, 5));
  CHECK(site.teams().posted().size() == 5);
}

TEST_CASE("delivery: a relay that closes after the final dot: each mail comes once more at most, then a person looks") {
  const Site site(leads_with_a_promise(4, "email", false));
  site.pass(long_before);
  SmtpScript script;
  script.faults["."] = SmtpFault{"", SmtpFault::Then::close, -1, true, {}};
  site.mail().set_script(script);
  for (int hour = 9; hour <= 14; ++hour) site.pass(promised, hour);
  const auto arrived = arrivals(site);
  CHECK(arrived.size() == 4);
  for (const auto& [who, times] : arrived) CHECK(times == 2);
  CHECK(count(site, "state = 'needs_attention'") == 4);
  CHECK(site.run({"status"}).out.find("4 in need of a person") != std::string::npos);
}

TEST_CASE("delivery: a relay that is slow to greet or to take delays its own mails alone; every mail arrives, once") {
  SiteFiles files = leads_with_a_promise(10, "email, teams", false);
  reach_by_teams_alone(files, 6, 10);
  const Site site(files);
  site.pass(long_before);
  std::size_t cards_meanwhile = 0;
  SmtpScript script;
  // Slower than all cards together, however fast this machine is.
  const std::string point = GENERATE("CONNECT", "RCPT", "DATA", ".");
  INFO("slow at " << point);
  script.faults[point] = SmtpFault{.reply = "", .meanwhile = [&] {
                                     wait_for([&] { return site.teams().count(); }, 5);
                                     cards_meanwhile = site.teams().count();
                                   }};
  site.mail().set_script(script);
  site.pass(promised);
  CHECK(cards_meanwhile == 5);
  CHECK(each_has_one(site, 5));
}

TEST_CASE("delivery: a relay that is full delays what it will not take, and nothing is lost") {
  const Site site(leads_with_a_promise(5, "email", false));
  site.pass(long_before);
  const std::string point = GENERATE("MAIL", "RCPT", ".");
  const std::string reply = GENERATE("452 4.3.1 insufficient system storage", "452 full", "552 storage exceeded");
  INFO(reply << " at " << point);
  refuse_at(site, point, reply, 12);
  for (int hour = 9; hour <= 17; ++hour) site.pass(promised, hour);
  site.pass(promised + 1);
  site.pass(promised + 1, 14);
  CHECK(each_has_one(site, 5));
}

TEST_CASE("delivery: a flow that hangs delays no mail") {
  SiteFiles files = leads_with_a_promise(10, "email, teams", false);
  reach_by_teams_alone(files, 6, 10);
  const Site site(files);
  site.pass(long_before);
  std::size_t mails_meanwhile = 0;
  const WorkflowAnswer slow{.meanwhile = [&] {
    wait_for([&] { return site.mail().count(); }, 5);
    mails_meanwhile = site.mail().count();
  }};
  site.teams().set_answers({slow});
  site.pass(promised);
  CHECK(mails_meanwhile == 5);
  CHECK(each_has_one(site, 5));
  CHECK(site.teams().count() == 5);
}

TEST_CASE("delivery: a flow that puts everything off for a day delays no mail, and every card comes once") {
  SiteFiles files = leads_with_a_promise(10, "email, teams", false);
  reach_by_teams_alone(files, 6, 10);
  const Site site(files);
  site.pass(long_before);
  site.teams().set_answers({{429, {"Retry-After: 86400"}, ""}});
  site.pass(promised);
  CHECK(each_has_one(site, 5));
  const std::size_t put_off = site.teams().count();
  site.pass(promised, 16);
  CHECK(site.teams().count() == put_off);
  site.teams().set_answers({{}});
  site.pass(promised + 1, 10);
  site.pass(promised + 1, 12);
  CHECK(site.teams().count() == put_off + 5);
  CHECK(count(site, "channel = 'teams' AND state = 'accepted'") == 5);
  CHECK(each_has_one(site, 5));
}

TEST_CASE("delivery: a relay that lets nobody in for four days: each message is reported, and comes once when it may") {
  // A relay is waited for and cards are not flooded with mail (docs/decisions/0005): what was tried to the end of its
  // use-by time goes the other way, the rest waits, and the status says so.
  SiteFiles files = leads_with_a_promise(60, "email");
  files.sessions = 1;
  const Site site(files);
  site.pass(long_before);
  refuse_at(site, "MAIL", "530 5.7.0 authentication required");
  for (int day = 0; day <= 4; ++day) {
    for (const int hour : {9, 12, 15}) site.pass(promised + day, hour);
  }
  CHECK(site.mail().count() == 0);
  const int waiting = count(site, "state = 'queued'");
  const int leads_waiting = count(site, "recipient LIKE 'lead%' AND channel = 'email' AND state = 'queued'");
  CHECK(leads_waiting + count(site, "channel = 'teams' AND state = 'accepted'") == 60);
  REQUIRE(waiting > 0);
  CHECK(site.run({"status"}).out.find(fmt::format("{} messages to be delivered", waiting)) != std::string::npos);
  mend_relay(site);
  site.pass(promised + 7);
  site.pass(promised + 7, 12);
  CHECK(count(site, "recipient LIKE 'lead%' AND state = 'accepted'") == 60);
  CHECK(arrivals(site).size() == static_cast<std::size_t>(leads_waiting));
  CHECK(site.teams().count() == static_cast<std::size_t>(60 - leads_waiting));
}

TEST_CASE("outbox: a refused message is tried again at a person's word") {
  const Site site(leads_with_a_promise(1, "email", false));
  site.pass(long_before);
  refuse_at(site, "RCPT", "550 5.1.1 no such user", 1);
  site.pass(promised);
  const std::string row = site.ask("SELECT id FROM message WHERE state = 'refused'").front();
  const Site::Ran ran = outbox(site, "retry", row);
  CHECK(ran.exit == 0);
  CHECK(ran.out == "message " + row + " is tried again\n");
  site.pass(promised, 11);
  CHECK(arrivals(site).at("lead1@county.example") == 1);
  CHECK(outbox(site, "retry", row).exit == 1);  // it has arrived
  CHECK(outbox(site, "drop", row).exit == 1);
}

TEST_CASE("outbox: a message that was given up does not go any more") {
  const Site site(leads_with_a_promise(1, "email", false));
  site.pass(long_before);
  refuse_at(site, "RCPT", "451 4.3.0 later");
  site.pass(promised);
  const std::string row = site.ask("SELECT id FROM message WHERE state = 'queued'").front();
  const Site::Ran ran = outbox(site, "drop", row);
  CHECK(ran.exit == 0);
  CHECK(ran.out == "message " + row + " is given up\n");
  mend_relay(site);
  site.pass(promised, 12);
  CHECK(site.mail().count() == 0);
  CHECK(site.ask("SELECT DISTINCT state FROM notification").front() == "withdrawn");
  CHECK(outbox(site, "drop", row).exit == 1);
}

TEST_CASE("outbox: a number that is none, or of no message, is told") {
  const Site site(leads_with_a_promise(1, "email", false));
  site.pass(long_before);
  for (const char* verb : {"retry", "drop"}) {
    CHECK(outbox(site, verb, "first").exit == 2);
    CHECK(outbox(site, verb, "12x").exit == 2);
    CHECK(outbox(site, verb, "4711").exit == 1);
    CHECK(site.run({"outbox", verb}).exit == 2);
  }
}
