#pragma once

#include <functional>
#include <string>

#include "store/store.h"

namespace chaser::web {

/// What a writing call came to, as it is told again to whoever repeats it.
struct Done {
  int status = 200;
  std::string said;
};

/// Does `work` once for a key: whoever sends the same key again within a day gets what was said then. `key` is the
/// client's, with who it is; `call` is what was asked, whole. The key is noted before the work and again with its
/// outcome, so that a death in between is told (409) and never doubles anything. On the loop's thread. Keeps
/// idempotency_keys_max; of more the oldest of a bucket go.
Done once(store::Store& store, const std::string& key, const std::string& call, calendar::Instant now,
          const std::function<Done()>& work);

inline constexpr std::size_t idempotency_buckets = 256;
inline constexpr std::size_t idempotency_keys_of_bucket = 8;
inline constexpr std::size_t idempotency_keys_max = idempotency_buckets * idempotency_keys_of_bucket;
inline constexpr absl::Duration idempotency_age_max = absl::Hours(24);

}  // namespace chaser::web
