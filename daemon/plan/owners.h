#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chaser::plan {

enum class Role : std::uint8_t { lead, support };
std::string_view name_of(Role role);  // "lead", "support"

/// One owner as the cell names it: the token verbatim (marks and list signs removed), in the cell's order.
struct OwnerToken {
  std::string name;
  Role role = Role::lead;

  bool operator==(const OwnerToken&) const = default;
};

/// Splits an owner cell on & , / ; "and" "with" and list marks, but never inside one of `known_names` (aliases and
/// names of the directory, compared without case). "(support)", "support:", "lead:" mark roles. A semicolon list beats
/// commas inside names. A cell that says there is no owner ("TBC", "To be agreed", "-") gives none.
std::vector<OwnerToken> split_owners(std::string_view cell, std::span<const std::string> known_names = {});
/// The same for many cells: the names are prepared once.
class Roster;
std::vector<OwnerToken> split_owners(std::string_view cell, const Roster& known_names);

}  // namespace chaser::plan
