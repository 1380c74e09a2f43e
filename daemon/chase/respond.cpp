#include "chase/respond.h"

#include <algorithm>

namespace chaser::chase {
namespace {

bool is_about(const Firing& firing, AssignmentIndex lead) {
  return std::find(firing.leads.begin(), firing.leads.end(), lead) != firing.leads.end();
}

/// Works out what one response does, case by case.
class Answer {
 public:
  Answer(const ActionState& state, const World& world, const Response& response, Instant now)
      : state_(state), world_(world), response_(response), now_(now), day_(calendar::day_of(now, state.plan->zone)) {}

  ResponseEffect effect() {
    if (!is_answerable()) return effect_;
    effect_.accepted = true;
    effect_.note = response_.note;
    switch (response_.kind) {
      case ResponseKind::update:
        update();
        break;
      case ResponseKind::done:
        finish();
        break;
      case ResponseKind::acknowledge:
      case ResponseKind::snooze:
      case ResponseKind::blocked:
        pause();
        break;
    }
    return effect_;
  }

 private:
  bool refuse(std::string why) {
    effect_ = ResponseEffect{};
    effect_.answer = std::move(why);
    return false;
  }

  bool is_answerable() {
    const std::string& action = state_.facts.id;
    if (state_.facts.dropped) return refuse("action " + action + " is no longer in the plan");
    if (world_.workflow().is_finished(state_.facts.status)) {
      return refuse("action " + action + " is already " + state_.facts.status);
    }
    if (response_.status && world_.workflow().find(*response_.status) == nullptr) {
      return refuse("there is no status \"" + *response_.status + "\"");
    }
    find_assignments();
    const bool speaks_for_plan = world_.find_party(response_.party) == state_.plan->coordinator;
    if (effect_.assignments.empty() && !(speaks_for_plan && state_.plan->coordinator != no_party)) {
      return refuse(response_.party + " does not lead or support action " + action);
    }
    if (response_.kind == ResponseKind::snooze || response_.kind == ResponseKind::blocked) return may_pause_at_length();
    return true;
  }

  /// The owner itself, whoever it is reached through, or its deputy; the coordinator answers for all leads.
  void find_assignments() {
    const PartyIndex party = world_.find_party(response_.party);
    if (party == no_party) return;
    for (std::size_t i = 0; i < state_.assignments.size(); ++i) {
      const PartyIndex owner = state_.assignments[i].party;
      if (owner == no_party) continue;
      const auto& reached = world_.person(owner).recipients;
      const bool speaks = owner == party || world_.person(owner).deputy == party ||
                          std::find(reached.begin(), reached.end(), party) != reached.end();
      if (speaks) effect_.assignments.push_back(static_cast<AssignmentIndex>(i));
    }
    if (!effect_.assignments.empty() || party != state_.plan->coordinator) return;
    for (std::size_t i = 0; i < state_.assignments.size(); ++i) {
      effect_.assignments.push_back(static_cast<AssignmentIndex>(i));
    }
  }

  /// A snooze is refused once a step above the leads has gone; both need a day in the future.
  bool may_pause_at_length() {
    const std::string what(name_of(response_.kind));
    if (!response_.until) return refuse(what + " needs a day until which it holds");
    if (*response_.until <= day_) return refuse(what + " until " + calendar::short_day(*response_.until) + " is past");
    if (response_.kind == ResponseKind::blocked) return true;
    for (const CaseState& open : state_.cases) {
      if (open.status != CaseStatus::open) continue;
      for (const Firing& firing : open.firings) {
        const rulebook::Step& step = open.rule->rule->steps[firing.step];
        const bool gone = firing.state == NotificationState::composed || firing.state == NotificationState::delivered ||
                          firing.state == NotificationState::unreachable || firing.state == NotificationState::recorded;
        const bool about =
            firing.leads.empty() || std::any_of(effect_.assignments.begin(), effect_.assignments.end(),
                                                [&](AssignmentIndex lead) { return is_about(firing, lead); });
        if (gone && about && step.is_above_leads()) {
          return refuse("snooze is refused: step " + step.name + " has already gone");
        }
      }
    }
    return true;
  }

