#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "chase/answer.h"

// The word that a request waits for: approve or refuse, accept or decline. Source: design.md §6.

namespace chaser::chase {
namespace {

bool is_for_acceptance(const Request& request) {
  return request.kind == ResponseKind::delegate;
}

}  // namespace

/// The open requests that wait for the word of whoever answers, of the kind and of the owner that the response names.
std::vector<const Request*> Answer::waiting_requests() const {
  const bool accepts = response_.kind == ResponseKind::accept || response_.kind == ResponseKind::decline;
  const PartyIndex of = response_.to.empty() ? no_party : world_.find_party(response_.to);
  std::vector<const Request*> found;
  for (const Request& request : state_.requests) {
    if (is_for_acceptance(request) != accepts || !speaks_for(request.decider, party_)) continue;
    if (response_.request && request.kind != *response_.request) continue;
    if (!response_.to.empty() && !accepts) {
      const bool is_of =
          request.by == of || std::any_of(request.assignments.begin(), request.assignments.end(), [&](auto index) {
            return state_.assignments[index].party == of || state_.assignments[index].delegate == of;
          });
      if (!is_of) continue;
    }
    // Another owner is named, not approved.
    if (request.kind == ResponseKind::not_mine && response_.kind == ResponseKind::approve) continue;
    found.push_back(&request);
  }
  return found;
}

void Answer::decide() {
  const std::vector<const Request*> waiting = waiting_requests();
  if (waiting.empty()) {
    const bool may =
        has_role(plan::Actor::coordinator) || has_role(plan::Actor::sponsor) || has_role(plan::Actor::approver);
    const Answered* last = last_answer(ResponseKind::approve, no_party);
    const Answered* refused = last_answer(ResponseKind::refuse, no_party);
    if (last == nullptr || (refused != nullptr && refused->at > last->at)) last = refused;
    if (may && last != nullptr) {
      repeat(*last);
    } else {
      refuse(fmt::format("nothing about action {} waits for the word of {}", state_.facts.id, response_.party));
    }
    return;
  }
  std::vector<std::string_view> kinds;
  for (const Request* request : waiting) {
    if (std::find(kinds.begin(), kinds.end(), name_of(request->kind)) == kinds.end())
      kinds.push_back(name_of(request->kind));
  }
  if (kinds.size() > 1) {
    refuse(fmt::format("several requests wait for your word: {}; say which", fmt::join(kinds, ", ")));
    return;
  }
  effect_.assignments.clear();
  for (const Request* request : waiting) {
    for (const AssignmentIndex lead : request->assignments) effect_.assignments.push_back(lead);
  }
  std::sort(effect_.assignments.begin(), effect_.assignments.end());
  effect_.assignments.erase(std::unique(effect_.assignments.begin(), effect_.assignments.end()),
                            effect_.assignments.end());
  for (const Request* request : waiting) {
    if (response_.kind == ResponseKind::refuse) refuse_request(*request);
  }
  if (response_.kind == ResponseKind::approve) approve(waiting);
}

/// All requests of one kind that wait are approved together; of several dates asked for the latest request's counts.
void Answer::approve(const std::vector<const Request*>& waiting) {
  const Request& latest = *waiting.back();
  if (latest.kind == ResponseKind::extension) {
    const CivilDay due = response_.due.value_or(latest.due.value_or(day_));
    if (state_.facts.timescale.due && due <= *state_.facts.timescale.due) {
      refuse(fmt::format("{} is no later date: action {} is due on {}", calendar::short_day(due), state_.facts.id,
                         calendar::short_day(*state_.facts.timescale.due)));
      return;
    }
    return grant(due);
  }
  for (const Request* request : waiting) effect_.decided.push_back({request->number, RequestEnd::approved});
  if (latest.kind != ResponseKind::done) return end_with(latest.status, latest.kind, latest.others);
  settle(effect_.assignments);
  if (effect_.status) effect_.status = latest.status;
  effect_.answer = effect_.status
                       ? fmt::format("approved; action {} is {}", state_.facts.id, *effect_.status)
                       : fmt::format("approved; the other leads of action {} are still asked", state_.facts.id);
}

/// The date moves: a new epoch for whatever counts from it. All that was asked about the old date is answered by that.
void Answer::grant(CivilDay due) {
  effect_.due = due;
  effect_.is_update = true;
  for (const Request& request : state_.requests) {
    const bool decided = std::any_of(effect_.decided.begin(), effect_.decided.end(),
                                     [&](const auto& each) { return each.number == request.number; });
    if (request.kind != ResponseKind::extension || decided) continue;
    effect_.decided.push_back({request.number, RequestEnd::approved});
    cut_pauses(request);
  }
  effect_.answer = fmt::format("action {} is due on {} now", state_.facts.id, calendar::short_day(due));
}

/// What it paused goes on where it stood.
void Answer::refuse_request(const Request& request) {
  effect_.decided.push_back({request.number, RequestEnd::refused});
  cut_pauses(request);
  effect_.answer = fmt::format("refused; {} is asked about action {} as before",
                               request.by == no_party ? "the lead" : name_of_party(request.by), state_.facts.id);
}

/// Accepted, the delegate is who is asked; age and level stay. One who has accepted may give it back by declining.
void Answer::accept(bool accepted) {
  const std::vector<const Request*> waiting = waiting_requests();
  if (waiting.empty()) {
    std::vector<AssignmentIndex> held;
    for (std::size_t i = 0; i < state_.assignments.size(); ++i) {
      if (speaks_for(state_.assignments[i].delegate, party_)) held.push_back(static_cast<AssignmentIndex>(i));
    }
    if (held.empty() && last_answer(response_.kind, party_) == nullptr) {
      refuse(fmt::format("nobody asked {} to take action {} over", response_.party, state_.facts.id));
      return;
    }
    if (accepted || held.empty()) {
      repeat_of(response_.kind, party_);
      return;
    }
    effect_.assignments = held;
    for (const AssignmentIndex index : held) effect_.delegated.push_back({index, no_party});
    effect_.answer = fmt::format("action {} goes back to {}", state_.facts.id,
                                 name_of_party(state_.assignments[held.front()].party));
    return;
  }
  const Request& request = *waiting.front();
  effect_.assignments = request.assignments;
  effect_.decided.push_back({request.number, accepted ? RequestEnd::approved : RequestEnd::refused});
  if (!accepted) {
    effect_.answer =
        fmt::format("declined; it stays with {}", request.by == no_party ? "its owner" : name_of_party(request.by));
    return;
  }
  for (const AssignmentIndex index : request.assignments) effect_.delegated.push_back({index, request.decider});
  // Whose it is not has found another owner.
  for (const Request& other : state_.requests) {
    if (other.kind == ResponseKind::not_mine && other.assignments == request.assignments) {
      effect_.decided.push_back({other.number, RequestEnd::approved});
      cut_pauses(other);
    }
  }
  effect_.answer = fmt::format("thank you; action {} is yours now", state_.facts.id);
}

}  // namespace chaser::chase
