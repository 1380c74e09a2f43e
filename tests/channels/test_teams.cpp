#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "channels/card.h"
#include "channels/delivering.h"
#include "channels/retry.h"
#include "channels/signing.h"
#include "support/catch.h"
#include "support/workflow_peer.h"

using namespace chaser;
using namespace chaser::test;
using store::OutcomeKind;

namespace {

constexpr std::string_view action_block_name = channels::action_block;
constexpr const char* card =
    R"({"type":"message","attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","contentUrl":null,"content":)"
    R"({"type":"AdaptiveCard","version":"1.4","body":[{"type":"TextBlock","text":"x"}]}}]})";

channels::TeamsSettings settings_for(const std::string& url) {
  channels::TeamsSettings settings;
  settings.channels["place"] = {{url}, "owner", false, {}};
  settings.allow_http_loopback = true;
  settings.connect_timeout = std::chrono::seconds{2};
  settings.answer_timeout = std::chrono::seconds{1};
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

/// A card of `lines` lines, each the beginning of an action's telling.
std::string long_card(int lines) {
  nlohmann::json body = nlohmann::json::array();
  const auto line = [](const std::string& text, const std::string& id) {
    return nlohmann::json{{"type", "RichTextBlock"}, {"id", id}, {"inlines", {{{"type", "TextRun"}, {"text", text}}}}};
  };
  body.push_back({{"type", "Container"}, {"items", nlohmann::json::array({line("Headline", "headline")})}});
  for (int i = 1; i <= lines; ++i) {
    body.push_back(line(fmt::format("{} {}", i, std::string(60, 'w')), fmt::format("{}{}", action_block_name, i)));
  }
  body.push_back(line("To answer, write to co@county.example", "answer"));
  body.push_back(line("Reference aaaaaaaa", "reference"));
  const nlohmann::json content{{"type", "AdaptiveCard"}, {"version", "1.4"}, {"body", body}};
  const nlohmann::json attachment{{"contentType", "application/vnd.microsoft.card.adaptive"}, {"content", content}};
  return nlohmann::json{{"type", "message"}, {"attachments", nlohmann::json::array({attachment})}}.dump();
}

store::Outcome answered(WorkflowAnswer answer) {
  const WorkflowPeer peer({std::move(answer)});
  const OneDelivery result = deliver_to(peer);
  CHECK(peer.posted().size() == 1);
  CHECK(result.outcome.text.find("SECRET") == std::string::npos);
  return result.outcome;
}

std::string error_body(const std::string& code, const std::string& message = "no") {
  return nlohmann::json{{"error", {{"code", code}, {"message", message}}}}.dump();
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

TEST_CASE("teams: any 2xx is accepted, with or without a body") {
  const int status = GENERATE(200, 201, 202, 204);
  CHECK(answered({status, {}, ""}).kind == OutcomeKind::accepted);
}

TEST_CASE("teams: throttled or out of order for now, it is tried again, longer each time up to half an hour") {
  const int status = GENERATE(429, 408, 500, 502, 503, 504);
  const store::Outcome outcome = answered({status, {}, error_body("Busy")});
  CHECK(outcome.kind == OutcomeKind::temporary);
  CHECK_FALSE(outcome.retry_after_seconds);
  store::OutboxMessage message;
  message.key = parcel().key;
  message.channel = "teams";
  message.created = absl::FromUnixSeconds(1'798'000'000);
  for (const auto& [attempt, seconds] : {std::pair{1, 15}, {2, 30}, {4, 120}, {8, 1'800}, {60, 1'800}}) {
    message.attempts = attempt;
    const auto next = channels::disposition(message, outcome, message.created);
    CHECK(next.state == store::MessageState::queued);
    const auto waits = absl::ToInt64Seconds(next.not_before - message.created);
    CHECK(waits * 10 >= seconds * 8);
    CHECK(waits * 10 <= seconds * 12);
  }
}

TEST_CASE("teams: a flow that is off, deleted, gone or closed to us holds the channel, not the card") {
  const auto [status, code, message] =
      GENERATE(table<int, std::string, std::string>({{400, "WorkflowTriggerIsNotEnabled", "off"},
                                                     {400, "WorkflowTriggerNotFound", "it is in state 'Deleted'"},
                                                     {404, "WorkflowNotFound", "gone"},
                                                     {401, "DirectApiAuthorizationRequired", "no sig"},
                                                     {403, "Forbidden", "not Anyone"},
                                                     {400, "MissingApiVersionParameter", "no query"},
                                                     {401, "DirectApiRequestHasMoreThanOneAuthorization", "two"}}));
  const store::Outcome outcome = answered({status, {}, error_body(code, message)});
  CHECK(outcome.kind == OutcomeKind::channel_broken);
  CHECK(outcome.text.find(code) != std::string::npos);
}

TEST_CASE("teams: a payload that is refused is given up at once") {
  CHECK(answered({400, {}, error_body("TriggerInputSchemaMismatch")}).kind == OutcomeKind::permanent);
  CHECK(answered({400, {}, "<html>"}).kind == OutcomeKind::permanent);
}

TEST_CASE("teams: a redirect of any kind is a wrong address and is not followed") {
  const WorkflowPeer elsewhere;
  const int status = GENERATE(301, 302, 303, 307, 308);
  CHECK(answered({status, {"Location: " + elsewhere.url()}, ""}).kind == OutcomeKind::channel_broken);
  CHECK(elsewhere.posted().empty());
}

TEST_CASE("teams: a card that is too big goes once more, half as big, and counts what it leaves out") {
  const WorkflowPeer peer({{413, {}, error_body("RequestEntityTooLarge")}, {}});
  const auto channel = channels::make_teams(settings_for(peer.url()));
  channels::Parcel big = post();
  big.bytes = long_card(100);
  const OneDelivery result = deliver(*channel->make_session(), big);
  CHECK(result.outcome.kind == OutcomeKind::accepted);
  CHECK(result.begun == 1);
  REQUIRE(peer.posted().size() == 2);
  const std::string second = peer.posted()[1].body;
  CHECK(peer.posted()[1].faults.empty());
  CHECK(second.size() <= big.bytes.size() / 2);
  const auto body = nlohmann::json::parse(second)["attachments"][0]["content"]["body"];
  const std::size_t lines = body.size() - 4;  // without headline, count, answer and reference
  CHECK(second.find(fmt::format("and {} more", 100 - lines)) != std::string::npos);
  CHECK(second.find("To answer, write to") != std::string::npos);
  CHECK(second.find("Reference aaaaaaaa") != std::string::npos);
}

TEST_CASE("teams: too big twice, or too small to cut, it is given up") {
  const WorkflowPeer peer({{413, {}, ""}});
  const auto channel = channels::make_teams(settings_for(peer.url()));
  channels::Parcel big = post();
  big.bytes = long_card(100);
  CHECK(deliver(*channel->make_session(), big).outcome.kind == OutcomeKind::permanent);
  CHECK(peer.posted().size() == 2);
  CHECK(deliver(*channel->make_session(), post()).outcome.kind == OutcomeKind::permanent);
  CHECK(peer.posted().size() == 3);
}

TEST_CASE("teams: lost before the request, it is tried again") {
  const Listener ends([](Wire&, int) {});
  int closed_port = 0;
  {
    const Listener gone([](Wire&, int) {});
    closed_port = gone.port();
  }
  for (const std::string& url :
       {std::string("https://prod-1.westeurope.logic.azure.com.invalid/invoke?sig=SECRET"),  // rc 6
        fmt::format("https://127.0.0.1:{}/invoke?sig=SECRET", closed_port),                  // rc 7
        fmt::format("https://127.0.0.1:{}/invoke?sig=SECRET", ends.port())}) {               // rc 35
    INFO(url);
    channels::TeamsSettings settings = settings_for(url);
    settings.allowed_hosts.emplace_back(".logic.azure.com.invalid");
    const auto channel = channels::make_teams(settings);
    const OneDelivery result = deliver(*channel->make_session(), post());
    CHECK(result.outcome.kind == OutcomeKind::temporary);
    CHECK(result.outcome.code == 0);
    CHECK(result.begun == 0);
    CHECK(result.outcome.text.find("SECRET") == std::string::npos);
  }
  CHECK(ends.connections() == 1);
}

TEST_CASE("teams: the connection lost while the request goes out leaves the card in doubt") {
  const Listener takes_no_body([](Wire& wire, int) {
    for (auto line = wire.read_line(); line && !line->empty();) line = wire.read_line();
    wire.reset();
  });
  const auto channel =
      channels::make_teams(settings_for(fmt::format("http://127.0.0.1:{}/invoke?sig=SECRET", takes_no_body.port())));
  channels::Parcel large = post();
  large.bytes.append(20'000'000, ' ');  // more than the sockets between the two hold
  const OneDelivery result = deliver(*channel->make_session(), large);
  CHECK(result.outcome.kind == OutcomeKind::unknown);
  CHECK(result.begun == 1);
  CHECK(takes_no_body.connections() == 1);
}

TEST_CASE("teams: the connection lost after the request leaves the card in doubt, never posted by itself") {
  const auto then = GENERATE(WorkflowAnswer::Then::close, WorkflowAnswer::Then::reset, WorkflowAnswer::Then::hang);
  const store::Outcome outcome = answered({202, {}, "", then});
  CHECK(outcome.kind == OutcomeKind::unknown);
}

TEST_CASE("teams: by TLS the certificate is checked; one that nobody vouches for is no sending at all") {
  const WorkflowPeer peer({{}}, WorkflowPeer::Transport::tls);
  channels::TeamsSettings settings = settings_for(peer.url());
  {
    const auto channel = channels::make_teams(settings);
    const OneDelivery result = deliver(*channel->make_session(), post());
    CHECK(result.outcome.kind == OutcomeKind::temporary);
    CHECK(result.begun == 0);
    CHECK(peer.posted().empty());
  }
  settings.ca_file = peer.ca_file();
  const auto channel = channels::make_teams(settings);
  CHECK(deliver(*channel->make_session(), post()).outcome.kind == OutcomeKind::accepted);
}

TEST_CASE("teams: a card that goes again after an unknown ending says that it may be a repeat") {
  const WorkflowPeer peer;
  const auto channel = channels::make_teams(settings_for(peer.url()));
  channels::Parcel again = post();
  again.bytes = long_card(2);
  again.ambiguous_before = true;
  CHECK(deliver(*channel->make_session(), again).outcome.kind == OutcomeKind::accepted);
  REQUIRE(peer.posted().size() == 1);
  CHECK(peer.posted()[0].faults.empty());
  const auto body = nlohmann::json::parse(peer.posted()[0].body)["attachments"][0]["content"]["body"];
  CHECK(body[1]["inlines"][0]["text"] == "(may be a repeat) ref aaaaaaaa");
}

TEST_CASE("teams: an answer that quotes the flow's address shows no signature") {
  const store::Outcome outcome =
      answered({400, {}, error_body("Odd", "https://x.logic.azure.com/a?api-version=1&sig=SECRET is wrong")});
  CHECK(outcome.text.find("is wrong") != std::string::npos);
}

TEST_CASE("teams: a channel that the settings do not have is the settings' fault") {
  const WorkflowPeer peer;
  const auto channel = channels::make_teams(settings_for(peer.url()));
  channels::Parcel lost = post();
  lost.destination = "elsewhere";
  CHECK(deliver(*channel->make_session(), lost).outcome.kind == OutcomeKind::channel_broken);
  CHECK(peer.posted().empty());
}

TEST_CASE("card: one that fits is left alone; what is no card cannot be cut or marked") {
  const std::string small = long_card(2);
  CHECK(channels::cut_card(small, small.size()) == small);
  CHECK_FALSE(channels::cut_card("{}", 1));
  CHECK_FALSE(channels::cut_card(small, 50));
  CHECK(channels::as_repeat("no JSON", "ref") == "no JSON");
}

TEST_CASE("card: a line is left out only as far as the size asks") {
  const std::string whole = long_card(50);
  const auto almost = channels::cut_card(whole, whole.size() - 1);
  REQUIRE(almost);
  CHECK(almost->size() < whole.size());
  CHECK(almost->find("and 2 more") == std::string::npos);
  CHECK(almost->find("and 1 more") != std::string::npos);
}

TEST_CASE("webhook: a program gets JSON with a key that stays the same and a signature of the body") {
  const WorkflowPeer peer({{200, {}, "", WorkflowAnswer::Then::close}, {}});
  channels::TeamsSettings settings = settings_for(peer.url());
  settings.channels["place"].json = true;
  settings.channels["place"].signing_key.value = "secret";
  const auto channel = channels::make_teams(settings);
  channels::Parcel message = post();
  message.bytes = R"({"version":1})";
  CHECK(deliver(*channel->make_session(), message).outcome.kind == OutcomeKind::unknown);
  message.ambiguous_before = true;
  CHECK(deliver(*channel->make_session(), message).outcome.kind == OutcomeKind::accepted);
  REQUIRE(peer.posted().size() == 2);
  for (const Posted& posted : peer.posted()) {
    CHECK(posted.body == message.bytes);
    CHECK(posted.header("Idempotency-Key") == message.key);
    CHECK(posted.header("X-Chaser-Signature") ==
          "v1=" + channels::hex(channels::hmac_sha256("secret", R"({"version":1})")));
    CHECK(posted.header("x-ms-client-tracking-id").empty());
  }
}

TEST_CASE("webhook: what a session posts to a program goes on one connection, until the program closes it") {
  const WorkflowPeer peer({{202, {}, ""}, {202, {}, ""}, {202, {"Connection: close"}, ""}, {}});
  channels::TeamsSettings settings = settings_for(peer.url());
  settings.channels["place"].json = true;
  const auto channel = channels::make_teams(settings);
  const auto session = channel->make_session();
  for (int i = 0; i < 3; ++i) CHECK(deliver(*session, post()).outcome.kind == OutcomeKind::accepted);
  CHECK(peer.connections() == 1);
  CHECK(deliver(*session, post()).outcome.kind == OutcomeKind::accepted);
  CHECK(peer.connections() == 2);
  session->rest();
  CHECK(deliver(*session, post()).outcome.kind == OutcomeKind::accepted);
  CHECK(peer.connections() == 3);
  CHECK(peer.count() == 5);
}

TEST_CASE("webhook: a kept connection that dies after the request is in doubt and is not posted again by the library") {
  const WorkflowPeer peer({{202, {}, ""}, {202, {}, "", WorkflowAnswer::Then::close}, {}});
  channels::TeamsSettings settings = settings_for(peer.url());
  settings.channels["place"].json = true;
  const auto channel = channels::make_teams(settings);
  const auto session = channel->make_session();
  CHECK(deliver(*session, post()).outcome.kind == OutcomeKind::accepted);
  const OneDelivery lost = deliver(*session, post());
  CHECK(lost.outcome.kind == OutcomeKind::unknown);
  CHECK(lost.begun == 1);
  CHECK(peer.count() == 2);
  CHECK(deliver(*session, post()).outcome.kind == OutcomeKind::accepted);
  CHECK(peer.count() == 3);
}

TEST_CASE("webhook: without a key it goes unsigned") {
  const WorkflowPeer peer;
  channels::TeamsSettings settings = settings_for(peer.url());
  settings.channels["place"].json = true;
  const auto channel = channels::make_teams(settings);
  CHECK(deliver(*channel->make_session(), post()).outcome.kind == OutcomeKind::accepted);
  CHECK(peer.posted().at(0).header("X-Chaser-Signature").empty());
}
