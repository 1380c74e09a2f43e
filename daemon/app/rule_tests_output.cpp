#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "app/reporting.h"
#include "app/rule_tests.h"
#include "documents/characters.h"
#include "documents/markup.h"

namespace chaser::app {

namespace {

/// Expected beside got, a line each; what differs is marked.
std::string side_by_side(const std::vector<chase::TrialLine>& lines, const std::string& what) {
  if (lines.empty()) return "";
  std::size_t width = what.size();
  for (const chase::TrialLine& line : lines) width = std::max(width, documents::display_width(line.expected));
  std::string text = fmt::format("       {}  got\n", documents::padded(what, width));
  for (const chase::TrialLine& line : lines) {
    const std::string got = line.got.empty() ? "-" : line.got;
    text += fmt::format("     {} {}  {}\n", line.agree ? ' ' : '!',
                        documents::padded(line.expected.empty() ? "-" : line.expected, width), got);
  }
  return text;
}

std::string details(const RuleTestOutcome& outcome, bool verbose) {
  const chase::TrialResult& result = outcome.result;
  std::string text;
  for (const std::string& refused : result.refused) text += "     ! " + refused + "\n";
  text += side_by_side(result.lines, "expected");
  const bool holds_agree =
      std::all_of(result.holds.begin(), result.holds.end(), [](const auto& line) { return line.agree; });
  if (verbose || !holds_agree) text += side_by_side(result.holds, "expected hold");
  return text;
}

std::vector<std::string> without(const std::set<std::string>& all, const std::set<std::string>& reached) {
  std::vector<std::string> left;
  std::set_difference(all.begin(), all.end(), reached.begin(), reached.end(), std::back_inserter(left));
  return left;
}

std::string coverage(const RuleTestRun& run) {
  if (run.is_filtered || run.all.steps.empty()) return "";
  const auto steps = without(run.all.steps, run.reached.steps);
  const auto holds = without(run.all.holds, run.reached.holds);
  std::string text = fmt::format("coverage: {} of {} steps, {} of {} holds\n", run.all.steps.size() - steps.size(),
                                 run.all.steps.size(), run.all.holds.size() - holds.size(), run.all.holds.size());
  for (const std::string& step : steps) text += "  no test reaches the step " + step + "\n";
  for (const std::string& hold : holds) text += "  no test reaches the hold \"" + hold + "\"\n";
  return text;
}

}  // namespace

std::string describe(const RuleTestRun& run, bool verbose) {
  std::string text;
  for (const RuleTestOutcome& outcome : run.outcomes) {
    const bool passed = outcome.result.passed();
    text += fmt::format("{} {}:{}  {}\n", passed ? "ok  " : "FAIL", outcome.file, outcome.line, outcome.name);
    if (!passed || verbose) text += details(outcome, verbose);
  }
  if (!run.problems.empty()) text += (text.empty() ? "" : "\n") + describe_all(run.problems) + "\n";
  text += coverage(run);
  text += fmt::format("{} passed, {} failed", run.outcomes.size() - run.failed(), run.failed());
  if (run.problems.has_errors()) text += ", " + counted(run.problems.errors(), "error");
  return text + "\n";
}

std::string junit_xml(const RuleTestRun& run) {
  std::string cases;
  for (const RuleTestOutcome& outcome : run.outcomes) {
    const std::string head = fmt::format(
        "  <testcase classname=\"{}\" name=\"{}\" file=\"{}\" line=\"{}\"", documents::escaped_markup(outcome.file),
        documents::escaped_markup(outcome.name), documents::escaped_markup(outcome.file), outcome.line);
    if (outcome.result.passed()) {
      cases += head + "/>\n";
    } else {
      cases += head + ">\n    <failure message=\"what went out is not what was expected\">" +
               documents::escaped_markup(details(outcome, true)) + "</failure>\n  </testcase>\n";
    }
  }
  std::size_t errors = 0;
  for (const documents::Problem& problem : run.problems.sorted()) {
    if (problem.severity != documents::Severity::error) continue;
    ++errors;
    cases += fmt::format(
        "  <testcase classname=\"{0}\" name=\"{0}:{1}\" file=\"{0}\" line=\"{1}\">\n    <error message=\"{2}\">{3}"
        "</error>\n  </testcase>\n",
        documents::escaped_markup(problem.file), problem.at.line, documents::escaped_markup(problem.message),
        documents::escaped_markup(documents::describe(problem)));
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"chaser test\" tests=\"{}\" failures=\"{}\" "
      "errors=\"{}\">\n{}</testsuite>\n",
      run.outcomes.size() + errors, run.failed(), errors, cases);
}

}  // namespace chaser::app
