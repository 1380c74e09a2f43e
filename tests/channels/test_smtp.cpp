#include <absl/time/clock.h>

#include <algorithm>
#include <stdexcept>

#include "channels/delivering.h"
#include "support/catch.h"

using namespace chaser;
using namespace chaser::test;
using store::OutcomeKind;

namespace {

SmtpScript with_fault(const std::string& point, SmtpFault fault) {
  SmtpScript script;
  script.faults[point] = std::move(fault);
  return script;
}

OneDelivery deliver_to(const SmtpPeer& peer, const channels::Parcel& what = parcel()) {
  const auto channel = channels::make_smtp(settings_for(peer));
  const auto session = channel->make_session();
  return deliver(*session, what);
}

store::Outcome refused(const std::string& point, const std::string& reply) {
  const SmtpPeer peer(with_fault(point, {reply}));
  const OneDelivery result = deliver_to(peer);
  CHECK(peer.count() == 0);
  return result.outcome;
}

}  // namespace

TEST_CASE("smtp: a message arrives byte for byte, at one recipient, from the bounce address") {
  const SmtpPeer peer;
  const OneDelivery result = deliver_to(peer);
  CHECK(result.outcome.kind == OutcomeKind::accepted);
  CHECK(result.outcome.code == 250);
  CHECK(result.begun == 1);
  REQUIRE(peer.count() == 1);
  const Received received = peer.received()[0];
  CHECK(received.bytes == parcel().bytes);
  CHECK(received.message_id == parcel().message_id);
  CHECK(received.recipient == "lead@council.example");
  CHECK(received.sender == "<bounces@chaser.example> SIZE=" + std::to_string(parcel().bytes.size()));
  CHECK(peer.commands()[0] == "EHLO chaser.example");
}

TEST_CASE("smtp: an address with a line end never reaches the wire") {
  const SmtpPeer peer;
  channels::Parcel bad = parcel();
  bad.destination = "lead@council.example>\r\nRSET";
  const OneDelivery result = deliver_to(peer, bad);
  CHECK(result.outcome.kind == OutcomeKind::permanent);
  CHECK(result.begun == 0);
  CHECK(peer.commands().empty());
}

TEST_CASE("smtp: an internationalised domain goes out in ASCII") {
  const SmtpPeer peer;
  channels::Parcel what = parcel();
  what.destination =
      "lead@b\xc3\xbc"
      "cher.example";
  CHECK(deliver_to(peer, what).outcome.kind == OutcomeKind::accepted);
  REQUIRE(peer.count() == 1);
  CHECK(peer.received()[0].recipient == "lead@xn--bcher-kva.example");
}

TEST_CASE("smtp: STARTTLS and implicit TLS are verified and carry the message") {
  const auto [script_tls, tls] = GENERATE(std::pair{SmtpScript::Tls::starttls, channels::Tls::starttls},
                                          std::pair{SmtpScript::Tls::implicit, channels::Tls::implicit});
  SmtpScript script;
  script.tls = script_tls;
  const SmtpPeer peer(script);
  channels::SmtpSettings settings = settings_for(peer);
  settings.tls = tls;
  const auto channel = channels::make_smtp(settings);
  CHECK(deliver(*channel->make_session(), parcel()).outcome.kind == OutcomeKind::accepted);
  REQUIRE(peer.count() == 1);
  CHECK(peer.received()[0].tls);
}

TEST_CASE("smtp: a certificate that nobody vouches for holds the channel, and nothing goes in clear") {
  SmtpScript script;
  script.tls = SmtpScript::Tls::starttls;
  const SmtpPeer peer(script);
  channels::SmtpSettings settings = settings_for(peer);
  settings.tls = channels::Tls::starttls;
  settings.ca_file = "";
  const auto channel = channels::make_smtp(settings);
  const OneDelivery result = deliver(*channel->make_session(), parcel());
  CHECK(result.outcome.kind == OutcomeKind::channel_broken);
  CHECK(result.begun == 0);
  CHECK(peer.count() == 0);
}

