#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "calendar/time.h"
#include "web/muting.h"
#include "web/staff.h"
#include "web/standing.h"
#include "web/words.h"

namespace chaser::web {
namespace {

constexpr std::size_t people_max = 500;
constexpr int weeks = 6;

calendar::CivilDay monday_of(calendar::CivilDay day) {
  return day - calendar::weekday_index(day);
}

/// How many messages each gets in each of the next weeks: at one instant by one step is one.
std::map<std::string, std::vector<int>> load_of(const Ahead& ahead, calendar::CivilDay today,
                                                const calendar::Zone& zone) {
  std::map<std::string, std::vector<int>> load;
  std::map<std::pair<std::string, std::string>, Instant> last;
  for (const chase::Telling& told : ahead.tellings) {
    const auto week = (calendar::day_of(told.at, zone) - monday_of(today)) / 7;
    if (week < 0 || week >= weeks) continue;
    const auto [seen, is_new] = last.try_emplace({told.to, told.rule + "/" + told.step + "/" + told.channel}, told.at);
    if (!is_new && seen->second == told.at) continue;
    seen->second = told.at;
    auto& counts = load[told.to];
    counts.resize(weeks);
    ++counts[static_cast<std::size_t>(week)];
  }
  return load;
}

std::string away_words(const plan::Party* party, calendar::CivilDay today) {
  if (party == nullptr) return "";
  for (const plan::Absence& absence : party->absences) {
    if (absence.to < today) continue;
    if (absence.from <= today) return "away until " + day_words(absence.to);
    if (absence.from <= today + 14) return "away from " + day_words(absence.from);
  }
  return "";
}

std::vector<View> troubles(const chase::Person& person, const plan::Party* party, const Muted& muted,
                           calendar::CivilDay today) {
  std::vector<View> views;
  const auto add = [&](std::string words, const char* tone) {
    views.push_back(View().text("words", std::move(words)).text("tone", tone));
  };
  if (person.vacant)
    add("vacant", "bad");
  else if (person.recipients.empty())
    add("cannot be reached", "bad");
  if (std::string away = away_words(party, today); !away.empty()) add(std::move(away), "warn");
  if (muted.contains(person.id)) add("no digests", "plain");
  return views;
}

Response list(const Staff& staff, const Principal& who) {
  const auto world = staff.site().world();
  const calendar::Zone zone = home_zone(*world);
  const calendar::CivilDay today = calendar::day_of(staff.site().now(), zone);
  const auto ahead = staff.outlook().latest();
  const auto load = ahead ? load_of(*ahead, today, zone) : std::map<std::string, std::vector<int>>();
  const Site::Reader store = staff.site().reader();
  const Muted muted = read_muted(*store);
  std::map<std::string, store::PartyCount> counts;
  for (store::PartyCount& count : store->count_assignments(*world, today)) counts[count.party] = count;
  std::vector<View> rows;
  for (const chase::Person& person : world->persons()) {
    const auto count = counts.find(person.id);
    const auto own = load.find(person.id);
    if (person.is_report || (count == counts.end() && own == load.end())) continue;
    if (rows.size() == people_max) break;
    View row;
    row.text("name", person.name).text("path", "/people/" + url_part(person.id));
    row.text("open", count == counts.end() ? "0" : std::to_string(count->second.open));
    if (count != counts.end() && count->second.late > 0) row.text("late", fmt::format("{} late", count->second.late));
    std::vector<View> cells;
    for (int week = 0; week < weeks; ++week) {
      const int messages = own == load.end() ? 0 : own->second[static_cast<std::size_t>(week)];
      cells.push_back(View()
                          .text("n", messages == 0 ? "–" : std::to_string(messages))
                          .text("label", absl::FormatCivilTime(monday_of(today) + 7 * week).substr(5))
                          .flag("many", messages > 5));
    }
    row.list("weeks", std::move(cells))
        .list("troubles", troubles(person, world->directory().find(person.id), muted, today));
    rows.push_back(std::move(row));
  }
  View view;
  std::vector<View> heads;
  for (int week = 0; week < weeks; ++week)
    heads.push_back(
        View().text("label", absl::FormatTime("%-d %b", absl::FromCivil(monday_of(today) + 7 * week, zone), zone)));
  view.list("heads", std::move(heads))
      .flag("has_rows", !rows.empty())
      .list("rows", std::move(rows))
      .flag("played", ahead != nullptr);
  return staff.page(who, "People", "people", render("people", view));
}

Response one(const Staff& staff, const Request& request, const Principal& who) {
  const auto world = staff.site().world();
  const Instant now = staff.site().now();
  const chase::PartyIndex index = world->find_party(request.places.at(0));
  if (index == chase::no_party || world->person(index).is_report) return staff.error(who, 404);
  const chase::Person& person = world->person(index);
  const calendar::CivilDay today = calendar::day_of(now, person.zone);
  const Site::Reader store = staff.site().reader();
  const Muted muted = read_muted(*store);
  View view;
  view.text("name", person.name)
      .text("id", person.id)
      .text("email", person.contact.email)
      .text("teams", person.contact.teams);
  view.list("troubles", troubles(person, world->directory().find(person.id), muted, today));
  std::vector<View> through;
  for (const chase::PartyIndex each : person.recipients)
    if (each != index && through.size() < 30)
      through.push_back(
          View().text("name", world->person(each).name).text("path", "/people/" + url_part(world->person(each).id)));
  view.flag("has_through", !through.empty()).list("through", std::move(through));
  if (person.superior != chase::no_party) view.text("superior", world->person(person.superior).name);
  if (person.deputy != chase::no_party) view.text("deputy", world->person(person.deputy).name);
  store::ActionQuery wanted;
  wanted.parties = {person.id};
  std::vector<View> rows;
  const store::ActionPage page = store->list_actions(wanted, *world);
  for (const store::LoadedAction& action : page.actions) rows.push_back(action_view(action.state, *world, today));
  view.text("count", counted(page.count, "action")).flag("has_rows", !rows.empty()).list("rows", std::move(rows));
  view.flag("muted", muted.contains(person.id)).text("csrf", who.csrf).text("path", "/people/" + url_part(person.id));
  view.flag("may", who.role >= Role::coordinator).flag("admin", who.role >= Role::admin);
  view.flag("has_links", !staff.site().settings().link_keys.empty())
      .flag("saved", !request.query_field("saved").empty());
  return staff.page(who, person.name, "people", render("person", view));
}

Response change(const Staff& staff, const Request& request, const Principal& who, bool links) {
  const std::string& party = request.places.at(0);
  if (staff.site().world()->find_party(party) == chase::no_party) return staff.error(who, 404);
  staff.change([&](store::Store& store, const chase::World&, Instant now) {
    if (links)
      revoke_links(store, party, who.actor(), now);
    else
      set_muted(store, party, request.field("digests") == "off", who.actor(), now);
  });
  return see_other("/people/" + url_part(party) + "?saved=1");
}

}  // namespace

void add_people(Staff& staff) {
  staff.router().add(
      {"GET", "/people", Role::viewer, [&staff](const Request&, const Principal& who) { return list(staff, who); }});
  staff.router().add({"GET", "/people/{party}", Role::viewer,
                      [&staff](const Request& request, const Principal& who) { return one(staff, request, who); }});
  staff.router().add(
      {"POST", "/people/{party}/digests", Role::coordinator,
       [&staff](const Request& request, const Principal& who) { return change(staff, request, who, false); }});
  staff.router().add(
      {"POST", "/people/{party}/links", Role::admin,
       [&staff](const Request& request, const Principal& who) { return change(staff, request, who, true); }});
}

}  // namespace chaser::web
