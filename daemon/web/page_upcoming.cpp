#include <fmt/format.h>

#include <map>
#include <set>

#include "calendar/time.h"
#include "web/staff.h"
#include "web/words.h"

namespace chaser::web {
namespace {

constexpr std::size_t rows_max = 600;

/// What one person gets at one instant by one step.
struct Event {
  Instant at;
  std::string to;
  std::string step;
  std::string reason;
  std::set<std::string> channels;
  std::map<std::string, std::string> actions;  // id -> path
};

std::vector<Event> events_of(const Ahead& ahead, const std::string& party) {
  std::vector<Event> events;
  std::map<std::tuple<Instant, std::string, std::string>, std::size_t> known;
  for (const chase::Telling& told : ahead.tellings) {
    if (!party.empty() && told.to != party) continue;
    const std::string step = told.rule + "/" + told.step;
    const auto [place, is_new] = known.try_emplace({told.at, told.to, step}, events.size());
    if (is_new) events.push_back({told.at, told.to, step, told.reason, {}, {}});
    Event& event = events[place->second];
    event.channels.insert(told.channel);
    event.actions[told.action] = action_path(told.plan, told.action);
  }
  return events;
}

View event_view(const Event& event, const chase::World& world, const calendar::Zone& zone) {
  View view;
  view.text("time", absl::FormatTime("%H:%M", event.at, zone)).text("to", party_name(event.to, world));
  view.text("to_path", event.to.starts_with("report:") ? "" : "/people/" + url_part(event.to));
  view.text("step", event.step).text("reason", event.reason);
  std::string channels;
  for (const std::string& channel : event.channels) channels += (channels.empty() ? "" : ", ") + channel;
  std::vector<View> actions;
  for (const auto& [id, path] : event.actions) actions.push_back(View().text("id", id).text("path", path));
  return view.text("channels", channels).list("actions", std::move(actions));
}

Response upcoming(const Staff& staff, const Principal& who) {
  const auto world = staff.site().world();
  const calendar::Zone zone = home_zone(*world);
  View view;
  const auto ahead = staff.outlook().latest();
  view.flag("played", ahead != nullptr);
  if (ahead) {
    const std::vector<Event> events = events_of(*ahead, "");
    std::vector<View> days;
    calendar::CivilDay day;
    for (std::size_t i = 0; i < std::min(events.size(), rows_max); ++i) {
      const calendar::CivilDay of = calendar::day_of(events[i].at, zone);
      if (days.empty() || of != day) {
        day = of;
        days.push_back(View().text("day", calendar::long_day(day)).text("iso", calendar::iso_day(day)));
      }
      days.back().lists["events"].push_back(event_view(events[i], *ahead->world, zone));
    }
    for (View& each : days) each.text("count", counted(each.lists["events"].size(), "message"));
    view.flag("has_days", !days.empty()).list("days", std::move(days));
    view.flag("cut", events.size() > rows_max || ahead->cut).text("all", counted(events.size(), "message"));
    view.text("as_of", near_time_words(ahead->as_of, staff.site().now(), zone));
  }
  return staff.page(who, "Upcoming", "upcoming", render("upcoming", view));
}

}  // namespace

void add_upcoming(Staff& staff) {
  staff.router().add({"GET", "/upcoming", Role::viewer,
                      [&staff](const Request&, const Principal& who) { return upcoming(staff, who); }});
}

}  // namespace chaser::web
