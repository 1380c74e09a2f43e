// What comes back by mail: the real program with a Maildir or a real IMAP server beside real mail servers.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "e2e/site.h"
#include "support/catch.h"
#include "support/dovecot_peer.h"
#include "support/postfix_peer.h"
#include "support/skip.h"

using namespace chaser;
using test::Site;
namespace fs = std::filesystem;

namespace {

using calendar::CivilDay;
using Rows = std::vector<std::string>;

const CivilDay before(2026, 12, 1);
const CivilDay due(2027, 1, 4);

test::SiteFiles with_inbox(int leads, bool with_teams) {
  test::SiteFiles files = test::leads_with_a_promise(leads, "email", with_teams);
  files.inbox = "{ type: maildir, folder: in, replies_to: answers@kent.example }";
  return files;
}

/// A site whose leads have had their message of 4 January.
class Sent {
 public:
  explicit Sent(int leads = 2, bool with_teams = false) : site_(with_inbox(leads, with_teams)) {
    for (const char* part : {"in/new", "in/cur", "in/tmp"}) fs::create_directories(site_.file(part));
    site_.pass(before);
    site_.pass(due);
  }
  const Site& site() const { return site_; }

  /// The Message-ID of what a lead got.
  std::string id_to(const std::string& lead) const {
    return site_.ask("SELECT message_id FROM letter WHERE destination = '" + lead + "@county.example'").front();
  }
  void arrives(const std::string& name, const std::string& mail) const { site_.write("in/new/" + name, mail); }
  /// A pass later on the due day, which looks into the inbox first.
  void pass(int hour) const { site_.pass(due, hour); }
  /// Mails that an address got, whole.
  Rows mails_to(const std::string& address) const {
    Rows mails;
    for (const test::Received& mail : site_.mail().received()) {
      if (mail.recipient == address) mails.push_back(mail.bytes);
    }
    return mails;
  }
  std::string one(const std::string& sql) const { return site_.ask(sql).front(); }

 private:
  Site site_;
};

std::string bounce(const std::string& id, const std::string& action, const std::string& status) {
  return fmt::format(
      "From: MAILER-DAEMON@mx.example\r\nSubject: Undelivered\r\nContent-Type: multipart/report; "
      "report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
      "Final-Recipient: rfc822; x@y.example\r\nAction: {1}\r\nStatus: {2}\r\n\r\n--b\r\nContent-Type: "
      "text/rfc822-headers\r\n\r\n"
      "Message-ID: <{0}>\r\n--b--\r\n",
      id, action, status);
}

std::string answer(const std::string& id, const std::string& from, const std::string& words, const std::string& own) {
  return fmt::format(
      "From: <{1}>\r\nSubject: Re: it\r\nMessage-ID: <{3}@mail.example>\r\nIn-Reply-To: <{0}>\r\n\r\n{2}\r\n\r\n> "
      "old\r\n",
      id, from, words, own);
}

std::string absence(const std::string& id) {
  return fmt::format(
      "From: lead1@county.example\r\nSubject: Automatic reply: it\r\nMessage-ID: <away@mail.example>\r\n"
      "Auto-Submitted: auto-replied\r\nIn-Reply-To: <{0}>\r\n\r\nI am away\r\n",
      id);
}

}  // namespace

TEST_CASE("inbox: after a bounce for good the coordinator hears at once that somebody cannot be reached, and why") {
  const Sent sent;
  CHECK(sent.mails_to("boss@county.example").empty());
  sent.arrives("1", bounce(sent.id_to("lead1"), "failed", "5.1.1"));
  sent.pass(10);
  CHECK(sent.site().ask("SELECT recipient, state FROM notification WHERE rule = 'due' ORDER BY recipient") ==
        Rows{"lead1 unreachable", "lead2 delivered"});
  const Rows told = sent.mails_to("boss@county.example");
  REQUIRE(told.size() == 1);
  CHECK(told[0].find("Subject: Cannot reach lead1: 1 Promise 1") != std::string::npos);
  CHECK(fs::exists(sent.site().file("in/cur/1:2,S")));
  // The same mail once more, as if the service had died before it moved it: nothing happens twice.
  sent.arrives("1", bounce(sent.id_to("lead1"), "failed", "5.1.1"));
  sent.pass(11);
  CHECK(sent.mails_to("boss@county.example").size() == 1);
}

