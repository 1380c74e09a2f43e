#include "app/web_doors.h"

#include "app/pass.h"
#include "app/writing.h"

namespace chaser::app {

namespace {

web::CommandAnswer command(Engine& engine, const web::Command& asked, Instant now) {
  using End = web::CommandAnswer::End;
  const WriteAnswer answer = carry_out(engine, {asked.verb, asked.words, asked.options, asked.text, asked.actor}, now);
  std::string said = answer.exit == Exit::fine ? answer.out : answer.err + answer.out;
  if (said.starts_with("chaser: ")) said.erase(0, 8);
  while (said.ends_with('\n')) said.pop_back();
  switch (answer.exit) {
    case Exit::fine:
      return {End::done, std::move(said)};
    case Exit::problems:
      return {End::refused, std::move(said)};
    case Exit::usage:
      return {End::misused, std::move(said)};
    case Exit::environment:
      break;
  }
  return {End::failed, std::move(said)};
}

}  // namespace

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
  doors.carry_out = [&engine, &clock](const web::Command& asked) { return command(engine, asked, clock.now()); };
  return doors;
}

}  // namespace chaser::app
