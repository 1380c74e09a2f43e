// The event log as evidence: it is a chain, it tells the whole state, and a leaver can be erased from it.
#include <algorithm>
#include <fstream>
#include <sstream>

#include "given.h"
#include "sqlite_watch.h"
#include "store/chain.h"
#include "store/evidence.h"
#include "store/schema.h"
#include "store/sqlite_store.h"
#include "support/catch.h"

using namespace given;
using store::MessageState;
using store::OutcomeKind;

namespace {

const Instant now = at("2026-12-22T10:00:00Z");

void answer(const Desk& desk, const std::string& action, const std::string& party, chase::ResponseKind kind,
            Instant when, const std::string& note = "it moves") {
  const auto loaded = desk.load(action);
  chase::Response response;
  response.party = party;
  response.kind = kind;
  response.note = note;
  response.means = "link";
  response.author = "cli:anna";
  const auto effect = chase::respond(loaded.state, *desk.world, response, when);
  desk->record_response(loaded, response, effect, *desk.world, when);
}

/// Half a year of a plan: messages that go, bounce and are given up, answers, stops, another version of the plan.
void live(Desk& desk) {
  int count = 0;
  for (Instant when = at("2026-09-01T09:00:00Z"); when < at("2027-04-01T09:00:00Z"); when += absl::Hours(24)) {
    desk.pass(when);
    for (const auto& message : desk.queued(when)) {
      if (desk.state_of(message.row) != MessageState::queued) continue;
      const bool bounces = ++count % 5 == 0;
      desk.deliver(message, when, bounces ? OutcomeKind::permanent : OutcomeKind::accepted,
                   bounces ? MessageState::refused : MessageState::accepted);
    }
  }
}

struct Lived : Desk {
  Lived();
};
Lived::Lived()
    : Desk(any_store(), {{"2.1", "CCN", "2026-12-31"},
                         {"2.2", "KCC;CCN", "2026-11-30"},
                         {"2.3", "HR Teams"},
                         {"2.4", "Nobody", "2027-06-30"}}) {
  Desk& desk = *this;
  answer(desk, "2.2", "ccn", chase::ResponseKind::acknowledge, at("2026-09-01T08:30:00Z"));
  live(desk);
  desk->stop({"", "deadline", ""}, "cli:anna", now);
  desk->import(plan_of({{"2.1", "CCN", "2027-12-31"}, {"2.2", "KCC", "2026-11-30"}, {"2.5", "KCC", "2027-03-31"}}),
               *desk.world, at("2027-04-01T08:00:00Z"), "cli:anna");
  answer(desk, "2.1", "ccn", chase::ResponseKind::update, at("2027-04-01T08:30:00Z"));
  answer(desk, "2.2", "kcc", chase::ResponseKind::done, at("2027-04-01T08:40:00Z"));
  desk.pass(at("2027-04-01T09:00:00Z"));
}

std::vector<std::string> differences_of(const Desk& desk) {
  return store::differences(store::replay(*desk.store), desk->recorded());
}

std::string bytes_of_all_files(const std::string& folder) {
  std::ostringstream all;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    if (file.path().filename().string().find("chaser.db") == std::string::npos) continue;
    all << std::ifstream(file.path(), std::ios::binary).rdbuf();
  }
  return all.str();
}

/// Half a log of five events: rewritten without the guards that stand before it.
store::ChainCheck check_after(const Desk& desk, const std::string& tampering, const std::string& noted_head = "") {
  tamper(desk.folder.path(), ("DROP TRIGGER event_not_changed; DROP TRIGGER event_not_removed; " + tampering).c_str());
  return store::check_chain(*desk.kind.open(desk.folder.path(), Opening::reader), noted_head);
}

struct WithFiveEvents : Desk {
  WithFiveEvents() : Desk(store_kinds().front()) {
    for (int i = 1; i <= 5; ++i) {
      store->note_event({0, now + absl::Minutes(i), "noted", "county", "2." + std::to_string(i), "cli:anna", "{}"});
    }
  }
};

}  // namespace

