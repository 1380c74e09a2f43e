#pragma once

#include <string>

#include "app/writing.h"
#include "simulation/county.h"
#include "simulation/dice.h"

namespace chaser::simulation {

/// What somebody says about a promise: as `chaser answer` takes it, and as the oracle reads it.
struct Said {
  app::WriteRequest request;
  json event;  // party, response and what belongs to it
  /// A later date, an end, another owner: somebody else has to say yes or no to it.
  bool asks_for_a_word() const;
};

/// One of the leads says something: any of the responses of design.md §6. A calm county says what the oracle can judge
/// more often.
Said something_said(const County& county, const PlanOfSim& plan, const Promise& promise, const std::string& lead,
                    Mood mood, Dice& dice, CivilDay today);

/// The word that was asked for, by whoever has to give it.
Said word_about(const Said& asked, bool yes);

}  // namespace chaser::simulation
