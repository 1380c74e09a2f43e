#include "chase/compose.h"

#include "given.h"
#include "support/catch.h"

using namespace chaser;
using chase::PendingItem;
using given::at;

namespace {

PendingItem item(const chase::World& world, const std::string& action, const std::string& step,
                 calendar::Instant opening) {
  PendingItem made;
  made.plan = world.find_plan("plan");
  made.action = action;
  made.rule = "deadline";
  made.step = step;
  made.via = {"email"};
  made.opening = opening;
  made.nominal = calendar::day_of(opening, made.plan->zone);
  made.anchor_day = made.nominal;
  return made;
}

chase::Composition composed(const chase::World& world, const std::vector<PendingItem>& pending, calendar::Instant now,
                            const chase::Brakes& brakes = {}, int met = 0,
                            std::optional<calendar::CivilDay> last_digest = std::nullopt) {
  const chase::ComposeInput input{world.find_party("network"), pending, met, last_digest, at(2026, 9, 1)};
  return chase::compose(input, world, brakes, now);
}

}  // namespace

TEST_CASE("compose: one message a step lists its actions in the plan's order") {
  const auto world = given::world();
  auto second = item(*world, "2", "due", at(2027, 1, 12));
  second.position = 2;
  auto first = item(*world, "1", "due", at(2027, 1, 12));
  first.position = 1;
  const auto made = composed(*world, {second, first}, at(2027, 1, 12));
  REQUIRE(made.messages.size() == 1);
  CHECK(made.messages[0].kind == chase::MessageKind::direct);
  CHECK(made.messages[0].items == std::vector<std::size_t>{1, 0});
}

TEST_CASE("compose: nothing goes outside the window; the next opening is named") {
  const auto world = given::world();
  const auto made = composed(*world, {item(*world, "1", "due", at(2027, 1, 12))}, at(2027, 1, 12, 17));
  CHECK(made.messages.empty());
  CHECK(made.next_compose == at(2027, 1, 13));
  CHECK(composed(*world, {item(*world, "1", "due", at(2027, 1, 12))}, at(2027, 1, 12, 16, 59)).messages.size() == 1);
}

TEST_CASE("compose: what is said of a rule keeps the holidays of that rule's calendar") {
  std::string rules = given::deadline_rules;
  rules.insert(rules.find("rules:"), "defaults: { calendar: scotland }\n");
  const auto world = given::world(rules, given::directory(), {}, {calendar::scotland()});
  const auto holiday = at(2027, 1, 4);  // in Scotland alone: for 2 January, a Saturday
  PendingItem exhausted = item(*world, "A", "deadline", at(2026, 12, 29));
  exhausted.rule = rulebook::exhausted_rule;
  exhausted.deliver = rulebook::Deliver::digest;
  const auto held = composed(*world, {exhausted}, holiday);
  CHECK(held.messages.empty());
  CHECK(held.next_compose == at(2027, 1, 5));
}

TEST_CASE("compose: what no rule sends keeps the calendar that all rules share, England's where they differ") {
  const auto holiday = at(2027, 1, 4);  // in Scotland alone
  const auto note_on = [&](const std::string& rules) {
    const auto world = given::world(rules, given::directory(), {}, {calendar::scotland()});
    PendingItem note = item(*world, "A", "deadline", at(2026, 12, 29));
    note.rule = rulebook::closed_rule;
    note.deliver = rulebook::Deliver::digest;
    return composed(*world, {note}, holiday);
  };
  std::string shared = given::deadline_rules;
  shared.insert(shared.find("rules:"), "defaults: { calendar: scotland }\n");
  CHECK(note_on(shared).messages.empty());
  CHECK(note_on(shared).next_compose == at(2027, 1, 5));
  const std::string mixed = shared +
                            "\n  - rule: other\n    calendar: england-and-wales\n    when: action.kind == \"dated\"\n"
                            "    anchor: due\n    steps: [{ step: due, at: 0d, to: leads, via: email }]\n";
  CHECK(note_on(mixed).messages.size() == 1);
}

TEST_CASE("compose: a digest goes once a day, what comes after it waits for the next day's") {
  const auto world = given::world();
  auto note = item(*world, "1", "heads-up", at(2027, 1, 12));
  note.deliver = rulebook::Deliver::digest;
  const auto held = composed(*world, {note}, at(2027, 1, 12, 11), {}, 0, calendar::CivilDay(2027, 1, 12));
  CHECK(held.messages.empty());
  REQUIRE(held.holds.size() == 1);
  CHECK(held.holds[0].reason.code == chase::ReasonCode::digest_sent_today);
  CHECK(held.next_compose == at(2027, 1, 13));
  CHECK(composed(*world, {note}, at(2027, 1, 12, 11), {}, 0, calendar::CivilDay(2027, 1, 11)).messages.size() == 1);
}

TEST_CASE("compose: ten first meetings a week go, the eleventh waits for Monday") {
  const auto world = given::world();
  std::vector<PendingItem> pending;
  for (int i = 0; i < 11; ++i) {
    auto met = item(*world, std::to_string(i), "due", at(2027, 1, 12));
    met.first_meeting = true;
    met.deliver = rulebook::Deliver::digest;
    met.anchor_day = calendar::CivilDay(2026, 12, 31) - i;
    pending.push_back(met);
  }
  const auto made = composed(*world, pending, at(2027, 1, 12));
  CHECK(made.met.size() == 10);
  REQUIRE(made.holds.size() == 1);
  CHECK(made.holds[0].item == 0);  // the youngest anchor
  CHECK(made.next_compose == at(2027, 1, 18));
  CHECK(composed(*world, pending, at(2027, 1, 12), {}, 10).met.empty());
}

