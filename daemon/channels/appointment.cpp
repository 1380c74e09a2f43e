#include "channels/appointment.h"

#include <libical/ical.h>

#include <memory>

namespace chaser::channels {
namespace {

struct FreeComponent {
  void operator()(icalcomponent* component) const { icalcomponent_free(component); }
};
using Component = std::unique_ptr<icalcomponent, FreeComponent>;

struct FreeBuffer {
  void operator()(char* text) const { icalmemory_free_buffer(text); }
};

icaltimetype day_of(calendar::CivilDay day) {
  icaltimetype time = icaltime_null_date();
  time.year = static_cast<int>(day.year());
  time.month = day.month();
  time.day = day.day();
  return time;
}

icaltimetype instant_of(calendar::Instant at) {
  const absl::CivilSecond second = absl::ToCivilSecond(at, absl::UTCTimeZone());
  icaltimetype time = icaltime_null_time();
  time.year = static_cast<int>(second.year());
  time.month = second.month();
  time.day = second.day();
  time.hour = second.hour();
  time.minute = second.minute();
  time.second = second.second();
  time.zone = icaltimezone_get_utc_timezone();
  return time;
}

// The component owns what is added to it.
void add_event(icalcomponent* calendar, const Appointment& appointment, const std::string& organizer,
               const std::string& organizer_name, calendar::Instant now) {
  icalcomponent* const event = icalcomponent_new_vevent();
  icalcomponent_add_component(calendar, event);
  const auto add = [&](icalproperty* property) { icalcomponent_add_property(event, property); };
  add(icalproperty_new_uid(appointment.uid.c_str()));
  add(icalproperty_new_dtstamp(instant_of(now)));
  add(icalproperty_new_sequence(appointment.change));
  icalproperty* const by = icalproperty_new_organizer(("mailto:" + organizer).c_str());
  icalproperty_add_parameter(by, icalparameter_new_cn(organizer_name.c_str()));
  add(by);
  add(icalproperty_new_dtstart(day_of(appointment.day)));
  add(icalproperty_new_dtend(day_of(appointment.day + 1)));
  add(icalproperty_new_summary(appointment.title.c_str()));
  if (!appointment.text.empty()) add(icalproperty_new_description(appointment.text.c_str()));
  if (!appointment.url.empty()) add(icalproperty_new_url(appointment.url.c_str()));
  add(icalproperty_new_transp(ICAL_TRANSP_TRANSPARENT));
}

}  // namespace

std::string calendar_of(const std::vector<Appointment>& appointments, const std::string& organizer,
                        const std::string& organizer_name, calendar::Instant now) {
  const Component calendar(icalcomponent_new_vcalendar());
  icalcomponent_add_property(calendar.get(), icalproperty_new_version("2.0"));
  icalcomponent_add_property(calendar.get(), icalproperty_new_prodid("-//Chaser//Deadlines 1.0//EN"));
  icalcomponent_add_property(calendar.get(), icalproperty_new_calscale("GREGORIAN"));
  icalcomponent_add_property(calendar.get(), icalproperty_new_method(ICAL_METHOD_PUBLISH));
  for (const Appointment& appointment : appointments) {
    add_event(calendar.get(), appointment, organizer, organizer_name, now);
  }
  const std::unique_ptr<char, FreeBuffer> text(icalcomponent_as_ical_string_r(calendar.get()));
  return text ? text.get() : "";
}

}  // namespace chaser::channels
