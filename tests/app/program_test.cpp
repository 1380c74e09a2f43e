#include <filesystem>

#include "app/program.h"
#include "support/catch.h"

using namespace chaser;
using namespace chaser::test;

namespace {

const std::string quickstart = std::string(CHASER_SOURCE_DIR) + "/config/quickstart.yaml";

std::size_t count_files(const std::string& folder) {
  if (!std::filesystem::is_directory(folder)) return 0;
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files += entry.is_regular_file() ? 1 : 0;
  return files;
}

}  // namespace

TEST_CASE("program: three scripted days send what the forecast says") {
  const Folder folder;
  const std::string state = folder.file("state");
  for (const char* now : {"2026-10-06T09:00:00+01:00", "2026-12-22T09:00:00+00:00", "2026-12-31T09:00:00+00:00"}) {
    const Ran ran = run({"run", "--config", quickstart, "--state", state, "--once", "--now", now});
    INFO(ran.out << ran.err);
    REQUIRE(ran.exit == app::Exit::fine);
  }
  const std::size_t mails = count_files(state + "/mail/new");
  CHECK(mails > 4);
  CHECK(count_files(state + "/cards") == 2);
  // Run twice at one instant nothing more goes.
  CHECK(run({"run", "--config", quickstart, "--state", state, "--once", "--now", "2026-12-31T09:00:00+00:00"}).exit ==
        app::Exit::fine);
  CHECK(count_files(state + "/mail/new") == mails);
  const Ran explained = run({"explain", "--config", quickstart, "--state", state, "kent-medway/2.1"});
  CHECK(explained.exit == app::Exit::fine);
  CHECK(explained.out.find("deadline/overdue") != std::string::npos);
  CHECK(explained.out.find("silenced by deadline") != std::string::npos);
  // The service's clock is not this store's.
  CHECK(run({"run", "--config", quickstart, "--state", state, "--once"}).exit == app::Exit::environment);
}

TEST_CASE("program: the quickstart's forecast speaks about 2.1 on the days that the design names") {
  const Folder folder;
  const Ran ran = run({"forecast", "--config", quickstart, "--state", folder.file("none"), "--from", "2026-09-01",
                       "--to", "2027-04-30", "--format", "json"});
  REQUIRE(ran.exit == app::Exit::fine);
  for (const char* at : {"2026-10-06T09:00:00+01:00", "2026-12-22T09:00:00+00:00", "2026-12-31T09:00:00+00:00",
                         "2027-01-08T09:00:00+00:00", "2027-01-22T09:00:00+00:00", "2027-01-29T09:00:00+00:00",
                         "2027-02-05T09:00:00+00:00", "2027-02-26T09:00:00+00:00", "2027-03-30T09:00:00+01:00"}) {
    CHECK(ran.out.find(at) != std::string::npos);
  }
}

TEST_CASE("program: an answer pauses, a stop holds, a release lets go") {
  const Folder folder;
  const std::vector<std::string> common{"--config", quickstart, "--state", folder.file("state")};
  const auto with = [&](std::vector<std::string> words) {
    words.insert(words.begin() + 1, common.begin(), common.end());
    return run(words);
  };
  REQUIRE(with({"run", "--once", "--now", "2026-12-31T09:00:00+00:00"}).exit == app::Exit::fine);
  const std::vector<std::string> now{"--now", "2026-12-31T10:00:00+00:00"};
  const Ran answered = with({"answer", "kent-medway/2.1", "acknowledge", "--until", "2027-01-08", now[0], now[1]});
  INFO(answered.err);
  CHECK(answered.exit == app::Exit::fine);
  CHECK(answered.out.find("8 Jan 2027") != std::string::npos);
  CHECK(with({"answer", "kent-medway/2.1", "shrug", now[0], now[1]}).exit == app::Exit::usage);
  CHECK(with({"answer", "kent-medway/99", "update", now[0], now[1]}).exit == app::Exit::problems);
  CHECK(with({"stop", "plan:kent-medway", now[0], now[1]}).exit == app::Exit::fine);
  CHECK(with({"stop", "plan:nowhere", now[0], now[1]}).exit == app::Exit::problems);
  CHECK(with({"release", "stop", "plan:kent-medway", now[0], now[1]}).exit == app::Exit::fine);
}

TEST_CASE("program: what is mistyped is told with exit 2, and every verb has help") {
  CHECK(run({}).exit == app::Exit::usage);
  CHECK(run({"chek"}).exit == app::Exit::usage);
  CHECK(run({"check"}).exit == app::Exit::usage);
  CHECK(run({"forecast", "--config", quickstart, "--from", "yesterday", "--to", "2027-01-01"}).exit ==
        app::Exit::usage);
  CHECK(run({"check", "--config", "/nowhere.yaml"}).exit != app::Exit::fine);
  for (const app::Verb& verb : app::verbs())
    CHECK(app::help_of(verb).find(std::string(verb.name)) != std::string::npos);
}