TEST_CASE(
    "inbox: a bounce for good makes the address dead: what is due next is not mailed there, and the status says so") {
  test::SiteFiles files = with_inbox(1, false);
  files.plan += "2\tPromise 2\tlead1\t11 January 2027\n";
  const Site site(files);
  for (const char* part : {"in/new", "in/cur", "in/tmp"}) fs::create_directories(site.file(part));
  site.pass(before);
  site.pass(due);
  CHECK(site.mail().count() == 1);
  site.write("in/new/1", bounce(site.ask("SELECT message_id FROM letter").front(), "failed", "5.1.1"));
  site.pass(due, 10);
  site.pass(due + 7);
  CHECK(site.ask("SELECT count(*) FROM message WHERE recipient = 'lead1' AND state = 'refused' AND last_outcome LIKE"
                 " 'not tried: %'") == Rows{"1"});
  for (const test::Received& mail : site.mail().received()) {
    if (mail.recipient == "lead1@county.example") CHECK(mail.bytes.find("Promise 2") == std::string::npos);
  }
  CHECK(site.run({"status"}).out.find("no mail to     lead1: ") != std::string::npos);
}

TEST_CASE("inbox: a bounce to the message's own address is understood by that alone", "[outside][postfix]") {
  if (!test::PostfixPeer::is_possible())
    return test::skip("Postfix is not installed, or its master process is not root");
  const test::PostfixPeer peer;
  test::SiteFiles files;
  files.directory =
      "coordinator: boss\nparties:\n  boss: { name: Boss, email: lead@county.example }\n"
      "  gone: { name: Gone, email: gone@county.example }\n";
  files.plan = "ID\tAction\tLead\tTimescale\n1\tPromise 1\tgone\t4 January 2027\n";
  files.rules = test::leads_with_a_promise(1, "email", false).rules;
  files.inbox = fmt::format("{{ type: maildir, folder: {} }}", peer.mailbox("chaser").string());
  const Site site(files);
  site.change_settings("host: 127.0.0.1, tls: none, port: " + std::to_string(site.mail().port()),
                       fmt::format("host: localhost, tls: starttls, port: {}, ca_file: {}, verp: true, envelope_from: "
                                   "chaser@county.example",
                                   peer.port(), peer.ca_file()));
  site.pass(before);
  site.pass(due);
  CHECK(site.ask("SELECT state FROM message WHERE recipient = 'gone'") == Rows{"accepted"});
  std::string bounce = peer.mails_of("chaser").at(0);
  // Some servers return no word of the message: then its address alone says which it was.
  const std::string id = site.ask("SELECT message_id FROM letter").front();
  const std::string own_address = "chaser+" + id.substr(0, id.find('@')) + "@county.example";
  CHECK(bounce.find(own_address) != std::string::npos);
  for (std::size_t at = bounce.find(id); at != std::string::npos; at = bounce.find(id))
    bounce.replace(at, id.size(), "x");
  for (const auto& entry : fs::directory_iterator(peer.mailbox("chaser") / "new"))
    std::ofstream(entry.path()) << bounce;
  site.pass(due, 10);
  CHECK(site.ask("SELECT state FROM notification WHERE rule = 'due'") == Rows{"unreachable"});
  CHECK(site.ask("SELECT kind FROM returned") == Rows{"bounce"});
  site.pass(due, 11);
  const std::vector<std::string> told = peer.mails_of("lead");
  REQUIRE(told.size() == 1);
  CHECK(told[0].find("Cannot reach Gone") != std::string::npos);
}

TEST_CASE("inbox: after a bounce for good the message goes by the other channel, once, and nobody is alarmed") {
  const Sent sent(2, true);
  sent.arrives("1", bounce(sent.id_to("lead1"), "failed", "5.1.1"));
  sent.pass(10);
  sent.arrives("2", bounce(sent.id_to("lead1"), "failed", "5.1.1") + "another\r\n");
  sent.pass(11);
  CHECK(sent.site().teams().posted().size() == 1);
  CHECK(sent.mails_to("boss@county.example").empty());
  CHECK(sent.one("SELECT count(*) FROM notification WHERE state = 'delivered'") == "2");
}

