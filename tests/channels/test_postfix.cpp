// Mail to a whole mail server, Debian's Postfix, and what it sends back.
#include "channels/delivering.h"
#include "channels/mail.h"
#include "channels/returned_mail.h"
#include "support/catch.h"
#include "support/postfix_peer.h"
#include "support/skip.h"

using namespace chaser;
using namespace chaser::test;
using store::OutcomeKind;

namespace {

/// A mail as Chaser writes it, to a mailbox of the peer's.
channels::Parcel mail_to(const std::string& user) {
  channels::Mail mail;
  mail.from = {"Chaser", "chaser@county.example"};
  mail.to = {"Łucja & Söhne", user + "@county.example"};
  mail.subject = "Due today: „Wärmepumpen“ for 1,200 homes";
  mail.text = "First line\n.a line that begins with a dot\nFrom the coordinator\n";
  mail.html = "<p>First line</p>";
  channels::Parcel made;
  made.message = 1;
  made.key.assign(63, 'a');
  made.key += user == "gone" ? '1' : '2';
  mail.delivery = made.key.substr(0, 32);
  mail.message_id = channels::message_id_of(made.key, "key", "county.example");
  mail.date = absl::FromUnixSeconds(1'800'000'000);
  made.message_id = mail.message_id;
  made.destination = mail.to.address;
  made.bytes = channels::mime_of(mail);
  return made;
}

channels::SmtpSettings settings_for(const PostfixPeer& peer) {
  channels::SmtpSettings settings;
  settings.host = "localhost";
  settings.port = peer.port();
  settings.tls = channels::Tls::starttls;
  settings.ca_file = peer.ca_file();
  settings.ehlo_name = "chaser.county.example";
  settings.envelope_from = "chaser@county.example";
  return settings;
}

}  // namespace

TEST_CASE("postfix: mail reaches a mailbox by STARTTLS; unknown ones are refused, busy put off", "[outside][postfix]") {
  if (!PostfixPeer::is_possible()) return skip("Postfix is not installed, or its master process is not root");
  const PostfixPeer peer;
  const auto channel = channels::make_smtp(settings_for(peer));
  const auto session = channel->make_session();
  const auto outcome_for = [&](const std::string& user) { return deliver(*session, mail_to(user)).outcome; };

  const store::Outcome unknown = outcome_for("nobody");
  CHECK(unknown.kind == OutcomeKind::permanent);
  CHECK(unknown.code == 550);
  CHECK(unknown.enhanced == "5.1.1");
  const store::Outcome busy = outcome_for("busy");
  CHECK(busy.kind == OutcomeKind::temporary);
  CHECK(busy.code == 451);
  CHECK(busy.enhanced == "4.7.1");
  const store::Outcome accepted = outcome_for("lead");
  CHECK(accepted.kind == OutcomeKind::accepted);
  CHECK(accepted.code == 250);

  const std::vector<std::string> arrived = peer.mails_of("lead");
  REQUIRE(arrived.size() == 1);
  std::string sent = mail_to("lead").bytes;  // a Maildir has plain line ends
  std::erase(sent, '\r');
  CHECK(arrived[0].find("Received: from chaser.county.example") != std::string::npos);
  CHECK(arrived[0].find("using TLSv1") != std::string::npos);
  CHECK(arrived[0].ends_with(sent));  // not a byte of it was changed
  CHECK(arrived[0].starts_with("Return-Path: <chaser@county.example>"));
}

TEST_CASE("postfix: without TLS, or by a certificate that nobody vouches for, nothing goes", "[outside][postfix]") {
  if (!PostfixPeer::is_possible()) return skip("Postfix is not installed, or its master process is not root");
  const PostfixPeer peer;
  channels::SmtpSettings settings = settings_for(peer);
  settings.ca_file = "";
  CHECK(deliver(*channels::make_smtp(settings)->make_session(), mail_to("lead")).outcome.kind ==
        OutcomeKind::channel_broken);
  settings = settings_for(peer);
  settings.tls = channels::Tls::none;
  const store::Outcome clear = deliver(*channels::make_smtp(settings)->make_session(), mail_to("lead")).outcome;
  CHECK(clear.kind == OutcomeKind::channel_broken);
  CHECK(clear.code == 530);
  CHECK_FALSE(std::filesystem::exists(peer.mailbox("lead")));
}

TEST_CASE("postfix: what it cannot deliver comes back as a bounce that says of what and why", "[outside][postfix]") {
  if (!PostfixPeer::is_possible()) return skip("Postfix is not installed, or its master process is not root");
  const PostfixPeer peer;
  const channels::Parcel sent = mail_to("gone");
  CHECK(deliver(*channels::make_smtp(settings_for(peer))->make_session(), sent).outcome.kind == OutcomeKind::accepted);
  const std::vector<std::string> bounces = peer.mails_of("chaser");
  REQUIRE(bounces.size() == 1);
  const channels::ReturnedMail bounce = channels::read_returned(bounces[0]);
  CHECK(bounce.kind == channels::ReturnedKind::failed);
  CHECK(bounce.status == "5.1.1");
  CHECK(bounce.diagnostic.find("user unknown") != std::string::npos);
  REQUIRE_FALSE(bounce.speaks_of.empty());
  CHECK(bounce.speaks_of[0] == sent.message_id);
}
