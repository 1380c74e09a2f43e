#pragma once

#include <optional>
#include <vector>

#include "documents/problems.h"
#include "rulebook/rulebook.h"

namespace chaser::rulebook {

inline constexpr std::size_t rules_most = 1000;  // of a file
inline constexpr std::size_t steps_most = 100;   // of a rule
inline constexpr std::size_t name_size_most = 64;

/// An `inhibits` entry with the places of its two names.
struct PlacedInhibit {
  Inhibit inhibit;
  documents::Position rule_at;
  documents::Position silences_at;
};

/// What one rule file says. Rules with a problem are left out.
struct RuleFile {
  std::vector<Rule> rules;
  std::vector<PlacedInhibit> inhibits;
  std::optional<int> limit_people;
  std::vector<Freeze> freezes;
  Budget budget;
};

/// Reads one file by itself; what needs the other files (names twice, inhibits) is read_rule_files' to check.
RuleFile read_rule_file(const documents::Source& file, const RuleContext& context, documents::Problems& problems);

}  // namespace chaser::rulebook
