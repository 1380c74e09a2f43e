#include "plan/directory.h"

#include "plan/plan_support.h"
#include "support/catch.h"

using namespace chaser::plan;
using Strings = std::vector<std::string>;

namespace {

struct DirectoryReading {
  std::optional<Directory> directory;
  chaser::documents::Problems problems;
};

DirectoryReading read(const std::string& text) {
  DirectoryReading reading;
  reading.directory = read_directory({"directory.yaml", text}, reading.problems);
  return reading;
}

}  // namespace

TEST_CASE("directory: the shipped one has no problem, and every lead of the plan can be reached") {
  const DirectoryReading reading = read(repository_file("config/directory.yaml").value());
  CHECK(places(reading.problems).empty());
  REQUIRE(reading.directory);
  CHECK(reading.directory->roles("kent-medway").coordinator == "coordinator");
  CHECK(reading.directory->roles("kent-medway").sponsor == "sponsor");
  CHECK(reading.directory->find("ccn")->members.size() == 13);
  CHECK(reading.directory->recipients("ccn") == Strings{"ccn"});
  CHECK(reading.directory->recipients("hr-teams").size() == 13);
}

TEST_CASE("directory: every key of a party is read") {
  const DirectoryReading reading = read(
      "parties:\n"
      "  a: { name: \"Officer, A\", kind: person, email: a@x.example, teams: desk, teams_upn: a@x.example,\n"
      "       zone: America/New_York, window: { days: Mon-Thu, open: 08:30, close: 16:00, on_holidays: true },\n"
      "       superior: b, deputy: b, absences: [{ from: 2026-08-03, to: 2026-08-14 }] }\n"
      "  b: { email: b@x.example }\n"
      "  c: { vacant: true, kind: role }\n");
  CHECK(places(reading.problems).empty());
  const Party& party = *reading.directory->find("a");
  CHECK(party.kind == PartyKind::person);
  CHECK(party.contact.name == "Officer, A");
  CHECK(party.contact.zone == "America/New_York");
  CHECK(party.contact.window ==
        chaser::calendar::SendingWindow{0b0001111, std::chrono::minutes{510}, std::chrono::minutes{960}, true});
  CHECK(party.superior == "b");
  CHECK(party.absences ==
        std::vector<Absence>{{chaser::calendar::CivilDay{2026, 8, 3}, chaser::calendar::CivilDay{2026, 8, 14}}});
  CHECK(reading.directory->find("c")->vacant);
  CHECK(reading.directory->find("b")->contact.name == "b");
  CHECK(reading.directory->contact_count() == 2);
}

TEST_CASE("directory: five mistakes are all listed with place and what would be right") {
  const DirectoryReading reading = read(
      "parties:\n"
      "  kcc: { name: Kent, email: kcc@kent.example, superiour: boss }\n"
      "  ccn: { email: \"ccn at kent\", superior: bos }\n"
      "  boss: { email: boss@kent.example, kind: persn }\n"
      "  hr: { name: HR }\n"
      "aliases: { CCN: cnn }\n");
  CHECK(places(reading.problems) ==
        Strings{"2:47 error: unknown key \"superiour\" in party kcc; did you mean \"superior\"?",
                "3:17 error: \"ccn at kent\" is no address: it holds a blank",
                "3:42 error: unknown party \"bos\" as superior; did you mean \"boss\"?",
                "4:43 error: unknown kind \"persn\"; did you mean \"person\"?",
                "5:3 error: hr has no way to be reached: give it an email, a Teams channel or members",
                "6:17 error: unknown party \"cnn\" as the party of alias \"CCN\"; did you mean \"ccn\"?"});
  CHECK(reading.directory);
}

TEST_CASE("directory: CR, LF and NUL in an address or a name are refused at the door") {
  const DirectoryReading reading = read(
      "parties:\n"
      "  a: { email: \"a@x.example\\r\\nBcc: b@x.example\" }\n"
      "  b: { email: \"b@x.example\\0\" }\n"
      "  c: { email: c@x.example, name: \"C\\nD\" }\n");
  const Strings found = places(reading.problems);
  REQUIRE(found.size() == 3);
  CHECK(found[0].starts_with("2:15 error: "));
  CHECK(found[1].starts_with("3:15 error: "));
  CHECK(found[2] == "4:34 error: \"name\" holds a line break or another control character");
}

