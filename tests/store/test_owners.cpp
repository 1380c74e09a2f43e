// Owners in real life: who reads for somebody who is away, who goes on in another's place, and who hears that it is
// over. design.md §6: the first row of the first table, the row "reassigned" of the second.
#include <algorithm>

#include "store/evidence.h"
#include "store/given.h"
#include "support/catch.h"

using namespace given;
using store::MessageState;
using store::OutcomeKind;

namespace {

/// "2027-01-08 overdue ccn": what was delivered, by day of its delivery.
using Lines = std::vector<std::string>;

struct County : Desk {
  explicit County(const StoreKind& of_store, const std::vector<Row>& rows = {{"2.1", "CCN", "2026-12-31"}})
      : Desk(of_store, rows, "2026-12-01T08:00:00Z") {}

  /// Mornings from one day to the other, both included; every message is accepted.
  void live(const char* from, const char* to) {
    for (Instant now = at((std::string(from) + "T09:00:00Z").c_str());
         now <= at((std::string(to) + "T09:00:00Z").c_str()); now += absl::Hours(24)) {
      pass(now);
      for (const auto& message : queued(now)) {
        for (const auto& item : message.items) {
          lines.push_back(absl::FormatTime("%Y-%m-%d ", now, absl::UTCTimeZone()) + item.rule + "/" + item.step + " " +
                          message.recipient + " " + message.channel + " " + std::string(chase::name_of(message.kind)) +
                          (item.instead_of.empty() ? "" : " for " + item.instead_of));
        }
        deliver(message, now);
      }
      pass(now);
    }
  }
  Lines take() { return std::exchange(lines, {}); }
  Lines of(const std::string& what) const {
    Lines some;
    std::copy_if(lines.begin(), lines.end(), std::back_inserter(some),
                 [&](const std::string& line) { return line.find(what) != std::string::npos; });
    return some;
  }
  void lead(const std::string& owners, const char* when, const std::string& status = "not_started") {
    store->import(plan_of({{"2.1", owners, "2026-12-31", status}}), *world, at(when), "cli:anna");
  }
  void away(const std::string& party, const char* from, const char* to, const std::string& deputy = "") {
    chase::WorldParts changed = parts();
    const plan::Directory before = changed.directory;
    plan::Directory after;
    for (auto [id, each] : before.parties()) {
      if (id == party) {
        each.absences.push_back({day(from), day(to)});
        if (!deputy.empty()) each.deputy = deputy;
      }
      after.add(each);
    }
    for (const auto& [plan, roles] : before.all_roles()) after.set_roles(plan, roles);
    changed.directory = after;
    world = std::make_unique<chase::World>(std::move(changed));
  }
  std::vector<std::string> differences() const { return store::differences(store::replay(*store), store->recorded()); }

  Lines lines;
};

}  // namespace

TEST_CASE("store: while somebody is away their deputy reads for them, and the notification stays theirs") {
  County desk(any_store());
  desk.away("ccn", "2026-12-21", "2026-12-24", "kcc");
  desk.live("2026-12-18", "2026-12-23");
  CHECK(desk.of("due-soon") == Lines{"2026-12-22 deadline/due-soon kcc email direct for ccn",
                                     "2026-12-22 deadline/due-soon kcc teams direct for ccn"});
  const auto told = desk->notifications("county", "2.1", 10);
  const auto soon = std::find_if(told.begin(), told.end(), [](const auto& each) { return each.step == "due-soon"; });
  REQUIRE(soon != told.end());
  CHECK(soon->recipient == "ccn");
  CHECK(soon->reader == "kcc");
  CHECK(soon->state == "delivered");
  CHECK(desk.load("2.1").state.cases.at(0).firings.back().read_by == desk.world->find_party("kcc"));
  const auto queued = desk.events("queued");
  CHECK(std::any_of(queued.begin(), queued.end(), [](const store::Event& event) {
    return event.json.find(R"("instead_of":["ccn"])") != std::string::npos;
  }));
  CHECK(desk.differences().empty());
}

