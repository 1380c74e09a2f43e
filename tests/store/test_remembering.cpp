// The most valuable property of a store: what it gives back is what was decided.
#include <algorithm>
#include <random>

#include "chase/compose.h"
#include "chase/respond.h"
#include "given.h"
#include "support/catch.h"

using namespace given;

namespace {

std::vector<chase::LastDirect> sorted(std::vector<chase::LastDirect> known) {
  std::sort(known.begin(), known.end(),
            [](const auto& a, const auto& b) { return std::tie(a.rule, a.recipient) < std::tie(b.rule, b.recipient); });
  return known;
}

void check_same_case(const chase::CaseState& stored, const chase::CaseState& applied) {
  INFO("rule " << applied.rule->rule->name << ", anchor " << applied.anchor << ", epoch " << applied.epoch);
  CHECK(stored.rule == applied.rule);
  CHECK(stored.anchor == applied.anchor);
  CHECK(stored.epoch == applied.epoch);
  CHECK(stored.status == applied.status);
  CHECK(stored.closed_by == applied.closed_by);
  CHECK(stored.closed_at == applied.closed_at);
  CHECK(stored.pauses == applied.pauses);
  CHECK(stored.entries == applied.entries);
  REQUIRE(stored.firings.size() == applied.firings.size());
  for (std::size_t i = 0; i < stored.firings.size(); ++i) {
    INFO("firing " << i << ": " << chase::name_of(stored.firings[i].state) << " beside "
                   << chase::name_of(applied.firings[i].state));
    CHECK(stored.firings[i] == applied.firings[i]);
  }
  CHECK(stored == applied);
}

void check_same(const chase::ActionState& stored, const chase::ActionState& applied) {
  INFO("action " << applied.facts.id);
  CHECK(stored.plan == applied.plan);
  CHECK(stored.facts == applied.facts);
  CHECK(stored.assignments == applied.assignments);
  CHECK(sorted(stored.last_direct) == sorted(applied.last_direct));
  CHECK(stored.watermark == applied.watermark);
  CHECK(stored.requests == applied.requests);
  CHECK(stored.answered == applied.answered);
  CHECK(stored.blocked_by == applied.blocked_by);
  CHECK(stored.blocks == applied.blocks);
  REQUIRE(stored.cases.size() == applied.cases.size());
  for (std::size_t i = 0; i < stored.cases.size(); ++i) check_same_case(stored.cases[i], applied.cases[i]);
}

/// The same history twice: in a store, and applied in memory.
class Twins {
 public:
  explicit Twins(const StoreKind& kind, unsigned seed) : desk_(kind, rows(), "2026-09-01T08:00:00Z"), random_(seed) {
    for (const auto& row : rows()) applied_[row.id] = desk_.load(row.id).state;
  }

  static std::vector<Row> rows() {
    return {{"1.1", "KCC", "2026-10-30"},
            {"1.2", "KCC;CCN", "2026-12-31"},
            {"1.3", "HR Teams;CCN(support)", "2026-09-04"},
            {"1.4", "Energy officer", "2027-01-29"},
            {"1.5", "KCC", nullptr},
            {"1.6", "CCN", "2026-06-30"}};
  }

  void live_until(Instant end) {
    Instant now = at("2026-09-01T08:00:00Z");
    while (now < end) {
      look(now);
      compose(now);
      if (chance(6)) respond(now);
      if (chance(25)) redate(now);
      if (chance(40)) desk_.reopen();
      look(now);
      check();
      now = next(now);
    }
  }

