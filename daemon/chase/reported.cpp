#include "chase/reported.h"

#include <algorithm>

namespace chaser::chase {
namespace {

const plan::Milestone* find_milestone(const ActionFacts& facts, const std::string& id) {
  const auto found = std::find_if(facts.milestones.begin(), facts.milestones.end(),
                                  [&](const plan::Milestone& milestone) { return milestone.id == id; });
  return found == facts.milestones.end() ? nullptr : &*found;
}

std::string why_no_milestone(const ActionFacts& facts, const std::string& id) {
  const plan::Milestone* const milestone = find_milestone(facts, id);
  if (milestone != nullptr) return milestone->done ? "milestone " + id + " is met already" : "";
  std::string known;
  for (const plan::Milestone& each : facts.milestones) known += (known.empty() ? "" : ", ") + each.id;
  return "action " + facts.id + " has no milestone \"" + id + "\"" + (known.empty() ? "" : "; it has " + known);
}

/// A review was asked for: its day has come. An update before that is news, and moves the next review all the same.
bool is_review_due(const ActionState& state, CivilDay today) {
  return std::any_of(state.cases.begin(), state.cases.end(), [&](const CaseState& known) {
    return known.status != CaseStatus::closed && known.anchor == "next_review" && known.anchor_day <= today;
  });
}

}  // namespace

std::string why_not_reported(const ActionState& state, const Response& response, CivilDay today) {
  const ActionFacts& facts = state.facts;
  if (!response.milestone.empty()) {
    if (std::string why = why_no_milestone(facts, response.milestone); !why.empty()) return why;
  }
  if (!response.value) return response.read_on ? "a day of reading needs a value" : "";
  if (!facts.measure) return "action " + facts.id + " has no measure: a value says nothing about it";
  const CivilDay on = response.read_on.value_or(today);
  if (on > today) return "a value is read on a day, not before it: " + calendar::short_day(on) + " is still to come";
  if (on < facts.measure->baseline.on) {
    return "the measure begins on " + calendar::short_day(facts.measure->baseline.on) + ", after the day of that value";
  }
  return "";
}

void enter_reported(const ActionState& state, const Response& response, CivilDay today, ResponseEffect& effect) {
  if (response.value) effect.reading = plan::Reading{response.read_on.value_or(today), *response.value};
  effect.claimed = response.claimed;
  effect.milestone = response.milestone;
  effect.counts_as_review = effect.is_review && is_review_due(state, today);
}

void apply_reported(const ResponseEffect& effect, Instant now, ActionFacts& facts) {
  if (effect.reading && facts.measure) plan::add_reading(*facts.measure, *effect.reading);
  if (effect.claimed) facts.claimed = *effect.claimed;
  for (plan::Milestone& milestone : facts.milestones) {
    if (milestone.id == effect.milestone) milestone.done = true;
  }
  if (effect.counts_as_review) ++facts.reviews;
  if (!effect.note.empty()) facts.noted = now;
}

}  // namespace chaser::chase
