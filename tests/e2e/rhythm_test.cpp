// How fast and in which order messages leave: rates, fairness, the breaker. Real servers, the real program, a scripted
// clock; a new pass is a new process, which has forgotten what its rates had used.
#include <fmt/format.h>

#include <algorithm>
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

/// Mails by whom they were for.
std::map<std::string, int> mails(const Site& site) {
  std::map<std::string, int> found;
  for (const test::Received& mail : site.mail().received()) ++found[mail.recipient];
  return found;
}
bool is_each_once(const std::map<std::string, int>& found) {
  return std::all_of(found.begin(), found.end(), [](const auto& each) { return each.second == 1; });
}

std::string count(const Site& site, const std::string& where) {
  return site.ask("SELECT count(*) FROM message WHERE " + where).front();
}

/// A rule of one step, as text.
std::string rule(const std::string& name, const std::string& when, const std::string& step) {
  return fmt::format("  - rule: {}\n    when: {}\n    anchor: due\n    steps: [{{ {} }}]\n", name, when, step);
}

/// Twenty leads, half of them reached by one flow, half by another.
test::SiteFiles by_two_flows() {
  test::SiteFiles files = test::leads_with_a_promise(20, "teams");
  for (int lead = 11; lead <= 20; ++lead) {
    const std::string its = fmt::format("lead{}@county.example, teams: kcc", lead);
    files.directory.replace(files.directory.find(its) + its.size() - 3, 3, "ccn");
  }
  return files;
}

}  // namespace

TEST_CASE("rhythm: two flows of one owner share a rate: five cards go, the rest wait for it, none goes by mail") {
  const Site site(by_two_flows());
  site.change_settings("    rate: { burst: 0 }\n", "");
  site.pass(before);
  site.pass(due);
  CHECK(site.teams().count() == 5);
  CHECK(count(site, "channel = 'teams' AND state = 'queued' AND attempts = 0") == "15");
  // Nobody comes back at once: the last of them is told a time as far off as the rate needs.
  CHECK(site.ask("SELECT count(DISTINCT not_before) >= 15 FROM message WHERE state = 'queued'").front() == "1");
  for (int hour = 10; hour <= 12; ++hour) site.pass(due, hour);
  CHECK(site.teams().count() == 20);
  CHECK(count(site, "state = 'accepted'") == "20");
  CHECK(site.mail().count() == 0);
}

TEST_CASE("rhythm: flows of two owners have a rate each") {
  const Site site(by_two_flows());
  site.change_settings("    rate: { burst: 0 }\n", "");
  site.change_settings("ccn: { url_file: teams-url, owner: flows@kent.example }",
                       "ccn: { url_file: teams-url, owner: other@kent.example }");
  site.pass(before);
  site.pass(due);
  CHECK(site.teams().count() == 10);
}

TEST_CASE("rhythm: where Teams throttles sooner than the settings say, each card is shown once all the same") {
  const Site site(test::leads_with_a_promise(12, "teams"));
  site.pass(before);
  site.teams().throttle();
  // Whatever is refused with 429 waits for the time that Teams named; the next pass is later than that.
  for (int hour = 9; hour <= 16 && count(site, "state = 'accepted'") != "12"; ++hour) {
    site.pass(due, hour);
    site.teams().forget_rate();
  }
  CHECK(count(site, "state = 'accepted'") == "12");
  CHECK(site.teams().throttled() > 0);
  CHECK(site.teams().count() == 12);
  for (const test::Posted& posted : site.teams().posted()) CHECK(posted.faults.empty());
  CHECK(site.mail().count() == 0);
}