TEST_CASE("compose: stops hold by plan, rule and person, and tell so") {
  const auto world = given::world();
  const std::vector<PendingItem> pending{item(*world, "1", "due", at(2027, 1, 12))};
  chase::Brakes brakes;
  SECTION("a plan") {
    brakes.stopped_plans = {"plan"};
  }
  SECTION("a rule") {
    brakes.stopped_rules = {"deadline"};
  }
  SECTION("a person") {
    brakes.stopped_parties = {"network"};
  }
  SECTION("everything") {
    brakes.stopped_all = true;
  }
  const auto made = composed(*world, pending, at(2027, 1, 12), brakes);
  CHECK(made.messages.empty());
  REQUIRE(made.holds.size() == 1);
  CHECK(made.holds[0].reason.code == chase::ReasonCode::stopped);
}

TEST_CASE("compose: over the limit of people direct messages stay, digests go") {
  const auto world = given::world();
  auto note = item(*world, "2", "heads-up", at(2027, 1, 12));
  note.deliver = rulebook::Deliver::digest;
  chase::Brakes brakes;
  brakes.over_limit.push_back({"deadline", calendar::CivilDay(2027, 1, 12)});
  const auto made = composed(*world, {item(*world, "1", "due", at(2027, 1, 12)), note}, at(2027, 1, 12), brakes);
  REQUIRE(made.messages.size() == 1);
  CHECK(made.messages[0].kind == chase::MessageKind::digest);
  REQUIRE(made.holds.size() == 1);
  CHECK(made.holds[0].reason.code == chase::ReasonCode::limited);
}

TEST_CASE("compose: the coordinator is to hear once of each rule and date that the limit holds, of digests nothing") {
  const auto world = given::world();
  auto note = item(*world, "3", "heads-up", at(2027, 1, 12));
  note.deliver = rulebook::Deliver::digest;
  auto other_day = item(*world, "4", "due", at(2027, 1, 11));
  chase::Brakes brakes;
  brakes.over_limit.push_back({"deadline", calendar::CivilDay(2027, 1, 12)});
  const std::vector<PendingItem> pending{item(*world, "1", "due", at(2027, 1, 12)),
                                         item(*world, "2", "due", at(2027, 1, 12)), note, other_day};
  const auto made = composed(*world, pending, at(2027, 1, 12), brakes);
  REQUIRE(made.notices.size() == 1);
  CHECK(made.notices[0].recipient == world->find_party("coordinator"));
  CHECK(made.notices[0].opening == at(2027, 1, 12));
  const auto& coordinator = world->person(made.notices[0].recipient);
  const std::string key = chase::key_of(chase::limit_identity(pending[0], coordinator));
  CHECK(chase::key_of(chase::limit_identity(pending[1], coordinator)) == key);
  CHECK(chase::key_of(chase::limit_identity(other_day, coordinator)) != key);
  CHECK(composed(*world, pending, at(2027, 1, 12)).notices.empty());
}

TEST_CASE("compose: what is said of a held rule goes on its own, beside a step about the same action") {
  const auto world = given::world();
  const auto due = item(*world, "1", "due", at(2027, 1, 12));
  const auto notice = chase::limit_item(due, world->find_party("network"), at(2027, 1, 12), *world);
  CHECK(notice.rule == "limit");
  CHECK(notice.step == "deadline");
  chase::Brakes brakes;
  brakes.over_limit.push_back({"limit", notice.nominal});
  CHECK(composed(*world, {due, notice}, at(2027, 1, 12), brakes).messages.size() == 2);
}

TEST_CASE("compose: a freeze holds sending and releases one digest") {
  const auto world = given::world(std::string(given::deadline_rules) +
                                  "freezes: [{ name: Election period, from: 2027-03-22, to: 2027-05-06 }]\n");
  const std::vector<PendingItem> pending{item(*world, "1", "due", at(2027, 3, 31)),
                                         item(*world, "2", "overdue", at(2027, 4, 7))};
  const auto held = composed(*world, pending, at(2027, 4, 7));
  CHECK(held.messages.empty());
  CHECK(held.holds.size() == 2);
  CHECK(held.next_compose == at(2027, 5, 7));
  const auto released = composed(*world, pending, at(2027, 5, 7));
  REQUIRE(released.messages.size() == 1);
  CHECK(released.messages[0].kind == chase::MessageKind::digest);
  CHECK(released.messages[0].items.size() == 2);
}

TEST_CASE("compose: what is late goes in one message with all other direct ones") {
  const auto world = given::world();
  auto late = item(*world, "1", "superior", at(2027, 1, 12));
  late.late = true;
  const auto made = composed(*world, {late, item(*world, "2", "due", at(2027, 1, 12))}, at(2027, 1, 12, 12));
  REQUIRE(made.messages.size() == 1);
  CHECK(made.messages[0].kind == chase::MessageKind::catch_up);
  CHECK(made.messages[0].items.size() == 2);
}

TEST_CASE("compose: a message is known by its notifications and its channel, in any order") {
  CHECK(chase::message_key({"a", "b"}, "email") == chase::message_key({"b", "a"}, "email"));
  CHECK(chase::message_key({"a"}, "email") != chase::message_key({"a"}, "teams"));
}
