#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include "channels/letter.h"
#include "channels/render.h"
#include "channels/wording.h"
#include "documents/problems.h"
#include "support/catch.h"

using namespace chaser;
using namespace chaser::channels;
using calendar::CivilDay;

namespace {

constexpr const char* rules = R"yaml(version: 1
rules:
  - rule: deadline
    when: action.kind == "dated"
    anchor: due
    steps:
      - { step: heads-up, at: -60wd, to: leads, deliver: digest }
      - { step: early, at: -5wd, to: leads }
      - { step: on-the-day, at: 0d, to: leads, via: [email, teams] }
      - { step: nagging, at: +5wd, to: leads, repeat: { every: 10wd, times: 3 } }
      - { step: up, at: +20wd, to: [leads, leads.superior] }
      - { step: top, at: +40wd, to: [coordinator], asks: decision }
      - { step: listed, at: +60wd, to: "report:late" }
  - rule: quiet
    when: action.kind == "dated"
    anchor: last_update
    steps:
      - { step: silent, at: +60wd, to: leads }
  - rule: looked-at
    when: action.kind == "ongoing"
    anchor: next_review
    steps:
      - { step: look, at: 0d, to: leads }
  - rule: orphan
    when: action.unowned
    anchor: first_seen
    steps:
      - { step: nobody, at: 0d, to: coordinator }
)yaml";

plan::Party party(const std::string& id, const std::string& name, const std::string& superior = "") {
  plan::Party made;
  made.id = id;
  made.contact.name = name;
  made.contact.email = id + "@county.example";
  made.contact.teams = id == "ccn" || id == "co" ? "network" : "";
  if (!superior.empty()) made.superior = superior;
  return made;
}

std::unique_ptr<chase::World> world() {
  chase::WorldParts parts;
  parts.directory.add(party("ccn", "Climate Change Network", "place"));
  parts.directory.add(party("place", "Director of Place"));
  plan::Party mentioned = party("mentioned", "Ann *Other* <at>ha");
  mentioned.contact.teams = "network";
  mentioned.contact.teams_upn = "ann@county.example";
  parts.directory.add(mentioned);
  parts.directory.add(party("co", "Plan Coordinator"));
  plan::PlanRoles roles;
  roles.coordinator = "co";
  parts.directory.set_roles("", roles);
  documents::Problems problems;
  const std::vector<documents::Source> files{documents::Source("rules.yaml", rules)};
  auto rulebook = rulebook::read_rule_files(files, {}, problems);
  REQUIRE(problems.errors() == 0);
  parts.rulebook = *std::move(rulebook);
  REQUIRE(absl::LoadTimeZone("Europe/London", &parts.zones["Europe/London"]));
  parts.plans.push_back({"kent", "Kent and Medway plan", "Europe/London"});
  return std::make_unique<chase::World>(std::move(parts));
}

/// One world, one set of templates, and messages made of items.
struct Given {
  std::unique_ptr<chase::World> the_world = world();
  documents::Problems problems;
  Templates templates{{}, problems};
  RenderContext context;
  std::map<std::int64_t, std::string> next;

  explicit Given(CivilDay today) {
    context.world = the_world.get();
    context.identity = {"Chaser", "chaser@county.example", "", {"secret"}, false, ""};
    context.now = absl::FromCivil(absl::CivilHour(today) + 9, the_world->find_plan("kent")->zone);
  }

  store::TellingItem item(const std::string& id, const std::string& rule, const std::string& step,
                          CivilDay anchor) const {
    store::TellingItem made;
    made.notification = static_cast<std::int64_t>(std::hash<std::string>{}(id + rule + step) >> 8U);
    made.carried_by = made.notification;
    made.plan = "kent";
    made.plan_title = "Kent and Medway plan";
    made.action = id;
    made.title = "Toolkit " + id;
    made.text = "Write the whole toolkit " + id + " with legal.";
    made.timescale.verbatim = "2026";
    made.timescale.precision = plan::Precision::year;
    made.status = "in_progress";
    made.rule = rule;
    made.step = step;
    made.anchor = rule == "quiet"       ? "last_update"
                  : rule == "looked-at" ? "next_review"
                  : rule == "orphan"    ? "first_seen"
                                        : "due";
    made.anchor_day = anchor;
    made.nominal = anchor;
    return made;
  }

