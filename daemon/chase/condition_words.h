#pragma once

#include <string>
#include <string_view>

#include "rulebook/condition.h"

namespace chaser::chase {

/// Why a part of a condition is false, in words: "its kind is ongoing, not dated", "its status is done, none of
/// not_started, in_progress, blocked"; for what has no such shape the part itself with the values that it speaks of:
/// "action.slips > 2 is false (slips: 1)". `part` is what Condition::false_part gave.
std::string why_false(std::string_view part, const rulebook::Facts& facts);

/// A fact's value for people: "31 Dec 2026", "a, b", "none".
std::string value_words(const rulebook::FactValue& value, const calendar::Zone& zone);

}  // namespace chaser::chase
