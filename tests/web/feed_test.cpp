#include "support/catch.h"
#include "web/access.h"
#include "web/feeds.h"
#include "web/serving.h"

using namespace chaser;
using namespace chaser::test;

namespace {

const channels::LinkKeys keys{{std::string(32, 'k')}};

plan::Party party(const std::string& id, const std::string& name, std::vector<std::string> members = {}) {
  plan::Party made;
  made.id = id;
  made.contact.name = name;
  if (members.empty()) made.contact.email = id + "@chaser.example";
  made.members = std::move(members);
  return made;
}

plan::Action action(const std::string& id, const std::string& owner, const std::string& timescale) {
  plan::Action made;
  made.id = id;
  made.text = made.title = "Plant trees";
  made.owners_verbatim = owner;
  made.owners.push_back({owner, plan::Role::lead});
  made.timescale = plan::read_timescale(timescale);
  return made;
}

/// Two leads and a team of one of them, with an action each.
class FeedServing : public Serving {
 public:
  FeedServing() : Serving(given()) {
    plan.id = "plan";
    plan.title = "Plan";
    plan.actions = {action("1", "Ann", "2026"), action("2", "Ben", "2027"), action("3", "Team", "31 March 2028")};
    plan.actions[0].milestones.push_back({"half", "Half of them", calendar::CivilDay(2026, 6, 30), false});
    store().import(plan, world(), morning, "test");
  }
  static Given given() {
    Given made;
    made.link_keys = keys;
    made.world.directory.add(party("ann", "Ann"));
    made.world.directory.add(party("ben", "Ben"));
    made.world.directory.add(party("team", "Team", {"ann"}));
    return made;
  }
  std::string feed(const std::string& who, std::uint32_t epoch = 1, const std::string& headers = "") const {
    return ask_answers("GET " + web::feed_path(keys, who, epoch) + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n");
  }
  plan::Plan plan;
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("feed: a person's calendar has what is theirs and their team's, with milestones, and nothing else") {
  const FeedServing serving;
  const std::string answer = serving.feed("ann");
  INFO(answer);
  REQUIRE(status(answer) == 200);
  CHECK(header(answer, "Content-Type") == "text/calendar; charset=utf-8");
  CHECK(header(answer, "Cache-Control") == "private, max-age=900");
  CHECK(has(answer, "NAME:Deadlines of Ann\r\n"));
  CHECK(has(answer, "UID:due.plan.1@chaser.example\r\n"));
  CHECK(has(answer, "UID:milestone.half.plan.1@chaser.example\r\n"));
  CHECK(has(answer, "UID:due.plan.3@chaser.example\r\n"));
  CHECK_FALSE(has(answer, "plan.2@"));
  CHECK(has(answer, "DTSTART;VALUE=DATE:20261231\r\n"));
  CHECK(has(answer, "SEQUENCE:0\r\n"));
}

TEST_CASE("feed: what has not changed is not sent again, whatever the hour; what has changed is") {
  FeedServing serving;
  const std::string first = serving.feed("ann");
  const std::string tag = header(first, "ETag");
  REQUIRE(tag.size() == 34);
  serving.set_now(morning + absl::Hours(5));
  const std::string again = serving.feed("ann", 1, "If-None-Match: \"other\", W/" + tag + "\r\n");
  CHECK(status(again) == 304);
  CHECK(body(again).empty());
  CHECK(header(again, "ETag") == tag);
  serving.plan.actions[0].timescale = plan::read_timescale("2027");
  serving.store().import(serving.plan, serving.world(), morning + absl::Hours(6), "test");
  const std::string moved = serving.feed("ann", 1, "If-None-Match: " + tag + "\r\n");
  INFO(moved);
  CHECK(status(moved) == 200);
  CHECK(has(moved, "UID:due.plan.1@chaser.example\r\n"));
  CHECK(has(moved, "DTSTART;VALUE=DATE:20271231\r\n"));
  CHECK(has(moved, "SEQUENCE:21600\r\n"));
  CHECK(has(moved, "DTSTAMP:20261231T150000Z\r\n"));
}

TEST_CASE("feed: somebody without anything gets a calendar too") {
  const FeedServing serving;
  CHECK(status(serving.feed("team")) == 200);
  const std::string answer = serving.feed("ben");
  CHECK(has(answer, "plan.2@"));
}

TEST_CASE("feed: a revoked address has ended, a forged one and another's never were, and no error tells whose it was") {
  FeedServing serving;
  const std::string path = web::feed_path(keys, "ann", 1);
  const auto get = [&](const std::string& asked) {
    return serving.ask_answers("GET " + asked + " HTTP/1.1\r\nHost: x\r\n\r\n");
  };
  CHECK(status(get("/calendar/x.ics")) == 404);
  CHECK(status(get(path.substr(0, path.size() - 4))) == 404);
  std::string forged = path;
  forged[path.size() - 10] = forged[path.size() - 10] == 'A' ? 'B' : 'A';
  CHECK(status(get(forged)) == 404);
  CHECK(status(serving.feed("nobody")) == 410);
  channels::Link link;
  link.delivery = std::string(32, '0');
  link.recipient = "ann";
  link.expires = morning + absl::Hours(24);
  CHECK(status(get("/calendar/" + channels::mint(link, channels::LinkPurpose::answer, keys) + ".ics")) == 404);
  web::revoke_links(serving.store(), "ann", "test", morning);
  const std::string ended = get(path);
  CHECK(status(ended) == 410);
  CHECK_FALSE(has(ended, "Ann"));
  CHECK(status(serving.feed("ann", 2)) == 200);
}
