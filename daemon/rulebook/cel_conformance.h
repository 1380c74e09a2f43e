#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rulebook/cel_functions.h"

namespace chaser::rulebook::cel {

/// How a case of the condition language's conformance tests came out. `refused`: it uses a part of CEL that conditions
/// leave out, and is refused at load by that part's name.
enum class Outcome : std::uint8_t { passed, failed, refused };

struct CaseReport {
  int line = 0;  // in the file
  std::string id;
  Outcome outcome = Outcome::failed;
  std::string expression;
  std::string expected;
  std::string got;  // a value, a problem, or of a refused one the message
};

struct ConformanceReport {
  std::vector<CaseReport> cases;  // in the order of the file
  std::size_t passed = 0;
  std::size_t failed = 0;
  std::size_t refused = 0;
};

/// Cases that are looked at. What follows counts as one case, which has failed, so that nothing passes unseen.
inline constexpr std::size_t cases_most = 100'000;
/// Lists within lists of a binding or an expected value.
inline constexpr int case_depth_most = 64;

/// Runs cases in JSON, one a line; empty lines are skipped. A case has `expr`, `bindings` {name: {t, v}} and either
/// `expect` {t, v} or `error`; {t, v} is a type's name and a value, whole and decimal numbers as text, a map as a list
/// of [key, value]. For `error` any error will do, of types as of evaluation. With `disable_check` the types are left
/// to the evaluation. A line that is no such case has failed. Facts and Chaser's own functions are not known here, and
/// texts that are dates, patterns or zones are left to the evaluation, as the specification has it.
ConformanceReport run_conformance(std::string_view lines, const ZoneLookup& zones);

/// A line for each case that failed or was refused, then "N passed, N failed, N refused".
std::string describe(const ConformanceReport& report);

}  // namespace chaser::rulebook::cel
