#include "channels/token.h"

#include <algorithm>
#include <stdexcept>
#include <thread>

#include "channels/delivering.h"
#include "support/catch.h"
#include "support/token_peer.h"

using namespace chaser;
using namespace chaser::test;
using store::OutcomeKind;

namespace {

channels::OauthSettings oauth_for(const TokenPeer& peer) {
  channels::OauthSettings settings;
  settings.token_url = peer.url();
  settings.client_id = "app id/1";
  settings.client_secret.value = "s&cret=";
  settings.allow_http_loopback = true;
  return settings;
}

/// A clock that stands until it is moved.
struct Clock {
  calendar::Instant at = absl::FromUnixSeconds(1'798'000'000);
  channels::ReadClock reader() {
    return [this] { return at; };
  }
};

SmtpScript wants_token(const std::string& token) {
  SmtpScript script;
  script.tls = SmtpScript::Tls::starttls;
  script.auth = {"XOAUTH2"};
  script.password = token;
  return script;
}

channels::SmtpSettings settings_with(const SmtpPeer& relay, const TokenPeer& tokens) {
  channels::SmtpSettings settings = settings_for(relay);
  settings.tls = channels::Tls::starttls;
  settings.auth = channels::Auth::xoauth2;
  settings.user = "chaser";
  settings.oauth = oauth_for(tokens);
  return settings;
}

}  // namespace

TEST_CASE("token: it is asked for by client credentials, each value encoded, and kept") {
  const TokenPeer peer;
  Clock clock;
  channels::TokenSource source(oauth_for(peer), clock.reader());
  CHECK(source.token().token == "token-1");
  CHECK(source.token().token == "token-1");
  REQUIRE(peer.posted().size() == 1);
  CHECK(peer.posted()[0] ==
        "grant_type=client_credentials&client_id=app%20id%2F1&client_secret=s%26cret%3D&"
        "scope=https%3A%2F%2Foutlook.office365.com%2F.default");
}

TEST_CASE("token: another one is fetched after 80 % of its life, not before") {
  const TokenPeer peer(1'000);
  Clock clock;
  channels::TokenSource source(oauth_for(peer), clock.reader());
  CHECK(source.token().token == "token-1");
  clock.at += absl::Seconds(799);
  CHECK(source.token().token == "token-1");
  clock.at += absl::Seconds(1);
  CHECK(source.token().token == "token-2");
}

TEST_CASE("token: one that a server refused is not used again, and an old refusal does not drop a new one") {
  const TokenPeer peer;
  Clock clock;
  channels::TokenSource source(oauth_for(peer), clock.reader());
  CHECK(source.token().token == "token-1");
  source.refused("token-1");
  CHECK(source.token().token == "token-2");
  source.refused("token-1");
  CHECK(source.token().token == "token-2");
}

TEST_CASE("token: sessions that want one at once fetch one") {
  const TokenPeer peer;
  Clock clock;
  channels::TokenSource source(oauth_for(peer), clock.reader());
  std::vector<std::thread> sessions;
  for (int i = 0; i < 8; ++i) sessions.emplace_back([&] { source.token(); });
  for (std::thread& session : sessions) session.join();
  CHECK(peer.posted().size() == 1);
}

TEST_CASE(
    "token: a refused client holds the channel; an endpoint that is busy or away is tried again; no secret is told") {
  const auto [status, body, kind] = GENERATE(table<int, std::string, OutcomeKind>(
      {{401, R"({"error":"invalid_client","error_description":"s&cret= of app id/1"})", OutcomeKind::channel_broken},
       {400, "nothing", OutcomeKind::channel_broken},
       {302, "", OutcomeKind::channel_broken},
       {200, R"({"access_token":"has a blank"})", OutcomeKind::channel_broken},
       {200, R"({"access_token":7})", OutcomeKind::channel_broken},
       {429, R"({"error":"slow"})", OutcomeKind::temporary},
       {503, "x", OutcomeKind::temporary}}));
  TokenPeer peer;
  peer.answer_with(status, body.empty() ? " " : body);
  Clock clock;
  channels::TokenSource source(oauth_for(peer), clock.reader());
  const channels::TokenSource::Answer answer = source.token();
  CHECK(answer.token.empty());
  REQUIRE(answer.failure);
  CHECK(answer.failure->kind == kind);
  CHECK(answer.failure->text.find("cret") == std::string::npos);
  peer.answer_with(200, "");
  CHECK_FALSE(source.token().token.empty());
}

TEST_CASE("token: its endpoint is https, or this machine where that is allowed") {
  channels::OauthSettings settings;
  CHECK_FALSE(channels::what_is_wrong(settings));
  settings.token_url = "https://login.example/token";
  CHECK(channels::what_is_wrong(settings));
  settings.client_id = "id";
  settings.client_secret.value = "secret";
  CHECK_FALSE(channels::what_is_wrong(settings));
  settings.token_url = "http://login.example/token";
  settings.allow_http_loopback = true;
  CHECK(channels::what_is_wrong(settings));
}

TEST_CASE("smtp: XOAUTH2 logs in with a token that it fetched") {
  const TokenPeer tokens;
  const SmtpPeer relay(wants_token("token-1"));
  Clock clock;
  const auto channel = channels::make_smtp(settings_with(relay, tokens), clock.reader());
  const auto session = channel->make_session();
  CHECK(deliver(*session, parcel(1)).outcome.kind == OutcomeKind::accepted);
  CHECK(deliver(*session, parcel(2)).outcome.kind == OutcomeKind::accepted);
  CHECK(relay.count() == 2);
  CHECK(tokens.posted().size() == 1);
}

TEST_CASE("smtp: a token in use is replaced at 80 % of its life, so that the relay need not refuse it") {
  const TokenPeer tokens(1'000);
  SmtpPeer relay(wants_token("token-1"));
  Clock clock;
  const auto channel = channels::make_smtp(settings_with(relay, tokens), clock.reader());
  const auto session = channel->make_session();
  CHECK(deliver(*session, parcel(1)).outcome.kind == OutcomeKind::accepted);
  clock.at += absl::Seconds(799);
  CHECK(deliver(*session, parcel(2)).outcome.kind == OutcomeKind::accepted);
  CHECK(tokens.posted().size() == 1);
  relay.set_script(wants_token("token-2"));
  clock.at += absl::Seconds(1);
  CHECK(deliver(*session, parcel(3)).outcome.kind == OutcomeKind::accepted);
  CHECK(deliver(*session, parcel(4)).outcome.kind == OutcomeKind::accepted);
  CHECK(relay.count() == 4);
  CHECK(tokens.posted().size() == 2);
  CHECK(relay.connections() == 2);  // a login belongs to its connection
  const std::vector<std::string> commands = relay.commands();
  CHECK(std::count(commands.begin(), commands.end(), "AUTH XOAUTH2") == 2);
  CHECK(std::count(commands.begin(), commands.end(), "QUIT") == 1);  // the first one is not held beside it
}

TEST_CASE("smtp: a token that the relay refuses is fetched anew, once") {
  const TokenPeer tokens;
  const SmtpPeer relay(wants_token("token-2"));
  Clock clock;
  const auto channel = channels::make_smtp(settings_with(relay, tokens), clock.reader());
  const OneDelivery result = deliver(*channel->make_session(), parcel());
  CHECK(result.outcome.kind == OutcomeKind::accepted);
  CHECK(result.begun == 1);
  CHECK(tokens.posted().size() == 2);
}

TEST_CASE("smtp: a relay that refuses every token holds the channel, and the endpoint is not worn out") {
  const TokenPeer tokens;
  const SmtpPeer relay(wants_token("never"));
  Clock clock;
  const auto channel = channels::make_smtp(settings_with(relay, tokens), clock.reader());
  const OneDelivery result = deliver(*channel->make_session(), parcel());
  CHECK(result.outcome.kind == OutcomeKind::channel_broken);
  CHECK(result.begun == 0);
  CHECK(tokens.posted().size() == 2);
  CHECK(result.outcome.text.find("token-") == std::string::npos);
}

TEST_CASE("smtp: without a token nothing is tried at the relay") {
  TokenPeer tokens;
  tokens.answer_with(401, R"({"error":"invalid_client"})");
  const SmtpPeer relay(wants_token("token-1"));
  Clock clock;
  const auto channel = channels::make_smtp(settings_with(relay, tokens), clock.reader());
  const OneDelivery result = deliver(*channel->make_session(), parcel());
  CHECK(result.outcome.kind == OutcomeKind::channel_broken);
  CHECK(result.outcome.text == "the token endpoint: invalid_client");
  CHECK(relay.connections() == 0);
}
