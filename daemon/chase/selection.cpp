#include <algorithm>

#include "chase/case_look.h"
#include "chase/compose.h"

// Of what has come due for a recipient the highest step goes; what is above the leads waits for a lower step to have
// reached them; direct messages keep the floor. Source: design.md §6.

namespace chaser::chase {
namespace {

/// Working days between a delegation, asked for or accepted, and the next step. Source: design.md §6, delegate.
constexpr int delegation_days = 3;
/// The same between going on in another's place and the next step. Source: design.md §6, reassigned.
constexpr int inheritance_days = 5;

bool is_about(const Firing& firing, AssignmentIndex lead) {
  return std::find(firing.leads.begin(), firing.leads.end(), lead) != firing.leads.end();
}

bool is_in_flight(NotificationState state) {
  return state == NotificationState::pending || state == NotificationState::composed;
}

}  // namespace

/// Whether the rule has a step below `step` that is the leads' own, so that something must have reached them first.
bool CaseLook::has_lower_own_step(std::uint16_t step) const {
  for (std::uint16_t i = 0; i < step; ++i) {
    if (applies(rule_.steps[i]) && !rule_.steps[i].is_above_leads()) return true;
  }
  return false;
}

bool CaseLook::is_lapsed(const Target& target) const {
  bool lapsed = false;
  each_firing([&](const Firing& firing) {
    lapsed = firing.state == NotificationState::lapsed && firing.step == target.step &&
             firing.recipient == target.recipient && firing.relational == target.relational &&
             is_about(firing, target.follower->assignment);
    return lapsed;
  });
  return lapsed;
}

/// The instant at which something above the leads, up to this step, was first due about its lead: the days of those
/// whom it reaches begin at different instants.
Instant CaseLook::first_due_above(const Candidate& candidate) const {
  Instant first = candidate.natural;
  const auto lead = std::find_if(followers_.begin(), followers_.end(),
                                 [&](const Follower& follower) { return follower.assignment == candidate.led_by; });
  if (lead == followers_.end()) return first;
  for (std::uint16_t step = 0; step <= candidate.step; ++step) {
    const rulebook::Step& above = rule_.steps[step];
    if (!applies(above) || !above.is_above_leads() || !has_lower_own_step(step)) continue;
    const CivilDay day = day_for(*lead, above, 0);
    for (std::size_t entry = 0; entry < above.to.size(); ++entry) {
      if (!above.to[entry].follows_assignments()) continue;
      each_recipient(step, entry, &*lead, [&](const Target& target) {
        if (is_lapsed(target)) return;
        first = std::min(first, case_.rule->schedule(target.recipient).opening_on_or_after(day));
      });
    }
  }
  return first;
}

/// Whether a step above the leads may go: open, later (from `from` on, at infinity: when something is delivered), or
/// closed because nothing below it has been sent to the lead yet.
CaseLook::Gate CaseLook::gate_of(const Candidate& candidate, Instant& from) const {
  if (!rule_.steps[candidate.step].is_above_leads() || !has_lower_own_step(candidate.step)) return Gate::open;
  if (candidate.led_by == no_assignment) return Gate::open;
  Instant reached = absl::InfiniteFuture();
  bool in_flight = false;
  each_firing([&](const Firing& firing) {
    if (firing.step >= candidate.step || firing.relational || !is_about(firing, candidate.led_by)) return false;
    if (firing.state == NotificationState::delivered || firing.state == NotificationState::unreachable) {
      reached = std::min(reached, firing.sent_at.value_or(firing.opening));
    }
    in_flight = in_flight || is_in_flight(firing.state);
    return false;
  });
  if (reached == absl::InfiniteFuture()) {
    from = absl::InfiniteFuture();
    return in_flight ? Gate::later : Gate::closed;
  }
  if (reached < first_due_above(candidate)) return Gate::open;
  const Schedule& schedule = case_.rule->schedule(candidate.recipient);
  from = schedule.opening_on_or_after(calendar_.add_working_days(schedule.day_of(reached), floor_days));
  return from <= look_.now ? Gate::open : Gate::later;
}

void CaseLook::forget_dropped() {
  const auto is_dropped = [](const Candidate& candidate) { return candidate.dropped; };
  candidates_.erase(std::remove_if(candidates_.begin(), candidates_.end(), is_dropped), candidates_.end());
}

void CaseLook::gate() {
  const std::size_t count = candidates_.size();
  for (std::size_t i = 0; i < count; ++i) {
    Candidate& candidate = candidates_[i];
    if (candidate.pause >= 0) continue;  // a re-firing repeats what the lead already got
    Instant from = absl::InfinitePast();
    const Gate found = gate_of(candidate, from);
    if (found == Gate::open) {
      if (from > candidate.opening) candidate.opening = from;
      continue;
    }
    candidates_[i].dropped = true;
    has_future_ = true;
    const bool dated = from != absl::InfiniteFuture();
    if (dated) look_again(from);
    verdict_.looks_when_delivered = verdict_.looks_when_delivered || !dated;
    hold(candidate.step, candidate.occurrence, candidate.recipient, candidate.led_by,
         Reason{ReasonCode::waits_for_lower, {}}, dated ? std::optional(from) : std::nullopt);
    if (found == Gate::closed) reach_first(Candidate(candidate));
  }
  forget_dropped();
}

/// Nothing below `above` has reached its lead: the highest of the leads' own goes now. If it is not among the
/// candidates (it lapsed), it fires once more.
void CaseLook::reach_first(const Candidate& above) {
  const auto lead = std::find_if(followers_.begin(), followers_.end(),
                                 [&](const Follower& follower) { return follower.assignment == above.led_by; });
  if (lead == followers_.end()) return;
  const bool goes_anyway = std::any_of(candidates_.begin(), candidates_.end(), [&](const Candidate& other) {
    return !other.dropped && !other.relational && other.step < above.step &&
           !rule_.steps[other.step].is_above_leads() &&
           std::find(other.leads.begin(), other.leads.end(), above.led_by) != other.leads.end();
  });
  if (goes_anyway) return;
  for (std::uint16_t step = above.step; step-- > 0;) {
    if (!applies(rule_.steps[step]) || rule_.steps[step].is_above_leads()) continue;
    for (const PartyIndex recipient : world_.person(lead->party).recipients) {
      Candidate again;
      again.step = step;
      again.occurrence = next_refire(step, recipient);
      again.recipient = recipient;
      again.leads.push_back(lead->assignment);
      again.led_by = lead->assignment;
      again.nominal = above.nominal;
      again.natural = above.natural;
      again.opening = above.opening;
      candidates_.push_back(std::move(again));
    }
    return;
  }
}

/// One person above several leads reached at one opening gets one notification; so does one who is reached for several
/// leads.
void CaseLook::merge() {
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    Candidate& kept = candidates_[i];
    for (std::size_t j = i + 1; j < candidates_.size(); ++j) {
      Candidate& other = candidates_[j];
      const bool same = !kept.dropped && !other.dropped && kept.step == other.step &&
                        kept.recipient == other.recipient && kept.occurrence == other.occurrence &&
                        kept.relational == other.relational && (!kept.relational || kept.natural == other.natural);
      if (!same) continue;
      for (const AssignmentIndex lead : other.leads) {
        if (std::find(kept.leads.begin(), kept.leads.end(), lead) == kept.leads.end()) kept.leads.push_back(lead);
      }
      std::sort(kept.leads.begin(), kept.leads.end());
      if (other.pause >= 0) verdict_.settled.push_back({index_, static_cast<std::uint32_t>(other.pause)});
      other.dropped = true;
    }
  }
  forget_dropped();
}

