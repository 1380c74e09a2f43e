#include "chase/report.h"

#include <fmt/format.h>

#include <algorithm>

#include "chase/blockers.h"
#include "chase/decide.h"

namespace chaser::chase {
namespace {

constexpr int slips_max = 1;                // more of them are an exception
constexpr std::int64_t slip_days_max = 90;  // and so is a longer one
constexpr int readings_behind_max = 1;

std::string days_words(std::int64_t days) {
  return days == 1 ? "1 day" : fmt::format("{} days", days);
}

std::string times_words(int times) {
  if (times == 1) return "once";
  if (times == 2) return "twice";
  return fmt::format("{} times", times);
}

ReportMeasure measure_of(const plan::Measure& measure) {
  const std::string unit = measure.unit.empty() ? measure.name : measure.unit;
  const plan::Reading* const latest = measure.latest();
  const std::string target = fmt::format("{} {} by {}", plan::quantity_words(measure.target.value), unit,
                                         calendar::short_day(measure.target.on));
  if (latest == nullptr) return {fmt::format("no reading yet; {} is promised", target), false};
  std::string words =
      fmt::format("{} of {}, read on {}; {} expected then", plan::quantity_words(latest->value), target,
                  calendar::short_day(latest->on), plan::quantity_words(plan::expected_on(measure, latest->on)));
  if (const auto required = plan::required_per_month(measure); required && *required != 0) {
    words += fmt::format("; {} a month needed from then on", plan::quantity_words(*required));
  }
  return {std::move(words), plan::is_behind(measure, *latest)};
}

/// Builds one row from one action.
class Row {
 public:
  Row(const ReportSource& source, const World& world, CivilDay today)
      : source_(source), state_(source.state), facts_(source.state.facts), world_(world), today_(today) {}

  ReportRow row() {
    row_.id = facts_.id;
    row_.section = facts_.section;
    row_.title = facts_.title;
    row_.status = facts_.status;
    row_.timescale = facts_.timescale;
    row_.is_finished = is_over(state_, world_);
    row_.first_due = facts_.first_due;
    row_.slips = facts_.slips;
    row_.percent = facts_.percent;
    row_.reviews = facts_.reviews;
    row_.claimed = facts_.claimed;
    row_.computed = computed_rag(state_, row_.is_finished, today_, world_.calendar("england-and-wales"));
    row_.leads = leads();
    if (row_.is_ongoing()) row_.next_review = review_day();
    find_dates();
    find_narrative();
    find_asked();
    if (facts_.measure) row_.measure = measure_of(*facts_.measure);
    for (const Blocker& blocker : state_.blockers) {
      if (blocker.known && !blocker.finished) row_.waits_for.push_back(blocker.action);
    }
    if (!row_.is_finished) find_why();
    return std::move(row_);
  }

 private:
  CivilDay day_of(Instant at) const { return calendar::day_of(at, state_.plan->zone); }

  std::string leads() const {
    std::string names;
    for (const AssignmentState& assignment : state_.assignments) {
      if (assignment.role != plan::Role::lead || assignment.holder() == no_party) continue;
      names += (names.empty() ? "" : ", ") + world_.person(assignment.holder()).name;
    }
    if (!names.empty()) return names;
    for (const std::string& owner : facts_.owners) names += (names.empty() ? "" : ", ") + owner;
    return names;
  }

  /// By the rule that asks for the review, if there is one.
  CivilDay review_day() const {
    for (const CompiledRule* rule : world_.rules()) {
      if (rule->rule->anchor != rulebook::Anchor::next_review) continue;
      return next_review_day(state_, rule->rule->cadence_months, rule->rule->recurrence);
    }
    return next_review_day(state_, 3);
  }

  void find_dates() {
    const std::optional<CivilDay> due = facts_.timescale.due;
    if (facts_.first_due && due && *due > *facts_.first_due) row_.slip_days = *due - *facts_.first_due;
    if (row_.is_finished) return;
    const std::optional<CivilDay> judged = row_.is_ongoing() ? row_.next_review : due;
    if (judged && *judged < today_) row_.days_late = today_ - *judged;
  }

