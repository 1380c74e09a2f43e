#pragma once

#include <optional>
#include <string_view>

#include "store/store.h"

namespace chaser::store {

/// Takes a response, whoever brings it (command line, page, API, mail): loads the action, works out the effect and
/// records it, refused and repeated ones too. If another writer came in between it is worked out again, three times at
/// most; then the conflict is thrown. Nothing if the plan has no such action. Throws StoreError.
std::optional<chase::ResponseEffect> answer(Store& store, const chase::World& world, std::string_view plan,
                                            std::string_view action, const chase::Response& response, Instant now);

}  // namespace chaser::store
