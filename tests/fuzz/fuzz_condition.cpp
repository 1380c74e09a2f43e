// Any text as a condition: it is refused or it compiles, and what compiles ends within its limits, checked or not.
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "documents/problems.h"
#include "rulebook/cel_evaluation.h"
#include "rulebook/cel_program.h"
#include "rulebook/condition.h"

using namespace chaser;

namespace {

/// As a rule file's: the complaints lie within the text, and what compiled can be asked everything.
void as_condition(std::string_view text) {
  const std::vector<std::string> statuses{"in_progress", "done"};
  const documents::Source source("rules.yaml", std::string(text));
  documents::Problems problems;
  const auto condition = rulebook::compile_condition(text, source, {1, 1, 1}, statuses, problems);
  assert(condition.has_value() == problems.empty());
  if (!condition) return;
  rulebook::Facts facts;
  facts.zone = absl::UTCTimeZone();
  const rulebook::Truth truth = condition->evaluate(facts);
  assert(!truth.value || truth.problem == nullptr);
  assert(!truth.value || condition->false_part(facts).empty());
}

/// As a conformance case's: nothing is known of the types, so that the evaluation meets every mixture.
void as_expression(std::string_view text) {
  rulebook::cel::Environment environment;
  environment.facts = false;
  environment.checked = false;
  environment.literals_checked = false;
  std::vector<rulebook::cel::Complaint> complaints;
  const auto program = rulebook::cel::build(text, environment, complaints);
  for (const rulebook::cel::Complaint& each : complaints) assert(each.at.begin <= each.at.end && !each.message.empty());
  assert((program == nullptr) == !complaints.empty());
  if (program == nullptr) return;
  rulebook::cel::Evaluation evaluation{*program, nullptr, {}};
  evaluation.value(program->root);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  as_condition(text);
  as_expression(text);
  return 0;
}
