#include "channels/bucket.h"

#include <algorithm>
#include <limits>

namespace chaser::channels {

using calendar::Instant;

Rate rate_within(int count, absl::Duration period) {
  if (count <= 0) return {};
  const int burst = std::max(1, count / 5);
  return {burst, period / std::max(1, count - burst)};
}

Instant Bucket::available(Instant now, std::size_t ahead) const {
  if (!rate_.is_limited()) return std::max(now, held_until_);
  const auto waiting = static_cast<std::int64_t>(ahead) - rate_.burst + 1;
  return std::max(std::max(empty_until_, now) + waiting * rate_.every, held_until_);
}

std::size_t Bucket::tokens(Instant now) const {
  if (held_until_ > now) return 0;
  if (!rate_.is_limited()) return std::numeric_limits<std::size_t>::max();
  const absl::Duration used = std::max(empty_until_, now) - now;
  absl::Duration rest;
  const std::int64_t whole = absl::IDivDuration(used, rate_.every, &rest);
  const std::int64_t taken = whole + (rest > absl::ZeroDuration() ? 1 : 0);
  return taken >= rate_.burst ? 0 : static_cast<std::size_t>(rate_.burst - taken);
}

void Bucket::take(Instant now) {
  if (rate_.is_limited()) empty_until_ = std::max(empty_until_, now) + rate_.every;
}

void Bucket::hold_until(Instant at) {
  held_until_ = std::max(held_until_, at);
}

}  // namespace chaser::channels
