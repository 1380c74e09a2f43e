#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "chase/state.h"

namespace chaser::chase {

/// An edited rule: open cases keep the version they began with until they are moved. Moving ends the case (reason
/// `migrated`) and goes on with it under the loaded version, as the next epoch of the same anchor day: what it told,
/// its pauses and its entries go along, so that nobody is told twice and its age is what it was. Nothing is sent back
/// in time: steps of the new version whose day is past lapse. A pending notification whose step the new version does
/// not have is withdrawn. Source: design.md §6, "rule edited".

/// The version under which an open case would go on; nullptr if it has it already, is not open, or its rule is loaded
/// no more.
const CompiledRule* version_to_take(const CaseState& known, const World& world);

/// The step of the same name; none if `to` has none.
std::optional<std::uint16_t> same_step(const rulebook::Rule& from, std::uint16_t step, const rulebook::Rule& to);
/// The step whose age an entry at `step` stands for: that of the same name, else the last that is not later; none
/// before the first.
std::optional<std::uint16_t> step_of_age(const rulebook::Rule& from, std::uint16_t step, const rulebook::Rule& to);

/// In memory, what the store's migrate_cases does: all cases of the action that can be moved. Returns how many.
std::size_t migrate(ActionState& state, const World& world, Instant now);

}  // namespace chaser::chase
