#include <filesystem>
#include <fstream>
#include <iterator>

#include "channels/reply_words.h"
#include "channels/returned_mail.h"
#include "support/catch.h"

using namespace chaser::channels;

namespace {

const std::string id = "d.0123456789abcdef0123456789abcdef.fedcba9876543210@county.example";

std::filesystem::path corpus() {
  return std::filesystem::path(CHASER_SOURCE_DIR) / "tests/fuzz/corpus/returned";
}

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  REQUIRE(in);
  return {std::istreambuf_iterator<char>(in), {}};
}

ReturnedMail read(const std::string& name) {
  return read_returned(bytes_of(corpus() / name));
}

bool speaks_of_ours(const ReturnedMail& mail) {
  return mail.speaks_of == std::vector<std::string>{id};
}

}  // namespace

TEST_CASE("returned: reports of Postfix and Exchange tell who, why and which message") {
  const ReturnedMail postfix = read("dsn-postfix");
  CHECK(postfix.kind == ReturnedKind::failed);
  CHECK(postfix.status == "5.1.1");
  CHECK(postfix.reply == 550);
  CHECK(postfix.diagnostic == "550 5.1.1 <gone@county.example>: Recipient address rejected: User unknown");
  CHECK(speaks_of_ours(postfix));
  const ReturnedMail exchange = read("dsn-exchange");
  CHECK(exchange.kind == ReturnedKind::failed);
  CHECK(exchange.status == "5.1.10");
  CHECK(speaks_of_ours(exchange));
}

TEST_CASE("returned: delayed is no failure, a delivery that took too long is one, and one that arrived is neither") {
  CHECK(read("dsn-delayed").kind == ReturnedKind::delayed);
  CHECK(speaks_of_ours(read("dsn-delayed")));
  CHECK(read("exim-warning").kind == ReturnedKind::delayed);
  const ReturnedMail expired = read("dsn-expired");
  CHECK(expired.kind == ReturnedKind::failed);
  CHECK(expired.status == "4.4.7");
  CHECK(read("dsn-relayed").kind == ReturnedKind::delivered);
}

TEST_CASE("returned: bounces without a report are known by what qmail and Exim write") {
  for (const char* name : {"qmail", "exim"}) {
    INFO(name);
    const ReturnedMail mail = read(name);
    CHECK(mail.kind == ReturnedKind::failed);
    CHECK(mail.reply == 550);
    CHECK(speaks_of_ours(mail));
  }
  // The copy of the message below its words says nothing about its fate.
  CHECK(read("qmail").status == "5.1.1");
}

TEST_CASE("returned: a bounce address tells which message it was, without its domain") {
  const ReturnedMail mail = read("bounce-verp-only");
  CHECK(mail.kind == ReturnedKind::failed);
  CHECK(mail.speaks_of == std::vector<std::string>{id.substr(0, id.find('@'))});
}

TEST_CASE("returned: automatic answers are absences, never a person's words") {
  for (const char* name : {"out-of-office-exchange", "vacation-sieve"}) {
    INFO(name);
    const ReturnedMail mail = read(name);
    CHECK(mail.kind == ReturnedKind::absent);
    CHECK(mail.words.empty());
    CHECK(speaks_of_ours(mail));
  }
}

TEST_CASE("returned: receipts, invitations' answers, tickets and Chaser's own mails say nothing") {
  for (const char* name : {"read-receipt", "invitation-answer", "ticket", "own-mail", "empty-report"}) {
    INFO(name);
    CHECK(read(name).kind == ReturnedKind::notice);
  }
}

TEST_CASE("returned: a person's answer is their own words, without what they quote and the head above it") {
  const ReturnedMail outlook = read("answer-outlook");
  CHECK(outlook.kind == ReturnedKind::human);
  CHECK(outlook.from == "a.lead@county.example");
  CHECK(outlook.words == "Hello,\n\nwe are waiting for the grant \xe2\x80\x93 back in March.\n\nA. Lead");
  CHECK(speaks_of_ours(outlook));
  CHECK(read("answer-gmail").words == "Done last week.");
  CHECK(read("answer-html-only").words == "It is done & dusted \xe2\x80\x94 see minutes");
  CHECK(read("answer-in-three-languages").words == "Wedi'i wneud.");
}

