#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "documents/problems.h"

namespace chaser::plan {

/// Open: it is chased. Paused: it is held, its clock runs on. Finished: its cases close.
enum class StatusKind : std::uint8_t { open, paused, finished };
std::string_view name_of(StatusKind kind);

struct Status {
  std::string name;
  StatusKind kind = StatusKind::open;
  std::vector<std::string> synonyms;  // words of a plan's status column: "In progress", "WIP"
  std::string about;
};

/// Who may make a transition, or whose approval it needs.
enum class Actor : std::uint8_t { lead, support, coordinator, sponsor, approver };
std::string_view name_of(Actor actor);

/// What people can answer, by name, in the order of chase::ResponseKind.
std::span<const std::string_view> answer_names();

/// What an answer does to the status, from where, by whom, and what it asks for. Without `to` the status stays.
struct Transition {
  std::string answer;             // a response: "done", "update", "extension"
  std::vector<std::string> from;  // statuses
  std::vector<std::string> to;    // one; of an update those that it may name
  std::vector<Actor> by;
  bool asks_note = false;
  bool asks_evidence = false;
  std::optional<Actor> approval;  // waits for this one's word; in force at once if whoever answers is that one

  bool operator==(const Transition&) const = default;
};

inline constexpr std::size_t statuses_max = 30;
inline constexpr std::size_t transitions_max = 200;

/// The states an action can be in, and how it moves between them. The default is design.md §2's: not_started
/// in_progress blocked done cancelled superseded, the last three finished.
class Workflow {
 public:
  /// The shipped one without its approvals of an end: what says it is done is done.
  Workflow();
  Workflow(std::vector<Status> statuses, std::vector<Transition> transitions);
  /// rules/workflow.yaml as it ships.
  static const Workflow& shipped();
  static std::string_view shipped_text();

  std::span<const Status> statuses() const { return statuses_; }
  std::span<const Transition> transitions() const { return transitions_; }
  const Status* find(std::string_view name) const;
  /// By name or synonym, without case.
  const Status* read(std::string_view text) const;
  /// False also for a name it does not know.
  bool is_finished(std::string_view name) const;
  bool is_paused(std::string_view name) const;
  std::vector<std::string> names() const;
  /// Whether it says anything about this answer; one that it does not mention is free to leads, supports and
  /// coordinator.
  bool mentions(std::string_view answer) const;

 private:
  std::vector<Status> statuses_;
  std::vector<Transition> transitions_;
};

/// Reads a workflow file strictly, every problem at its place: unknown keys, statuses and answers (with a suggestion),
/// a status that nothing leads to, an open one without a way out, two transitions that both fit. `answers` are the
/// known responses. Nothing if there was an error.
std::optional<Workflow> read_workflow(const documents::Source& source, documents::Problems& problems);

/// A state diagram in Mermaid's language, for pages that draw it.
std::string to_mermaid(const Workflow& workflow);

}  // namespace chaser::plan