  std::size_t notifications() const { return desk_.store->notifications("", "", 100'000).size(); }

 private:
  bool chance(unsigned one_in) { return std::uniform_int_distribution<unsigned>(1, one_in)(random_) == 1; }

  Instant next(Instant now) {
    Instant soonest = now + absl::Hours(24 * 5);
    if (const auto look = desk_.store->next_look()) soonest = std::min(soonest, *look);
    if (const auto compose = desk_.store->next_compose()) soonest = std::min(soonest, *compose);
    // Sometimes the service sleeps over what comes next.
    if (chance(15)) soonest += absl::Hours(24 * 9);
    return std::max(soonest, now + absl::Minutes(1));
  }

  void look(Instant now) {
    while (true) {
      const auto due = desk_.store->due_actions(now, 100, *desk_.world);
      if (due.empty()) return;
      std::vector<chase::Verdict> verdicts(due.size());
      std::vector<store::Decided> decided;
      for (std::size_t i = 0; i < due.size(); ++i) {
        chase::decide(due[i].state, *desk_.world, chase::Look{now, now - absl::Hours(24)}, verdicts[i]);
        decided.push_back({&due[i], &verdicts[i], std::nullopt});
        chase::apply(verdicts[i], now, applied_.at(due[i].state.facts.id));
      }
      REQUIRE(desk_.store->commit_pass(decided, *desk_.world, now) == 0);
    }
  }

  /// What is queued is delivered at once, as chase::deliver has it.
  void compose(Instant now) {
    for (const auto& work : desk_.store->due_recipients(now, 100, *desk_.world)) {
      const chase::PartyIndex recipient = desk_.world->find_party(work.party);
      const chase::ComposeInput input{recipient, work.pending, work.first_meetings_this_week, work.last_digest,
                                      now - absl::Hours(24)};
      const chase::Composition composition = chase::compose(input, *desk_.world, chase::Brakes{}, now);
      const store::Composed composed{&work, composition};
      desk_.store->commit_compositions(std::span(&composed, 1), *desk_.world, now);
      for (const auto& message : desk_.queued(now)) {
        desk_.deliver(message, now);
        for (const auto& item : message.items) deliver(item, recipient, now, composition.day);
      }
    }
  }

  void deliver(const store::TellingItem& item, chase::PartyIndex recipient, Instant now, CivilDay day) {
    chase::ActionState& state = applied_.at(item.action);
    for (std::size_t c = 0; c < state.cases.size(); ++c) {
      const auto& steps = state.cases[c].rule->rule->steps;
      for (std::size_t f = 0; f < state.cases[c].firings.size(); ++f) {
        const chase::Firing& firing = state.cases[c].firings[f];
        const bool is_it = state.cases[c].rule->rule->name == item.rule && state.cases[c].anchor == item.anchor &&
                           state.cases[c].epoch == item.epoch && steps[firing.step].name == item.step &&
                           firing.occurrence == item.occurrence && firing.recipient == recipient &&
                           chase::key_of(identity_of(state, state.cases[c], firing, *desk_.world)) == item.key;
        if (is_it) chase::deliver(state, c, f, now, day);
      }
    }
  }

  void respond(Instant now) {
    const std::vector<std::pair<const char*, const char*>> who{{"1.1", "kcc"},      {"1.2", "kcc"}, {"1.2", "ccn"},
                                                               {"1.3", "hr-dover"}, {"1.5", "kcc"}, {"1.6", "ccn"}};
    const auto [action, party] = who[std::uniform_int_distribution<std::size_t>(0, who.size() - 1)(random_)];
    chase::Response response;
    response.party = party;
    response.kind = static_cast<chase::ResponseKind>(
        std::uniform_int_distribution<int>(0, static_cast<int>(chase::ResponseKind::decline))(random_));
    // The coordinator gives the word more often than the owners would.
    const bool is_word = response.kind == chase::ResponseKind::approve || response.kind == chase::ResponseKind::refuse;
    if (is_word) response.party = "coordinator";
    const bool is_taken = response.kind == chase::ResponseKind::accept || response.kind == chase::ResponseKind::decline;
    if (is_taken) response.party = "kcc-boss";
    response.note = "it moves " + calendar::rfc3339(now, absl::UTCTimeZone());
    response.to = response.kind == chase::ResponseKind::delegate ? "kcc-boss" : "";
    response.due = calendar::day_of(now, absl::UTCTimeZone()) + 60;
    response.until = calendar::day_of(now, absl::UTCTimeZone()) + 9;
    response.percent = chance(2) ? std::optional(40) : std::nullopt;
    if (response.kind == chase::ResponseKind::merged) response.others = {"1.6"};
    if (response.kind == chase::ResponseKind::blocked) response.others = {action == std::string("1.1") ? "1.4" : "1.1"};
    response.means = "cli";
    const auto loaded = desk_.load(action);
    const auto around = desk_.store->surroundings("county");
    const auto effect = chase::respond(loaded.state, *desk_.world, response, now, &around);
    desk_.store->record_response(loaded, response, effect, *desk_.world, now);
    for (auto& [id, state] : applied_) chase::apply_to_blocker(effect, action, now, state);
    chase::apply(effect, response, *desk_.world, now, applied_.at(action));
  }

  void redate(Instant now) {
    auto changed = rows();
    const char* days[] = {"2026-11-16", "2026-12-18", "2027-02-01"};
    changed[0].due = days[std::uniform_int_distribution<std::size_t>(0, 2)(random_)];
    desk_.store->import(plan_of(changed), *desk_.world, now, "cli:test");
    chase::ActionState& state = applied_.at("1.1");
    state.facts = desk_.load("1.1").state.facts;  // importing has tests of its own
  }

  void check() {
    for (const auto& [id, state] : applied_) check_same(desk_.load(id).state, state);
  }

  Desk desk_;
  std::mt19937 random_;
  std::map<std::string, chase::ActionState> applied_;
};

}  // namespace

TEST_CASE("store: what is loaded is what was decided, composed, delivered and answered") {
  const auto kind = any_store();
  const unsigned seed = GENERATE(range(1U, 9U));
  INFO("store " << kind.name << ", seed " << seed);
  Twins twins{kind, seed};
  twins.live_until(at("2027-06-01T08:00:00Z"));
  CHECK(twins.notifications() > 30);
}