  static store::OutboxMessage message(const std::string& to, chase::MessageKind kind,
                                      std::vector<store::TellingItem> items) {
    store::OutboxMessage made;
    made.key = std::string(64, 'c');
    made.recipient = to;
    made.channel = "email";
    made.kind = kind;
    made.items = std::move(items);
    return made;
  }

  Letter letter(const store::OutboxMessage& message) const { return letter_of(message, context, next); }
  std::string subject(const store::OutboxMessage& message) const { return letter(message).words.texts.at("subject"); }
  std::string direct(const std::string& to, const store::TellingItem& item) const {
    return subject(message(to, chase::MessageKind::direct, {item}));
  }
};

const CivilDay due(2026, 12, 31);
constexpr auto direct = chase::MessageKind::direct;
constexpr auto digest = chase::MessageKind::digest;

std::string text_of(const Given& given, const store::OutboxMessage& message) {
  const Letter letter = given.letter(message);
  return fill(given.templates, letter.templates, Form::text, letter.words, 300);
}

bool contains(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("render: a subject counts the working days that are left, whatever the step is called") {
  const Given given(CivilDay(2026, 12, 22));  // 25 and 28 December are bank holidays
  CHECK(given.direct("ccn", given.item("2.1", "deadline", "early", due)) == "Due in 5 working days: 2.1 Toolkit 2.1");
  CHECK(Given(CivilDay(2026, 12, 29)).direct("ccn", given.item("2.1", "deadline", "early", due)) ==
        "Due in 2 working days: 2.1 Toolkit 2.1");
  CHECK(Given(CivilDay(2026, 12, 30)).direct("ccn", given.item("2.1", "deadline", "early", due)) ==
        "Due tomorrow: 2.1 Toolkit 2.1");
  CHECK(Given(due).direct("ccn", given.item("2.1", "deadline", "on-the-day", due)) == "Due today: 2.1 Toolkit 2.1");
  CHECK(Given(CivilDay(2027, 1, 8)).direct("ccn", given.item("2.1", "deadline", "nagging", due)) ==
        "Overdue since 31 December 2026: 2.1 Toolkit 2.1");
}

TEST_CASE("render: a subject speaks by what the rule counts from and by who reads it") {
  const Given given(CivilDay(2027, 1, 29));
  store::TellingItem up = given.item("2.1", "deadline", "up", due);
  up.about = {"ccn"};
  CHECK(given.direct("place", up) == "Needs your attention: 2.1 Toolkit 2.1: nobody answered");
  up.about = {};
  CHECK(given.direct("ccn", up) == "Overdue since 31 December 2026: 2.1 Toolkit 2.1");
  CHECK(given.direct("co", given.item("2.1", "deadline", "top", due)) ==
        "Needs your decision: 2.1 Toolkit 2.1: nobody answered");
  CHECK(given.direct("ccn", given.item("2.1", "quiet", "silent", CivilDay(2026, 9, 1))) ==
        "No update since 1 September 2026: 2.1 Toolkit 2.1");
  CHECK(given.direct("ccn", given.item("1.1", "looked-at", "look", CivilDay(2027, 1, 29))) ==
        "Review: 1.1 Toolkit 1.1");
  CHECK(given.direct("co", given.item("5.3", "orphan", "nobody", CivilDay(2027, 1, 29))) ==
        "Has no owner: 5.3 Toolkit 5.3");
}

TEST_CASE("render: several actions of one step are counted and named") {
  const Given given(CivilDay(2026, 12, 22));
  std::vector<store::TellingItem> items;
  for (const char* id : {"2.1", "4.1", "7.3"}) items.push_back(given.item(id, "deadline", "early", due));
  CHECK(given.subject(Given::message("ccn", direct, items)) == "Due in 5 working days: 3 actions (2.1, 4.1, 7.3)");
}

TEST_CASE("render: an action's other reasons ride in its block") {
  const Given given(CivilDay(2026, 12, 22));
  store::TellingItem rider = given.item("2.1", "quiet", "silent", CivilDay(2026, 9, 1));
  const store::TellingItem carrier = given.item("2.1", "deadline", "early", due);
  rider.carried_by = carrier.notification;
  const store::OutboxMessage message = Given::message("ccn", direct, {rider, carrier});
  CHECK(given.subject(message) == "Due in 5 working days: 2.1 Toolkit 2.1");
  const std::string text = text_of(given, message);
  CHECK(contains(text, "has had no update since Tuesday 1 September 2026"));
  CHECK(contains(text, "rule \"quiet\""));
}

TEST_CASE("render: a digest counts by urgency and tells the most urgent first, one line an action") {
  const Given given(CivilDay(2026, 12, 10));
  const store::OutboxMessage message = Given::message(
      "ccn", digest,
      {given.item("1.1", "looked-at", "look", CivilDay(2026, 12, 10)), given.item("2.1", "deadline", "heads-up", due),
       given.item("3.1", "deadline", "nagging", CivilDay(2026, 11, 30)),
       given.item("3.2", "deadline", "nagging", CivilDay(2026, 10, 31))});
  CHECK(given.subject(message) == "2 overdue, 1 due this month, 1 review");
  const std::string text = text_of(given, message);
  CHECK(text.find("3.2 Toolkit") < text.find("3.1 Toolkit"));
  CHECK(text.find("3.1 Toolkit") < text.find("2.1 Toolkit"));
  CHECK(text.find("2.1 Toolkit") < text.find("1.1 Toolkit"));
  CHECK(contains(text, "overdue since 31 October 2026"));
}

TEST_CASE("render: that an action is over, or another's, is told for information and asks nothing") {
  const Given given(CivilDay(2026, 12, 10));
  store::TellingItem handed = given.item("1.1", "handed_over", "handover", due);
  handed.about = {"place"};
  const store::TellingItem closed = given.item("2.1", "closed", "done", due);
  const store::TellingItem dropped = given.item("2.2", "closed", "dropped", due);
  const std::string text = text_of(given, Given::message("ccn", digest, {handed, closed, dropped}));
  CHECK(text.starts_with("For your information: 1 no longer yours, 2 closed.\n"));
  CHECK(contains(text, "no longer yours; Director of Place leads it now. Nothing more is asked of you."));
  CHECK(contains(text, "is done. Nothing more is asked of you."));
  CHECK(contains(text, "is no longer in the plan. Nothing more is asked of you."));
  CHECK(contains(text, "You get this, once, because you were written to about 2.1."));
  const store::TellingItem asked = given.item("3.1", "deadline", "heads-up", due);
  CHECK(text_of(given, Given::message("ccn", digest, {asked, closed}))
            .starts_with("Your actions: 1 due this month, 1 closed. The most urgent come first.\n"));
  CHECK(text_of(given, Given::message("ccn", digest, {asked})).starts_with("Your actions: 1 due this month.\n"));
}

TEST_CASE("render: a new lead is told whose it was and what was sent before") {
  const Given given(CivilDay(2027, 1, 12));
  store::TellingItem item = given.item("2.1", "inherited", "handover", due);
  item.about = {"place"};
  item.said = "on-the-day on 31 Dec 2026, nagging on 8 Jan 2027";
  const store::OutboxMessage message = Given::message("ccn", direct, {item});
  CHECK(given.subject(message) == "Yours from now on: 2.1 Toolkit 2.1");
  const std::string text = text_of(given, message);
  CHECK(contains(text, "is yours from now on; until now Director of Place led it."));
  CHECK(contains(text, "What was sent before: on-the-day on 31 Dec 2026, nagging on 8 Jan 2027."));
  CHECK(contains(text, "You get this, once, because you lead 2.1 now."));
}

TEST_CASE("render: what is read for somebody who is away says for whom, until when and why") {
  const Given given(CivilDay(2026, 12, 22));
  store::TellingItem item = given.item("2.1", "deadline", "early", due);
  item.instead_of = "ccn";
  item.away_until = CivilDay(2026, 12, 24);
  const store::OutboxMessage message = Given::message("co", direct, {item});
  CHECK(given.subject(message) == "For Climate Change Network: Due in 5 working days: 2.1 Toolkit 2.1");
  const std::string text = text_of(given, message);
  CHECK(contains(text, "Climate Change Network leads it and is away until 24 December 2026: you stand in."));
  CHECK(contains(text,
                 "You get this because you stand in for Climate Change Network, who leads 2.1 and is away until 24 "
                 "December 2026, and rule \"deadline\" speaks 5 working days before the due date (step \"early\")."));
  item.away_until.reset();  // only an automatic answer says so
  CHECK(contains(text_of(given, Given::message("co", direct, {item})), "leads it and is away: you stand in."));
}

TEST_CASE("render: a message says what is so, what is asked, why, what comes next and how to answer") {
  Given given(CivilDay(2026, 12, 22));
  store::TellingItem item = given.item("2.1", "deadline", "early", due);
  item.updated = absl::FromCivil(CivilDay(2026, 9, 1), absl::UTCTimeZone()) + absl::Hours(12);
  item.last_note = "Draft toolkit\r\nwith legal.";
  given.next[item.notification] = "we write again on 31 December";
  const std::string text = text_of(given, Given::message("ccn", direct, {item}));
  CHECK(contains(text,
                 "Action 2.1 of \"Kent and Medway plan\" is due on Thursday 31 December 2026 (the plan says \"2026\"). "
                 "You lead it."));
  CHECK(contains(text, "Write the whole toolkit 2.1 with legal."));
  CHECK(contains(text, "What is asked   Say how it stands, or that it is done."));
  CHECK(contains(text, "Last heard      1 September 2026: \"Draft toolkit with legal.\""));
  CHECK(contains(text, "If we hear nothing, we write again on 31 December."));
  CHECK(contains(text,
                 "You get this because you lead 2.1 and rule \"deadline\" speaks 5 working days before the due date "
                 "(step \"early\")."));
  CHECK(contains(text, "To answer, simply reply to this message; a person reads it: Plan Coordinator"));
}

TEST_CASE("render: a superior is told whose silence it is about, and a repeat which one it is") {
  const Given given(CivilDay(2027, 1, 29));
  store::TellingItem up = given.item("2.1", "deadline", "up", due);
  up.about = {"ccn"};
  const std::string text = text_of(given, Given::message("place", direct, {up}));
  CHECK(contains(text, "Climate Change Network leads it and has not answered."));
  CHECK(contains(text, "Climate Change Network, leading 2.1, reports to you"));
  store::TellingItem again = given.item("2.1", "deadline", "nagging", due);
  again.occurrence.ordinal = 1;
  CHECK(contains(text_of(given, Given::message("ccn", direct, {again})),
                 "then every 10 working days; this is time 2 of 3"));
}

TEST_CASE("render: a catch-up says plainly that the service was down") {
  const Given given(CivilDay(2027, 1, 5));
  store::TellingItem item = given.item("2.1", "deadline", "on-the-day", due);
  item.late = true;
  const std::string text = text_of(given, Given::message("ccn", chase::MessageKind::catch_up, {item}));
  CHECK(contains(text, "Chaser was out of service"));
  CHECK(contains(text, "it was to go on 31 December 2026"));
}

TEST_CASE("render: an email is addressed, answered to the coordinator, and keeps what people wrote out of its markup") {
  const Given given(CivilDay(2026, 12, 22));
  store::TellingItem item = given.item("2.1", "deadline", "early", due);
  item.title = "<script>alert(1)</script> {{recipient}}\r\nBcc: x@evil.example";
  item.thread_root = "first@county.example";
  const store::Rendered rendered =
      render_email(Given::message("ccn", direct, {item}), given.context, given.templates, {});
  CHECK(rendered.destination == "ccn@county.example");
  CHECK(rendered.message_id.starts_with("d." + std::string(32, 'c') + "."));
  CHECK(contains(rendered.bytes, "\r\nReply-To: Plan Coordinator <co@county.example>\r\n"));
  CHECK(contains(rendered.bytes, "\r\nTo: Climate Change Network <ccn@county.example>\r\n"));
  CHECK(contains(rendered.bytes, "\r\nReferences: <first@county.example>\r\n"));
  CHECK_FALSE(contains(rendered.bytes.substr(rendered.bytes.find("Content-Type: text/html")), "<script"));
  CHECK_FALSE(contains(rendered.bytes, "\r\nBcc:"));
  CHECK(rendered.bytes ==
        render_email(Given::message("ccn", direct, {item}), given.context, given.templates, {}).bytes);
}

TEST_CASE("render: a recipient whom nobody knows, or without an address, is refused") {
  const Given given(CivilDay(2026, 12, 22));
  const store::TellingItem item = given.item("2.1", "deadline", "early", due);
  CHECK_THROWS_AS(render_email(Given::message("nobody", direct, {item}), given.context, given.templates, {}),
                  std::invalid_argument);
  CHECK_THROWS_AS(render_teams(Given::message("place", direct, {item}), given.context, given.templates, {}),
                  std::invalid_argument);
}

TEST_CASE("render: a card is one Adaptive Card 1.4 whose words are plain runs") {
  const Given given(due);
  store::TellingItem item = given.item("2.1", "deadline", "on-the-day", due);
  item.title = "[click](http://evil.example) <at>A</at>";
  const store::Rendered rendered =
      render_teams(Given::message("ccn", direct, {item}), given.context, given.templates, {});
  CHECK(rendered.destination == "network");
  const auto body = nlohmann::json::parse(rendered.bytes);
  CHECK(body["type"] == "message");
  REQUIRE(body["attachments"].size() == 1);
  const auto& card = body["attachments"][0]["content"];
  CHECK(card["version"] == "1.4");
  CHECK(card["body"][0]["items"][0]["inlines"][0]["text"] == "Due today: 2.1 [click](http://evil.example) <at>A</at>");
  for (const auto& block : card["body"]) {
    const bool literal = block["type"] == "Container" || block["type"] == "RichTextBlock";
    CHECK((literal || block["type"] == "FactSet"));
  }
  CHECK_FALSE(card.contains("actions"));
  CHECK_FALSE(card["msteams"].contains("entities"));
}

TEST_CASE("render: a card's facts show Markdown as it was written") {
  const Given given(due);
  store::TellingItem item = given.item("2.1", "deadline", "on-the-day", due);
  item.owners = "[CCN](http://evil.example) *all*";
  item.timescale.verbatim = "Dec_2026";
  const auto card = nlohmann::json::parse(
      render_teams(Given::message("ccn", direct, {item}), given.context, given.templates, {}).bytes);
  for (const auto& block : card["attachments"][0]["content"]["body"]) {
    if (block["type"] != "FactSet") continue;
    CHECK(block["facts"][0] == nlohmann::json{{"title", "Plan"}, {"value", "Kent and Medway plan"}});
    CHECK(block["facts"][1]["value"] == "Dec\\_2026");
    CHECK(block["facts"][2]["value"] == "\\[CCN\\]\\(http://evil.example\\) \\*all\\*");
    return;
  }
  FAIL("no facts");
}

TEST_CASE("render: a card mentions its reader by the name that Teams knows, where the directory gives one") {
  const Given given(due);
  const auto card = nlohmann::json::parse(
      render_teams(Given::message("mentioned", direct, {given.item("2.1", "deadline", "on-the-day", due)}),
                   given.context, given.templates, {})
          .bytes)["attachments"][0]["content"];
  REQUIRE(card["msteams"]["entities"].size() == 1);
  const auto& entity = card["msteams"]["entities"][0];
  CHECK(entity["text"] == "<at>Ann Other atha</at>");
  CHECK(entity["mentioned"]["id"] == "ann@county.example");
  CHECK(entity["mentioned"]["name"] == "Ann Other atha");
  CHECK(card["body"][1]["text"] == entity["text"]);
}

TEST_CASE("render: a card's head shows how grave it is") {
  const auto style = [](CivilDay today, const char* step, const char* reader = "ccn") {
    const Given given(today);
    return nlohmann::json::parse(
               render_teams(Given::message(reader, direct, {given.item("2.1", "deadline", step, due)}), given.context,
                            given.templates, {})
                   .bytes)["attachments"][0]["content"]["body"][0]["style"]
        .get<std::string>();
  };
  CHECK(style(due, "on-the-day") == "emphasis");
  CHECK(style(CivilDay(2027, 1, 8), "nagging") == "warning");
  CHECK(style(CivilDay(2027, 2, 1), "up") == "warning");
  CHECK(style(CivilDay(2027, 3, 1), "top", "co") == "attention");
}

TEST_CASE("render: a mail of a rule's last step, to those above the leads, is marked as important; no other is") {
  const auto mail = [](CivilDay today, const char* step, const char* reader) {
    const Given given(today);
    return render_email(Given::message(reader, direct, {given.item("2.1", "deadline", step, due)}), given.context,
                        given.templates, {})
        .bytes;
  };
  CHECK(contains(mail(CivilDay(2027, 3, 1), "top", "co"), "\r\nImportance: high\r\n"));
  CHECK_FALSE(contains(mail(due, "on-the-day", "ccn"), "Importance:"));
  CHECK_FALSE(contains(mail(CivilDay(2027, 2, 1), "up", "place"), "Importance:"));
}

TEST_CASE("render: a card stays within 20,000 bytes by counting what it leaves out") {
  const Given given(CivilDay(2026, 12, 10));
  std::vector<store::TellingItem> items;
  for (int i = 0; i < 500; ++i) items.push_back(given.item("9." + std::to_string(i), "deadline", "heads-up", due));
  const store::Rendered rendered =
      render_teams(Given::message("ccn", digest, items), given.context, given.templates, {});
  CHECK(rendered.bytes.size() <= 20'000);
  CHECK(rendered.bytes.size() > 15'000);
  CHECK(contains(rendered.bytes, " more\""));
  CHECK(contains(rendered.bytes, "\"id\":\"action-20\""));
}

TEST_CASE("render: what people wrote becomes one line without controls or direction marks") {
  CHECK(one_line("  a\r\n\tb\x07 \xe2\x80\xae"
                 "c\xff ") == "a b c\xef\xbf\xbd");
  CHECK(shortened("abc", 3) == "abc");
  CHECK(shortened("abcd", 3) == "ab\xe2\x80\xa6");
  CHECK(shortened("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 3) == "\xc3\xa9\xc3\xa9\xe2\x80\xa6");
}

TEST_CASE("render: with a page and a key, each action has a link that only its reader's answers fit") {
  Given given(CivilDay(2026, 12, 22));
  const store::TellingItem item = given.item("2.1", "deadline", "early", due);
  const store::TellingItem top = given.item("2.1", "deadline", "top", due);
  const auto link_of = [&](const std::string& to) {
    return given.letter(Given::message(to, direct, {to == "co" ? top : item})).words.items.at(0).texts.at("link");
  };
  CHECK(link_of("ccn").empty());
  given.context.public_url = "https://chaser.kent.example/";
  CHECK(link_of("ccn").empty());
  given.context.link_keys = {{std::string(32, 'k')}};
  const std::string url = link_of("ccn");
  const std::string base = "https://chaser.kent.example/a/";
  REQUIRE(url.starts_with(base));
  CHECK(url.size() < 300);
  const VerifiedLink verified =
      verify(url.substr(base.size()), LinkPurpose::answer, given.context.link_keys, given.context.now);
  REQUIRE_FALSE(verified.fault);
  CHECK(verified.link->recipient == "ccn");
  CHECK(verified.link->plan == "kent");
  CHECK(verified.link->action == "2.1");
  CHECK(verified.link->allows(LinkResponse::done));
  const std::string above = link_of("co");
  const VerifiedLink of_coordinator =
      verify(above.substr(base.size()), LinkPurpose::answer, given.context.link_keys, given.context.now);
  REQUIRE(of_coordinator.link);
  CHECK_FALSE(of_coordinator.link->allows(LinkResponse::done));
  CHECK(of_coordinator.link->allows(LinkResponse::acknowledge));
  const auto card = nlohmann::json::parse(
      render_teams(Given::message("ccn", direct, {item}), given.context, given.templates, {}).bytes);
  CHECK(card["attachments"][0]["content"]["actions"][0]["url"] == url);
  CHECK(contains(text_of(given, Given::message("ccn", direct, {item})), "Answer with a click: " + url));
}

TEST_CASE("render: a digest can be ended by its reader with one click where there is a page by https") {
  Given given(CivilDay(2026, 12, 22));
  const store::TellingItem item = given.item("2.1", "deadline", "heads-up", due);
  const auto bytes = [&](chase::MessageKind kind) {
    return render_email(Given::message("ccn", kind, {item}), given.context, given.templates, {}).bytes;
  };
  CHECK_FALSE(contains(bytes(digest), "List-Unsubscribe"));
  CHECK(contains(bytes(digest), "\r\nPrecedence: bulk\r\n"));
  given.context.link_keys = {{std::string(32, 'k')}};
  given.context.public_url = "http://127.0.0.1:8427";
  CHECK_FALSE(contains(bytes(digest), "List-Unsubscribe"));
  given.context.public_url = "https://chaser.kent.example";
  CHECK(contains(bytes(digest), "\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"));
  CHECK_FALSE(contains(bytes(direct), "List-Unsubscribe"));
  const Letter letter = given.letter(Given::message("ccn", digest, {item}));
  const std::string base = "https://chaser.kent.example/u/";
  REQUIRE(letter.mute_url.starts_with(base));
  const std::string token = letter.mute_url.substr(base.size());
  CHECK_FALSE(verify(token, LinkPurpose::mute, given.context.link_keys, given.context.now).fault);
  CHECK(verify(token, LinkPurpose::answer, given.context.link_keys, given.context.now).fault);
}

TEST_CASE("render: more names than anyone reads are counted") {
  CHECK(listed_shortly({"A", "B"}) == "A and B");
  CHECK(listed_shortly({"A", "B", "C", "D"}) == "A, B, C and D");
  CHECK(listed_shortly({"A", "B", "C", "D", "E"}) == "A, B, C and 2 others");
}

TEST_CASE("webhook: what is posted has the fields of its schema, all of them and no others") {
  using nlohmann::json;
  std::ifstream file(CHASER_SOURCE_DIR "/docs/schema/webhook.schema.json");
  const json schema = json::parse(file);
  Given given(CivilDay(2026, 12, 22));
  const store::TellingItem item = given.item("2.1", "deadline", "early", due);
  given.next[item.notification] = "we write again on 31 December";
  const store::Rendered rendered = render_webhook(Given::message("ccn", direct, {item}), given.context, given.next);
  CHECK(rendered.destination == "network");
  const json body = json::parse(rendered.bytes);
  const auto names = [](const json& object) {
    std::set<std::string> found;
    for (const auto& [name, value] : object.items()) found.insert(name);
    return found;
  };
  const auto required = [](const json& part) { return part["required"].get<std::set<std::string>>(); };
  CHECK(names(body) == names(schema["properties"]));
  CHECK(names(body) == required(schema));
  const json& item_schema = schema["properties"]["items"]["items"];
  REQUIRE(body["items"].size() == 1);
  CHECK(names(body["items"][0]) == names(item_schema["properties"]));
  CHECK(names(body["items"][0]) == required(item_schema));
  CHECK(body["items"][0]["day"] == "2026-12-31");
  CHECK(body["items"][0]["next"] == "we write again on 31 December");
  CHECK(body["items"][0]["link"].is_null());
  for (const auto kind : {direct, digest, chase::MessageKind::catch_up}) {
    const json other = json::parse(render_webhook(Given::message("ccn", kind, {item}), given.context, {}).bytes);
    const json& kinds = schema["properties"]["kind"]["enum"];
    CHECK(std::find(kinds.begin(), kinds.end(), other["kind"]) != kinds.end());
  }
}

TEST_CASE("webhook: what would be too big is cut and counted") {
  const Given given(CivilDay(2026, 12, 10));
  std::vector<store::TellingItem> items;
  for (int i = 0; i < 600; ++i) items.push_back(given.item("9." + std::to_string(i), "deadline", "heads-up", due));
  const store::Rendered rendered = render_webhook(Given::message("ccn", digest, items), given.context, {});
  CHECK(rendered.bytes.size() <= 262'144);
  const auto body = nlohmann::json::parse(rendered.bytes);
  CHECK(body["items"].size() + body["more"].get<std::size_t>() == 600);
  CHECK(body["items"].size() >= 100);
}
