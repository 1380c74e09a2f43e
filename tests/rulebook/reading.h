#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rulebook/rulebook.h"

namespace chaser::given {

/// What came of reading rule files.
struct RuleReading {
  std::optional<rulebook::Rulebook> rulebook;
  documents::Problems problems;

  /// "line:column message" of each problem, in order of place.
  std::vector<std::string> lines() const;
  /// The only problem so; else how many there are.
  std::string only() const;
  /// As `chaser check` prints them.
  std::string described() const;
};

RuleReading read_rules(const std::string& text, const rulebook::RuleContext& context = {});

/// A file with one rule, whose steps' lines are given: "- { step: due, at: 0d, to: leads }".
std::string with_steps(const std::string& steps);
/// The one step of a rule, by what stands between its braces: line 7, column 7 of the file.
RuleReading read_step(const std::string& keys, const rulebook::RuleContext& context = {});
/// A file with a sound rule, and these lines below it; they begin at line 8.
RuleReading read_below(const std::string& lines);
/// A file of one rule with these lines among its keys; they begin at line 6.
RuleReading read_keys(const std::string& lines, const rulebook::RuleContext& context = {});

std::string text_of_file(const std::string& path);

}  // namespace chaser::given
