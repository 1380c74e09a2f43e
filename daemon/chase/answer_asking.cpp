#include <fmt/format.h>

#include <algorithm>

#include "chase/answer.h"

// Answers that ask for somebody's word: done and other ends, an extension, a delegation, "not mine". Source: design.md
// §6.

namespace chaser::chase {
namespace {

bool is_among(const std::vector<AssignmentIndex>& leads, AssignmentIndex lead) {
  return std::find(leads.begin(), leads.end(), lead) != leads.end();
}

bool share(const std::vector<AssignmentIndex>& a, const std::vector<AssignmentIndex>& b) {
  return std::any_of(a.begin(), a.end(), [&](AssignmentIndex lead) { return is_among(b, lead); });
}

}  // namespace

void Answer::ask(PartyIndex decider, std::string status) {
  Request request;
  request.number = state_.facts.last_request + 1;
  request.kind = response_.kind;
  request.assignments = effect_.assignments;
  request.by = party_;
  request.decider = decider;
  request.asked = now_;
  request.due = response_.kind == ResponseKind::extension ? response_.due : std::nullopt;
  request.status = std::move(status);
  if (response_.kind != ResponseKind::blocked) request.others = response_.others;
  request.note = response_.note;
  request.evidence = response_.evidence;
  effect_.asked = std::move(request);
}

/// The open request of this kind for the same owners.
const Request* Answer::open_request(ResponseKind kind) const {
  for (const Request& request : state_.requests) {
    const bool same = request.assignments == effect_.assignments || share(request.assignments, effect_.assignments);
    if (request.kind == kind && same) return &request;
  }
  return nullptr;
}

/// A pause of that assignment, without limit, until the approver decides; nobody's approval asked: settled at once.
void Answer::done() {
  if (const Request* known = open_request(ResponseKind::done)) {
    const bool covered = std::all_of(effect_.assignments.begin(), effect_.assignments.end(),
                                     [&](AssignmentIndex lead) { return is_among(known->assignments, lead); });
    if (covered && decider() != no_party) {
      repeat_of(ResponseKind::done, known->by,
                fmt::format("{}; it waits for {}", words_of(ResponseKind::done), name_of_party(known->decider)));
      return;
    }
  }
  const bool all_said = !effect_.assignments.empty() &&
                        std::all_of(effect_.assignments.begin(), effect_.assignments.end(),
                                    [&](AssignmentIndex lead) { return state_.assignments[lead].done.has_value(); });
  if (all_said && !are_all_done_known()) {
    repeat_of(ResponseKind::done, party_);
    return;
  }
  pause_without_limit();
  effect_.unblocked = !state_.blocked_by.empty();
  const PartyIndex waits_for = decider();
  if (waits_for != no_party) {
    ask(waits_for, transition_->to.front());
    effect_.answer = fmt::format("thank you; it waits for the word of {}, and you are not reminded meanwhile",
                                 name_of_party(waits_for));
    return;
  }
  for (const Request& request : state_.requests) {
    if (request.kind == ResponseKind::done && share(request.assignments, effect_.assignments)) {
      effect_.decided.push_back({request.number, RequestEnd::approved});
    }
  }
  settle(effect_.assignments);
}

/// These assignments are done for good: a case whose answers are in closes, an action of which every lead says so is
/// done.
void Answer::settle(const std::vector<AssignmentIndex>& assignments) {
  for (const AssignmentIndex lead : assignments) {
    if (!state_.assignments[lead].done) effect_.done.push_back(lead);
  }
  for (CaseIndex i = 0; i < state_.cases.size(); ++i) {
    if (!is_counted(state_.cases[i]) || !are_all_done(state_.cases[i])) continue;
    effect_.ended.push_back({i, CaseStatus::closed, Reason{ReasonCode::settled, {}}});
  }
  if (is_whole_action_done()) {
    effect_.status = transition_ != nullptr && !transition_->to.empty() ? transition_->to.front() : finished_status();
    effect_.answer = "thank you; action " + state_.facts.id + " is done";
  } else {
    effect_.answer = "thank you; the other leads of action " + state_.facts.id + " are still asked";
  }
}

std::string Answer::finished_status() const {
  if (world_.workflow().is_finished("done")) return "done";
  for (const auto& status : world_.workflow().statuses()) {
    if (status.kind == plan::StatusKind::finished) return status.name;
  }
  return state_.facts.status;
}

/// Whether a done of this lead still waits for somebody's word after this answer.
bool Answer::waits_for_approval(AssignmentIndex lead) const {
  return std::any_of(state_.requests.begin(), state_.requests.end(), [&](const Request& request) {
    const bool decided = std::any_of(effect_.decided.begin(), effect_.decided.end(),
                                     [&](const auto& each) { return each.number == request.number; });
    return request.kind == ResponseKind::done && !decided && is_among(request.assignments, lead);
  });
}

bool Answer::is_done(const CaseState& open, AssignmentIndex lead) const {
  if (waits_for_approval(lead)) return false;
  if (state_.assignments[lead].done) return true;
  const bool before = std::any_of(open.pauses.begin(), open.pauses.end(), [&](const Pause& pause) {
    return pause.assignment == lead && pause.kind == ResponseKind::done && !pause.last;
  });
  const bool by_this = std::any_of(effect_.pauses.begin(), effect_.pauses.end(), [&](const auto& added) {
    return &state_.cases[added.index] == &open && added.pause.assignment == lead;
  });
  return before || by_this;
}

bool Answer::are_all_done(const CaseState& open) const {
  for (std::size_t i = 0; i < state_.assignments.size(); ++i) {
    const auto lead = static_cast<AssignmentIndex>(i);
    if (state_.assignments[i].role == plan::Role::lead && !is_done(open, lead)) return false;
  }
  return true;
}

bool Answer::are_all_done_known() const {
  return std::all_of(state_.assignments.begin(), state_.assignments.end(), [](const AssignmentState& assignment) {
    return assignment.role != plan::Role::lead || assignment.done.has_value();
  });
}

/// Every lead has said so itself, before or now.
bool Answer::is_whole_action_done() const {
  for (std::size_t i = 0; i < state_.assignments.size(); ++i) {
    const AssignmentState& assignment = state_.assignments[i];
    const auto lead = static_cast<AssignmentIndex>(i);
    if (assignment.role == plan::Role::lead && !assignment.done && !is_among(effect_.done, lead)) return false;
  }
  return true;
}

/// A later date is asked for, and the leads who ask are not reminded while the approver thinks, 10 working days at
/// most.
void Answer::extend() {
  const auto due = state_.facts.timescale.due;
  if (!due) {
    refuse(fmt::format("action {} has no date that could be later", state_.facts.id));
    return;
  }
  if (!response_.due) {
    refuse("extension needs the date that is asked for");
    return;
  }
  if (*response_.due <= *due || *response_.due <= day_) {
    refuse(fmt::format("{} is no later date: action {} is due on {}", calendar::short_day(*response_.due),
                       state_.facts.id, calendar::short_day(*due)));
    return;
  }
  if (const Request* known = open_request(ResponseKind::extension)) {
    if (known->due == response_.due) {
      repeat_of(ResponseKind::extension, known->by,
                fmt::format("{}, {}; it waits for {}", words_of(ResponseKind::extension),
                            calendar::short_day(*known->due), name_of_party(known->decider)));
      return;
    }
    effect_.decided.push_back({known->number, RequestEnd::withdrawn});
  }
  const PartyIndex waits_for = decider();
  if (waits_for == no_party) {
    grant(*response_.due);
    return;
  }
  pause_all(false);
  ask(waits_for);
  effect_.answer =
      fmt::format("thank you; {} decides about {}", name_of_party(waits_for), calendar::short_day(*response_.due));
  if (paused_until_ && *paused_until_ > day_) {
    effect_.answer += fmt::format(", and you are not reminded before {}, or before the answer", until_words());
  }
}

/// The original stays accountable until it is accepted.
void Answer::delegate() {
  const PartyIndex to = world_.find_party(response_.to);
  if (to == no_party) {
    refuse(response_.to.empty() ? "delegate needs to whom"
                                : fmt::format("the directory has no party \"{}\"", response_.to));
    return;
  }
  if (world_.person(to).recipients.empty() || world_.person(to).is_report) {
    refuse(fmt::format("{} cannot be reached, so it cannot be asked", response_.to));
    return;
  }
  for (const AssignmentIndex index : effect_.assignments) {
    if (state_.assignments[index].holder() != to) continue;
    refuse(fmt::format("{} holds action {} already", name_of_party(to), state_.facts.id));
    return;
  }
  if (const Request* known = open_request(ResponseKind::delegate)) {
    if (known->decider == to) {
      repeat_of(ResponseKind::delegate, known->by, fmt::format("{} is asked to take it over", name_of_party(to)));
      return;
    }
    effect_.decided.push_back({known->number, RequestEnd::withdrawn});
  }
  ask(to);
  for (const AssignmentIndex index : effect_.assignments) {
    effect_.delegated.push_back({index, state_.assignments[index].delegate});
  }
  effect_.answer = fmt::format("thank you; {} is asked to take it over, and until that is accepted it stays with you",
                               name_of_party(to));
}

/// Nothing more is asked of that owner; the coordinator finds another one.
void Answer::not_mine() {
  if (const Request* known = open_request(ResponseKind::not_mine)) {
    repeat_of(ResponseKind::not_mine, known->by,
              fmt::format("{}; {} looks for the right owner", words_of(ResponseKind::not_mine),
                          name_of_party(known->decider)));
    return;
  }
  if (!owns_) {
    refuse(response_.party + " is not asked about action " + state_.facts.id + ", so it has nothing to give back");
    return;
  }
  pause_without_limit();
  ask(state_.plan->coordinator);
  effect_.answer =
      fmt::format("thank you; {} looks for the right owner, and you are not reminded meanwhile",
                  state_.plan->coordinator == no_party ? "the coordinator" : name_of_party(state_.plan->coordinator));
}

/// Cancelled, superseded by, merged into, split into.
void Answer::end() {
  if (const Request* known = open_request(response_.kind)) {
    repeat_of(response_.kind, known->by,
              fmt::format("{}; it waits for {}", words_of(response_.kind), name_of_party(known->decider)));
    return;
  }
  if (transition_ == nullptr) {
    refuse(fmt::format("this plan's workflow has no way to answer {}", name_of(response_.kind)));
    return;
  }
  const PartyIndex waits_for = decider();
  if (waits_for == no_party) return end_with(transition_->to.front(), response_.kind, response_.others);
  pause_without_limit();
  ask(waits_for, transition_->to.front());
  effect_.answer = fmt::format("thank you; it waits for the word of {}, and you are not reminded meanwhile",
                               name_of_party(waits_for));
}

void Answer::end_with(const std::string& status, ResponseKind how, const std::vector<std::string>& others) {
  effect_.status = status;
  effect_.unblocked = !state_.blocked_by.empty();
  for (const std::string& other : others) effect_.lineage.push_back({how, other});
  for (const Request& request : state_.requests) {
    const bool decided = std::any_of(effect_.decided.begin(), effect_.decided.end(),
                                     [&](const auto& each) { return each.number == request.number; });
    if (!decided) effect_.decided.push_back({request.number, RequestEnd::withdrawn});
  }
  effect_.answer = fmt::format("thank you; action {} is {}", state_.facts.id, status);
}

void Answer::reopen() {
  if (transition_ == nullptr) {
    refuse("this plan's workflow has no way to reopen an action");
    return;
  }
  effect_.status = transition_->to.front();
  effect_.reopened = true;
  effect_.is_update = true;
  effect_.answer = fmt::format("action {} is {} again", state_.facts.id, transition_->to.front());
}

}  // namespace chaser::chase