TEST_CASE("evidence: what is written is a chain that ends where the store says") {
  const Lived desk;
  const store::LogHead head = desk->log_head();
  const store::ChainCheck check = store::check_chain(*desk.store);
  CHECK_FALSE(check.broken.has_value());
  CHECK(check.events == head.events);
  CHECK(check.head == head.hash);
  CHECK(head.events > 50);
  CHECK(desk->status().log.hash == head.hash);
}

TEST_CASE("evidence: an empty log is whole") {
  const Desk desk(any_store());
  const store::ChainCheck check = store::check_chain(*desk.store);
  CHECK_FALSE(check.broken.has_value());
  CHECK(check.head == store::first_link());
  CHECK(desk->log_head().hash == store::first_link());
}

TEST_CASE("evidence: the first broken place is named") {
  const WithFiveEvents desk;
  SECTION("a word of an event was changed") {
    const auto check = check_after(desk, "UPDATE event SET actor = 'cli:bob' WHERE sequence = 3");
    CHECK(check.events == 2);
    CHECK(check.broken.value().starts_with("event 3 (noted county/2.3, 2026-12-22T10:03:00"));
  }
  SECTION("its time") {
    CHECK(check_after(desk, "UPDATE event SET at = at + 1 WHERE sequence = 2").events == 1);
  }
  SECTION("its details") {
    CHECK(check_after(desk, "UPDATE event SET json = '{\"a\":1}' WHERE sequence = 5").events == 4);
  }
  SECTION("one was removed") {
    const auto check = check_after(desk, "DELETE FROM event WHERE sequence = 3");
    CHECK(check.broken.value() == "event 3 is missing");
  }
  SECTION("one was removed and the rest renumbered") {
    const auto check = check_after(
        desk, "DELETE FROM event WHERE sequence = 3; UPDATE event SET sequence = sequence - 1 WHERE sequence > 3");
    CHECK(check.broken.value().starts_with("event 3 (noted county/2.4"));
  }
  SECTION("one was put in") {
    const auto check =
        check_after(desk,
                    "UPDATE event SET sequence = sequence + 100 WHERE sequence > 3;"
                    "INSERT INTO event SELECT 4, at, kind, plan, action, actor, json, seal, hash FROM "
                    "event WHERE sequence = 3; UPDATE event SET sequence = sequence - 99 WHERE sequence > 100");
    CHECK(check.broken.value().starts_with("event 4 (noted county/2.3"));
  }
  SECTION("two changed places") {
    const auto check = check_after(desk,
                                   "UPDATE event SET sequence = 100 WHERE sequence = 2; UPDATE event SET sequence = 2 "
                                   "WHERE sequence = 3; UPDATE event SET sequence = 3 WHERE sequence = 100");
    CHECK(check.events == 1);
  }
  SECTION("the end was cut off") {
    const auto check = check_after(desk, "DELETE FROM event WHERE sequence > 3");
    CHECK(check.broken.value() == "the log was cut off: it ends at event 3, and 5 were written");
  }
  SECTION("another event was added by a stranger's hand") {
    const auto check = check_after(desk,
                                   "INSERT INTO event SELECT 6, at, kind, plan, action, actor, json, seal, hash FROM "
                                   "event WHERE sequence = 5");
    CHECK(check.broken.value().starts_with("event 6"));
  }
}

TEST_CASE("evidence: a log cut off together with what the store kept beside it is found by a head noted elsewhere") {
  const WithFiveEvents desk;
  const std::string noted = desk->log_head().hash;
  const std::string cut =
      "DELETE FROM event WHERE sequence > 3; UPDATE keeper SET log_events = 3, log_head = (SELECT hash FROM event "
      "WHERE "
      "sequence = 3)";
  const auto check = check_after(desk, cut, noted);
  CHECK(check.broken.value().find("noted head") != std::string::npos);
  CHECK_FALSE(store::check_chain(*desk.store).broken.has_value());
}

