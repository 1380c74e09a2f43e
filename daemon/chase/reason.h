#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace chaser::chase {

/// Why Chaser is silent, or why a notification ended as it did. Each has one short wording (describe) that scenarios,
/// holds, explain, the pages and the log share.
enum class ReasonCode : std::uint8_t {
  none,
  floor,                  // less than 5 working days since the last direct message of this rule
  superseded,             // a higher step or later repeat goes; detail: its name
  lapsed_in_pause,        // its day fell in a pause
  past_at_beginning,      // its day was past when the case (epoch) began
  missed_before_meeting,  // lower than the step at which a first meeting enters
  first_meetings_full,    // ten first-meeting items a person a week
  silenced,               // detail: the inhibiting rule
  dormant,                // detail: the part of `when` that is false
  waits_for_lower,        // no lower step of the case has reached the lead yet
  waits_for_pause,        // its day came before the pause, which it waits out
  answered,               // its lead has answered for good (done)
  all_answered,           // above the leads: none of them is silent
  no_superior,            // detail: the party
  no_deputy,
  nobody,           // the plan names nobody for that audience; detail: "coordinator", "sponsor" ...
  lacks_channel,    // detail: the channel
  unreachable,      // no channel reaches the recipient
  meets_in_digest,  // waits for the next digest
  digest_sent_today,
  stopped,    // detail: what is stopped
  frozen,     // detail: the freeze's name
  limited,    // detail: the rule, over its limit of people
  clock,      // sending is held because of the clock
  finished,   // the action has a finished status; detail: it
  replanned,  // a new epoch began; detail: the new date
  settled,    // the answers that the rule asks for are in
  rule_removed,
  reassigned,  // detail: the former lead
  dropped,     // the action is no longer in the plan
  no_rule,     // no rule covers the action
  no_anchor,   // the rule applies but its anchor has no date
  exhausted,   // nothing of the case can fire any more
  migrated,    // the case goes on under an edited rule
  failed,      // deciding failed; held for an hour; detail: the error
  muted,       // the recipient wants no digests; detail: since when
  reopened,    // the action is open again: it is not over
  away,        // the recipient is away and nobody stands in; detail: until when
  count_
};

/// A reason with what it speaks of. `detail` is short; most reasons have none.
struct Reason {
  ReasonCode code = ReasonCode::none;
  std::string detail;

  bool operator==(const Reason&) const = default;
};

/// The stable name in stores and JSON: "floor", "superseded".
std::string_view name_of(ReasonCode code);
ReasonCode reason_code(std::string_view name);  // none if unknown
/// For people, short: "superseded by superior", "floor", "lapsed in a pause", "silenced by deadline".
std::string describe(const Reason& reason);

}  // namespace chaser::chase
