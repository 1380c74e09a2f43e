#include "channels/calendar_feed.h"

#include <libical/ical.h>

#include "support/catch.h"

using namespace chaser;
using namespace chaser::channels;

namespace {

FeedEvent event() {
  FeedEvent made;
  made.uid = "due.kent.2.1@chaser.example";
  made.summary = "Due: 2.1 Plant trees";
  made.description = "Kent; a plan, action 2.1\nTimescale: 2026";
  made.day = calendar::CivilDay(2026, 12, 31);
  made.sequence = 3;
  made.changed = absl::FromUnixSeconds(1'793'527'200);  // 2026-11-01T10:00:00Z
  return made;
}

CalendarFeed feed(std::vector<FeedEvent> events) {
  return {"Deadlines of A. Lead", std::move(events)};
}

bool has_line(const std::string& text, const std::string& line) {
  return text.find("\r\n" + line + "\r\n") != std::string::npos;
}

/// Lines as they were before folding.
std::string unfolded(std::string text) {
  for (std::size_t at = text.find("\r\n "); at != std::string::npos; at = text.find("\r\n ", at)) text.erase(at, 3);
  return text;
}

int errors_in(const std::string& text) {
  icalcomponent* const parsed = icalparser_parse_string(text.c_str());
  REQUIRE(parsed != nullptr);
  const int errors = icalcomponent_count_errors(parsed) + (icalrestriction_check(parsed) == 1 ? 0 : 1);
  icalcomponent_free(parsed);
  return errors;
}

}  // namespace

TEST_CASE("feed: a due date is an all-day event that keeps its identity, its count and the time of its last change") {
  const std::string text = to_icalendar(feed({event()}));
  INFO(text);
  for (const char* line : {"VERSION:2.0", "CALSCALE:GREGORIAN", "NAME:Deadlines of A. Lead",
                           "X-WR-CALNAME:Deadlines of A. Lead", "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
                           "X-PUBLISHED-TTL:PT1H", "BEGIN:VEVENT", "UID:due.kent.2.1@chaser.example", "SEQUENCE:3",
                           "DTSTAMP:20261101T100000Z", "LAST-MODIFIED:20261101T100000Z", "DTSTART;VALUE=DATE:20261231",
                           "DTEND;VALUE=DATE:20270101", "SUMMARY:Due: 2.1 Plant trees", "TRANSP:TRANSPARENT"}) {
    INFO(line);
    CHECK(has_line(text, line));
  }
  CHECK(errors_in(text) == 0);
}

TEST_CASE("feed: nobody is invited, and the same feed is the same bytes") {
  const std::string text = to_icalendar(feed({event()}));
  for (const char* word : {"ATTENDEE", "ORGANIZER", "METHOD", "VALARM"}) CHECK(text.find(word) == std::string::npos);
  CHECK(to_icalendar(feed({event()})) == text);
}

TEST_CASE("feed: without an event it still has a component") {
  const std::string text = to_icalendar(feed({}));
  CHECK(has_line(text, "BEGIN:VTIMEZONE"));
  CHECK(errors_in(text) == 0);
}

TEST_CASE("feed: what a plan says becomes no property of its own, and lines are folded within 75 octets") {
  FeedEvent made = event();
  made.summary = "Due: a\r\nATTENDEE:mailto:evil@example.org\n; , \\";
  made.uid = "due.\r\nX: y@chaser.example";
  for (int i = 0; i < 60; ++i) made.description += "Bäume pflanzen, ";
  made.description += '\x07';
  const std::string text = to_icalendar(feed({made}));
  INFO(text);
  CHECK(text.find("\r\nATTENDEE") == std::string::npos);
  CHECK(text.find("\r\nX:") == std::string::npos);
  CHECK(text.find('\x07') == std::string::npos);
  CHECK(unfolded(text).find("SUMMARY:Due: a ATTENDEE:mailto:evil@example.org \\; \\, \\\\\r\n") != std::string::npos);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find("\r\n", at);
    REQUIRE(end != std::string::npos);
    CHECK(end - at <= 75);
    at = end + 2;
  }
  CHECK(errors_in(text) == 0);
}

TEST_CASE("feed: beyond its limit the latest are left out") {
  std::vector<FeedEvent> events(feed_events_max + 5, event());
  const std::string text = to_icalendar(feed(std::move(events)));
  std::size_t count = 0;
  for (std::size_t at = text.find("BEGIN:VEVENT"); at != std::string::npos; at = text.find("BEGIN:VEVENT", at + 1))
    ++count;
  CHECK(count == feed_events_max);
}
