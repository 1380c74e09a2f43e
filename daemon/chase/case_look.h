#pragma once

#include <absl/container/inlined_vector.h>

#include <algorithm>
#include <optional>
#include <string>

#include "chase/decide.h"

namespace chaser::chase {

/// One look at one open case: which of its steps go, lapse, wait or are superseded now. Private to decide().
///
/// A *slot* is a firing that may be: step x occurrence x recipient (and, to a superior or deputy, the lead it is
/// about). A slot is final once the case holds a firing for it. Slots whose opening has come become candidates, lapse,
/// or wait; of a recipient's candidates the highest goes and the others are superseded, in the same look.
class CaseLook {
 public:
  CaseLook(const ActionState& state, const World& world, const Look& look, CaseIndex index, const CaseState& chase_case,
           const rulebook::Facts& facts, Verdict& verdict);
  void run();

 private:
  /// An assignment of the action as this case sees it, or the case itself where an action has no lead.
  struct Follower {
    AssignmentIndex assignment = no_assignment;
    PartyIndex party = no_party;
    plan::Role role = plan::Role::lead;
    Instant since = absl::InfinitePast();
    bool inherited = false;  // what reached whoever led before counts as having reached it
    bool done = false;       // answered for good
    bool paused = false;     // a pause is in force
    bool entering = false;   // its first meeting is decided but has not gone: its age has not begun
    Instant pause_end = absl::InfinitePast();
    CivilDay base;       // the day from which its age counts ...
    int base_count = 0;  // ... and how many working days after the anchor that day stands for

    bool is_silent() const { return !done && !paused; }
  };

  /// For whom a step would fire: a recipient, following a lead (or the case's least paused silent one).
  struct Target {
    std::uint16_t step = 0;
    PartyIndex recipient = no_party;
    bool relational = false;
    const Follower* follower = nullptr;  // nullptr: follows the case
  };

  struct Candidate {
    std::uint16_t step = 0;
    Occurrence occurrence;
    PartyIndex recipient = no_party;
    bool relational = false;
    bool meeting = false;
    absl::InlinedVector<AssignmentIndex, 2> leads;  // as in Firing
    AssignmentIndex led_by = no_assignment;         // whose silence it follows
    CivilDay nominal;
    Instant natural;          // the slot's own opening
    Instant opening;          // after what made it wait
    std::int32_t pause = -1;  // the pause whose end re-fires it
    bool dropped = false;
  };
  using Candidates = absl::InlinedVector<Candidate, 4>;

  // who (followers.cpp)
  void find_followers();
  void find_entries();
  Instant end_of(const Pause& pause) const;
  bool in_force(const Pause& pause, Instant at) const;
  bool is_paused_at(const Follower& follower, Instant at) const;
  int paused_days(const Follower& follower, CivilDay from, CivilDay to) const;
  bool is_any_lead_silent() const;
  bool does_any_lead_return() const;
  const Follower* least_paused(std::uint16_t step, std::int32_t ordinal, CivilDay& day) const;
  bool has_leads() const;
  PartyIndex decider() const;
  template <typename Visit>
  void each_target(Visit visit);
  template <typename Visit>
  void each_former(std::uint16_t step, rulebook::Audience::Relation relation, Visit visit);
  template <typename Visit>
  void each_recipient(std::uint16_t step, std::size_t entry, const Follower* follower, Visit visit) const;

  // when (slots.cpp)
  bool applies(const rulebook::Step& step) const;
  bool is_after_anchor(const rulebook::Step& step, std::int32_t ordinal) const;
  CivilDay nominal(const rulebook::Step& step, std::int32_t ordinal) const;
  int days_after_anchor(const rulebook::Step& step, std::int32_t ordinal) const;
  CivilDay day_for(const Follower& follower, const rulebook::Step& step, std::int32_t ordinal) const;
  std::int32_t next_ordinal(const Target& target) const;
  bool is_met(const Target& target, std::int32_t ordinal) const;
  void visit_slots(const Target& target);
  bool settle_passed(const Target& target, std::int32_t ordinal, CivilDay day, Instant opening, const Follower* led_by);
  std::optional<Reason> lapse_reason(const Target& target, Instant opening) const;
  bool lapses_in_pause(const Target& target, Instant opening) const;
  const std::string* silencer_at(Instant at) const;
  Instant first_fired(CaseIndex index, const CaseState& other) const;

  // the first look (meeting.cpp)
  void meet();
  void meet_before_anchor();
  void meet_after_anchor(std::uint16_t entry_step);
  void lapse_all_passed(const Reason& reason);
  std::optional<std::uint16_t> entry_step() const;
  Instant natural_opening(const Target& target) const;

  // after a pause (refire.cpp)
  void end_pauses();
  void refire_after(const Follower& follower, std::uint32_t pause_index);
  bool answered_within(const Follower& follower, std::uint32_t pause_index) const;
  const Firing* last_got(const Follower& follower, const Pause& pause) const;
  bool is_overtaken(const Follower& follower, std::uint16_t step) const;
  Occurrence next_refire(std::uint16_t step, PartyIndex recipient) const;

