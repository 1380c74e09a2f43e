#include "web/rate_limiter.h"

namespace chaser::web {

bool RateLimiter::take(const std::string& who, calendar::Instant now) {
  const std::lock_guard lock(mutex_);
  if (buckets_.size() >= kept_max && !buckets_.contains(who)) {
    std::erase_if(buckets_, [&](const auto& each) { return each.second.is_full(now); });
    if (buckets_.size() >= kept_max) return false;
  }
  channels::Bucket& bucket = buckets_.try_emplace(who, rate_).first->second;
  if (bucket.available(now) > now) return false;
  bucket.take(now);
  return true;
}

}  // namespace chaser::web
