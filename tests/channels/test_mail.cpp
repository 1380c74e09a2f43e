#include "channels/mail.h"

#include <algorithm>
#include <stdexcept>

#include "support/catch.h"

using namespace chaser;
using namespace chaser::channels;

namespace {

Mail mail() {
  Mail made;
  made.from = {"Chaser", "chaser@kent.example"};
  made.to = {"Z\xc3\xbcrich & S\xc3\xb6hne, Kent",
             "lead@b\xc3\xbc"
             "cher.example"};
  made.reply_to = {"Co Ordinator", "co@kent.example"};
  made.subject = "F\xc3\xa4llig in 5 Tagen: 2.1 " + std::string(60, 'x') + " caf\xc3\xa9";
  made.text = "Line one.\n.\nFrom here\n" + std::string(2'000, 'y') + "\nna\xc3\xafve\n";
  made.html = "<p>" + std::string(3'000, 'z') + "</p>\n";
  made.message_id = message_id_of(std::string(64, 'a'), "secret", "kent.example");
  made.delivery = std::string(32, 'a');
  made.date = absl::FromUnixSeconds(1'798'016'400);
  return made;
}

bool has_line(const std::string& bytes, const std::string& line) {
  return ("\r\n" + bytes).find("\r\n" + line + "\r\n") != std::string::npos;
}

std::size_t longest_line(const std::string& bytes) {
  std::size_t longest = 0;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t end = std::min(bytes.find("\r\n", at), bytes.size());
    longest = std::max(longest, end - at);
    at = end + 2;
  }
  return longest;
}

}  // namespace

TEST_CASE("mail: is ASCII, CR LF everywhere, in short lines, and the same each time") {
  const std::string bytes = mime_of(mail());
  CHECK(bytes == mime_of(mail()));
  CHECK(std::all_of(bytes.begin(), bytes.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
  CHECK(longest_line(bytes) <= 998);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '\n') REQUIRE((i > 0 && bytes[i - 1] == '\r'));
    if (bytes[i] == '\r') REQUIRE((i + 1 < bytes.size() && bytes[i + 1] == '\n'));
  }
}

TEST_CASE("mail: carries the headers that threads, responders and bounces need") {
  Mail made = mail();
  made.thread_root = "first@kent.example";
  made.important = true;
  const std::string bytes = mime_of(made);
  CHECK(has_line(bytes, "From: Chaser <chaser@kent.example>"));
  CHECK(has_line(bytes, "Reply-To: Co Ordinator <co@kent.example>"));
  CHECK(has_line(bytes, "Auto-Submitted: auto-generated"));
  CHECK(has_line(bytes, "X-Auto-Response-Suppress: DR, OOF, AutoReply"));
  CHECK(has_line(bytes, "X-Chaser-Delivery: " + std::string(32, 'a')));
  CHECK(has_line(bytes, "In-Reply-To: <first@kent.example>"));
  CHECK(has_line(bytes, "References: <first@kent.example>"));
  CHECK(has_line(bytes, "Importance: high"));
  CHECK(has_line(bytes, "Date: Wed, 23 Dec 2026 09:00:00 +0000"));
  CHECK(bytes.find("<lead@xn--bcher-kva.example>") != std::string::npos);
  CHECK(bytes.find("boundary=\"=_ch_") != std::string::npos);
  CHECK(bytes.find("text/plain; charset=utf-8") < bytes.find("text/html; charset=utf-8"));
}

TEST_CASE("mail: a first message names no thread, an unimportant one no importance") {
  const std::string bytes = mime_of(mail());
  CHECK(bytes.find("References:") == std::string::npos);
  CHECK(bytes.find("In-Reply-To:") == std::string::npos);
  CHECK(bytes.find("Importance:") == std::string::npos);
}

TEST_CASE("mail: line ends and other controls in what becomes a header are refused, not repaired") {
  const std::string bad = GENERATE(std::string("a\r\nBcc: x@evil.example"), std::string("a\nb"), std::string("a\0b", 3),
                                   std::string("a\x1b"));
  const auto refused = [&](auto change) {
    Mail made = mail();
    change(made);
    CHECK_THROWS_AS(mime_of(made), std::invalid_argument);
  };
  refused([&](Mail& made) { made.subject = bad; });
  refused([&](Mail& made) { made.to.name = bad; });
  refused([&](Mail& made) { made.from.name = bad; });
  refused([&](Mail& made) { made.reply_to.name = bad; });
  refused([&](Mail& made) { made.to.address = bad + "@kent.example"; });
  refused([&](Mail& made) { made.to.address = "lead@kent.example" + bad; });
  refused([&](Mail& made) { made.message_id = bad; });
  refused([&](Mail& made) { made.thread_root = bad; });
}

TEST_CASE("mail: two addresses are no address") {
  Mail made = mail();
  made.to.address = "a@kent.example, b@kent.example";
  CHECK_THROWS_AS(mime_of(made), std::invalid_argument);
}

TEST_CASE("mail: the Message-ID is the delivery's, with a seal that needs the key") {
  const std::string key(64, 'a');
  const std::string id = message_id_of(key, "secret", "kent.example");
  CHECK(id.size() == 2 + 32 + 1 + 16 + std::string("@kent.example").size());
  CHECK(id.starts_with("d." + std::string(32, 'a') + "."));
  CHECK(id == message_id_of(key, "secret", "kent.example"));
  CHECK(id != message_id_of(key, "other", "kent.example"));
  CHECK(message_id_of(key, "", "kent.example") == message_id_of(key, "", "kent.example"));
  CHECK(message_id_of(key, "", "kent.example") != id);
}

TEST_CASE("mail: a digest can be ended with one click, and a message to one person about one promise cannot") {
  Mail made = mail();
  CHECK(mime_of(made).find("List-Unsubscribe") == std::string::npos);
  CHECK(mime_of(made).find("Precedence") == std::string::npos);
  made.bulk = true;
  made.unsubscribe_url =
      "https://chaser.kent.example/u/v1.AbCdEf." + std::string(200, 'x') + "." + std::string(43, 'y');
  const std::string bytes = mime_of(made);
  CHECK(has_line(bytes, "Precedence: bulk"));
  CHECK(has_line(bytes, "List-Unsubscribe-Post: List-Unsubscribe=One-Click"));
  const std::size_t at = bytes.find("List-Unsubscribe:");
  REQUIRE(at != std::string::npos);
  const std::string rest = bytes.substr(at);
  CHECK(rest.starts_with("List-Unsubscribe: <" + made.unsubscribe_url + ">\r\n"));
  CHECK(longest_line(bytes) <= 998);
  made.unsubscribe_url = "https://chaser.kent.example/u/x>\r\nBcc: all@kent.example";
  CHECK_THROWS_AS(mime_of(made), std::invalid_argument);
}

TEST_CASE("mail: what looks encoded is encoded, so that a reader sees what was written") {
  Mail made = mail();
  made.subject = "=?utf-8?B?SGVsbG8=?= looks encoded";
  made.to.name = "=?utf-8?Q?Boss?=";
  const std::string bytes = mime_of(made);
  CHECK(bytes.find("=?utf-8?B?SGVsbG8=?=") == std::string::npos);
  CHECK(bytes.find("Subject: =?UTF-8?B?PT91dGYtOD9CP1NHVnNiRzg9Pz0gbG9va3MgZW5jb2RlZA==?=\r\n") != std::string::npos);
  CHECK(bytes.find("=?utf-8?Q?Boss?=") == std::string::npos);
}

TEST_CASE("mail: a calendar goes along as an attachment of its own, and without one nothing changes") {
  Mail made = mail();
  const std::string without = mime_of(made);
  CHECK(without.find("multipart/mixed") == std::string::npos);
  made.calendar = "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n";
  const std::string with = mime_of(made);
  CHECK(with == mime_of(made));
  CHECK(with.find("multipart/mixed") < with.find("multipart/alternative"));
  CHECK(with.find("text/calendar; charset=utf-8; method=PUBLISH; name=due.ics") != std::string::npos);
  CHECK(with.find("Content-Disposition: attachment; filename=due.ics") != std::string::npos);
}
