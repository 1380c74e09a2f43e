#include <absl/time/clock.h>

#include <algorithm>
#include <optional>
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

constexpr auto accepted = OutcomeKind::accepted;
constexpr auto temporary = OutcomeKind::temporary;
constexpr auto permanent = OutcomeKind::permanent;
constexpr auto channel_broken = OutcomeKind::channel_broken;

/// What a relay answers at a point of the dialogue, and what that is.
struct Said {
  std::string point;
  std::string reply;
  OutcomeKind kind;
  std::optional<std::int64_t> retry_after = {};
  bool ambiguous_before = false;
};

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
  CHECK(gone.at_recipient == (point == "RCPT"));
}

TEST_CASE("smtp: a several-line refusal is read to its last line") {
  const store::Outcome outcome = refused("RCPT", "550-5.1.1 no such\r\n550 5.1.1 user here");
  CHECK(outcome.kind == OutcomeKind::permanent);
  CHECK(outcome.text == "550 5.1.1 user here");
}

// Source: research/delivery.md B3 (454 at the login) and B5, row by row; where 4yz meets an enhanced code of good
// refusals, RFC 5321's "try again" goes first (docs/decisions/0014).
TEST_CASE("smtp: what a relay says is for now, for good or about the relay itself, by its codes") {
  constexpr std::int64_t hour = 3'600;
  const std::vector<Said> all{
      // bad recipient
      {"RCPT", "550 5.1.1 no such user", permanent},
      {"RCPT", "550 5.1.2 bad domain", permanent},
      {"RCPT", "553 5.1.3 bad syntax", permanent},
      {"RCPT", "551 5.1.6 has moved", permanent},
      {"RCPT", "550 5.1.10 RESOLVER.ADR.RecipientNotFound", permanent},
      {"RCPT", "550 5.2.1 mailbox disabled", permanent},
      {"RCPT", "450 4.1.1 not looked up yet", temporary},
      // a full mailbox: the recipient's, or the sender's
      {"RCPT", "452 4.2.2 mailbox full", temporary, hour / 2},
      {"RCPT", "552 5.2.2 mailbox full", temporary, 4 * hour},
      {".", "552 5.2.2 over quota", temporary, 4 * hour},
      {".", "554 5.2.2 the sender's mailbox is full", temporary, 4 * hour},
      // the system or the way to it
      {"MAIL", "421 closing", temporary},
      {"RCPT", "421 4.3.0 closing", temporary},
      {"RCPT", "450 busy", temporary},
      {"RCPT", "451 local error", temporary},
      {"MAIL", "452 no storage", temporary},
      {".", "452 4.3.1 no storage", temporary},
      {".", "451 4.4.1 no answer from host", temporary},
      {"RCPT", "550 5.3.0 system trouble", temporary, hour / 2},
      {"RCPT", "554 5.4.4 unable to route", temporary, hour / 2},
      {".", "554 5.4.6 routing loop", temporary, hour / 2},
      // too many recipients, as it may be called though there is one
      {"RCPT", "452 4.5.3 too many recipients", temporary},
      {"RCPT", "452 too many recipients", temporary},
      {"RCPT", "552 too many recipients", temporary, 4 * hour},
      // policy, and what is about the sender
      {"RCPT", "550 5.7.1 relaying denied", channel_broken},
      {"MAIL", "553 5.1.8 sender unknown", channel_broken},
      {"MAIL", "550 5.7.60 client does not have permissions to send as this sender", channel_broken},
      {".", "550 5.7.515 access denied", channel_broken},
      {"RCPT", "451 4.7.1 greylisted, come back", temporary},
      // no enhanced code: the first time is not the last (test_retry)
      {"RCPT", "550 no", permanent},
      // Exchange Online
      {".", "432 4.3.2 STOREDRV.ClientSubmit; Concurrent connections limit exceeded", temporary},
      {".", "421 4.4.2 Message submission rate for this client has exceeded the configured limit", temporary, 60},
      {".", "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException", channel_broken, 4 * hour},
      {".", "550 5.1.90 you've reached your daily limit for message recipients", channel_broken, 4 * hour},
      {".", "550 5.7.232 your trial tenant has exceeded its limit", channel_broken, 4 * hour},
      {".", "550 5.7.233 your tenant has exceeded its limit", channel_broken, 4 * hour},
      {".", "554 5.2.0 STOREDRV.Deliver.Exception:MapiExceptionDuplicateDelivery", permanent},
      {".", "554 5.2.0 STOREDRV.Deliver.Exception:MapiExceptionDuplicateDelivery", accepted, {}, true},
      // the login
      {"AUTH", "535 5.7.139 Authentication unsuccessful, basic authentication is disabled", channel_broken},
      {"AUTH", "535 5.7.3 Authentication unsuccessful", channel_broken},
      {"AUTH", "454 4.7.0 Temporary authentication failure", temporary},
      // the greeting
      {"CONNECT", "554 no service here", channel_broken},
      {"CONNECT", "421 4.3.2 too busy", temporary},
  };
  SmtpScript usual;
  usual.auth = {"PLAIN"};
  SmtpPeer peer(usual);
  channels::SmtpSettings settings = settings_for(peer);
  settings.auth = channels::Auth::plain;
  settings.user = usual.user;
  settings.password.value = usual.password;
  const auto channel = channels::make_smtp(settings);
  for (const Said& said : all) {
    INFO(said.point << " answered " << said.reply << (said.ambiguous_before ? " after an unknown ending" : ""));
    SmtpScript script = usual;
    script.faults[said.point] = {said.reply};
    peer.set_script(script);
    channels::Parcel what = parcel();
    what.ambiguous_before = said.ambiguous_before;
    const OneDelivery result = deliver(*channel->make_session(), what);
    CHECK(result.outcome.kind == said.kind);
    CHECK(result.outcome.retry_after_seconds == said.retry_after);
    CHECK(result.outcome.code == std::stoi(said.reply));
    CHECK(result.outcome.text == said.reply);
    CHECK(result.begun == (said.point == "." ? 1 : 0));
  }
  CHECK(peer.count() == 0);
  const std::vector<std::string> commands = peer.commands();
  const auto how_many = [&](std::string_view verb) {
    return std::count_if(commands.begin(), commands.end(),
                         [&](const std::string& line) { return line.starts_with(verb); });
  };
  const auto refused_before_rcpt =
      std::count_if(all.begin(), all.end(), [](const Said& s) { return s.point == "MAIL"; });
  CHECK(how_many("RCPT") == how_many("MAIL") - refused_before_rcpt);  // one recipient a message
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

TEST_CASE("smtp: the connection lost in the middle of a large message is safe to try again") {
  const auto then = GENERATE(SmtpFault::Then::close, SmtpFault::Then::reset, SmtpFault::Then::hang);
  const SmtpPeer peer(with_fault("BODY", {"", then}));
  channels::SmtpSettings settings = settings_for(peer);
  settings.connect_timeout = std::chrono::seconds{1};  // it counts towards the time that the whole may take
  const auto channel = channels::make_smtp(settings);
  const OneDelivery result = deliver(*channel->make_session(), parcel(1, 20'000'000));
  CHECK(peer.count() == 0);
  CHECK(result.begun == 1);
  CHECK(result.outcome.code == 354);
  CHECK(result.outcome.kind == OutcomeKind::temporary);
}

TEST_CASE("smtp: a relay whose name is not known is temporary: it may be known again") {
  channels::SmtpSettings settings;
  settings.host = "relay.invalid";  // by RFC 6761 nobody's
  settings.envelope_from = "bounces@chaser.example";
  const auto channel = channels::make_smtp(settings);
  const OneDelivery result = deliver(*channel->make_session(), parcel());
  CHECK(result.outcome.kind == temporary);
  CHECK(result.outcome.code == 0);
  CHECK(result.outcome.text.find("esolv") != std::string::npos);
  CHECK(result.begun == 0);
}

TEST_CASE("smtp: a relay that agrees to STARTTLS and then speaks no TLS, or ends, holds the channel") {
  const auto then = GENERATE(SmtpFault::Then::go_on, SmtpFault::Then::close);
  SmtpScript script = with_fault("STARTTLS", {"220 go on", then});
  script.tls = SmtpScript::Tls::starttls;
  const SmtpPeer peer(script);
  channels::SmtpSettings settings = settings_for(peer);
  settings.tls = channels::Tls::starttls;
  const auto channel = channels::make_smtp(settings);
  const OneDelivery result = deliver(*channel->make_session(), parcel());
  CHECK(result.outcome.kind == channel_broken);
  CHECK(result.begun == 0);
  CHECK(peer.count() == 0);
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
