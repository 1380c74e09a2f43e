#include "channels/breaker.h"

#include <algorithm>

namespace chaser::channels {
namespace {

using calendar::Instant;
using store::Outcome;
using store::OutcomeKind;

// Nobody answered, or who answered said that it serves nobody now. A refusal of one message proves that the way works.
bool is_of_the_way(const Outcome& outcome) {
  if (outcome.kind == OutcomeKind::unknown) return true;
  if (outcome.kind != OutcomeKind::temporary) return false;
  const bool is_http_failure = outcome.code >= 500 && outcome.code < 505 && outcome.enhanced.empty();
  return outcome.code < 400 || outcome.code == 421 || outcome.code == 454 || is_http_failure;
}

}  // namespace

std::optional<Instant> Breaker::waits(Instant now) const {
  if (!opened_) return std::nullopt;
  if (under_way_until_ > now) return now + pause_min;
  if (until_ > now) return until_;
  return std::nullopt;
}

void Breaker::goes(Instant now) {
  if (opened_) under_way_until_ = now + trial_max;
}

void Breaker::open(Instant until) {
  opened_ = true;
  until_ = until;
}

void Breaker::heard(const Outcome& outcome, Instant now) {
  under_way_until_ = absl::InfinitePast();
  if (outcome.kind == OutcomeKind::channel_broken) {
    broken_ = true;
    const absl::Duration asked = absl::Seconds(outcome.retry_after_seconds.value_or(0));
    return open(now + std::max(broken_pause, asked));
  }
  if (!is_of_the_way(outcome)) {
    *this = Breaker();
    return;
  }
  broken_ = false;
  if (!opened_ && ++failures_ < failures_max) return;
  open(now + pause_);
  pause_ = std::min(pause_ * 2, pause_max);
}

}  // namespace chaser::channels
