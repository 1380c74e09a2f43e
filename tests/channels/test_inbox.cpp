// The mailbox, in a Maildir and behind a real IMAP server.
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "channels/inbox.h"
#include "channels/returned_mail.h"
#include "support/catch.h"
#include "support/dovecot_peer.h"
#include "support/token_peer.h"

using namespace chaser;
using namespace chaser::channels;
namespace fs = std::filesystem;

namespace {

std::string mail(int number) {
  return "From: lead@county.example\r\nSubject: " + std::to_string(number) + "\r\n\r\nwords\r\n";
}

class Maildir {
 public:
  Maildir() {
    std::string name = (fs::temp_directory_path() / "chaser-inbox-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
    for (const char* part : {"tmp", "new", "cur"}) fs::create_directory(folder_ / part);
  }
  ~Maildir() { fs::remove_all(folder_); }
  InboxSettings settings() const {
    InboxSettings settings;
    settings.type = InboxSettings::Type::maildir;
    settings.folder = folder_.string();
    return settings;
  }
  void deliver(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder_ / "new" / name, std::ios::binary) << bytes;
  }
  bool has(const std::string& name) const { return fs::exists(folder_ / name); }
  const fs::path& folder() const { return folder_; }

 private:
  fs::path folder_;
};

InboxSettings imap(const test::DovecotPeer& peer) {
  InboxSettings settings;
  settings.host = "localhost";
  settings.port = peer.tls_port();
  settings.ca_file = peer.ca_file();
  settings.user = "chaser";
  settings.password = {"secret"};
  return settings;
}

std::string name_of_mail(int number) {
  return std::to_string(1'700'000'000 + number) + ".M1P1.host";
}

std::vector<std::string> subjects(const Inbox::Batch& batch) {
  std::vector<std::string> all;
  for (const Arrived& arrived : batch.mails) all.push_back(read_returned(arrived.bytes).subject);
  return all;
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("inbox: a Maildir gives its new mails oldest first, and those that have had their effect are moved") {
  const Maildir box;
  box.deliver("2.b", mail(2));
  box.deliver("1.a", mail(1));
  const auto inbox = make_inbox(box.settings(), {});
  const Inbox::Batch batch = inbox->look("");
  CHECK(subjects(batch) == Words{"1", "2"});
  CHECK_FALSE(batch.more);
  CHECK(subjects(inbox->look("")) == Words{"1", "2"});  // until they are settled
  inbox->settle(batch.mails);
  CHECK(inbox->look("").mails.empty());
  CHECK(box.has("cur/1.a:2,S"));
  inbox->settle(batch.mails);  // once more, as after a crash: no harm
}

TEST_CASE("inbox: of a Maildir only plain files are read, each up to the limit, and a batch at once") {
  const Maildir box;
  for (int i = 0; i < static_cast<int>(inbox_batch_max) + 1; ++i) box.deliver(name_of_mail(i), mail(i));
  fs::create_symlink("/etc/passwd", box.folder() / "new" / "0.link");
  fs::create_directory(box.folder() / "new" / "0.folder");
  box.deliver(".hidden", mail(99));
  const auto inbox = make_inbox(box.settings(), {});
  const Inbox::Batch first = inbox->look("");
  CHECK(first.mails.size() == inbox_batch_max);
  CHECK(first.more);
  inbox->settle(first.mails);
  const Inbox::Batch rest = inbox->look("");
  CHECK(subjects(rest) == Words{std::to_string(inbox_batch_max)});
  CHECK_FALSE(rest.more);
  box.deliver("0.large", std::string(returned_bytes_max + 5, 'x'));
  CHECK(inbox->look("").mails.at(0).bytes.size() == returned_bytes_max);
}

TEST_CASE("inbox: a Maildir that is not there is told") {
  InboxSettings settings;
  settings.type = InboxSettings::Type::maildir;
  settings.folder = "/nowhere/at/all";
  CHECK_THROWS_AS(make_inbox(settings, {})->look(""), InboxError);
}

TEST_CASE("inbox: by IMAP mails come whole, once, in order, and what is read is remembered by its mark") {
  const test::DovecotPeer peer;
  const auto inbox = make_inbox(imap(peer), {});
  const Inbox::Batch nothing = inbox->look("");
  CHECK(nothing.mails.empty());
  for (int i = 1; i <= 3; ++i) peer.deliver(name_of_mail(i), mail(i));
  const Inbox::Batch batch = inbox->look(nothing.mark);
  CHECK(subjects(batch) == Words{"1", "2", "3"});
  CHECK(batch.mails.at(0).bytes == mail(1));
  inbox->settle(batch.mails);
  CHECK(inbox->look(batch.mark).mails.empty());
  CHECK(subjects(make_inbox(imap(peer), {})->look(nothing.mark)) ==
        Words{"1", "2", "3"});                                   // killed before it was recorded
  CHECK(subjects(inbox->look("1:99")) == Words{"1", "2", "3"});  // another UIDVALIDITY: the UIDs began anew
  peer.deliver(name_of_mail(4), mail(4));
  CHECK(subjects(inbox->look(batch.mark)) == Words{"4"});
}

TEST_CASE("inbox: by IMAP settled mails go to the folder for them") {
  const test::DovecotPeer peer;
  peer.make_folder("Done");
  peer.deliver(name_of_mail(1), mail(1));
  InboxSettings settings = imap(peer);
  settings.done_folder = "Done";
  const auto inbox = make_inbox(settings, {});
  const Inbox::Batch batch = inbox->look("");
  CHECK(peer.mails_in("Done").empty());
  inbox->settle(batch.mails);
  CHECK(peer.mails_in("Done").size() == 1);
  CHECK(peer.mails_in("").empty());
  CHECK(inbox->look(batch.mark).mails.empty());
}

TEST_CASE("inbox: lines of a mail that look like the server's answers are the mail's") {
  const test::DovecotPeer peer;
  std::string bytes = "Subject: trap\r\n\r\n";
  for (char tag = 'A'; tag <= 'Z'; ++tag) {
    for (int i = 1; i < 12; ++i)
      bytes += std::string(1, tag) + (i < 10 ? "00" : "0") + std::to_string(i) + " OK done\r\n";
  }
  bytes += "* SEARCH 4711\r\n+ go on\r\n)\r\n";
  peer.deliver(name_of_mail(1), bytes);
  peer.deliver(name_of_mail(2), mail(2));
  const auto inbox = make_inbox(imap(peer), {});
  const Inbox::Batch batch = inbox->look("");
  REQUIRE(batch.mails.size() == 2);
  CHECK(batch.mails[0].bytes == bytes);
  CHECK(subjects(batch) == Words{"trap", "2"});
}

TEST_CASE("inbox: by IMAP a batch at once, and of a large mail its beginning") {
  const test::DovecotPeer peer;
  peer.deliver(name_of_mail(0), "Subject: large\r\n\r\n" + std::string(2 * returned_bytes_max, 'x') + "\r\n");
  for (int i = 1; i <= static_cast<int>(inbox_batch_max); ++i) peer.deliver(name_of_mail(i), mail(i));
  const auto inbox = make_inbox(imap(peer), {});
  const Inbox::Batch first = inbox->look("");
  REQUIRE(first.mails.size() == inbox_batch_max);
  CHECK(first.more);
  CHECK(first.mails[0].bytes.size() == returned_bytes_max);
  const Inbox::Batch rest = inbox->look(first.mark);
  CHECK(subjects(rest) == Words{std::to_string(inbox_batch_max)});
  CHECK_FALSE(rest.more);
}

TEST_CASE("inbox: by STARTTLS too; without it, with a wrong password or an unknown certificate nothing is read") {
  const test::DovecotPeer peer;
  peer.deliver(name_of_mail(1), mail(1));
  InboxSettings settings = imap(peer);
  settings.port = peer.port();
  settings.tls = Tls::starttls;
  CHECK(make_inbox(settings, {})->look("").mails.size() == 1);
  settings.password = {"wrong"};
  try {
    make_inbox(settings, {})->look("");
    FAIL("it was let in");
  } catch (const InboxError& error) {
    CHECK(std::string(error.what()).find("wrong") == std::string::npos);
  }
  settings = imap(peer);
  settings.ca_file = "";
  CHECK_THROWS_AS(make_inbox(settings, {})->look(""), InboxError);
}

TEST_CASE("inbox: by IMAP a token lets it in by XOAUTH2, and one that is not the mailbox's does not") {
  const test::DovecotPeer peer;
  peer.deliver(name_of_mail(1), mail(1));
  InboxSettings settings = imap(peer);
  settings.auth = Auth::xoauth2;
  settings.password = {test::DovecotPeer::good_token};
  CHECK(subjects(make_inbox(settings, {})->look("")) == Words{"1"});
  settings.password = {"another-token"};
  try {
    make_inbox(settings, {})->look("");
    FAIL("it was let in");
  } catch (const InboxError& error) {
    CHECK(std::string(error.what()).find("another-token") == std::string::npos);
  }
}

TEST_CASE("inbox: by IMAP a token is fetched by client credentials, and another one where it was refused") {
  const test::DovecotPeer peer;
  peer.deliver(name_of_mail(1), mail(1));
  const test::TokenPeer tokens;  // the first of its tokens is not the mailbox's
  InboxSettings settings = imap(peer);
  settings.auth = Auth::xoauth2;
  settings.password = {};
  settings.oauth.token_url = tokens.url();
  settings.oauth.client_id = "chaser";
  settings.oauth.client_secret = {"client secret"};
  settings.oauth.allow_http_loopback = true;
  const auto inbox = make_inbox(settings, [] { return absl::FromUnixSeconds(1'800'000'000); });
  CHECK(subjects(inbox->look("")) == Words{"1"});
  CHECK(tokens.posted().size() == 2);
}

TEST_CASE("inbox: settings that would read in clear over the network, or inject commands, are refused at the door") {
  InboxSettings settings;
  settings.host = "imap.county.example";
  settings.user = "chaser";
  settings.password = {"secret"};
  CHECK_FALSE(what_is_wrong(settings));
  for (const char* folder : {"", "INBOX\" x", "a\\b", "a*", "a\r\nb", "Gel\xc3\xb6scht"}) {
    InboxSettings bad = settings;
    bad.folder = folder;
    CHECK(what_is_wrong(bad));
  }
  InboxSettings bad = settings;
  bad.tls = Tls::none;
  CHECK(what_is_wrong(bad));
  bad = settings;
  bad.password = {"sec\nret"};
  CHECK(what_is_wrong(bad));
  bad = settings;
  bad.done_folder = "INBOX";
  CHECK(what_is_wrong(bad));
  bad.host = "host/path";
  CHECK_THROWS_AS(make_inbox(bad, {}), std::invalid_argument);
}
