#pragma once

#include <memory>
#include <string>
#include <vector>

#include "chase/rehearsal.h"

namespace chaser::given {

/// A small county: network and county lead, each under a director; a coordinator and a sponsor.
plan::Directory directory();

/// The deadline rule as it ships, and what silences what.
extern const char* const deadline_rules;

/// A World of that directory and these rules; zones of London, New York and Cairo.
std::unique_ptr<chase::World> world(const std::string& rules = deadline_rules, plan::Directory parties = directory(),
                                    plan::Workflow workflow = {}, std::vector<calendar::CalendarDefinition> own = {});
/// The same county with this day off, once.
std::unique_ptr<chase::World> world_with_holiday(calendar::CivilDay day, const std::string& name);

/// 09:00 of a day in London, or another time there.
calendar::Instant at(int year, int month, int day, int hour = 9, int minute = 0);

/// A dated action of the plan "plan" led by these parties, imported at `imported`.
chase::ActionState action(const chase::World& world, const std::string& id, calendar::CivilDay due,
                          const std::vector<std::string>& leads, calendar::Instant imported);

/// What went out: "2026-12-22 09:00 deadline/due-soon 0 network email".
std::vector<std::string> lines(const chase::Rehearsal& rehearsal, const chase::World& world);

/// The keys of all notifications that the action's cases hold, sorted.
std::vector<std::string> keys(const chase::Rehearsal& rehearsal, const chase::World& world, const std::string& action);

}  // namespace chaser::given
