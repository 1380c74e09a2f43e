#include <stdexcept>

#include "channels/delivering.h"
#include "support/catch.h"
#include "support/workflow_peer.h"

using namespace chaser;
using namespace chaser::test;
using store::OutcomeKind;

namespace {

constexpr const char* card =
    R"({"type":"message","attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","contentUrl":null,"content":)"
    R"({"type":"AdaptiveCard","version":"1.4","body":[{"type":"TextBlock","text":"x"}]}}]})";

channels::TeamsSettings settings_for(const std::string& url) {
  channels::TeamsSettings settings;
  settings.channels["place"] = {{url}, "owner"};
  settings.allow_http_loopback = true;
  return settings;
}

channels::Parcel post() {
  channels::Parcel made = parcel();
  made.bytes = card;
  made.destination = "place";
  return made;
}

OneDelivery deliver_to(const WorkflowPeer& peer) {
  const auto channel = channels::make_teams(settings_for(peer.url()));
  return deliver(*channel->make_session(), post());
}

std::optional<std::string> problem_of(const std::string& url, bool loopback = false) {
  channels::TeamsSettings settings = settings_for(url);
  settings.allow_http_loopback = loopback;
  return channels::what_is_wrong(settings);
}

}  // namespace

TEST_CASE("teams: a card is posted once, whole, with its delivery's id and no Authorization") {
  const WorkflowPeer peer;
  const OneDelivery result = deliver_to(peer);
  CHECK(result.outcome.kind == OutcomeKind::accepted);
  CHECK(result.outcome.code == 202);
  CHECK(result.outcome.text.find("run 0858") != std::string::npos);
  CHECK(result.begun == 1);
  REQUIRE(peer.posted().size() == 1);
  const Posted posted = peer.posted()[0];
  CHECK(posted.faults.empty());
  CHECK(posted.body == card);
  CHECK(posted.header("x-ms-client-tracking-id") == post().key.substr(0, 32));
  CHECK(posted.header("Content-Type") == "application/json");
  CHECK(posted.target.ends_with("sig=SECRET"));
}

TEST_CASE("teams: a connection that dies after the request is in doubt and is not posted again by the library") {
  const WorkflowPeer peer({{202, {}, "", WorkflowAnswer::Then::close}});
  const OneDelivery result = deliver_to(peer);
  CHECK(result.outcome.kind == OutcomeKind::unknown);
  CHECK(peer.posted().size() == 1);
  CHECK(peer.connections() == 1);
}

TEST_CASE("teams: each card goes on a connection of its own") {
  const WorkflowPeer peer;
  const auto channel = channels::make_teams(settings_for(peer.url()));
  const auto session = channel->make_session();
  for (int i = 0; i < 3; ++i) CHECK(deliver(*session, post()).outcome.kind == OutcomeKind::accepted);
  CHECK(peer.connections() == 3);
}

TEST_CASE("teams: fenced, nothing is posted") {
  const WorkflowPeer peer;
  const auto channel = channels::make_teams(settings_for(peer.url()));
  CHECK(deliver(*channel->make_session(), post(), false).outcome.kind == OutcomeKind::temporary);
  CHECK(peer.posted().empty());
}

TEST_CASE("teams: throttled, it waits as long as it is told") {
  const WorkflowPeer peer({{429, {"Retry-After: 90"}, ""}});
  const OneDelivery result = deliver_to(peer);
  CHECK(result.outcome.kind == OutcomeKind::temporary);
  CHECK(result.outcome.retry_after_seconds == 90);
}

TEST_CASE("teams: a date in Retry-After is measured by the server's own clock") {
  const WorkflowPeer peer(
      {{503, {"Date: Tue, 24 Nov 2026 10:00:00 GMT", "Retry-After: Tue, 24 Nov 2026 10:01:30 GMT"}, ""}});
  CHECK(deliver_to(peer).outcome.retry_after_seconds == 90);
}

TEST_CASE("teams: a redirect is not followed and a switched-off flow holds the channel") {
  const WorkflowPeer moved({{302, {"Location: http://127.0.0.1:1/"}, ""}});
  CHECK(deliver_to(moved).outcome.kind == OutcomeKind::channel_broken);
  const WorkflowPeer off({{400, {}, R"({"error":{"code":"WorkflowTriggerIsNotEnabled","message":"off"}})"}});
  const OneDelivery result = deliver_to(off);
  CHECK(result.outcome.kind == OutcomeKind::channel_broken);
  CHECK(result.outcome.text.find("WorkflowTriggerIsNotEnabled") != std::string::npos);
}

TEST_CASE("teams: nobody listening is temporary, nothing was begun, and the URL's secret is in no text") {
  std::string url;
  {
    const WorkflowPeer peer;
    url = peer.url();
  }
  const auto channel = channels::make_teams(settings_for(url));
  const OneDelivery result = deliver(*channel->make_session(), post());
  CHECK(result.outcome.kind == OutcomeKind::temporary);
  CHECK(result.begun == 0);
  CHECK(result.outcome.text.find("SECRET") == std::string::npos);
}

TEST_CASE("teams: only https to allowed hosts passes the door, and the refusal does not quote the URL") {
  CHECK_FALSE(problem_of("https://prod-1.westeurope.logic.azure.com:443/workflows/x?sig=SECRET"));
  CHECK_FALSE(problem_of("https://e.environment.api.powerplatform.com:443/powerautomate/x?sig=SECRET"));
  for (const char* url :
       {"http://prod-1.westeurope.logic.azure.com/x?sig=SECRET", "https://evil.example/x?sig=SECRET",
        "https://logic.azure.com.evil.example/?sig=SECRET", "https://user@x.logic.azure.com/?sig=SECRET",
        "https://kent.webhook.office.com/webhookb2/SECRET", "http://127.0.0.1/?sig=SECRET", "SECRET",
        "https://x.logic.azure.com/?a=1&amp;sig=SECRET"}) {
    const auto problem = problem_of(url);
    REQUIRE(problem);
    CHECK(problem->find("SECRET") == std::string::npos);
  }
  CHECK(problem_of("https://kent.webhook.office.com/x")->find("Workflows") != std::string::npos);
  CHECK_FALSE(problem_of("http://127.0.0.1/?sig=SECRET", true));
  CHECK(problem_of("http://192.0.2.1/?sig=SECRET", true));
}
