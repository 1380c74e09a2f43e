#pragma once

#include <nlohmann/json_fwd.hpp>

#include "chase/rehearsal.h"

namespace chaser::chase {

/// One entry of the forecast's JSON. Private to the forecast's writers.
nlohmann::ordered_json json_of(const Telling& told, const World& world);

}  // namespace chaser::chase
