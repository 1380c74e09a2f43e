#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chase/reason.h"
#include "chase/world.h"
#include "plan/plan.h"

namespace chaser::chase {

/// Which firing of a step: 0; repeats 1, 2 ...; r1, r2 ... after a pause. An ordinal, never a date.
struct Occurrence {
  std::int32_t ordinal = 0;
  bool refired = false;
  bool operator==(const Occurrence&) const = default;
};
std::string to_string(Occurrence occurrence);  // "0", "2", "r1"
std::optional<Occurrence> parse_occurrence(std::string_view text);

/// Where a notification is in its life. It is born pending, recorded, superseded or lapsed.
enum class NotificationState : std::uint8_t {
  pending,      // decided, waits to be composed
  composed,     // in a message of the outbox
  delivered,    // accepted by a channel
  unreachable,  // every channel refused for good: counts as told, for climbing
  recorded,     // entered in a report
  superseded,
  lapsed,
  withdrawn,
};
std::string_view name_of(NotificationState state);
std::optional<NotificationState> notification_state(std::string_view name);

/// What a person can do about an action: the rows of design.md §6's first table, and the words of those whom they ask.
enum class ResponseKind : std::uint8_t {
  acknowledge,
  update,
  snooze,
  blocked,
  done,
  delegate,   // asks `to` to take it over
  not_mine,   // asks the coordinator for another owner
  extension,  // asks the approver for a later date
  cancelled,
  superseded,  // by another action
  merged,      // into another action
  split,       // into other actions
  reopen,
  approve,  // the word that an extension, a done ... waits for
  refuse,
  accept,  // the word that a delegation waits for
  decline,
};
std::string_view name_of(ResponseKind kind);
std::optional<ResponseKind> response_kind(std::string_view name);
static_assert(static_cast<int>(ResponseKind::decline) == 16, "plan::answer_names() has them in this order");

/// Identifies an assignment in an ActionState; none for what belongs to the case as a whole.
using AssignmentIndex = std::uint16_t;
inline constexpr AssignmentIndex no_assignment = 0xffff;

/// Action x party x role, as of now.
struct AssignmentState {
  PartyIndex party = no_party;
  plan::Role role = plan::Role::lead;
  std::string token;               // verbatim
  Instant since;                   // first import with that owner
  PartyIndex delegate = no_party;  // who has accepted it from the party; none: the party itself holds it
  std::optional<Instant> delegated = std::nullopt;  // when a delegation was last asked for, accepted or given back
  std::optional<Instant> done = std::nullopt;  // when it said so itself, and nobody's approval was missing any more
  /// Since when it is theirs in the place of another, whose age and level it goes on with: what reached that one
  /// counts.
  std::optional<Instant> inherited = std::nullopt;

