// The invariants of design.md §6 that deciding and composing can show, each over lives that differ in what happens in
// them. That every notification ends somewhere and that the log replays is in tests/store/test_evidence.cpp; all of
// them hold together in tests/simulation.
#include <map>
#include <random>
#include <set>

#include "given.h"
#include "support/catch.h"

using namespace chaser;
using calendar::CivilDay;
using calendar::Instant;
using chase::NotificationState;
using given::at;

namespace {

const CivilDay due{2026, 12, 31};
const Instant from = at(2026, 9, 1, 0);

const char* const more_rules = R"yaml(
  - rule: reviews
    when: action.kind == "ongoing"
    anchor: next_review
    cadence: 3mo
    steps:
      - { step: review, at: 0d, to: leads, deliver: digest }
      - { step: reminder, at: +10wd, to: leads }
      - { step: coordinator, at: +3mo, to: coordinator }
)yaml";

/// A year of a dozen actions of all kinds, led by people of three zones who now and then say something.
class Year {
 public:
  Year(unsigned seed, const chase::World& world) : world_(world), random_(seed), rehearsal_(world, from) {}

  chase::Rehearsal& rehearsal() { return rehearsal_; }
  std::string action(int number) const { return "A" + std::to_string(number); }

  /// Lives on to `until`, calling `visit` at instants that nothing else chose.
  template <typename Visit>
  void live(Instant until, Visit visit) {
    while (rehearsal_.now() < until) {
      if (added_ < actions) add();
      if (one_in(3)) answer();
      rehearsal_.run_until(rehearsal_.now() + absl::Minutes(1 + below(60 * 24 * 9)));
      visit();
    }
  }

  static constexpr int actions = 12;

 private:
  int below(int end) { return static_cast<int>(random_() % static_cast<unsigned>(end)); }
  bool one_in(int count) { return below(count) == 0; }

  void add() {
    static constexpr const char* people[] = {"network", "county", "york", "cairo"};
    using plan::TimescaleKind;
    static constexpr TimescaleKind kinds[] = {TimescaleKind::dated, TimescaleKind::dated, TimescaleKind::ongoing,
                                              TimescaleKind::unscheduled};
    chase::ActionState state = given::action(world_, action(added_), due - 60 + below(200),
                                             {people[below(4)], people[below(4)]}, rehearsal_.now());
    if (state.assignments[0].party == state.assignments[1].party) state.assignments.pop_back();
    state.facts.timescale.kind = kinds[below(4)];
    state.facts.position = added_++;
    if (one_in(3)) state.facts.timescale.precision = plan::Precision::month;
    rehearsal_.add(state);
  }

  void answer() {
    const chase::ActionState* const state = rehearsal_.find("plan", action(below(added_)));
    using chase::ResponseKind;
    static constexpr ResponseKind kinds[] = {ResponseKind::acknowledge, ResponseKind::update, ResponseKind::snooze,
                                             ResponseKind::done};
    chase::Response response;
    response.kind = kinds[below(4)];
    response.party = world_.person(state->assignments.front().party).id;
    response.until = calendar::day_of(rehearsal_.now(), state->plan->zone) + 1 + below(20);
    response.note = "so it is";
    rehearsal_.respond("plan", state->facts.id, response);
  }

  const chase::World& world_;
  std::mt19937 random_;
  chase::Rehearsal rehearsal_;
  int added_ = 0;
};

std::string describe(const chase::Telling& told) {
  return calendar::rfc3339(told.at, absl::UTCTimeZone()) + " " + told.rule + "/" + told.step + " of " + told.action +
         " to " + told.to;
}

/// Decides whenever it is due until `until`; what fires gets the state that `fate` says at that instant.
template <typename Fate>
std::vector<chase::Firing> decided(const chase::World& world, Instant until, Fate fate) {
  chase::ActionState state = given::action(world, "A", due, {"network"}, from);
  chase::Verdict verdict;
  for (Instant now = from; now < until;) {
    for (chase::CaseState& chase_case : state.cases) {
      for (chase::Firing& firing : chase_case.firings) {
        if (firing.state == NotificationState::pending) firing.state = fate(firing, now);
        if (firing.state != NotificationState::pending && !firing.sent_at) firing.sent_at = now;
      }
    }
    chase::decide(state, world, {now, from}, verdict);
    chase::apply(verdict, now, state);
    now += absl::Hours(1);
  }
  std::vector<chase::Firing> all;
  for (const chase::CaseState& chase_case : state.cases) {
    all.insert(all.end(), chase_case.firings.begin(), chase_case.firings.end());
  }
  return all;
}

bool is_above(const chase::World& world, const chase::Firing& firing) {
  return world.person(firing.recipient).id == "director-place" || world.person(firing.recipient).id == "coordinator";
}

}  // namespace

