#include "plan/meetings.h"

#include <fmt/format.h>
#include <libical/ical.h>

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "documents/characters.h"
#include "documents/yaml.h"

namespace chaser::plan {
namespace {

using documents::MappingReader;
using documents::Problems;
using documents::Source;
using documents::YamlNode;

constexpr int last_year = 2045;
constexpr std::size_t name_characters_max = 200;

std::string name_of(std::string_view text) {
  const std::string_view trimmed = documents::trimmed(text);
  return std::string(documents::first_characters(trimmed, name_characters_max));
}

struct ComponentEnd {
  void operator()(icalcomponent* component) const { icalcomponent_free(component); }
};

/// Collects the events of one calendar.
class Calendar {
 public:
  Calendar(const Source& source, const calendar::Zone& zone, Problems& problems)
      : source_{source}, zone_{zone}, problems_{problems} {}

  std::vector<Meeting> read() {
    const std::unique_ptr<icalcomponent, ComponentEnd> root{icalparser_parse_string(source_.text().c_str())};
    if (!root) {
      problems_.error(source_.name(), "is no iCalendar file: BEGIN:VCALENDAR ... END:VCALENDAR is missing");
      return {};
    }
    each_event(*root, [&](icalcomponent& event) { note_moved(event); });
    each_event(*root, [&](icalcomponent& event) { read_event(event); });
    return std::move(meetings_);
  }

 private:
  template <typename Visit>
  void each_event(icalcomponent& root, Visit visit) {
    if (icalcomponent_isa(&root) == ICAL_VEVENT_COMPONENT) return visit(root);
    for (icalcomponent* part = icalcomponent_get_first_component(&root, ICAL_ANY_COMPONENT); part != nullptr;
         part = icalcomponent_get_next_component(&root, ICAL_ANY_COMPONENT)) {
      if (icalcomponent_isa(part) == ICAL_VEVENT_COMPONENT) visit(*part);
      if (icalcomponent_isa(part) == ICAL_VCALENDAR_COMPONENT) each_event(*part, visit);
    }
  }

  /// A time in UTC falls on the plan's day; one with a zone of its own or none is taken as it is written.
  CivilDay day_of(const icaltimetype& time) const {
    if (time.is_date == 0 && icaltime_is_utc(time) != 0) {
      const absl::CivilSecond utc(time.year, time.month, time.day, time.hour, time.minute, time.second);
      return calendar::day_of(absl::FromCivil(utc, absl::UTCTimeZone()), zone_);
    }
    return CivilDay(time.year, time.month, time.day);
  }

  static std::string uid_of(icalcomponent& event) {
    const char* const uid = icalcomponent_get_uid(&event);
    return uid == nullptr ? "" : uid;
  }

  /// An instance that was moved or changed stands as an event of its own; it is not to come from the recurrence too.
  void note_moved(icalcomponent& event) {
    const icaltimetype moved = icalcomponent_get_recurrenceid(&event);
    if (icaltime_is_null_time(moved) == 0) moved_.emplace(uid_of(event), day_of(moved));
  }

  void read_event(icalcomponent& event) {
    const icaltimetype start = icalcomponent_get_dtstart(&event);
    if (icaltime_is_null_time(start) != 0 || icaltime_is_valid_time(start) == 0) {
      problems_.warning(source_.name(),
                        fmt::format("the event \"{}\" has no start (DTSTART) and is left out", summary_of(event)));
      return;
    }
    if (icalcomponent_get_status(&event) == ICAL_STATUS_CANCELLED) return;
    const bool is_moved = icaltime_is_null_time(icalcomponent_get_recurrenceid(&event)) == 0;
    icalproperty* const rule = icalcomponent_get_first_property(&event, ICAL_RRULE_PROPERTY);
    if (is_moved || rule == nullptr) return add(event, day_of(start));
    const icalrecurrencetype recurrence = icalproperty_get_rrule(rule);
    const std::set<CivilDay> taken_out = exceptions_of(event);
    icalrecur_iterator* const iterator = icalrecur_iterator_new(recurrence, start);
    if (iterator == nullptr) {
      problems_.error(source_.name(),
                      fmt::format("the event \"{}\" has a recurrence (RRULE) that cannot be read", summary_of(event)));
      return;
    }
    const std::string uid = uid_of(event);
    while (meetings_.size() < meetings_max) {
      const icaltimetype next = icalrecur_iterator_next(iterator);
      if (icaltime_is_null_time(next) != 0 || next.year > last_year) break;
      const CivilDay day = day_of(next);
      if (!taken_out.contains(day) && !moved_.contains({uid, day})) add(event, day);
    }
    icalrecur_iterator_free(iterator);
  }

