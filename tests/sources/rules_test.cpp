#include "sources/rules.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/catch.h"

namespace chaser::sources {
namespace {

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

using Found = std::vector<std::string>;

/// The names of all tests, each between line feeds: literals that stand beside each other are one name.
std::string test_names() {
  std::string names = "\n";
  const std::filesystem::path tests = std::filesystem::path(CHASER_SOURCE_DIR) / "tests";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(tests)) {
    if (entry.path().extension() != ".cpp") continue;
    const std::string text = read(entry.path());
    constexpr std::string_view opening = "\nTEST_CASE(";
    for (std::size_t at = text.find(opening); at != std::string::npos; at = text.find(opening, at + 1)) {
      std::size_t next = at + opening.size();
      for (next = text.find_first_not_of(" \n", next); next < text.size() && text[next] == '"';
           next = text.find_first_not_of(" \n", next)) {
        for (++next; text[next] != '"'; ++next) {
          if (text[next] != '\\') names += text[next];
        }
        ++next;
      }
      names += '\n';
    }
  }
  return names;
}

/// What stands between backticks in the rows of a page's tables.
Found quoted_in_tables(const std::string& page) {
  Found quoted;
  std::size_t begin = 0;
  for (std::size_t end = page.find('\n'); end != std::string::npos; end = page.find('\n', begin)) {
    const std::string line = page.substr(begin, end - begin);
    begin = end + 1;
    if (!line.starts_with("|")) continue;
    for (std::size_t at = line.find('`'); at != std::string::npos; at = line.find('`', at)) {
      const std::size_t close = line.find('`', at + 1);
      REQUIRE(close != std::string::npos);
      quoted.push_back(line.substr(at + 1, close - at - 1));
      at = close + 1;
    }
  }
  return quoted;
}

}  // namespace

TEST_CASE("sources: daemon/ keeps the order of layers, a pure core and the clock in app/") {
  const std::filesystem::path daemon = std::filesystem::path(CHASER_SOURCE_DIR) / "daemon";
  Found found;
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(daemon)) {
    const std::string extension = entry.path().extension().string();
    if (extension != ".cpp" && extension != ".h") continue;
    ++files;
    std::ranges::copy(breaches(entry.path().lexically_relative(daemon).string(), read(entry.path())),
                      std::back_inserter(found));
  }
  std::ranges::sort(found);
  CHECK(found == Found{});
  CHECK(files > layers().size());
}

TEST_CASE("sources: a file includes its own layer and those before it") {
  CHECK(breaches("plan/plan.cpp", "#include \"plan/plan.h\"\n#include \"calendar/time.h\"\n").empty());
  CHECK(breaches("plan/plan.cpp", "\n#include \"rulebook/rulebook.h\"\n") ==
        Found{"plan/plan.cpp:2: \"rulebook/rulebook.h\" is below plan in the order of layers"});
  CHECK(breaches("chase/decide.cpp", "  #  include \"store/store.h\"\n").size() == 1);
  CHECK(breaches("app/daemon.cpp", "#include \"web/pages.h\"\n").empty());
  CHECK(breaches("web/pages.cpp", "#include \"app/daemon.h\"\n").size() == 1);
  CHECK(breaches("plan/plan.cpp", "#include \"plan.h\"\n").size() == 1);
  CHECK(breaches("main.cpp", "#include \"app/commands.h\"\n").empty());
  CHECK(breaches("tools/odd.cpp", "").size() == 1);
}

TEST_CASE("sources: the core includes nothing that touches the world, the shell may") {
  for (const char* header : {"<thread>", "<fstream>", "<filesystem>", "<sqlite3.h>", "<boost/asio.hpp>", "<sys/stat.h>",
                             "<spdlog/spdlog.h>", "<absl/time/clock.h>"}) {
    INFO(header);
    const std::string text = std::string("#include ") + header + "\n";
    CHECK(breaches("chase/decide.cpp", text).size() == 1);
    CHECK(breaches("store/sqlite_store.cpp", text).empty());
  }
  CHECK(breaches("chase/decide.cpp", "#include <vector>\n#include <absl/time/time.h>\n").empty());
}

TEST_CASE("sources: only app/ asks the clock and loads zones") {
  for (const char* line : {"const auto now = absl::Now();", "auto t = std::chrono::system_clock::now();",
                           "time_t t = time(nullptr);", "absl::LoadTimeZone(name, &zone);"}) {
    INFO(line);
    CHECK(breaches("chase/decide.cpp", line).size() == 1);
    CHECK(breaches("channels/courier.cpp", line).size() == 1);
    CHECK(breaches("app/clock.cpp", line).empty());
  }
  CHECK(breaches("chase/decide.cpp", "Verdict decide(State state, Instant now); next_time(0);").empty());
}

TEST_CASE("sources: std::regex is nowhere, and a header begins with #pragma once") {
  CHECK(breaches("app/commands.cpp", "#include <regex>\n").size() == 1);
  CHECK(breaches("app/commands.cpp", "std::regex pattern;").size() == 1);
  CHECK(breaches("app/commands.h", "#include <vector>\n").size() == 1);
  CHECK(breaches("app/commands.h", "#pragma once\n").empty());
}

TEST_CASE("sources: comments and literals are no code") {
  CHECK(code_of("a // absl::Now()\nb") == "a               \nb");
  CHECK(code_of("a /* x\ny */ b") == "a     \n     b");
  CHECK(code_of("f(\"a\\\"b\") + 1'000 + 'x'") == "f(      ) + 1'000 +    ");
  CHECK(code_of("R\"q(\")q\" + c") == "         + c");
  CHECK(breaches("chase/decide.cpp", "// #include <thread>\n/*\n#include <thread>\n*/\n").empty());
  CHECK(breaches("chase/decide.cpp", "message(\"absl::Now\"); // std::regex\n").empty());
}

TEST_CASE("docs: what the page of behaviour names are tests, each by the beginning of its name") {
  const std::string names = test_names();
  const Found quoted = quoted_in_tables(read(std::filesystem::path(CHASER_SOURCE_DIR) / "docs/BEHAVIOUR.md"));
  CHECK(quoted.size() > 40);
  Found unknown;
  std::ranges::copy_if(quoted, std::back_inserter(unknown),
                       [&](const std::string& name) { return names.find("\n" + name) == std::string::npos; });
  CHECK(unknown == Found{});
}

}  // namespace chaser::sources
