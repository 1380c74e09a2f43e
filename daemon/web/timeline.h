#pragma once

#include <string>
#include <vector>

#include "chase/state.h"

namespace chaser::web {

/// All the dates of some actions in one picture: an SVG, spans from start to due date, milestones, today, and slips
/// from the first date to the present one. Everything it shows is in the table beside it too; texts are escaped. "" if
/// none of them has a date.
std::string timeline(const std::vector<const chase::ActionState*>& actions, const plan::Workflow& workflow,
                     calendar::CivilDay today);

}  // namespace chaser::web
