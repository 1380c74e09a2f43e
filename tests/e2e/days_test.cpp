// The real program, a pass a day, over real SMTP and a real webhook: what it sends is what the forecast says.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <random>

#include "e2e/site.h"
#include "support/catch.h"

using namespace chaser;
using calendar::CivilDay;
using test::Site;
using test::Told;

namespace {

std::string joined(const std::vector<Told>& lines) {
  std::string text;
  for (const Told& line : lines) text += test::to_string(line) + "\n";
  return text;
}

/// Lines of `left` that `right` lacks.
std::string missing(const std::vector<Told>& left, const std::vector<Told>& right) {
  std::vector<Told> lines;
  std::ranges::set_difference(left, right, std::back_inserter(lines));
  return joined(lines);
}

std::vector<std::string> days_of(const std::vector<Told>& lines, const std::string& action, const std::string& rule) {
  std::vector<std::string> found;
  for (const Told& line : lines) {
    if (line.action == action && line.rule == rule) found.push_back(line.at.substr(0, 10) + " " + line.step);
  }
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

/// The days on which the rule `deadline` speaks about action 2.1.
const std::vector<CivilDay> spoken{CivilDay(2026, 10, 6), CivilDay(2026, 12, 22), CivilDay(2026, 12, 31),
                                   CivilDay(2027, 1, 8),  CivilDay(2027, 1, 22),  CivilDay(2027, 1, 29),
                                   CivilDay(2027, 2, 5),  CivilDay(2027, 2, 26),  CivilDay(2027, 3, 30)};

const CivilDay first{2026, 9, 1};
const CivilDay last{2027, 4, 30};

}  // namespace

TEST_CASE("days: a pass a day sends over SMTP and Teams what the forecast says, each once", "[slow]") {
  const Site site;
  const std::vector<Told> expected = site.forecast("2026-09-01", "2027-04-30");
  site.pass_days(first, last);
  const std::vector<Told> got = site.told();
  INFO("forecast but not sent:\n" << missing(expected, got) << "sent but not forecast:\n" << missing(got, expected));
  CHECK(expected == got);
  CHECK(std::ranges::adjacent_find(got) == got.end());
  CHECK(days_of(got, "2.1", "deadline") ==
        std::vector<std::string>{"2026-10-06 heads-up", "2026-12-22 due-soon", "2026-12-31 due", "2027-01-08 overdue",
                                 "2027-01-22 overdue", "2027-01-29 superior", "2027-02-05 overdue",
                                 "2027-02-26 coordinator", "2027-03-30 exceptions"});
  // Each letter of the ledger arrived once, at its recipient, with its date, and names its actions.
  std::map<std::string, test::Received> arrived;
  for (const test::Received& mail : site.mail().received()) {
    CHECK(arrived.emplace(mail.message_id, mail).second);
  }
  const auto letters =
      site.ask("SELECT l.message_id FROM message m JOIN letter l ON l.message = m.id WHERE m.channel = 'email'");
  CHECK(letters.size() == arrived.size());
  for (const std::string& id : letters) CHECK(arrived.contains(id));
  const auto cards = site.ask("SELECT count(*) FROM message WHERE channel = 'teams' AND state = 'accepted'");
  CHECK(cards.front() == std::to_string(site.teams().posted().size()));
  for (const test::Posted& card : site.teams().posted()) CHECK(card.faults.empty());
  CHECK(site.ask("SELECT count(*) FROM message WHERE state <> 'accepted'").front() == "0");
  CHECK(site.ask("SELECT count(*) FROM notification WHERE state IN ('pending', 'composed')").front() == "0");
}

namespace {

/// What was told, by what it is: the instants it went at.
std::map<Told, std::string> by_what(const std::vector<Told>& lines) {
  std::map<Told, std::string> found;
  for (Told line : lines) {
    std::string at;
    std::swap(at, line.at);
    found.emplace(line, at);
  }
  return found;
}

/// What went at all in `got` is in `whole`, no later there; what did not go was superseded or has lapsed.
void check_only_later(const std::vector<Told>& whole, const Site& site) {
  const auto expected = by_what(whole);
  const auto got = by_what(site.told());
  for (const auto& [what, at] : got) {
    INFO(test::to_string(what) << " at " << at);
    REQUIRE(expected.contains(what));
    CHECK(expected.at(what) <= at);
  }
  CHECK(site.ask("SELECT rule, step, state FROM notification WHERE state NOT IN ('delivered', 'recorded', "
                 "'superseded', 'lapsed')") == std::vector<std::string>{});
}

}  // namespace

TEST_CASE("days: a day skipped, or passed twice, changes no notification", "[slow]") {
  const Site whole;
  whole.pass_days(first, last);
  const std::set<std::string> keys = whole.keys();
  const std::vector<Told> told = whole.told();
  REQUIRE(keys.size() > 100);
  for (const CivilDay day : spoken) {
    const Site site;
    site.pass_days(first, last, {day});
    INFO("skipped " << day);
    CHECK(site.keys() == keys);
    check_only_later(told, site);
  }
  const Site twice;
  for (CivilDay day = first; day <= last; ++day) {
    twice.pass(day);
    twice.pass(day);
  }
  CHECK(twice.keys() == keys);
  CHECK(twice.told() == told);
}

TEST_CASE("days: however the time is split, the notifications are the same", "[slow]") {
  const CivilDay end = last + 60;
  const Site whole;
  whole.pass_days(first, end);
  const std::set<std::string> keys = whole.keys();
  const std::vector<Told> told = whole.told();
  for (unsigned seed = 1; seed <= 10; ++seed) {
    std::mt19937 random(seed);
    std::set<CivilDay> skipped;
    for (CivilDay day = first + 1; day <= last; ++day) {
      if (random() % 100 < 10 * seed) skipped.insert(day);
    }
    const Site site;
    site.pass_days(first, end, skipped);
    INFO("seed " << seed);
    CHECK(site.keys() == keys);
    check_only_later(told, site);
  }
}

TEST_CASE("days: down from 28 January to 6 February, the superior is told, not the last repeat", "[slow]") {
  const Site site;
  std::set<CivilDay> down;
  for (CivilDay day(2027, 1, 28); day <= CivilDay(2027, 2, 6); ++day) down.insert(day);
  site.pass_days(first, CivilDay(2027, 2, 19), down);
  const auto days = days_of(site.told(), "2.1", "deadline");
  CHECK(days == std::vector<std::string>{"2026-10-06 heads-up", "2026-12-22 due-soon", "2026-12-31 due",
                                         "2027-01-08 overdue", "2027-01-22 overdue", "2027-02-08 superior"});
  CHECK(site.ask("SELECT n.step, n.ordinal, n.state FROM notification n JOIN action a ON a.id = n.action WHERE a.name "
                 "= '2.1' AND"
                 " n.rule = 'deadline' AND n.step = 'overdue' AND n.ordinal = 2") ==
        std::vector<std::string>{"overdue 2 superseded"});
}

TEST_CASE("days: a first start on 23 November 2026 is a meeting, not a flood", "[slow]") {
  const Site site;
  const std::vector<Told> expected = site.forecast("2026-11-23", "2027-04-30");
  site.pass_days(CivilDay(2026, 11, 23), last);
  const std::vector<Told> got = site.told();
  INFO("forecast but not sent:\n" << missing(expected, got) << "sent but not forecast:\n" << missing(got, expected));
  CHECK(expected == got);
  // The steps missed by then go once, in a digest, at most ten a person in the first week.
  std::map<std::string, int> first_week;
  for (const Told& line : got) {
    if (line.at < "2026-11-30") ++first_week[line.to];
  }
  for (const auto& [to, count] : first_week) CHECK(count <= 10);
  CHECK(site.ask("SELECT count(*) FROM notification WHERE first_meeting = 1 AND deliver <> 'digest'").front() == "0");
}

TEST_CASE("days: two years of the shipped rules, a pass a day: each message is the forecast's, and none else",
          "[slow]") {
  const Site site;
  const std::vector<Told> expected = site.forecast("2026-09-01", "2028-08-31");
  site.pass_days(first, CivilDay(2028, 8, 31));
  const std::vector<Told> got = site.told();
  INFO("forecast but not sent:\n" << missing(expected, got) << "sent but not forecast:\n" << missing(got, expected));
  REQUIRE(expected.size() > 200);
  CHECK(expected == got);
}

TEST_CASE("days: a forecast from the stored state says what the rest of the year brings", "[slow]") {
  const Site site;
  site.pass_days(first, CivilDay(2027, 1, 15));
  const std::vector<Told> expected = site.forecast("2027-01-16", "2027-04-30", false);
  site.pass_days(CivilDay(2027, 1, 16), last);
  std::vector<Told> got = site.told();
  std::erase_if(got, [](const Told& line) { return line.at < "2027-01-16"; });
  INFO("forecast but not sent:\n" << missing(expected, got) << "sent but not forecast:\n" << missing(got, expected));
  CHECK(expected == got);
}