TEST_CASE("evidence: an older head is found in a log that went on") {
  const WithFiveEvents desk;
  const std::string noted = desk->log_head().hash;
  desk->note_event({0, now, "noted", "", "", "cli:anna", "{}"});
  const auto check = store::check_chain(*desk.store, noted);
  CHECK_FALSE(check.broken.has_value());
  CHECK(check.noted_at == 5);
}

TEST_CASE(
    "invariant: no attempt without a notification, and none of these without its end, its reason or its next look") {
  const Lived desk;
  const auto rows = [&](const std::string& sql) {
    store::Database database(desk.folder.path() + "/chaser.db", store::Database::Mode::read_only);
    store::Transaction reading(database, store::Transaction::Kind::read);
    store::Query query = reading.query(sql);
    REQUIRE(query.next());
    return query.integer(0);
  };
  // The life has all of them: messages that went, were refused, and what was never sent.
  for (const char* state : {"delivered", "unreachable", "lapsed", "withdrawn"}) {
    INFO(state);
    CHECK(rows("SELECT count(*) FROM notification WHERE state = '" + std::string(state) + "'") > 0);
  }
  CHECK(rows("SELECT count(*) FROM attempt") > 10);
  CHECK(rows("SELECT count(*) FROM attempt WHERE message NOT IN (SELECT message FROM message_item)") == 0);
  CHECK(rows("SELECT count(*) FROM notification n WHERE state IN ('delivered', 'unreachable') AND NOT EXISTS (SELECT 1"
             " FROM message_item i JOIN attempt t ON t.message = i.message WHERE i.notification = n.id)") == 0);
  CHECK(rows("SELECT count(*) FROM notification WHERE state IN ('superseded', 'lapsed', 'withdrawn', 'unreachable') AND"
             " reason IN ('none', '')") == 0);
  CHECK(rows("SELECT count(*) FROM notification n WHERE state = 'composed' AND NOT EXISTS (SELECT 1 FROM message_item i"
             " JOIN message m ON m.id = i.message WHERE i.notification = n.id AND m.state = 'queued')") == 0);
  CHECK(
      rows("SELECT count(*) FROM notification n WHERE state = 'pending' AND NOT EXISTS (SELECT 1 FROM recipient r WHERE"
           " r.party = n.recipient AND r.next_compose IS NOT NULL)") == 0);
}

TEST_CASE("invariant: replaying the event log gives the same state") {
  const Lived desk;
  CHECK(differences_of(desk) == std::vector<std::string>{});
  const store::Recorded recorded = desk->recorded();
  CHECK(recorded.at("status of county/2.2") == "\"done\"");
  CHECK(recorded.at("due of county/2.1") == "\"2027-12-31\"");
  CHECK(recorded.at("first_due of county/2.1") == "\"2026-12-31\"");
  CHECK(recorded.at("slips of county/2.1") == "1");
  CHECK(recorded.at("dropped of county/2.3") == "1");
  CHECK(recorded.contains("answers to county/2.2"));
  const auto count = [&](const std::string& value) {
    return std::count_if(recorded.begin(), recorded.end(), [&](const auto& item) { return item.second == value; });
  };
  for (const char* state : {"delivered", "unreachable", "lapsed", "closed", "open"}) {
    INFO(state);
    CHECK(count(state) > 0);
  }
}

