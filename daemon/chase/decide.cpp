#include "chase/decide.h"

#include <absl/container/inlined_vector.h>

#include <algorithm>

#include "chase/case_look.h"

namespace chaser::chase {
namespace {

/// Opens and closes cases, so that each rule and anchor instance has the case that its date asks for.
class Cases {
 public:
  Cases(const ActionState& state, const World& world, const Look& look, const rulebook::Facts& facts, Verdict& verdict)
      : state_(state),
        world_(world),
        look_(look),
        facts_(facts),
        verdict_(verdict),
        today_(state.plan->days->day_of(look.now)) {}

  void close_all(const Reason& reason) {
    for (CaseIndex i = 0; i < state_.cases.size(); ++i) {
      if (state_.cases[i].status != CaseStatus::closed) close(i, reason);
    }
    withdraw_left();
  }

  /// What waits to be sent of a case that an answer settled is not said any more.
  void withdraw_left() {
    for (CaseIndex i = 0; i < state_.cases.size(); ++i) {
      if (state_.cases[i].status == CaseStatus::closed) close(i, state_.cases[i].closed_by);
    }
  }

  /// True if some rule applies to the action.
  bool update() {
    bool covered = false;
    bool dateless = false;
    for (const CompiledRule* rule : world_.rules()) {
      const rulebook::Truth truth = rule->rule->when.evaluate(facts_);
      const bool applies = truth.value && truth.problem == nullptr;
      anchor_instances(state_, *rule, today_, instances_);
      for (const AnchorInstance& instance : instances_) update(*rule, instance, applies);
      close_vanished(*rule);
      covered = covered || (applies && !instances_.empty());
      dateless = dateless || (applies && instances_.empty());
    }
    for (CaseIndex i = 0; i < state_.cases.size(); ++i) {
      if (state_.cases[i].rule->removed && state_.cases[i].status == CaseStatus::open) {
        close(i, Reason{ReasonCode::rule_removed, {}});
      }
    }
    if (!covered) say_uncovered(dateless);
    return covered;
  }

  bool is_ended(CaseIndex index) const {
    return std::any_of(verdict_.ended.begin(), verdict_.ended.end(),
                       [&](const CaseEnd& ended) { return ended.index == index; });
  }

 private:
  void update(const CompiledRule& rule, const AnchorInstance& instance, bool applies) {
    CaseIndex latest = no_case;
    for (CaseIndex i = 0; i < state_.cases.size(); ++i) {
      const CaseState& known = state_.cases[i];
      if (known.rule->rule->name != rule.rule->name || known.anchor != instance.name) continue;
      if (latest == no_case || known.epoch > state_.cases[latest].epoch) latest = i;
    }
    if (latest == no_case) {
      if (applies) open(rule, instance, 1, first_beginning(*rule.rule));
      return;
    }
    const CaseState& known = state_.cases[latest];
    if (known.anchor_day != instance.day) {
      if (known.status == CaseStatus::open) {
        close(latest, Reason{ReasonCode::replanned, calendar::iso_day(instance.day)});
      }
      if (!applies) return;
      open(rule, instance, known.epoch + 1, next_beginning(*rule.rule, instance, known));
    } else if (known.status != CaseStatus::open && applies && is_begun_again(known)) {
      open(rule, instance, known.epoch + 1, Beginning::reopened);
    }
  }

  /// What is asked now is told now: there is nothing that was missed.
  static Beginning first_beginning(const rulebook::Rule& rule) {
    const bool is_asked = rule.anchor == rulebook::Anchor::asked || rule.anchor == rulebook::Anchor::blocking;
    return is_asked ? Beginning::earlier : Beginning::first_meeting;
  }

  static Beginning next_beginning(const rulebook::Rule& rule, const AnchorInstance& instance, const CaseState& known) {
    if (rule.anchor == rulebook::Anchor::asked || rule.anchor == rulebook::Anchor::blocking) return Beginning::earlier;
    // An owner who is seen for the first time is met, whoever was there before.
    if (rule.anchor == rulebook::Anchor::first_seen) return Beginning::first_meeting;
    return instance.day > known.anchor_day ? Beginning::later : Beginning::earlier;
  }

  /// Reopened, or what closed it is over.
  bool is_begun_again(const CaseState& known) const {
    if (known.status == CaseStatus::closed && was_closed_by_status(known)) return true;
    // What began with the reopening, and ended in the same look, has had its turn.
    const auto& reopened = state_.facts.reopened;
    return reopened && known.closed_at && *known.closed_at <= *reopened && known.began < *reopened;
  }

  static bool was_closed_by_status(const CaseState& known) {
    const ReasonCode code = known.closed_by.code;
    return code == ReasonCode::finished || code == ReasonCode::dropped || code == ReasonCode::rule_removed ||
           code == ReasonCode::no_anchor;
  }

  /// A date that is no more (a milestone taken away, a timescale now ongoing) takes its case with it.
  void close_vanished(const CompiledRule& rule) {
    for (CaseIndex i = 0; i < state_.cases.size(); ++i) {
      const CaseState& known = state_.cases[i];
      if (known.status != CaseStatus::open || known.rule->rule->name != rule.rule->name) continue;
      const bool there = std::any_of(instances_.begin(), instances_.end(),
                                     [&](const AnchorInstance& instance) { return instance.name == known.anchor; });
      const rulebook::Anchor anchor = rule.rule->anchor;
      const bool is_answered = anchor == rulebook::Anchor::asked || anchor == rulebook::Anchor::blocking;
      if (!there) close(i, Reason{is_answered ? ReasonCode::settled : ReasonCode::no_anchor, {}});
    }
  }

