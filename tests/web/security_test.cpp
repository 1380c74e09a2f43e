#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "support/catch.h"
#include "web/access.h"
#include "web/serving.h"

using namespace chaser;
using namespace chaser::test;

namespace {

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// What stands between `before` and `after`, at every place.
std::set<std::string> between(const std::string& text, const std::string& before, const std::string& after) {
  std::set<std::string> found;
  for (std::size_t at = text.find(before); at != std::string::npos; at = text.find(before, at)) {
    at += before.size();
    const std::size_t end = text.find(after, at);
    if (end == std::string::npos) break;
    found.insert(text.substr(at, end - at));
    at = end + after.size();
  }
  return found;
}

std::set<std::string> all_tests() {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(CHASER_SOURCE_DIR "/tests")) {
    const std::string path = entry.path().string();
    if (path.find("node_modules") != std::string::npos) continue;
    if (path.ends_with(".cpp")) names.merge(between(text_of(path), "TEST_CASE(\"", "\""));
    if (path.ends_with(".mjs")) names.merge(between(text_of(path), "test('", "'"));
  }
  return names;
}

}  // namespace

TEST_CASE("security: every test that docs/SECURITY.md names is there, and every row names one") {
  const std::set<std::string> tests = all_tests();
  std::istringstream lines(text_of(std::string(CHASER_SOURCE_DIR) + "/docs/SECURITY.md"));
  std::size_t rows = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| ") || line.starts_with("| threat")) continue;
    ++rows;
    const std::string named = line.substr(line.rfind(" | "));
    const std::set<std::string> names = between(named, "`", "`");
    INFO(line);
    std::size_t found = 0;
    for (const std::string& name : names) {
      INFO(name);
      CHECK(tests.contains(name));
      ++found;
    }
    CHECK(found > 0);
  }
  CHECK(rows >= 20);
}

TEST_CASE("api: a cookie or a proxy's word never writes") {
  Serving::Given given;
  given.guests_may_look = false;
  given.on_socket = true;
  given.proxy_user_header = "X-Remote-User";
  int commands = 0;
  given.carry_out = [&](const web::Command&) {
    ++commands;
    return web::CommandAnswer{};
  };
  const Serving serving(std::move(given));
  const std::string request =
      "POST /api/v1/stops HTTP/1.1\r\nHost: localhost\r\nX-Remote-User: ben\r\nContent-Type: application/json\r\n"
      "Content-Length: 2\r\n\r\n{}";
  const std::string answer = serving.answer(request);
  INFO(answer);
  CHECK(status(answer) == 403);
  CHECK(body(answer).find("needs a token") != std::string::npos);
  CHECK(status(serving.get("/api/v1/plans", "X-Remote-User: ben\r\n")) == 200);
  CHECK(commands == 0);
}
