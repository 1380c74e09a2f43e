#include "given.h"

#include <algorithm>
#include <stdexcept>

namespace chaser::given {

const char* const deadline_rules = R"yaml(version: 1
rules:
  - rule: deadline
    when: action.kind == "dated" && action.status in ["not_started", "in_progress", "blocked"]
    anchor: due
    steps:
      - { step: heads-up, at: -60wd, to: leads, deliver: digest, precision: [month, quarter, half, year, span] }
      - { step: due-soon, at: -5wd, to: leads }
      - { step: due, at: 0d, to: leads, via: [email, teams] }
      - { step: overdue, at: +5wd, to: leads, repeat: { every: 10wd, times: 3 } }
      - { step: superior, at: +20wd, to: [leads, leads.superior] }
      - { step: coordinator, at: +40wd, to: [coordinator, sponsor] }
      - { step: exceptions, at: +60wd, to: "report:exceptions" }
)yaml";

namespace {

plan::Party party(const std::string& id, const std::string& superior = "", const std::string& zone = "") {
  plan::Party made;
  made.id = id;
  made.contact.email = id + "@county.example";
  made.contact.zone = zone;
  if (!superior.empty()) made.superior = superior;
  return made;
}

calendar::Zone zone(const char* name) {
  calendar::Zone loaded;
  if (!absl::LoadTimeZone(name, &loaded)) throw std::runtime_error(name);
  return loaded;
}

}  // namespace

plan::Directory directory() {
  plan::Directory parties;
  plan::Party network = party("network", "director-place");
  network.contact.teams = "network";
  parties.add(network);
  parties.add(party("county", "director-growth"));
  parties.add(party("york", "director-growth", "America/New_York"));
  parties.add(party("cairo", "director-growth", "Africa/Cairo"));
  for (const char* id : {"director-place", "director-growth", "coordinator", "sponsor"}) parties.add(party(id));
  plan::PlanRoles roles;
  roles.coordinator = "coordinator";
  roles.sponsor = "sponsor";
  parties.set_roles("", roles);
  return parties;
}

std::unique_ptr<chase::World> world(const std::string& rules, plan::Directory parties, plan::Workflow workflow,
                                    std::vector<calendar::CalendarDefinition> own) {
  chase::WorldParts parts;
  parts.calendars = std::move(own);
  parts.workflow = std::move(workflow);
  parts.directory = std::move(parties);
  documents::Problems problems;
  const std::vector<documents::Source> files{documents::Source("rules.yaml", rules)};
  auto rulebook = rulebook::read_rule_files(files, {}, problems);
  if (!rulebook) {
    std::string text;
    for (const auto& problem : problems.sorted()) text += documents::describe(problem);
    throw std::runtime_error(text);
  }
  parts.rulebook = *std::move(rulebook);
  for (const char* name : {"Europe/London", "America/New_York", "Africa/Cairo"}) parts.zones[name] = zone(name);
  parts.plans.push_back({"plan", "Plan", "Europe/London"});
  return std::make_unique<chase::World>(std::move(parts));
}

std::unique_ptr<chase::World> world_with_holiday(calendar::CivilDay day, const std::string& name) {
  calendar::CalendarDefinition changed = calendar::england_and_wales();
  changed.moves.push_back({std::nullopt, day, name});
  return world(deadline_rules, directory(), {}, {changed});
}

calendar::Instant at(int year, int month, int day, int hour, int minute) {
  return calendar::local_instant(calendar::CivilDay(year, month, day), std::chrono::minutes{hour * 60 + minute},
                                 zone("Europe/London"));
}

chase::ActionState action(const chase::World& world, const std::string& id, calendar::CivilDay due,
                          const std::vector<std::string>& leads, calendar::Instant imported) {
  chase::ActionState state;
  state.plan = world.find_plan("plan");
  state.facts.id = id;
  state.facts.title = state.facts.text = "Action " + id;
  state.facts.timescale.kind = plan::TimescaleKind::dated;
  state.facts.timescale.precision = plan::Precision::day;
  state.facts.timescale.due = due;
  state.facts.first_due = due;
  state.facts.imported = imported;
  for (const auto& lead : leads) {
    state.assignments.push_back({world.find_party(lead), plan::Role::lead, lead, imported});
  }
  return state;
}

std::vector<std::string> lines(const chase::Rehearsal& rehearsal, const chase::World& world) {
  std::vector<std::string> texts;
  for (const chase::Telling& told : rehearsal.tellings()) {
    texts.push_back(absl::FormatTime("%Y-%m-%d %H:%M", told.at, world.person(told.recipient).zone) + " " + told.rule +
                    "/" + told.step + " " + to_string(told.occurrence) + " " + told.to + " " + told.channel);
  }
  return texts;
}

std::vector<std::string> keys(const chase::Rehearsal& rehearsal, const chase::World& world, const std::string& action) {
  std::vector<std::string> found;
  const chase::ActionState& state = *rehearsal.find("plan", action);
  for (const auto& known : state.cases) {
    for (const auto& firing : known.firings) found.push_back(key_of(identity_of(state, known, firing, world)));
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace chaser::given
