#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chase/world.h"
#include "plan/timescale.h"
#include "store/store.h"

namespace chaser::web {

using calendar::CivilDay;
using calendar::Instant;

/// "31 Dec 2026"; "" for none.
std::string day_words(std::optional<CivilDay> day);
/// "Thu 31 Dec 2026, 09:00"; "" for none and for no end.
std::string time_words(std::optional<Instant> at, const calendar::Zone& zone);
/// "today at 09:00", "tomorrow at 09:00", else "Thu 31 Dec, 09:00" with the year where it is another.
std::string near_time_words(Instant at, Instant now, const calendar::Zone& zone);
/// "in 5 days", "today", "8 days late" of a due day; "" for none.
std::string days_left_words(std::optional<CivilDay> due, CivilDay today);
/// "not_started" -> "Not started".
std::string status_words(std::string_view status);
/// "1 action", "3 actions".
std::string counted(std::size_t count, std::string_view noun);
/// The name of a party, or its id where the directory has none of that id.
std::string party_name(std::string_view party, const chase::World& world);
/// The plan's zone; UTC for a plan that is not known.
calendar::Zone zone_of(std::string_view plan, const chase::World& world);
/// Of the first plan: what belongs to none is told in it.
calendar::Zone home_zone(const chase::World& world);
/// "/plan/kent-medway/action/2.1".
std::string action_path(std::string_view plan, std::string_view action);

}  // namespace chaser::web
