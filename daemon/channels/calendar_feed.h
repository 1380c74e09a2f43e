#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "calendar/time.h"

namespace chaser::channels {

/// One day in somebody's calendar: a due date, a milestone, a review.
struct FeedEvent {
  std::string uid;            // the same for the event's whole life
  std::string summary;        // "Due: Plant trees"
  std::string description;    // lines
  std::string url;            // "" is none
  calendar::CivilDay day;     // the whole of it
  std::int32_t sequence = 0;  // higher after every change
  calendar::Instant changed;  // the last time that what it says changed
};

/// All that is one person's.
struct CalendarFeed {
  std::string name;  // "Deadlines of Kent County Council"
  std::vector<FeedEvent> events;
};

/// Beyond these the latest are left out.
inline constexpr std::size_t feed_events_max = 2'000;

/// The feed as an iCalendar object (RFC 5545, 7986) that calendar programs subscribe to: all-day events that leave
/// people bookable, nobody invited, never empty. The same feed gives the same bytes. Pure. Source:
/// research/delivery.md §E.
std::string to_icalendar(const CalendarFeed& feed);

}  // namespace chaser::channels
