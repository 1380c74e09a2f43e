#include "chase/case_look.h"

#include <algorithm>
#include <utility>

namespace chaser::chase {

CaseLook::CaseLook(const ActionState& state, const World& world, const Look& look, CaseIndex index,
                   const CaseState& chase_case, const rulebook::Facts& facts, Verdict& verdict)
    : state_(state),
      world_(world),
      look_(look),
      index_(index),
      case_(chase_case),
      facts_(facts),
      verdict_(verdict),
      rule_(*chase_case.rule->rule),
      calendar_(*chase_case.rule->calendar),
      days_(*state.plan->days),
      today_(state.plan->days->day_of(look.now)),
      first_new_(verdict.firings.size()) {}

void CaseLook::run() {
  const rulebook::Truth truth = rule_.when.evaluate(facts_);
  const bool has_paused_status = world_.workflow().is_paused(state_.facts.status);
  dormant_ = !truth.value || truth.problem != nullptr || has_paused_status;
  find_followers();
  withdraw_untrue();
  const bool is_first_look = index_ >= state_.cases.size() && case_.beginning == Beginning::first_meeting;
  if (is_first_look) meet();
  end_pauses();
  each_target([this](const Target& target) { visit_slots(target); });
  if (!candidates_.empty()) select();
  if (dormant_) {
    const Reason reason = has_paused_status
                              ? Reason{ReasonCode::stopped, "the status " + state_.facts.status + " pauses it"}
                              : Reason{ReasonCode::dormant, rule_.when.false_part(facts_)};
    hold(no_step, {}, no_party, no_assignment, reason, std::nullopt);
  }
  for (const Follower& follower : followers_) {
    if (!follower.paused || follower.done) continue;
    const bool is_open = follower.pause_end == absl::InfiniteFuture();
    hold(no_step, {}, follower.party, follower.assignment, Reason{ReasonCode::waits_for_pause, {}},
         is_open ? std::nullopt : std::optional(follower.pause_end));
  }
  exhaust();
}

void CaseLook::lapse(const Target& target, Occurrence occurrence, CivilDay day, Instant opening, Reason reason) {
  Firing firing;
  firing.step = target.step;
  firing.occurrence = occurrence;
  firing.recipient = target.recipient;
  firing.relational = target.relational;
  if (target.follower != nullptr) firing.leads.push_back(target.follower->assignment);
  firing.state = NotificationState::lapsed;
  firing.deliver = rule_.steps[target.step].deliver;
  firing.nominal = day;
  firing.opening = opening;
  firing.reason = std::move(reason);
  add_firing(std::move(firing));
}

void CaseLook::add_firing(Firing firing) {
  verdict_.firings.push_back({index_, std::move(firing)});
}

void CaseLook::hold(std::uint16_t step, Occurrence occurrence, PartyIndex recipient, AssignmentIndex assignment,
                    Reason reason, std::optional<Instant> until) {
  verdict_.holds.push_back({index_, step, occurrence, recipient, assignment, std::move(reason), until});
}

/// Something may happen at `at`; the case goes on until then.
void CaseLook::look_again(Instant at) {
  has_future_ = true;
  if (!verdict_.next_look || at < *verdict_.next_look) verdict_.next_look = at;
}

}  // namespace chaser::chase
