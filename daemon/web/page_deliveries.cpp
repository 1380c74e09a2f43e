#include <fmt/format.h>

#include <cctype>
#include <charconv>

#include "web/staff.h"
#include "web/words.h"

namespace chaser::web {
namespace {

constexpr std::size_t rows_per_page = 50;
constexpr std::size_t shown_bytes_max = 64 * 1024;

std::optional<store::MessageRow> row_of(const std::string& text) {
  store::MessageRow row = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), row);
  if (error != std::errc() || end != text.data() + text.size() || row < 0) return std::nullopt;
  return row;
}

std::string_view tone_of(store::MessageState state) {
  switch (state) {
    case store::MessageState::accepted:
      return "good";
    case store::MessageState::refused:
    case store::MessageState::needs_attention:
      return "bad";
    case store::MessageState::unknown:
      return "warn";
    case store::MessageState::withdrawn:
      return "plain";
    default:
      return "";
  }
}

View message_view(const store::OutboxMessage& message, const chase::World& world, Instant now) {
  const calendar::Zone zone = home_zone(world);
  View view;
  view.text("n", std::to_string(message.row)).text("path", fmt::format("/deliveries/{}", message.row));
  view.text("to", party_name(message.recipient, world)).text("channel", message.channel);
  view.text("kind", std::string(chase::name_of(message.kind)));
  view.text("state", status_words(store::name_of(message.state))).text("tone", std::string(tone_of(message.state)));
  view.text("tries",
            message.attempts == 0 ? "not tried yet" : counted(static_cast<std::size_t>(message.attempts), "attempt"));
  view.text("outcome", message.last_outcome).text("made", near_time_words(message.created, now, zone));
  if (message.state == store::MessageState::queued) view.text("next", near_time_words(message.not_before, now, zone));
  view.flag("stuck", message.state == store::MessageState::needs_attention);
  std::vector<View> actions;
  for (const store::TellingItem& item : message.items) {
    if (actions.size() == 12) break;
    actions.push_back(View().text("id", item.action).text("path", action_path(item.plan, item.action)));
  }
  view.flag("more_actions", message.items.size() > actions.size());
  return view.list("actions", std::move(actions));
}

/// What is stopped by hand, and the way to let it go.
std::vector<View> stop_views(store::Store& store, const Principal& who) {
  std::vector<View> views;
  for (const store::Stop& stop : store.stops()) {
    const std::string what = !stop.plan.empty()    ? "Plan " + stop.plan
                             : !stop.rule.empty()  ? "Rule " + stop.rule
                             : !stop.party.empty() ? "Everything to " + stop.party
                                                   : "Everything";
    views.push_back(View()
                        .text("what", what)
                        .text("plan", stop.plan)
                        .text("rule", stop.rule)
                        .text("party", stop.party)
                        .text("csrf", who.csrf)
                        .flag("may", who.role >= Role::coordinator));
  }
  return views;
}

Response list(const Staff& staff, const Request& request, const Principal& who) {
  const auto world = staff.site().world();
  const Instant now = staff.site().now();
  const std::string show = request.query_field("show");
  const store::MessageRow before = row_of(request.query_field("before")).value_or(0);
  const Site::Reader store = staff.site().reader();
  const std::string state = show == "stuck"     ? "needs_attention"
                            : show == "waiting" ? "queued"
                            : show == "refused" ? "refused"
                                                : "";
  std::vector<store::OutboxMessage> messages =
      store->messages(state, request.query_field("to"), before, rows_per_page + 1);
  View view;
  if (messages.size() > rows_per_page) {
    messages.resize(rows_per_page);
    view.text("after", fmt::format("/deliveries?show={}&before={}", url_part(show), messages.back().row));
  }
  std::vector<View> rows;
  for (const store::OutboxMessage& message : messages) rows.push_back(message_view(message, *world, now));
  view.flag("has_rows", !rows.empty()).list("rows", std::move(rows));
  std::vector<View> tabs;
  for (const auto& [value, label] :
       {std::pair{"", "All"}, {"stuck", "In need of you"}, {"waiting", "Waiting"}, {"refused", "Refused"}}) {
    tabs.push_back(View()
                       .text("path", *value == '\0' ? "/deliveries" : "/deliveries?show=" + std::string(value))
                       .text("label", label)
                       .flag("here", show == value));
  }
  view.list("tabs", std::move(tabs)).flag("may", who.role >= Role::coordinator).text("csrf", who.csrf);
  auto stops = stop_views(*store, who);
  view.flag("has_stops", !stops.empty()).list("stops", std::move(stops));
  view.flag("saved", !request.query_field("saved").empty());
  return staff.page(who, "Deliveries", "deliveries", render("deliveries", view));
}