  // what goes (selection.cpp)
  void gate();
  enum class Gate : std::uint8_t { open, later, closed };
  Gate gate_of(const Candidate& candidate, Instant& from) const;
  bool has_lower_own_step(std::uint16_t step) const;
  Instant first_due_above(const Candidate& candidate) const;
  bool is_lapsed(const Target& target) const;
  void reach_first(const Candidate& candidate);
  void merge();
  void forget_dropped();
  void select();
  bool waits_for_floor(Candidate& candidate);
  std::optional<Instant> last_direct(PartyIndex recipient) const;
  void fire(const Candidate& candidate, std::optional<Instant> waits_since);
  void supersede(const Candidate& candidate, const Candidate& by);
  std::optional<Instant> supersede_pending(const Candidate& by);

  // the end (ending.cpp)
  void withdraw_untrue();
  bool is_of_former(const Firing& firing) const;
  void meet_heir(const Firing& firing);
  void exhaust();

  CivilDay recipients_day(const Firing& firing) const;

  // results
  void lapse(const Target& target, Occurrence occurrence, CivilDay day, Instant opening, Reason reason);
  void add_firing(Firing firing);
  void hold(std::uint16_t step, Occurrence occurrence, PartyIndex recipient, AssignmentIndex assignment, Reason reason,
            std::optional<Instant> until);
  void look_again(Instant at);
  template <typename Visit>
  void each_firing(Visit visit) const;  // of the state and of this look; stops when visit returns true

  const ActionState& state_;
  const World& world_;
  const Look& look_;
  CaseIndex index_;
  const CaseState& case_;
  const rulebook::Facts& facts_;
  Verdict& verdict_;
  const rulebook::Rule& rule_;
  const calendar::WorkingCalendar& calendar_;
  const calendar::ZoneDays& days_;  // of the plan's zone
  CivilDay today_;
  std::size_t first_new_;  // this case's firings of this look begin here in the verdict
  absl::InlinedVector<Follower, 4> followers_;
  Follower case_follower_;
  Candidates candidates_;
  bool dormant_ = false;
  bool has_future_ = false;
};

template <typename Visit>
void CaseLook::each_firing(Visit visit) const {
  for (const Firing& firing : case_.firings) {
    if (visit(firing)) return;
  }
  for (std::size_t i = first_new_; i < verdict_.firings.size(); ++i) {
    if (verdict_.firings[i].index == index_ && visit(verdict_.firings[i].firing)) return;
  }
}

template <typename Visit>
void CaseLook::each_recipient(std::uint16_t step, std::size_t entry, const Follower* follower, Visit visit) const {
  using Who = rulebook::Audience::Who;
  using Relation = rulebook::Audience::Relation;
  const rulebook::Audience& audience = rule_.steps[step].to[entry];
  PartyIndex party = no_party;
  switch (audience.who) {
    case Who::leads:
    case Who::supports:
      party = follower->party;
      break;
    case Who::coordinator:
      party = state_.plan->coordinator;
      break;
    case Who::sponsor:
      party = state_.plan->sponsor;
      break;
    case Who::approver:
      party = decider();
      break;
    case Who::party:
    case Who::report:
      party = case_.rule->named[step][entry];
      break;
    case Who::former:
      break;  // several: see each_target
  }
  if (party != no_party && audience.relation == Relation::superior) party = world_.person(party).superior;
  if (party != no_party && audience.relation == Relation::deputy) party = world_.person(party).deputy;
  if (party == no_party) return;
  const bool relational = follower != nullptr && audience.relation != Relation::self;
  for (const PartyIndex recipient : world_.person(party).recipients) {
    visit(Target{step, recipient, relational, follower});
  }
}

/// Who led the action before, each once.
template <typename Visit>
void CaseLook::each_former(std::uint16_t step, rulebook::Audience::Relation relation, Visit visit) {
  using Relation = rulebook::Audience::Relation;
  absl::InlinedVector<PartyIndex, 4> reached;
  for (const PartyIndex former : state_.former) {
    const Person& person = world_.person(former);
    const PartyIndex party = relation == Relation::superior ? person.superior
                             : relation == Relation::deputy ? person.deputy
                                                            : former;
    if (party == no_party) continue;
    for (const PartyIndex recipient : world_.person(party).recipients) {
      if (std::find(reached.begin(), reached.end(), recipient) != reached.end()) continue;
      reached.push_back(recipient);
      visit(Target{step, recipient, false, nullptr});
    }
  }
}

template <typename Visit>
void CaseLook::each_target(Visit visit) {
  for (std::uint16_t step = 0; step < static_cast<std::uint16_t>(rule_.steps.size()); ++step) {
    if (!applies(rule_.steps[step])) continue;
    for (std::size_t entry = 0; entry < rule_.steps[step].to.size(); ++entry) {
      const rulebook::Audience& audience = rule_.steps[step].to[entry];
      if (audience.who == rulebook::Audience::Who::former) {
        each_former(step, audience.relation, visit);
        continue;
      }
      if (!audience.follows_assignments()) {
        each_recipient(step, entry, nullptr, visit);
        continue;
      }
      const auto role = audience.who == rulebook::Audience::Who::leads ? plan::Role::lead : plan::Role::support;
      for (const Follower& follower : followers_) {
        if (follower.role == role) each_recipient(step, entry, &follower, visit);
      }
    }
  }
}

}  // namespace chaser::chase
