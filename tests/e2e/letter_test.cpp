// What a message says about itself to the program that shows it: threads, importance, and no secrets. Real servers, the
// real program, a scripted clock.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "e2e/site.h"
#include "support/catch.h"

using namespace chaser;
using test::Site;

namespace {

using calendar::CivilDay;

const CivilDay before(2026, 12, 1);
const CivilDay due(2027, 1, 4);

/// A header's value, its folded lines joined; "" if there is none.
std::string header(const std::string& mail, const std::string& name) {
  const std::string head = "\r\n" + mail.substr(0, mail.find("\r\n\r\n") + 2);
  const std::size_t at = head.find("\r\n" + name + ": ");
  if (at == std::string::npos) return "";
  std::string value;
  for (std::size_t i = at + name.size() + 4; i < head.size(); ++i) {
    if (head[i] == '\r') continue;
    if (head[i] == '\n' && head[i + 1] != ' ' && head[i + 1] != '\t') break;
    if (head[i] != '\n') value += head[i];
  }
  return value;
}

std::vector<test::Received> mails_to(const Site& site, const std::string& address) {
  std::vector<test::Received> mails;
  for (const test::Received& mail : site.mail().received()) {
    if (mail.recipient == address) mails.push_back(mail);
  }
  return mails;
}

/// The styles of a card's containers, the head first.
std::string style_of(const test::Posted& posted) {
  const auto card = nlohmann::json::parse(posted.body)["attachments"][0]["content"];
  return card["body"][0].value("style", "");
}

}  // namespace

TEST_CASE("letter: mails about one action to one person are a thread, another's are not, and a digest begins none") {
  test::SiteFiles files = test::leads_with_a_promise(2, "email", false);
  files.rules =
      "version: 1\nlimit: { people: 1000 }\nrules:\n  - rule: due\n    when: action.kind == \"dated\"\n    anchor: "
      "due\n"
      "    steps:\n      - { step: listed, at: -14d, to: leads, via: [email], deliver: digest }\n"
      "      - { step: soon, at: -7d, to: leads, via: [email] }\n      - { step: due, at: 0d, to: leads, via: [email] "
      "}\n"
      "      - { step: late, at: 14d, to: leads, via: [email] }\n";
  const Site site(files);
  site.pass(before);
  site.pass_days(due - 14, due + 15);
  for (const char* lead : {"lead1", "lead2"}) {
    const auto mails = mails_to(site, std::string(lead) + "@county.example");
    REQUIRE(mails.size() == 4);
    const auto refers = [&](std::size_t index, const char* name) { return header(mails[index].bytes, name); };
    for (const std::size_t first : {0, 1}) {
      CHECK(refers(first, "In-Reply-To").empty());
      CHECK(refers(first, "References").empty());
    }
    const std::string root = "<" + mails[1].message_id + ">";
    for (const std::size_t later : {2, 3}) {
      CHECK(refers(later, "In-Reply-To") == root);
      CHECK(refers(later, "References") == root);
      CHECK(refers(later, "Message-ID") != root);
    }
  }
}

TEST_CASE("letter: the last step above the leads is important in mail and card, what comes before it is not") {
  test::SiteFiles files = test::leads_with_a_promise(1, "email", true);
  files.directory += "  chief: { name: Chief, email: chief@county.example, teams: kcc }\n";
  files.directory.replace(files.directory.find("name: lead1"), 11, "name: lead1, superior: chief");
  files.rules =
      "version: 1\nrules:\n  - rule: due\n    when: action.kind == \"dated\"\n    anchor: due\n    steps:\n"
      "      - { step: soon, at: -7d, to: leads, via: [email, teams] }\n"
      "      - { step: up, at: 7d, to: leads.superior, via: [email, teams] }\n";
  const Site site(files);
  site.pass(before);
  site.pass_days(due - 7, due + 9);
  const auto lead = mails_to(site, "lead1@county.example");
  const auto chief = mails_to(site, "chief@county.example");
  REQUIRE(lead.size() == 1);
  REQUIRE(chief.size() == 1);
  CHECK(header(lead[0].bytes, "Importance").empty());
  CHECK(header(chief[0].bytes, "Importance") == "high");
  const auto cards = site.teams().posted();
  REQUIRE(cards.size() == 2);
  CHECK(style_of(cards[0]) == "emphasis");
  CHECK(style_of(cards[1]) == "attention");
  for (const test::Posted& card : cards) CHECK(card.faults.empty());
}

TEST_CASE("letter: a flow's address is told nowhere, whatever becomes of its cards") {
  test::SiteFiles files = test::leads_with_a_promise(2, "teams", true);
  const Site site(files);
  site.pass(before);
  const bool is_answered = GENERATE(true, false);
  if (is_answered) {
    site.teams().set_answers({{400, {}, R"({"error":{"code":"WorkflowTriggerIsNotEnabled","message":"sig=SECRET"}})"}});
  } else {
    site.write("teams-url", "http://127.0.0.1:1/workflows/0123/invoke?sp=x&sig=SECRET");  // nobody listens
  }
  const Site::Ran ran = site.run({"run", "--once", "--now", "2027-01-04T09:00:00Z"});
  CHECK(ran.exit == 0);
  if (is_answered) CHECK(site.teams().posted().front().target.find("sig=SECRET") != std::string::npos);
  std::string told = ran.out + ran.err;
  for (const auto& verb :
       std::vector<std::vector<std::string>>{{"outbox", "--all"},
                                             {"outbox", "--all", "--format", "json"},
                                             {"status"},
                                             {"log"},
                                             {"log", "--format", "json"},
                                             {"explain", "plan/1", "--now", "2027-01-04T09:00:00Z"}}) {
    const Site::Ran shown = site.run(verb);
    told += shown.out + shown.err;
  }
  for (const auto& entry : std::filesystem::recursive_directory_iterator(site.file("state"))) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    told.append(std::istreambuf_iterator<char>(in), {});
  }
  CHECK(told.find("SECRET") == std::string::npos);
  CHECK(told.find("lead1") != std::string::npos);  // that there was something to look through
}