TEST_CASE("rhythm: at Exchange Online no minute has more than 25 mails, and none is lost for it") {
  const Site site(test::leads_with_a_promise(40, "email", false));
  site.change_settings("tls: none,", "tls: none, provider: exchange_online,");
  site.pass(before);
  site.pass(due);
  const std::size_t first = site.mail().count();
  CHECK(first > 0);
  CHECK(first <= 25);
  CHECK(count(site, "state = 'queued' AND attempts = 0") == std::to_string(40 - first));
  for (int hour = 10; hour <= 17; ++hour) site.pass(due, hour);
  CHECK(site.mail().count() == 40);
  CHECK(is_each_once(mails(site)));
}

TEST_CASE("rhythm: one person gets no more than 30 messages a minute by one channel, whoever has how many rules") {
  test::SiteFiles files;
  files.directory =
      "coordinator: boss\nparties:\n  boss: { name: Boss, email: boss@county.example }\n"
      "  lead: { name: Lead, email: lead@county.example }\n"
      "  other: { name: Other, email: other@county.example }\n";
  files.plan = "ID\tAction\tLead\tTimescale\n99\tPromise 99\tother\t4 January 2027\n";
  files.rules = "version: 1\nlimit: { people: 1000 }\nrules:\n" +
                rule("r99", "action.id == \"99\"", "step: s, at: 0d, to: leads");
  for (int action = 1; action <= 35; ++action) {
    files.plan += fmt::format("{0}\tPromise {0}\tlead\t4 January 2027\n", action);
    files.rules +=
        rule(fmt::format("r{}", action), fmt::format("action.id == \"{}\"", action), "step: s, at: 0d, to: leads");
  }
  const Site site(files);
  site.change_settings("  per_person: { burst: 0 }\n", "");
  site.pass(before);
  site.pass(due);
  CHECK(mails(site)["lead@county.example"] == 30);
  CHECK(mails(site)["other@county.example"] == 1);
  site.pass(due, 10);
  CHECK(mails(site)["lead@county.example"] == 35);
  CHECK(mails(site)["other@county.example"] == 1);
}

TEST_CASE("rhythm: whose day has come goes before whose day is to come, and direct messages before digests") {
  test::SiteFiles files = test::leads_with_a_promise(0, "email", false);
  files.sessions = 1;
  files.rules = "version: 1\nlimit: { people: 1000 }\nrules:\n" +
                rule("listed", "action.id.startsWith(\"a\")", "step: list, at: 0d, to: leads, deliver: digest") +
                rule("soon", "action.id.startsWith(\"b\")", "step: soon, at: -7d, to: leads") +
                rule("now", "action.id.startsWith(\"c\")", "step: now, at: 0d, to: leads");
  for (int i = 0; i < 5; ++i) {
    for (const char* kind : {"a", "b", "c"}) {
      files.directory += fmt::format("  {0}{1}: {{ name: {0}{1}, email: {0}{1}@county.example }}\n", kind, i);
      files.plan += fmt::format("{0}{1}\tPromise {0}{1}\t{0}{1}\t{2} January 2027\n", kind, i, kind[0] == 'b' ? 11 : 4);
    }
  }
  const Site site(files);
  site.pass(before);
  site.pass(due);
  std::string order;
  for (const test::Received& mail : site.mail().received()) order += mail.recipient.front();
  CHECK(order == "cccccbbbbbaaaaa");
}

TEST_CASE("rhythm: a relay that is down costs a few attempts and not one of every mail; afterwards all go, once each") {
  const Site site(test::leads_with_a_promise(100, "email", false));
  site.pass(before);
  test::SmtpScript script;
  script.faults["CONNECT"] = SmtpFault{"421 4.3.2 closed", SmtpFault::Then::close, -1, false, {}};
  site.mail().set_script(script);
  site.pass(due);
  // No more than the sessions had taken before the first answer came.
  CHECK(site.mail().connections() <= 16);
  CHECK(std::stoi(count(site, "attempts = 0 AND state = 'queued'")) >= 84);
  site.mail().set_script({});
  site.pass(due, 10);
  CHECK(site.mail().count() == 100);
  CHECK(is_each_once(mails(site)));
}
