#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>

#include "channels/bucket.h"

namespace chaser::web {

/// A token bucket for each who, such as a client's address or a link. Thread-safe. Remembers `kept_max` at most: of
/// more, all whose bucket is full are forgotten, and if none is, newcomers wait.
class RateLimiter {
 public:
  static constexpr std::size_t kept_max = 10'000;

  explicit RateLimiter(channels::Rate rate) : rate_(rate) {}

  /// True: it may go on, and is counted. False: too often.
  bool take(const std::string& who, calendar::Instant now);

 private:
  const channels::Rate rate_;
  std::mutex mutex_;
  std::map<std::string, channels::Bucket> buckets_;
};

}  // namespace chaser::web
