#include "given.h"

#include <stdlib.h>

#include <sstream>

#include "store/sqlite_store.h"
#include "support/catch.h"

namespace given {

using rulebook::Audience;
using rulebook::Offset;
using rulebook::OffsetUnit;
using rulebook::Step;

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "chaser-store-XXXXXX").string();
  REQUIRE(mkdtemp(name.data()) != nullptr);
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

const std::vector<StoreKind>& store_kinds() {
  static const std::vector<StoreKind> kinds{
      {"sqlite", [](const std::string& folder) { return store::open_sqlite(folder, store::SqliteOptions{}); }}};
  return kinds;
}

Instant at(const char* rfc3339) {
  const auto instant = calendar::parse_rfc3339(rfc3339);
  REQUIRE(instant.has_value());
  return *instant;
}

CivilDay day(const char* iso) {
  const auto parsed = calendar::parse_iso_day(iso);
  REQUIRE(parsed.has_value());
  return *parsed;
}

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

chase::WorldParts parts() {
  return parts_with_version("the first rules");
}
std::unique_ptr<chase::World> world() {
  return std::make_unique<chase::World>(parts());
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

Desk::Desk(const StoreKind& store_kind, const std::vector<Row>& rows, const char* now)
    : kind(store_kind), world(given::world()), store(kind.open(folder.path())) {
  store->remember_rules(world->rulebook().texts(), at(now));
  if (!rows.empty()) store->import(plan_of(rows), *world, at(now), "cli:test");
}

void Desk::reopen() {
  store.reset();
  store = kind.open(folder.path());
}

store::LoadedAction Desk::load(const std::string& action) const {
  auto loaded = store->load_action("county", action, *world);
  REQUIRE(loaded.has_value());
  return std::move(*loaded);
}

std::size_t Desk::decide(Instant now) {
  std::size_t looked = 0;
  while (true) {
    const auto due = store->due_actions(now, 100, *world);
    if (due.empty()) return looked;
    std::vector<chase::Verdict> verdicts(due.size());
    std::vector<store::Decided> decided;
    for (std::size_t i = 0; i < due.size(); ++i) {
      chase::decide(due[i].state, *world, chase::Look{now, at("2026-01-01T00:00:00Z")}, verdicts[i]);
      decided.push_back({&due[i], &verdicts[i], std::nullopt});
    }
    REQUIRE(store->commit_pass(decided, *world, now) == 0);
    looked += due.size();
    REQUIRE(looked < 100'000);
  }
}

void Desk::pass(Instant now) {
  decide(now);
  for (const auto& work : store->due_recipients(now, 100, *world)) {
    const chase::ComposeInput input{world->find_party(work.party), work.pending, work.first_meetings_this_week,
                                    work.last_digest, at("2026-01-01T00:00:00Z")};
    store->commit_composition(work, chase::compose(input, *world, chase::Brakes{}, now), *world, now);
  }
  decide(now);
}

std::vector<store::OutboxMessage> Desk::queued(Instant now) const {
  const std::vector<std::string> channels{"email", "teams"};
  return store->queued(now, 1000, channels);
}

void Desk::deliver(const store::OutboxMessage& message, Instant now, store::OutcomeKind outcome,
                   store::MessageState state) {
  const store::Store::Claim claim{message.row,
                                  store::Rendered{"bytes of " + message.key, "<" + message.key + "@x>", "a@b"}};
  REQUIRE(store->claim(std::span(&claim, 1), now, now + absl::Minutes(10)) == std::vector<bool>{true});
  REQUIRE(store->begin_body(std::span(&message.row, 1), now) == std::vector<bool>{true});
  store::Store::Finish finish{message.row, {}, {state, now + absl::Minutes(5)}};
  finish.outcome.kind = outcome;
  finish.outcome.code = outcome == store::OutcomeKind::accepted ? 250 : 550;
  store->finish(std::span(&finish, 1), now);
}

}  // namespace given
