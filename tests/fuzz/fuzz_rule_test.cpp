// Any bytes as a rule test, and what it says against a rulebook, an inline plan and a directory of its own.
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>

#include "plan/directory.h"
#include "rulebook/rule_test.h"

using namespace chaser;

namespace {

const rulebook::Rulebook& rules() {
  static const rulebook::Rulebook read = [] {
    const documents::Source source(
        "rules.yaml",
        "version: 1\n"
        "rules:\n"
        "  - rule: deadline\n"
        "    when: action.kind == \"dated\"\n"
        "    anchor: due\n"
        "    steps:\n"
        "      - { step: due, at: 0d, to: leads }\n"
        "      - { step: overdue, at: +5wd, to: leads, repeat: { every: 10wd, times: 3 } }\n");
    documents::Problems problems;
    auto rulebook = rulebook::read_rule_files({&source, 1}, {}, problems);
    assert(rulebook);
    return *std::move(rulebook);
  }();
  return read;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const documents::Source source("rules.test.yaml", std::string(reinterpret_cast<const char*>(data), size));
  documents::Problems problems;
  auto file = rulebook::read_rule_test_file(source, problems);
  if (!file) return 0;
  for (rulebook::RuleTest& test : file->tests) {
    const rulebook::Rulebook played = rulebook::rules_of_test(rules(), test.given, source, problems);
    plan::Directory directory;
    if (test.given.directory != nullptr) {
      if (auto read = plan::read_directory(*test.given.directory, source, problems)) directory = *std::move(read);
    }
    plan::Plan plan;
    if (test.given.plan != nullptr) {
      plan = rulebook::read_inline_plan(*test.given.plan, source, directory, {}, problems);
      for (const auto& action : plan.actions) rulebook::imported_of(*test.given.plan, action.id);
    }
    rulebook::check_rule_test(test, played, plan, directory, {}, source, problems);
  }
  for (const documents::Problem& problem : problems.sorted()) assert(!documents::describe(problem).empty());
  return 0;
}