TEST_CASE("store: without a deputy it is held with its reason, five working days at most") {
  County desk(any_store());
  desk.away("ccn", "2026-12-21", "2027-02-26");
  desk.live("2026-12-18", "2026-12-24");
  CHECK(desk.of("due-soon").empty());
  const auto holds = desk->holds("county", "2.1", 10);
  const auto held = std::find_if(holds.begin(), holds.end(),
                                 [](const auto& hold) { return hold.reason.code == chase::ReasonCode::away; });
  REQUIRE(held != holds.end());
  CHECK(describe(held->reason) == "away until 26 Feb 2027, and nobody stands in");
  CHECK(held->until == at("2026-12-31T09:00:00Z"));
  desk.live("2026-12-25", "2026-12-30");
  CHECK(desk.of("due-soon").empty());
  desk.live("2026-12-31", "2026-12-31");
  CHECK(desk.of("due-soon") == Lines{"2026-12-31 deadline/due-soon ccn email direct"});
}

TEST_CASE("store: an automatic answer makes the deputy read, until an answer of their own says that they are there") {
  County desk(any_store());
  desk.away("ccn", "2030-01-01", "2030-01-02", "kcc");
  desk.live("2026-12-18", "2026-12-22");
  const auto sent = desk->outbox(10, false).front();
  store::Returned mail;
  mail.kind = store::Returned::Kind::absence;
  mail.identity = std::string(64, 'a');
  mail.message = sent.row;
  desk->take_returned(std::span(&mail, 1), "1:1", *desk.world, at("2027-01-07T10:00:00Z"));
  desk.take();
  desk.live("2027-01-08", "2027-01-08");
  CHECK(desk.of("overdue") == Lines{"2027-01-08 deadline/overdue kcc email direct for ccn"});
  CHECK(desk->absence_hints(at("2027-01-01T00:00:00Z")).size() == 1);
  const auto action = desk.load("2.1");
  chase::Response response;
  response.party = "ccn";
  response.kind = chase::ResponseKind::acknowledge;
  response.until = day("2027-01-11");
  const Instant when = at("2027-01-08T12:00:00Z");
  desk->record_response(action, response, chase::respond(action.state, *desk.world, response, when), *desk.world, when);
  CHECK(desk->absence_hints(at("2027-01-01T00:00:00Z")).empty());
}

TEST_CASE("store: who stands in and cannot be reached is who the coordinator hears of") {
  County desk(any_store());
  desk.away("ccn", "2026-12-21", "2026-12-24", "kcc");
  const Instant now = at("2026-12-22T09:00:00Z");
  desk.pass(now);
  for (const auto& message : desk.queued(now)) {
    const bool bounces = message.recipient == "kcc";
    desk.deliver(message, now, bounces ? OutcomeKind::permanent : OutcomeKind::accepted,
                 bounces ? MessageState::refused : MessageState::accepted);
  }
  CHECK(desk->tell_unreachable(*desk.world, now) == 1);
  desk.pass(at("2026-12-23T09:00:00Z"));
  const auto queued = desk.queued(at("2026-12-23T09:00:00Z"));
  const auto note = std::find_if(queued.begin(), queued.end(),
                                 [](const auto& message) { return message.items.at(0).rule == "unreachable"; });
  REQUIRE(note != queued.end());
  CHECK(note->items[0].about == std::vector<std::string>{"kcc"});
}

TEST_CASE("reassigned: the new lead inherits it with its history, and the former lead is told once, in a digest") {
  County desk(any_store());
  desk.live("2026-12-18", "2027-01-11");
  desk.take();
  desk.lead("KCC", "2027-01-11T15:00:00Z");
  desk.live("2027-01-12", "2027-01-13");
  CHECK(desk.of("handover") ==
        Lines{"2027-01-12 inherited/handover kcc email direct", "2027-01-12 handed_over/handover ccn email digest"});
  const auto sent = desk->outbox(10, false);
  const auto note = std::find_if(sent.begin(), sent.end(),
                                 [](const auto& message) { return message.items.at(0).rule == "inherited"; });
  REQUIRE(note != sent.end());
  CHECK(note->items[0].about == std::vector<std::string>{"ccn"});
  CHECK(note->items[0].said == "heads-up on 18 Dec 2026, due-soon on 22 Dec 2026, overdue on 8 Jan 2027");
  CHECK(desk.differences().empty());
}