TEST_CASE("smtp: a relay without STARTTLS, or that refuses it, holds the channel") {
  SmtpScript script;
  const bool offered = GENERATE(true, false);
  if (offered) {
    script.tls = SmtpScript::Tls::starttls;
    script.faults["STARTTLS"] = {"454 4.7.0 not now"};
  }
  const SmtpPeer peer(script);
  channels::SmtpSettings settings = settings_for(peer);
  settings.tls = channels::Tls::starttls;
  const auto channel = channels::make_smtp(settings);
  const OneDelivery result = deliver(*channel->make_session(), parcel());
  CHECK(result.outcome.kind == OutcomeKind::channel_broken);
  CHECK(peer.count() == 0);
}

TEST_CASE("smtp: PLAIN, LOGIN and XOAUTH2 log in as told, also with a long token") {
  const auto [name, auth] = GENERATE(std::pair<std::string, channels::Auth>{"PLAIN", channels::Auth::plain},
                                     std::pair<std::string, channels::Auth>{"LOGIN", channels::Auth::login},
                                     std::pair<std::string, channels::Auth>{"XOAUTH2", channels::Auth::xoauth2});
  SmtpScript script;
  script.tls = SmtpScript::Tls::starttls;
  script.auth = {"PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER"};
  script.password = std::string(1'800, 't');
  const SmtpPeer peer(script);
  channels::SmtpSettings settings = settings_for(peer);
  settings.tls = channels::Tls::starttls;
  settings.auth = auth;
  settings.user = script.user;
  settings.password.value = script.password;
  if (name != "XOAUTH2") {
    script.password = settings.password.value = "correct horse";
    const_cast<SmtpPeer&>(peer).set_script(script);
  }
  const auto channel = channels::make_smtp(settings);
  CHECK(deliver(*channel->make_session(), parcel()).outcome.kind == OutcomeKind::accepted);
  REQUIRE(peer.count() == 1);
  CHECK(peer.received()[0].user == "chaser");
  const std::vector<std::string> commands = peer.commands();
  CHECK(std::find(commands.begin(), commands.end(), "AUTH " + name) != commands.end());
}

TEST_CASE("smtp: a relay that offers no login gets no message when the settings ask for one") {
  const SmtpPeer peer;
  channels::SmtpSettings settings = settings_for(peer);
  settings.auth = channels::Auth::plain;
  settings.user = "chaser";
  settings.password.value = "correct horse";
  const auto channel = channels::make_smtp(settings);
  const OneDelivery result = deliver(*channel->make_session(), parcel());
  CHECK(result.outcome.kind == OutcomeKind::channel_broken);
  CHECK(result.begun == 0);
  CHECK(peer.count() == 0);
}

TEST_CASE("smtp: a refused login holds the channel; one refused for now is tried again") {
  SmtpScript script;
  script.auth = {"PLAIN"};
  const bool for_now = GENERATE(true, false);
  if (for_now) script.faults["AUTH"] = {"454 4.7.0 temporary authentication failure"};
  const SmtpPeer peer(script);
  channels::SmtpSettings settings = settings_for(peer);
  settings.auth = channels::Auth::plain;
  settings.user = "chaser";
  settings.password.value = for_now ? script.password : "wrong";
  const auto channel = channels::make_smtp(settings);
  const OneDelivery result = deliver(*channel->make_session(), parcel());
  CHECK(result.outcome.kind == (for_now ? OutcomeKind::temporary : OutcomeKind::channel_broken));
  CHECK(result.outcome.text.find("correct horse") == std::string::npos);
  CHECK(result.begun == 0);
}

TEST_CASE("smtp: refusals at MAIL, RCPT, DATA and the final dot are temporary or for good by their code") {
  const std::string point = GENERATE("MAIL", "RCPT", "DATA", ".");
  CHECK(refused(point, "451 4.3.0 later").kind == OutcomeKind::temporary);
  const store::Outcome gone = refused(point, "550 5.1.1 no such user");
  CHECK(gone.kind == OutcomeKind::permanent);
  CHECK(gone.code == 550);
  CHECK(gone.enhanced == "5.1.1");
  CHECK(gone.text == "550 5.1.1 no such user");
}

TEST_CASE("smtp: a several-line refusal is read to its last line") {
  const store::Outcome outcome = refused("RCPT", "550-5.1.1 no such\r\n550 5.1.1 user here");
  CHECK(outcome.kind == OutcomeKind::permanent);
  CHECK(outcome.text == "550 5.1.1 user here");
}

TEST_CASE("smtp: a policy refusal holds the channel instead of blaming the recipient") {
  CHECK(refused("RCPT", "550 5.7.1 relaying denied").kind == OutcomeKind::channel_broken);
  CHECK(refused("MAIL", "553 5.1.8 sender unknown").kind == OutcomeKind::channel_broken);
  CHECK(refused("RCPT", "451 4.7.1 greylisted, come back").kind == OutcomeKind::temporary);
}

TEST_CASE("smtp: a greeting that refuses is about the relay, not about the recipient") {
  CHECK(refused("CONNECT", "554 no service here").kind == OutcomeKind::channel_broken);
  CHECK(refused("CONNECT", "421 4.3.2 too busy").kind == OutcomeKind::temporary);
}

TEST_CASE("smtp: the connection lost after the final dot leaves the message in doubt") {
  const auto then = GENERATE(SmtpFault::Then::close, SmtpFault::Then::reset, SmtpFault::Then::hang);
  const bool kept = GENERATE(true, false);
  const SmtpPeer peer(with_fault(".", {"", then, -1, kept}));
  const OneDelivery result = deliver_to(peer);
  CHECK(result.outcome.kind == OutcomeKind::unknown);
  CHECK(result.outcome.code == 354);
  CHECK(result.begun == 1);
  CHECK(peer.count() == (kept ? 1 : 0));
}

TEST_CASE("smtp: the connection lost before the final dot is safe to try again") {
  const std::string point = GENERATE("CONNECT", "EHLO", "MAIL", "RCPT", "DATA");
  const auto then = GENERATE(SmtpFault::Then::close, SmtpFault::Then::reset, SmtpFault::Then::hang);
  const SmtpPeer peer(with_fault(point, {"", then}));
  const OneDelivery result = deliver_to(peer);
  CHECK(result.outcome.kind == OutcomeKind::temporary);
  CHECK(result.begun == 0);
}

TEST_CASE("smtp: the connection reset in the middle of a large message is safe to try again") {
  const SmtpPeer peer(with_fault("BODY", {"", SmtpFault::Then::reset}));
  const OneDelivery result = deliver_to(peer, parcel(1, 20'000'000));
  CHECK(result.begun == 1);
  CHECK(result.outcome.code == 354);
  CHECK(result.outcome.kind == OutcomeKind::temporary);
}

TEST_CASE("smtp: nobody listening is temporary") {
  channels::SmtpSettings settings;
  {
    const SmtpPeer peer;
    settings = settings_for(peer);
    settings.ca_file = "";
  }
  const auto channel = channels::make_smtp(settings);
  CHECK(deliver(*channel->make_session(), parcel()).outcome.kind == OutcomeKind::temporary);
}

TEST_CASE("smtp: a positive answer other than 250 at the final dot counts as accepted") {
  const SmtpPeer peer(with_fault(".", {"251 2.0.0 forwarded", SmtpFault::Then::go_on, -1, true}));
  CHECK(deliver_to(peer).outcome.kind == OutcomeKind::accepted);
  CHECK(peer.count() == 1);
}

TEST_CASE("smtp: fenced at the body's beginning, nothing of it leaves") {
  const SmtpPeer peer;
  const auto channel = channels::make_smtp(settings_for(peer));
  const auto session = channel->make_session();
  const OneDelivery fenced = deliver(*session, parcel(), false);
  CHECK(fenced.begun == 1);
  CHECK(fenced.outcome.kind == OutcomeKind::temporary);
  CHECK(peer.count() == 0);
  CHECK(deliver(*session, parcel(2)).outcome.kind == OutcomeKind::accepted);
  CHECK(peer.count() == 1);
}

TEST_CASE("smtp: one connection and one login carry many messages") {
  SmtpScript script;
  script.tls = SmtpScript::Tls::starttls;
  script.auth = {"PLAIN"};
  const SmtpPeer peer(script);
  channels::SmtpSettings settings = settings_for(peer);
  settings.tls = channels::Tls::starttls;
  settings.auth = channels::Auth::plain;
  settings.user = script.user;
  settings.password.value = script.password;
  const auto channel = channels::make_smtp(settings);
  const auto session = channel->make_session();
  for (store::MessageRow row = 1; row <= 20; ++row)
    CHECK(deliver(*session, parcel(row)).outcome.kind == OutcomeKind::accepted);
  CHECK(peer.count() == 20);
  CHECK(peer.connections() == 1);
}

TEST_CASE("smtp: a connection that the relay closed meanwhile costs no attempt") {
  SmtpScript script = with_fault("MAIL", {"", SmtpFault::Then::close, 1});
  SmtpPeer peer;
  const auto channel = channels::make_smtp(settings_for(peer));
  const auto session = channel->make_session();
  REQUIRE(deliver(*session, parcel(1)).outcome.kind == OutcomeKind::accepted);
  peer.set_script(script);
  const OneDelivery second = deliver(*session, parcel(2));
  CHECK(second.outcome.kind == OutcomeKind::accepted);
  CHECK(second.begun == 1);
  CHECK(peer.count() == 2);
  CHECK(peer.connections() == 2);
}

TEST_CASE("smtp: a relay that hangs at QUIT holds nobody up for long") {
  const SmtpPeer peer(with_fault("QUIT", {"", SmtpFault::Then::hang}));
  channels::SmtpSettings settings = settings_for(peer);
  settings.reply_timeout = std::chrono::seconds{300};
  const auto channel = channels::make_smtp(settings);
  const auto session = channel->make_session();
  CHECK(deliver(*session, parcel()).outcome.kind == OutcomeKind::accepted);
  const absl::Time before = absl::Now();
  session->rest();
  CHECK(absl::Now() - before < absl::Seconds(20));
}

TEST_CASE("smtp: settings that would send in clear, or with injected commands, are refused at the door") {
  channels::SmtpSettings settings;
  settings.host = "127.0.0.1";
  settings.tls = channels::Tls::none;
  settings.envelope_from = "chaser@chaser.example";
  CHECK_FALSE(channels::what_is_wrong(settings));
  settings.host = "relay.example";
  CHECK_THROWS_AS(channels::make_smtp(settings), std::invalid_argument);
  settings.tls = channels::Tls::starttls;
  CHECK_FALSE(channels::what_is_wrong(settings));
  settings.ehlo_name = "x\r\nRSET";
  CHECK(channels::what_is_wrong(settings));
  settings.ehlo_name = "";
  settings.envelope_from = "a@b.example\r\nRSET";
  CHECK(channels::what_is_wrong(settings));
  settings.envelope_from = "chaser@chaser.example";
  settings.sessions = channels::smtp_sessions_max;
  CHECK_FALSE(channels::what_is_wrong(settings));
  settings.sessions = channels::smtp_sessions_max + 1;
  CHECK(channels::what_is_wrong(settings));
}

TEST_CASE("smtp: the connection lost while logging in is safe to try again") {
  const auto then = GENERATE(SmtpFault::Then::close, SmtpFault::Then::reset, SmtpFault::Then::hang);
  SmtpScript script = with_fault("AUTH", {"", then});
  script.auth = {"PLAIN"};
  const SmtpPeer peer(script);
  channels::SmtpSettings settings = settings_for(peer);
  settings.auth = channels::Auth::plain;
  settings.user = "chaser";
  settings.password.value = script.password;
  const auto channel = channels::make_smtp(settings);
  const OneDelivery result = deliver(*channel->make_session(), parcel());
  CHECK(result.outcome.kind == OutcomeKind::temporary);
  CHECK(result.begun == 0);
}

TEST_CASE("smtp: with verp each message has a bounce address of its own, signed as its Message-ID is") {
  const SmtpPeer peer;
  channels::SmtpSettings settings = settings_for(peer);
  settings.verp = true;
  const auto channel = channels::make_smtp(settings);
  channels::Parcel what = parcel();
  what.message_id = "d.0123456789abcdef0123456789abcdef.fedcba9876543210@chaser.example";
  CHECK(deliver(*channel->make_session(), what).outcome.kind == OutcomeKind::accepted);
  what.message_id = "not-ours@chaser.example";
  CHECK(deliver(*channel->make_session(), what).outcome.kind == OutcomeKind::accepted);
  REQUIRE(peer.count() == 2);
  CHECK(peer.received()[0].sender.starts_with(
      "<bounces+d.0123456789abcdef0123456789abcdef.fedcba9876543210@chaser.example>"));
  CHECK(peer.received()[1].sender.starts_with("<bounces@chaser.example>"));
}