  void find_narrative() {
    row_.narrative = facts_.last_note;
    if (facts_.last_note.empty() || !facts_.noted) return;
    row_.narrative_on = day_of(*facts_.noted);
    row_.narrative_age = today_ - *row_.narrative_on;
  }

  bool speaks_for(const plan::PartyId& party, PartyIndex owner) const {
    const PartyIndex index = world_.find_party(party);
    if (index == no_party) return false;
    const Person& person = world_.person(owner);
    return index == owner || index == person.deputy ||
           std::find(person.recipients.begin(), person.recipients.end(), index) != person.recipients.end();
  }

  void find_asked() {
    for (std::size_t i = 0; i < state_.assignments.size(); ++i) {
      const AssignmentState& assignment = state_.assignments[i];
      if (assignment.role != plan::Role::lead || assignment.holder() == no_party) continue;
      std::optional<Instant> first;
      std::optional<Instant> last;
      each_sent(static_cast<AssignmentIndex>(i), [&](Instant at) {
        first = std::min(first.value_or(at), at);
        last = std::max(last.value_or(at), at);
      });
      if (!first) continue;
      ReportAsked asked{world_.person(assignment.holder()).name, day_of(*last), std::nullopt};
      for (const ReportAnswer& answer : source_.answers) {
        if (answer.at >= *first && speaks_for(answer.party, assignment.holder())) asked.answered = day_of(answer.at);
      }
      row_.asked.push_back(std::move(asked));
    }
  }

  /// What this lead itself was sent in the cases that are not closed.
  template <typename Visit>
  void each_sent(AssignmentIndex lead, Visit visit) const {
    for (const CaseState& known : state_.cases) {
      if (known.status == CaseStatus::closed) continue;
      for (const Firing& firing : known.firings) {
        const bool is_to = std::find(firing.leads.begin(), firing.leads.end(), lead) != firing.leads.end();
        if (firing.sent_at && is_to && !firing.relational) visit(*firing.sent_at);
      }
    }
  }

  void say(std::string why) { row_.why.push_back(std::move(why)); }

  void find_why() {
    if (row_.days_late > 0 && row_.is_ongoing()) {
      say(fmt::format("review due {}, {} ago, is not answered", calendar::short_day(*row_.next_review),
                      days_words(row_.days_late)));
    } else if (row_.days_late > 0) {
      say(fmt::format("{} past its date", days_words(row_.days_late)));
    }
    say_entered();
    if (row_.slips > slips_max || row_.slip_days > slip_days_max) {
      say(fmt::format("moved later {}, by {} in all", times_words(std::max(row_.slips, 1)),
                      days_words(row_.slip_days)));
    }
    if (row_.claimed == Rag::red) say("its lead says red");
    if (row_.computed == Rag::red && row_.days_late == 0) say("computed red");
    if (row_.is_disputed()) say(fmt::format("claimed {}, computed {}", name_of(row_.claimed), name_of(row_.computed)));
    if (facts_.measure && plan::readings_behind(*facts_.measure) > readings_behind_max) {
      say(fmt::format("behind its target in the last {} readings", plan::readings_behind(*facts_.measure)));
    }
    for (const plan::Milestone& milestone : facts_.milestones) {
      if (milestone.done || milestone.due >= today_) continue;
      say(fmt::format("milestone \"{}\" of {} is not met", milestone.name, calendar::short_day(milestone.due)));
    }
    for (const Blocker& blocker : state_.blockers) {
      if (!blocker.known || blocker.finished || !blocker.due || *blocker.due >= today_) continue;
      say(fmt::format("waits for {}, due {}", blocker.action, calendar::short_day(*blocker.due)));
    }
    if (facts_.status == "blocked") say("blocked");
    if (facts_.unowned) say("nobody owns it whom the directory knows");
    if (facts_.timescale.kind == plan::TimescaleKind::unreadable) say("its timescale cannot be read");
  }

