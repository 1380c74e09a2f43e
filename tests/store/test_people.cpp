// What people say and hold: responses, stops, the limit of people, and those who cannot be reached.
#include <algorithm>

#include "given.h"
#include "support/catch.h"

using namespace given;
using store::MessageState;
using store::OutcomeKind;
using store::Stop;

namespace {

const Instant now = at("2026-12-22T10:00:00Z");

struct Answer {
  Answer(const Desk& desk, const std::string& action, const std::string& party, chase::ResponseKind kind, Instant when)
      : loaded(desk.load(action)) {
    response.party = party;
    response.kind = kind;
    response.note = "it moves";
    response.means = "link";
    effect = chase::respond(loaded.state, *desk.world, response, when);
  }
  void record(const Desk& desk, Instant when) const {
    desk->record_response(loaded, response, effect, *desk.world, when);
  }

  store::LoadedAction loaded;
  chase::Response response;
  chase::ResponseEffect effect;
};

bool is_over(const Desk& desk, std::size_t limit, const std::string& rule) {
  const auto over = desk->over_limit(limit, now);
  return std::any_of(over.begin(), over.end(), [&](const auto& held) { return held.rule == rule; });
}

}  // namespace

TEST_CASE("store: a response is recorded once; the second of two at a time is a conflict and leaves no trace") {
  Desk desk(any_store(), {{"2.1", "CCN", "2026-12-31"}});
  desk.pass(now);
  const Answer first(desk, "2.1", "ccn", chase::ResponseKind::update, now);
  const Answer second(desk, "2.1", "ccn", chase::ResponseKind::update, now);
  REQUIRE(first.effect.accepted);
  first.record(desk, now);
  CHECK(refusal_of([&] { second.record(desk, now); }).fault == store::StoreFault::conflict);
  CHECK(refusal_of([&] { first.record(desk, now); }).fault == store::StoreFault::conflict);
  CHECK(desk.events("response").size() == 1);
  CHECK(desk.load("2.1").state.facts.last_note == "it moves");
  CHECK(desk.load("2.1").state.facts.updated == now);
}

TEST_CASE("store: an answered action is due for a look at once") {
  Desk desk(any_store(), {{"2.1", "CCN", "2026-12-31"}});
  desk.pass(now);
  REQUIRE(desk->due_actions(now, 100, *desk.world).empty());
  Answer(desk, "2.1", "ccn", chase::ResponseKind::acknowledge, now).record(desk, now);
  CHECK(desk->due_actions(now, 100, *desk.world).size() == 1);
  const auto events = desk.events("response");
  REQUIRE(events.size() == 1);
  CHECK(events[0].actor == "ccn");
  CHECK(events[0].json.find("\"link\"") != std::string::npos);
}

TEST_CASE("store: a response that is refused is on record and changes nothing") {
  Desk desk(any_store(), {{"2.1", "CCN", "2026-12-31"}});
  desk.pass(now);
  const auto before = desk.load("2.1");
  const Answer answer(desk, "2.1", "kcc-boss", chase::ResponseKind::update, now);
  REQUIRE_FALSE(answer.effect.accepted);
  answer.record(desk, now);
  const auto after = desk.load("2.1");
  CHECK(after.state.facts == before.state.facts);
  CHECK(after.state.cases == before.state.cases);
  CHECK(after.row_version == before.row_version);
  CHECK(desk.events("response").size() == 1);
}

TEST_CASE("store: a rule that reaches more people of one date than the limit is held until it is released") {
  Desk desk(any_store(),
            {{"2.1", "CCN", "2026-12-31"}, {"2.2", "KCC", "2026-12-31"}, {"2.3", "HR Teams", "2026-12-31"}});
  for (Instant when = at("2026-10-01T10:00:00Z"); when < now; when += absl::Hours(24)) {
    desk.pass(when);
    for (const auto& message : desk.queued(when)) desk.deliver(message, when);
  }
  desk.decide(at("2026-12-22T15:00:00Z"));
  // CCN, KCC and the two teams: four people, one date.
  CHECK(is_over(desk, 3, "deadline"));
  CHECK_FALSE(is_over(desk, 4, "deadline"));
  CHECK_FALSE(desk->release("limit", Stop{"", "stalled", ""}, "cli:anna", now));
  CHECK(is_over(desk, 3, "deadline"));
  CHECK(desk->release("limit", Stop{"", "deadline", ""}, "cli:anna", now));
  CHECK_FALSE(is_over(desk, 3, "deadline"));
  CHECK(desk->next_compose() <= now);
  CHECK(desk.events("release").size() == 1);
}

