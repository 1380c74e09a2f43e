#include <algorithm>

#include "chase/migration.h"
#include "given.h"
#include "store/evidence.h"
#include "support/catch.h"

using namespace given;

namespace {

std::vector<rulebook::Rule> rules_of(const rulebook::Rulebook& rulebook) {
  std::vector<rulebook::Rule> rules;
  for (const auto& rule : rulebook.rules()) rules.push_back(*rule);
  return rules;
}

/// The desk's rules in an edited version, beside the one that open cases keep.
std::unique_ptr<chase::World> edited_world() {
  chase::WorldParts made = parts();
  const auto edited = world_with_version("edited");
  rulebook::Rulebook both;
  both.add(edited->rulebook().texts()[0], rules_of(edited->rulebook()), {{"deadline", "stalled"}}, std::nullopt, {});
  both.add_pinned(made.rulebook.texts()[0], rules_of(made.rulebook));
  made.rulebook = std::move(both);
  return std::make_unique<chase::World>(std::move(made));
}

}  // namespace

TEST_CASE("store: cases that keep an older version close and go on under the loaded one, with all that they told") {
  for (const StoreKind& kind : store_kinds()) {
    Desk desk(kind, {{"1.1", "KCC", "2026-10-30"}});
    desk.store->remember_rules(desk.world->rulebook().texts(), at("2026-09-01T08:00:00Z"));
    const Instant told = at("2026-10-26T10:00:00Z");
    desk.pass(told);
    for (const auto& message : desk.queued(told)) desk.deliver(message, told);
    const store::LoadedAction before = desk.load("1.1");
    const auto after = edited_world();
    const Instant now = at("2026-10-27T10:00:00Z");
    const chase::ActionState& expected = before.state;
    const auto moved = desk.store->migrate_cases(*after, "cli:anna", now);
    CHECK(moved.actions == 1);
    CHECK(moved.cases >= 1);
    const auto loaded = desk.store->load_action("county", "1.1", *after);
    REQUIRE(loaded.has_value());
    for (const chase::CaseState& known : loaded->state.cases) {
      CHECK(known.rule == after->find_rule(known.rule->rule->name));
      if (known.status != chase::CaseStatus::open) continue;
      CHECK(known.beginning == chase::Beginning::migrated);
      CHECK(known.began == now);
      const auto same = std::find_if(expected.cases.begin(), expected.cases.end(), [&](const chase::CaseState& old) {
        return old.rule->rule->name == known.rule->rule->name && old.anchor == known.anchor;
      });
      REQUIRE(same != expected.cases.end());
      CHECK(known.epoch == same->epoch + 1);
      CHECK(known.firings.size() == same->firings.size());
      CHECK(known.pauses == same->pauses);
    }
    CHECK(desk.store->migrate_cases(*after, "cli:anna", now).cases == 0);
    // What ends after the move is on record under the key that it was told by.
    desk.store->import(plan_of({{"1.1", "KCC", "2027-10-29"}}), *after, now, "cli:anna");
    desk.world = edited_world();
    desk.decide(now);
    CHECK(store::differences(store::replay(*desk.store), desk.store->recorded()).empty());
    CHECK(desk.store->pinned_rules(after->rulebook().texts()).empty());
    const auto events = desk.store->events("county", "1.1", 0, 1000);
    CHECK(std::any_of(events.begin(), events.end(),
                      [](const auto& event) { return event.kind == "migrated" && event.actor == "cli:anna"; }));
  }
}
