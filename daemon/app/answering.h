#pragma once

#include "app/writing.h"

namespace chaser::app {

/// `chaser answer PLAN/ACTION RESPONSE ...`: records a response. Bad words are answered, every one at once; a late or
/// repeated response is no problem and says who answered before.
WriteAnswer answer_action(Engine& engine, const WriteRequest& request, Instant now);

}  // namespace chaser::app