TEST_CASE("directory: a circle of superiors or members is named") {
  const DirectoryReading reading = read(
      "parties:\n"
      "  a: { email: a@x.example, superior: b }\n"
      "  b: { email: b@x.example, superior: a }\n"
      "  c: { members: [d] }\n"
      "  d: { members: [c], email: d@x.example, deputy: d }\n");
  CHECK(places(reading.problems) == Strings{"3:38 error: superiors go round in a circle: a \u2192 b \u2192 a",
                                            "5:17 error: c is a member of itself: c \u2192 d \u2192 c",
                                            "5:50 error: d cannot be its own deputy"});
}

TEST_CASE("directory: an alias for two parties, or of another party's name, is refused") {
  const DirectoryReading reading = read(
      "parties: { a: { email: a@x.example }, b: { email: b@x.example, name: Beta } }\n"
      "aliases: { X: a, x: b, beta: a }\n");
  CHECK(places(reading.problems) ==
        Strings{"2:18 error: alias \"x\" is for two parties: b here, and a on line 2",
                "2:24 error: alias \"beta\" is for a, but it is also the id or the name of b"});
}

TEST_CASE("directory: a class has members and no contact") {
  const DirectoryReading reading = read(
      "parties:\n  t: { kind: class, email: t@x.example, members: [u] }\n  u: { email: u@x.example }\n"
      "  v: { kind: class, members: [] }\n");
  REQUIRE(places(reading.problems).size() == 2);
  CHECK(places(reading.problems)[0].starts_with("2:28 error: t is a class"));
  CHECK(places(reading.problems)[1] == "4:3 error: v has no member that can be reached: list its members");
}

TEST_CASE("directory: windows, zones and absences that cannot be are reported") {
  const DirectoryReading reading = read(
      "parties:\n"
      "  a: { email: a@x.example, zone: Europe London, window: { days: Mun, open: 25:00 } }\n"
      "  b: { email: b@x.example, absences: [{ from: 2026-08-14, to: 2026-08-03 }, { from: 2026-02-30, to: 2026-03-01 "
      "}] }\n");
  CHECK(places(reading.problems) ==
        Strings{"2:34 error: \"Europe London\" is no time zone", "2:65 error: \"Mun\" are no weekdays",
                "2:76 error: \"open\" must be a time of day such as 09:00; got \"25:00\"",
                "3:63 error: the absence ends before it begins on 2026-08-14",
                "3:85 error: \"from\" must be a day such as 2026-12-31; got \"2026-02-30\""});
}

TEST_CASE("directory: absences of what is reached through its members change nothing, and that is said") {
  const DirectoryReading reading = read(
      "parties:\n"
      "  hr: { kind: class, members: [a, b], absences: [{ from: 2026-08-03, to: 2026-08-14 }] }\n"
      "  net: { kind: network, members: [a], absences: [{ from: 2026-08-03, to: 2026-08-14 }] }\n"
      "  post: { kind: role, vacant: true, absences: [{ from: 2026-08-03, to: 2026-08-14 }] }\n"
      "  own: { kind: network, members: [a], email: own@x.example, absences: [{ from: 2026-08-03, to: 2026-08-14 }] }\n"
      "  none: { kind: class, members: [a], absences: [] }\n"
      "  a: { email: a@x.example, absences: [{ from: 2026-08-03, to: 2026-08-14 }] }\n"
      "  b: { email: b@x.example }\n");
  REQUIRE(reading.directory);
  CHECK(places(reading.problems) ==
        Strings{"2:49 warning: absences of hr change nothing: it is reached through its members",
                "3:49 warning: absences of net change nothing: it is reached through its members",
                "4:47 warning: absences of post change nothing: nothing is sent to it"});
}

