// Settings, a directory, a plan and a rule file with five mistakes each, as people make them: tests/app/mistakes. What
// `check` says about them is approved word for word: whoever changes a message reads approved.txt as a coordinator
// would.
#include <nlohmann/json.hpp>

#include "app/program.h"
#include "support/catch.h"

using namespace chaser;
using namespace chaser::test;

namespace {

const std::string folder = std::string(CHASER_SOURCE_DIR) + "/tests/app/mistakes/";

std::string without_folder(std::string text, const std::string& prefix = folder) {
  for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at)) {
    text.erase(at, prefix.size());
  }
  return text;
}

/// The first fenced block of a language on the page.
std::string block_of(const std::string& page, const std::string& language) {
  const std::string fence = "```" + language + "\n";
  const std::size_t begin = page.find(fence);
  REQUIRE(begin != std::string::npos);
  const std::size_t end = page.find("```", begin + fence.size());
  REQUIRE(end != std::string::npos);
  return page.substr(begin + fence.size(), end - begin - fence.size());
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    REQUIRE(end != std::string::npos);
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

}  // namespace

TEST_CASE(
    "check: twenty mistakes in four files are told at once, each with place, excerpt, caret and what would be right") {
  const Ran ran = run({"check", "--config", folder + "chaser.yaml"});
  CHECK(ran.exit == app::Exit::problems);
  CHECK(ran.err.empty());
  const std::vector<std::string> told = lines_of(without_folder(ran.out));
  const std::vector<std::string> approved = lines_of(text_of(folder + "approved.txt"));
  for (std::size_t i = 0; i < std::max(told.size(), approved.size()); ++i) {
    INFO("line " << i + 1 << " of approved.txt");
    REQUIRE((i < told.size() ? told[i] : "(nothing)") == (i < approved.size() ? approved[i] : "(nothing)"));
  }
}

TEST_CASE("check: five mistakes of each file, for programs with the same places and words") {
  const Ran ran = run({"check", "--config", folder + "chaser.yaml", "--format", "json"});
  CHECK(ran.exit == app::Exit::problems);
  const auto told = nlohmann::json::parse(without_folder(ran.out));
  const std::string approved = text_of(folder + "approved.txt");
  std::map<std::string, int> count;
  std::size_t after = 0;
  for (const auto& problem : told.at("problems")) {
    const std::string file = problem.at("file");
    ++count[file];
    const std::string place = file + ":" + problem.at("line").dump() + ":" + problem.at("column").dump() + ": ";
    const std::string line =
        place + problem.at("severity").get<std::string>() + ": " + problem.at("message").get<std::string>() + "\n";
    const std::size_t at = approved.find(line, after);
    INFO(line);
    REQUIRE(at != std::string::npos);
    after = at + line.size();
    CHECK_FALSE(problem.at("excerpt").get<std::string>().empty());
  }
  CHECK(count ==
        std::map<std::string, int>{{"chaser.yaml", 5}, {"directory.yaml", 5}, {"plan.txt", 5}, {"rules.yaml", 5}});
  CHECK(told.at("errors").get<int>() + told.at("warnings").get<int>() == 20);
}

TEST_CASE("docs: ten mistakes in one rule file are told as the page of approved messages has them, byte for byte") {
  const std::string page = text_of(std::string(CHASER_SOURCE_DIR) + "/docs/MISTAKES.md");
  const Folder site;
  site.write("chaser.yaml",
             "state_directory: state\nplans: [{ id: county, file: plan.txt }]\ndirectory: directory.yaml\n"
             "rules: [rules.yaml]\nchannels: { email: { type: maildir, folder: mail } }\n"
             "mail: { from_address: chaser@kent.example }\n");
  site.write("directory.yaml", "coordinator: kcc\nparties:\n  kcc: { name: Kent, email: kcc@kent.example }\n");
  site.write("plan.txt", "ID\tAction\tLead\tTimescale\n1\tKeep the promise\tkcc\t31 December 2030\n");
  site.write("rules.yaml", block_of(page, "yaml"));
  const Ran ran = run({"check", "--config", site.file("chaser.yaml")});
  CHECK(ran.exit == app::Exit::problems);
  const std::string approved = block_of(page, "text");
  CHECK(without_folder(ran.out, site.file("")) == approved);
  CHECK(approved.find("\n10 errors, 0 warnings.") != std::string::npos);
}
