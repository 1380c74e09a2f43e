#include <algorithm>

#include "chase/case_look.h"

// The first meeting of a rule and an action: a first start, an import, a new rule. Source: design.md §6, second table.

namespace chaser::chase {

/// When the target's first firing would have gone, nothing having happened yet.
Instant CaseLook::natural_opening(const Target& target) const {
  return case_.rule->schedule(target.recipient).opening_on_or_after(nominal(rule_.steps[target.step], 0));
}

/// The first step at or after the anchor, in order of time; ties in the file's order.
std::optional<std::uint16_t> CaseLook::entry_step() const {
  std::optional<std::uint16_t> first;
  for (std::uint16_t i = 0; i < static_cast<std::uint16_t>(rule_.steps.size()); ++i) {
    const rulebook::Step& step = rule_.steps[i];
    if (!applies(step) || step.at.count < 0) continue;
    if (!first || days_after_anchor(step, 0) < days_after_anchor(rule_.steps[*first], 0)) first = i;
  }
  return first;
}

void CaseLook::meet() {
  bool missed = false;
  each_target([&](const Target& target) { missed = missed || natural_opening(target) < look_.now; });
  if (!missed) return;
  if (const std::string* silencer = silencer_at(look_.now))
    return lapse_all_passed(Reason{ReasonCode::silenced, *silencer});
  if (case_.anchor_day >= today_) return meet_before_anchor();
  if (const auto entry = entry_step()) return meet_after_anchor(*entry);
  lapse_all_passed(Reason{ReasonCode::missed_before_meeting, {}});
}

/// The newest missed step of each recipient is a candidate for the digest; those before it lapse.
void CaseLook::meet_before_anchor() {
  const Reason missed{ReasonCode::missed_before_meeting, {}};
  each_target([&](const Target& target) {
    const Instant opening = natural_opening(target);
    if (opening >= look_.now || next_ordinal(target) > 0) return;
    const CivilDay day = nominal(rule_.steps[target.step], 0);
    bool newest = true;
    each_target([&](const Target& other) {
      if (other.recipient != target.recipient || natural_opening(other) >= look_.now) return;
      const CivilDay its_day = nominal(rule_.steps[other.step], 0);
      newest = newest && (its_day < day || (its_day == day && other.step <= target.step));
    });
    if (!newest) return lapse(target, {}, day, opening, missed);
    Candidate candidate;
    candidate.step = target.step;
    candidate.recipient = target.recipient;
    candidate.relational = target.relational;
    candidate.meeting = true;
    if (target.follower != nullptr) {
      candidate.leads.push_back(target.follower->assignment);
      candidate.led_by = target.follower->assignment;
    }
    candidate.nominal = day;
    candidate.natural = opening;
    candidate.opening = case_.rule->schedule(target.recipient).next_opening(look_.now);
    candidates_.push_back(std::move(candidate));
  });
}

/// The case enters at that step, in a digest; its age begins on the day its item goes. What lies before lapses.
void CaseLook::meet_after_anchor(std::uint16_t entry) {
  each_target([&](const Target& target) {
    if (next_ordinal(target) > 0) return;
    const CivilDay day = nominal(rule_.steps[target.step], 0);
    if (target.step != entry) {
      if (rule_.steps[target.step].at.count < 0) {
        lapse(target, {}, day, natural_opening(target), Reason{ReasonCode::missed_before_meeting, {}});
      }
      return;
    }
    Firing firing;
    firing.step = target.step;
    firing.recipient = target.recipient;
    firing.relational = target.relational;
    if (target.follower != nullptr) firing.leads.push_back(target.follower->assignment);
    firing.deliver = rulebook::Deliver::digest;
    firing.first_meeting = true;
    firing.nominal = day;
    firing.opening = case_.rule->schedule(target.recipient).next_opening(look_.now);
    if (world_.person(target.recipient).is_report) firing.state = NotificationState::recorded;
    add_firing(std::move(firing));
    for (Follower& follower : followers_) {
      follower.entering = follower.entering || target.follower == nullptr || &follower == target.follower;
    }
    case_follower_.entering = case_follower_.entering || target.follower == nullptr;
    has_future_ = true;
  });
}

void CaseLook::lapse_all_passed(const Reason& reason) {
  each_target([&](const Target& target) {
    const rulebook::Step& step = rule_.steps[target.step];
    for (std::int32_t ordinal = next_ordinal(target); step.times() == 0 || ordinal < step.times(); ++ordinal) {
      const CivilDay day = nominal(step, ordinal);
      const Instant opening = case_.rule->schedule(target.recipient).opening_on_or_after(day);
      if (opening >= look_.now) return;
      lapse(target, Occurrence{ordinal, false}, day, opening, reason);
    }
  });
}

}  // namespace chaser::chase
