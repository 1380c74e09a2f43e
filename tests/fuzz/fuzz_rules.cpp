// Any bytes as a rule file: every complaint lies in it, and what is read without an error can be asked about anything.
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>

#include "documents/problems.h"
#include "rulebook/rulebook.h"

using namespace chaser;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const documents::Source source("rules.yaml", std::string(reinterpret_cast<const char*>(data), size));
  documents::Problems problems;
  const auto rulebook = rulebook::read_rule_files({&source, 1}, {}, problems);
  bool refused = false;
  for (const documents::Problem& problem : problems.sorted()) {
    assert(!problem.message.empty());
    assert(problem.at.line >= 0 && problem.at.line <= source.line_count() + 1);
    assert(!documents::describe(problem).empty());
    refused = refused || problem.severity == documents::Severity::error;
  }
  assert(rulebook.has_value() == !refused);
  if (!rulebook) return 0;
  rulebook::Facts facts;
  facts.zone = absl::UTCTimeZone();
  for (const auto& rule : rulebook->rules()) {
    assert(rulebook->find(rule->name) == rule.get());
    assert(!rule->steps.empty());
    rule->when.evaluate(facts);
  }
  return 0;
}
