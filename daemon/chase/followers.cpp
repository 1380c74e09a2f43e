#include <algorithm>

#include "chase/case_look.h"

namespace chaser::chase {

Instant CaseLook::end_of(const Pause& pause) const {
  if (pause.cut) return *pause.cut;
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
  // Whose word is awaited is asked, not the owners: their silence and their pauses are none of its business.
  if (rule_.anchor == rulebook::Anchor::asked) return find_entries();
  for (std::size_t i = 0; i < state_.assignments.size(); ++i) {
    const AssignmentState& assignment = state_.assignments[i];
    Follower follower;
    follower.assignment = static_cast<AssignmentIndex>(i);
    follower.party = assignment.holder();
    follower.role = assignment.role;
    follower.since = assignment.since;
    // What was past when it was taken over was the original's; age and level stay.
    if (assignment.delegate != no_party && assignment.delegated) {
      follower.since = std::max(follower.since, *assignment.delegated);
    }
    follower.base = case_.anchor_day;
    // The same for who goes on in another's place.
    if (assignment.inherited) {
      follower.inherited = true;
      follower.since = std::max(follower.since, *assignment.inherited);
    }
    // Whoever is done for good is so under a new date too.
    if (assignment.done) {
      follower.done = true;
      follower.pause_end = absl::InfiniteFuture();
    }
    for (const Pause& pause : case_.pauses) {
      if (pause.assignment != follower.assignment || !in_force(pause, look_.now)) continue;
      // Without limit, but until somebody's word: whoever waits for it may be asked again.
      const bool waits = std::any_of(state_.requests.begin(), state_.requests.end(), [&](const Request& request) {
        return request.kind == pause.kind && request.asked == pause.from;
      });
      (pause.last || waits ? follower.paused : follower.done) = true;
      follower.pause_end = std::max(follower.pause_end, end_of(pause));
    }
    followers_.push_back(follower);
  }
  find_entries();
}

/// Where first meetings entered, and who waits for one.
void CaseLook::find_entries() {
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

/// Whose word a request waits for; in other cases the plan's approver.
PartyIndex CaseLook::decider() const {
  const Request* const request = request_of(state_, case_.anchor);
  return request == nullptr ? state_.plan->approver : request->decider;
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
