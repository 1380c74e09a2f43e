#include "channels/gate.h"

#include <algorithm>
#include <limits>

#include "channels/retry.h"

namespace chaser::channels {

using calendar::Instant;
using store::Outcome;
using store::OutcomeKind;

namespace {

constexpr std::size_t recipients_max = 10'000;  // remembered; beyond it the full buckets are forgotten
constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

// Exchange Online's words, at the final dot as a rule. Source: research/delivery.md B5.
bool says_too_many_at_once(const Outcome& outcome) {
  if (outcome.kind != OutcomeKind::temporary) return false;
  return outcome.code == 432 || outcome.text.find("oncurrent connections limit") != std::string::npos;
}

}  // namespace

std::string Gate::way_of(const Passage& passage) {
  return passage.place.empty() ? passage.channel : passage.channel + "/" + passage.place;
}

// All flows of one person share that person's rate.
std::string Gate::owner_of(const Passage& passage) const {
  const auto found = settings_.owners.find(passage.place);
  return found == settings_.owners.end() || found->second.empty() ? "/" + passage.place : found->second;
}

Gate::Queue& Gate::owner_queue(const Passage& passage) {
  return owners_.try_emplace(owner_of(passage), Queue{Bucket(settings_.teams), {}}).first->second;
}

std::size_t Gate::room(const std::string& channel, Instant now) const {
  const auto breaker = breakers_.find(channel);
  if (breaker != breakers_.end() && breaker->second.waits(now)) return 0;
  const std::size_t tokens = channel == "email" ? std::min(email_.tokens(now), email_day_.tokens(now)) : unlimited;
  const bool is_trial = breaker != breakers_.end() && breaker->second.is_trying();
  return is_trial ? std::min<std::size_t>(tokens, 1) : tokens;
}

std::optional<Instant> Gate::opens(const std::string& channel, Instant now) const {
  if (room(channel, now) > 0) return std::nullopt;
  Instant at = now;
  const auto breaker = breakers_.find(channel);
  if (breaker != breakers_.end()) at = std::max(at, breaker->second.waits(now).value_or(now));
  if (channel == "email") at = std::max({at, email_.available(now), email_day_.available(now)});
  return at;
}

std::size_t Gate::sessions(const std::string& channel, Instant now) const {
  const auto alone = alone_until_.find(channel);
  return alone != alone_until_.end() && alone->second > now ? 1 : unlimited;
}

std::optional<Instant> Gate::waits(const Passage& passage, Instant now) {
  Instant at = now;
  const auto breaker = breakers_.find(way_of(passage));
  if (breaker != breakers_.end()) at = std::max(at, breaker->second.waits(now).value_or(now));
  const auto recipient = recipients_.find(passage.channel + "/" + passage.recipient);
  if (recipient != recipients_.end()) at = std::max(at, recipient->second.available(now));
  if (passage.channel == "teams") {
    Queue& queue = owner_queue(passage);
    if (queue.bucket.is_full(now)) queue.waiting.clear();  // withdrawn ones never go
    if (queue.bucket.available(now) > now) {
      queue.waiting.insert(passage.message);
      at = std::max(at, queue.bucket.available(now, queue.waiting.size() - 1));
    }
  }
  return at > now ? std::optional(at) : std::nullopt;
}

bool Gate::is_broken(const Passage& passage, Instant now) const {
  const auto breaker = breakers_.find(way_of(passage));
  return breaker != breakers_.end() && breaker->second.is_broken() && breaker->second.waits(now);
}

void Gate::goes(const Passage& passage, Instant now) {
  const auto breaker = breakers_.find(way_of(passage));
  if (breaker != breakers_.end()) breaker->second.goes(now);
  if (passage.channel == "email") {
    email_.take(now);
    email_day_.take(now);
  }
  if (passage.channel == "teams") {
    Queue& queue = owner_queue(passage);
    queue.bucket.take(now);
    queue.waiting.erase(passage.message);
  }
  if (recipients_.size() >= recipients_max) forget_full(now);
  recipients_.try_emplace(passage.channel + "/" + passage.recipient, Bucket(settings_.recipient))
      .first->second.take(now);
}

void Gate::heard(const Passage& passage, const Outcome& outcome, Instant now) {
  const std::string way = way_of(passage);
  const auto breaker = breakers_.try_emplace(way).first;
  const bool is_of_the_way = !concerns_recipient_alone(passage, outcome);
  breaker->second.heard(is_of_the_way ? outcome : Outcome{OutcomeKind::permanent, 0, "", "", {}}, now);
  if (says_too_many_at_once(outcome)) alone_until_[passage.channel] = now + alone_for;
  if (!breaker->second.is_trying() && outcome.kind == OutcomeKind::accepted) breakers_.erase(breaker);
  if (outcome.kind != OutcomeKind::temporary || !outcome.retry_after_seconds) return;
  const Instant until = now + absl::Seconds(*outcome.retry_after_seconds);
  // 429 speaks of the owner's rate, 421 of the connection's; a full mailbox (x.2.2) of one recipient.
  if (passage.channel == "teams" && outcome.code == 429) owner_queue(passage).bucket.hold_until(until);
  if (passage.channel == "email" && outcome.code == 421) email_.hold_until(until);
}

/// Without the convicts, two bad addresses would hold everybody's mail again each hour.
bool Gate::concerns_recipient_alone(const Passage& passage, const Outcome& outcome) {
  if (suspects_.size() + convicts_.size() >= recipients_max) {
    suspects_.clear();
    convicts_.clear();
  }
  if (passage.channel == "email" && outcome.kind == OutcomeKind::accepted) {
    convicts_.merge(suspects_);
    suspects_.clear();
    convicts_.erase(passage.recipient);
  }
  if (!is_policy_of_recipient(outcome)) return false;
  if (convicts_.contains(passage.recipient)) return true;
  suspects_.insert(passage.recipient);
  return suspects_.size() == 1;
}

// Should that not be enough, the limit of a person is worth less than memory without bound.
void Gate::forget_full(Instant now) {
  std::erase_if(recipients_, [&](const auto& entry) { return entry.second.is_full(now); });
  if (recipients_.size() >= recipients_max) recipients_.clear();
}

}  // namespace chaser::channels
