// The real program is killed between each two states of the outbox: what the ledger says then, and that nothing is
// lost.
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <future>
#include <map>
#include <memory>

#include "e2e/deliveries.h"
#include "support/catch.h"

using namespace chaser;
using test::arrivals;
using test::first;
using test::morning;
using test::Site;
using test::SmtpFault;

namespace {

/// The messages go by one connection, one after the other.
test::SiteFiles one_after_the_other(int leads, const std::string& via) {
  test::SiteFiles files = test::leads_with_a_promise(leads, via);
  files.sessions = 1;
  return files;
}

/// A pass that is killed when a peer calls `strike`.
class Victim {
 public:
  /// Waits until the pid is known, then kills it: nothing that the peer says afterwards is heard.
  std::function<void()> strike() const {
    return [known = pid_.get_future().share()] { ::kill(known.get(), SIGKILL); };
  }

  /// The pass; true if it was killed, false if it ended by itself.
  bool run(const Site& site, calendar::Instant now) {
    const pid_t child = site.start(now);
    pid_.set_value(child);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  }

 private:
  mutable std::promise<pid_t> pid_;
};

/// The states of all messages, sorted.
std::vector<std::string> states(const Site& site) {
  return site.ask("SELECT state FROM message ORDER BY state");
}

void settle(const Site& site, calendar::Instant after) {
  for (int i = 1; i <= 3; ++i) {
    const pid_t child = site.start(after + absl::Minutes(15 * i));
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    REQUIRE(WEXITSTATUS(status) == 0);
  }
}

/// A pass that is killed when the relay is to answer at that point.
void die_at(const Site& site, const std::string& point, bool keep, calendar::Instant now) {
  Victim victim;
  test::SmtpScript script;
  script.faults[point] = SmtpFault{"250 well", SmtpFault::Then::close, 1, keep, victim.strike()};
  site.mail().set_script(script);
  REQUIRE(victim.run(site, now));
}

struct Point {
  const char* name;   // of the SMTP dialogue
  const char* reply;  // to a process that is dead by then
  bool keep;          // the server has taken the message
  const char* state;  // of the message under way when it died
  int arrivals;       // of that message in the end
};

}  // namespace

TEST_CASE("outbox: killed between any two states of a mail, it arrives, twice only where the server had taken it") {
  const Point point =
      GENERATE(Point{"CONNECT", "220 peer", false, "claimed", 1}, Point{"EHLO", "250 peer", false, "claimed", 1},
               Point{"MAIL", "250 ok", false, "claimed", 1}, Point{"RCPT", "250 ok", false, "claimed", 1},
               Point{"DATA", "354 go on", false, "claimed", 1}, Point{"BODY", "", false, "body_started", 1},
               Point{".", "250 queued", false, "body_started", 1}, Point{".", "250 queued", true, "body_started", 2});
  INFO("killed at " << point.name << (point.keep ? ", taken" : ""));
  const Site site(one_after_the_other(3, "email"));
  site.pass(calendar::CivilDay(2026, 12, 1));
  Victim victim;
  test::SmtpScript script;
  script.faults[point.name] = SmtpFault{point.reply, SmtpFault::Then::close, 1, point.keep, victim.strike()};
  site.mail().set_script(script);
  REQUIRE(victim.run(site, morning));
  const std::vector<std::string> died = states(site);  // the courier claims a few ahead of the one that is under way
  CHECK(died == (point.state == std::string("claimed")
                     ? std::vector<std::string>{"claimed", "claimed", "claimed"}
                     : std::vector<std::string>{"body_started", "claimed", "claimed"}));
  CHECK(site.ask("PRAGMA integrity_check").front() == "ok");
  settle(site, morning);
  CHECK(states(site) == std::vector<std::string>{"accepted", "accepted", "accepted"});
  auto arrived = arrivals(site);
  REQUIRE(arrived.size() == 3);
  std::vector<int> counts;
  for (const auto& [who, count] : arrived) counts.push_back(count);
  std::ranges::sort(counts);
  CHECK(counts == std::vector<int>{1, 1, point.arrivals});
  // A doubtful one is marked as such for whoever looks at it: it went on after an unknown outcome.
  const std::string doubtful = point.state == std::string("body_started") ? "1" : "0";
  CHECK(site.ask("SELECT count(*) FROM message WHERE resends > 0").front() == doubtful);
  // The same bytes under the same Message-ID, so that a mailbox can tell them for one.
  std::map<std::string, std::string> bytes;
  for (const test::Received& mail : site.mail().received()) {
    const auto [known, fresh] = bytes.emplace(mail.message_id, mail.bytes);
    CHECK((fresh || known->second == mail.bytes));
  }
  CHECK(bytes.size() == 3);
}

