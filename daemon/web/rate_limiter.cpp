#include "web/rate_limiter.h"

namespace chaser::web {

bool RateLimiter::take(const std::string& who, calendar::Instant now) {
  const std::lock_guard lock(mutex_);
  if (buckets_.size() >= kept_max && !buckets_.contains(who)) {
    std::erase_if(buckets_, [&](const auto& each) { return each.second.is_full(now); });
    if (buckets_.size() >= kept_max) return false;
  }
  channels::Bucket& bucket = buckets_.try_emplace(who, rate_).first->second;
  // A full wait is never longer than the bucket takes to fill: a clock that was set back locks nobody out.
  if (bucket.available(now) > now + rate_.burst * rate_.every) bucket = channels::Bucket(rate_);
  if (bucket.available(now) > now) return false;
  bucket.take(now);
  return true;
}

}  // namespace chaser::web
