#include <algorithm>

#include "chase/case_look.h"

namespace chaser::chase {

Instant CaseLook::end_of(const Pause& pause) const {
  if (!pause.last) return absl::InfiniteFuture();
  return days_.midnight(*pause.last);
}

bool CaseLook::in_force(const Pause& pause, Instant at) const {
  return pause.from <= at && at < end_of(pause);
}

bool CaseLook::is_paused_at(const Follower& follower, Instant at) const {
  return std::any_of(case_.pauses.begin(), case_.pauses.end(), [&](const Pause& pause) {
    return pause.assignment == follower.assignment && in_force(pause, at);
  });
}

void CaseLook::find_followers() {
  case_follower_.base = case_.anchor_day;
  for (std::size_t i = 0; i < state_.assignments.size(); ++i) {
    const AssignmentState& assignment = state_.assignments[i];
    Follower follower;
    follower.assignment = static_cast<AssignmentIndex>(i);
    follower.party = assignment.party;
    follower.role = assignment.role;
    follower.since = assignment.since;
    follower.base = case_.anchor_day;
    for (const Pause& pause : case_.pauses) {
      if (pause.assignment != follower.assignment || !in_force(pause, look_.now)) continue;
      (pause.last ? follower.paused : follower.done) = true;
      follower.pause_end = std::max(follower.pause_end, end_of(pause));
    }
    followers_.push_back(follower);
  }
  const auto enter = [&](Follower& follower, const Entry& entry) {
    follower.base = entry.day;
    follower.base_count = days_after_anchor(rule_.steps[entry.step], 0);
  };
  for (const Entry& entry : case_.entries) {
    for (Follower& follower : followers_) {
      if (entry.assignment == follower.assignment || entry.assignment == no_assignment) enter(follower, entry);
    }
    if (entry.assignment == no_assignment) enter(case_follower_, entry);
  }
  if (case_.anchor_day >= today_) return;
  for (const Firing& firing : case_.firings) {
    if (!firing.first_meeting || firing.state != NotificationState::pending) continue;
    if (rule_.steps[firing.step].at.count < 0) continue;
    for (Follower& follower : followers_) {
      if (firing.leads.empty() ||
          std::find(firing.leads.begin(), firing.leads.end(), follower.assignment) != firing.leads.end()) {
        follower.entering = true;
      }
    }
    if (firing.leads.empty()) case_follower_.entering = true;
  }
}

bool CaseLook::has_leads() const {
  return std::any_of(followers_.begin(), followers_.end(),
                     [](const Follower& follower) { return follower.role == plan::Role::lead; });
}

bool CaseLook::is_any_lead_silent() const {
  return std::any_of(followers_.begin(), followers_.end(), [](const Follower& follower) {
    return follower.role == plan::Role::lead && follower.is_silent();
  });
}

/// Whoever is only paused will be silent again; the ends of pauses are looked at of themselves.
bool CaseLook::does_any_lead_return() const {
  return std::any_of(followers_.begin(), followers_.end(),
                     [](const Follower& follower) { return follower.role == plan::Role::lead && !follower.done; });
}

/// Working days in (from, to] on which a pause of the follower counts; overlapping pauses count once.
int CaseLook::paused_days(const Follower& follower, CivilDay from, CivilDay to) const {
  CivilDay covered = from;
  int days = 0;
  for (const Pause& pause : case_.pauses) {
    if (pause.assignment != follower.assignment || !pause.last) continue;
    const CivilDay begin = std::max(covered, days_.day_of(pause.from));
    const CivilDay end = std::min(*pause.last, to);
    if (end <= begin) continue;
    days += calendar_.working_days_after(begin, end);
    covered = end;
  }
  return days;
}

/// Of the silent leads the one whose day for this step comes first, and that day; nullptr if none is silent.
const CaseLook::Follower* CaseLook::least_paused(std::uint16_t step, std::int32_t ordinal, CivilDay& day) const {
  const Follower* least = nullptr;
  for (const Follower& follower : followers_) {
    if (follower.role != plan::Role::lead || !follower.is_silent() || follower.entering) continue;
    const CivilDay its_day = day_for(follower, rule_.steps[step], ordinal);
    if (least != nullptr && its_day >= day) continue;
    least = &follower;
    day = its_day;
  }
  return least;
}

}  // namespace chaser::chase
