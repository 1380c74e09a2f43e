#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "chase/rehearsal.h"

namespace chaser::app {

/// Reads a file, or nothing if it cannot be read.
using ReadFile = std::function<std::optional<std::string>(const std::string& path)>;

/// What a dated scenario asked for and what the real decide() and compose() did.
struct ScenarioResult {
  std::string file;
  std::string about;
  std::vector<std::string> missing;     // expected, not got
  std::vector<std::string> unexpected;  // got, not expected
  std::vector<std::string> missing_holds;
  std::vector<std::string> got;  // all lines, in order
  std::vector<std::string> got_holds;
  std::string problem;  // the file cannot be read or understood; "" otherwise
  bool passed() const { return problem.empty() && missing.empty() && unexpected.empty() && missing_holds.empty(); }
};

/// Plays one scenario file: plan, directory, rules and events in, the lines of `expected` compared with what went out.
/// Files that it names lie beside it.
ScenarioResult run_scenario(const std::string& file, const ReadFile& read);

/// Plays all and prints expected beside got for those that differ, then "N passed, N failed". True if none failed.
bool run_scenarios(const std::vector<std::string>& files, bool verbose, const ReadFile& read, std::string& out);

}  // namespace chaser::app
