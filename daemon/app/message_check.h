#pragma once

#include <span>

#include "app/loading.h"

namespace chaser::app {

/// Writes what the plans' actions would have sent within `foresight` of `from`, nobody answering, as it would be sent:
/// every action by each template that its steps use, to those who lead it and those above, as mail and as card where
/// the reader has that channel, and once more as sent late. A template that cannot be filled so is an error at its file
/// that names the first message and counts the others. Nothing is kept and nothing sent.
void check_messages(const Inputs& inputs, std::span<const plan::Plan> plans, calendar::Instant from,
                    documents::Problems& problems);

}  // namespace chaser::app