TEST_CASE("inbox: what is only delayed changes nothing, nor does a report that all is well") {
  const Sent sent;
  sent.arrives("1", bounce(sent.id_to("lead1"), "delayed", "4.4.1"));
  sent.arrives("2", bounce(sent.id_to("lead2"), "relayed", "2.0.0"));
  sent.pass(10);
  CHECK(sent.one("SELECT count(*) FROM notification WHERE state = 'delivered'") == "2");
  CHECK(sent.one("SELECT group_concat(kind, ' ') FROM (SELECT kind FROM returned ORDER BY kind)") ==
        "delayed unrelated");
  CHECK(fs::is_empty(sent.site().file("in/new")));
}

TEST_CASE("inbox: an automatic answer is a hint of an absence and no answer") {
  const Sent sent;
  sent.arrives("1", absence(sent.id_to("lead1")));
  sent.pass(10);
  CHECK(sent.site().ask("SELECT party FROM absence") == Rows{"lead1"});
  CHECK(sent.one("SELECT count(*) FROM response") == "0");
  CHECK(sent.one("SELECT count(*) FROM pause") == "0");
  CHECK(sent.mails_to("boss@county.example").empty());
}

TEST_CASE("inbox: a person's answer is a comment on the action and goes on to the coordinator, who can answer it") {
  const Sent sent;
  CHECK(sent.mails_to("lead1@county.example").at(0).find("Reply-To: Chaser <answers@kent.example>") !=
        std::string::npos);
  sent.arrives("1", answer(sent.id_to("lead1"), "Lead1@county.example", "We wait for the grant.", "a1"));
  sent.pass(10);
  CHECK(sent.site().ask("SELECT kind, party, means, note FROM response") ==
        Rows{"comment lead1 mail We wait for the grant."});
  CHECK(sent.one("SELECT last_note FROM action WHERE name = '1'") == "We wait for the grant.");
  CHECK(sent.one("SELECT count(*) FROM pause") == "0");
  const Rows told = sent.mails_to("boss@county.example");
  REQUIRE(told.size() == 1);
  CHECK(told[0].find("Subject: Answer from lead1: 1 Promise 1") != std::string::npos);
  CHECK(told[0].find("They wrote: \"We wait for the grant.\"") != std::string::npos);
  CHECK(told[0].find("Reply-To: lead1 <lead1@county.example>") != std::string::npos);
  CHECK(told[0].find("> old") == std::string::npos);
}

TEST_CASE("inbox: what names messages that were never sent changes nothing, however it is made") {
  const Sent sent;
  std::string id = sent.id_to("lead1");
  const std::size_t signature = id.find('@') - 1;
  id[signature] = id[signature] == '0' ? '1' : '0';
  sent.arrives("1", bounce(id, "failed", "5.1.1"));
  sent.arrives("2", answer(id, "lead1@county.example", "All is done.", "a2"));
  sent.arrives("3", "From: MAILER-DAEMON@mx.example\r\nTo: x+" + id.substr(0, id.find('@')) +
                        "@kent.example\r\nSubject: Undelivered\r\n\r\n5.1.1\r\n");
  const std::string key = sent.one("SELECT lower(hex(key)) FROM message WHERE recipient = 'lead1'");
  sent.arrives("4", "From: MAILER-DAEMON@mx.example\r\nSubject: Undelivered\r\nX-Chaser-Delivery: " +
                        key.substr(0, 32) + "\r\n\r\n5.1.1\r\n");
  sent.pass(10);
  CHECK(sent.one("SELECT count(*) FROM notification WHERE state = 'delivered'") == "2");
  CHECK(sent.one("SELECT count(*) FROM response") == "0");
  CHECK(sent.one("SELECT group_concat(kind, ' ') FROM (SELECT kind FROM returned ORDER BY kind)") ==
        "forged forged forged unrelated");
}

