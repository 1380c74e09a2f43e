#include "plan/workflow.h"

#include <algorithm>
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

std::vector<Status> default_statuses() {
  return {
      {"not_started",
       StatusKind::open,
       {"not begun", "to do", "todo", "planned", "pending", "open", "new", "upcoming"}},
      {"in_progress",
       StatusKind::open,
       {"started", "underway", "under way", "ongoing", "wip", "work in progress", "active", "on track", "at risk",
        "off track", "delayed", "behind schedule", "partially complete", "partly complete"}},
      {"blocked", StatusKind::open, {"on hold", "paused", "stalled", "waiting"}},
      {"done", StatusKind::finished, {"complete", "completed", "delivered", "finished", "achieved", "closed"}},
      {"cancelled", StatusKind::finished, {"canceled", "withdrawn", "abandoned", "dropped", "removed"}},
      {"superseded", StatusKind::finished, {"replaced", "merged", "superceded"}},
  };
}

}  // namespace

Workflow::Workflow() : Workflow{default_statuses()} {}

Workflow::Workflow(std::vector<Status> statuses) : statuses_{std::move(statuses)} {}

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

std::vector<std::string> Workflow::names() const {
  std::vector<std::string> names;
  for (const Status& status : statuses_) names.push_back(status.name);
  return names;
}

}  // namespace chaser::plan
