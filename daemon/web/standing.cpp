#include "web/standing.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "web/words.h"

namespace chaser::web {
namespace {

constexpr int near_days = 30;

}  // namespace

Standing standing_of(const chase::ActionFacts& facts, const plan::Workflow& workflow, calendar::CivilDay today) {
  if (workflow.is_finished(facts.status)) return {"finished", "good"};
  if (facts.timescale.kind == plan::TimescaleKind::unreadable) return {"date unreadable", "bad"};
  if (!facts.timescale.due)
    return {facts.timescale.kind == plan::TimescaleKind::ongoing ? "ongoing" : "no date", "plain"};
  if (*facts.timescale.due < today) return {"late", "bad"};
  if (*facts.timescale.due <= today + near_days) return {"due soon", "warn"};
  return {"in time", "good"};
}

std::string due_words(const plan::Timescale& timescale) {
  const std::string said = timescale.verbatim.empty() ? "" : fmt::format(" (the plan says “{}”)", timescale.verbatim);
  if (timescale.due)
    return calendar::short_day(*timescale.due) + (timescale.precision == plan::Precision::day ? "" : said);
  switch (timescale.kind) {
    case plan::TimescaleKind::ongoing:
      return "ongoing" + said;
    case plan::TimescaleKind::unreadable:
      return "not readable" + said;
    case plan::TimescaleKind::done:
      return "done" + said;
    default:
      return "no date" + said;
  }
}

std::string owner_words(const chase::ActionState& state, const chase::World& world) {
  std::vector<std::string> names;
  for (const auto& assignment : state.assignments) {
    const bool known = assignment.party != chase::no_party;
    std::string name = known ? world.person(assignment.party).name : assignment.token;
    if (assignment.role == plan::Role::support) name += " (support)";
    if (names.size() < 4) names.push_back(std::move(name));
  }
  if (state.assignments.empty()) return fmt::format("{}", fmt::join(state.facts.owners, ", "));
  const std::size_t more = state.assignments.size() - names.size();
  return fmt::format("{}{}", fmt::join(names, ", "), more == 0 ? "" : fmt::format(" and {} more", more));
}

namespace {

std::string tone_of(chase::Rag rag) {
  switch (rag) {
    case chase::Rag::green:
      return "good";
    case chase::Rag::amber:
      return "warn";
    case chase::Rag::red:
      return "bad";
    case chase::Rag::none:
      break;
  }
  return "";
}

}  // namespace

void tell_colours(View& view, const chase::ActionState& state, const chase::World& world, calendar::CivilDay today) {
  const chase::Rag claimed = state.facts.claimed;
  const bool is_finished = world.workflow().is_finished(state.facts.status);
  const chase::Rag computed = chase::computed_rag(state, is_finished, today, world.calendar("england-and-wales"));
  const auto tell = [&](const char* name, chase::Rag rag) {
    if (rag == chase::Rag::none) return;
    view.text(name, std::string(chase::name_of(rag))).text(std::string(name) + "_tone", tone_of(rag));
  };
  tell("claimed", claimed);
  tell("computed", computed);
  view.flag("disputed", claimed != chase::Rag::none && computed != chase::Rag::none && claimed != computed);
}

View action_view(const chase::ActionState& state, const chase::World& world, calendar::CivilDay today) {
  const chase::ActionFacts& facts = state.facts;
  const Standing standing = standing_of(facts, world.workflow(), today);
  View view;
  view.text("id", facts.id).text("title", facts.title).text("path", action_path(state.plan->id, facts.id));
  view.text("section", facts.section)
      .text("status", status_words(facts.status))
      .text("owners", owner_words(state, world));
  view.text("due", due_words(facts.timescale))
      .text("standing", std::string(standing.word))
      .text("tone", std::string(standing.tone));
  if (!world.workflow().is_finished(facts.status)) view.text("left", days_left_words(facts.timescale.due, today));
  if (facts.slips > 0) {
    view.text("slip", counted(static_cast<std::size_t>(facts.slips), "slip") +
                          (facts.first_due ? ", first due " + day_words(facts.first_due) : ""));
  }
  view.flag("ambiguous", facts.timescale.ambiguous).flag("unowned", facts.unowned);
  return view;
}

}  // namespace chaser::web
