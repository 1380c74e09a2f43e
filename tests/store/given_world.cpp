// The people, rules and plans that the stores are tested with.
#include <sstream>

#include "store/given.h"
#include "support/catch.h"

namespace given {

using rulebook::Audience;
using rulebook::Offset;
using rulebook::OffsetUnit;
using rulebook::Step;

namespace {

plan::Party party(const std::string& id, plan::PartyKind kind, const std::string& name, const std::string& teams = "") {
  plan::Party made;
  made.id = id;
  made.kind = kind;
  made.contact.name = name;
  made.contact.email = id + "@county.example";
  made.contact.teams = teams;
  return made;
}

Step step(const std::string& name, Offset at, std::vector<Audience> to) {
  Step made;
  made.name = name;
  made.at = at;
  made.to = std::move(to);
  return made;
}

const Audience leads{Audience::Who::leads, Audience::Relation::self, ""};
const Audience superior{Audience::Who::leads, Audience::Relation::superior, ""};
const Audience coordinator{Audience::Who::coordinator, Audience::Relation::self, ""};
const Audience report{Audience::Who::report, Audience::Relation::self, "exceptions"};

Offset working_days(int count) {
  return {count, OffsetUnit::working_days};
}

rulebook::Rule deadline() {
  rulebook::Rule rule;
  rule.name = "deadline";
  rule.anchor = rulebook::Anchor::due;
  rule.steps = {step("heads-up", working_days(-60), {leads}),
                step("due-soon", working_days(-5), {leads}),
                step("overdue", working_days(5), {leads}),
                step("superior", working_days(20), {leads, superior}),
                step("coordinator", working_days(40), {coordinator}),
                step("exceptions", working_days(60), {report})};
  rule.steps[0].deliver = rulebook::Deliver::digest;
  rule.steps[1].via = {"email", "teams"};
  rule.steps[2].repeat = rulebook::Repeat{working_days(10), 3};
  return rule;
}

rulebook::Rule stalled() {
  rulebook::Rule rule;
  rule.name = "stalled";
  rule.anchor = rulebook::Anchor::last_update;
  rule.steps = {step("stalled", working_days(60), {leads}), step("superior", working_days(70), {leads, superior})};
  return rule;
}

rulebook::Rule welcome() {
  rulebook::Rule rule;
  rule.name = "welcome";
  rule.anchor = rulebook::Anchor::first_seen;
  rule.steps = {step("hello", working_days(0), {coordinator}), step("again", working_days(10), {coordinator})};
  rule.steps[1].repeat = rulebook::Repeat{working_days(10), 2};
  return rule;
}

chase::WorldParts parts_with_version(const std::string& version) {
  chase::WorldParts made;
  made.directory = directory();
  std::vector<rulebook::Rule> rules{deadline(), stalled(), welcome()};
  rulebook::RuleText text{rulebook::sha256_hex(version), "rules.yaml", version};
  for (auto& rule : rules) {
    rule.version = text.hash;
    rule.file = text.file;
  }
  made.rulebook.add(std::move(text), std::move(rules), {{"deadline", "stalled"}}, std::nullopt, {});
  made.calendars = {calendar::england_and_wales()};
  for (const char* name : {"Europe/London", "America/New_York"}) {
    calendar::Zone zone;
    REQUIRE(absl::LoadTimeZone(name, &zone));
    made.zones[name] = zone;
  }
  made.plans = {{"county", "County plan", "Europe/London"}};
  return made;
}

std::vector<plan::OwnerToken> tokens(const std::string& cell) {
  std::vector<plan::OwnerToken> owners;
  std::istringstream parts(cell);
  for (std::string name; std::getline(parts, name, ';');) {
    const auto mark = name.find("(support)");
    if (mark == std::string::npos) {
      owners.push_back({name, plan::Role::lead});
    } else {
      owners.push_back({name.substr(0, mark), plan::Role::support});
    }
  }
  return owners;
}

}  // namespace

plan::Directory directory() {
  plan::Directory made;
  plan::Party kcc = party("kcc", plan::PartyKind::organisation, "Kent County Council", "kcc-channel");
  kcc.superior = "kcc-boss";
  plan::Party ccn = party("ccn", plan::PartyKind::network, "Climate Change Network");
  ccn.superior = "sponsor";
  plan::Party ashford = party("hr-ashford", plan::PartyKind::team, "HR Ashford");
  ashford.superior = "kcc-boss";
  plan::Party dover = party("hr-dover", plan::PartyKind::team, "HR Dover");
  dover.contact.zone = "America/New_York";
  plan::Party teams;
  teams.id = "hr-teams";
  teams.kind = plan::PartyKind::party_class;
  teams.contact.name = "HR Teams";
  teams.members = {"hr-ashford", "hr-dover"};
  plan::Party vacant;
  vacant.id = "energy-officer";
  vacant.kind = plan::PartyKind::role;
  vacant.contact.name = "Energy officer";
  vacant.vacant = true;
  made.add(kcc);
  made.add(ccn);
  made.add(ashford);
  made.add(dover);
  made.add(teams);
  made.add(vacant);
  made.add(party("kcc-boss", plan::PartyKind::person, "The Head"));
  made.add(party("coordinator", plan::PartyKind::person, "The Coordinator"));
  made.add(party("sponsor", plan::PartyKind::person, "The Sponsor"));
  plan::PlanRoles roles;
  roles.aliases = {{"KCC", "kcc"}, {"CCN", "ccn"}, {"HR Teams", "hr-teams"}, {"Energy officer", "energy-officer"}};
  roles.coordinator = "coordinator";
  roles.sponsor = "sponsor";
  made.set_roles("", roles);
  return made;
}

plan::Directory directory_without(const std::string& party) {
  const plan::Directory whole = directory();
  plan::Directory made;
  for (const auto& [id, known] : whole.parties()) {
    if (id != party) made.add(known);
  }
  plan::PlanRoles roles = whole.roles("");
  std::erase_if(roles.aliases, [&](const auto& alias) { return alias.second == party; });
  made.set_roles("", roles);
  return made;
}

chase::WorldParts parts() {
  return parts_with_version("the first rules");
}
std::unique_ptr<chase::World> world() {
  return std::make_unique<chase::World>(parts());
}
std::unique_ptr<chase::World> world_without(const std::string& party) {
  chase::WorldParts made = parts();
  made.directory = directory_without(party);
  return std::make_unique<chase::World>(std::move(made));
}
std::unique_ptr<chase::World> world_with_version(const std::string& version) {
  return std::make_unique<chase::World>(parts_with_version(version));
}

plan::Plan plan_of(const std::vector<Row>& rows) {
  plan::Plan made;
  made.id = "county";
  made.title = "County plan";
  made.sections = {"Buildings"};
  for (const auto& row : rows) {
    plan::Action action;
    action.id = row.id;
    action.section = "Buildings";
    action.text = "Do what row " + row.id + " says, and say so.";
    action.title = "Row " + row.id;
    action.owners_verbatim = row.owners;
    action.owners = tokens(row.owners);
    action.status = row.status;
    action.timescale.verbatim = row.due != nullptr ? row.due : "Ongoing";
    action.timescale.kind = row.due != nullptr ? plan::TimescaleKind::dated : plan::TimescaleKind::ongoing;
    if (row.due != nullptr) {
      action.timescale.due = day(row.due);
      action.timescale.precision = plan::Precision::day;
      action.timescale.convention = "day";
    }
    made.actions.push_back(std::move(action));
  }
  return made;
}

}  // namespace given
