#pragma once

#include <vector>

#include "store/store.h"
#include "web/router.h"
#include "web/view.h"

namespace chaser::web {

/// Requests that wait for somebody's word, as part_requests shows them: who asks what, and, for who may decide, the
/// buttons.
std::vector<View> request_views(const std::vector<store::RequestRecord>& requests, const chase::World& world,
                                calendar::Instant now, const Principal& who);

}  // namespace chaser::web