  /// Whose answer this is in a case, by the rule's `answers`.
  std::vector<AssignmentIndex> counted_for(const rulebook::Rule& rule) const {
    using rulebook::Answers;
    if (rule.answers == Answers::all) return effect_.assignments;
    std::optional<AssignmentIndex> first;
    std::vector<AssignmentIndex> leads;
    for (std::size_t i = 0; i < state_.assignments.size(); ++i) {
      if (state_.assignments[i].role != plan::Role::lead) continue;
      if (!first) first = static_cast<AssignmentIndex>(i);
      leads.push_back(static_cast<AssignmentIndex>(i));
    }
    const auto answers = [&](AssignmentIndex lead) {
      return std::find(effect_.assignments.begin(), effect_.assignments.end(), lead) != effect_.assignments.end();
    };
    const bool settles = rule.answers == Answers::any ? std::any_of(leads.begin(), leads.end(), answers)
                                                      : first.has_value() && answers(*first);
    return settles ? leads : effect_.assignments;
  }

  int used(const CaseState& open, AssignmentIndex lead, ResponseKind kind) const {
    return static_cast<int>(std::count_if(open.pauses.begin(), open.pauses.end(), [&](const Pause& pause) {
      return pause.assignment == lead && pause.kind == kind && pause.last &&
             *pause.last > calendar::day_of(pause.from, state_.plan->zone);
    }));
  }

  /// Working days that earlier answers of this kind have paused.
  int used_days(const CaseState& open, AssignmentIndex lead, ResponseKind kind) const {
    int days = 0;
    for (const Pause& pause : open.pauses) {
      if (pause.assignment != lead || pause.kind != kind || !pause.last) continue;
      days += open.rule->calendar->working_days_after(calendar::day_of(pause.from, state_.plan->zone), *pause.last);
    }
    return days;
  }

  /// The last day of a pause of this kind in this case; the day of the answer itself if it pauses nothing.
  CivilDay last_day(const CaseState& open, AssignmentIndex lead, const rulebook::PauseLimit& limit,
                    bool in_total) const {
    if (limit.times && used(open, lead, response_.kind) >= *limit.times) return day_;
    const calendar::WorkingCalendar& calendar = *open.rule->calendar;
    CivilDay last = rulebook::apply(limit.up_to, day_, calendar);
    if (in_total) {
      const int left = calendar.working_days_after(day_, last) - used_days(open, lead, response_.kind);
      last = left <= 0 ? day_ : calendar.add_working_days(day_, left);
    }
    if (response_.until) last = std::min(last, *response_.until);
    return std::max(last, day_);
  }

  const rulebook::PauseLimit& limit_of(const rulebook::Rule& rule) const {
    if (response_.kind == ResponseKind::snooze) return rule.pauses.snooze;
    if (response_.kind == ResponseKind::blocked) return rule.pauses.blocked;
    if (response_.kind == ResponseKind::update) return rule.pauses.update;
    return rule.pauses.acknowledge;
  }

  void pause_case(CaseIndex index, bool in_total) {
    const CaseState& open = state_.cases[index];
    for (const AssignmentIndex lead : counted_for(*open.rule->rule)) {
      const CivilDay last = last_day(open, lead, limit_of(*open.rule->rule), in_total);
      effect_.pauses.push_back({index, Pause{lead, response_.kind, now_, last, false}});
      paused_until_ = std::max(paused_until_.value_or(last), last);
    }
  }

  void pause() {
    const bool in_total = response_.kind != ResponseKind::acknowledge;
    for (CaseIndex i = 0; i < state_.cases.size(); ++i) {
      if (state_.cases[i].status == CaseStatus::open) pause_case(i, in_total);
    }
    if (paused_until_ && *paused_until_ > day_) {
      effect_.answer = "thank you; no reminders before " + calendar::short_day(*paused_until_);
    } else {
      effect_.answer = "noted; reminders go on, since earlier answers have used up the pauses";
    }
  }

  void update() {
    effect_.is_update = true;
    effect_.is_review = state_.facts.timescale.kind == plan::TimescaleKind::ongoing;
    effect_.status = response_.status;
    using rulebook::Anchor;
    for (CaseIndex i = 0; i < state_.cases.size(); ++i) {
      const CaseState& open = state_.cases[i];
      if (open.status != CaseStatus::open) continue;
      const Anchor anchor = open.rule->rule->anchor;
      if (anchor == Anchor::due || anchor == Anchor::milestone || anchor == Anchor::report_cutoff) pause_case(i, false);
    }
    effect_.answer = "thank you; the update is recorded";
    if (paused_until_ && *paused_until_ > day_) {
      effect_.answer += ", and no reminders come before " + calendar::short_day(*paused_until_);
    }
  }

