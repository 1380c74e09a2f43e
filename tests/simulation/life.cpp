#include "simulation/life.h"

#include <algorithm>
#include <stdexcept>

#include "app/pass.h"
#include "store/sqlite_store.h"

namespace chaser::simulation {

namespace {

constexpr absl::Duration clock_recheck = absl::Minutes(1);

std::unique_ptr<store::Store> open(const std::string& state) {
  return store::open_sqlite(state, {store::OpenMode::write, false});
}

}  // namespace

Life::Life(app::Inputs inputs, const app::FileReader& read, const std::string& state, Time& time, PostOffice& office)
    : time_(time),
      engine_(std::move(inputs), open(state), read),
      up_since_(time.wall),
      guard_(reading(), engine_.store().clock_high_water(), engine_.store().kept("clock_held") == "yes"),
      dispatch_(
          engine_, office.channels(), log_, [](std::function<void()> work) { work(); }, [this] { return time_.wall; },
          [] {}, {}, channels::Carriage::by_hand) {
  documents::Problems problems;
  engine_.start(time_.wall, problems);
  if (problems.has_errors()) {
    std::string all;
    for (const auto& problem : problems.sorted()) all += documents::describe(problem) + "\n";
    throw std::logic_error("the county's files do not load:\n" + all);
  }
  dispatch_.recover(time_.wall);
}

void Life::observe_clock() {
  switch (guard_.observe(reading())) {
    case app::ClockGuard::Judgement::held:
      store().keep("clock_held", "yes");
      break;
    case app::ClockGuard::Judgement::let_go:
      store().keep("clock_held", "");
      break;
    default:
      break;
  }
  if (!guard_.is_held() || !store().is_released("clock", "")) return;
  guard_.release(reading());
  store().forget_release("clock", "", time_.wall);
  store().keep("clock_held", "");
}

bool Life::turn() {
  observe_clock();
  const Instant now = time_.wall;
  if (dispatch_.has_unrecorded()) dispatch_.record_again();
  const chase::Brakes brakes = app::brakes_of(store(), engine_.world(), guard_.is_held(), now);
  const chase::Look look{now, up_since_};
  const app::PassCounts decided = app::decide_some(store(), engine_.world(), look);
  if (decided.failed > 0) throw std::logic_error("an action could not be decided");
  if (decided.looked > 0 || app::compose_some(store(), engine_.world(), brakes, look, pass_)) return true;
  const bool pumped = dispatch_.pump(brakes, now);
  bool carried = false;
  while (dispatch_.carry_next()) carried = true;
  return pumped || carried;
}

std::optional<Instant> Life::next_event() {
  std::optional<Instant> next;
  for (const auto& at : {store().next_look(), store().next_compose(), store().next_retry()}) {
    if (at && (!next || *at < *next)) next = at;
  }
  const Instant now = time_.wall;
  if (next && *next <= now) {
    next = std::min(now + clock_recheck, dispatch_.next_opening(now).value_or(absl::InfiniteFuture()));
  }
  if (guard_.is_held()) next = std::min(next.value_or(absl::InfiniteFuture()), now + clock_recheck);
  return next;
}

app::WriteAnswer Life::ask(app::WriteRequest request) {
  request.actor = "cli:sim";
  return app::carry_out(engine_, request, time_.wall);
}

void Life::reload(app::Inputs inputs) {
  documents::Problems problems;
  engine_.take(std::move(inputs), time_.wall, problems);
}

}  // namespace chaser::simulation