  std::set<CivilDay> exceptions_of(icalcomponent& event) const {
    std::set<CivilDay> days;
    for (icalproperty* out = icalcomponent_get_first_property(&event, ICAL_EXDATE_PROPERTY); out != nullptr;
         out = icalcomponent_get_next_property(&event, ICAL_EXDATE_PROPERTY)) {
      days.insert(day_of(icalproperty_get_exdate(out)));
    }
    return days;
  }

  static std::string summary_of(icalcomponent& event) {
    const char* const summary = icalcomponent_get_summary(&event);
    return summary == nullptr ? "" : name_of(summary);
  }

  void add(icalcomponent& event, CivilDay day) {
    if (meetings_.size() < meetings_max) meetings_.push_back({day, summary_of(event), std::nullopt});
  }

  const Source& source_;
  const calendar::Zone& zone_;
  Problems& problems_;
  std::set<std::pair<std::string, CivilDay>> moved_;
  std::vector<Meeting> meetings_;
};

std::optional<CivilDay> day_at(MappingReader& keys, std::string_view key, const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  const auto day = calendar::parse_iso_day(*text);
  if (!day) keys.error_at(key, fmt::format("\"{}\" is a day such as 2026-12-01; got \"{}\"", key, *text));
  return day;
}

std::vector<Meeting> read_list(const YamlNode& root, const Source& source, Problems& problems) {
  std::vector<Meeting> meetings;
  MappingReader keys{root, source, problems, "the meetings' file"};
  if (!keys.is_valid()) return meetings;
  keys.integer("version", 1, 1);
  const YamlNode* const list = keys.required("meetings");
  keys.finish();
  if (list == nullptr) return meetings;
  if (!list->is_sequence() || list->items.size() > meetings_max) {
    problems.error(source, list->at, fmt::format("\"meetings\" is a list of up to {}", meetings_max),
                   {"such as meetings: [{ on: 2026-12-01, name: Cabinet committee }]"});
    return meetings;
  }
  for (const YamlNode& item : list->items) {
    MappingReader entry{item, source, problems, "a meeting"};
    if (!entry.is_valid()) continue;
    const auto on = day_at(entry, "on", entry.required_text("on"));
    const std::string name = name_of(entry.text("name").value_or(""));
    const auto cutoff = day_at(entry, "cutoff", entry.text("cutoff"));
    if (on && cutoff && *cutoff > *on) entry.error_at("cutoff", "the cut-off cannot come after the meeting");
    entry.finish();
    if (on) meetings.push_back({*on, name, cutoff});
  }
  return meetings;
}

}  // namespace

std::vector<Meeting> read_meetings(const Source& source, const calendar::Zone& zone, Problems& problems) {
  if (source.text().size() > meetings_bytes_max) {
    problems.error(source.name(), "is longer than 1 MiB: give the meetings of this plan alone");
    return {};
  }
  std::vector<Meeting> meetings;
  if (documents::trimmed(source.text()).starts_with("BEGIN:VCALENDAR")) {
    meetings = Calendar(source, zone, problems).read();
  } else if (const auto root = documents::parse_yaml(source, problems)) {
    meetings = read_list(*root, source, problems);
  }
  std::ranges::stable_sort(meetings, {}, &Meeting::day);
  return meetings;
}

}  // namespace chaser::plan