TEST_CASE("returned: an id that a person merely writes is no reference") {
  const ReturnedMail mail = read("quoted-ids-in-text");
  CHECK(mail.kind == ReturnedKind::human);
  CHECK(mail.speaks_of.empty());
}

TEST_CASE("returned: a bounce that a person forwards is that person's mail") {
  const ReturnedMail mail = read("forwarded-bounce");
  CHECK(mail.kind == ReturnedKind::human);
  CHECK(mail.words == "Look at this.");
}

TEST_CASE("returned: the same mail has the same identity, by its Message-ID or by its bytes; another has another") {
  CHECK(read("answer-gmail").identity == read("answer-gmail").identity);
  CHECK(read("answer-gmail").identity != read("answer-outlook").identity);
  std::string moved = "Received: by another route\r\n" + bytes_of(corpus() / "answer-gmail");
  CHECK(read_returned(moved).identity == read("answer-gmail").identity);
  CHECK(read("qmail").identity.size() == 64);
  moved = "Received: by another route\r\n" + bytes_of(corpus() / "qmail");
  CHECK(read_returned(moved).identity != read("qmail").identity);
}

TEST_CASE("returned: any bytes are read, and what is beyond the limits is left out") {
  for (const auto& entry : std::filesystem::directory_iterator(corpus())) {
    INFO(entry.path());
    const std::string bytes = bytes_of(entry.path());
    for (std::size_t size = 0; size <= bytes.size(); size += 1 + bytes.size() / 40) {
      CHECK(read_returned(bytes.substr(0, size)).identity.size() == 64);
    }
  }
  std::string many = "From: a@b.example\r\nSubject: many\r\nReferences:";
  for (int i = 0; i < 200; ++i) {
    char number[64];
    std::snprintf(number, sizeof number, "%032d.%016d", i, i);
    many += std::string("\r\n <d.") + number + "@county.example>";
  }
  CHECK(read_returned(many + "\r\n\r\nhello\r\n").speaks_of.size() == returned_ids_max);
  const std::string large =
      "From: a@b.example\r\nSubject: large\r\n\r\n" + std::string(returned_bytes_max, 'x') + "\r\nbeyond\r\n";
  const ReturnedMail cut = read_returned(large);
  CHECK(cut.kind == ReturnedKind::human);
  CHECK(cut.words.size() <= returned_words_max + 3);
  CHECK(read_returned("").kind == ReturnedKind::notice);
}

TEST_CASE("reply: quotations, their announcement, dividers and signatures end or leave the words") {
  CHECK(reply_words("Yes.\n> No?\nMaybe.\n", 100) == "Yes.\nMaybe.");
  CHECK(reply_words("Yes.\n-- \nA. Lead\n", 100) == "Yes.");
  CHECK(reply_words("Yes.\n-----Original Message-----\nold\n", 100) == "Yes.");
  CHECK(reply_words("Yes.\nAm Montag schrieb Chaser:\nold\n", 100) == "Yes.");
  CHECK(reply_words("On balance I wrote nothing down\nbut more follows\n", 100) ==
        "On balance I wrote nothing down\nbut more follows");
  CHECK(reply_words("\n\n  Yes \xe2\x80\xae of\tcourse \r\n\n\n\nEnd\n\n", 100) == "Yes of course\n\nEnd");
  CHECK(reply_words(std::string(300, 'a'), 100).size() == 102);  // cut, with an ellipsis
  CHECK(reply_words("> only\n> quoted\n", 100).empty());
}

TEST_CASE("reply: HTML becomes lines; what is hidden or no text is left out") {
  CHECK(text_of_html("<p>One<br>two</p><!-- three --><p>four") == "One\ntwo\nfour");
  CHECK(text_of_html("a &lt;b&gt; &#x41;&bogus; & c") == "a <b> A&bogus; & c");
  CHECK(text_of_html("<unclosed") == "");
}
