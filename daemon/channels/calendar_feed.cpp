#include "channels/calendar_feed.h"

#include <libical/ical.h>

#include <algorithm>
#include <memory>

namespace chaser::channels {
namespace {

struct FreeComponent {
  void operator()(icalcomponent* component) const { icalcomponent_free(component); }
};
using Component = std::unique_ptr<icalcomponent, FreeComponent>;

constexpr const char* refresh_every = "PT1H";

/// Control characters have no place in a calendar's text but the line's end.
std::string plain(const std::string& text) {
  std::string clean;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n' || (byte >= 0x20 && byte != 0x7f)) clean += c;
  }
  return clean;
}

/// One line: what a summary or a name is.
std::string line(const std::string& text) {
  std::string clean = plain(text);
  std::replace(clean.begin(), clean.end(), '\n', ' ');
  return clean;
}

void add_extension(icalcomponent* to, const char* name, const std::string& value) {
  icalproperty* const property = icalproperty_new_x(value.c_str());
  icalproperty_set_x_name(property, name);
  icalcomponent_add_property(to, property);
}

icaltimetype date(calendar::CivilDay day) {
  icaltimetype time = icaltime_null_date();
  time.year = static_cast<int>(day.year());
  time.month = day.month();
  time.day = day.day();
  return time;
}

icaltimetype moment(calendar::Instant at) {
  return icaltime_from_timet_with_zone(static_cast<time_t>(absl::ToUnixSeconds(at)), 0,
                                       icaltimezone_get_utc_timezone());
}

icalcomponent* event_of(const FeedEvent& event) {
  icalcomponent* const made = icalcomponent_new(ICAL_VEVENT_COMPONENT);
  const auto add = [&](icalproperty* property) { icalcomponent_add_property(made, property); };
  add(icalproperty_new_uid(line(event.uid).c_str()));
  // In what is published it says when the event changed, not when it was asked for: the bytes stay the same.
  add(icalproperty_new_dtstamp(moment(event.changed)));
  add(icalproperty_new_lastmodified(moment(event.changed)));
  add(icalproperty_new_sequence(event.sequence));
  add(icalproperty_new_dtstart(date(event.day)));
  add(icalproperty_new_dtend(date(event.day + 1)));
  add(icalproperty_new_summary(line(event.summary).c_str()));
  if (!event.description.empty()) add(icalproperty_new_description(plain(event.description).c_str()));
  if (!event.url.empty()) add(icalproperty_new_url(line(event.url).c_str()));
  add(icalproperty_new_transp(ICAL_TRANSP_TRANSPARENT));
  return made;
}

/// An object needs a component, and a zone is the one that shows nothing.
icalcomponent* universal_time() {
  icalcomponent* const zone = icalcomponent_new(ICAL_VTIMEZONE_COMPONENT);
  icalcomponent_add_property(zone, icalproperty_new_tzid("Etc/UTC"));
  icalcomponent* const standard = icalcomponent_new(ICAL_XSTANDARD_COMPONENT);
  icaltimetype begin = icaltime_null_time();
  begin.year = 1970;
  begin.month = begin.day = 1;
  icalcomponent_add_property(standard, icalproperty_new_dtstart(begin));
  icalcomponent_add_property(standard, icalproperty_new_tzoffsetfrom(0));
  icalcomponent_add_property(standard, icalproperty_new_tzoffsetto(0));
  icalcomponent_add_component(zone, standard);
  return zone;
}

}  // namespace

std::string to_icalendar(const CalendarFeed& feed) {
  const Component object(icalcomponent_new(ICAL_VCALENDAR_COMPONENT));
  const auto add = [&](icalproperty* property) { icalcomponent_add_property(object.get(), property); };
  add(icalproperty_new_version("2.0"));
  add(icalproperty_new_prodid("-//Chaser//Deadlines 1.0//EN"));
  add(icalproperty_new_calscale("GREGORIAN"));
  const std::string name = line(feed.name);
  add(icalproperty_new_name(name.c_str()));
  add_extension(object.get(), "X-WR-CALNAME", name);
  icalproperty* const refresh = icalproperty_new_refreshinterval(icaldurationtype_from_string(refresh_every));
  icalproperty_add_parameter(refresh, icalparameter_new_value(ICAL_VALUE_DURATION));
  add(refresh);
  add_extension(object.get(), "X-PUBLISHED-TTL", refresh_every);
  if (feed.events.empty()) icalcomponent_add_component(object.get(), universal_time());
  const std::size_t count = std::min(feed.events.size(), feed_events_max);
  for (std::size_t i = 0; i < count; ++i) icalcomponent_add_component(object.get(), event_of(feed.events[i]));
  char* const text = icalcomponent_as_ical_string_r(object.get());
  std::string written(text);
  icalmemory_free_buffer(text);
  return written;
}

}  // namespace chaser::channels
