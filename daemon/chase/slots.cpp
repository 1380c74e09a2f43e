#include <algorithm>

#include "chase/case_look.h"

namespace chaser::chase {
namespace {

/// A long downtime passes over this many repeats of one step at most in one look; the rest follow in the next.
constexpr std::int32_t slots_per_look_max = 500;

bool contains(const std::vector<AssignmentIndex>& leads, AssignmentIndex lead) {
  return std::find(leads.begin(), leads.end(), lead) != leads.end();
}

}  // namespace

bool CaseLook::applies(const rulebook::Step& step) const {
  return step.is_for(state_.facts.timescale.precision);
}

bool CaseLook::is_after_anchor(const rulebook::Step& step, std::int32_t ordinal) const {
  return step.at.count > 0 || (step.at.count == 0 && ordinal > 0);
}

/// The step's day by the rule's calendar alone.
CivilDay CaseLook::nominal(const rulebook::Step& step, std::int32_t ordinal) const {
  if (ordinal == 0) return rulebook::nominal_day(step.at, case_.anchor_day, calendar_);
  const rulebook::Offset& every = step.repeat->every;
  if (every.unit == step.at.unit) {
    return rulebook::nominal_day({step.at.count + every.count * ordinal, every.unit}, case_.anchor_day, calendar_);
  }
  const CivilDay first = rulebook::apply(step.at, case_.anchor_day, calendar_);
  return calendar_.on_or_after(rulebook::apply({every.count * ordinal, every.unit}, first, calendar_));
}

/// Effective age at which the step fires: working days after the anchor.
int CaseLook::days_after_anchor(const rulebook::Step& step, std::int32_t ordinal) const {
  if (!is_after_anchor(step, ordinal)) return 0;
  if (step.at.unit == rulebook::OffsetUnit::working_days && ordinal == 0) return step.at.count;
  return calendar_.working_days_after(case_.anchor_day, nominal(step, ordinal));
}

/// The day on which the follower's effective age reaches the step. Steps at or before the anchor never move.
CivilDay CaseLook::day_for(const Follower& follower, const rulebook::Step& step, std::int32_t ordinal) const {
  if (!is_after_anchor(step, ordinal)) return nominal(step, ordinal);
  const bool entered = follower.base != case_.anchor_day || follower.base_count != 0;
  if (!entered && case_.pauses.empty()) return nominal(step, ordinal);
  const int age = days_after_anchor(step, ordinal) - follower.base_count;
  CivilDay day = calendar_.add_working_days(follower.base, age);
  const CivilDay from = std::max(follower.base, case_.anchor_day);
  while (true) {
    const CivilDay moved = calendar_.add_working_days(follower.base, age + paused_days(follower, from, day));
    if (moved == day) return day;
    day = moved;
  }
}

std::int32_t CaseLook::next_ordinal(const Target& target) const {
  std::int32_t next = 0;
  each_firing([&](const Firing& firing) {
    const bool same = firing.step == target.step && firing.recipient == target.recipient &&
                      firing.relational == target.relational && !firing.occurrence.refired &&
                      (!target.relational || contains(firing.leads, target.follower->assignment));
    if (same) next = std::max(next, firing.occurrence.ordinal + 1);
    return false;
  });
  return next;
}

/// Whether the first meeting already made this slot a candidate.
bool CaseLook::is_met(const Target& target, std::int32_t ordinal) const {
  if (ordinal != 0) return false;
  return std::any_of(candidates_.begin(), candidates_.end(), [&](const Candidate& candidate) {
    return candidate.meeting && candidate.step == target.step && candidate.recipient == target.recipient &&
           candidate.relational == target.relational &&
           (target.follower == nullptr || candidate.led_by == target.follower->assignment);
  });
}

void CaseLook::visit_slots(const Target& target) {
  const rulebook::Step& step = rule_.steps[target.step];
  const int times = step.times();
  const std::int32_t first = next_ordinal(target);
  for (std::int32_t ordinal = first; times == 0 || ordinal < times; ++ordinal) {
    const Follower* led_by = target.follower;
    CivilDay day;
    if (led_by == nullptr && !has_leads()) led_by = &case_follower_;
    if (led_by != nullptr) {
      if (led_by->done && is_after_anchor(step, ordinal)) return;
      if (led_by->entering) return;
      day = day_for(*led_by, step, ordinal);
    } else if (!is_after_anchor(step, ordinal)) {
      day = nominal(step, ordinal);
    } else {
      led_by = least_paused(target.step, ordinal, day);
      if (led_by == nullptr) {
        has_future_ = has_future_ || does_any_lead_return();
        return;
      }
    }
    const Instant opening = case_.rule->schedule(target.recipient).opening_on_or_after(day);
    if (opening > look_.now) return look_again(opening);
    if (world_.person(target.recipient).is_report) {
      // Nothing waits to be composed for a report: what came due while the service was down waits here for its window.
      const Instant open = case_.rule->schedule(target.recipient).next_opening(look_.now);
      if (open > look_.now) return look_again(open);
    }
    if (is_met(target, ordinal)) continue;
    if (ordinal - first >= slots_per_look_max) return look_again(look_.now);
    if (!settle_passed(target, ordinal, day, opening, led_by)) return;
  }
}

/// Deals with a slot whose opening has come. False if it waits, and with it the later ones.
bool CaseLook::settle_passed(const Target& target, std::int32_t ordinal, CivilDay day, Instant opening,
                             const Follower* led_by) {
  const Occurrence occurrence{ordinal, false};
  if (auto reason = lapse_reason(target, opening)) {
    lapse(target, occurrence, day, opening, *std::move(reason));
    return true;
  }
  if (!is_after_anchor(rule_.steps[target.step], ordinal) && lapses_in_pause(target, opening)) {
    lapse(target, occurrence, day, opening, Reason{ReasonCode::lapsed_in_pause, {}});
    return true;
  }
  if (target.follower != nullptr && !target.follower->is_silent()) {
    has_future_ = has_future_ || !target.follower->done;
    hold(target.step, occurrence, target.recipient, target.follower->assignment,
         Reason{target.follower->done ? ReasonCode::answered : ReasonCode::waits_for_pause, {}},
         target.follower->pause_end == absl::InfiniteFuture() ? std::nullopt
                                                              : std::optional(target.follower->pause_end));
    return false;
  }
  if (target.follower == nullptr && has_leads() && !is_any_lead_silent()) {
    has_future_ = has_future_ || does_any_lead_return();
    hold(target.step, occurrence, target.recipient, no_assignment, Reason{ReasonCode::all_answered, {}}, std::nullopt);
    return false;
  }
  Candidate candidate;
  candidate.step = target.step;
  candidate.occurrence = occurrence;
  candidate.recipient = target.recipient;
  candidate.relational = target.relational;
  if (target.follower != nullptr) candidate.leads.push_back(target.follower->assignment);
  if (led_by != nullptr) candidate.led_by = led_by->assignment;
  candidate.nominal = day;
  candidate.natural = opening;
  candidate.opening = opening;
  if (case_.beginning == Beginning::earlier && opening < case_.began) {
    candidate.opening = case_.rule->schedule(target.recipient).next_opening(case_.began);
  }
  if (candidate.opening > look_.now) {
    look_again(candidate.opening);
    return false;
  }
  candidates_.push_back(std::move(candidate));
  return true;
}

std::optional<Reason> CaseLook::lapse_reason(const Target& target, Instant opening) const {
  const bool begins_anew = case_.beginning == Beginning::later || case_.beginning == Beginning::reopened ||
                           case_.beginning == Beginning::migrated;
  if (begins_anew && opening < case_.began) return Reason{ReasonCode::past_at_beginning, {}};
  // What is above the leads and has not gone yet is as due about whoever goes on in a lead's place.
  const bool goes_on = target.follower != nullptr && target.follower->inherited && target.relational;
  if (target.follower != nullptr && !goes_on && target.follower->since > case_.began &&
      opening < target.follower->since) {
    return Reason{ReasonCode::past_at_beginning, {}};
  }
  if (const std::string* silencer = silencer_at(opening)) return Reason{ReasonCode::silenced, *silencer};
  if (dormant_) return Reason{ReasonCode::dormant, rule_.when.false_part(facts_)};
  return std::nullopt;
}

/// Whether a pause was in force at the opening: of the lead that is followed, or of every lead.
bool CaseLook::lapses_in_pause(const Target& target, Instant opening) const {
  if (case_.pauses.empty()) return false;
  if (target.follower != nullptr) return is_paused_at(*target.follower, opening);
  return has_leads() && std::all_of(followers_.begin(), followers_.end(), [&](const Follower& follower) {
           return follower.role != plan::Role::lead || is_paused_at(follower, opening);
         });
}

Instant CaseLook::first_fired(CaseIndex index, const CaseState& other) const {
  Instant first = absl::InfiniteFuture();
  const auto take = [&](const Firing& firing) {
    if (firing.state != NotificationState::lapsed && firing.state != NotificationState::withdrawn) {
      first = std::min(first, firing.opening);
    }
  };
  for (const Firing& firing : other.firings) take(firing);
  for (const NewFiring& fired : verdict_.firings) {
    if (fired.index == index) take(fired.firing);
  }
  return first;
}

/// The rule that silenced this one for the action at that instant, if any.
const std::string* CaseLook::silencer_at(Instant at) const {
  for (const std::string& name : case_.rule->silenced_by) {
    const auto silences = [&](CaseIndex index, const CaseState& other) {
      if (other.rule->rule->name != name) return false;
      Instant end = absl::InfiniteFuture();
      if (other.status != CaseStatus::open && other.closed_at) end = *other.closed_at;
      for (const CaseEnd& ended : verdict_.ended) {
        if (ended.index == index) end = std::min(end, look_.now);
      }
      return first_fired(index, other) <= at && at < end;
    };
    for (CaseIndex i = 0; i < state_.cases.size(); ++i) {
      if (silences(i, state_.cases[i])) return &name;
    }
    for (std::size_t i = 0; i < verdict_.opened.size(); ++i) {
      if (silences(static_cast<CaseIndex>(state_.cases.size() + i), verdict_.opened[i])) return &name;
    }
  }
  return nullptr;
}

}  // namespace chaser::chase
