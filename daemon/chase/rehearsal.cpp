#include "chase/rehearsal.h"

#include <algorithm>
#include <cassert>

#include "chase/blockers.h"

namespace chaser::chase {
namespace {

std::string address_of(const Person& person, std::string_view channel) {
  return channel == "email" ? person.contact.email : channel == "teams" ? person.contact.teams : std::string();
}

CivilDay monday_of(CivilDay day) {
  return day - calendar::weekday_index(day);
}

std::vector<std::string> about(const ActionState& state, const Firing& firing, const World& world) {
  std::vector<std::string> leads;
  if (!firing.relational) return leads;
  for (const AssignmentIndex lead : firing.leads) leads.push_back(world.person(state.assignments[lead].holder()).id);
  std::sort(leads.begin(), leads.end());
  return leads;
}

/// What asks for the present instant again would never end: as in the service, it is asked an hour later.
std::optional<Instant> after(Instant now, std::optional<Instant> at) {
  return at && *at <= now ? now + absl::Hours(1) : at;
}

/// Of one action.
bool is_same_hold(const Silence& a, const Silence& b) {
  return a.rule == b.rule && a.step == b.step && a.occurrence == b.occurrence && a.recipient == b.recipient &&
         a.reason == b.reason && a.until == b.until;
}

}  // namespace

Rehearsal::Rehearsal(const World& world, Instant from) : world_(&world), now_(from), up_since_(from) {}

void Rehearsal::add(ActionState action, std::optional<Instant> look) {
  assert(action.plan != nullptr);
  const std::size_t index = actors_.size();
  index_.emplace(std::pair(action.plan->id, action.facts.id), index);
  actors_.emplace_back().state = std::move(action);
  for (const std::string& blocker : actors_[index].state.facts.blocked_by) waiting_.emplace(blocker, index);
  connect(index);
  const bool any_arrived = arrive(actors_[index].state);
  schedule_look(index, any_arrived ? now_ : look.value_or(now_));
  for (const CaseState& known : actors_[index].state.cases) {
    for (const Firing& firing : known.firings) {
      if (firing.state != NotificationState::pending || firing.recipient == no_party) continue;
      recipients_[firing.recipient].actions.insert(index);
      schedule_compose(firing.recipient, firing.opening);
      if (known.status != CaseStatus::closed) count_direct(firing, *known.rule->rule, 1);
    }
  }
}

/// What is on its way at the beginning counts as delivered then. True if anything was.
bool Rehearsal::arrive(ActionState& state) {
  bool any = false;
  for (std::size_t i = 0; i < state.cases.size(); ++i) {
    for (std::size_t k = 0; k < state.cases[i].firings.size(); ++k) {
      const Firing& firing = state.cases[i].firings[k];
      if (firing.state != NotificationState::composed) continue;
      const Zone& zone = firing.recipient == no_party ? state.plan->zone : world_->person(firing.recipient).zone;
      deliver(state, i, k, now_, calendar::day_of(now_, zone));
      any = true;
    }
  }
  return any;
}

void Rehearsal::set_last_digest(PartyIndex recipient, CivilDay day) {
  recipients_[recipient].last_digest = day;
}

void Rehearsal::set_first_meetings(PartyIndex recipient, CivilDay monday, int count) {
  recipients_[recipient].meetings_monday = monday;
  recipients_[recipient].meetings = count;
}

const ActionState* Rehearsal::find(std::string_view plan, std::string_view action) const {
  const auto found = index_.find(std::pair(std::string(plan), std::string(action)));
  return found == index_.end() ? nullptr : &actors_[found->second].state;
}

Rehearsal::Actor& Rehearsal::actor(std::string_view plan, std::string_view action) {
  const auto found = index_.find(std::pair(std::string(plan), std::string(action)));
  assert(found != index_.end());
  return actors_[found->second];
}

std::set<std::size_t> Rehearsal::connect(std::size_t index) {
  std::set<std::size_t> others;
  ActionState& state = actors_[index].state;
  note_unknown_blockers(state);
  for (const std::string& reference : state.facts.blocked_by) {
    const std::size_t slash = reference.find('/');
    const auto blocker = index_.find(std::pair(reference.substr(0, slash), reference.substr(slash + 1)));
    if (blocker == index_.end()) continue;
    chase::connect(state, actors_[blocker->second].state, *world_);
    others.insert(blocker->second);
  }
  const auto [first, last] = waiting_.equal_range(reference_of(state));
  for (auto waiting = first; waiting != last; ++waiting) {
    chase::connect(actors_[waiting->second].state, state, *world_);
    others.insert(waiting->second);
  }
  return others;
}

/// It and those that hang on it are looked at at once.
void Rehearsal::changed(const Actor& acting) {
  const auto index = static_cast<std::size_t>(&acting - actors_.data());
  schedule_look(index, now_);
  for (const std::size_t other : connect(index)) schedule_look(other, now_);
}

void Rehearsal::schedule_look(std::size_t index, std::optional<Instant> at) {
  Actor& acting = actors_[index];
  if (acting.next_look == at) return;
  acting.next_look = at;
  if (at) looks_due_.emplace(*at, index);
  while (!looks_due_.empty() && actors_[looks_due_.top().second].next_look != looks_due_.top().first) looks_due_.pop();
}

/// The earliest wish counts; composing sets what remains.
void Rehearsal::schedule_compose(PartyIndex recipient, std::optional<Instant> at) {
  Recipient& known = recipients_[recipient];
  if (!at || (known.next_compose && *known.next_compose <= *at)) return;
  if (known.next_compose) composes_due_.erase({*known.next_compose, recipient});
  known.next_compose = at;
  composes_due_.emplace(*at, recipient);
}

std::optional<Instant> Rehearsal::next_event() const {
  std::optional<Instant> next;
  if (!looks_due_.empty()) next = looks_due_.top().first;
  if (!composes_due_.empty() && (!next || composes_due_.begin()->first < *next)) next = composes_due_.begin()->first;
  return next;
}

void Rehearsal::run_until(Instant until) {
  while (true) {
    const auto next = next_event();
    if (!next || *next > until) break;
    now_ = std::max(now_, *next);
    // A recipient is composed only when no action is due at or before that opening.
    if (!looks_due_.empty() && looks_due_.top().first <= now_) {
      look_at(looks_due_.top().second);
    } else {
      compose_for(composes_due_.begin()->second);
    }
  }
  now_ = std::max(now_, until);
}

void Rehearsal::sleep_until(Instant until) {
  now_ = std::max(now_, until);
  up_since_ = now_;
}

void Rehearsal::look_at(std::size_t index) {
  ++looks_;
  Actor& acting = actors_[index];
  decide(acting.state, *world_, Look{now_, up_since_}, verdict_);
  schedule_look(index, after(now_, verdict_.next_look));
  acting.looks_when_delivered = verdict_.looks_when_delivered;
  note(verdict_, acting.state, index);
  apply(verdict_, now_, acting.state);
}

void Rehearsal::note(const Verdict& verdict, const ActionState& before, std::size_t index) {
  const auto case_at = [&](CaseIndex at) -> const CaseState& {
    return at < before.cases.size() ? before.cases[at] : verdict.opened[at - before.cases.size()];
  };
  const auto silence = [&](const CaseState& known, const Firing& firing, const Reason& reason) {
    const rulebook::Rule& rule = *known.rule->rule;
    silences_.push_back({now_, now_, before.plan->id, before.facts.id, rule.name, rule.steps[firing.step].name,
                         firing.occurrence, firing.recipient == no_party ? "" : world_->person(firing.recipient).id,
                         reason, std::nullopt});
  };
  for (const NewFiring& fired : verdict.firings) {
    const CaseState& known = case_at(fired.index);
    if (fired.firing.state == NotificationState::pending) {
      recipients_[fired.firing.recipient].actions.insert(index);
      schedule_compose(fired.firing.recipient, std::max(now_, fired.firing.opening));
      count_direct(fired.firing, *known.rule->rule, 1);
    } else if (fired.firing.state == NotificationState::recorded) {
      Telling told = telling(pending_item(before, known, fired.firing, *world_), fired.firing.recipient);
      told.channel = "report";
      tellings_.push_back(std::move(told));
    } else {
      silence(known, fired.firing, fired.firing.reason);
    }
  }
  for (const FiringChange& change : verdict.changes) {
    const CaseState& known = case_at(change.index);
    const Firing& changed = known.firings[change.firing];
    if (changed.state == NotificationState::pending) count_direct(changed, *known.rule->rule, -1);
    silence(known, changed, change.reason);
  }
  std::vector<std::size_t> holds;
  for (const Hold& hold : verdict.holds) {
    Silence held{now_, now_, before.plan->id, before.facts.id, {}, {}, hold.occurrence, {}, hold.reason, hold.until};
    if (hold.index != no_case) {
      const rulebook::Rule& rule = *case_at(hold.index).rule->rule;
      held.rule = rule.name;
      if (hold.step != no_step) held.step = rule.steps[hold.step].name;
    }
    if (hold.recipient != no_party) held.recipient = world_->person(hold.recipient).id;
    note_hold(std::move(held), actors_[index].held, holds);
  }
  actors_[index].held = std::move(holds);
  for (const auto& item : verdict.exhausted_items) {
    actors_[index].own_items.emplace_back(item.recipient, exhausted_item(before, case_at(item.index), item.recipient,
                                                                         item.nominal, item.opening, *world_));
    recipients_[item.recipient].actions.insert(index);
    schedule_compose(item.recipient, std::max(now_, item.opening));
  }
}

/// `before` are the silences that the action's last look gave; what is still held alike goes on.
void Rehearsal::note_hold(Silence held, const std::vector<std::size_t>& before, std::vector<std::size_t>& now) {
  const auto known = std::find_if(before.begin(), before.end(),
                                  [&](std::size_t place) { return is_same_hold(silences_[place], held); });
  now.push_back(known == before.end() ? silences_.size() : *known);
  if (known == before.end()) {
    silences_.push_back(std::move(held));
  } else {
    silences_[*known].last = now_;
  }
}

bool Rehearsal::is_over(const std::string& rule, CivilDay nominal) const {
  const auto people = direct_.find({rule, nominal});
  return people != direct_.end() && people->second.size() > people_limit(*world_);
}

/// The service counts what waits, too: who has been written to is no longer among those who would be.
void Rehearsal::count_direct(const Firing& firing, const rulebook::Rule& rule, int by) {
  if (firing.deliver != rulebook::Deliver::direct || firing.first_meeting || firing.recipient == no_party) return;
  const bool was_over = is_over(rule.name, firing.nominal);
  std::map<PartyIndex, int>& people = direct_[{rule.name, firing.nominal}];
  if (by < 0 && !people.contains(firing.recipient)) return;
  if ((people[firing.recipient] += by) <= 0) people.erase(firing.recipient);
  const bool is_over_now = is_over(rule.name, firing.nominal);
  if (is_over_now && !was_over) brakes_.over_limit.push_back({rule.name, firing.nominal});
  if (is_over_now || !was_over) return;
  std::erase_if(brakes_.over_limit,
                [&](const Brakes::Over& over) { return over.rule == rule.name && over.nominal == firing.nominal; });
}

/// Under another directory or another limit.
void Rehearsal::count_direct_anew(const World& world) {
  for (const auto& [what, people] : direct_) {
    std::erase_if(brakes_.over_limit,
                  [&](const Brakes::Over& over) { return over.rule == what.first && over.nominal == what.second; });
  }
  for (auto& [what, people] : direct_) {
    std::map<PartyIndex, int> moved;
    for (const auto& [party, count] : people) {
      const PartyIndex found = world.find_party(world_->person(party).id);
      if (found != no_party) moved.emplace(found, count);
    }
    people = std::move(moved);
    if (people.size() > people_limit(world)) brakes_.over_limit.push_back({what.first, what.second});
  }
}

void Rehearsal::set_brakes(Brakes brakes) {
  brakes_ = std::move(brakes);
  for (const Brakes::Over& over : brakes_.over_limit) limits_known_.emplace(over.rule, over.nominal);
  freeze_released_to_.reset();
  if (!brakes_.freeze_released || world_->plans().empty()) return;
  const CivilDay today = calendar::day_of(now_, world_->plans().front().zone);
  if (const rulebook::Freeze* const freeze = world_->rulebook().freeze_on(today)) freeze_released_to_ = freeze->to;
}

const Brakes& Rehearsal::brakes() {
  brakes_.freeze_released = freeze_released_to_ && !world_->plans().empty() &&
                            calendar::day_of(now_, world_->plans().front().zone) <= *freeze_released_to_;
  return brakes_;
}

Telling Rehearsal::telling(const PendingItem& item, PartyIndex recipient) const {
  Telling told;
  told.at = now_;
  told.plan = item.plan->id;
  told.action = item.action;
  told.position = item.position;
  told.rule = item.rule;
  told.step = item.step;
  told.occurrence = item.occurrence;
  told.recipient = recipient;
  told.to = world_->person(recipient).id;
  told.deliver = item.deliver;
  told.nominal = item.nominal;
  told.anchor_day = item.anchor_day;
  told.reason = why(item, *world_);
  return told;
}

/// What a reader would get now, and where it stands in the actions: what waits for them, and for those for whom they
/// stand in.
Rehearsal::Waiting Rehearsal::waiting_for(PartyIndex reader, std::span<const PartyIndex> parties,
                                          const Absences& absences) const {
  Waiting waiting;
  for (const PartyIndex party : parties) add_waiting(party, reader, absences, waiting);
  return waiting;
}

void Rehearsal::add_waiting(PartyIndex party, PartyIndex reader, const Absences& absences, Waiting& waiting) const {
  const auto found = recipients_.find(party);
  if (found == recipients_.end()) return;
  const Away* const away = absences.find(party);
  const auto add = [&](PendingItem item, Place place) {
    if (away != nullptr) item.away = *away;
    waiting.items.push_back(std::move(item));
    waiting.places.push_back(place);
  };
  for (const std::size_t index : found->second.actions) {
    const ActionState& state = actors_[index].state;
    for (std::size_t c = 0; c < state.cases.size(); ++c) {
      for (std::size_t f = 0; f < state.cases[c].firings.size(); ++f) {
        const Firing& firing = state.cases[c].firings[f];
        if (firing.state != NotificationState::pending || firing.recipient != party) continue;
        add(pending_item(state, state.cases[c], firing, *world_, reader), {index, c, f});
      }
    }
    const auto& own_items = actors_[index].own_items;
    for (std::size_t e = 0; e < own_items.size(); ++e) {
      if (own_items[e].first != party) continue;
      PendingItem item = own_items[e].second;
      if (party != reader) item.via = resolve_channels({"email"}, world_->person(reader));
      add(std::move(item), {index, built_in, e});
    }
  }
}

/// Prints the messages; the places of the items that went.
std::set<std::size_t> Rehearsal::tell(const Composition& composition, const Waiting& waiting, PartyIndex recipient) {
  std::set<std::size_t> gone;
  for (const Draft& draft : composition.messages) {
    if (draft.kind == MessageKind::digest) recipients_[recipient].last_digest = composition.day;
    for (std::size_t i = 0; i < draft.items.size(); ++i) {
      const std::size_t item = draft.items[i];
      gone.insert(item);
      Telling told = telling(waiting.items[item], recipient);
      const PartyIndex meant = waiting.items[item].recipient;
      if (meant != no_party && meant != recipient) {
        told.instead_of = world_->person(meant).id;
        told.reason = stands_in_words(world_->person(meant), *waiting.items[item].away) + "; " + told.reason;
      }
      told.channel = draft.channel;
      told.address = address_of(world_->person(recipient), draft.channel);
      told.kind = draft.kind;
      const std::size_t carrier = draft.carried_by[i];
      if (draft.kind == MessageKind::catch_up)
        told.carrier = "catch-up";
      else if (carrier != item)
        told.carrier = waiting.items[carrier].rule + "/" + waiting.items[carrier].step;
      const Place& place = waiting.places[item];
      if (place.case_index != built_in) {
        const ActionState& state = actors_[place.actor].state;
        told.about = about(state, state.cases[place.case_index].firings[place.firing], *world_);
      }
      tellings_.push_back(std::move(told));
    }
  }
  return gone;
}

/// What went counts as delivered at once; actions in which something waited for that are looked at again.
void Rehearsal::settle(const std::set<std::size_t>& gone, const Waiting& waiting, CivilDay day, PartyIndex reader) {
  std::set<std::size_t> changed;
  std::set<std::size_t> emptied;
  for (const std::size_t item : gone) {
    const Place& place = waiting.places[item];
    Actor& acting = actors_[place.actor];
    if (place.case_index == built_in) {
      acting.own_items[place.firing].first = no_party;
      emptied.insert(place.actor);
    } else {
      const CaseState& known = acting.state.cases[place.case_index];
      const Firing& firing = known.firings[place.firing];
      // A first meeting's age begins.
      if (acting.looks_when_delivered || firing.first_meeting) changed.insert(place.actor);
      count_direct(firing, *known.rule->rule, -1);
      deliver(acting.state, place.case_index, place.firing, now_, day, reader);
    }
  }
  for (const std::size_t index : emptied) {
    std::erase_if(actors_[index].own_items, [](const auto& waits) { return waits.first == no_party; });
  }
  for (const std::size_t index : changed) schedule_look(index, now_);
}

void Rehearsal::begin_week(Recipient& known, CivilDay today) const {
  if (known.meetings_monday == monday_of(today)) return;
  known.meetings_monday = monday_of(today);
  known.meetings = 0;
}

void Rehearsal::compose_for(PartyIndex recipient) {
  Recipient& known = recipients_[recipient];
  if (known.next_compose) composes_due_.erase({*known.next_compose, recipient});
  known.next_compose.reset();
  const Absences absences(*world_, brakes_.seem_away, now_);
  if (const PartyIndex reader = absences.reader_of(recipient); reader != recipient) {
    return schedule_compose(reader, now_);
  }
  std::vector<PartyIndex> parties = absences.read_by(recipient);
  parties.insert(parties.begin(), recipient);
  const Waiting waiting = waiting_for(recipient, parties, absences);
  const Person& person = world_->person(recipient);
  const CivilDay today = calendar::day_of(now_, person.zone);
  int meetings = 0;
  for (const PartyIndex party : parties) {
    begin_week(recipients_[party], today);
    meetings += recipients_[party].meetings;
  }
  const ComposeInput input{recipient, waiting.items, meetings, known.last_digest, up_since_};
  const Composition composition = compose(input, *world_, brakes(), now_);
  const std::set<std::size_t> gone = tell(composition, waiting, recipient);
  for (const PendingHold& hold : composition.holds) {
    const PendingItem& item = waiting.items[hold.item];
    silences_.push_back({now_, now_, item.plan->id, item.action, item.rule, item.step, item.occurrence,
                         world_->person(item.recipient).id, hold.reason, hold.until});
  }
  for (const std::size_t met : composition.met) ++recipients_[waiting.items[met].recipient].meetings;
  settle(gone, waiting, composition.day, recipient);
  leave_waiting(parties, gone, waiting, composition);
  tell_of_limits(composition, waiting);
}

/// What has not gone waits on, for the one for whom it was meant.
void Rehearsal::leave_waiting(std::span<const PartyIndex> parties, const std::set<std::size_t>& gone,
                              const Waiting& waiting, const Composition& composition) {
  for (const PartyIndex party : parties) recipients_[party].actions.clear();
  for (std::size_t item = 0; item < waiting.places.size(); ++item) {
    if (!gone.contains(item)) recipients_[waiting.items[item].recipient].actions.insert(waiting.places[item].actor);
  }
  for (const PartyIndex party : parties) {
    Recipient& known = recipients_[party];
    if (known.next_compose) composes_due_.erase({*known.next_compose, party});
    known.next_compose.reset();
    if (party == parties.front() || !known.actions.empty())
      schedule_compose(party, after(now_, composition.next_compose));
  }
}

void Rehearsal::tell_of_limits(const Composition& composition, const Waiting& waiting) {
  for (const LimitNotice& notice : composition.notices) {
    const PendingItem& held = waiting.items[notice.item];
    if (limits_known_.contains({held.rule, held.nominal})) continue;
    const std::string key = key_of(limit_identity(held, world_->person(notice.recipient)));
    if (!limits_told_.insert(key).second) continue;
    const std::size_t index = waiting.places[notice.item].actor;
    actors_[index].own_items.emplace_back(notice.recipient,
                                          limit_item(held, notice.recipient, notice.opening, *world_));
    recipients_[notice.recipient].actions.insert(index);
    schedule_compose(notice.recipient, notice.opening);
  }
}

ResponseEffect Rehearsal::respond(std::string_view plan, std::string_view action, const Response& response) {
  Actor& acting = actor(plan, action);
  const Surroundings around = response.others.empty() ? Surroundings{} : surroundings(plan);
  ResponseEffect effect = chase::respond(acting.state, *world_, response, now_, &around);
  apply(effect, response, *world_, now_, acting.state);
  changed(acting);
  if (!effect.blocked_by && !effect.unblocked) return effect;
  for (std::size_t i = 0; i < actors_.size(); ++i) {
    if (actors_[i].state.plan->id != plan) continue;
    if (apply_to_blocker(effect, std::string(action), now_, actors_[i].state)) schedule_look(i, now_);
  }
  return effect;
}

Surroundings Rehearsal::surroundings(std::string_view plan) const {
  Surroundings around;
  for (const Actor& known : actors_) {
    if (known.state.plan->id != plan) continue;
    around.actions.push_back(known.state.facts.id);
    for (const Blocking& waits : known.state.blocked_by) {
      around.waits.emplace_back(known.state.facts.id, waits.action);
    }
  }
  std::sort(around.actions.begin(), around.actions.end());
  return around;
}

void Rehearsal::set_status(std::string_view plan, std::string_view action, const std::string& status) {
  Actor& acting = actor(plan, action);
  acting.state.facts.status = status;
  acting.state.facts.updated = now_;
  changed(acting);
}

void Rehearsal::redate(std::string_view plan, std::string_view action, CivilDay due,
                       std::optional<plan::Precision> precision) {
  Actor& acting = actor(plan, action);
  plan::Timescale& timescale = acting.state.facts.timescale;
  if (!timescale.due || due > *timescale.due) ++acting.state.facts.slips;
  timescale.due = due;
  if (precision) timescale.precision = *precision;
  acting.state.facts.updated = now_;
  changed(acting);
}

void Rehearsal::change_world(const World& world) {
  std::map<PartyIndex, Recipient> moved;
  for (auto& [party, known] : recipients_) {
    const PartyIndex now = world.find_party(world_->person(party).id);
    if (now != no_party) moved.emplace(now, std::move(known));
  }
  for (SeemsAway& hint : brakes_.seem_away) hint.party = world.find_party(world_->person(hint.party).id);
  std::erase_if(brakes_.seem_away, [](const SeemsAway& hint) { return hint.party == no_party; });
  for (std::size_t i = 0; i < actors_.size(); ++i) {
    actors_[i].state = rebind(actors_[i].state, *world_, world);
    for (auto& [party, item] : actors_[i].own_items) {
      party = world.find_party(world_->person(party).id);
      item.recipient = party;
      item.plan = actors_[i].state.plan;
    }
    schedule_look(i, now_);
  }
  recipients_ = std::move(moved);
  count_direct_anew(world);
  composes_due_.clear();
  for (const auto& [party, known] : recipients_) {
    if (known.next_compose) composes_due_.emplace(*known.next_compose, party);
  }
  world_ = &world;
}

ActionState rebind(const ActionState& state, const World& from, const World& to) {
  ActionState bound = state;
  const auto party = [&](PartyIndex index) {
    return index == no_party ? no_party : to.find_party(from.person(index).id);
  };
  bound.plan = to.find_plan(state.plan->id);
  assert(bound.plan != nullptr);
  for (AssignmentState& assignment : bound.assignments) {
    assignment.party = party(assignment.party);
    assignment.delegate = party(assignment.delegate);
  }
  for (PartyIndex& former : bound.former) former = party(former);
  std::erase(bound.former, no_party);
  for (Request& request : bound.requests) {
    request.by = party(request.by);
    request.decider = party(request.decider);
  }
  for (Answered& answered : bound.answered) answered.party = party(answered.party);
  for (LastDirect& last : bound.last_direct) last.recipient = party(last.recipient);
  for (CaseState& known : bound.cases) {
    const rulebook::Rule& rule = *known.rule->rule;
    known.rule = to.find_rule(rule.name, rule.version);
    assert(known.rule != nullptr);
    for (Firing& firing : known.firings) {
      firing.recipient = party(firing.recipient);
      firing.read_by = party(firing.read_by);
    }
  }
  return bound;
}

}  // namespace chaser::chase
