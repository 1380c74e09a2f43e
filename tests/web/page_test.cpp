#include "web/page.h"
#include "support/catch.h"

using namespace chaser;

namespace {

chase::World world() {
  chase::WorldParts parts;
  plan::Party party;
  party.id = "kcc";
  party.contact.name = "Kent <b>County</b>";
  party.contact.email = "kcc@kent.example";
  parts.directory.add(party);
  parts.zones["Europe/London"] = absl::UTCTimeZone();
  parts.plans.push_back({"plan", "Plan", "Europe/London"});
  return chase::World(std::move(parts));
}

const calendar::Instant morning = absl::FromCivil(absl::CivilSecond(2026, 12, 31, 9), absl::UTCTimeZone());

chase::Telling told(const std::string& action, const std::string& channel, const std::string& reason) {
  chase::Telling telling;
  telling.at = morning;
  telling.plan = "plan";
  telling.action = action;
  telling.rule = "deadline";
  telling.step = "due";
  telling.to = "kcc";
  telling.channel = channel;
  telling.reason = reason;
  return telling;
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size())) ++found;
  return found;
}

}  // namespace

TEST_CASE("page: what one person is told at one instant by one step is one row, with all actions and channels") {
  web::Overview overview;
  overview.now = morning;
  overview.next = {told("2.1", "email", "on the due date"), told("7.3", "email", "on the due date"),
                   told("2.1", "teams", "on the due date"), told("7.3", "teams", "on the due date"),
                   told("4.1", "email", "another reason")};
  const std::string page = web::page(overview, world());
  INFO(page);
  CHECK(count(page, "<tr role=\"row\"><td") == 2);
  CHECK(page.find("<td role=\"cell\" data-label=\"Actions\">2.1, 7.3</td>") != std::string::npos);
  CHECK(page.find("<td role=\"cell\" data-label=\"Channels\">email, teams</td>") != std::string::npos);
}

TEST_CASE("page: what people wrote is text, never markup") {
  web::Overview overview;
  overview.now = morning;
  overview.next = {told("<script>alert(1)</script>", "email", "\"quoted\" & 'so'")};
  const std::string page = web::page(overview, world());
  CHECK(page.find("<script") == std::string::npos);
  CHECK(page.find("&lt;script&gt;alert(1)&lt;/script&gt;") != std::string::npos);
  CHECK(page.find("&quot;quoted&quot; &amp; &#39;so&#39;") != std::string::npos);
  CHECK(page.find("<b>") == std::string::npos);
}

TEST_CASE("page: a notification that waits for its window is said to wait") {
  web::Overview overview;
  overview.now = morning - absl::Hours(3);
  const chase::World known = world();
  CHECK(web::page(overview, known).find("Nothing waits.") != std::string::npos);
  overview.status.pending = 1;
  overview.status.next_compose = morning;
  const std::string page = web::page(overview, known);
  CHECK(page.find("1 notification waits for sending windows to open; the first opens Thu 31 Dec 2026 09:00.") !=
        std::string::npos);
  overview.status.pending = 4;
  CHECK(web::page(overview, known).find("4 notifications wait for") != std::string::npos);
}

TEST_CASE("page: one of a thing is not many") {
  web::Overview overview;
  overview.now = morning;
  overview.status.actions = 1;
  overview.status.plans = 1;
  overview.status.open_cases = 2;
  overview.status.needs_attention = 3;
  const std::string page = web::page(overview, world());
  CHECK(page.find("1 action in 1 plan, 2 open cases. 0 messages to be delivered") != std::string::npos);
  CHECK(page.find("<strong>3 in need of a person</strong>") != std::string::npos);
}