TEST_CASE("store: a stop holds until it is released, whoever opens the store") {
  Desk desk(any_store(), {{"2.1", "CCN", "2026-12-31"}});
  const Stop plan{"county", "", ""};
  const Stop party{"", "", "ccn"};
  desk->stop(plan, "cli:anna", now);
  desk->stop(plan, "cli:anna", now);
  desk->stop(party, "cli:anna", now);
  CHECK(desk.events("stop").size() == 2);
  desk.reopen();
  CHECK(desk->stops() == std::vector<Stop>{party, plan});
  CHECK(desk->release("stop", plan, "cli:anna", now));
  CHECK_FALSE(desk->release("stop", plan, "cli:anna", now));
  CHECK(desk->stops() == std::vector<Stop>{party});
  CHECK(desk->release("stop", Stop{}, "cli:anna", now));
  CHECK(desk->stops().empty());
}

TEST_CASE("store: a freeze or the clock that was let go stays so until that is taken back") {
  Desk desk(any_store());
  const char* what = GENERATE("freeze", "clock");
  CHECK_FALSE(desk->is_released(what, "xmas"));
  CHECK(desk->release(what, Stop{"", "xmas", ""}, "cli:anna", now));
  CHECK_FALSE(desk->release(what, Stop{"", "xmas", ""}, "cli:anna", now));
  CHECK(desk->is_released(what, "xmas"));
  CHECK_FALSE(desk->is_released(what, "easter"));
  desk->forget_release(what, "xmas", now);
  CHECK_FALSE(desk->is_released(what, "xmas"));
}

TEST_CASE("store: what is pending for somebody who left the directory is unreachable, and is decided again") {
  Desk desk(any_store(), {{"2.1", "CCN", "2026-12-31"}, {"2.2", "KCC", "2026-12-31"}});
  desk.decide(now);
  const auto without = world_without("ccn");
  const auto later = now + absl::Hours(3);
  for (const auto& work : desk->due_recipients(later, 100, *without)) CHECK(work.party != "ccn");
  const auto told = desk->notifications("county", "2.1", 100);
  const auto to_ccn = [](const auto& record) { return record.recipient == "ccn"; };
  REQUIRE(std::any_of(told.begin(), told.end(), to_ccn));
  for (const auto& record : told) {
    if (to_ccn(record))
      CHECK((record.state == "unreachable" || record.state == "superseded" || record.state == "lapsed"));
  }
  const auto due = desk->due_actions(later, 100, *without);
  REQUIRE(due.size() == 1);
  CHECK(due[0].state.facts.id == "2.1");
  CHECK(desk.events("unreachable").size() == 1);
  CHECK(desk->reassign(*without, later) == 1);
  CHECK(desk.load("2.1").state.facts.unowned);
}

TEST_CASE("store: a message that every channel has refused for good leaves its recipient unreachable") {
  Desk desk(any_store(), {{"2.1", "CCN", "2026-12-31"}});
  Instant when = at("2026-09-01T09:00:00Z");
  const store::OutboxMessage message = desk.await_message(when);
  desk.deliver(message, when, OutcomeKind::permanent, MessageState::refused);
  for (const auto& item : message.items) CHECK(desk.told_state(item.notification) == "unreachable");
  CHECK(desk->next_look() <= when);
}

TEST_CASE("store: one channel that accepts is enough; a refusal of another changes nothing") {
  Desk desk(any_store(), {{"2.1", "KCC", "2026-12-31"}});
  std::vector<store::OutboxMessage> twins;
  Instant when = at("2026-09-01T09:00:00Z");
  for (; twins.size() < 2 && when < at("2027-06-01T00:00:00Z"); when += absl::Hours(24)) {
    desk.pass(when);
    twins = desk.queued(when);
    if (twins.size() == 2 && twins[0].recipient == twins[1].recipient) break;
    for (const auto& message : twins) desk.deliver(message, when);
    twins.clear();
  }
  REQUIRE(twins.size() == 2);
  REQUIRE(twins[0].channel != twins[1].channel);
  const bool refused_first = GENERATE(false, true);
  desk.deliver(twins[refused_first ? 0 : 1], when, OutcomeKind::permanent, MessageState::refused);
  CHECK(desk.told_state(twins[0].items[0].notification) == "composed");
  desk.deliver(twins[refused_first ? 1 : 0], when);
  CHECK(desk.told_state(twins[0].items[0].notification) == "delivered");
}
