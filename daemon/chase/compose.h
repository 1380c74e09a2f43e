#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chase/absence.h"
#include "chase/state.h"

namespace chaser::chase {

/// One pending notification as composing sees it. `id` is the caller's: the store's row, or a forecast's index.
struct PendingItem {
  std::int64_t id = 0;
  const PlanContext* plan = nullptr;
  std::string action;
  std::int32_t position = 0;  // the action's row
  std::string rule;           // "exhausted" or "limit" for the built-in rules
  std::size_t rule_order = 0;
  std::string step;  // for the built-in rules the name of the rule that they speak of
  std::uint16_t step_index = 0;
  std::uint16_t audience_width = 1;  // entries of the step's audience
  Occurrence occurrence;
  rulebook::Deliver deliver = rulebook::Deliver::direct;
  std::vector<std::string> via;  // resolved: channels that the recipient has
  bool first_meeting = false;
  bool late = false;
  CivilDay nominal;
  CivilDay anchor_day;
  Instant opening;
  PartyIndex recipient = no_party;  // for whom it is; another than the one it is composed for: who is away
  std::optional<Away> away;         // the recipient's absence, if any
  Instant waits_since;              // its opening, or that of the first which it overtook while that waited
  /// Of one that somebody else reads: when that reader last had a direct message of this rule about the action.
  std::optional<Instant> reader_had = std::nullopt;
  bool keeps_floor = false;  // a direct step after the anchor
};

/// The channels of `via` that the recipient has; if it has none of them, whichever it has; {} if it has none at all.
std::vector<std::string> resolve_channels(const std::vector<std::string>& via, const Person& recipient);
/// A notification of a case as composing sees it; `reader` is who it is composed for, the recipient itself or who
/// stands in.
PendingItem pending_item(const ActionState& state, const CaseState& chase_case, const Firing& firing,
                         const World& world, PartyIndex reader = no_party);
/// Working days between direct messages per rule, action and recipient. Source: design.md §6, Composing.
inline constexpr int floor_days = 5;
/// Whether a firing waits for the floor: a direct one after the anchor.
bool keeps_floor(const rulebook::Step& step, Occurrence occurrence, bool is_first_meeting);
/// The item of the built-in rule `exhausted` for a case.
PendingItem exhausted_item(const ActionState& state, const CaseState& chase_case, PartyIndex recipient,
                           CivilDay nominal, Instant opening, const World& world);

enum class MessageKind : std::uint8_t { direct, digest, catch_up };
std::string_view name_of(MessageKind kind);

/// The item of the built-in rule `limit`: the rule of `held` would write to more people than may be on that day.
PendingItem limit_item(const PendingItem& held, PartyIndex recipient, Instant opening, const World& world);
/// One for each plan, rule, nominal date and recipient, whichever action it is told at: so it is told once for ever.
NotificationIdentity limit_identity(const PendingItem& held, const Person& recipient);

/// One message to be: its items in the order they are told. `carrier` is the item whose step speaks (of a direct
/// message).
struct Draft {
  std::string channel;
  MessageKind kind = MessageKind::direct;
  std::size_t carrier = 0;         // index into items of the call
  std::vector<std::size_t> items;  // indices into the call's pending, in plan and row order
  std::vector<std::size_t>
      carried_by;  // for each of `items`: the index under whose step it rides (itself if on its own)
};

/// What is held at large. All names are plans, rules and party ids.
struct Brakes {
  std::vector<std::string> stopped_plans;
  std::vector<std::string> stopped_rules;
  std::vector<std::string> stopped_parties;
  bool stopped_all = false;
  bool clock_held = false;
  bool freeze_released = false;  // the operator let the current freeze go
  /// Rule and nominal date over the limit of people, unless released.
  struct Over {
    std::string rule;
    CivilDay nominal;
  };
  std::vector<Over> over_limit;
  std::vector<SeemsAway> seem_away;  // by automatic answers
};

/// How many people may get a direct message of one rule for one nominal date: the rulebook's `limit`, else
/// max(50, 3 x contacts). Source: design.md 5.6.
std::size_t people_limit(const World& world);

struct ComposeInput {
  PartyIndex recipient = no_party;
  std::span<const PendingItem> pending;
  /// First-meeting items gone since Monday 00:00 of the recipient, of the week of `now`.
  int first_meetings_this_week = 0;
  std::optional<CivilDay> last_digest;  // the recipient's day of their last digest
  Instant up_since;
};

struct PendingHold {
  std::size_t item = 0;
  Reason reason;
  std::optional<Instant> until;
};

/// Somebody to be told that the limit holds the rule of `item`, as far as it was not told before.
struct LimitNotice {
  std::size_t item = 0;
  PartyIndex recipient = no_party;
  Instant opening;
};

struct Composition {
  std::vector<Draft> messages;
  std::vector<PendingHold> holds;
  std::vector<LimitNotice> notices;
  std::vector<std::size_t> met;  // first-meeting items that go now: their cases enter on `day`
  CivilDay day;                  // the recipient's
  std::optional<Instant> next_compose;
};

/// Groups one recipient's pending notifications into messages at `now`. Pure. Outside the recipient's window nothing
/// goes and next_compose is the next opening. Source: design.md §6, Composing; 5.6.
Composition compose(const ComposeInput& input, const World& world, const Brakes& brakes, Instant now);

/// A message's identity: SHA-256 over its sorted notification keys and the channel, hex.
std::string message_key(std::vector<std::string> notification_keys, std::string_view channel);

}  // namespace chaser::chase
