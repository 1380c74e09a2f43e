#pragma once

#include "chase/fresh.h"

namespace chaser::app {

using chase::fresh_state;

}  // namespace chaser::app
