// What the program does when the other side will not have a message: real servers, the real program, a scripted clock.
#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <fstream>
#include <map>

#include "e2e/site.h"
#include "support/catch.h"

using namespace chaser;
using test::Site;
using test::SmtpFault;

namespace {

using calendar::CivilDay;

const CivilDay before(2026, 12, 1);
const CivilDay due(2027, 1, 4);

/// Mails by lead.
std::map<std::string, int> arrivals(const Site& site) {
  std::map<std::string, int> found;
  for (const test::Received& mail : site.mail().received()) {
    if (mail.recipient.starts_with("lead")) ++found[mail.recipient];
  }
  return found;
}

void refuse_at(const Site& site, const std::string& point, const std::string& reply, int times = -1) {
  test::SmtpScript script;
  if (!reply.empty()) script.faults[point] = SmtpFault{reply, SmtpFault::Then::go_on, times, false, {}};
  site.mail().set_script(script);
}

/// `chaser outbox VERB ROW` on the due day at 10.
Site::Ran outbox(const Site& site, const std::string& verb, const std::string& row) {
  return site.run({"outbox", verb, row, "--now", "2027-01-04T10:00:00Z"});
}

std::string count(const Site& site, const std::string& where) {
  return site.ask("SELECT count(*) FROM message WHERE " + where).front();
}

}  // namespace

TEST_CASE("delivery: cards for a flow that is off go by email, once each") {
  const Site site(test::leads_with_a_promise(6, "teams"));
  site.pass(before);
  site.teams().set_answers({{400, {}, R"({"error":{"code":"WorkflowTriggerIsNotEnabled","message":"off"}})"}});
  site.pass(due);
  site.pass(due, 11);
  const auto arrived = arrivals(site);
  CHECK(arrived.size() == 6);
  for (const auto& [who, times] : arrived) CHECK(times == 1);
  CHECK(count(site, "channel = 'teams' AND state = 'refused'") == "6");
  CHECK(count(site, "channel = 'email' AND state = 'accepted'") == "6");
  CHECK(site.ask("SELECT DISTINCT state FROM notification").front() == "delivered");
}

TEST_CASE("delivery: a card that Workflows will not have goes by email, and the others are not touched") {
  const Site site(test::leads_with_a_promise(3, "teams"));
  site.pass(before);
  site.teams().set_answers({{400, {}, R"({"error":{"code":"TriggerInputSchemaMismatch","message":"no"}})"}, {}});
  site.pass(due);
  CHECK(arrivals(site).size() == 1);
  CHECK(site.teams().posted().size() == 3);
  for (const test::Posted& posted : site.teams().posted()) CHECK(posted.faults.empty());
  CHECK(count(site, "state = 'accepted'") == "3");
}

TEST_CASE("delivery: one bad address of a hundred harms nobody else, and its owner is reached the other way") {
  const Site site(test::leads_with_a_promise(100, "email"));
  site.pass(before);
  refuse_at(site, "RCPT", "550 5.1.1 no such user", 1);
  site.pass(due);
  CHECK(arrivals(site).size() == 99);
  CHECK(site.teams().posted().size() == 1);
  CHECK(count(site, "state = 'accepted'") == "100");
  CHECK(count(site, "state = 'refused'") == "1");
}

TEST_CASE("delivery: a bad address with no other way is told to somebody") {
  const Site site(test::leads_with_a_promise(2, "email", false));
  site.pass(before);
  refuse_at(site, "RCPT", "550 5.1.1 no such user", 1);
  site.pass(due);
  CHECK(site.ask("SELECT count(*) FROM notification WHERE state = 'unreachable'").front() == "1");
  site.pass(due, 10);
  const auto mails = site.mail().received();
  const auto told = std::find_if(mails.begin(), mails.end(),
                                 [](const test::Received& mail) { return mail.recipient == "boss@county.example"; });
  REQUIRE(told != mails.end());
  CHECK(told->bytes.find("cannot be reached") != std::string::npos);
}

