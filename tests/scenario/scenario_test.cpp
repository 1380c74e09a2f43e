#include "app/scenario.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/catch.h"

namespace {

using namespace chaser;

std::optional<std::string> read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(in), {});
}

std::vector<std::string> scenarios_in(const std::filesystem::path& folder) {
  std::vector<std::string> files;
  if (!std::filesystem::is_directory(folder)) return files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".json") && !name.empty() && name[0] >= '0' && name[0] <= '9')
      files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

TEST_CASE("scenario: every dated example happens as its file says") {
  const auto files = scenarios_in(std::filesystem::path(CHASER_SOURCE_DIR) / "tests/scenario");
  REQUIRE(files.size() >= 10);
  std::string out;
  CHECK(app::run_scenarios(files, false, read_text, out));
  INFO(out);
  CHECK(out.find(" 0 failed") != std::string::npos);
}

TEST_CASE("scenario: the outside examples happen too, where they are at hand") {
  const auto files = scenarios_in(std::filesystem::path(CHASER_SOURCE_DIR) / "../shared/scenarios");
  for (const std::string& file : files) {
    const app::ScenarioResult result = app::run_scenario(file, read_text);
    INFO(file << " " << result.problem);
    for (const auto& line : result.missing) UNSCOPED_INFO("expected " << line);
    for (const auto& line : result.unexpected) UNSCOPED_INFO("got      " << line);
    for (const auto& line : result.missing_holds) UNSCOPED_INFO("expected hold " << line);
    CHECK(result.passed());
  }
}