void CaseLook::select() {
  gate();
  merge();
  // The highest first: order of the file, not of time; a repeat before a re-firing, the later repeat before the
  // earlier.
  std::stable_sort(candidates_.begin(), candidates_.end(), [](const Candidate& a, const Candidate& b) {
    if (a.step != b.step) return a.step > b.step;
    if (a.occurrence.refired != b.occurrence.refired) return b.occurrence.refired;
    return a.occurrence.ordinal > b.occurrence.ordinal;
  });
  const auto competes = [](const Candidate& a, const Candidate& b) {
    if (a.recipient != b.recipient) return false;
    if (a.leads.empty() || b.leads.empty()) return true;
    return std::any_of(a.leads.begin(), a.leads.end(), [&](AssignmentIndex lead) {
      return std::find(b.leads.begin(), b.leads.end(), lead) != b.leads.end();
    });
  };
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    Candidate& candidate = candidates_[i];
    const Candidate* higher = nullptr;
    for (std::size_t j = 0; j < i && higher == nullptr; ++j) {
      if (!candidates_[j].dropped && competes(candidates_[j], candidate)) higher = &candidates_[j];
    }
    if (higher != nullptr) {
      supersede(candidate, *higher);
      candidate.dropped = true;
    } else if (!waits_for_floor(candidate)) {
      fire(candidate, supersede_pending(candidate));
    }
  }
}

std::optional<Instant> CaseLook::last_direct(PartyIndex recipient) const {
  std::optional<Instant> last;
  const auto take = [&](Instant at) { last = last ? std::max(*last, at) : at; };
  for (const LastDirect& sent : state_.last_direct) {
    if (sent.recipient == recipient && sent.rule == rule_.name) take(sent.at);
  }
  each_firing([&](const Firing& firing) {
    if (firing.recipient != recipient || firing.deliver != rulebook::Deliver::direct) return false;
    if (firing.state == NotificationState::delivered) take(firing.sent_at.value_or(firing.opening));
    if (is_in_flight(firing.state)) take(firing.opening);
    return false;
  });
  return last;
}

