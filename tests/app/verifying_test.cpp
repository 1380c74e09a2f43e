// What has been composed and waits in the outbox is held by the same freezes as what waits to be composed.
#include "app/dispatch.h"
#include "rulebook/rulebook.h"
#include "support/catch.h"

using namespace chaser;
using calendar::CivilDay;
using calendar::Instant;

namespace {

calendar::Zone zone(const char* name) {
  calendar::Zone loaded;
  REQUIRE(absl::LoadTimeZone(name, &loaded));
  return loaded;
}

/// A plan of London, a freeze from Monday 4 January 2027 to Wednesday the 13th, and one person in Cairo, two
/// hours ahead, whose window opens at 01:00.
chase::World county() {
  chase::WorldParts parts;
  plan::Party early;
  early.id = "early";
  early.contact.email = "early@county.example";
  early.contact.zone = "Africa/Cairo";
  early.contact.window = calendar::office_hours();
  early.contact.window->open = std::chrono::hours{1};
  parts.directory.add(early);
  documents::Problems problems;
  const std::vector<documents::Source> files{
      documents::Source("rules.yaml",
                        "version: 1\nrules:\n  - rule: deadline\n    when: action.kind == \"dated\"\n    anchor: due\n"
                        "    steps: [{ step: due, at: 0d, to: leads }]\n"
                        "freezes: [{ name: Election, from: 2027-01-04, to: 2027-01-13 }]\n")};
  auto rulebook = rulebook::read_rule_files(files, {}, problems);
  REQUIRE(rulebook.has_value());
  parts.rulebook = *std::move(rulebook);
  for (const char* name : {"Europe/London", "Africa/Cairo"}) parts.zones[name] = zone(name);
  parts.plans.push_back({"plan", "Plan", "Europe/London"});
  return chase::World(std::move(parts));
}

std::optional<Instant> waits_until(Instant now, const chase::Brakes& brakes = {}) {
  const chase::World world = county();
  store::OutboxMessage message;
  message.recipient = "early";
  message.kind = chase::MessageKind::direct;
  store::TellingItem item;
  item.plan = "plan";
  item.action = "1";
  item.rule = "deadline";
  item.rule_version = world.rules().front()->rule->version;
  message.items.push_back(item);
  return app::waits_until(message, world, brakes, now);
}

Instant london(CivilDay day, int hour, int minute = 0) {
  return calendar::local_instant(day, std::chrono::minutes{hour * 60 + minute}, zone("Europe/London"));
}

}  // namespace

TEST_CASE("outbox: a freeze holds what is queued by the plan's clock, whatever day it is where the recipient is") {
  const Instant end = london(CivilDay(2027, 1, 14), 0);
  CHECK(waits_until(london(CivilDay(2027, 1, 3), 23, 30)) == std::nullopt);  // Monday in Cairo, Sunday in London
  CHECK(waits_until(london(CivilDay(2027, 1, 4), 0)) == end);
  CHECK(waits_until(london(CivilDay(2027, 1, 13), 23, 30)) == end);  // Thursday in Cairo
  CHECK(waits_until(end) == std::nullopt);
}

TEST_CASE("outbox: a freeze that was let go holds nothing that is queued, a closed window does") {
  chase::Brakes released;
  released.freeze_released = true;
  CHECK(waits_until(london(CivilDay(2027, 1, 5), 8), released) == std::nullopt);
  CHECK(waits_until(london(CivilDay(2027, 1, 5), 20), released) == london(CivilDay(2027, 1, 5), 23));
}
