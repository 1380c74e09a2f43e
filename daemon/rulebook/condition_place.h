#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "documents/problems.h"
#include "documents/yaml.h"
#include "rulebook/cel_program.h"
#include "rulebook/condition.h"

namespace chaser::rulebook {

/// Where a piece of a condition's text stands in its file.
using ConditionPlace = std::function<documents::Position(cel::Span)>;

/// The place of each piece of a scalar's text, through quotes, escapes and folded lines. Falls back to the scalar's own
/// place where the text cannot be found again (a block scalar with an indentation indicator).
ConditionPlace place_in_scalar(const documents::YamlNode& scalar, const documents::Source& source);

/// As compile_condition of condition.h, with any environment and any way of placing.
std::optional<Condition> compile_condition(std::string_view text, const ConditionPlace& place,
                                           const cel::Environment& environment, const documents::Source& source,
                                           documents::Problems& problems);

}  // namespace chaser::rulebook
