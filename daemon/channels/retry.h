#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <string_view>

#include "store/store.h"

namespace chaser::channels {

/// How long after it was made a message may still be tried; what cannot go by then needs a person.
inline constexpr absl::Duration use_by = absl::Hours(72);
/// No server's Retry-After is believed beyond a day.
inline constexpr std::int64_t retry_after_max_seconds = 86'400;

/// What follows from an attempt: 1, 2, 5, 10, 20, 30 minutes, then every 30 (Teams: 15 s, doubled up to 30 minutes;
/// both
/// +-20 %, from the delivery's key, so that it is deterministic), Retry-After honoured, until `use_by` after creation;
/// then needs_attention. Permanent: refused; a bare 550 at RCPT after a second look. Unknown: one automatic resend
/// after 60 s in all, then needs_attention. Channel broken: queued again, attempt not spent, hourly probe. Pure.
/// Source: research/delivery.md B5, C.
store::Disposition disposition(const store::OutboxMessage& message, const store::Outcome& outcome,
                               calendar::Instant now);

/// x.7.x at RCPT: the relay's rules against one recipient, or against us: which, the Gate finds out. A sender's used-up
/// quota and a login that is wanted are ours.
bool is_policy_of_recipient(const store::Outcome& outcome);

/// What an SMTP ending means. `curl` is the CURLcode, `reply` CURLINFO_RESPONSE_CODE, `all_uploaded` whether the whole
/// message went. Source: research/delivery.md B3's decision table and B5.
store::Outcome classify_smtp(int curl, long reply, std::string_view enhanced, std::string_view last_line,
                             bool all_uploaded, bool ambiguous_before);
/// What a webhook's answer means. Source: research/delivery.md A7.
store::Outcome classify_teams(int curl, long status, std::string_view body, std::string_view retry_after,
                              bool request_sent, calendar::Instant now);

}  // namespace chaser::channels
