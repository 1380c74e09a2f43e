#include "documents/problems.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace chaser::documents {
namespace {

Problem problem_at(Severity severity, const Source& source, Position at, std::string message,
                   std::vector<std::string> notes) {
  std::string_view excerpt = source.line(at.line);
  if (excerpt.size() > Problems::excerpt_bytes_max) excerpt = {};
  return {severity, source.name(), at, std::move(message), std::string{excerpt}, std::move(notes)};
}

}  // namespace

void Problems::add(Problem problem) {
  errors_met_ += problem.severity == Severity::error ? 1 : 0;
  if (std::ranges::find(all_, problem) != all_.end()) return;
  if (all_.size() < kept_max) {
    errors_ += problem.severity == Severity::error ? 1 : 0;
    all_.push_back(std::move(problem));
    return;
  }
  ++dropped_;
  if (problem.severity != Severity::error || errors_ == all_.size()) return;
  const auto last_warning = std::ranges::find(all_.rbegin(), all_.rend(), Severity::warning, &Problem::severity);
  *last_warning = std::move(problem);
  ++errors_;
}

void Problems::error(const Source& source, Position at, std::string message, std::vector<std::string> notes) {
  add(problem_at(Severity::error, source, at, std::move(message), std::move(notes)));
}

void Problems::warning(const Source& source, Position at, std::string message, std::vector<std::string> notes) {
  add(problem_at(Severity::warning, source, at, std::move(message), std::move(notes)));
}

void Problems::error(std::string file, std::string message) {
  add({Severity::error, std::move(file), {}, std::move(message), {}, {}});
}

void Problems::warning(std::string file, std::string message) {
  add({Severity::warning, std::move(file), {}, std::move(message), {}, {}});
}

std::vector<Problem> Problems::sorted() const {
  std::vector<Problem> sorted = all_;
  std::ranges::stable_sort(
      sorted, {}, [](const Problem& problem) { return std::tie(problem.file, problem.at.line, problem.at.column); });
  return sorted;
}

}  // namespace chaser::documents