  bool is_done(const CaseState& open, AssignmentIndex lead) const {
    const bool before = std::any_of(open.pauses.begin(), open.pauses.end(), [&](const Pause& pause) {
      return pause.assignment == lead && pause.kind == ResponseKind::done && !pause.last;
    });
    const bool by_this = std::any_of(effect_.pauses.begin(), effect_.pauses.end(), [&](const auto& added) {
      return &state_.cases[added.index] == &open && added.pause.assignment == lead;
    });
    return before || by_this;
  }

  bool are_all_done(const CaseState& open) const {
    for (std::size_t i = 0; i < state_.assignments.size(); ++i) {
      const auto lead = static_cast<AssignmentIndex>(i);
      if (state_.assignments[i].role == plan::Role::lead && !is_done(open, lead)) return false;
    }
    return true;
  }

  /// A pause without limit of each assignment; no approval is asked for, so a case whose answers are in is settled at
  /// once, and an action of which every lead says so is done.
  void finish() {
    for (CaseIndex i = 0; i < state_.cases.size(); ++i) {
      const CaseState& open = state_.cases[i];
      if (open.status != CaseStatus::open) continue;
      for (const AssignmentIndex lead : counted_for(*open.rule->rule)) {
        if (is_done(open, lead)) continue;
        effect_.pauses.push_back({i, Pause{lead, ResponseKind::done, now_, std::nullopt, false}});
      }
      if (are_all_done(open)) effect_.ended.push_back({i, CaseStatus::closed, Reason{ReasonCode::settled, {}}});
    }
    if (is_whole_action_done()) {
      effect_.status = finished_status();
      effect_.answer = "thank you; action " + state_.facts.id + " is done";
    } else {
      effect_.answer = "thank you; the other leads of action " + state_.facts.id + " are still asked";
    }
  }

  /// Every lead has said so itself, in some case or now.
  bool is_whole_action_done() const {
    for (std::size_t i = 0; i < state_.assignments.size(); ++i) {
      const auto lead = static_cast<AssignmentIndex>(i);
      if (state_.assignments[i].role != plan::Role::lead) continue;
      const bool says_so_now =
          std::find(effect_.assignments.begin(), effect_.assignments.end(), lead) != effect_.assignments.end();
      const bool said_so = std::any_of(state_.cases.begin(), state_.cases.end(), [&](const CaseState& known) {
        return known.rule->rule->answers == rulebook::Answers::all &&
               std::any_of(known.pauses.begin(), known.pauses.end(), [&](const Pause& pause) {
                 return pause.assignment == lead && pause.kind == ResponseKind::done;
               });
      });
      if (!says_so_now && !said_so) return false;
    }
    return true;
  }

  std::string finished_status() const {
    if (world_.workflow().is_finished("done")) return "done";
    for (const auto& status : world_.workflow().statuses()) {
      if (status.kind == plan::StatusKind::finished) return status.name;
    }
    return state_.facts.status;
  }

  const ActionState& state_;
  const World& world_;
  const Response& response_;
  Instant now_;
  CivilDay day_;
  std::optional<CivilDay> paused_until_;
  ResponseEffect effect_;
};

}  // namespace

ResponseEffect respond(const ActionState& state, const World& world, const Response& response, Instant now) {
  return Answer(state, world, response, now).effect();
}

void apply(const ResponseEffect& effect, Instant now, ActionState& state) {
  if (!effect.accepted) return;
  for (const auto& added : effect.pauses) state.cases[added.index].pauses.push_back(added.pause);
  for (const auto& end : effect.ended) {
    CaseState& ended = state.cases[end.index];
    ended.status = end.status;
    ended.closed_by = end.reason;
    ended.closed_at = now;
  }
  if (effect.status) state.facts.status = *effect.status;
  if (effect.is_update) state.facts.updated = now;
  if (effect.is_review) state.facts.reviewed = now;
  if (!effect.note.empty()) state.facts.last_note = effect.note;
}

}  // namespace chaser::chase
