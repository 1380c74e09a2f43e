#include "web/answers.h"

#include "channels/links.h"
#include "support/catch.h"
#include "web/access.h"
#include "web/muting.h"
#include "web/serving.h"

using namespace chaser;
using namespace chaser::test;
using channels::Link;
using channels::LinkPurpose;
using channels::LinkResponse;

namespace {

const channels::LinkKeys keys{{std::string(32, 'k')}};
const channels::LinkKeys others{{std::string(32, 'o')}};

chase::WorldParts led_world() {
  chase::WorldParts parts = Serving::usual_world();
  for (const auto& [id, name] : {std::pair{"ccn", "Climate Change Network"}, {"co", "Anna Coordinator"}}) {
    plan::Party party;
    party.id = id;
    party.contact.name = name;
    party.contact.email = std::string(id) + "@kent.example";
    parts.directory.add(party);
  }
  plan::PlanRoles roles;
  roles.coordinator = "co";
  parts.directory.set_roles("plan", roles);
  return parts;
}

/// One action, led by ccn, due at the end of January.
plan::Plan plan_of() {
  plan::Plan plan;
  plan.id = "plan";
  plan.title = "The plan";
  plan::Action& action = plan.actions.emplace_back();
  action.id = "2.1";
  action.text = "Toolkit for <everybody>";
  action.title = action.text;
  action.owners = {{"ccn", plan::Role::lead}};
  action.timescale.verbatim = "31 Jan 2027";
  action.timescale.kind = plan::TimescaleKind::dated;
  action.timescale.due = calendar::CivilDay(2027, 1, 31);
  action.timescale.precision = plan::Precision::day;
  return plan;
}

class Answering : public Serving {
 public:
  Answering() : Serving(with_links()) { store().import(plan_of(), world(), morning, "test"); }

