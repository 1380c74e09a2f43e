#include "chase/rag.h"

#include <algorithm>
#include <array>

#include "chase/decide.h"

namespace chaser::chase {
namespace {

constexpr std::array<std::string_view, 4> rag_names{"", "green", "amber", "red"};
constexpr std::array<std::string_view, 3> scheme_names{"lateness", "percent", "hand"};

/// The date by which it is judged: an ongoing action's is its next review.
std::optional<CivilDay> judged_by(const ActionState& state) {
  if (state.facts.timescale.kind == plan::TimescaleKind::ongoing) return next_review_day(state, 3);
  return state.facts.timescale.due;
}

Rag by_lateness(const ActionState& state, CivilDay today, const calendar::WorkingCalendar& calendar) {
  const auto day = judged_by(state);
  if (!day) return Rag::none;
  if (today <= *day) return Rag::green;
  return today <= rulebook::apply(state.plan->rag.red_after, *day, calendar) ? Rag::amber : Rag::red;
}

/// What is done and what should be, both in per cent; nothing if nobody said what is done.
std::optional<std::pair<double, double>> progress(const ActionState& state, CivilDay today) {
  const ActionFacts& facts = state.facts;
  if (facts.measure) {
    const plan::Reading* const latest = facts.measure->latest();
    if (latest == nullptr) return std::nullopt;
    const double expected = plan::expected_on(*facts.measure, latest->on);
    return std::pair(plan::percent_of_way(*facts.measure, latest->value),
                     plan::percent_of_way(*facts.measure, expected));
  }
  if (!facts.percent || !facts.timescale.due) return std::nullopt;
  const CivilDay start = facts.timescale.start.value_or(calendar::day_of(facts.imported, state.plan->zone));
  const CivilDay due = *facts.timescale.due;
  const double whole = static_cast<double>(std::max<std::int64_t>(due - start, 1));
  const double gone = std::clamp(static_cast<double>(today - start) / whole, 0.0, 1.0);
  return std::pair(static_cast<double>(*facts.percent), 100 * gone);
}

Rag by_percent(const ActionState& state, CivilDay today) {
  const auto both = progress(state, today);
  if (!both) return Rag::none;
  const auto [done, expected] = *both;
  if (expected <= 0) return Rag::green;
  const double share = 100 * done / expected;
  if (share >= state.plan->rag.green_from) return Rag::green;
  return share < state.plan->rag.red_below ? Rag::red : Rag::amber;
}

}  // namespace

std::string_view name_of(Rag rag) {
  return rag_names[static_cast<std::size_t>(rag)];
}

std::optional<Rag> rag(std::string_view name) {
  for (std::size_t i = 0; i < rag_names.size(); ++i) {
    if (rag_names[i] == name) return static_cast<Rag>(i);
  }
  return std::nullopt;
}

std::string_view name_of(RagScheme::By by) {
  return scheme_names[static_cast<std::size_t>(by)];
}

std::optional<RagScheme::By> rag_scheme(std::string_view name) {
  for (std::size_t i = 0; i < scheme_names.size(); ++i) {
    if (scheme_names[i] == name) return static_cast<RagScheme::By>(i);
  }
  return std::nullopt;
}

Rag computed_rag(const ActionState& state, bool is_finished, CivilDay today,
                 const calendar::WorkingCalendar& calendar) {
  if (is_finished || state.facts.timescale.kind == plan::TimescaleKind::done) return Rag::none;
  switch (state.plan->rag.by) {
    case RagScheme::By::lateness:
      return by_lateness(state, today, calendar);
    case RagScheme::By::percent:
      return by_percent(state, today);
    case RagScheme::By::hand:
      return Rag::none;
  }
  return Rag::none;
}

}  // namespace chaser::chase
