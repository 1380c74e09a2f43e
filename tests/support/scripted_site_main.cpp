// A site on a scripted clock for tests in other languages: scripted_site CONFIG STATE TIME. Says where it listens in a
// line of JSON, then does what each line of its input asks and answers in a line: "at TIME" goes there and makes its
// pass; "until TIME" goes from one event to the next, as the service wakes, and answers how many messages were made;
// "account NAME ROLE PASSWORD", "token NAME ROLE", "mine PARTY" (the link to all of a person's actions). Ends
// with its input.

#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "support/scripted_site.h"
#include "web/access.h"

using namespace chaser;

namespace {

calendar::Instant time_of(const std::string& text) {
  const auto at = calendar::parse_rfc3339(text);
  if (!at) throw std::runtime_error("no time: " + text);
  return *at;
}

std::string do_line(test::ScriptedSite& site, const std::string& line) {
  std::istringstream words(line);
  std::string verb;
  std::string name;
  std::string role;
  std::string rest;
  words >> verb >> name >> role >> rest;
  if (verb == "at") return std::to_string(site.go_to(time_of(name)));
  if (verb == "until") return std::to_string(site.go_until(time_of(name)));
  std::string said;
  site.on_loop([&](app::Engine& engine) {
    const calendar::Instant now = site.now();
    if (verb == "account") {
      web::set_account(engine.store(), name, web::role(role).value(), rest, "test", now);
      said = "set";
    } else if (verb == "token") {
      said = web::add_token(engine.store(), name, web::role(role).value(), "test", now);
    } else if (verb == "events") {
      said = std::to_string(engine.store().events("", "", 0, 1'000'000).size());
    } else {
      throw std::runtime_error("no such word: " + verb);
    }
  });
  return said;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) return 2;
  try {
    test::ScriptedSite site(arguments[1], arguments[2], time_of(arguments[3]));
    std::cout << nlohmann::json{{"staff", site.server().port()}, {"answers", site.server().answers_port()}}
              << std::endl;
    for (std::string line; std::getline(std::cin, line);) std::cout << do_line(site, line) << std::endl;
  } catch (const std::exception& failure) {
    std::cerr << failure.what() << "\n";
    return 1;
  }
  return 0;
}