TEST_CASE("reassigned: age and level are kept, and the next step waits five working days, not four and not six") {
  County desk(any_store());
  desk.live("2026-12-18", "2027-01-22");  // overdue went on 8 and 22 January; superior is 29 January
  SECTION("four working days before the step: it waits for the fifth, 1 February") {
    desk.live("2027-01-23", "2027-01-25");
    desk.lead("KCC", "2027-01-25T15:00:00Z");
    desk.take();
    desk.live("2027-01-26", "2027-02-05");
    CHECK(desk.of("superior").front() == "2027-02-01 deadline/superior kcc email direct");
    CHECK(desk.of("superior kcc-boss").front().starts_with("2027-02-01"));
  }
  SECTION("five before it: it goes on its own day") {
    desk.lead("KCC", "2027-01-22T15:00:00Z");
    desk.take();
    desk.live("2027-01-23", "2027-02-05");
    CHECK(desk.of("superior").front() == "2027-01-29 deadline/superior kcc email direct");
  }
  // No step that the former lead had got comes again.
  CHECK(desk.of("overdue kcc").size() <= 1);
  CHECK(desk.of("due-soon").empty());
}

TEST_CASE("reassigned: what the former lead's answers paused is part of the age, and uses up nothing of the heir's") {
  County desk(any_store());
  desk.live("2026-12-18", "2027-01-11");
  const auto answer = [&](const char* when, const std::string& party, const char* until) {
    const auto action = desk.load("2.1");
    chase::Response response;
    response.party = party;
    response.kind = chase::ResponseKind::acknowledge;
    response.until = day(until);
    const auto effect = chase::respond(action.state, *desk.world, response, at(when));
    desk->record_response(action, response, effect, *desk.world, at(when));
    return effect.pauses.size();
  };
  answer("2027-01-11T12:00:00Z", "ccn", "2027-01-22");
  desk.pass(at("2027-01-12T09:00:00Z"));
  desk.lead("KCC", "2027-01-18T15:00:00Z");  // five working days of the pause are over
  const auto heir = desk.load("2.1");
  REQUIRE(heir.state.cases.at(0).pauses.size() == 1);
  CHECK(heir.state.cases[0].pauses[0].inherited);
  CHECK(heir.state.cases[0].pauses[0].last == day("2027-01-18"));
  desk.take();
  desk.live("2027-01-19", "2027-02-11");
  // +15 working days was 22 January; five later it is 29 January; superior (+20) 5 February.
  CHECK(desk.of("deadline/overdue kcc") == Lines{"2027-01-29 deadline/overdue kcc email direct"});
  CHECK(desk.of("superior kcc ").front().starts_with("2027-02-05"));
  CHECK(chase::pause_use(heir.state, heir.state.cases[0], 0, chase::ResponseKind::acknowledge).answers == 0);
}

TEST_CASE("reassigned: to and fro, nobody is told the same twice in a week; what waits for the former is withdrawn") {
  County desk(any_store());
  desk.live("2026-12-18", "2027-01-11");
  desk.take();
  desk.lead("KCC", "2027-01-11T15:00:00Z");
  desk.lead("CCN", "2027-01-11T15:10:00Z");
  desk.lead("KCC", "2027-01-11T15:20:00Z");
  desk.live("2027-01-12", "2027-01-15");
  CHECK(desk.of("inherited").size() == 1);
  CHECK(desk.of("handed_over").size() == 1);
}

