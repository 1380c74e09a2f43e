#pragma once

#include <optional>
#include <string_view>

#include "documents/yaml.h"
#include "plan/action_reader.h"
#include "plan/measure.h"

namespace chaser::plan {

// For the supplement alone.

/// `measure: { name, unit, baseline: { value, on }, target: { value, by }, profile, better, readings }`. Nothing if it
/// has errors.
std::optional<Measure> read_measure(const documents::YamlNode& node, const ReadingContext& context);

/// A date in the words of a timescale cell: its due date, if it has one that can be read one way alone.
std::optional<CivilDay> day_of_words(std::string_view text, const Conventions& conventions);

}  // namespace chaser::plan
