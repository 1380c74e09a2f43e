// The verbs of the log as evidence, as they are typed.
#include <sqlite3.h>

#include "app/program.h"
#include "support/catch.h"

using namespace chaser;
using namespace chaser::test;

namespace {

constexpr const char* settings =
    "state_directory: state\n"
    "plans: [{ id: county, file: plan.txt }]\n"
    "directory: directory.yaml\n"
    "rules: rules.yaml\n"
    "channels: { email: { type: maildir, folder: mail } }\n"
    "mail: { from_address: chaser@county.example }\n";
constexpr const char* rules =
    "version: 1\n"
    "rules:\n"
    "  - rule: deadline\n"
    "    when: action.kind == \"dated\"\n"
    "    anchor: due\n"
    "    steps:\n"
    "      - { step: due, at: 0d, to: leads }\n"
    "      - { step: keeper, at: +20wd, to: coordinator }\n";
constexpr const char* directory_with_anna =
    "version: 1\n"
    "coordinator: keeper\n"
    "parties:\n"
    "  keeper: { name: Keeper, email: keeper@county.example }\n"
    "  transport: { name: Anna Lee, email: anna.lee@county.example }\n";
constexpr const char* directory_without_her =
    "version: 1\n"
    "coordinator: keeper\n"
    "parties:\n"
    "  keeper: { name: Keeper, email: keeper@county.example }\n";

class Site {
 public:
  Site() {
    folder_.write("chaser.yaml", settings);
    folder_.write("rules.yaml", rules);
    folder_.write("directory.yaml", directory_with_anna);
    folder_.write("plan.txt", "ID\tAction\tLead\tTimescale\n1.1\tA promise\tAnna Lee\t14 January 2027\n");
    pass("2027-01-04");
    pass("2027-01-14");
  }
  Ran run(std::vector<std::string> words) const {
    words.insert(words.end(), {"--config", folder_.file("chaser.yaml")});
    return test::run(words);
  }
  void pass(const std::string& day) const {
    const Ran ran = run({"run", "--once", "--now", day + "T10:00:00Z"});
    INFO(ran.out << ran.err);
    REQUIRE(ran.exit == app::Exit::fine);
  }
  void lose_anna() const { folder_.write("directory.yaml", directory_without_her); }
  void tamper(const char* sql) const {
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open(folder_.file("state/chaser.db").c_str(), &database) == SQLITE_OK);
    CHECK(sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(database);
  }

 private:
  Folder folder_;
};

bool says(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("evidence: log verify tells that the log is whole, with the head that status shows") {
  const Site site;
  const Ran verified = site.run({"log", "verify", "--replay"});
  INFO(verified.out << verified.err);
  CHECK(verified.exit == app::Exit::fine);
  CHECK(says(verified.out, "The log is whole: "));
  CHECK(says(verified.out, "Played again, it gives what the tables say."));
  const std::string head = verified.out.substr(verified.out.find("head ") + 5, 64);
  CHECK(says(site.run({"status"}).out, "head " + head));
  CHECK(site.run({"log", "verify", "--head", head}).exit == app::Exit::fine);
  CHECK(site.run({"log", "verify", "--head", std::string(64, 'a')}).exit == app::Exit::problems);
}

TEST_CASE("evidence: log verify names what was changed, in the log or in the tables") {
  const Site site;
  SECTION("an event") {
    site.tamper("DROP TRIGGER event_not_changed; UPDATE event SET actor = 'cli:nobody' WHERE sequence = 2");
    const Ran verified = site.run({"log", "verify"});
    CHECK(verified.exit == app::Exit::problems);
    CHECK(says(verified.out, "BROKEN after 1 event: event 2 ("));
    CHECK(says(site.run({"log", "verify", "--format", "json"}).out, "\"whole\": false"));
  }
  SECTION("a table") {
    site.tamper("UPDATE notification SET state = 'withdrawn'");
    CHECK(site.run({"log", "verify"}).exit == app::Exit::fine);
    const Ran replayed = site.run({"log", "verify", "--replay"});
    CHECK(replayed.exit == app::Exit::problems);
    CHECK(says(replayed.out, "delivered in the log, withdrawn in the tables"));
  }
}

TEST_CASE("evidence: a person is erased once the directory has let them go, and the log says so") {
  const Site site;
  const std::vector<std::string> erase{"erase", "transport", "--now", "2027-01-15T10:00:00Z"};
  const Ran refused = site.run(erase);
  CHECK(refused.exit == app::Exit::problems);
  CHECK(says(refused.err, "the directory still has \"transport\""));
  site.lose_anna();
  site.pass("2027-01-15");
  const Ran erased = site.run(erase);
  INFO(erased.out << erased.err);
  CHECK(erased.exit == app::Exit::fine);
  CHECK(says(erased.out, "erased: name and addresses, 1 letter"));
  CHECK(says(erased.out, "the plan still names them: county/1.1"));
  CHECK(site.run({"log", "verify", "--replay"}).exit == app::Exit::fine);
  CHECK(says(site.run({"log"}).out, "\"party\":\"transport\""));
  CHECK(site.run({"erase", "nobody", "--now", "2027-01-15T10:00:00Z"}).exit == app::Exit::problems);
}
