#include "app/web_doors.h"

#include "app/pass.h"

namespace chaser::app {

web::ServerSettings web_settings(const Settings& settings) {
  const HttpSettings& http = settings.http.value();
  web::ServerSettings wanted;
  wanted.staff = http.staff;
  wanted.answers = http.answers;
  wanted.threads = http.threads;
  wanted.site = {settings.state_directory, settings.public_url, settings.link_keys, http.access};
  return wanted;
}

web::Doors web_doors(Engine& engine, const Clock& clock, Post post, std::function<void()> after) {
  web::Doors doors;
  doors.now = [&clock] { return clock.now(); };
  doors.post = [&engine, &clock, post = std::move(post), after = std::move(after)](web::Work work) {
    post([&engine, &clock, after, work = std::move(work)] {
      work(engine.store(), engine.world(), clock.now());
      after();
    });
  };
  doors.brakes = [](store::Store& store, const chase::World& world, Instant now) {
    return brakes_of(store, world, store.kept("clock_held") == "yes", now);
  };
  return doors;
}

}  // namespace chaser::app
