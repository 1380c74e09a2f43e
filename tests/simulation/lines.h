#pragma once

#include <string>

#include "simulation/county.h"
#include "simulation/post_office.h"

namespace chaser::simulation {

/// What arrived until then, as the lines of a dated scenario: "2026-12-31T09:00+00:00  deadline/due 0  lead-1 email
/// direct: 1.1".
json lines_of(const std::string& state, const County& county, const PostOffice& office, Instant until);

}  // namespace chaser::simulation