TEST_CASE("directory: an owner's word is an alias, an id or a name, without case; the plan's own alias first") {
  const DirectoryReading reading = read(
      "parties: { a: { email: a@x.example, name: Alpha Team }, b: { email: b@x.example } }\n"
      "aliases: { Lead body: a }\n"
      "plans: { p: { aliases: { Lead body: b }, sponsor: b } }\n"
      "coordinator: a\n");
  REQUIRE(places(reading.problems).empty());
  const Directory& directory = *reading.directory;
  CHECK(directory.resolve("lead  BODY", "p")->id == "b");
  CHECK(directory.resolve("Lead body", "other")->id == "a");
  CHECK(directory.resolve("ALPHA team", "p")->id == "a");
  CHECK(directory.resolve("B", "p")->id == "b");
  CHECK(directory.resolve("Gamma", "p") == nullptr);
  CHECK(directory.resolve("", "p") == nullptr);
  CHECK(directory.roles("p").coordinator == "a");
  CHECK(directory.roles("p").sponsor == "b");
  CHECK_FALSE(directory.roles("p").approver);
}

TEST_CASE("directory: a name that two parties share means neither") {
  const DirectoryReading reading =
      read("parties: { a: { email: a@x.example, name: J Smith }, b: { email: b@x.example, name: J Smith } }\n");
  CHECK(reading.directory->resolve("J Smith", "p") == nullptr);
}

TEST_CASE("directory: a class stands for its members, a network for itself, classes in classes each member once") {
  const DirectoryReading reading = read(
      "parties:\n"
      "  all: { kind: class, members: [hr, x] }\n"
      "  hr: { kind: class, members: [x, net] }\n"
      "  net: { kind: network, members: [x, y, z] }\n"
      "  x: { email: x@x.example }\n"
      "  y: { teams: y }\n"
      "  z: { vacant: true }\n");
  REQUIRE(places(reading.problems).empty());
  const Directory& directory = *reading.directory;
  CHECK(directory.assignees(*directory.find("all")) == Strings{"x", "net"});
  CHECK(directory.assignees(*directory.find("net")) == Strings{"net"});
  CHECK(directory.recipients("net") == Strings{"x", "y"});
  CHECK(directory.recipients("x") == Strings{"x"});
  CHECK(directory.recipients("nobody").empty());
}

TEST_CASE("directory: ten thousand superiors in a row are no reason to crash") {
  std::string text = "parties:\n";
  for (int i = 0; i < 10'000; ++i) {
    text +=
        "  p" + std::to_string(i) + ": { email: a@x.example, superior: p" + std::to_string((i + 1) % 10'000) + " }\n";
  }
  CHECK(read(text).problems.errors() == 1);
}

TEST_CASE("address: what can be delivered everywhere is one, on both sides of each bound") {
  CHECK(is_address("ccn@kent.example"));
  CHECK(is_address("o'neil+plan@sub.kent.example"));
  CHECK(is_address("a@b\u00fccher.example"));
  CHECK(is_address(std::string(64, 'a') + "@x.example"));
  CHECK_FALSE(is_address(std::string(65, 'a') + "@x.example"));
  const std::string label = std::string(60, 'b') + ".";
  std::string whole = "a@" + label + label + label + label;
  whole += std::string(254 - whole.size(), 'c');
  CHECK(is_address(whole));
  CHECK_FALSE(is_address(whole + "c"));
  CHECK_FALSE(is_address("a@" + std::string(64, 'b') + ".example"));
  for (const char* const text :
       {"",        "a",           "@x",      "a@",        "a b@x",   "a@x y", "<a@x>", "\"a\"@x",
        "a@x,b@x", "a..b@x",      ".a@x",    "a.@x",      "a@-x",    "a@x-",  "a@.x",  "a@x..y",
        "a@x_y",   "j\u00f6rg@x", "a@x\r\n", "a@x\u200b", "a@b@c d", "a(b)@x"}) {
    INFO(text);
    CHECK_FALSE(is_address(text));
  }
  CHECK_FALSE(is_address(std::string("a@x\0y", 5)));
}
