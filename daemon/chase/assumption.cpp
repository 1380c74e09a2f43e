#include "chase/assumption.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace chaser::chase {
namespace {

struct Wording {
  std::string_view name;
  std::string_view meaning;
};
constexpr std::array<Wording, 3> wordings{{
    {"silent", "nobody answers"},
    {"prompt", "every lead answers on the next working day"},
    {"typical", "leads leave the first message unanswered and answer later ones after three working days"},
}};

constexpr int days_of_prompt = 1;
constexpr int days_of_typical = 3;
constexpr std::chrono::minutes answering_time{15 * 60};

/// People who answer: what they were told becomes answers on later days.
class Answering {
 public:
  Answering(Rehearsal& rehearsal, const World& world, Assumption assumption)
      : rehearsal_(rehearsal), world_(world), assumption_(assumption), seen_(rehearsal.tellings().size()) {}

  std::size_t play(Instant until) {
    while (true) {
      const auto event = rehearsal_.next_event();
      const bool answers_first = !due_.empty() && (!event || due_.begin()->at <= *event);
      const std::optional<Instant> next = answers_first ? std::optional(due_.begin()->at) : event;
      if (!next || *next > until) break;
      rehearsal_.run_until(*next);
      if (answers_first) answer(due_.extract(due_.begin()).value());
      hear();
    }
    rehearsal_.run_until(until);
    return answers_;
  }

 private:
  struct Due {
    Instant at;
    std::string plan;
    std::string action;
    PartyIndex party = no_party;
    auto key() const { return std::tie(at, plan, action, party); }
    bool operator<(const Due& other) const { return key() < other.key(); }
  };

  /// Whoever is an owner of the action or one through whom an owner is reached.
  bool owns(PartyIndex party, const ActionState& state) const {
    return std::any_of(state.assignments.begin(), state.assignments.end(), [&](const AssignmentState& assignment) {
      if (assignment.holder() == no_party) return false;
      const auto& reached = world_.person(assignment.holder()).recipients;
      return assignment.holder() == party || std::find(reached.begin(), reached.end(), party) != reached.end();
    });
  }

  void hear() {
    const auto& tellings = rehearsal_.tellings();
    for (; seen_ < tellings.size(); ++seen_) {
      const Telling& told = tellings[seen_];
      if (told.channel == "report" || rulebook::is_built_in(told.rule)) continue;
      const ActionState* const state = rehearsal_.find(told.plan, told.action);
      if (state == nullptr || !owns(told.recipient, *state)) continue;
      const CompiledRule* const rule = world_.find_rule(told.rule);
      if (rule == nullptr || (assumption_ == Assumption::typical && is_first(told))) continue;
      const Zone& zone = world_.person(told.recipient).zone;
      const int days = assumption_ == Assumption::prompt ? days_of_prompt : days_of_typical;
      const CivilDay day = rule->calendar->add_working_days(calendar::day_of(told.at, zone), days);
      due_.insert({calendar::local_instant(day, answering_time, zone), told.plan, told.action, told.recipient});
    }
  }

  /// Whether it is the first message of its case (the same on several channels is one).
  bool is_first(const Telling& told) {
    const auto [found, is_new] =
        first_.try_emplace({told.plan, told.action, told.rule, told.anchor_day, told.recipient}, told.at);
    return is_new || found->second == told.at;
  }

  ResponseKind kind(const ActionState& state, const Due& due) {
    const auto deadline = state.facts.timescale.due;
    if (!deadline || calendar::day_of(due.at, state.plan->zone) <= *deadline) return ResponseKind::update;
    if (assumption_ == Assumption::prompt) return ResponseKind::done;
    return acknowledged_.emplace(due.plan, due.action, due.party).second ? ResponseKind::acknowledge
                                                                         : ResponseKind::done;
  }

  void answer(const Due& due) {
    const ActionState& state = *rehearsal_.find(due.plan, due.action);
    // It may have been finished, or answered for good, in the meantime.
    if (world_.workflow().is_finished(state.facts.status) || state.facts.dropped) return;
    Response response;
    response.kind = kind(state, due);
    response.party = world_.person(due.party).id;
    response.author = response.party;
    response.means = "assumed";
    if (rehearsal_.respond(due.plan, due.action, response).accepted) ++answers_;
  }

  Rehearsal& rehearsal_;
  const World& world_;
  Assumption assumption_;
  std::size_t seen_;
  std::set<Due> due_;
  std::map<std::tuple<std::string, std::string, std::string, CivilDay, PartyIndex>, Instant> first_;
  std::set<std::tuple<std::string, std::string, PartyIndex>> acknowledged_;
  std::size_t answers_ = 0;
};

}  // namespace

std::string_view name_of(Assumption assumption) {
  return wordings[static_cast<std::size_t>(assumption)].name;
}

std::string_view meaning_of(Assumption assumption) {
  return wordings[static_cast<std::size_t>(assumption)].meaning;
}

std::optional<Assumption> assumption(std::string_view name) {
  for (std::size_t i = 0; i < wordings.size(); ++i) {
    if (wordings[i].name == name) return static_cast<Assumption>(i);
  }
  return std::nullopt;
}

std::size_t play(Rehearsal& rehearsal, const World& world, Assumption assumption, Instant until) {
  if (assumption != Assumption::silent) return Answering(rehearsal, world, assumption).play(until);
  rehearsal.run_until(until);
  return 0;
}

}  // namespace chaser::chase