TEST_CASE("reassigned: whoever has left or was never written to is told nothing") {
  SECTION("left the directory") {
    County desk(any_store());
    desk.live("2026-12-18", "2027-01-11");
    desk.take();
    desk.world = world_without("ccn");
    desk->import(plan_of({{"2.1", "KCC", "2026-12-31"}}), *desk.world, at("2027-01-11T15:00:00Z"), "cli:anna");
    desk.live("2027-01-12", "2027-01-15");
    CHECK(desk.of("handed_over").empty());
    CHECK(desk.of("inherited").size() == 1);
  }
  SECTION("before anything was sent") {
    County desk(any_store(), {{"2.1", "CCN", "2027-12-31"}});
    desk.live("2026-12-18", "2026-12-18");
    desk->import(plan_of({{"2.1", "KCC", "2027-12-31"}}), *desk.world, at("2026-12-18T15:00:00Z"), "cli:anna");
    desk.live("2026-12-19", "2026-12-22");
    CHECK(desk.of("handed_over").empty());
    CHECK(desk.of("inherited").empty());
  }
}

TEST_CASE("reassigned: one whose first word still waits goes to the new lead instead") {
  County desk(any_store());
  desk.away("ccn", "2026-12-17", "2027-01-29");
  desk.live("2026-12-18", "2026-12-23");
  REQUIRE(desk.of(" ccn ").empty());
  desk.lead("KCC", "2026-12-23T15:00:00Z");
  desk.live("2026-12-24", "2026-12-24");
  CHECK(desk.of("due-soon").front() == "2026-12-24 deadline/due-soon kcc email direct");
  CHECK(desk.of("inherited").empty());
}

TEST_CASE("closed: those who had a direct message hear once with their next digest; others and who ended it do not") {
  County desk(any_store());
  desk.live("2026-12-18", "2027-01-29");  // up to superior: the network and its superior, the sponsor; the coordinator
  desk.take();
  SECTION("the plan says that it is done") {
    desk.lead("CCN", "2027-01-29T15:00:00Z", "done");
    desk.pass(at("2027-01-29T15:00:00Z"));
    desk.live("2027-02-01", "2027-03-31");
    CHECK(desk.take() == Lines{"2027-02-01 closed/done ccn email digest",
                               "2027-02-01 closed/done coordinator email digest",
                               "2027-02-01 closed/done sponsor email digest"});
  }
  SECTION("its lead says so") {
    const auto action = desk.load("2.1");
    chase::Response response;
    response.party = "ccn";
    response.kind = chase::ResponseKind::done;
    const Instant when = at("2027-01-29T15:00:00Z");
    desk->record_response(action, response, chase::respond(action.state, *desk.world, response, when), *desk.world,
                          when);
    desk.pass(when);
    desk.live("2027-02-01", "2027-03-31");
    CHECK(desk.of("closed") ==
          Lines{"2027-02-01 closed/done coordinator email digest", "2027-02-01 closed/done sponsor email digest"});
  }
  SECTION("it is dropped from the plan") {
    desk->import(plan_of({{"2.2", "KCC", "2029-12-31"}}), *desk.world, at("2027-01-29T15:00:00Z"), "cli:anna");
    desk.pass(at("2027-01-29T15:00:00Z"));
    desk.live("2027-02-01", "2027-02-02");
    CHECK(desk.of("closed/dropped").size() == 3);
  }
  CHECK(desk.differences().empty());
}

TEST_CASE("closed: nobody who had no direct message hears of the end, and an end is told once") {
  County desk(any_store());
  desk.live("2026-12-01", "2026-12-21");  // the heads-up alone, in a digest
  desk.take();
  desk.lead("CCN", "2026-12-21T15:00:00Z", "cancelled");
  desk.pass(at("2026-12-21T15:00:00Z"));
  desk.live("2026-12-22", "2027-01-15");
  CHECK(desk.of("closed") == Lines{"2026-12-22 closed/cancelled coordinator email digest"});  // welcomed, directly
  desk.take();
  // Open again, written to, and ended again: the second end is told as well.
  desk.lead("CCN", "2027-01-15T15:00:00Z", "in_progress");
  desk.live("2027-01-16", "2027-01-29");
  desk.lead("CCN", "2027-01-29T15:00:00Z", "cancelled");
  desk.live("2027-02-01", "2027-02-05");
  CHECK(desk.of("closed/cancelled ccn").size() == 1);
}
