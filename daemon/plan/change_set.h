#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "plan/plan.h"

namespace chaser::plan {

enum class ChangeKind : std::uint8_t { added, dropped, reworded, re_dated, re_led, other };
std::string_view name_of(ChangeKind kind);

struct Change {
  ChangeKind kind;
  std::string action;  // its id
  std::string before;  // words for people; "" if added
  std::string after;   // "" if dropped
  bool operator==(const Change&) const = default;
};

/// What a re-import would change, in the order of the new plan, dropped ones last. Applied or refused as one.
struct ChangeSet {
  std::vector<Change> changes;
  bool empty() const { return changes.empty(); }
};

ChangeSet difference(const Plan& stored, const Plan& imported);

std::string to_table(const ChangeSet& changes);
std::string to_json(const ChangeSet& changes);

}  // namespace chaser::plan