TEST_CASE("evidence: what a table says without the log is named") {
  Desk desk(store_kinds().front(), {{"2.1", "CCN", "2026-12-31"}});
  live(desk);
  tamper(desk.folder.path(), "UPDATE action SET status = 'done'; UPDATE action SET due_day = due_day + 90");
  tamper(desk.folder.path(),
         "UPDATE notification SET state = 'delivered' WHERE id = (SELECT min(id) FROM notification "
         "WHERE state = 'lapsed')");
  const auto found = differences_of(desk);
  REQUIRE(found.size() >= 2);
  CHECK(std::count(found.begin(), found.end(),
                   "status of county/2.1: \"not_started\" in the log, \"done\" in the tables") == 1);
  CHECK(
      std::any_of(found.begin(), found.end(), [](const auto& line) { return line.starts_with("due of county/2.1"); }));
}

TEST_CASE("evidence: a notification that is withdrawn, dropped or left without its reader is on record by its key") {
  Desk desk(any_store(), {{"2.1", "CCN", "2026-12-31"}});
  Instant when = at("2026-09-01T09:00:00Z");
  const store::OutboxMessage message = desk.await_message(when);
  SECTION("withdrawn before it went") {
    const std::int64_t row = message.items.front().notification;
    desk->withdraw(message.row, std::span(&row, 1), {chase::ReasonCode::dropped, {}}, when);
  }
  SECTION("dropped by hand") {
    CHECK(desk->drop(message.row, "cli:anna", when));
  }
  SECTION("its recipient left the directory") {
    desk.world = world_without("ccn");
    desk->reassign(*desk.world, when);
    desk.pass(when + absl::Hours(24));
  }
  CHECK(differences_of(desk) == std::vector<std::string>{});
}

TEST_CASE("evidence: words that people wrote lie beside the chain, under a seal") {
  Desk desk(any_store(), {{"2.1", "CCN", "2026-12-31"}});
  answer(desk, "2.1", "ccn", chase::ResponseKind::update, now, "Anna Lee has the keys");
  const auto events = desk.events("response");
  REQUIRE(events.size() == 1);
  CHECK(events[0].words.starts_with("Anna Lee has the keys"));
  CHECK(events[0].json.find("Anna") == std::string::npos);
  CHECK(events[0].seal.size() == 64);
  CHECK(store::seal_of("salt", "words") != store::seal_of("other", "words"));
}

TEST_CASE("evidence: a leaver is erased everywhere, and the log stays whole and says so") {
  Desk desk(any_store(), {{"2.1", "CCN", "2026-12-31"}, {"2.2", "KCC", "2026-12-31"}});
  live(desk);
  answer(desk, "2.1", "ccn", chase::ResponseKind::update, at("2027-04-01T08:30:00Z"),
         "ask CCN's climate officer, CCN@county.example, or her deputy");
  const auto before = desk->recorded();
  const std::string party = "ccn";
  desk.world = world_without(party);
  desk->reassign(*desk.world, at("2027-04-02T09:00:00Z"));
  desk.pass(at("2027-04-02T09:00:00Z"));
  REQUIRE(bytes_of_all_files(desk.folder.path()).find("ccn@county.example") != std::string::npos);
  const std::vector<std::string> names{"CCN's climate officer"};
  const store::Erased erased = desk->erase(party, names, "cli:anna", at("2027-04-03T09:00:00Z"));
  CHECK(erased.known);
  CHECK(erased.contact);
  CHECK(erased.letters > 0);
  CHECK(erased.texts > 0);
  CHECK(erased.words == 1);
  CHECK_FALSE(store::check_chain(*desk.store).broken.has_value());
  CHECK(differences_of(desk) == std::vector<std::string>{});
  CHECK(desk.load("2.1").state.facts.last_note == "ask [erased], [erased], or her deputy");
  const auto said = desk.events("erased");
  REQUIRE(said.size() == 1);
  CHECK(said[0].actor == "cli:anna");
  CHECK(said[0].json.starts_with("{\"party\":\"ccn\""));
  CHECK(desk.events("response").front().words.empty());
  CHECK_FALSE(desk.events("response").front().seal.empty());
  const std::string bytes = bytes_of_all_files(desk.folder.path());
  for (const char* name : {"ccn@county.example", "CCN@county.example", "CCN's climate officer"}) {
    INFO(name);
    CHECK(bytes.find(name) == std::string::npos);
  }
}

