// How fast actions are decided. The work is design.md §9's: four rules, every action due for a look, all conditions
// evaluated, cases open, 10 % fire, 40 % hold; each verdict is consumed as the store would (every firing, hold and next
// look is read).

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "bench/bench.h"
#include "bench/shipped.h"
#include "chase/decide.h"

namespace {

using namespace chaser;

chase::WorldParts parts() {
  chase::WorldParts parts;
  for (int i = 0; i < 100; ++i) {
    plan::Party party;
    party.id = "owner" + std::to_string(i);
    party.contact.email = party.id + "@county.example";
    party.superior = "director";
    parts.directory.add(party);
  }
  for (const char* id : {"director", "coordinator", "sponsor"}) {
    plan::Party party;
    party.id = id;
    party.contact.email = party.id + "@county.example";
    parts.directory.add(party);
  }
  plan::PlanRoles roles;
  roles.coordinator = "coordinator";
  roles.sponsor = "sponsor";
  parts.directory.set_roles("", roles);
  parts.rulebook = bench::shipped_rules();
  calendar::Zone london;
  if (!absl::LoadTimeZone("Europe/London", &london)) bench::give_up("no time zones");
  parts.zones["Europe/London"] = london;
  parts.plans.push_back({"bench", "Bench", "Europe/London"});
  return parts;
}

/// Actions with their cases open since September, some of them fired, as they stand on a morning in January.
std::vector<chase::ActionState> actions(const chase::World& world, std::size_t count, calendar::Instant morning) {
  std::vector<chase::ActionState> states;
  states.reserve(count);
  const calendar::CivilDay today = calendar::day_of(morning, world.find_plan("bench")->zone);
  const calendar::Instant imported = morning - absl::Hours(24 * 30);
  const auto& calendar = world.calendar("england-and-wales");
  for (std::size_t i = 0; i < count; ++i) {
    chase::ActionState state;
    state.plan = world.find_plan("bench");
    state.facts.id = std::to_string(i);
    state.facts.title = state.facts.text = "Action " + state.facts.id;
    state.facts.position = static_cast<std::int32_t>(i);
    state.facts.imported = imported;
    state.facts.timescale.kind = plan::TimescaleKind::dated;
    state.facts.timescale.precision = plan::Precision::year;
    const std::size_t part = i % 10;
    // One in ten has a step due today; four in ten are held: silenced or paused; the others wait for a later step.
    calendar::CivilDay due = today + 120 + static_cast<int>(i % 200);
    if (part == 0) due = calendar.add_working_days(today, 5);
    if (part >= 1 && part <= 4) due = today - 3;
    state.facts.timescale.due = due;
    state.assignments.push_back(
        {world.find_party("owner" + std::to_string(i % 100)), plan::Role::lead, "Owner", imported});
    chase::Verdict verdict;
    chase::decide(state, world, {imported, imported}, verdict);
    chase::apply(verdict, imported, state);
    if (part >= 1 && part <= 4) {
      // These have been told at due, and their leads have answered: a pause is in force.
      const calendar::Instant then = morning - absl::Hours(24);
      chase::decide(state, world, {then, imported}, verdict);
      chase::apply(verdict, then, state);
      for (auto& known : state.cases) {
        for (std::size_t f = 0; f < known.firings.size(); ++f) {
          if (known.firings[f].state == chase::NotificationState::pending) {
            known.firings[f].state = chase::NotificationState::delivered;
            known.firings[f].sent_at = then;
          }
        }
        known.pauses.push_back({0, chase::ResponseKind::acknowledge, then, today + 12, false, std::nullopt});
      }
    }
    states.push_back(std::move(state));
  }
  return states;
}

}  // namespace

int main(int argc, char** argv) {
  const chase::World world(parts());
  const calendar::Instant morning = calendar::local_instant(
      calendar::CivilDay(2027, 1, 12), std::chrono::minutes{9 * 60}, world.find_plan("bench")->zone);
  const std::size_t largest = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1'000'000;
  for (std::size_t count = 1'000; count <= largest; count *= 10) {
    const auto states = actions(world, count, morning);
    chase::Verdict verdict;
    std::size_t fired = 0;
    std::size_t held = 0;
    std::size_t consumed = 0;
    const auto pass = [&] {
      fired = held = 0;
      for (const auto& state : states) {
        chase::decide(state, world, {morning, morning - absl::Hours(1)}, verdict);
        bool fires = false;
        for (const auto& firing : verdict.firings) {
          fires = fires || firing.firing.state == chase::NotificationState::pending;
          consumed += firing.firing.recipient + firing.firing.step;
        }
        for (const auto& hold : verdict.holds) consumed += static_cast<std::size_t>(hold.reason.code);
        if (verdict.next_look) consumed += static_cast<std::size_t>(absl::ToUnixSeconds(*verdict.next_look));
        fired += fires ? 1 : 0;
        held += verdict.holds.empty() ? 0 : 1;
      }
    };
    pass();
    // A thousand actions alone would be over before the clock is worth reading.
    const std::size_t rounds = std::max<std::size_t>(1, 100'000 / count);
    std::vector<double> times;
    for (int i = 0; i < 7; ++i) {
      const double took = bench::cpu_seconds([&] {
        for (std::size_t round = 0; round < rounds; ++round) pass();
      });
      times.push_back(took / static_cast<double>(rounds));
    }
    const std::string of = " (" + std::to_string(count) + " actions, 4 rules)";
    bench::print("decide" + of, static_cast<double>(count) * 4 / bench::median(times) / 1e6, "M action-rules/s");
    bench::print("decide: share that fires" + of, 100.0 * static_cast<double>(fired) / static_cast<double>(count), "%");
    bench::print("decide: share that holds" + of, 100.0 * static_cast<double>(held) / static_cast<double>(count), "%");
    if (consumed == 0) return 1;
  }
  return 0;
}
