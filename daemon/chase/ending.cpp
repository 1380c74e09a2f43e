#include <algorithm>

#include "chase/case_look.h"

namespace chaser::chase {

/// Whether it was decided for somebody in whose place another leads now.
bool CaseLook::is_of_former(const Firing& firing) const {
  if (firing.relational || firing.leads.empty()) return false;
  return std::all_of(firing.leads.begin(), firing.leads.end(), [&](AssignmentIndex lead) {
    const AssignmentState& assignment = state_.assignments[lead];
    if (!assignment.inherited || assignment.holder() == no_party) return false;
    const auto& reached = world_.person(assignment.holder()).recipients;
    return std::find(reached.begin(), reached.end(), firing.recipient) == reached.end();
  });
}

/// Where nothing had reached whoever led before, what would have been the first word goes to their heir instead.
void CaseLook::meet_heir(const Firing& firing) {
  bool has_history = false;
  each_firing([&](const Firing& other) {
    has_history = has_history ||
                  ((other.state == NotificationState::delivered || other.state == NotificationState::unreachable) &&
                   !other.relational && other.leads == firing.leads);
    return has_history;
  });
  if (has_history) return;
  for (const AssignmentIndex lead : firing.leads) {
    for (const PartyIndex recipient : world_.person(state_.assignments[lead].holder()).recipients) {
      Firing first = firing;
      first.recipient = recipient;
      first.leads = {lead};
      first.state = NotificationState::pending;
      first.opening = case_.rule->schedule(recipient).next_opening(look_.now);
      first.waits_since.reset();
      add_firing(std::move(first));
      has_future_ = true;
    }
  }
}

/// What was decided but has not gone, and is not true any more, is withdrawn with its reason. Source: design.md §6,
/// Composing.
void CaseLook::withdraw_untrue() {
  for (std::uint32_t i = 0; i < case_.firings.size(); ++i) {
    const Firing& firing = case_.firings[i];
    if (firing.state != NotificationState::pending && firing.state != NotificationState::composed) continue;
    Reason reason;
    if (is_of_former(firing)) {
      const bool is_known = firing.recipient != no_party;
      reason = Reason{ReasonCode::reassigned, is_known ? world_.person(firing.recipient).id : "them"};
      verdict_.changes.push_back({index_, i, NotificationState::withdrawn, reason});
      if (!dormant_) meet_heir(firing);
      continue;
    }
    if (dormant_) {
      reason = Reason{ReasonCode::dormant, rule_.when.false_part(facts_)};
    } else if (has_leads()) {
      bool silent = false;
      bool paused = false;
      for (const Follower& follower : followers_) {
        const bool concerned = firing.leads.empty() ? follower.role == plan::Role::lead
                                                    : std::find(firing.leads.begin(), firing.leads.end(),
                                                                follower.assignment) != firing.leads.end();
        silent = silent || (concerned && follower.is_silent());
        paused = paused || (concerned && follower.paused && !follower.done);
      }
      if (silent) continue;
      reason = Reason{paused ? ReasonCode::lapsed_in_pause : ReasonCode::answered, {}};
    } else {
      continue;
    }
    verdict_.changes.push_back({index_, i, NotificationState::withdrawn, reason});
    // An answer before a first meeting's item went is the meeting: the age begins today.
    if (!firing.first_meeting || rule_.steps[firing.step].at.count < 0 || case_.anchor_day >= today_) continue;
    for (const AssignmentIndex lead : firing.leads) verdict_.entries.push_back({index_, {lead, firing.step, today_}});
    for (Follower& follower : followers_) {
      if (std::find(firing.leads.begin(), firing.leads.end(), follower.assignment) == firing.leads.end()) continue;
      follower.entering = false;
      follower.base = today_;
      follower.base_count = days_after_anchor(rule_.steps[firing.step], 0);
    }
  }
}

CivilDay CaseLook::recipients_day(const Firing& firing) const {
  const Instant sent = std::max(firing.opening, firing.sent_at.value_or(firing.opening));
  // Who has left the directory has no zone any more: the plan's serves.
  if (firing.recipient == no_party) return days_.day_of(sent);
  const Schedule& schedule = case_.rule->schedule(firing.recipient);
  // What came due while the service was down goes at the first opening after.
  const bool goes_late = firing.late && !firing.sent_at;
  return schedule.day_of(goes_late ? schedule.next_opening(std::max(sent, look_.up_since)) : sent);
}

/// Nothing of the case can fire any more: it ends one working day after the recipient's day of its last firing, with an
/// item for the coordinator unless it never fired or ran out in silence. Source: design.md 5.5.
void CaseLook::exhaust() {
  if (has_future_) return;
  std::optional<CivilDay> last;
  Instant ran_out = absl::InfinitePast();  // when the last step that could fire passed
  bool in_silence = false;
  each_firing([&](const Firing& firing) {
    using State = NotificationState;
    if (firing.opening >= ran_out) {
      const ReasonCode code = firing.reason.code;
      const bool silent = code == ReasonCode::silenced || code == ReasonCode::dormant;
      in_silence = silent || (in_silence && firing.opening == ran_out);
      ran_out = firing.opening;
    }
    if (firing.state == State::lapsed || firing.state == State::superseded || firing.state == State::withdrawn)
      return false;
    last = std::max(last.value_or(recipients_day(firing)), recipients_day(firing));
    // What is held back or on its way has not been said yet.
    const bool has_yet_to_go = firing.state == State::pending || firing.state == State::composed;
    if (has_yet_to_go && firing.opening <= look_.now) last = std::max(*last, today_);
    return false;
  });
  const Reason reason{ReasonCode::exhausted, {}};
  if (!last || in_silence) {
    verdict_.ended.push_back({index_, CaseStatus::exhausted, reason});
    return;
  }
  const CivilDay day = calendar_.add_working_days(*last, 1);
  const PartyIndex coordinator = state_.plan->coordinator;
  const bool is_told = coordinator != no_party && !world_.person(coordinator).recipients.empty();
  const Instant opening =
      is_told ? case_.rule->schedule(world_.person(coordinator).recipients.front()).opening_on_or_after(day)
              : state_.plan->schedule->opening_on_or_after(day);
  if (opening > look_.now) return look_again(opening);
  verdict_.ended.push_back({index_, CaseStatus::exhausted, reason});
  if (!is_told) {
    hold(no_step, {}, no_party, no_assignment, Reason{ReasonCode::nobody, "coordinator"}, std::nullopt);
    return;
  }
  for (const PartyIndex recipient : world_.person(coordinator).recipients) {
    verdict_.exhausted_items.push_back({index_, recipient, day, opening});
  }
}

}  // namespace chaser::chase
