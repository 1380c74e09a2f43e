#pragma once

#include <optional>

#include "calendar/sending_window.h"
#include "documents/problems.h"
#include "documents/yaml.h"

namespace chaser::plan {

/// A sending window: "office-hours", or {days: Mon-Fri, open: "09:00", close: "17:00", on_holidays: false}, each key
/// with the office hours' value where it is left out. Days are names or ranges ("Mon-Thu, Sat"), also as a list.
/// Nothing, with the errors, if anything in it is wrong.
std::optional<calendar::SendingWindow> read_window(const documents::YamlNode& node, const documents::Source& source,
                                                   documents::Problems& problems);

}  // namespace chaser::plan
