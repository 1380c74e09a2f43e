#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "chase/state.h"

namespace chaser::chase {

/// Index of a case in ActionState::cases; new ones (Verdict::opened) follow after those in order.
using CaseIndex = std::uint32_t;

struct CaseEnd {
  CaseIndex index = 0;
  CaseStatus status = CaseStatus::closed;  // or exhausted
  Reason reason;
};
struct NewFiring {
  CaseIndex index = 0;
  Firing firing;
};
/// A notification decided earlier changes: a pending first meeting is overtaken, or what is not true any more is
/// withdrawn.
struct FiringChange {
  CaseIndex index = 0;
  std::uint32_t firing = 0;
  NotificationState state = NotificationState::withdrawn;
  Reason reason;
};
struct PauseSettled {
  CaseIndex index = 0;
  std::uint32_t pause = 0;
};
struct NewEntry {
  CaseIndex index = 0;
  Entry entry;
};
/// The decision to stay silent. The latest per case, assignment and step is kept.
struct Hold {
  CaseIndex index = 0;     // no_case: the action as a whole
  std::uint16_t step = 0;  // no_step: the whole case
  Occurrence occurrence;
  PartyIndex recipient = no_party;
  AssignmentIndex assignment = no_assignment;
  Reason reason;
  std::optional<Instant> until;
};
inline constexpr CaseIndex no_case = 0xffffffff;
inline constexpr std::uint16_t no_step = 0xffff;

/// What deciding about one action gave. apply() and the store's commit_pass make it so.
struct Verdict {
  std::vector<CaseEnd> ended;      // before `opened`
  std::vector<CaseState> opened;   // without firings
  std::vector<NewFiring> firings;  // those of a built-in `exhausted` item have step == no_step: see exhausted_items
  std::vector<FiringChange> changes;
  std::vector<PauseSettled> settled;
  std::vector<NewEntry> entries;
  std::vector<Hold> holds;
  /// The item of the built-in rule `exhausted` for a case of this action: one for the coordinator's next digest.
  struct ExhaustedItem {
    CaseIndex index = 0;
    PartyIndex recipient = no_party;
    CivilDay nominal;
    Instant opening;
  };
  std::vector<ExhaustedItem> exhausted_items;
  /// When to look again if nothing happens before; none: only an event can change anything.
  std::optional<Instant> next_look;
  /// Something waits until what is on its way is delivered: then, too, to be looked at again.
  bool looks_when_delivered = false;

  void clear();
};

/// One look.
struct Look {
  Instant now;
  /// Since when the service has been up: openings before it were missed (Firing::late).
  Instant up_since;
};

/// Decides about one action at `look.now`, over (state.watermark, now]. Pure and deterministic: the same inputs give
/// the same verdict; deciding twice at one instant adds nothing. Reuses `verdict`'s memory. Source: design.md §5 and
/// §6.
void decide(const ActionState& state, const World& world, const Look& look, Verdict& verdict);
Verdict decide(const ActionState& state, const World& world, const Look& look);

/// Makes the verdict so in memory. The store's commit_pass followed by loading gives the same state.
void apply(const Verdict& verdict, Instant now, ActionState& state);

/// A notification was accepted by a channel at `now` (the recipient's day is `day`): it reached them, it moves the
/// floor if it was direct, and a first meeting at or after the anchor enters its case. What the store does at composing
/// and finishing. `reader` is who read it, if another stood in: the floor is theirs too.
void deliver(ActionState& state, std::size_t case_index, std::size_t firing, Instant now, CivilDay day,
             PartyIndex reader = no_party);

/// The facts a condition sees, into `facts` that are new. What no condition of the rulebook asks for and takes working
/// out is left out.
void collect_facts(const ActionState& state, const World& world, Instant now, rulebook::Facts& facts);

/// The anchor instances of a rule for an action, with their days ({"due", day}; a milestone each; none without a date).
struct AnchorInstance {
  std::string name;
  CivilDay day;
};
CivilDay last_update_day(const ActionState& state);
/// The last review, else the first import, plus the cadence: the supplement's, else `recurrence`, else so many months.
CivilDay next_review_day(const ActionState& state, int cadence_months, const std::string& recurrence = {});
CivilDay first_seen_day(const ActionState& state);
/// The open request that an instance of `asked` chases ("asked:3"); nullptr if it is none, or decided.
const Request* request_of(const ActionState& state, std::string_view anchor);
void anchor_instances(const ActionState& state, const CompiledRule& rule, CivilDay today,
                      std::vector<AnchorInstance>& instances);
/// The day from which the next cut-off counts for a rule: that of the rule's first step before it.
std::optional<CivilDay> next_cutoff_begins(const ActionState& state, const CompiledRule& rule, CivilDay today);

}  // namespace chaser::chase