TEST_CASE("outbox: killed between the end of one mail and the next, the first is settled and none comes twice") {
  const Site site(one_after_the_other(3, "email"));
  site.pass(calendar::CivilDay(2026, 12, 1));
  const std::string point = GENERATE("MAIL", "RCPT", "DATA");
  Victim victim;
  test::SmtpScript script;
  script.faults[point] = SmtpFault{
      .reply = "250 ok", .then = SmtpFault::Then::close, .times = 1, .meanwhile = victim.strike(), .after = 1};
  site.mail().set_script(script);
  REQUIRE(victim.run(site, morning));
  // The verdict waits 20 ms at most for another mark to go to the disk with: it may or may not have been written.
  const std::vector<std::string> died = states(site);
  CHECK((died == std::vector<std::string>{"accepted", "claimed", "claimed"} ||
         died == std::vector<std::string>{"body_started", "claimed", "claimed"}));
  settle(site, morning);
  CHECK(states(site) == std::vector<std::string>{"accepted", "accepted", "accepted"});
  auto arrived = arrivals(site);
  CHECK(arrived.size() == 3);
  CHECK(site.mail().count() == (died.front() == "accepted" ? 3 : 4));
}

TEST_CASE("outbox: killed on its first way and again on its second, a mail goes no third time; a person looks") {
  const Site site(one_after_the_other(1, "email"));
  site.pass(calendar::CivilDay(2026, 12, 1));
  const bool first_is_live = GENERATE(false, true);  // the first doubt was told by the relay's hanging up
  if (first_is_live) {
    test::close_at_dot(site, true, 1);
    site.pass_at(morning);
  } else {
    die_at(site, ".", true, morning);
    test::mend_relay(site);
    site.pass_at(morning + absl::Minutes(1));  // finds the doubt; its second try is a minute away
    REQUIRE(site.mail().count() == 1);
  }
  die_at(site, ".", true, morning + absl::Minutes(5));
  CHECK(states(site) == std::vector<std::string>{"body_started"});
  settle(site, morning + absl::Minutes(10));
  CHECK(states(site) == std::vector<std::string>{"needs_attention"});
  CHECK(site.mail().count() == 2);
  CHECK(site.run({"status"}).out.find("1 in need of a person") != std::string::npos);
}

TEST_CASE("outbox: killed again before its resend left the house, a mail in doubt still has that resend, and no more") {
  const Site site(one_after_the_other(1, "email"));
  site.pass(calendar::CivilDay(2026, 12, 1));
  const bool is_taken = GENERATE(false, true);
  die_at(site, ".", is_taken, morning);
  test::mend_relay(site);
  site.pass_at(morning + absl::Minutes(2));  // finds the doubt
  CHECK(first(site, "SELECT state || ' ' || resends FROM message") == "queued 1");
  die_at(site, GENERATE("CONNECT", "RCPT"), false, morning + absl::Minutes(5));
  CHECK(states(site) == std::vector<std::string>{"claimed"});
  settle(site, morning + absl::Minutes(10));
  CHECK(states(site) == std::vector<std::string>{"accepted"});
  CHECK(site.mail().count() == (is_taken ? 2 : 1));
  CHECK(first(site, "SELECT resends FROM message") == "1");
}

TEST_CASE("outbox: killed while a refusal is on its way, the message is tried as if it had not been") {
  const auto [point, reply] =
      GENERATE(table<std::string, std::string>({{"RCPT", "550 5.1.1 no such user"}, {"MAIL", "451 4.3.0 later"}}));
  const Site site(one_after_the_other(2, "email"));
  site.pass(calendar::CivilDay(2026, 12, 1));
  Victim victim;
  test::SmtpScript script;
  script.faults[point] = SmtpFault{reply, SmtpFault::Then::close, 1, false, victim.strike()};
  site.mail().set_script(script);
  REQUIRE(victim.run(site, morning));
  CHECK(states(site) == std::vector<std::string>{"claimed", "claimed"});
  settle(site, morning);
  CHECK(states(site) == std::vector<std::string>{"accepted", "accepted"});
  CHECK(site.mail().count() == 2);
  CHECK(site.ask("SELECT DISTINCT attempts FROM message") == std::vector<std::string>{"1"});
}

TEST_CASE("outbox: killed after the server's last word, nothing is lost and at most one message doubled") {
  const Site site(one_after_the_other(3, "email"));
  site.pass(calendar::CivilDay(2026, 12, 1));
  Victim victim;
  test::SmtpScript script;
  script.faults["QUIT"] = SmtpFault{"221 bye", SmtpFault::Then::close, 1, false, victim.strike()};
  site.mail().set_script(script);
  victim.run(site, morning);
  settle(site, morning);
  CHECK(states(site) == std::vector<std::string>{"accepted", "accepted", "accepted"});
  const auto arrived = arrivals(site);
  CHECK(arrived.size() == 3);
  CHECK(site.mail().count() <= 4);
}