  static Link link() {
    Link link;
    link.delivery = std::string(32, 'a');
    link.recipient = "ccn";
    link.plan = "plan";
    link.action = "2.1";
    link.allowed = 0x7f;
    link.expires = morning + absl::Hours(24 * 30);
    return link;
  }
  static std::string url(const Link& link, LinkPurpose purpose = LinkPurpose::answer,
                         const channels::LinkKeys& by = keys) {
    const char* path = purpose == LinkPurpose::answer ? "/a/" : purpose == LinkPurpose::mine ? "/m/" : "/u/";
    return path + channels::mint(link, purpose, by);
  }
  std::string look(const std::string& url, const std::string& method = "GET") const {
    return ask_answers(method + " " + url + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  std::string send(const std::string& url, const std::string& form, const std::string& headers = "") const {
    return ask_answers(form_request(url, form, headers));
  }
  std::size_t events() { return store().events("", "", 0, 1'000).size(); }

 private:
  static Given with_links() {
    Given given;
    given.world = led_world();
    given.link_keys = keys;
    return given;
  }
};

bool says(const std::string& answer, std::string_view words) {
  return body(answer).find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("answers: a link shows what it is about, escaped, and GET and HEAD change nothing") {
  Answering site;
  const std::size_t before = site.events();
  const std::string url = Answering::url(Answering::link());
  const std::string page = site.look(url);
  CHECK(status(page) == 200);
  CHECK(says(page, "<h1>2.1 Toolkit for &lt;everybody&gt;</h1>"));
  CHECK(says(page, "31 January 2027"));
  CHECK(says(page, "Climate Change Network"));
  CHECK(header(page, "Cache-Control") == "no-store");
  CHECK(header(page, "X-Robots-Tag") == "noindex");
  CHECK(header(page, "Set-Cookie").empty());
  CHECK(status(site.look(url, "HEAD")) == 200);
  CHECK(status(site.look(url + "?response=done&r=done")) == 200);
  CHECK(site.events() == before);
}

TEST_CASE("answers: POST acts under the recipient's name and leads back to the page") {
  Answering site;
  const std::string url = Answering::url(Answering::link());
  const std::string answer = site.send(url, "response=update&note=Going+well.&status=in_progress");
  REQUIRE(status(answer) == 303);
  CHECK(header(answer, "Location").starts_with("/a/"));
  const auto responses = site.store().responses("plan", "2.1", 10);
  REQUIRE(responses.size() == 1);
  CHECK(responses[0].response.party == "ccn");
  CHECK(responses[0].response.means == "link");
  CHECK(responses[0].response.note == "Going well.");
  const std::string page = site.look(header(answer, "Location"));
  CHECK(says(page, "Thank you."));
  CHECK(says(page, "In progress"));
}

TEST_CASE("answers: what is not allowed, not whole or from elsewhere is refused with its reason, all at once") {
  Answering site;
  Link narrow = Answering::link();
  narrow.allowed = static_cast<std::uint8_t>(LinkResponse::acknowledge);
  const std::size_t before = site.events();
  CHECK(says(site.send(Answering::url(narrow), "response=done"), "does not allow"));
  const std::string url = Answering::url(Answering::link());
  const std::string wrong = site.send(url, "response=update&percent=300&until=soon");
  CHECK(status(wrong) == 422);
  CHECK(says(wrong, "from 0 to 100"));
  CHECK(says(wrong, "2027-01-31"));
  CHECK(says(wrong, "How it stands"));
  CHECK(status(site.send(url, "response=approve")) == 422);
  CHECK(status(site.send(url, "response=explode")) == 422);
  CHECK(status(site.send(url, "response=done", "Sec-Fetch-Site: cross-site\r\n")) == 403);
  CHECK(status(site.send(url, "response=done", "Origin: https://evil.example\r\n")) == 403);
  CHECK(site.events() == before);
  CHECK(status(site.send(url, "response=done", "Origin: https://chaser.example\r\nSec-Fetch-Site: same-origin\r\n")) ==
        303);
}

TEST_CASE("answers: a link that was forged, cut, of another purpose or key, ended or withdrawn explains itself") {
  Answering site;
  const Link link = Answering::link();
  const std::string url = Answering::url(link);
  CHECK(status(site.look(url + "x")) == 404);
  CHECK(status(site.look(url.substr(0, url.size() - 9))) == 404);
  CHECK(status(site.look("/m/" + url.substr(3))) == 404);
  CHECK(status(site.look(Answering::url(link, LinkPurpose::answer, others))) == 410);
  site.set_now(link.expires);
  const std::string ended = site.look(url);
  CHECK(status(ended) == 410);
  CHECK(says(ended, "about action 2.1"));
  CHECK(says(ended, "Anna Coordinator (co@kent.example)"));
  CHECK(status(site.send(url, "response=done")) == 410);
  site.set_now(morning);
  CHECK(status(site.look(url)) == 200);
  web::revoke_links(site.store(), "ccn", "test", morning);
  CHECK(status(site.look(url)) == 410);
  CHECK(status(site.send(url, "response=done")) == 410);
  Link renewed = link;
  renewed.token_epoch = 2;
  CHECK(status(site.look(Answering::url(renewed))) == 200);
}

TEST_CASE("answers: of an action that is finished nothing is asked any more") {
  Answering site;
  const std::string url = Answering::url(Answering::link());
  plan::Plan done = plan_of();
  done.actions[0].status = "done";
  site.store().import(done, site.world(), morning, "test");
  const std::string page = site.look(url);
  CHECK(says(page, "Nothing is asked of you"));
  CHECK_FALSE(says(page, "<form"));
}

TEST_CASE("answers: my actions are saved each on its own") {
  Answering site;
  Link link = Answering::link();
  link.plan.clear();
  link.action.clear();
  const std::string url = Answering::url(link, LinkPurpose::mine);
  CHECK(says(site.look(url), "1 open action"));
  const std::string half = site.send(url, "1.action=plan%2F2.1&1.response=update&1.note=");
  CHECK(status(half) == 422);
  CHECK(says(half, "is needed"));
  const std::string saved = site.send(url, "1.action=plan%2F2.1&1.response=update&1.note=Well");
  CHECK(status(saved) == 200);
  CHECK(says(saved, "1 answer saved."));
  CHECK(says(site.send(url, "1.action=plan%2F2.1&1.response="), "nothing was saved"));
  CHECK(says(site.send(url, "1.action=plan%2F9.9&1.response=update&1.note=x"), "no longer in the plan"));
}

TEST_CASE("answers: digests end with one click as RFC 8058 says, without a redirect, once") {
  Answering site;
  Link link = Answering::link();
  link.plan.clear();
  link.action.clear();
  const std::string url = Answering::url(link, LinkPurpose::mute);
  const std::size_t before = site.events();
  CHECK(status(site.look(url)) == 200);
  CHECK(status(site.send(url, "")) == 400);
  CHECK(site.events() == before);
  CHECK(status(site.send(url, "List-Unsubscribe=One-Click", "Sec-Fetch-Site: cross-site\r\n")) == 200);
  const std::string part =
      "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n";
  CHECK(status(site.ask_answers("POST " + url + " HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=b\r\n" +
                                "Content-Length: " + std::to_string(part.size()) + "\r\n\r\n" + part)) == 200);
  CHECK(site.events() == before + 1);
  CHECK(web::read_muted(site.store()).contains("ccn"));
  CHECK(status(site.send(url, "digests=on", "Sec-Fetch-Site: cross-site\r\n")) == 403);
  CHECK(status(site.send(url, "digests=on")) == 303);
  CHECK(web::read_muted(site.store()).empty());
}

TEST_CASE("answers: who asks too often waits") {
  Answering site;
  const std::string url = Answering::url(Answering::link());
  int refused = 0;
  for (int i = 0; i < 25; ++i) refused += status(site.send(url, "response=explode")) == 429 ? 1 : 0;
  CHECK(refused == 5);
  CHECK(status(site.look(url)) == 200);
}