TEST_CASE(
    "delivery: an address that does not exist gets no further mail, its party's coordinator does, until it is let go") {
  test::SiteFiles files = test::leads_with_a_promise(1, "email", false);
  files.plan += "2\tPromise 2\tlead1\t11 January 2027\n3\tPromise 3\tlead1\t18 January 2027\n";
  const Site site(files);
  site.pass(before);
  refuse_at(site, "RCPT", "550 5.1.1 no such user", 1);
  site.pass(due);
  site.pass(due, 10);
  site.pass(due + 7);
  CHECK(arrivals(site).empty());
  CHECK(count(site, "recipient = 'lead1' AND state = 'refused' AND last_outcome LIKE 'not tried: %5.1.1%'") == "1");
  CHECK(site.ask("SELECT count(*) FROM notification WHERE state = 'unreachable'").front() == "2");
  site.pass(due + 7, 10);
  CHECK(site.ask("SELECT count(*) FROM notification WHERE rule = 'unreachable' AND recipient = 'boss' AND state ="
                 " 'delivered'")
            .front() == "2");
  const std::string standing = site.run({"status"}).out;
  CHECK(standing.find("no mail to     lead1: 550 5.1.1 since 2027-01-04") != std::string::npos);
  SECTION("at a person's word") {
    CHECK(site.run({"release", "address", "lead1", "--now", "2027-01-11T12:00:00Z"}).exit == 0);
    site.pass(due + 14);
    CHECK(arrivals(site).at("lead1@county.example") == 1);
  }
  SECTION("by another address in the directory") {
    files.directory.replace(files.directory.find("lead1@"), 6, "first@");
    site.write("directory.yaml", files.directory);
    site.pass(due + 14);
    CHECK(count(site, "recipient = 'lead1' AND state = 'accepted'") == "1");
    const auto mails = site.mail().received();
    CHECK(std::count_if(mails.begin(), mails.end(),
                        [](const test::Received& mail) { return mail.recipient == "first@county.example"; }) == 1);
  }
}

TEST_CASE("delivery: a dead address is tried again after its time, and where the settings give it none, always") {
  test::SiteFiles files = test::leads_with_a_promise(1, "email", false);
  files.plan += "2\tPromise 2\tlead1\t11 January 2027\n3\tPromise 3\tlead1\t15 February 2027\n";
  const Site site(files);
  const bool is_always_tried = GENERATE(false, true);
  if (is_always_tried) std::ofstream(site.file("chaser.yaml"), std::ios::app) << "dead_address_for: 0d\n";
  site.pass(before);
  refuse_at(site, "RCPT", "550 5.1.1 no such user", 1);
  site.pass(due);
  site.pass(due + 7);
  CHECK(arrivals(site).size() == (is_always_tried ? 1 : 0));
  site.pass(due + 42);
  CHECK(arrivals(site).at("lead1@county.example") == (is_always_tried ? 2 : 1));
}

TEST_CASE("delivery: mail for a dead address goes to the person's Teams channel at once") {
  test::SiteFiles files = test::leads_with_a_promise(1, "email");
  files.plan += "2\tPromise 2\tlead1\t11 January 2027\n";
  const Site site(files);
  site.pass(before);
  refuse_at(site, "RCPT", "550 5.1.1 no such user", 1);
  site.pass(due);
  site.pass(due + 7);
  CHECK(arrivals(site).empty());
  CHECK(site.teams().count() == 2);
  CHECK(site.ask("SELECT DISTINCT state FROM notification").front() == "delivered");
}

TEST_CASE("delivery: what the relay put off until its use-by time goes the other way") {
  const Site site(test::leads_with_a_promise(1, "email"));
  site.pass(before);
  refuse_at(site, "RCPT", "451 4.3.0 later");
  for (int day = 0; day < 3; ++day) site.pass(due + day);
  CHECK(site.teams().posted().empty());
  site.pass(due + 3);
  CHECK(site.teams().posted().size() == 1);
  CHECK(count(site, "channel = 'email' AND state = 'refused'") == "1");
  CHECK(site.ask("SELECT DISTINCT state FROM notification").front() == "delivered");
}

TEST_CASE("delivery: a relay that is down for two days delays every reminder and loses none") {
  const Site site(test::leads_with_a_promise(20, "email", false));
  site.pass(before);
  refuse_at(site, "CONNECT", "421 4.3.2 closed");
  site.pass(due);
  site.pass(due + 1);
  CHECK(site.mail().count() == 0);
  refuse_at(site, "", "");
  site.pass(due + 2);
  const auto arrived = arrivals(site);
  CHECK(arrived.size() == 20);
  for (const auto& [who, times] : arrived) CHECK(times == 1);
}

TEST_CASE(
    "delivery: a relay that is down for three days: every reminder arrives once or is reported, cards are not "
    "delayed") {
  test::SiteFiles files = test::leads_with_a_promise(10, "email", false);
  // Five of them are reached by Teams alone.
  for (int lead = 6; lead <= 10; ++lead) {
    const std::string before_it = fmt::format("email: lead{}@county.example", lead);
    files.directory.replace(files.directory.find(before_it), before_it.size(), "teams: kcc");
  }
  const Site site(files);
  site.pass(before);
  refuse_at(site, "CONNECT", "421 4.3.2 closed");
  site.pass(due);
  CHECK(site.teams().posted().size() == 5);
  for (int day = 1; day <= 2; ++day) site.pass(due + day);
  site.pass(due + 3, 8);
  CHECK(site.mail().count() == 0);
  refuse_at(site, "", "");
  site.pass(due + 3, 10);  // what is past its use-by time waits for a person, and says so
  const auto arrived = arrivals(site);
  for (const auto& [who, times] : arrived) CHECK(times == 1);
  CHECK(arrived.size() + std::stoul(count(site, "state = 'needs_attention'")) == 5);
  CHECK(site.teams().posted().size() == 5);
}