  /// Who is accountable, is asked and answers.
  PartyIndex holder() const { return delegate == no_party ? party : delegate; }
  bool operator==(const AssignmentState&) const = default;
};

/// An answer of one assignment, as it counts in one case. In force from `from` to 00:00 of `last` in the plan's zone;
/// without `last`, until the case closes or it is cut. An answer that pauses nothing (over its limit) has last == the
/// day of `from`. One that is cut (what it asked for was refused) ends at that instant; `last` is then that day.
struct Pause {
  AssignmentIndex assignment = 0;
  ResponseKind kind = ResponseKind::acknowledge;
  Instant from;
  std::optional<CivilDay> last;
  bool settled = false;  // its end has been dealt with (re-fired or not)
  std::optional<Instant> cut = std::nullopt;
  bool inherited = false;  // of whoever led before: it counts in the age, not against the limits
  bool operator==(const Pause&) const = default;
};

/// A notification of the case, as far as deciding needs it.
struct Firing {
  std::uint16_t step = 0;  // index in the rule
  Occurrence occurrence;
  PartyIndex recipient = no_party;
  bool relational = false;  // to a superior or deputy: then `leads` is part of the key
  std::vector<AssignmentIndex>
      leads;  // the assignments it is to (self) or about, ascending; {} for the case as a whole
  NotificationState state = NotificationState::pending;
  rulebook::Deliver deliver = rulebook::Deliver::direct;
  bool first_meeting = false;
  bool late = false;  // its opening passed while the service was down
  CivilDay nominal;
  Instant opening;                 // when it goes at the earliest; sends are at or after it
  std::optional<Instant> sent_at;  // accepted by the first channel
  Reason reason;                   // of superseded, lapsed, withdrawn
  /// Since when something has waited for this recipient: the opening of the first of those that it overtook while they
  /// waited, one by the other. None: it overtook none.
  std::optional<Instant> waits_since = std::nullopt;
  PartyIndex read_by = no_party;  // who stood in, the recipient being away when it went
  bool operator==(const Firing&) const = default;
};

/// Where a first meeting entered: that day counts as that step's own day for the age of that assignment.
struct Entry {
  AssignmentIndex assignment = no_assignment;
  std::uint16_t step = 0;
  CivilDay day;
  bool operator==(const Entry&) const = default;
};

enum class Beginning : std::uint8_t {
  first_meeting,  // of the rule and the action
  later,          // a new epoch with a later date: steps already past lapse
  earlier,        // a new epoch with an earlier date: steps now past collapse
  reopened,       // the action was finished and is open again: as `later`
  migrated,       // goes on under an edited rule: steps already past lapse, what was told stays told
};
enum class CaseStatus : std::uint8_t { open, exhausted, closed };
std::string_view name_of(Beginning beginning);
std::string_view name_of(CaseStatus status);
std::optional<Beginning> beginning(std::string_view name);
std::optional<CaseStatus> case_status(std::string_view name);

/// One running chase: rule x action x anchor instance x epoch.
struct CaseState {
  const CompiledRule* rule = nullptr;  // the pinned version
  std::string anchor;                  // "due", "milestone:ID", "cutoff:DATE", "last_update" ...
  std::int32_t epoch = 1;
  CivilDay anchor_day;
  Instant began;
  Beginning beginning = Beginning::first_meeting;
  CaseStatus status = CaseStatus::open;
  Reason closed_by;
  std::optional<Instant> closed_at;  // or exhausted at
  std::vector<Pause> pauses;         // in order of `from`
  std::vector<Entry> entries;
  std::vector<Firing> firings;  // in order of being decided
  bool operator==(const CaseState&) const = default;
};

/// The last direct message of a rule about the action to a recipient: what the floor is measured from, over all epochs.
struct LastDirect {
  std::string rule;
  PartyIndex recipient = no_party;
  Instant at;
  bool operator==(const LastDirect&) const = default;
};

/// What an action became, or came from: "superseded by 5.4", "split into 5.3a".
struct Lineage {
  ResponseKind how = ResponseKind::superseded;  // superseded, merged, split
  std::string action;                           // of the same plan
  bool operator==(const Lineage&) const = default;
};

/// A response that waits for somebody's word: an extension, a done that needs approval, a delegation, a "not mine".
/// ActionState has the open ones; the store keeps all.
struct Request {
  std::int32_t number = 0;  // 1, 2 ... of the action, for ever
  ResponseKind kind = ResponseKind::extension;
  std::vector<AssignmentIndex> assignments;  // for which it was asked, ascending
  PartyIndex by = no_party;                  // who asked
  PartyIndex decider = no_party;             // whose word it waits for
  Instant asked;
  std::optional<CivilDay> due;      // of an extension: the date asked for
  std::string status;               // what the action becomes if approved; "" if its status stays
  std::vector<std::string> others;  // of superseded, merged, split: the other actions
  std::string note;
  std::string evidence;
  bool operator==(const Request&) const = default;
};
/// How a request ended. Withdrawn: overtaken by a later answer, or its owner is one no more.
enum class RequestEnd : std::uint8_t { approved, refused, withdrawn };
std::string_view name_of(RequestEnd end);
std::optional<RequestEnd> request_end(std::string_view name);

/// The latest accepted response of one kind by one party: what a late or repeated one is told.
struct Answered {
  PartyIndex party = no_party;
  ResponseKind kind = ResponseKind::update;
  Instant at;
  std::string means;
  bool operator==(const Answered&) const = default;
};

/// One action waits for another of its plan, since a lead of it said so.
struct Blocking {
  std::string action;  // the other one: that waits for this one, or for which this one waits
  Instant since;
  CivilDay until;  // to 00:00 of that day, in the plan's zone
  bool operator==(const Blocking&) const = default;
};

/// What is known of an action beside its cases. Texts are the plan's; instants are when Chaser learnt it.
struct ActionFacts {
  std::string id;
  std::string section;
  std::string title;
  std::string text;
  std::int32_t position = 0;  // row order in the plan
  plan::Timescale timescale;  // the current dates
  std::string status = "not_started";
  std::vector<std::string> owners;  // tokens, verbatim
  bool unowned = false;             // no owner, or one that the directory does not know, or a vacant one
  std::vector<std::string> tags;
  std::vector<plan::Milestone> milestones;
  std::optional<int> cadence_months;  // the supplement's ...
  std::string recurrence;             // ... or "" (plan/cadence.h)
  std::optional<CivilDay> first_due;  // never overwritten
  int slips = 0;
  Instant imported;
  std::optional<Instant> updated;    // last substantive update or applied re-dating
  std::optional<Instant> reviewed;   // last review of an ongoing action
  std::string last_note;             // the words of the last update, "" if none
  bool dropped = false;              // no longer in the plan
  std::optional<int> percent;        // 0..100, as last said
  std::optional<CivilDay> extended;  // the date an approved extension gave it; it stands in timescale.due too
  std::optional<Instant> reopened;   // answers of before count no more
  std::vector<Lineage> lineage;
  std::int32_t last_request = 0;         // the number of the last request, open or not
  int reviews = 0;                       // how many reviews were answered
  std::optional<Instant> noted;          // when last_note was said
  Rag claimed = Rag::none;               // as its lead last said
  std::vector<std::string> blocked_by;   // the supplement's: "plan/action"
  std::optional<plan::Measure> measure;  // with all readings, the supplement's and those that came in answers
  bool operator==(const ActionFacts&) const = default;
};

/// What is to be known of an action for which this one waits.
struct Blocker {
  std::string action;  // "plan/action"
  bool known = false;  // there is such an action, and it is still in its plan
  bool finished = false;
  std::optional<CivilDay> due;
  bool operator==(const Blocker&) const = default;
};

/// All that decide() reads of one action. Cases: the latest epoch of each rule and anchor instance, closed ones too.
struct ActionState {
  const PlanContext* plan = nullptr;
  ActionFacts facts;
  std::vector<AssignmentState> assignments;  // in the cell's order; the first lead is first for lead_first
  std::vector<PartyIndex> former;            // who led it before and does so no more
  std::vector<CaseState> cases;
  std::vector<LastDirect> last_direct;
  std::vector<Request> requests;        // open ones, by number
  std::vector<Answered> answered;       // in order of `at`
  std::vector<Blocking> blocked_by;     // for which it waits, by action
  std::vector<Blocking> blocks;         // that wait for it, by action
  std::vector<Blocker> blockers;        // by their names
  std::vector<std::string> dependents;  // open actions that wait for this one: "plan/action", sorted
  /// How far it has been decided; none: never.
  std::optional<Instant> watermark;
};

/// The parts of a notification's key; the same parts give the same key for ever. Source: design.md §7.
struct NotificationIdentity {
  std::string plan;
  std::string action;
  std::string rule;
  std::string anchor;
  std::int32_t epoch = 1;
  std::string step;
  Occurrence occurrence;
  std::string recipient;
  std::vector<std::string> about;  // party ids of the leads, sorted; {} unless to a superior or deputy
};
/// SHA-256 over the length-prefixed parts, 64 hex digits.
std::string key_of(const NotificationIdentity& identity);
NotificationIdentity identity_of(const ActionState& state, const CaseState& chase_case, const Firing& firing,
                                 const World& world);

}  // namespace chaser::chase
