#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/files.h"
#include "chase/rule_trial.h"
#include "documents/problems.h"

namespace chaser::app {

/// What the settings add to rule tests, if they are at hand: calendars and windows of one's own, and a directory for
/// the tests that name none.
struct TestSurroundings {
  std::vector<calendar::CalendarDefinition> calendars;
  std::map<std::string, calendar::SendingWindow, std::less<>> windows;
  plan::Directory directory;
};
/// The shipped calendars, office hours, nobody.
TestSurroundings shipped_surroundings();

/// One test as it went.
struct RuleTestOutcome {
  std::string file;
  int line = 0;
  std::string name;
  std::string about;
  chase::TrialResult result;
};

/// All tests of some files.
struct RuleTestRun {
  std::vector<RuleTestOutcome> outcomes;
  documents::Problems problems;
  chase::TrialCoverage all;      // what the rules of the tests' folders can do
  chase::TrialCoverage reached;  // what some test saw
  bool is_filtered = false;      // only some tests were run: then coverage says nothing

  std::size_t failed() const;
  bool passed() const { return failed() == 0 && !problems.has_errors(); }
};

/// The rule tests (*.test.yaml) of a folder and the folders in it, in order of name; `path` itself if it is no folder.
std::vector<std::string> rule_test_files(const std::string& path);

/// Runs every test of `files` whose name `pattern` (RE2; "" is all) finds. Throws UsageError for a bad pattern.
RuleTestRun run_rule_tests(const std::vector<std::string>& files, const std::string& pattern,
                           const TestSurroundings& surroundings, const FileReader& read);

/// The run for people: a line a test, expected beside got of those that failed (of all, if `verbose`), the problems,
/// what no test reached, and "N passed, N failed".
std::string describe(const RuleTestRun& run, bool verbose);
/// The run as JUnit's XML, for CI.
std::string junit_xml(const RuleTestRun& run);

}  // namespace chaser::app