TEST_CASE("evidence: what came back by mail of a leaver, and what servers said of them, is erased too") {
  Desk desk(any_store(), {{"2.1", "CCN", "2026-12-31"}, {"2.2", "KCC", "2026-12-31"}});
  live(desk);
  const Instant when = at("2027-04-01T10:00:00Z");
  const auto sent = desk->messages("accepted", "kcc", 0, 10);
  REQUIRE_FALSE(sent.empty());
  store::Returned comment;
  comment.kind = store::Returned::Kind::comment;
  comment.identity = std::string(64, 'a');
  comment.message = sent[0].row;
  comment.party = "ccn";
  comment.text = "Write to ccn@county.example or ask the Climate Change Network";
  comment.notifications = {sent[0].items.at(0).notification};
  // Their automatic answer, and the word of a server about a letter to somebody else that names them.
  store::Returned absence = comment;
  absence.kind = store::Returned::Kind::absence;
  absence.identity = std::string(64, 'b');
  absence.message = desk->messages("accepted", "ccn", 0, 1).at(0).row;
  store::Returned bounce = comment;
  bounce.kind = store::Returned::Kind::bounce;
  bounce.identity = std::string(64, 'c');
  bounce.outcome = {OutcomeKind::permanent, 550, "5.1.1", "forwarded to ccn@county.example: no such user", {}};
  for (const store::Returned& mail : {comment, absence, bounce}) {
    desk->take_returned(std::span(&mail, 1), "1:1", *desk.world, when);
  }
  // An action that waits for somebody, in words.
  chase::Response blocked;
  blocked.party = "kcc";
  blocked.kind = chase::ResponseKind::blocked;
  blocked.others = {"the signature of ccn@county.example"};
  const auto loaded = desk.load("2.2");
  const chase::Surroundings around = desk->surroundings("county");
  desk->record_response(loaded, blocked, chase::respond(loaded.state, *desk.world, blocked, when, &around), *desk.world,
                        when);
  REQUIRE(bytes_of_all_files(desk.folder.path()).find("signature of ccn@county.example") != std::string::npos);
  REQUIRE(desk->absence_hints(at("2026-01-01T00:00:00Z")).size() == 1);
  desk.world = world_without("ccn");
  desk->reassign(*desk.world, when);
  desk.pass(at("2027-04-02T09:00:00Z"));
  CHECK(desk->erase("ccn", {}, "cli:anna", at("2027-04-03T09:00:00Z")).known);
  CHECK(desk->absence_hints(at("2026-01-01T00:00:00Z")).empty());
  const std::string bytes = bytes_of_all_files(desk.folder.path());
  CHECK(bytes.find("ccn@county.example") == std::string::npos);
  CHECK(bytes.find("Climate Change Network") == std::string::npos);
  CHECK_FALSE(store::check_chain(*desk.store).broken.has_value());
  CHECK(differences_of(desk) == std::vector<std::string>{});
}

TEST_CASE("evidence: what was never known cannot be erased, and what is on its way is waited for") {
  Desk desk(any_store(), {{"2.1", "CCN", "2026-12-31"}});
  Instant when = at("2026-09-01T09:00:00Z");
  const store::OutboxMessage message = desk.await_message(when);
  CHECK_FALSE(desk->erase("nobody", {}, "cli:anna", when).known);
  CHECK(desk.events("erased").empty());
  REQUIRE(desk.claim(message.row, when, when + absl::Minutes(10)));
  CHECK(refusal_of([&] { desk->erase(message.recipient, {}, "cli:anna", when); }).fault == store::StoreFault::conflict);
  CHECK(desk.events("erased").empty());
}