Response one(const Staff& staff, const Request& request, const Principal& who) {
  const auto world = staff.site().world();
  const Instant now = staff.site().now();
  const auto row = row_of(request.places.at(0));
  const Site::Reader store = staff.site().reader();
  const auto message = row ? store->message(*row) : std::nullopt;
  if (!message) return staff.error(who, 404);
  View view = message_view(*message, *world, now);
  std::vector<View> attempts;
  for (const store::Attempt& attempt : store->attempts(*row)) {
    View line;
    line.text("n", std::to_string(attempt.number))
        .text("started", near_time_words(attempt.started, now, home_zone(*world)));
    const bool over = attempt.ended.has_value();
    line.text("outcome", over ? status_words(store::name_of(attempt.outcome.kind)) : "under way");
    line.text("said", fmt::format("{} {} {}", attempt.outcome.code == 0 ? "" : std::to_string(attempt.outcome.code),
                                  attempt.outcome.enhanced, attempt.outcome.text));
    line.flag("good", over && attempt.outcome.kind == store::OutcomeKind::accepted)
        .flag("bad", over && attempt.outcome.kind != store::OutcomeKind::accepted);
    attempts.push_back(std::move(line));
  }
  view.flag("has_attempts", !attempts.empty()).list("attempts", std::move(attempts));
  view.text("destination", message->destination).text("message_id", message->message_id);
  view.text("bytes", without_links(message->bytes.substr(0, shown_bytes_max)))
      .flag("cut", message->bytes.size() > shown_bytes_max);
  view.flag("may", who.role >= Role::coordinator)
      .text("csrf", who.csrf)
      .flag("saved", !request.query_field("saved").empty());
  return staff.page(who, fmt::format("Message {}", message->row), "deliveries", render("delivery", view));
}

Response settle(const Staff& staff, const Request& request, const Principal& who, bool retry) {
  const auto row = row_of(request.places.at(0));
  if (!row) return staff.error(who, 404);
  bool done = false;
  staff.change([&](store::Store& store, const chase::World&, Instant now) {
    done = retry ? store.retry(*row, now) : store.drop(*row, who.actor(), now);
    if (!done || !retry) return;
    store::Event event;
    event.at = now;
    event.kind = "retry";
    event.actor = who.actor();
    event.json = fmt::format(R"({{"message":{}}})", *row);
    store.note_event(event);
  });
  if (!done) return staff.error(who, 409, "This message does not wait for that any more.");
  return see_other(fmt::format("/deliveries/{}?saved=1", *row));
}

Response stop(const Staff& staff, const Request& request, const Principal& who, bool release) {
  const auto world = staff.site().world();
  const store::Stop what{request.field("plan"), request.field("rule"), request.field("party")};
  const bool known = (what.plan.empty() || world->find_plan(what.plan) != nullptr) &&
                     (what.party.empty() || world->find_party(what.party) != chase::no_party);
  if (!known) return staff.error(who, 400, "There is no plan or person of that name.");
  staff.change([&](store::Store& store, const chase::World&, Instant now) {
    if (release)
      store.release("stop", what, who.actor(), now);
    else
      store.stop(what, who.actor(), now);
  });
  return see_other("/deliveries?saved=1");
}

}  // namespace

/// Whoever may read a message may not thereby answer for its reader: tokens are cut short.
std::string without_links(std::string text) {
  for (const char* path : {"/a/v1.", "/m/v1.", "/u/v1."}) {
    for (std::size_t at = text.find(path); at != std::string::npos; at = text.find(path, at + 6)) {
      std::size_t end = at + 6;
      // Quoted-printable breaks a token's lines with an equals sign.
      while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '-' ||
                                   text[end] == '_' || text[end] == '.' || text.compare(end, 3, "=\r\n") == 0 ||
                                   text.compare(end - 1, 3, "=\r\n") == 0 || text.compare(end - 2, 3, "=\r\n") == 0))
        ++end;
      text.replace(at + 6, end - at - 6, "…");
    }
  }
  return text;
}

void add_deliveries(Staff& staff) {
  const auto add = [&](const char* method, const char* path, Role role, auto handler) {
    staff.router().add({method, path, role, [&staff, handler](const Request& request, const Principal& who) {
                          return handler(staff, request, who);
                        }});
  };
  add("GET", "/deliveries", Role::viewer, list);
  add("GET", "/deliveries/{message}", Role::viewer, one);
  add("POST", "/deliveries/{message}/retry", Role::coordinator,
      [](const Staff& s, const Request& request, const Principal& who) { return settle(s, request, who, true); });
  add("POST", "/deliveries/{message}/drop", Role::coordinator,
      [](const Staff& s, const Request& request, const Principal& who) { return settle(s, request, who, false); });
  add("POST", "/stops", Role::coordinator,
      [](const Staff& s, const Request& request, const Principal& who) { return stop(s, request, who, false); });
  add("POST", "/stops/release", Role::coordinator,
      [](const Staff& s, const Request& request, const Principal& who) { return stop(s, request, who, true); });
}

}  // namespace chaser::web
