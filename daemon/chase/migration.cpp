#include "chase/migration.h"

#include <algorithm>
#include <utility>

namespace chaser::chase {
namespace {

/// Days that an offset spans, near enough to order steps of two versions.
double rough_days(const rulebook::Offset& offset) {
  switch (offset.unit) {
    case rulebook::OffsetUnit::days:
      return offset.count;
    case rulebook::OffsetUnit::working_days:
      return offset.count * 7.0 / 5.0;
    case rulebook::OffsetUnit::weeks:
      return offset.count * 7.0;
    case rulebook::OffsetUnit::months:
      return offset.count * 365.25 / 12;
  }
  return offset.count;
}

void migrate(CaseState& known, const CompiledRule& to, Instant now) {
  const rulebook::Rule& from = *known.rule->rule;
  std::vector<Firing> firings;
  for (Firing& firing : known.firings) {
    const auto step = same_step(from, firing.step, *to.rule);
    if (!step) continue;  // what it told stays in the store's history
    firing.step = *step;
    firings.push_back(std::move(firing));
  }
  std::vector<Entry> entries;
  for (const Entry& entry : known.entries) {
    if (const auto step = step_of_age(from, entry.step, *to.rule))
      entries.push_back({entry.assignment, *step, entry.day});
  }
  known.firings = std::move(firings);
  known.entries = std::move(entries);
  known.rule = &to;
  ++known.epoch;
  known.began = now;
  known.beginning = Beginning::migrated;
}

}  // namespace

const CompiledRule* version_to_take(const CaseState& known, const World& world) {
  if (known.status != CaseStatus::open || known.rule == nullptr) return nullptr;
  const CompiledRule* const current = world.find_rule(known.rule->rule->name);
  return current == nullptr || current == known.rule || current->rule->version == known.rule->rule->version ? nullptr
                                                                                                            : current;
}

std::optional<std::uint16_t> same_step(const rulebook::Rule& from, std::uint16_t step, const rulebook::Rule& to) {
  for (std::size_t i = 0; i < to.steps.size(); ++i) {
    if (to.steps[i].name == from.steps[step].name) return static_cast<std::uint16_t>(i);
  }
  return std::nullopt;
}

std::optional<std::uint16_t> step_of_age(const rulebook::Rule& from, std::uint16_t step, const rulebook::Rule& to) {
  if (const auto same = same_step(from, step, to)) return same;
  std::optional<std::uint16_t> last;
  const double age = rough_days(from.steps[step].at);
  for (std::size_t i = 0; i < to.steps.size(); ++i) {
    const double its = rough_days(to.steps[i].at);
    if (its <= age && (!last || its >= rough_days(to.steps[*last].at))) last = static_cast<std::uint16_t>(i);
  }
  return last;
}

std::size_t migrate(ActionState& state, const World& world, Instant now) {
  std::size_t moved = 0;
  for (CaseState& known : state.cases) {
    const CompiledRule* const to = version_to_take(known, world);
    if (to == nullptr) continue;
    migrate(known, *to, now);
    ++moved;
  }
  return moved;
}

}  // namespace chaser::chase
