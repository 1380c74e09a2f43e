#include <fmt/format.h>

#include <algorithm>

#include "chase/answer.h"

#include "chase/reported.h"

// Answers that pause: acknowledge, snooze, blocked, update, and the pause of an extension or a done. Source: design.md
// §6, Pauses.

namespace chaser::chase {
namespace {

bool is_about(const Firing& firing, AssignmentIndex lead) {
  return std::find(firing.leads.begin(), firing.leads.end(), lead) != firing.leads.end();
}

const rulebook::PauseLimit& limit_of(const rulebook::Rule& rule, ResponseKind kind) {
  if (kind == ResponseKind::snooze) return rule.pauses.snooze;
  if (kind == ResponseKind::blocked) return rule.pauses.blocked;
  if (kind == ResponseKind::update) return rule.pauses.update;
  if (kind == ResponseKind::extension) return rule.pauses.extension;
  return rule.pauses.acknowledge;
}

/// `up_to` is per answer for acknowledge and update, in total for the others.
bool is_in_total(ResponseKind kind) {
  return kind != ResponseKind::acknowledge && kind != ResponseKind::update;
}

}  // namespace

/// An answer counts in all open cases that chase the owners; those that chase somebody for his word are none of theirs.
bool Answer::is_counted(const CaseState& open) const {
  return open.status == CaseStatus::open && open.rule->rule->anchor != rulebook::Anchor::asked;
}

/// Whose answer this is in a case, by the rule's `answers`.
std::vector<AssignmentIndex> Answer::counted_for(const rulebook::Rule& rule) const {
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

/// The last day of a pause of this kind in this case; the day of the answer itself if it pauses nothing.
CivilDay Answer::last_day(const CaseState& open, AssignmentIndex lead, bool in_total) const {
  const rulebook::PauseLimit& limit = limit_of(*open.rule->rule, response_.kind);
  const PauseUse earlier = pause_use(state_, open, lead, response_.kind);
  if (limit.times && earlier.answers >= *limit.times) return day_;
  const calendar::WorkingCalendar& calendar = *open.rule->calendar;
  CivilDay last = rulebook::apply(limit.up_to, day_, calendar);
  if (in_total) {
    const int left = calendar.working_days_after(day_, last) - earlier.days;
    last = left <= 0 ? day_ : calendar.add_working_days(day_, left);
  }
  if (response_.until) last = std::min(last, *response_.until);
  return std::max(last, day_);
}

/// A pause of the same kind that lasts as long already makes the answer a repetition there.
void Answer::pause_case(CaseIndex index) {
  const CaseState& open = state_.cases[index];
  const rulebook::PauseLimit& limit = limit_of(*open.rule->rule, response_.kind);
  for (const AssignmentIndex lead : counted_for(*open.rule->rule)) {
    CivilDay wished = rulebook::apply(limit.up_to, day_, *open.rule->calendar);
    if (response_.until) wished = std::min(wished, *response_.until);
    const auto known = std::find_if(open.pauses.begin(), open.pauses.end(), [&](const Pause& pause) {
      return pause.assignment == lead && pause.kind == response_.kind && !pause.cut && pause.last &&
             *pause.last > day_ && (*pause.last >= wished || calendar::day_of(pause.from, state_.plan->zone) == day_);
    });
    const bool is_known = known != open.pauses.end() && response_.kind != ResponseKind::update &&
                          (*known->last >= wished || !response_.until);
    if (is_known) {
      pauses_known_ = true;
      paused_until_ = std::max(paused_until_.value_or(*known->last), *known->last);
      continue;
    }
    const CivilDay last = last_day(open, lead, is_in_total(response_.kind));
    effect_.pauses.push_back({index, Pause{lead, response_.kind, now_, last, false, std::nullopt}});
    pauses_anew_ = true;
    paused_until_ = std::max(paused_until_.value_or(last), last);
  }
}

/// `only_dated`: in the cases that chase a date, as an update does.
void Answer::pause_all(bool only_dated) {
  using rulebook::Anchor;
  for (CaseIndex i = 0; i < state_.cases.size(); ++i) {
    if (!is_counted(state_.cases[i])) continue;
    const Anchor anchor = state_.cases[i].rule->rule->anchor;
    if (only_dated && anchor != Anchor::due && anchor != Anchor::milestone && anchor != Anchor::report_cutoff) continue;
    pause_case(i);
  }
}

/// A pause that lasts until somebody's word, or the end of the case.
void Answer::pause_without_limit() {
  for (CaseIndex i = 0; i < state_.cases.size(); ++i) {
    const CaseState& open = state_.cases[i];
    if (!is_counted(open)) continue;
    for (const AssignmentIndex lead : counted_for(*open.rule->rule)) {
      const bool has_one = std::any_of(open.pauses.begin(), open.pauses.end(), [&](const Pause& pause) {
        return pause.assignment == lead && pause.kind == response_.kind && !pause.last;
      });
      if (has_one) continue;
      effect_.pauses.push_back({i, Pause{lead, response_.kind, now_, std::nullopt, false, std::nullopt}});
    }
  }
}

/// What the request paused ends now.
void Answer::cut_pauses(const Request& request) {
  for (CaseIndex i = 0; i < state_.cases.size(); ++i) {
    const CaseState& open = state_.cases[i];
    for (std::uint32_t p = 0; p < open.pauses.size(); ++p) {
      const Pause& pause = open.pauses[p];
      if (pause.kind != request.kind || pause.from != request.asked || pause.cut) continue;
      if (pause.last && *pause.last <= day_) continue;
      effect_.cut.push_back({i, p, std::max(day_, calendar::day_of(pause.from, state_.plan->zone))});
    }
  }
}

/// A snooze is refused once a step above the leads has gone; a day that is given lies in the future.
bool Answer::may_pause_at_length() {
  const ResponseKind kind = response_.kind;
  const std::string what(name_of(kind));
  if (kind == ResponseKind::snooze && !response_.until) return refuse(what + " needs a day until which it holds");
  const bool pauses = kind == ResponseKind::snooze || kind == ResponseKind::blocked;
  if (pauses && response_.until && *response_.until <= day_) {
    return refuse(what + " until " + calendar::short_day(*response_.until) + " is past");
  }
  if (kind != ResponseKind::snooze) return true;
  for (const CaseState& open : state_.cases) {
    if (!is_counted(open)) continue;
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

std::string Answer::until_words() const {
  return calendar::short_day(*paused_until_);
}

void Answer::acknowledge() {
  pause_all(false);
  if (!pauses_anew_ && pauses_known_) {
    repeat_of(response_.kind, party_,
              fmt::format("{}; no reminders before {}", words_of(response_.kind), until_words()));
    return;
  }
  if (paused_until_ && *paused_until_ > day_) {
    effect_.answer = "thank you; no reminders before " + until_words();
  } else {
    effect_.answer = "noted; reminders go on, since earlier answers have used up the pauses";
  }
}

/// The circle that this answer would close, if `other` waits for this action already, by whatever way.
bool Answer::closes_a_circle(const std::string& other) {
  std::vector<std::vector<std::string>> ways{{other}};
  std::vector<std::string> seen{other};
  while (!ways.empty()) {
    const std::vector<std::string> way = std::move(ways.back());
    ways.pop_back();
    for (const auto& [waiting, awaited] : around_->waits) {
      if (waiting != way.back()) continue;
      if (awaited == state_.facts.id) {
        std::string circle = fmt::format("{} would wait for {}", state_.facts.id, way.front());
        for (std::size_t i = 1; i < way.size(); ++i) circle += ", which waits for " + way[i];
        refuse(fmt::format("{}, which waits for {}: a circle that nobody can begin to undo; speak to the coordinator",
                           circle, awaited));
        return true;
      }
      if (std::find(seen.begin(), seen.end(), awaited) != seen.end()) continue;
      seen.push_back(awaited);
      ways.push_back(way);
      ways.back().push_back(awaited);
    }
  }
  return false;
}

/// Blocked by another action of the plan nudges that one's leads; what is said in words does not.
void Answer::blocked() {
  acknowledge();
  if (!effect_.accepted || around_ == nullptr) return;
  for (const std::string& other : response_.others) {
    if (!std::binary_search(around_->actions.begin(), around_->actions.end(), other)) continue;
    effect_.blocked_by = Blocking{other, now_, std::max(paused_until_.value_or(day_), day_)};
    effect_.answer += fmt::format("; the leads of action {} are told that it waits for them", other);
    return;
  }
}

void Answer::update() {
  const Answered* const before = last_answer(ResponseKind::update, party_);
  const bool says_the_same = before != nullptr && calendar::day_of(before->at, state_.plan->zone) == day_ &&
                             (response_.note.empty() || response_.note == state_.facts.last_note) &&
                             (!response_.status || *response_.status == state_.facts.status) &&
                             (!response_.percent || response_.percent == state_.facts.percent) && !response_.value &&
                             !response_.claimed && response_.milestone.empty();
  if (says_the_same) {
    repeat(*before);
    return;
  }
  effect_.is_update = true;
  effect_.is_review = state_.facts.timescale.kind == plan::TimescaleKind::ongoing;
  effect_.status = response_.status;
  effect_.percent = response_.percent;
  enter_reported(state_, response_, day_, effect_);
  effect_.unblocked = !state_.blocked_by.empty();
  pause_all(true);
  effect_.answer = "thank you; the update is recorded";
  if (paused_until_ && *paused_until_ > day_) effect_.answer += ", and no reminders come before " + until_words();
}

}  // namespace chaser::chase
