#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "rulebook/offset.h"

namespace chaser::chase {

struct ActionState;

/// Red, amber, green: as claimed by a lead, or computed. None where there is nothing to say.
enum class Rag : std::uint8_t { none, green, amber, red };
std::string_view name_of(Rag rag);  // "", "green" ...
std::optional<Rag> rag(std::string_view name);

/// How a plan colours its actions.
struct RagScheme {
  enum class By : std::uint8_t {
    lateness,  // green until the due (or review) date, then amber, red after `red_after`
    percent,   // what is done against what should be by now: evenly from start to due, or by the measure's profile
    hand,      // nothing is computed: what leads claim stands
  };
  By by = By::lateness;
  rulebook::Offset red_after{1, rulebook::OffsetUnit::months};
  int green_from = 90;  // per cent of what should be done
  int red_below = 70;
  bool operator==(const RagScheme&) const = default;
};
std::string_view name_of(RagScheme::By by);
std::optional<RagScheme::By> rag_scheme(std::string_view name);

/// None of an action that is finished, of one without a date or a percentage to go by, and by hand.
Rag computed_rag(const ActionState& state, bool is_finished, calendar::CivilDay today,
                 const calendar::WorkingCalendar& calendar);

}  // namespace chaser::chase
