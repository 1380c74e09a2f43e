// The limit of people, by the whole program: what is held, who is told, and that it is told once.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/program.h"
#include "support/catch.h"

using namespace chaser;
using namespace chaser::test;
using nlohmann::json;

namespace {

/// Three leads with an action each, due on Thursday 31 December 2026, and a limit of people.
class Site {
 public:
  explicit Site(int people) {
    folder_.write("chaser.yaml",
                  "state_directory: state\nplans: [{ id: county, file: plan.txt }]\ndirectory: directory.yaml\n"
                  "rules: [rules.yaml]\nchannels: { email: { type: maildir, folder: mail } }\n"
                  "mail: { from_address: chaser@kent.example }\n");
    folder_.write("directory.yaml",
                  "coordinator: office\nparties:\n  office: { name: Office, email: office@kent.example }\n"
                  "  a: { name: Ann, email: a@kent.example }\n  b: { name: Bob, email: b@kent.example }\n"
                  "  c: { name: Cat, email: c@kent.example }\n");
    folder_.write("plan.txt",
                  "ID\tAction\tLead\tTimescale\n1\tPlant\ta\t31 December 2026\n2\tMend\tb\t31 December 2026\n"
                  "3\tCount\tc\t31 December 2026\n");
    folder_.write("rules.yaml",
                  "version: 1\nrules:\n  - rule: due\n    when: action.kind == \"dated\"\n    anchor: due\n"
                  "    steps: [{ step: due, at: 0d, to: leads }]\nlimit: { people: " +
                      std::to_string(people) + " }\n");
    REQUIRE(pass("2026-12-01T09:00:00+00:00").exit == app::Exit::fine);
  }

  Ran run(std::vector<std::string> verb) const {
    verb.insert(verb.end(), {"--config", folder_.file("chaser.yaml")});
    return test::run(verb);
  }
  Ran pass(const std::string& now) const { return run({"run", "--once", "--now", now}); }

  /// Who got a message so far, sorted.
  std::vector<std::string> told() const {
    const json messages = json::parse(run({"outbox", "--all", "--format", "json"}).out);
    std::vector<std::string> lines;
    for (const json& message : messages) {
      if (message.at("state") == "accepted") lines.push_back(message.at("to").get<std::string>());
    }
    std::sort(lines.begin(), lines.end());
    return lines;
  }
  std::string mails() const {
    std::string text;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.file("state/mail"))) {
      if (entry.is_regular_file()) text += text_of(entry.path().string());
    }
    return text;
  }

 private:
  Folder folder_;
};

const std::string due = "2026-12-31T09:00:00+00:00";
const std::vector<std::string> leads{"a", "b", "c"};

}  // namespace

TEST_CASE("limit: a rule that reaches as many people as it may goes, and nobody is told") {
  const Site site(3);
  CHECK(site.pass(due).exit == app::Exit::fine);
  CHECK(site.told() == leads);
}

TEST_CASE("limit: with one more nothing of the rule goes, and the coordinator is told once, with what lets it go") {
  const Site site(2);
  CHECK(site.pass(due).exit == app::Exit::fine);
  CHECK(site.told() == std::vector<std::string>{"office"});
  const std::string mail = site.mails();
  INFO(mail);
  CHECK(mail.find("chaser release limit due") != std::string::npos);
  for (const char* later : {"2026-12-31T10:00:00+00:00", "2027-01-04T09:00:00+00:00", "2027-01-11T09:00:00+00:00"}) {
    CHECK(site.pass(later).exit == app::Exit::fine);
    CHECK(site.told() == std::vector<std::string>{"office"});
  }
  const Ran explained = site.run({"explain", "county/2", "--now", "2027-01-11T09:00:00+00:00"});
  INFO(explained.out);
  CHECK(explained.out.find("limit") != std::string::npos);
}

TEST_CASE("limit: let go, what waited goes to everybody and the coordinator hears no more of it") {
  const Site site(2);
  CHECK(site.pass(due).exit == app::Exit::fine);
  const Ran released = site.run({"release", "limit", "due", "--now", "2026-12-31T10:00:00+00:00"});
  INFO(released.err);
  CHECK(released.exit == app::Exit::fine);
  CHECK(site.pass("2026-12-31T11:00:00+00:00").exit == app::Exit::fine);
  CHECK(site.told() == std::vector<std::string>{"a", "b", "c", "office"});
}

TEST_CASE("limit: an action that is done withdraws its own message, and the coordinator is told all the same") {
  const Site site(2);
  // Before the window opens it is decided; the coordinator is told at the opening.
  CHECK(site.pass(due).exit == app::Exit::fine);
  CHECK(site.run({"answer", "county/1", "done", "--now", "2026-12-31T12:00:00+00:00"}).exit == app::Exit::fine);
  CHECK(site.pass("2027-01-04T09:00:00+00:00").exit == app::Exit::fine);
  // Two are left, and two may go.
  CHECK(site.told() == std::vector<std::string>{"b", "c", "office"});
}

TEST_CASE("limit: the forecast says what happens, and to whom") {
  const Site site(2);
  CHECK(site.pass(due).exit == app::Exit::fine);
  const Ran ran = site.run({"forecast", "--fresh", "--from", "2026-12-01", "--to", "2027-01-31", "--format", "json"});
  const json entries = json::parse(ran.out);
  INFO(ran.out);
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].at("rule") == "limit");
  CHECK(entries[0].at("step") == "due");
  CHECK(entries[0].at("to") == "office");
  CHECK(entries[0].at("at") == due);
}
