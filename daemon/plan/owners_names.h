#pragma once

#include <string_view>

namespace chaser::plan {

/// Judgements about names that no directory explains, from their form alone.

/// "KCC", "DfT", "CISO": one word, most of it capitals.
bool is_acronym(std::string_view name);
/// Whether the name stands for itself, so that what "and" adds is another: an acronym, or one that ends in the noun of
/// a body, a team or a role ("Internal Drainage Boards", "Network Engineer", "Natural England"). "Parks" does not.
bool is_complete_name(std::string_view name);
/// Whether it ends in a noun for a part of a body: "Recreation Department", "policy unit".
bool is_part_of_body(std::string_view name);
/// Whether "left and right" names two owners beyond doubt; "Parks and Recreation Department" may be one.
bool are_two_names(std::string_view left, std::string_view right);
/// Whether the word "and", "&" or "with" between `left` and `right` is inside the name of a place: "Tonbridge and
/// Malling", "Blackburn with Darwen".
bool is_place_pair(std::string_view left, std::string_view right);
/// "TBC", "To be agreed", "None", "-", "will be identified": a cell without an owner.
bool says_no_owner(std::string_view cell);

}  // namespace chaser::plan
