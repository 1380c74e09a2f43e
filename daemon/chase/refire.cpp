#include <algorithm>

#include "chase/case_look.h"

// What the end of a pause brings: the last step that the lead got, or that lapsed in the pause, once more. Source:
// design.md §6, Pauses.

namespace chaser::chase {
namespace {

bool is_about(const Firing& firing, AssignmentIndex lead) {
  return std::find(firing.leads.begin(), firing.leads.end(), lead) != firing.leads.end();
}

}  // namespace

void CaseLook::end_pauses() {
  for (std::uint32_t i = 0; i < case_.pauses.size(); ++i) {
    const Pause& pause = case_.pauses[i];
    if (pause.settled) continue;
    const auto follower = std::find_if(followers_.begin(), followers_.end(), [&](const Follower& candidate) {
      return candidate.assignment == pause.assignment;
    });
    if (!pause.last) {
      // A refusal ends it, and then the last step goes once more.
      has_future_ = has_future_ || (follower != followers_.end() && !follower->done);
      continue;
    }
    const Instant end = end_of(pause);
    if (follower == followers_.end() || end <= pause.from || answered_within(*follower, i)) {
      verdict_.settled.push_back({index_, i});
    } else if (end > look_.now) {
      look_again(end);
    } else if (!follower->is_silent()) {
      verdict_.settled.push_back({index_, i});
    } else {
      refire_after(*follower, i);
    }
  }
}

/// An answer given within a pause leaves it to its own.
bool CaseLook::answered_within(const Follower& follower, std::uint32_t pause_index) const {
  const Pause& pause = case_.pauses[pause_index];
  for (std::uint32_t i = pause_index + 1; i < case_.pauses.size(); ++i) {
    const Pause& later = case_.pauses[i];
    if (later.assignment == follower.assignment && later.from < end_of(pause)) return true;
  }
  return false;
}

const Firing* CaseLook::last_got(const Follower& follower, const Pause& pause) const {
  const Firing* last = nullptr;
  for (const Firing& firing : case_.firings) {
    if (firing.relational || firing.recipient == no_party || !is_about(firing, follower.assignment)) continue;
    const bool in_pause = firing.reason.code == ReasonCode::lapsed_in_pause && firing.opening >= pause.from &&
                          firing.opening < end_of(pause);
    const bool lapsed = firing.state == NotificationState::lapsed || firing.state == NotificationState::withdrawn;
    if (firing.state == NotificationState::superseded || (lapsed && !in_pause)) continue;
    if (last == nullptr || firing.opening > last->opening ||
        (firing.opening == last->opening && firing.step >= last->step)) {
      last = &firing;
    }
  }
  return last;
}

/// Whether a step that is as high or higher, and waited for the end of the pause, is on its way to the lead.
bool CaseLook::is_overtaken(const Follower& follower, std::uint16_t step) const {
  return std::any_of(case_.firings.begin(), case_.firings.end(), [&](const Firing& firing) {
    return firing.state == NotificationState::pending && !firing.relational && firing.step >= step &&
           is_about(firing, follower.assignment);
  });
}

Occurrence CaseLook::next_refire(std::uint16_t step, PartyIndex recipient) const {
  std::int32_t last = 0;
  each_firing([&](const Firing& firing) {
    if (firing.step == step && firing.recipient == recipient && firing.occurrence.refired) {
      last = std::max(last, firing.occurrence.ordinal);
    }
    return false;
  });
  return Occurrence{last + 1, true};
}

void CaseLook::refire_after(const Follower& follower, std::uint32_t pause_index) {
  const Pause& pause = case_.pauses[pause_index];
  const Firing* last = last_got(follower, pause);
  if (last == nullptr || dormant_ || follower.entering || is_overtaken(follower, last->step)) {
    verdict_.settled.push_back({index_, pause_index});
    return;
  }
  const Schedule& schedule = case_.rule->schedule(last->recipient);
  const Instant opening = schedule.next_opening(end_of(pause));
  if (opening > look_.now) return look_again(opening);
  if (silencer_at(opening) != nullptr) {
    verdict_.settled.push_back({index_, pause_index});
    return;
  }
  for (const PartyIndex recipient : world_.person(follower.party).recipients) {
    Candidate candidate;
    candidate.step = last->step;
    candidate.occurrence = next_refire(last->step, recipient);
    candidate.recipient = recipient;
    candidate.leads.push_back(follower.assignment);
    candidate.led_by = follower.assignment;
    candidate.nominal = schedule.day_of(opening);
    candidate.natural = opening;
    candidate.opening = opening;
    candidate.pause = static_cast<std::int32_t>(pause_index);
    candidates_.push_back(std::move(candidate));
  }
}

}  // namespace chaser::chase
