#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace chaser::channels {

/// What is done to a card that is already bytes, when it must go again in another way. Pure; a body that is no card
/// comes back as it was, or as nothing.

/// Teams drops what is bigger than about 28 KB without a word, and older paths less. Source: research/delivery.md A6.
inline constexpr std::size_t card_bytes_max = 20'000;

/// The `id` of a block that begins the telling of an action, followed by its number.
inline constexpr std::string_view action_block = "action-";

/// The same card within `bytes_max`: its last lines are left out and counted ("and 12 more"); headline, mention,
/// buttons and reference stay. Nothing if it cannot be made that small, or is no card.
std::optional<std::string> cut_card(std::string_view body, std::size_t bytes_max);

/// The card with the line "(may be a repeat) ref 3F2A11C0" under its headline: its first sending ended without a
/// verdict. Source: research/delivery.md §C.
std::string as_repeat(std::string_view body, std::string_view reference);

/// `text` so that Markdown shows it literally in a TextBlock or a fact. Source: research/delivery.md A4.
std::string without_markdown(std::string_view text);

}  // namespace chaser::channels
