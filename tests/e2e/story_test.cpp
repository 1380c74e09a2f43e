// The customer's action 5.3 (CCN, HR Teams) through a year and more, by the real program: `chaser answer` and `run
// --once --now`, a pass a day, over real SMTP. What everybody concerned gets is approved word for word:
// docs/STORY-5.3.md.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "e2e/site.h"
#include "support/catch.h"

using namespace chaser;
using calendar::CivilDay;
using test::Site;

namespace {

const char* const directory = R"(version: 1
coordinator: coordinator
sponsor: sponsor
aliases: { CCN: ccn, HR Teams: hr-teams }
parties:
  ccn: { name: Climate Change Network, kind: network, email: ccn@kent.example, superior: director-place, deputy: ccn-deputy }
  ccn-deputy: { name: Deputy of the Climate Change Network, email: deputy@kent.example, superior: director-place }
  hr-teams: { name: HR Teams, kind: class, members: [hr-ashford, hr-dover, hr-thanet] }
  hr-ashford: { name: Ashford HR Team, email: hr@ashford.example, superior: chief-ashford }
  hr-dover: { name: Dover HR Team, email: hr@dover.example, superior: chief-dover }
  hr-thanet: { name: Thanet HR Team, email: hr@thanet.example, superior: chief-thanet }
  chief-ashford: { name: Chief Executive of Ashford, email: chief@ashford.example }
  chief-dover: { name: Chief Executive of Dover, email: chief@dover.example }
  chief-thanet: { name: Chief Executive of Thanet, email: chief@thanet.example }
  director-place: { name: Director of Place, email: director-place@kent.example }
  coordinator: { name: The plan's coordinator, email: coordinator@kent.example, superior: sponsor }
  sponsor: { name: The plan's sponsor, email: sponsor@kent.example }
)";

const char* const plan =
    "ID\tAction\tLead\tTimescale\n"
    "5.3\tRework travel benefits and car rules for staff, with car clubs, leased electric cars and rewards for clean "
    "vehicles.\tCCN, HR Teams\t2026-27\n";

/// What people say, at 10:00 of a day.
struct Said {
  CivilDay day;
  std::vector<std::string> words;
};
const std::vector<Said> story{
    {CivilDay(2026, 11, 25),
     {"update", "--party", "hr-dover", "--percent", "40", "--note", "Car club agreed, leases with legal"}},
    {CivilDay(2027, 3, 15), {"done", "--party", "hr-dover", "--evidence", "https://dover.example/travel-policy"}},
    {CivilDay(2027, 3, 17), {"approve", "--party", "coordinator"}},
    {CivilDay(2027, 4, 1), {"acknowledge", "--party", "ccn", "--until", "2027-04-14", "--note", "Away until the 14th"}},
    {CivilDay(2027, 5, 13), {"delegate", "--party", "ccn-deputy", "--to", "ccn-deputy"}},
    {CivilDay(2027, 5, 13), {"accept", "--party", "ccn-deputy"}},
    {CivilDay(2027, 5, 14),
     {"extension", "--party", "ccn-deputy", "--due", "2027-12-31", "--note", "The lease framework is late"}},
    {CivilDay(2027, 5, 18), {"refuse", "--party", "coordinator", "--note", "The grant ends in October"}},
    {CivilDay(2027, 5, 24),
     {"extension", "--party", "ccn-deputy", "--due", "2027-09-30", "--note", "Without the second lease round"}},
    {CivilDay(2027, 5, 26), {"approve", "--party", "coordinator"}},
    {CivilDay(2027, 9, 24), {"done", "--party", "hr-ashford"}},
    {CivilDay(2027, 9, 27), {"approve", "--party", "coordinator"}},
    {CivilDay(2027, 9, 28), {"done", "--party", "hr-thanet"}},
    {CivilDay(2027, 9, 28), {"done", "--party", "ccn-deputy", "--note", "Adopted by all three"}},
    {CivilDay(2027, 9, 29), {"approve", "--party", "coordinator"}}};

std::string instant(CivilDay day, int hour) {
  return fmt::format("{}T{:02}:00:00{}", calendar::iso_day(day), hour,
                     day >= CivilDay(2027, 3, 28) && day < CivilDay(2027, 10, 31) ? "+01:00"
                     : day < CivilDay(2026, 10, 25)                               ? "+01:00"
                                                                                  : "Z");
}

/// The real program through the story, from the import to a week after its end.
void live(const Site& site) {
  for (CivilDay day(2026, 9, 1); day <= CivilDay(2027, 10, 8); ++day) {
    if (calendar::weekday_index(day) > 4) continue;
    site.pass(day);
    bool answered = false;
    for (const Said& said : story) {
      if (said.day != day) continue;
      std::vector<std::string> words{"answer", "plan/5.3"};
      words.insert(words.end(), said.words.begin(), said.words.end());
      words.insert(words.end(), {"--now", instant(day, 10)});
      const Site::Ran ran = site.run(words);
      INFO(day << " " << said.words.front() << ": " << ran.out << ran.err);
      REQUIRE(ran.exit == 0);
      answered = true;
    }
    if (answered) site.pass(day, 10);
  }
}

std::string transcript(const Site& site) {
  std::string command = "/usr/bin/python3 '" + std::string(CHASER_SOURCE_DIR) + "/tests/e2e/read_mail.py'";
  std::size_t number = 0;
  for (const test::Received& mail : site.mail().received()) {
    const std::string name = fmt::format("mail-{:04}.eml", number++);
    site.write(name, mail.bytes);
    command += " '" + site.file(name) + "'";
  }
  std::string text;
  FILE* const pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  char buffer[4096];
  while (const std::size_t got = std::fread(buffer, 1, sizeof buffer, pipe)) text.append(buffer, got);
  REQUIRE(::pclose(pipe) == 0);
  return text;
}

/// Mails of one instant have no order among each other: by recipient.
std::string in_order(const std::string& text) {
  const std::string line = std::string(100, '-') + "\n";
  std::vector<std::string> days;
  std::map<std::string, std::vector<std::string>> mails;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find(line, at) + line.size();
    const std::string mail = text.substr(at, end - at);
    const std::string date = mail.substr(0, mail.find('\n'));
    if (!mails.contains(date)) days.push_back(date);
    mails[date].push_back(mail);
    at = end;
  }
  std::string ordered;
  for (const std::string& day : days) {
    std::sort(mails[day].begin(), mails[day].end());
    for (const std::string& mail : mails[day]) ordered += mail;
  }
  return ordered;
}

}  // namespace

