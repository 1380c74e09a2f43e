#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "documents/problems.h"
#include "documents/yaml.h"
#include "plan/plan.h"
#include "rulebook/rulebook.h"

namespace chaser::rulebook {

inline constexpr std::size_t tests_most = 1000;           // of a file
inline constexpr std::size_t expectations_most = 10'000;  // of a test, and as many answers, changes and holds
inline constexpr int test_years_most = 50;

/// A word of a test file with its place.
struct PlacedText {
  std::string text;
  documents::Position at;
};

/// A day of a test file, and a time of day if it gives one.
struct TestMoment {
  CivilDay day;
  std::optional<std::chrono::minutes> time;
};

/// What a test is given: a file's is its tests', unless one has its own. The nodes belong to the file.
struct TestGiven {
  std::vector<PlacedText> rules;                   // rule files beside this one; none: all of its folder
  std::vector<PlacedText> only;                    // of their rules, these alone; none: all
  const documents::YamlNode* directory = nullptr;  // a file's name or a directory
  const documents::YamlNode* plan = nullptr;       // a file's name or a list of actions
  const documents::YamlNode* supplement = nullptr;
  PlacedText workflow;  // a workflow's file; none: what says it is done is done
  PlacedText zone{"Europe/London", {}};
  std::vector<CivilDay> cutoffs;  // the last days for what is reported to meetings
};

/// An answer, as a lead would give it, or, with `status` or `due` and no party, a change of the plan.
struct TestEvent {
  TestMoment when;
  PlacedText action;  // "": the plan's only one
  PlacedText party;   // of an answer
  PlacedText answer;  // acknowledge, done, extension ...; "": a change of the plan
  std::optional<CivilDay> until;
  PlacedText status;
  std::optional<CivilDay> due;  // of an extension or its approval: the date asked for or granted
  PlacedText to;                // of delegate: to whom; of approve, refuse: whose request
  std::vector<PlacedText> by;   // of blocked, superseded, merged, split: the other actions
  PlacedText note;
  PlacedText evidence;
  PlacedText request;  // of approve, refuse: which kind of request
  std::optional<int> percent;
  std::optional<double> value;  // of an update, as the next three
  std::optional<CivilDay> read_on;
  std::string claimed;  // red, amber, green
  std::string milestone;
  bool refused = false;  // whether the answer is expected to be refused
  documents::Position at;
};

/// On this day these parties get this step about these actions. What is empty is not compared.
struct ExpectedTelling {
  CivilDay on;
  std::optional<std::chrono::minutes> time;
  PlacedText step;  // "due-soon" or "deadline/due-soon"; resolved by check_rule_test
  std::string rule;
  std::vector<PlacedText> to;
  std::vector<PlacedText> actions;
  std::vector<std::string> via;
  std::optional<Deliver> deliver;
  std::string occurrence;
  documents::Position at;
};

/// On this day this is held, for a reason that begins so.
struct ExpectedHold {
  CivilDay on;
  PlacedText step;  // "stalled/superior", or a rule's name for any step and the case as a whole
  std::string rule;
  PlacedText to;
  PlacedText action;
  PlacedText reason;
  documents::Position at;
};

struct RuleTest {
  std::string name;
  std::string about;
  TestGiven given;
  TestMoment from;
  CivilDay to;
  std::vector<TestEvent> events;  // answers and changes in order of time
  std::vector<ExpectedTelling> expected;
  std::vector<ExpectedHold> holds;
  documents::Position at;
};

/// A *.test.yaml, read. `root` keeps the nodes that the tests point to.
struct RuleTestFile {
  std::unique_ptr<documents::YamlNode> root;
  std::vector<RuleTest> tests;
};

/// Reads a test file strictly: keys, types, days, times. Names are check_rule_test's. Tests with a problem are left
/// out; nothing if the file is no mapping.
std::optional<RuleTestFile> read_rule_test_file(const documents::Source& source, documents::Problems& problems);

/// The rules of a rulebook that a test plays: all, or those of `only`; an unknown name is an error with a suggestion.
Rulebook rules_of_test(const Rulebook& rulebook, const TestGiven& given, const documents::Source& source,
                       documents::Problems& problems);

/// A plan from a test's list of actions, read as a document's table is: `lead` and `timescale` in the plan's own words.
/// What the plan leaves open (an unknown owner, an ambiguous timescale) is no problem of a test.
plan::Plan read_inline_plan(const documents::YamlNode& rows, const documents::Source& source,
                            const plan::Directory& directory, const plan::Workflow& workflow,
                            documents::Problems& problems);
/// When an inline action was first imported, by its `imported:`; nothing for the start of the test.
std::optional<CivilDay> imported_of(const documents::YamlNode& rows, std::string_view action);

/// Finds the test's names in rules, plan and directory, fills what may be left out (the rule of a step, a plan's only
/// action) and reports what is unknown or cannot be meant. False if there was an error.
bool check_rule_test(RuleTest& test, const Rulebook& rulebook, const plan::Plan& plan, const plan::Directory& directory,
                     const plan::Workflow& workflow, const documents::Source& source, documents::Problems& problems);

}  // namespace chaser::rulebook
