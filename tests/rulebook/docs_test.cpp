// docs/RULES.md is what coordinators copy from: every example in it is loaded, every key the reader knows is named.
#include <algorithm>
#include <set>

#include "reading.h"
#include "rulebook/rule_test.h"
#include "support/catch.h"

using namespace chaser;

namespace {

std::string rules_page() {
  return given::text_of_file(std::string(CHASER_SOURCE_DIR) + "/docs/RULES.md");
}

/// The fenced blocks of a language.
std::vector<std::string> blocks(const std::string& page, const std::string& language) {
  std::vector<std::string> found;
  const std::string fence = "```" + language + "\n";
  for (std::size_t at = page.find(fence); at != std::string::npos; at = page.find(fence, at)) {
    at += fence.size();
    found.push_back(page.substr(at, page.find("```", at) - at));
  }
  return found;
}

/// The keys that a reader says it knows, from its answer to one it does not.
std::set<std::string> keys_in(const documents::Problems& problems) {
  std::set<std::string> keys;
  for (const documents::Problem& problem : problems.in_order()) {
    for (const std::string& note : problem.notes) {
      if (!note.starts_with("keys of ")) continue;
      for (std::size_t at = note.find(": "); at != std::string::npos; at = note.find(", ", at)) {
        at += 2;
        keys.insert(note.substr(at, std::min(note.find(", ", at), note.size()) - at));
      }
    }
  }
  return keys;
}

}  // namespace

TEST_CASE("docs: every example of a rule file loads, and of a rule test reads") {
  const auto examples = blocks(rules_page(), "yaml");
  REQUIRE(examples.size() >= 3);
  for (const std::string& example : examples) {
    INFO(example);
    if (example.find("\ntests:") != std::string::npos) {
      documents::Problems problems;
      const documents::Source source("example.test.yaml", example);
      const auto file = rulebook::read_rule_test_file(source, problems);
      REQUIRE(file);
      CHECK(problems.empty());
      continue;
    }
    // An example may silence a rule that another file has.
    std::string text = example;
    if (text.find("silences: stalled") != std::string::npos) {
      const std::size_t at = text.find("inhibits:");
      text.insert(
          at, "  - { rule: stalled, when: \"true\", anchor: last_update, steps: [{ step: a, at: 0d, to: leads }] }\n");
    }
    const auto reading = given::read_rules(text);
    INFO(reading.described());
    CHECK(reading.rulebook);
    CHECK(reading.problems.empty());
  }
}

TEST_CASE("docs: every key that rule files and rule tests may have is named in the page") {
  const std::string page = rules_page();
  const auto rules = given::read_rules(R"(version: 1
zz: 1
defaults: { zz: 1 }
rules:
  - zz: 1
    rule: r
    steps: [{ zz: 1, repeat: { zz: 1 } }]
    pauses: { zz: 1, acknowledge: { zz: 1 } }
inhibits: [{ zz: 1 }]
limit: { zz: 1 }
budget: { zz: 1, per_person: { zz: 1 } }
freezes: [{ zz: 1 }]
)");
  documents::Problems problems;
  const documents::Source source("a.test.yaml", R"(version: 1
zz: 1
tests:
  - { zz: 1, from: 2026-01-01, to: 2026-01-02, answers: [{ zz: 1 }], changes: [{ zz: 1 }], expected: [{ zz: 1 }], holds: [{ zz: 1 }] }
)");
  rulebook::read_rule_test_file(source, problems);
  std::set<std::string> keys = keys_in(rules.problems);
  CHECK(keys.size() >= 40);
  const std::set<std::string> test_keys = keys_in(problems);
  CHECK(test_keys.size() >= 20);
  keys.insert(test_keys.begin(), test_keys.end());
  for (const std::string& key : keys) {
    INFO(key);
    const bool named = page.find("`" + key) != std::string::npos || page.find(" " + key + ":") != std::string::npos;
    CHECK(named);
  }
}
