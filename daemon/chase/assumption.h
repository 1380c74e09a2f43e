#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "chase/rehearsal.h"

namespace chaser::chase {

/// How the people of a forecast are assumed to answer. Whoever leads or supports an action answers for their own part,
/// at 15:00 of a working day (the rule's calendar, the reader's zone), through the real respond(); superiors,
/// coordinators, sponsors and whoever else is told never answer. Every message of a case counts, digests too; several
/// about one action at one instant are answered once.
///
/// * silent: nobody ever answers.
/// * prompt: every message is answered on the next working day: until the due date with an update, after it with done;
///   about an action without a due date always with an update (which is its review).
/// * typical: the first message of a case is left unanswered, each later one is answered after three working days:
/// until
///   the due date with an update, after it first with an acknowledgement (for as long as the rule allows), then with
///   done.
enum class Assumption : std::uint8_t { silent, prompt, typical };
std::string_view name_of(Assumption assumption);
std::optional<Assumption> assumption(std::string_view name);
/// "nobody answers", for the line that says on what a forecast rests.
std::string_view meaning_of(Assumption assumption);

/// Plays up to and with `until` with people answering so. Gives how many answers were taken.
std::size_t play(Rehearsal& rehearsal, const World& world, Assumption assumption, Instant until);

}  // namespace chaser::chase