TEST_CASE("invariant: a person has one digest a day at most, whatever it is made of") {
  const auto world = given::world(std::string(given::deadline_rules) + more_rules);
  for (unsigned seed = 1; seed <= 20; ++seed) {
    Year year(seed, *world);
    year.live(at(2027, 9, 1), [] {});
    std::map<std::pair<std::string, CivilDay>, std::set<Instant>> digests;
    for (const chase::Telling& told : year.rehearsal().tellings()) {
      if (told.kind != chase::MessageKind::digest) continue;
      const CivilDay day = calendar::day_of(told.at, world->person(told.recipient).zone);
      INFO("seed " << seed << ": " << describe(told));
      auto& instants = digests[{told.to, day}];
      instants.insert(told.at);
      CHECK(instants.size() == 1);
    }
    CHECK(digests.size() > 3);
  }
}

TEST_CASE(
    "invariant: a step above the leads waits for a lower one to be delivered or found unreachable, and then goes") {
  const auto world = given::world();
  const auto reached = at(2027, 3, 15);
  for (const auto ending : {NotificationState::delivered, NotificationState::unreachable}) {
    const auto fate = [&](const chase::Firing& firing, Instant now) {
      return now >= reached && !is_above(*world, firing) ? ending : firing.state;
    };
    const auto count = [&](Instant until) {
      const auto all = decided(*world, until, fate);
      return std::count_if(all.begin(), all.end(), [&](const chase::Firing& firing) {
        return is_above(*world, firing) && firing.state == NotificationState::pending;
      });
    };
    CHECK(count(reached) == 0);
    CHECK(count(at(2027, 3, 31)) > 0);
  }
}

TEST_CASE("invariant: pausing for k working days after the anchor moves later steps by k working days") {
  const auto world = given::world();
  const auto& calendar = world->schedule(world->find_party("network")).calendar();
  const CivilDay monday(2027, 1, 4);
  const std::map<std::string, int> later{{"overdue", 5}, {"superior", 20}, {"coordinator", 40}};
  for (int k = 1; k <= 10; ++k) {
    chase::Rehearsal rehearsal(*world, from);
    rehearsal.add(given::action(*world, "A", due, {"network"}, from));
    rehearsal.run_until(at(2027, 1, 4, 10));
    chase::Response response;
    response.kind = chase::ResponseKind::acknowledge;
    response.party = "network";
    response.until = calendar.add_working_days(monday, k);
    CHECK(rehearsal.respond("plan", "A", response).accepted);
    rehearsal.run_until(at(2027, 6, 1));
    std::set<std::string> seen;
    for (const chase::Telling& told : rehearsal.tellings()) {
      const auto step = later.find(told.step);
      if (step == later.end() || told.occurrence != chase::Occurrence{}) continue;
      INFO(k << " working days: " << describe(told));
      CHECK(told.nominal == calendar.add_working_days(due, step->second + k));
      seen.insert(told.step);
    }
    CHECK(seen.size() == later.size());
  }
}

TEST_CASE("invariant: every open action has a next event or a reason, at any instant of its life") {
  const auto world = given::world(std::string(given::deadline_rules) + more_rules);
  int asked = 0;
  for (unsigned seed = 1; seed <= 20; ++seed) {
    Year year(seed, *world);
    year.live(at(2028, 6, 1), [&] {
      for (int number = 0; number < Year::actions; ++number) {
        const chase::ActionState* const state = year.rehearsal().find("plan", year.action(number));
        if (state == nullptr || world->workflow().is_finished(state->facts.status)) continue;
        const Instant now = year.rehearsal().now();
        const chase::Verdict verdict = chase::decide(*state, *world, {now, from});
        INFO("seed " << seed << ": " << state->facts.id << " at " << calendar::rfc3339(now, absl::UTCTimeZone()));
        CHECK((verdict.next_look.has_value() || !verdict.holds.empty() || !verdict.firings.empty()));
        CHECK((!verdict.next_look || *verdict.next_look > now));
        ++asked;
      }
    });
  }
  CHECK(asked > 1000);
}

TEST_CASE("invariant: nothing is sent outside windows, freezes and stops") {
  const auto world = given::world(std::string(given::deadline_rules) + more_rules +
                                  "freezes: [{ name: Election, from: 2027-01-04, to: 2027-02-12 }]\n");
  for (unsigned seed = 1; seed <= 20; ++seed) {
    Year year(seed, *world);
    year.live(at(2027, 4, 1), [] {});
    chase::Brakes brakes;
    brakes.stopped_parties = {"york"};
    brakes.stopped_rules = {"reviews"};
    year.rehearsal().set_brakes(brakes);
    const std::size_t before = year.rehearsal().tellings().size();
    year.live(at(2027, 9, 1), [] {});
    const auto& tellings = year.rehearsal().tellings();
    for (std::size_t i = 0; i < tellings.size(); ++i) {
      const chase::Telling& told = tellings[i];
      if (world->person(told.recipient).is_report) continue;  // entered, not sent
      INFO("seed " << seed << ": " << describe(told));
      CHECK(world->schedule(told.recipient).next_opening(told.at) == told.at);
      const CivilDay day = calendar::day_of(told.at, world->find_plan("plan")->zone);
      CHECK((day < CivilDay(2027, 1, 4) || day > CivilDay(2027, 2, 12)));
      if (i >= before) CHECK((told.to != "york" && told.rule != "reviews"));
    }
    CHECK(tellings.size() > before);
    CHECK(before > 20);
  }
}