TEST_CASE("inbox: no loop can begin: the coordinator's own answers stay, and a flood is recorded but not passed on") {
  const Sent sent;
  for (int i = 0; i < 30; ++i) {
    sent.arrives(fmt::format("{:02}", i),
                 answer(sent.id_to("lead1"), "lead1@county.example", "Again.", fmt::format("f{}", i)));
  }
  sent.pass(10);
  CHECK(sent.one("SELECT count(*) FROM response") == "30");
  CHECK(sent.one("SELECT count(*) FROM notification WHERE rule = 'reply'") == "20");
  const std::size_t told = sent.mails_to("boss@county.example").size();
  CHECK(told == 1);  // all of one action in one message
  const std::string id = sent.id_to("boss");
  sent.arrives("a", answer(id, "boss@county.example", "Thank you.", "b1"));
  sent.arrives("b", absence(id));
  // What Chaser passed on comes back by somebody's forwarding.
  sent.arrives("c", sent.mails_to("boss@county.example").at(0));
  sent.pass(11);
  sent.pass(12);
  CHECK(sent.mails_to("boss@county.example").size() == told);
  CHECK(sent.site().mail().count() == 2 + told);
}

TEST_CASE("inbox: an answer to one of several actions is about the one it names") {
  test::SiteFiles files = with_inbox(1, false);
  files.plan = "ID\tAction\tLead\tTimescale\n1.1\tFirst\tlead1\t4 January 2027\n1.10\tSecond\tlead1\t4 January 2027\n";
  const Site site(files);
  for (const char* part : {"in/new", "in/cur", "in/tmp"}) fs::create_directories(site.file(part));
  site.pass(before);
  site.pass(due);
  const std::string id = site.ask("SELECT message_id FROM letter").front();
  site.write("in/new/1", answer(id, "lead1@county.example", "1.10 is done.", "n1"));
  site.pass(due, 10);
  CHECK(site.ask("SELECT a.name, r.note FROM response r JOIN action a ON a.id = r.action") ==
        Rows{"1.10 1.10 is done."});
  site.write("in/new/2", answer(id, "lead1@county.example", "Both are done.", "n2"));
  site.pass(due, 11);
  CHECK(site.ask("SELECT a.name FROM response r JOIN action a ON a.id = r.action WHERE r.note LIKE 'Both%'") ==
        Rows{"1.1", "1.10"});
}

TEST_CASE("inbox: by IMAP the same, and each mail once over two passes") {
  const test::DovecotPeer peer;
  test::SiteFiles files = test::leads_with_a_promise(1, "email", false);
  files.inbox = fmt::format(
      "{{ type: imap, host: localhost, port: {}, ca_file: {}, user: chaser, password_file: imap-password, done_folder: "
      "Done }}",
      peer.tls_port(), peer.ca_file());
  peer.make_folder("Done");
  const Site site(files);
  site.write("imap-password", "secret");
  site.pass(before);
  site.pass(due);
  const std::string id = site.ask("SELECT message_id FROM letter").front();
  peer.deliver("1700000001.M1P1.host", answer(id, "lead1@county.example", "Soon.", "i1"));
  peer.deliver("1700000002.M1P1.host", bounce(id, "failed", "5.1.1"));
  site.pass(due, 10);
  site.pass(due, 11);
  CHECK(site.ask("SELECT note FROM response") == Rows{"Soon."});
  CHECK(site.ask("SELECT state FROM notification WHERE rule = 'due'") == Rows{"unreachable"});
  CHECK(peer.mails_in("Done").size() == 2);
  CHECK(site.ask("SELECT count(*) FROM kept WHERE name = 'inbox_trouble' AND value <> ''") == Rows{"0"});
}

TEST_CASE("inbox: a mailbox that cannot be read holds nothing up, and the status tells") {
  test::SiteFiles files = test::leads_with_a_promise(1, "email", false);
  files.inbox = "{ type: maildir, folder: nowhere }";
  const Site site(files);
  site.pass(before);
  site.pass(due);
  CHECK(site.mail().count() == 1);
  const Site::Ran status = site.run({"status"});
  CHECK(status.out.find("inbox          cannot be read: reading the Maildir") != std::string::npos);
}
