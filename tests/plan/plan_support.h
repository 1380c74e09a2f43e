#pragma once

#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "documents/problems.h"
#include "documents/table.h"
#include "plan/plan.h"

namespace chaser::plan {

/// The text of a file of this repository; nothing if it is not there.
inline std::optional<std::string> repository_file(const std::string& path) {
  std::ifstream file{std::string{CHASER_SOURCE_DIR} + "/" + path, std::ios::binary};
  if (!file) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>{file}, {}};
}

struct PlanReading {
  std::optional<Plan> plan;
  documents::Problems problems;
};

inline PlanReading read_document(const std::string& name, const std::string& text, const Directory* directory = nullptr,
                                 const Conventions& conventions = {}) {
  PlanReading reading;
  const documents::Source source{name, text};
  const documents::Table table = documents::read_table(source, reading.problems);
  reading.plan = read_plan(table, source, "kent-medway", conventions, directory, Workflow{}, reading.problems);
  return reading;
}

/// "line:column severity: message", in order of place.
inline std::vector<std::string> places(const documents::Problems& problems) {
  std::vector<std::string> lines;
  for (const documents::Problem& problem : problems.sorted()) {
    const bool is_error = problem.severity == documents::Severity::error;
    lines.push_back(std::to_string(problem.at.line) + ":" + std::to_string(problem.at.column) +
                    (is_error ? " error: " : " warning: ") + problem.message);
  }
  return lines;
}

inline std::vector<std::string> owner_names(const Action& action) {
  std::vector<std::string> names;
  for (const OwnerToken& owner : action.owners) names.push_back(owner.name);
  return names;
}

}  // namespace chaser::plan