TEST_CASE("story: action 5.3 through a year, by the real program; every mail is approved text", "[slow]") {
  const std::string page = std::string(CHASER_SOURCE_DIR) + "/docs/STORY-5.3.md";
  Site site({plan, directory, "", 2, ""});
  std::ostringstream settings;
  settings << std::ifstream(site.file("chaser.yaml")).rdbuf() << "workflow: " << CHASER_SOURCE_DIR
           << "/rules/workflow.yaml\n";
  site.write("chaser.yaml", settings.str());
  live(site);
  CHECK(site.ask("SELECT status, slips FROM action") == std::vector<std::string>{"done 1"});
  CHECK(site.ask("SELECT count(*) FROM chase_case WHERE status = 'open'") == std::vector<std::string>{"0"});
  const std::string got = in_order(transcript(site));
  std::ostringstream text;
  text << std::ifstream(page).rdbuf();
  const std::string approved = text.str();
  const std::string fence = "```text\n";
  const std::size_t at = approved.find(fence);
  REQUIRE(at != std::string::npos);
  const std::string expected = approved.substr(at + fence.size(), approved.rfind("```") - at - fence.size());
  // To approve anew: read what changed, then run this test with CHASER_APPROVE=1.
  if (got != expected && std::getenv("CHASER_APPROVE") != nullptr) {
    std::ofstream(page) << approved.substr(0, at + fence.size()) << got << approved.substr(approved.rfind("```"));
  }
  CHECK(got == expected);
}
