#include "plan/workflow.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "documents/characters.h"

namespace chaser::plan {
namespace {

/// For comparing: without case, and "in-progress", "In Progress" and "in_progress" alike.
std::string comparable(std::string_view text) {
  std::string folded = documents::folded(text);
  std::ranges::replace(folded, '_', ' ');
  std::ranges::replace(folded, '-', ' ');
  while (folded.ends_with('.')) folded.pop_back();
  return folded;
}

constexpr std::array<std::string_view, 17> all_answers{
    "acknowledge", "update", "snooze", "blocked", "done",    "delegate", "not_mine", "extension", "cancelled",
    "superseded",  "merged", "split",  "reopen",  "approve", "refuse",   "accept",   "decline"};

Workflow read_shipped() {
  documents::Problems problems;
  auto workflow =
      read_workflow(documents::Source("rules/workflow.yaml", std::string(Workflow::shipped_text())), problems);
  assert(workflow && !problems.has_errors());
  return *std::move(workflow);
}

std::vector<Transition> without_approval_of_ends(const Workflow& workflow) {
  std::vector<Transition> transitions(workflow.transitions().begin(), workflow.transitions().end());
  for (Transition& transition : transitions) {
    if (!transition.to.empty()) transition.approval.reset();
  }
  return transitions;
}

}  // namespace

std::span<const std::string_view> answer_names() {
  return all_answers;
}

std::string_view name_of(StatusKind kind) {
  constexpr std::array<std::string_view, 3> names{"open", "paused", "finished"};
  return names[static_cast<std::size_t>(kind)];
}

std::string_view name_of(Actor actor) {
  constexpr std::array<std::string_view, 5> names{"lead", "support", "coordinator", "sponsor", "approver"};
  return names[static_cast<std::size_t>(actor)];
}

const Workflow& Workflow::shipped() {
  static const Workflow workflow = read_shipped();
  return workflow;
}

Workflow::Workflow()
    : statuses_{shipped().statuses().begin(), shipped().statuses().end()},
      transitions_{without_approval_of_ends(shipped())} {}

Workflow::Workflow(std::vector<Status> statuses, std::vector<Transition> transitions)
    : statuses_{std::move(statuses)}, transitions_{std::move(transitions)} {}

const Status* Workflow::find(std::string_view name) const {
  const auto status = std::ranges::find(statuses_, name, &Status::name);
  return status == statuses_.end() ? nullptr : &*status;
}

const Status* Workflow::read(std::string_view text) const {
  const std::string wanted = comparable(text);
  const auto is_meant = [&](const Status& status) {
    return comparable(status.name) == wanted ||
           std::ranges::any_of(status.synonyms, [&](const std::string& word) { return comparable(word) == wanted; });
  };
  const auto status = std::ranges::find_if(statuses_, is_meant);
  return status == statuses_.end() ? nullptr : &*status;
}

bool Workflow::is_finished(std::string_view name) const {
  const Status* const status = find(name);
  return status != nullptr && status->kind == StatusKind::finished;
}

bool Workflow::is_paused(std::string_view name) const {
  const Status* const status = find(name);
  return status != nullptr && status->kind == StatusKind::paused;
}

bool Workflow::mentions(std::string_view answer) const {
  return std::ranges::find(transitions_, answer, &Transition::answer) != transitions_.end();
}

std::vector<std::string> Workflow::names() const {
  std::vector<std::string> names;
  for (const Status& status : statuses_) names.push_back(status.name);
  return names;
}

}  // namespace chaser::plan
