#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "documents/problems.h"

namespace chaser::plan {

struct Plan;

/// One action waits for another, both written "plan/action".
struct Dependency {
  std::string waiting;
  std::string blocker;
  bool operator==(const Dependency&) const = default;
};

inline constexpr std::size_t blockers_max = 50;  // of one action
inline constexpr std::size_t cycles_max = 100;   // named at once

/// Every dependency of a plan, by its actions' order.
std::vector<Dependency> dependencies_of(const Plan& plan);

/// Every circle of actions that wait for each other, each once, as its path from its alphabetically first action; at
/// most cycles_max of them. Deterministic: by their paths' order.
std::vector<std::vector<std::string>> cycles_of(std::span<const Dependency> dependencies);

/// Circles that run through this plan and others, each an error of `file`; those within the plan are
/// apply_supplement's.
void check_dependencies(const Plan& plan, std::span<const Dependency> beside, const std::string& file,
                        documents::Problems& problems);

/// "a/1 waits for a/2, which waits for a/1".
std::string cycle_words(std::span<const std::string> path);

}  // namespace chaser::plan