TEST_CASE("outbox: killed while the connection for a card is made, nothing of it has gone and all come once") {
  test::SiteFiles files = one_after_the_other(3, "teams");
  files.tls_cards = true;
  const Site site(files);
  site.pass(calendar::CivilDay(2026, 12, 1));
  Victim victim;
  site.teams().on_connect(victim.strike());
  REQUIRE(victim.run(site, morning));
  CHECK(states(site) == std::vector<std::string>{"claimed", "claimed", "claimed"});
  site.teams().on_connect({});
  settle(site, morning);
  CHECK(states(site) == std::vector<std::string>{"accepted", "accepted", "accepted"});
  CHECK(site.teams().count() == 3);
  CHECK(test::marked_cards(site) == 0);
}

TEST_CASE("outbox: killed on its first way and again on its second, a card goes no third time; a person looks") {
  const Site site(one_after_the_other(1, "teams"));
  site.pass(calendar::CivilDay(2026, 12, 1));
  for (const int minute : {0, 5}) {
    Victim victim;
    site.teams().set_answers({{.then = test::WorkflowAnswer::Then::close, .meanwhile = victim.strike()}, {}});
    REQUIRE(victim.run(site, morning + absl::Minutes(minute)));
    CHECK(states(site) == std::vector<std::string>{"body_started"});
    if (minute == 0) site.pass_at(morning + absl::Minutes(1));
  }
  settle(site, morning + absl::Minutes(10));
  CHECK(states(site) == std::vector<std::string>{"needs_attention"});
  CHECK(site.teams().count() == 2);
  CHECK(test::marked_cards(site) == 1);
  CHECK(site.mail().count() == 0);
}

TEST_CASE(
    "outbox: killed with a card's request read, it arrives; whether the flow took it nobody knows, so it says so") {
  const Site site(one_after_the_other(3, "teams"));
  site.pass(calendar::CivilDay(2026, 12, 1));
  Victim victim;
  test::WorkflowAnswer fatal;
  fatal.meanwhile = victim.strike();
  fatal.then = test::WorkflowAnswer::Then::close;
  site.teams().set_answers({fatal, {}});
  REQUIRE(victim.run(site, morning));
  CHECK(site.ask("SELECT count(*) FROM message WHERE state = 'body_started'").front() == "1");
  settle(site, morning);
  CHECK(states(site) == std::vector<std::string>{"accepted", "accepted", "accepted"});
  CHECK(site.teams().posted().size() == 4);
  CHECK(test::marked_cards(site) == 1);
}

TEST_CASE("outbox: killed after the flow's last word, a card arrives, and one that came twice says so") {
  const Site site(one_after_the_other(3, "teams"));
  site.pass(calendar::CivilDay(2026, 12, 1));
  Victim victim;
  test::WorkflowAnswer fatal;
  fatal.meanwhile = victim.strike();  // the answer goes out, but nobody lives to record it
  site.teams().set_answers({{}, fatal, {}});
  REQUIRE(victim.run(site, morning));
  CHECK(site.ask("SELECT count(*) FROM message WHERE state = 'body_started'").front() == "1");
  settle(site, morning);
  CHECK(states(site) == std::vector<std::string>{"accepted", "accepted", "accepted"});
  std::map<std::string, int> times;
  for (const test::Posted& card : site.teams().posted()) ++times[card.header("x-ms-client-tracking-id")];
  CHECK(times.size() == 3);
  CHECK(site.teams().posted().size() == 4);
  CHECK(test::marked_cards(site) == 1);
}

TEST_CASE("outbox: killed while most cards still wait in the queue, all arrive, one of them marked as a repeat") {
  const int many = 60;
  const Site site(one_after_the_other(many, "teams"));
  site.pass(calendar::CivilDay(2026, 12, 1));
  Victim victim;
  site.teams().set_answers({{.then = test::WorkflowAnswer::Then::close, .meanwhile = victim.strike()}, {}});
  REQUIRE(victim.run(site, morning));
  CHECK(std::stoi(site.ask("SELECT count(*) FROM message WHERE state = 'queued'").front()) > many / 2);
  settle(site, morning);
  CHECK(states(site) == std::vector<std::string>(many, "accepted"));
  CHECK(site.teams().count() == many + 1);
  CHECK(test::marked_cards(site) == 1);
}

TEST_CASE("outbox: killed while most messages still wait in the queue, all arrive once") {
  const int many = 60;
  test::SiteFiles files = one_after_the_other(many, "email");
  const Site site(files);
  site.pass(calendar::CivilDay(2026, 12, 1));
  Victim victim;
  test::SmtpScript script;
  script.faults["MAIL"] = SmtpFault{"250 ok", SmtpFault::Then::close, 1, false, victim.strike()};
  site.mail().set_script(script);
  REQUIRE(victim.run(site, morning));
  CHECK(std::stoi(site.ask("SELECT count(*) FROM message WHERE state = 'queued'").front()) > many / 2);
  settle(site, morning);
  const auto arrived = arrivals(site);
  CHECK(arrived.size() == many);
  CHECK(site.mail().count() == many);
}
