#pragma once

#include <string>

#include "chase/compose.h"
#include "chase/world.h"

namespace chaser::chase {

/// Why a notification goes, in words: "5 working days before the due date, 31 Dec 2026 (not counted: 25 Dec Christmas
/// Day, 28 Dec Boxing Day (substitute day))". Which holiday or weekend moved its day is said too: "(1 Jan is New Year's
/// Day: moved on)".
std::string why(const PendingItem& item, const World& world);

/// When a step speaks: "5 working days before the due date", "on its review date", "as soon as it is seen". Messages,
/// forecasts and explanations share it.
std::string when_words(rulebook::Anchor anchor, const rulebook::Offset& at);

/// Which holiday, weekend or free day moved a day: "1 Jan is New Year's Day", "Sat 1 Jan is no working day"; "" for a
/// working day.
std::string free_day_words(CivilDay day, const calendar::WorkingCalendar& calendar);

}  // namespace chaser::chase
