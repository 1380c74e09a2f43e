#include "chase/answer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "chase/absence.h"
#include "chase/reported.h"

namespace chaser::chase {
namespace {

bool is_word(ResponseKind kind) {
  return kind == ResponseKind::approve || kind == ResponseKind::refuse || kind == ResponseKind::accept ||
         kind == ResponseKind::decline;
}

std::string_view means_words(std::string_view means) {
  return means == "cli" ? "the command line" : means == "api" ? "the API" : means;
}

}  // namespace

Answer::Answer(const ActionState& state, const World& world, const Response& response, Instant now,
               const Surroundings* around)
    : state_(state),
      world_(world),
      response_(response),
      around_(around),
      now_(now),
      day_(calendar::day_of(now, state.plan->zone)),
      party_(world.find_party(response.party)) {}

ResponseEffect Answer::effect() {
  if (!is_answerable()) return effect_;
  effect_.accepted = true;
  // "Last heard" goes with the day of the last update: the words of other answers are in their own record.
  if (response_.kind == ResponseKind::update || response_.kind == ResponseKind::reopen) effect_.note = response_.note;
  switch (response_.kind) {
    case ResponseKind::update:
      update();
      break;
    case ResponseKind::acknowledge:
    case ResponseKind::snooze:
      acknowledge();
      break;
    case ResponseKind::blocked:
      blocked();
      break;
    case ResponseKind::done:
      done();
      break;
    case ResponseKind::delegate:
      delegate();
      break;
    case ResponseKind::not_mine:
      not_mine();
      break;
    case ResponseKind::extension:
      extend();
      break;
    case ResponseKind::cancelled:
    case ResponseKind::superseded:
    case ResponseKind::merged:
    case ResponseKind::split:
      end();
      break;
    case ResponseKind::reopen:
      reopen();
      break;
    case ResponseKind::approve:
    case ResponseKind::refuse:
      decide();
      break;
    case ResponseKind::accept:
    case ResponseKind::decline:
      accept(response_.kind == ResponseKind::accept);
      break;
  }
  return effect_;
}

bool Answer::refuse(std::string why) {
  effect_ = ResponseEffect{};
  effect_.answer = std::move(why);
  return false;
}

std::string Answer::name_of_party(PartyIndex party) const {
  if (party == no_party) return "somebody who has left";
  const Person& person = world_.person(party);
  return person.name.empty() ? person.id : person.name;
}

/// A late or repeated answer is harmless: it says who answered, when, and how.
bool Answer::repeat(const Answered& before, std::string_view what) {
  effect_ = ResponseEffect{};
  effect_.already = true;
  effect_.answer = fmt::format("already answered by {} on {}{}: {}", name_of_party(before.party),
                               absl::FormatTime("%e %b %Y at %H:%M", before.at, state_.plan->zone),
                               before.means.empty() ? "" : fmt::format(" by {}", means_words(before.means)),
                               what.empty() ? words_of(before.kind) : what);
  // "on  5 Jan": the day of the month has a place for two digits.
  const std::size_t gap = effect_.answer.find(" on  ");
  if (gap != std::string::npos) effect_.answer.erase(gap + 4, 1);
  return false;
}

const Answered* Answer::last_answer(std::optional<ResponseKind> kind, PartyIndex party) const {
  const Answered* last = nullptr;
  for (const Answered& answered : state_.answered) {
    if (kind && answered.kind != *kind) continue;
    if (party != no_party && answered.party != party) continue;
    if (last == nullptr || answered.at >= last->at) last = &answered;
  }
  return last;
}

bool Answer::repeat_of(ResponseKind kind, PartyIndex party, std::string_view what) {
  if (const Answered* before = last_answer(kind, party)) return repeat(*before, what);
  if (const Answered* before = last_answer(kind, no_party)) return repeat(*before, what);
  effect_ = ResponseEffect{};
  effect_.already = true;
  effect_.answer = fmt::format("already answered: {}", what.empty() ? words_of(kind) : what);
  return false;
}

/// Whether `speaker` is the party, one by whom it is reached, or stands in for one of these.
bool Answer::speaks_for(PartyIndex party, PartyIndex speaker) const {
  if (party == no_party || speaker == no_party) return false;
  if (party == speaker || stands_in_for(world_, speaker, party)) return true;
  const std::vector<PartyIndex>& reached = world_.person(party).recipients;
  return std::any_of(reached.begin(), reached.end(), [&](PartyIndex recipient) {
    return recipient == speaker || stands_in_for(world_, speaker, recipient);
  });
}

bool Answer::has_role(plan::Actor actor) const {
  return std::find(roles_.begin(), roles_.end(), actor) != roles_.end();
}

/// The owner itself, who has taken it over, whoever they are reached through, or who stands in for them.
void Answer::find_assignments() {
  for (std::size_t i = 0; i < state_.assignments.size(); ++i) {
    const AssignmentState& assignment = state_.assignments[i];
    if (!speaks_for(assignment.party, party_) && !speaks_for(assignment.delegate, party_)) continue;
    effect_.assignments.push_back(static_cast<AssignmentIndex>(i));
    owns_ = true;
  }
}

void Answer::find_roles() {
  using plan::Actor;
  for (const AssignmentIndex index : effect_.assignments) {
    const Actor actor = state_.assignments[index].role == plan::Role::lead ? Actor::lead : Actor::support;
    if (!has_role(actor)) roles_.push_back(actor);
  }
  const PlanContext& plan = *state_.plan;
  for (const auto& [party, actor] :
       {std::pair(plan.coordinator, Actor::coordinator), std::pair(plan.sponsor, Actor::sponsor),
        std::pair(plan.approver, Actor::approver)}) {
    if (speaks_for(party, party_)) roles_.push_back(actor);
  }
  // The plan's coordinator answers for all who own it, where it owns nothing of it itself.
  if (owns_ || !(has_role(Actor::coordinator) || has_role(Actor::sponsor))) return;
  for (std::size_t i = 0; i < state_.assignments.size(); ++i) {
    effect_.assignments.push_back(static_cast<AssignmentIndex>(i));
  }
}

/// Whether a request of the action waits for the word of whoever answers.
bool Answer::is_asked() const {
  return !waiting_requests().empty();
}

bool Answer::are_fields_fine() {
  const std::string what(name_of(response_.kind));
  if (response_.note.size() > note_characters_max) {
    return refuse(fmt::format("the note is too long: {} characters at most", note_characters_max));
  }
  if (response_.evidence.size() > evidence_characters_max) {
    return refuse(fmt::format("the evidence link is too long: {} characters at most", evidence_characters_max));
  }
  if (response_.others.size() > others_max) return refuse(fmt::format("{} names at most {} others", what, others_max));
  if (response_.percent && (*response_.percent < 0 || *response_.percent > 100)) {
    return refuse(fmt::format("a percentage is from 0 to 100; got {}", *response_.percent));
  }
  if (response_.status && world_.workflow().find(*response_.status) == nullptr) {
    return refuse(fmt::format("there is no status \"{}\"; there are {}", *response_.status,
                              fmt::join(world_.workflow().names(), ", ")));
  }
  return true;
}

bool Answer::is_answerable() {
  const std::string& action = state_.facts.id;
  if (state_.facts.dropped) return refuse("action " + action + " is no longer in the plan");
  if (!are_fields_fine()) return false;
  find_assignments();
  find_roles();
  const bool is_party_known = owns_ || !roles_.empty() || is_asked() || is_word(response_.kind);
  if (!is_party_known || party_ == no_party) {
    return refuse(response_.party + " does not lead or support action " + action);
  }
  if (world_.workflow().is_finished(state_.facts.status) && response_.kind != ResponseKind::reopen) {
    const std::string what = "action " + action + " is already " + state_.facts.status;
    const Answered* const last = last_answer(std::nullopt, no_party);
    return last == nullptr ? refuse(what) : repeat(*last, fmt::format("{}; {}", words_of(last->kind), what));
  }
  if (std::string why = why_not_reported(state_, response_, day_); !why.empty()) return refuse(std::move(why));
  if (is_word(response_.kind)) return true;
  if (response_.kind == ResponseKind::reopen && !world_.workflow().is_finished(state_.facts.status)) {
    if (last_answer(ResponseKind::reopen, no_party) != nullptr) return repeat_of(ResponseKind::reopen, party_);
    return refuse(fmt::format("action {} is {}, so it is open already", action, state_.facts.status));
  }
  return find_transition() && names_other_actions() && may_pause_at_length();
}

/// What the workflow says about this answer: whether it may be given, by whom, and what it asks for.
bool Answer::find_transition() {
  const plan::Workflow& workflow = world_.workflow();
  const std::string answer(name_of(response_.kind));
  const bool changes_status = response_.kind != ResponseKind::update || response_.status.has_value();
  if (!workflow.mentions(answer) || !changes_status) {
    const bool is_free = owns_ || has_role(plan::Actor::coordinator) || has_role(plan::Actor::sponsor);
    return is_free || refuse(response_.party + " does not lead or support action " + state_.facts.id);
  }
  bool fits_status = false;
  std::vector<std::string_view> may;
  for (const plan::Transition& transition : workflow.transitions()) {
    if (transition.answer != answer) continue;
    if (std::find(transition.from.begin(), transition.from.end(), state_.facts.status) == transition.from.end())
      continue;
    const bool names_it = !response_.status || std::find(transition.to.begin(), transition.to.end(),
                                                         *response_.status) != transition.to.end();
    if (response_.kind == ResponseKind::update && !names_it) continue;
    fits_status = true;
    for (const plan::Actor actor : transition.by) {
      may.push_back(plan::name_of(actor));
      if (transition_ == nullptr && has_role(actor)) transition_ = &transition;
    }
  }
  if (!fits_status) {
    const std::string to = response_.status ? fmt::format(" to {}", *response_.status) : "";
    return refuse(
        fmt::format("{}{} is not possible while action {} is {}", answer, to, state_.facts.id, state_.facts.status));
  }
  if (transition_ == nullptr)
    return refuse(fmt::format("{} is for the {}, not for {}", answer, fmt::join(may, ", "), response_.party));
  if (transition_->asks_note && response_.note.empty()) return refuse(answer + " needs a note that says why");
  if (transition_->asks_evidence && response_.evidence.empty()) return refuse(answer + " needs a link to the evidence");
  return true;
}

/// The other actions of an end or of "blocked by" exist, and none is this one.
bool Answer::names_other_actions() {
  const bool ends_in_another = response_.kind == ResponseKind::superseded || response_.kind == ResponseKind::merged ||
                               response_.kind == ResponseKind::split;
  const std::string what(name_of(response_.kind));
  if (ends_in_another && response_.others.empty()) return refuse(what + " needs the other action's id");
  if (!ends_in_another && response_.kind != ResponseKind::blocked) return true;
  for (const std::string& other : response_.others) {
    if (other == state_.facts.id) return refuse(fmt::format("action {} cannot be {} by itself", other, what));
    const bool is_known =
        around_ == nullptr || std::binary_search(around_->actions.begin(), around_->actions.end(), other);
    if (!is_known && ends_in_another) return refuse("there is no action " + other + " in this plan");
    if (is_known && around_ != nullptr && response_.kind == ResponseKind::blocked && closes_a_circle(other))
      return false;
  }
  return true;
}

/// Whose approval the answer waits for; none if whoever answers is that one.
PartyIndex Answer::decider() const {
  if (transition_ == nullptr || !transition_->approval) return no_party;
  const PlanContext& plan = *state_.plan;
  const plan::Actor actor = *transition_->approval;
  PartyIndex party = actor == plan::Actor::coordinator ? plan.coordinator
                     : actor == plan::Actor::sponsor   ? plan.sponsor
                                                       : plan.approver;
  return speaks_for(party, party_) ? no_party : party;
}

std::string_view words_of(ResponseKind kind) {
  switch (kind) {
    case ResponseKind::acknowledge:
      return "has it in hand";
    case ResponseKind::update:
      return "gave an update";
    case ResponseKind::snooze:
      return "put it off";
    case ResponseKind::blocked:
      return "is blocked";
    case ResponseKind::done:
      return "says it is done";
    case ResponseKind::delegate:
      return "asks somebody else to take it over";
    case ResponseKind::not_mine:
      return "says it is not theirs";
    case ResponseKind::extension:
      return "asks for a later date";
    case ResponseKind::cancelled:
      return "cancels it";
    case ResponseKind::superseded:
      return "says it is superseded";
    case ResponseKind::merged:
      return "merges it into another";
    case ResponseKind::split:
      return "splits it into others";
    case ResponseKind::reopen:
      return "reopened it";
    case ResponseKind::approve:
      return "approved";
    case ResponseKind::refuse:
      return "refused";
    case ResponseKind::accept:
      return "took it over";
    case ResponseKind::decline:
      return "declined to take it over";
  }
  return "";
}

ResponseEffect respond(const ActionState& state, const World& world, const Response& response, Instant now,
                       const Surroundings* around) {
  // An update to a finished status is that end: "done", "cancelled" or "superseded" under the same rules as said
  // outright.
  if (response.kind == ResponseKind::update && response.status && world.workflow().is_finished(*response.status)) {
    Response said = response;
    said.kind = response_kind(*response.status).value_or(ResponseKind::cancelled);
    said.status.reset();
    return Answer(state, world, said, now, around).effect();
  }
  return Answer(state, world, response, now, around).effect();
}

}  // namespace chaser::chase
