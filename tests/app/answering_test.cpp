// `chaser answer` and `chaser check --workflow`, by the program's own words.
#include <fstream>

#include "app/program.h"
#include "support/catch.h"

using namespace chaser;
using namespace chaser::test;

namespace {

const std::string quickstart = std::string(CHASER_SOURCE_DIR) + "/config/quickstart.yaml";

/// The quickstart, begun on 1 December 2026.
struct Begun {
  Folder folder;
  std::string state = folder.file("state");
  Begun() {
    REQUIRE(run({"run", "--config", quickstart, "--state", state, "--once", "--now", "2026-12-01T09:00:00Z"}).exit ==
            app::Exit::fine);
  }
  Ran answer(std::vector<std::string> words, const std::string& now = "2026-12-01T10:00:00Z") const {
    words.insert(words.begin(), {"answer", "--config", quickstart, "--state", state, "--now", now});
    return run(words);
  }
};

}  // namespace

TEST_CASE("answer: what is wrong with its words is told at once, with exit 2") {
  const Begun begun;
  const Ran wrong = begun.answer({"kent-medway/2.1", "extention", "--due", "soon", "--percent", "110"});
  CHECK(wrong.exit == app::Exit::usage);
  CHECK(wrong.err.find("there is no response \"extention\"; did you mean \"extension\"?") != std::string::npos);
  CHECK(wrong.err.find("--due needs a day such as 2027-01-31; got \"soon\"") != std::string::npos);
  CHECK(wrong.err.find("--percent is a whole number from 0 to 100; got \"110\"") != std::string::npos);
}

TEST_CASE("answer: an extension is asked for, approved, and told to have been when it is approved again") {
  const Begun begun;
  const Ran asked = begun.answer({"kent-medway/2.1", "extension", "--due", "2027-03-31", "--note", "Survey late"});
  INFO(asked.err);
  REQUIRE(asked.exit == app::Exit::fine);
  CHECK(asked.out.find("decides about 31 Mar 2027") != std::string::npos);
  const Ran approved = begun.answer({"kent-medway/2.1", "approve", "--party", "coordinator"}, "2026-12-02T10:00:00Z");
  INFO(approved.err);
  REQUIRE(approved.exit == app::Exit::fine);
  CHECK(approved.out == "action 2.1 is due on 31 Mar 2027 now\n");
  const Ran again = begun.answer({"kent-medway/2.1", "approve", "--party", "coordinator"}, "2026-12-03T10:00:00Z");
  CHECK(again.exit == app::Exit::fine);
  CHECK(again.out.starts_with("already answered by "));
  CHECK(again.out.ends_with(" on 2 Dec 2026 at 10:00 by the command line: approved\n"));
  const Ran explained = run(
      {"explain", "--config", quickstart, "--state", begun.state, "kent-medway/2.1", "--now", "2026-12-03T10:00:00Z"});
  CHECK(explained.out.find("first date 31 Dec 2026, moved later 1 time") != std::string::npos);
}

TEST_CASE("answer: whoever has no say is refused with exit 1, and it is on record") {
  const Begun begun;
  const Ran refused = begun.answer({"kent-medway/2.1", "approve", "--party", "dover"});
  CHECK(refused.exit == app::Exit::problems);
  CHECK(refused.err.find("nothing about action 2.1 waits for the word of dover") != std::string::npos);
  const Ran log =
      run({"log", "--config", quickstart, "--state", begun.state, "--plan", "kent-medway", "--action", "2.1"});
  CHECK(log.out.find("approve") != std::string::npos);
}

TEST_CASE("check: --workflow draws the workflow in Mermaid; its mistakes are told in its place") {
  const Ran drawn = run({"check", "--config", quickstart, "--workflow"});
  CHECK(drawn.exit == app::Exit::fine);
  CHECK(drawn.out.starts_with("stateDiagram-v2\n"));
  CHECK(drawn.out.find("in_progress --> done : done by lead, coordinator, sponsor") != std::string::npos);
  const Folder folder;
  std::ofstream(folder.file("workflow.yaml")) << "version: 1\nstatuses: [{ status: a, kind: open }]\ntransitions: []\n";
  std::ofstream(folder.file("chaser.yaml"))
      << "state_directory: state\nplans: []\nrules: " << CHASER_SOURCE_DIR << "/rules\nworkflow: workflow.yaml\n";
  const Ran broken = run({"check", "--config", folder.file("chaser.yaml"), "--workflow"});
  CHECK(broken.exit == app::Exit::problems);
  CHECK(broken.out.find("workflow.yaml:3:14: error: \"transitions\" is a list of at least one") != std::string::npos);
}
