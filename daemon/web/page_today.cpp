#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "channels/wording.h"
#include "web/staff.h"
#include "web/words.h"

namespace chaser::web {
namespace {

constexpr std::size_t rows_max = 50;
constexpr std::size_t next_rows_max = 20;

View action_link(const std::string& plan, const std::string& action) {
  return View().text("path", action_path(plan, action)).text("id", action);
}

/// What a coordinator must do, an entry each, most urgent first.
std::vector<View> needs(const store::StoreStatus& status, store::Store& store, const chase::World& world) {
  std::vector<View> entries;
  const auto add = [&](std::string words, std::string path, std::string link, bool urgent) {
    entries.push_back(View()
                          .text("words", std::move(words))
                          .text("path", std::move(path))
                          .text("link", std::move(link))
                          .flag("urgent", urgent));
  };
  if (const auto alarm = store.kept("alarm"); alarm && !alarm->empty()) add(*alarm, "/rules", "See the rules", true);
  if (store.kept("clock_held") == "yes")
    add("Sending is held: the clock may be wrong.", "/deliveries", "See what waits", true);
  for (const store::Stop& stop : store.stops()) {
    const std::string what = !stop.plan.empty()    ? "plan " + stop.plan
                             : !stop.rule.empty()  ? "rule " + stop.rule
                             : !stop.party.empty() ? "everything to " + stop.party
                                                   : "everything";
    add("Stopped by hand: " + what + ".", "/deliveries", "See what waits", true);
  }
  if (status.needs_attention > 0) {
    add(counted(status.needs_attention, "message") + " could not be delivered.", "/deliveries?show=stuck",
        "Retry or give up", true);
  }
  if (const std::size_t asked = store.requests("", "", true, 1'000).size(); asked > 0)
    add(counted(asked, "request") + (asked == 1 ? " waits for a word." : " wait for a word."), "/decisions", "Decide",
        false);
  store::ActionQuery unclear;
  unclear.unclear = true;
  unclear.open_only = true;
  unclear.limit = 1;
  if (const std::size_t count = store.list_actions(unclear, world).count; count > 0)
    add(counted(count, "action") + (count == 1 ? " has" : " have") + " a date or an owner that is not clear.",
        "/decisions", "See which", false);
  return entries;
}

std::vector<View> sent_rows(store::Store& store, const chase::World& world, Instant now) {
  std::vector<View> rows;
  for (const auto& record : store.notifications("", "", 4 * rows_max)) {
    if (record.state == "lapsed" || record.state == "superseded" || record.state == "pending") continue;
    if (rows.size() == next_rows_max) break;
    const Instant at = record.sent.value_or(record.decided);
    View row = action_link(record.plan, record.action);
    row.text("when", near_time_words(at, now, zone_of(record.plan, world)));
    row.text("to", party_name(record.recipient, world)).text("step", record.rule + "/" + record.step);
    row.text("outcome", record.reason.empty() ? record.state : record.state + ": " + record.reason);
    row.flag("good", record.state == "delivered").flag("bad", record.state == "unreachable");
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<View> waiting_rows(store::Store& store, const chase::World& world, Instant now) {
  std::vector<View> rows;
  for (const auto& message : store.outbox(rows_max, true)) {
    View row;
    std::vector<View> actions;
    for (const auto& item : message.items) {
      if (actions.size() == 6) break;
      actions.push_back(action_link(item.plan, item.action));
    }
    row.list("actions", std::move(actions));
    row.text("to", party_name(message.recipient, world)).text("channel", message.channel);
    row.text("state", status_words(store::name_of(message.state)));
    row.text("tries",
             message.attempts == 0 ? "not tried yet" : counted(static_cast<std::size_t>(message.attempts), "try"));
    row.text("outcome", message.last_outcome).text("next", near_time_words(message.not_before, now, home_zone(world)));
    row.text("path", fmt::format("/deliveries/{}", message.row));
    row.flag("bad", message.state == store::MessageState::needs_attention);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<View> held_rows(store::Store& store, const chase::World& world, Instant now) {
  std::vector<View> rows;
  for (const auto& hold : store.holds("", "", rows_max)) {
    View row = action_link(hold.plan, hold.action);
    row.text("step", hold.rule + (hold.step.empty() ? "" : "/" + hold.step));
    row.text("who", hold.recipient.empty() ? "" : party_name(hold.recipient, world));
    row.text("reason", chase::describe(hold.reason));
    const calendar::Zone zone = zone_of(hold.plan, world);
    row.text("since", near_time_words(hold.since, now, zone));
    row.text("until",
             hold.until && *hold.until < absl::InfiniteFuture() ? near_time_words(*hold.until, now, zone) : "");
    rows.push_back(std::move(row));
  }
  return rows;
}

/// What is told by one step at one instant for one reason.
struct Group {
  const chase::Telling* first = nullptr;
  std::map<std::string, std::string> actions;  // id -> plan
  std::vector<std::string> to;

  bool is_of(const chase::Telling& told) const {
    return first->at == told.at && first->rule == told.rule && first->step == told.step;
  }
  bool is_like(const Group& other) const {
    return is_of(*other.first) && first->reason == other.first->reason && actions == other.actions;
  }
};

/// A group for what one person is told by one step at one instant; those who come after enough others are left out.
std::vector<Group> by_person(const Ahead& ahead, std::size_t groups_max) {
  std::vector<Group> groups;
  for (const chase::Telling& told : ahead.tellings) {
    const auto same = std::find_if(groups.begin(), groups.end(),
                                   [&](const Group& group) { return group.first->to == told.to && group.is_of(told); });
    if (same != groups.end()) {
      same->actions.emplace(told.action, told.plan);
    } else if (groups.size() < groups_max) {
      groups.push_back({&told, {{told.action, told.plan}}, {party_name(told.to, *ahead.world)}});
    } else {
      break;
    }
  }
  return groups;
}

/// A row for all who are told the same: a class of thirteen teams is one.
std::vector<View> next_rows(const Ahead& ahead, Instant now) {
  std::vector<Group> groups;
  for (Group& each : by_person(ahead, 10 * next_rows_max)) {
    const auto like =
        std::find_if(groups.begin(), groups.end(), [&](const Group& group) { return group.is_like(each); });
    if (like != groups.end())
      like->to.push_back(std::move(each.to.front()));
    else
      groups.push_back(std::move(each));
  }
  if (groups.size() > next_rows_max) groups.resize(next_rows_max);
  std::vector<View> rows;
  for (const Group& group : groups) {
    View row;
    std::vector<View> actions;
    for (const auto& [action, plan] : group.actions) actions.push_back(action_link(plan, action));
    row.list("actions", std::move(actions)).text("step", group.first->rule + "/" + group.first->step);
    row.text("when", near_time_words(group.first->at, now, zone_of(group.first->plan, *ahead.world)));
    row.text("to", channels::listed_shortly(group.to)).text("why", group.first->reason);
    rows.push_back(std::move(row));
  }
  return rows;
}

/// What waits is a message in the outbox, or a notification whose window is still closed.
std::string nothing_waits(const store::StoreStatus& status, const chase::World& world, Instant now) {
  if (status.pending == 0) return "Nothing waits: every message that was due has gone.";
  const std::string opening =
      status.next_compose ? "; the first opens " + near_time_words(*status.next_compose, now, home_zone(world)) : "";
  return fmt::format("No message is on its way. {} {} for sending windows to open{}.",
                     counted(status.pending, "notification"), status.pending == 1 ? "waits" : "wait", opening);
}

Response today(const Staff& staff, const Principal& who) {
  const auto world = staff.site().world();
  const Instant now = staff.site().now();
  View view;
  {
    const Site::Reader store = staff.site().reader();
    const store::StoreStatus status = store->status();
    view.text("summary", fmt::format("{} in {}, {}", counted(status.actions, "action"), counted(status.plans, "plan"),
                                     counted(status.open_cases, "open case")));
    view.text("nothing_waits", nothing_waits(status, *world, now));
    view.list("needs", needs(status, *store, *world));
    view.list("waiting", waiting_rows(*store, *world, now));
    view.list("sent", sent_rows(*store, *world, now));
    view.list("held", held_rows(*store, *world, now));
    view.flag("no_plan", status.plans == 0);
  }
  if (const auto ahead = staff.outlook().latest()) {
    view.list("next", next_rows(*ahead, now)).flag("played");
    view.text("as_of", near_time_words(ahead->as_of, now, home_zone(*world)));
  }
  for (const char* list : {"needs", "waiting", "sent", "held", "next"})
    view.flag(std::string("has_") + list, !view.lists[list].empty());
  view.text("date", absl::FormatTime("%A %-d %B %Y", now, home_zone(*world)));
  return staff.page(who, "Today", "today", render("today", view));
}

}  // namespace

void add_today(Staff& staff) {
  staff.router().add(
      {"GET", "/", Role::viewer, [&staff](const Request&, const Principal& who) { return today(staff, who); }});
}

}  // namespace chaser::web
