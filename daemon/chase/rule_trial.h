#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "chase/world.h"
#include "plan/plan.h"
#include "rulebook/rule_test.h"

namespace chaser::chase {

/// A line of a test's outcome: what was expected, what was got, or both where they agree.
struct TrialLine {
  CivilDay day;
  std::string expected;  // "" if nobody expected it
  std::string got;       // "" if it did not happen
  bool agree = false;
  documents::Position at;  // of the expectation, line 0 without one
};

/// What the tests so far have seen of a rulebook: steps that went out, and reasons that held something.
struct TrialCoverage {
  std::set<std::string> steps;  // "deadline/due-soon"
  std::set<std::string> holds;  // "stalled silenced by deadline"
};

/// What playing one rule test gave.
struct TrialResult {
  std::vector<TrialLine> lines;      // in order of day
  std::vector<TrialLine> holds;      // `got` is a hold of that day, for what was expected in vain
  std::vector<std::string> refused;  // answers that went otherwise than the test says
  bool passed() const;
};

/// What a test plays beside its own words.
struct TrialStage {
  const plan::Plan& plan;
  std::map<std::string, CivilDay> imported;  // by action; else the start of the test
};

/// Plays a checked rule test through the real decide() and compose(), from 00:00 of its first day to the end of its
/// last, and compares all that went out. `world` holds the test's rules and its plan. An answer without a time comes at
/// 12:00.
TrialResult play(const rulebook::RuleTest& test, const TrialStage& stage, const World& world, TrialCoverage& coverage);

/// Everything of a rulebook that a test can reach: its steps, and the holds its words make possible (inhibits, freezes,
/// the limit, answers that pause a rule).
TrialCoverage all_of(const rulebook::Rulebook& rulebook);

}  // namespace chaser::chase