  /// A rule's step entered it in the report.
  void say_entered() {
    for (const CaseState& known : state_.cases) {
      if (known.status == CaseStatus::closed) continue;
      for (const Firing& firing : known.firings) {
        if (firing.state != NotificationState::recorded || firing.recipient == no_party) continue;
        if (world_.person(firing.recipient).id != "report:exceptions") continue;
        const rulebook::Rule& rule = *known.rule->rule;
        say(fmt::format("entered by {}/{} on {}", rule.name, rule.steps[firing.step].name,
                        calendar::short_day(day_of(firing.opening))));
      }
    }
  }

  const ReportSource& source_;
  const ActionState& state_;
  const ActionFacts& facts_;
  const World& world_;
  CivilDay today_;
  ReportRow row_;
};

void count(const ReportRow& row, ReportFigures& figures) {
  ++figures.actions;
  figures.slipped += row.slips > 0 ? 1 : 0;
  figures.ongoing += row.is_ongoing() ? 1 : 0;
  if (row.is_finished) {
    ++figures.finished;
    return;
  }
  figures.late += row.days_late > 0 && !row.is_ongoing() ? 1 : 0;
  figures.reviews_late += row.days_late > 0 && row.is_ongoing() ? 1 : 0;
  figures.red += row.computed == Rag::red ? 1 : 0;
  figures.amber += row.computed == Rag::amber ? 1 : 0;
  figures.green += row.computed == Rag::green ? 1 : 0;
  figures.disputed += row.is_disputed() ? 1 : 0;
  figures.exceptions += row.why.empty() ? 0 : 1;
  figures.without_news += row.narrative_age.value_or(narrative_days_max + 1) > narrative_days_max ? 1 : 0;
}

bool is_open_to_doubt(const ReportRow& row) {
  return !row.is_finished && (row.timescale.ambiguous || row.timescale.kind == plan::TimescaleKind::unreadable);
}

int gravity(const ReportRow& row) {
  if (row.computed == Rag::red || row.claimed == Rag::red) return 0;
  return row.days_late > 0 ? 1 : 2;
}

}  // namespace

std::string_view name_of(ReportKind kind) {
  return kind == ReportKind::exceptions ? "exceptions" : "progress";
}

std::optional<ReportKind> report_kind(std::string_view name) {
  if (name == "exceptions") return ReportKind::exceptions;
  if (name == "progress") return ReportKind::progress;
  return std::nullopt;
}

std::vector<std::string> ReportRow::silent() const {
  std::vector<std::string> names;
  for (const ReportAsked& each : asked) {
    if (!each.answered) names.push_back(each.name);
  }
  return names;
}

int ReportFigures::ongoing_share() const {
  return actions == 0 ? 0 : static_cast<int>((100 * ongoing + actions / 2) / actions);
}

Report report(ReportKind kind, const PlanContext& plan, const World& world, const std::vector<ReportSource>& sources,
              Instant now) {
  Report made;
  made.kind = kind;
  made.plan = plan.id;
  made.title = plan.title;
  made.on = calendar::day_of(now, plan.zone);
  made.rag = plan.rag;
  for (const Cutoff& cutoff : plan.cutoffs) {
    if (cutoff.day < made.on) continue;
    made.cutoff = cutoff;
    break;
  }
  for (const ReportSource& source : sources) {
    if (source.state.facts.dropped) continue;
    ReportRow row = Row(source, world, made.on).row();
    count(row, made.figures);
    if (is_open_to_doubt(row)) made.ambiguous.push_back(row);
    if (kind == ReportKind::progress || !row.why.empty()) made.rows.push_back(std::move(row));
  }
  made.figures.ambiguous = made.ambiguous.size();
  if (kind == ReportKind::exceptions) {
    std::stable_sort(made.rows.begin(), made.rows.end(), [](const ReportRow& a, const ReportRow& b) {
      return std::pair(gravity(a), -a.days_late) < std::pair(gravity(b), -b.days_late);
    });
  }
  return made;
}

}  // namespace chaser::chase
