#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chaser::plan {

enum class StatusKind : std::uint8_t { open, paused, finished };

struct Status {
  std::string name;
  StatusKind kind = StatusKind::open;
  std::vector<std::string> synonyms;  // words of a plan's status column: "In progress", "WIP"
};

/// The states an action can be in. The default is design.md §2's: not_started in_progress blocked done cancelled
/// superseded, the last three finished.
class Workflow {
 public:
  Workflow();
  explicit Workflow(std::vector<Status> statuses);

  std::span<const Status> statuses() const { return statuses_; }
  const Status* find(std::string_view name) const;
  /// By name or synonym, without case.
  const Status* read(std::string_view text) const;
  /// False also for a name it does not know.
  bool is_finished(std::string_view name) const;
  std::vector<std::string> names() const;

 private:
  std::vector<Status> statuses_;
};

}  // namespace chaser::plan
