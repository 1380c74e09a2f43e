#pragma once

#include <map>
#include <string>
#include <string_view>

#include "store/store.h"

namespace chaser::web {

/// Who asked for no more digests, and since when. What would have been in one is withdrawn with that reason; messages
/// about one action still come, and so does everything above the leads.
using Muted = std::map<std::string, calendar::Instant, std::less<>>;
Muted read_muted(store::Store& store);
/// An event says who asked for it; asked again, nothing changes.
void set_muted(store::Store& store, const std::string& party, bool muted, std::string_view actor,
               calendar::Instant now);

}  // namespace chaser::web
