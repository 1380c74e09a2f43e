// What pages list: actions by what is asked of them, people and their counts, messages by number, key and state.
#include "given.h"
#include "support/catch.h"

using namespace given;

namespace {

std::vector<std::string> ids(const store::ActionPage& page) {
  std::vector<std::string> found;
  for (const store::LoadedAction& action : page.actions) found.push_back(action.state.facts.id);
  return found;
}

std::vector<Row> rows_of_five() {
  return {{"1.1", "KCC", "2026-08-31"},
          {"1.2", "CCN", "2026-12-31", "in_progress"},
          {"1.3", "KCC;CCN", "2026-12-31", "done"},
          {"1.4", "Nobody we know", "2026-12-31"},
          {"1.5", "KCC", "2027-03-31"}};
}

using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE("listing: actions are found by status, party, date, words and what is unclear, in the plan's order") {
  Desk desk(any_store(), rows_of_five());
  const auto listed = [&](const store::ActionQuery& wanted) { return ids(desk->list_actions(wanted, *desk.world)); };
  CHECK(listed({}) == Ids{"1.1", "1.2", "1.3", "1.4", "1.5"});
  CHECK(listed({.plan = "elsewhere"}).empty());
  CHECK(listed({.status = "in_progress"}) == Ids{"1.2"});
  CHECK(listed({.open_only = true}) == Ids{"1.1", "1.2", "1.4", "1.5"});
  CHECK(listed({.parties = {"ccn"}}) == Ids{"1.2", "1.3"});
  CHECK(listed({.parties = {"ccn", "kcc"}, .open_only = true}) == Ids{"1.1", "1.2", "1.5"});
  CHECK(listed({.due_before = day("2026-12-31")}) == Ids{"1.1"});
  CHECK(listed({.due_before = day("2027-01-01")}) == Ids{"1.1", "1.2", "1.3", "1.4"});
  CHECK(listed({.words = "NOBODY we"}) == Ids{"1.4"});
  CHECK(listed({.words = "%"}).empty());
  CHECK(listed({.unclear = true}) == Ids{"1.4"});
}

TEST_CASE("listing: a page says how many there are in all, and is never of more than a hundred") {
  std::vector<Row> rows;
  for (int i = 100; i < 230; ++i) rows.push_back({std::to_string(i), "KCC", "2026-12-31"});
  Desk desk(any_store(), rows);
  store::ActionQuery wanted;
  wanted.limit = 1'000;
  CHECK(desk->list_actions(wanted, *desk.world).actions.size() == 100);
  wanted.offset = 125;
  const store::ActionPage last = desk->list_actions(wanted, *desk.world);
  CHECK(last.count == 130);
  CHECK(ids(last) == Ids{"225", "226", "227", "228", "229"});
}

TEST_CASE("listing: counts are by section and status, and by party, past dates apart") {
  Desk desk(any_store(), rows_of_five());
  std::size_t actions = 0;
  std::size_t past = 0;
  for (const store::StatusCount& count : desk->count_actions("county", day("2026-09-01"))) {
    actions += count.actions;
    past += count.past;
  }
  CHECK(actions == 5);
  CHECK(past == 1);
  for (const store::PartyCount& count : desk->count_assignments(*desk.world, day("2026-09-01"))) {
    INFO(count.party);
    if (count.party == "kcc") CHECK((count.open == 2 && count.late == 1));
    if (count.party == "ccn") CHECK((count.open == 1 && count.late == 0));
  }
}

TEST_CASE("listing: a message is found by its number and by half its key, newest first in lists") {
  Desk desk(any_store(), {{"2.1", "CCN", "2026-12-31"}});
  Instant now = at("2026-12-22T10:00:00Z");
  const store::OutboxMessage message = desk.await_message(now);
  CHECK(desk->message(message.row)->key == message.key);
  CHECK_FALSE(desk->message(message.row + 1'000));
  CHECK(desk->message_of_key(message.key.substr(0, 32))->row == message.row);
  CHECK_FALSE(desk->message_of_key(std::string(32, '0')));
  CHECK_FALSE(desk->message_of_key(message.key));
  CHECK_FALSE(desk->message_of_key(std::string(31, 'a') + "g"));
  const auto queued = desk->messages("queued", "", 0, 10);
  REQUIRE(queued.size() == 2);
  CHECK(queued.front().row > queued.back().row);
  CHECK(queued.back().row == message.row);
  CHECK(desk->messages("accepted", "", 0, 10).empty());
  CHECK(desk->messages("", "nobody", 0, 10).empty());
  CHECK(desk->messages("", "", message.row, 10).size() < desk->messages("", "", 0, 10).size());
  CHECK_FALSE(desk->count_cases().empty());
}