  void open(const CompiledRule& rule, const AnchorInstance& instance, std::int32_t epoch, Beginning beginning) {
    CaseState opened;
    opened.rule = &rule;
    opened.anchor = instance.name;
    opened.epoch = epoch;
    opened.anchor_day = instance.day;
    opened.began = look_.now;
    opened.beginning = beginning;
    verdict_.opened.push_back(std::move(opened));
  }

  void close(CaseIndex index, const Reason& reason) {
    const CaseState& closing = state_.cases[index];
    if (closing.status == CaseStatus::open) verdict_.ended.push_back({index, CaseStatus::closed, reason});
    for (std::uint32_t i = 0; i < closing.firings.size(); ++i) {
      const NotificationState now = closing.firings[i].state;
      if (now != NotificationState::pending && now != NotificationState::composed) continue;
      verdict_.changes.push_back({index, i, NotificationState::withdrawn, reason});
    }
  }

  void say_uncovered(bool dateless) {
    Hold hold;
    hold.index = no_case;
    hold.step = no_step;
    hold.reason.code = dateless ? ReasonCode::no_anchor : ReasonCode::no_rule;
    verdict_.holds.push_back(std::move(hold));
  }

  const ActionState& state_;
  const World& world_;
  const Look& look_;
  const rulebook::Facts& facts_;
  Verdict& verdict_;
  CivilDay today_;
  std::vector<AnchorInstance> instances_;
};

/// Why the action is chased no more, if it is not.
std::optional<Reason> end_of_chasing(const ActionState& state, const World& world) {
  if (state.facts.dropped) return Reason{ReasonCode::dropped, {}};
  if (world.workflow().is_finished(state.facts.status)) return Reason{ReasonCode::finished, state.facts.status};
  if (state.facts.timescale.kind == plan::TimescaleKind::done) return Reason{ReasonCode::finished, "done"};
  return std::nullopt;
}

/// A condition that mentions now or today is looked at once a day, at the window's opening. Source: design.md 5.2.
void look_daily(const ActionState& state, const World& world, Instant now, Verdict& verdict) {
  const bool daily = std::any_of(world.rules().begin(), world.rules().end(),
                                 [](const CompiledRule* rule) { return rule->rule->when.depends_on_time(); });
  if (!daily) return;
  const Instant next = state.plan->schedule->opening_on_or_after(state.plan->days->day_of(now) + 1);
  if (!verdict.next_look || next < *verdict.next_look) verdict.next_look = next;
}

/// The next cut-off begins to count on a day of its own, when there is no case yet that would say so.
void look_at_cutoffs(const ActionState& state, const World& world, Instant now, Verdict& verdict) {
  if (state.plan->cutoffs.empty()) return;
  const CivilDay today = calendar::day_of(now, state.plan->zone);
  for (const CompiledRule* rule : world.rules()) {
    if (rule->rule->anchor != rulebook::Anchor::report_cutoff) continue;
    const std::optional<CivilDay> day = next_cutoff_begins(state, *rule, today);
    if (!day) continue;
    const Instant next = calendar::first_instant(*day, state.plan->zone);
    if (!verdict.next_look || next < *verdict.next_look) verdict.next_look = next;
  }
}

/// Every open action has a next event or a reason; here the reason is that all its cases have run their course.
Hold nothing_left() {
  Hold hold;
  hold.index = no_case;
  hold.step = no_step;
  hold.reason.code = ReasonCode::exhausted;
  return hold;
}

}  // namespace

void decide(const ActionState& state, const World& world, const Look& look, Verdict& verdict) {
  verdict.clear();
  rulebook::Facts facts;
  collect_facts(state, world, look.now, facts);
  Cases cases(state, world, look, facts, verdict);
  if (const auto reason = end_of_chasing(state, world)) return cases.close_all(*reason);
  cases.update();
  cases.withdraw_left();

  // A rule is looked at after those that silence it, so that what fires now silences now.
  absl::InlinedVector<std::pair<std::size_t, CaseIndex>, 8> order;
  for (CaseIndex i = 0; i < state.cases.size(); ++i) {
    if (state.cases[i].status == CaseStatus::open && !cases.is_ended(i)) {
      order.emplace_back(state.cases[i].rule->decide_order, i);
    }
  }
  for (std::size_t i = 0; i < verdict.opened.size(); ++i) {
    order.emplace_back(verdict.opened[i].rule->decide_order, static_cast<CaseIndex>(state.cases.size() + i));
  }
  std::sort(order.begin(), order.end());
  for (const auto& [rank, index] : order) {
    const CaseState& chase_case =
        index < state.cases.size() ? state.cases[index] : verdict.opened[index - state.cases.size()];
    CaseLook(state, world, look, index, chase_case, facts, verdict).run();
  }
  look_daily(state, world, look.now, verdict);
  look_at_cutoffs(state, world, look.now, verdict);
  if (!verdict.next_look && verdict.holds.empty()) verdict.holds.push_back(nothing_left());
}

Verdict decide(const ActionState& state, const World& world, const Look& look) {
  Verdict verdict;
  decide(state, world, look, verdict);
  return verdict;
}

}  // namespace chaser::chase