TEST_CASE("evidence: what waits for a leaver never goes, and nothing is sent without its bytes") {
  Desk desk(any_store(), {{"2.1", "CCN", "2026-12-31"}});
  Instant when = at("2026-09-01T09:00:00Z");
  const store::OutboxMessage message = desk.await_message(when);
  desk.deliver(message, when, OutcomeKind::temporary, MessageState::queued);
  CHECK(desk->erase(message.recipient, {}, "cli:anna", when).withdrawn == 1);
  CHECK(desk.state_of(message.row) == MessageState::withdrawn);
  CHECK_FALSE(desk->retry(message.row, when));
  CHECK(desk.queued(when + absl::Hours(48)).empty());
  CHECK(differences_of(desk) == std::vector<std::string>{});
}

TEST_CASE("sqlite: a log from before the chain is chained, and replayed from the state it had") {
  const Folder folder;
  {
    Desk desk(store_kinds().front(), {{"2.1", "CCN", "2026-12-31"}, {"2.2", "KCC", "2026-11-30"}});
    live(desk);
    answer(desk, "2.1", "ccn", chase::ResponseKind::update, at("2027-04-01T08:30:00Z"));
    desk->backup(folder.path() + "/chaser.db");
  }
  tamper(folder.path(),
         "DROP TRIGGER event_not_changed; DROP TRIGGER event_not_removed; UPDATE event SET json = '{}';"
         "DELETE FROM event_words; ALTER TABLE event DROP COLUMN hash; ALTER TABLE event DROP COLUMN seal;"
         "DROP TABLE event_words; ALTER TABLE keeper DROP COLUMN log_events; ALTER TABLE keeper DROP COLUMN log_head;"
         "ALTER TABLE keeper DROP COLUMN log_baseline;"
         // What came after the chain is not there yet either.
         "ALTER TABLE action DROP COLUMN percent; ALTER TABLE action DROP COLUMN extended_day;"
         "ALTER TABLE action DROP COLUMN reopened; ALTER TABLE action DROP COLUMN lineage;"
         "ALTER TABLE action DROP COLUMN last_request; ALTER TABLE assignment DROP COLUMN delegate;"
         "ALTER TABLE assignment DROP COLUMN delegated; ALTER TABLE assignment DROP COLUMN done;"
         "ALTER TABLE pause DROP COLUMN cut; ALTER TABLE response DROP COLUMN percent;"
         "ALTER TABLE response DROP COLUMN due; ALTER TABLE response DROP COLUMN to_party;"
         "ALTER TABLE response DROP COLUMN others; ALTER TABLE response DROP COLUMN evidence;"
         "DROP TABLE dead_address; DROP TABLE request; DROP TABLE blocking; DROP TABLE supplement; DROP TABLE "
         "reported; DROP TABLE reading;"
         "DROP TABLE re_dating; DROP TABLE dependency; DROP TABLE returned; DROP TABLE absence;"
         "DROP INDEX letter_message_id; DROP INDEX notification_unreachable; DROP INDEX response_comment;"
         "DROP INDEX assignment_party; ALTER TABLE look DROP COLUMN when_delivered;"
         "ALTER TABLE notification DROP COLUMN waits_since;"
         "ALTER TABLE notification DROP COLUMN reader; ALTER TABLE notification DROP COLUMN away_until;"
         "ALTER TABLE assignment DROP COLUMN heir_of; ALTER TABLE assignment DROP COLUMN inherited;"
         "CREATE TRIGGER event_not_changed BEFORE UPDATE ON event BEGIN SELECT raise(ABORT, ''); END;"
         "PRAGMA user_version = 1");
  const auto opened = store::open_sqlite(folder.path(), {});
  const store::ChainCheck check = store::check_chain(*opened);
  CHECK_FALSE(check.broken.has_value());
  CHECK(check.events == opened->log_head().events);
  CHECK(store::differences(store::replay(*opened), opened->recorded()) == std::vector<std::string>{});
}