TEST_CASE("delivery: a relay that closes after the final dot: each mail comes once more at most, then a person looks") {
  const Site site(test::leads_with_a_promise(4, "email", false));
  site.pass(before);
  test::SmtpScript script;
  script.faults["."] = SmtpFault{"", SmtpFault::Then::close, -1, true, {}};
  site.mail().set_script(script);
  for (int hour = 9; hour <= 14; ++hour) site.pass(due, hour);
  const auto arrived = arrivals(site);
  CHECK(arrived.size() == 4);
  for (const auto& [who, times] : arrived) CHECK(times == 2);
  CHECK(count(site, "state = 'needs_attention'") == "4");
  CHECK(site.run({"status"}).out.find("4 in need of a person") != std::string::npos);
}

TEST_CASE("delivery: a relay that is slow to greet delays its own mails alone; every mail arrives, once") {
  test::SiteFiles files = test::leads_with_a_promise(10, "email, teams", false);
  for (int lead = 6; lead <= 10; ++lead) {
    const std::string email = fmt::format("email: lead{}@county.example", lead);
    files.directory.replace(files.directory.find(email), email.size(), "teams: kcc");
  }
  const Site site(files);
  site.pass(before);
  std::size_t cards_before_the_greeting = 0;
  test::SmtpScript script;
  script.faults["CONNECT"] = SmtpFault{"220 at last", SmtpFault::Then::go_on, -1, false, [&] {
                                         // Slower than all cards together, however fast this machine is.
                                         for (int tries = 0; tries < 600 && site.teams().count() < 5; ++tries) {
                                           ::poll(nullptr, 0, 50);
                                         }
                                         cards_before_the_greeting = site.teams().count();
                                       }};
  site.mail().set_script(script);
  site.pass(due);
  CHECK(cards_before_the_greeting == 5);
  const auto arrived = arrivals(site);
  CHECK(arrived.size() == 5);
  for (const auto& [who, times] : arrived) CHECK(times == 1);
}

TEST_CASE("delivery: a relay that is full delays what it will not take, and nothing is lost") {
  const Site site(test::leads_with_a_promise(5, "email", false));
  site.pass(before);
  refuse_at(site, "MAIL", "452 4.3.1 insufficient system storage", 12);
  for (int hour = 9; hour <= 16; ++hour) site.pass(due, hour);
  const auto arrived = arrivals(site);
  CHECK(arrived.size() == 5);
  for (const auto& [who, times] : arrived) CHECK(times == 1);
}

TEST_CASE("outbox: a refused message is tried again at a person's word") {
  const Site site(test::leads_with_a_promise(1, "email", false));
  site.pass(before);
  refuse_at(site, "RCPT", "550 5.1.1 no such user", 1);
  site.pass(due);
  const std::string row = site.ask("SELECT id FROM message WHERE state = 'refused'").front();
  const Site::Ran ran = outbox(site, "retry", row);
  CHECK(ran.exit == 0);
  CHECK(ran.out == "message " + row + " is tried again\n");
  site.pass(due, 11);
  CHECK(arrivals(site).at("lead1@county.example") == 1);
  CHECK(outbox(site, "retry", row).exit == 1);  // it has arrived
  CHECK(outbox(site, "drop", row).exit == 1);
}

TEST_CASE("outbox: a message that was given up does not go any more") {
  const Site site(test::leads_with_a_promise(1, "email", false));
  site.pass(before);
  refuse_at(site, "RCPT", "451 4.3.0 later");
  site.pass(due);
  const std::string row = site.ask("SELECT id FROM message WHERE state = 'queued'").front();
  const Site::Ran ran = outbox(site, "drop", row);
  CHECK(ran.exit == 0);
  CHECK(ran.out == "message " + row + " is given up\n");
  refuse_at(site, "", "");
  site.pass(due, 12);
  CHECK(site.mail().count() == 0);
  CHECK(site.ask("SELECT DISTINCT state FROM notification").front() == "withdrawn");
  CHECK(outbox(site, "drop", row).exit == 1);
}

TEST_CASE("outbox: a number that is none, or of no message, is told") {
  const Site site(test::leads_with_a_promise(1, "email", false));
  site.pass(before);
  for (const char* verb : {"retry", "drop"}) {
    CHECK(outbox(site, verb, "first").exit == 2);
    CHECK(outbox(site, verb, "12x").exit == 2);
    CHECK(outbox(site, verb, "4711").exit == 1);
    CHECK(site.run({"outbox", verb}).exit == 2);
  }
}