bool CaseLook::waits_for_floor(Candidate& candidate) {
  const rulebook::Step& step = rule_.steps[candidate.step];
  if (!keeps_floor(step, candidate.occurrence, candidate.meeting) || world_.person(candidate.recipient).is_report) {
    return false;
  }
  const Schedule& schedule = case_.rule->schedule(candidate.recipient);
  Instant opening = absl::InfinitePast();
  const auto wait = [&](Instant since, int days) {
    const CivilDay day = calendar_.add_working_days(schedule.day_of(since), days);
    opening = std::max(opening, schedule.opening_on_or_after(day));
  };
  if (const auto last = last_direct(candidate.recipient)) wait(*last, floor_days);
  if (candidate.led_by != no_assignment && candidate.led_by < state_.assignments.size()) {
    const AssignmentState& led_by = state_.assignments[candidate.led_by];
    if (led_by.delegated) wait(*led_by.delegated, delegation_days);
    if (led_by.inherited) wait(*led_by.inherited, inheritance_days);
  }
  if (opening == absl::InfinitePast()) return false;
  if (opening <= look_.now) {
    candidate.opening = std::max(candidate.opening, opening);
    return false;
  }
  has_future_ = true;
  look_again(opening);
  verdict_.looks_when_delivered = true;  // five working days from then on, if something is on its way
  hold(candidate.step, candidate.occurrence, candidate.recipient,
       candidate.leads.empty() ? no_assignment : candidate.leads.front(), Reason{ReasonCode::floor, {}}, opening);
  return true;
}

void CaseLook::fire(const Candidate& candidate, std::optional<Instant> waits_since) {
  const Person& person = world_.person(candidate.recipient);
  Firing firing;
  firing.step = candidate.step;
  firing.occurrence = candidate.occurrence;
  firing.recipient = candidate.recipient;
  firing.relational = candidate.relational;
  firing.leads.assign(candidate.leads.begin(), candidate.leads.end());
  firing.state = person.is_report ? NotificationState::recorded : NotificationState::pending;
  firing.deliver = candidate.meeting ? rulebook::Deliver::digest : rule_.steps[candidate.step].deliver;
  firing.first_meeting = candidate.meeting;
  firing.late = !candidate.meeting && candidate.opening < look_.up_since;
  firing.nominal = candidate.nominal;
  firing.opening = candidate.opening;
  firing.waits_since = waits_since;
  if (person.is_report) firing.sent_at = look_.now;
  if (candidate.pause >= 0) verdict_.settled.push_back({index_, static_cast<std::uint32_t>(candidate.pause)});
  add_firing(std::move(firing));
}

void CaseLook::supersede(const Candidate& candidate, const Candidate& by) {
  if (candidate.pause >= 0) verdict_.settled.push_back({index_, static_cast<std::uint32_t>(candidate.pause)});
  if (candidate.occurrence.refired) return;  // unless a higher one is due then: nothing to remember
  Firing firing;
  firing.step = candidate.step;
  firing.occurrence = candidate.occurrence;
  firing.recipient = candidate.recipient;
  firing.relational = candidate.relational;
  firing.leads.assign(candidate.leads.begin(), candidate.leads.end());
  firing.state = NotificationState::superseded;
  firing.deliver = rule_.steps[candidate.step].deliver;
  firing.first_meeting = candidate.meeting;
  firing.nominal = candidate.nominal;
  firing.opening = candidate.opening;
  firing.reason = Reason{ReasonCode::superseded, rule_.steps[by.step].name};
  add_firing(std::move(firing));
}

/// What still waits to be composed for this recipient is overtaken; since when it has waited.
std::optional<Instant> CaseLook::supersede_pending(const Candidate& by) {
  std::optional<Instant> since;
  for (std::uint32_t i = 0; i < case_.firings.size(); ++i) {
    const Firing& firing = case_.firings[i];
    if (firing.state != NotificationState::pending || firing.recipient != by.recipient || firing.step > by.step)
      continue;
    const bool shares =
        firing.leads.empty() || by.leads.empty() ||
        std::any_of(by.leads.begin(), by.leads.end(), [&](auto lead) { return is_about(firing, lead); });
    if (!shares) continue;
    const Instant waited = firing.waits_since.value_or(firing.opening);
    since = since ? std::min(*since, waited) : waited;
    verdict_.changes.push_back(
        {index_, i, NotificationState::superseded, Reason{ReasonCode::superseded, rule_.steps[by.step].name}});
  }
  return since;
}

}  // namespace chaser::chase
