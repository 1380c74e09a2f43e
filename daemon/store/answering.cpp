#include "store/answering.h"

namespace chaser::store {

namespace {

constexpr int tries_max = 3;

}  // namespace

std::optional<chase::ResponseEffect> answer(Store& store, const chase::World& world, std::string_view plan,
                                            std::string_view action, const chase::Response& response, Instant now) {
  for (int attempt = 1;; ++attempt) {
    const auto loaded = store.load_action(plan, action, world);
    if (!loaded) return std::nullopt;
    const chase::Surroundings around = response.others.empty() ? chase::Surroundings{} : store.surroundings(plan);
    chase::ResponseEffect effect = chase::respond(loaded->state, world, response, now, &around);
    try {
      store.record_response(*loaded, response, effect, world, now);
      return effect;
    } catch (const StoreError& error) {
      if (error.fault() != StoreFault::conflict || attempt == tries_max) throw;
    }
  }
}

}  // namespace chaser::store
