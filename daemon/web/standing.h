#pragma once

#include <string>
#include <string_view>

#include "chase/state.h"
#include "web/view.h"

namespace chaser::web {

/// How an action stands by its date, in a word for people; the style's name repeats it ("good", "warn", "bad",
/// "plain").
struct Standing {
  std::string_view word;
  std::string_view tone;
};
/// Late: open and past its date. Near: due within 30 days. Computed, whatever anybody claims.
Standing standing_of(const chase::ActionFacts& facts, const plan::Workflow& workflow, calendar::CivilDay today);

/// What its lead says and what is computed, where either says something: "claimed", "claimed_tone" (the style's name),
/// "computed", "computed_tone"; `disputed` if they differ.
void tell_colours(View& view, const chase::ActionState& state, const chase::World& world, calendar::CivilDay today);

/// The names that every list of actions shows.
View action_view(const chase::ActionState& state, const chase::World& world, calendar::CivilDay today);

/// "31 Dec 2026 (the plan says "2026")", "ongoing", "not scheduled".
std::string due_words(const plan::Timescale& timescale);
/// Who leads it, by name; the plan's words where nobody is known.
std::string owner_words(const chase::ActionState& state, const chase::World& world);

}  // namespace chaser::web
