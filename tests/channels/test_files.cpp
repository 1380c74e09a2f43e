#include <fstream>
#include <iterator>

#include "channels/delivering.h"
#include "support/catch.h"

using namespace chaser;
using namespace chaser::test;
using store::OutcomeKind;

namespace {

std::vector<std::string> files_in(const std::string& directory) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.is_regular_file()) names.push_back(entry.path().filename().string());
  }
  return names;
}

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("maildir: a message is one file in new, whole, and delivering it again overwrites it") {
  const TemporaryDirectory directory;
  const auto channel = channels::make_maildir("email", directory.path() + "/mail");
  const auto session = channel->make_session();
  CHECK(channel->name() == "email");
  for (int time = 0; time < 2; ++time) CHECK(deliver(*session, parcel()).outcome.kind == OutcomeKind::accepted);
  const std::vector<std::string> names = files_in(directory.path() + "/mail/new");
  REQUIRE(names.size() == 1);
  CHECK(text_of(directory.path() + "/mail/new/" + names[0]) == parcel().bytes);
  CHECK(files_in(directory.path() + "/mail/tmp").empty());
}

TEST_CASE("maildir: fenced, nothing is written") {
  const TemporaryDirectory directory;
  const auto channel = channels::make_maildir("email", directory.path());
  CHECK(deliver(*channel->make_session(), parcel(), false).outcome.kind == OutcomeKind::temporary);
  CHECK(files_in(directory.path() + "/new").empty());
}

TEST_CASE("maildir: a key that is no file name is refused") {
  const TemporaryDirectory directory;
  const auto channel = channels::make_maildir("email", directory.path());
  channels::Parcel bad = parcel();
  bad.key = "../../escape";
  CHECK(deliver(*channel->make_session(), bad).outcome.kind == OutcomeKind::permanent);
}

TEST_CASE("maildir: a directory that cannot be written is temporary and says why") {
  const TemporaryDirectory directory;
  const auto channel = channels::make_maildir("email", directory.path());
  const auto session = channel->make_session();
  std::filesystem::remove_all(directory.path() + "/tmp");
  const store::Outcome outcome = deliver(*session, parcel()).outcome;
  CHECK(outcome.kind == OutcomeKind::temporary);
  CHECK(outcome.text.find("cannot open") != std::string::npos);
}

TEST_CASE("folder: a card is one JSON file named by its key, and delivering it again overwrites it") {
  const TemporaryDirectory directory;
  const auto channel = channels::make_folder("teams", directory.path());
  const auto session = channel->make_session();
  channels::Parcel card = parcel();
  card.bytes = R"({"type":"message"})";
  for (int time = 0; time < 2; ++time) CHECK(deliver(*session, card).outcome.kind == OutcomeKind::accepted);
  CHECK(files_in(directory.path()) == std::vector<std::string>{card.key + ".json"});
  CHECK(text_of(directory.path() + "/" + card.key + ".json") == "{\n  \"type\": \"message\"\n}\n");
}

TEST_CASE("folder: what is no JSON is told as JSON with its destination") {
  const TemporaryDirectory directory;
  const auto channel = channels::make_folder("email", directory.path());
  CHECK(deliver(*channel->make_session(), parcel()).outcome.kind == OutcomeKind::accepted);
  CHECK(text_of(directory.path() + "/" + parcel().key + ".json").find("\"to\": \"lead@council.example\"") !=
        std::string::npos);
}
