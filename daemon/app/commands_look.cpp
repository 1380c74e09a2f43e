#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/opening.h"
#include "app/pass.h"
#include "app/reporting.h"
#include "chase/explain.h"
#include "store/evidence.h"
#include "store/sqlite_store.h"
#include "web/shapes.h"

namespace chaser::app {

namespace {

using nlohmann::ordered_json;

constexpr std::size_t rows_default = 200;
constexpr std::size_t explained_events = 5;
constexpr std::size_t rows_max = 100'000;

std::string dump(const ordered_json& value) {
  return value.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

std::size_t number(const Invocation& invocation, std::string_view option, std::size_t otherwise) {
  const auto text = invocation.value(option);
  if (!text) return otherwise;
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size() || value > rows_max) {
    refuse(fmt::format("{} needs a number up to {}; got \"{}\"", option, rows_max, *text));
  }
  return value;
}

std::string time_words(const std::optional<Instant>& at) {
  if (!at || *at >= absl::InfiniteFuture()) return "-";
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", *at, absl::LocalTimeZone());
}

/// The present of a store: of a scripted one what its clock has seen.
Instant present(store::Store& store) {
  const auto seen = store.clock_high_water();
  return store.status().scripted && seen ? *seen : Clock().now();
}

/// The inputs and a store to read, or the reason why not, told.
struct Looking {
  Inputs inputs;
  ReadingView view;
};
std::optional<Looking> look(const Invocation& invocation, Terminal& terminal) {
  std::string alarm;  // it was told; the status shows the service's own
  auto inputs = open_inputs_or_last_good(invocation, terminal, false, alarm);
  if (!inputs) return std::nullopt;
  documents::Problems problems;
  ReadingView view = open_reading(*inputs, Clock(), problems);
  return Looking{*std::move(inputs), std::move(view)};
}

/// Words that people wrote, on the event's own line.
std::string words_of(const store::Event& event) {
  if (event.seal.empty()) return "";
  if (event.words.empty()) return " (its words were erased)";
  return " " + ordered_json(event.words).dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace

Exit status_command(const Invocation& invocation, Terminal& terminal) {
  const auto looking = look(invocation, terminal);
  if (!looking) return Exit::problems;
  store::Store& store = *looking->view.store;
  const absl::Duration dead_for = absl::FromChrono(looking->inputs.settings.dead_address_for);
  const Instant now = present(store);
  if (invocation.wants_json()) {
    terminal.out << dump(web::status_shape(store, dead_for, now));
    return Exit::fine;
  }
  const store::StoreStatus status = store.status();
  const std::string alarm = store.kept("alarm").value_or("");
  const std::string inbox = store.kept("inbox_trouble").value_or("");
  terminal.out << fmt::format(
      "{} in {}, {} of them ongoing ({} %), {}\n{} to be composed, {} to be delivered, {} in need of a person\noldest "
      "unsent  {}\nlast pass      {}\n"
      "next look      {}\nnext compose   {}\nnext retry     {}\nlog            {}, head {}\n",
      counted(status.actions, "action"), counted(status.plans, "plan"), status.ongoing,
      status.actions == 0 ? 0 : (100 * status.ongoing + status.actions / 2) / status.actions,
      counted(status.open_cases, "open case"), counted(status.pending, "notification"),
      counted(status.queued, "message"), status.needs_attention, time_words(status.oldest_unsent),
      time_words(status.last_pass), time_words(status.next_look), time_words(status.next_compose),
      time_words(status.next_retry), counted(static_cast<std::size_t>(status.log.events), "event"), status.log.hash);
  for (const store::DeadAddress& each : store.dead_addresses(now - dead_for)) {
    terminal.out << fmt::format("no mail to     {}: {} since {}\n", each.recipient, each.said, time_words(each.since));
  }
  if (!inbox.empty()) terminal.out << "inbox          cannot be read: " << inbox << "\n";
  if (!alarm.empty()) terminal.out << "ALARM          " << alarm << "\n";
  return Exit::fine;
}

Exit log_command(const Invocation& invocation, Terminal& terminal) {
  if (invocation.has("--action") && !invocation.has("--plan")) refuse("--action needs --plan");
  const auto looking = look(invocation, terminal);
  if (!looking) return Exit::problems;
  const auto events = looking->view.store->events(
      invocation.value("--plan").value_or(""), invocation.value("--action").value_or(""),
      static_cast<std::int64_t>(number(invocation, "--after", 0)), number(invocation, "--limit", rows_default));
  if (invocation.wants_json()) {
    ordered_json rows = ordered_json::array();
    for (const store::Event& event : events) rows.push_back(web::shape_of(event));
    terminal.out << dump(rows);
    return Exit::fine;
  }
  for (const store::Event& event : events) {
    terminal.out << fmt::format("{:>6}  {}  {:<14} {:<20} {:<12} {}{}\n", event.sequence, time_words(event.at),
                                event.kind, event.action.empty() ? event.plan : event.plan + "/" + event.action,
                                event.actor, event.json, words_of(event));
  }
  return Exit::fine;
}

Exit verify_command(const Invocation& invocation, Terminal& terminal) {
  const auto looking = look(invocation, terminal);
  if (!looking) return Exit::problems;
  store::Store& store = *looking->view.store;
  const store::ChainCheck check = store::check_chain(store, invocation.value("--head").value_or(""));
  std::vector<std::string> found;
  if (invocation.has("--replay")) found = store::differences(store::replay(store), store.recorded());
  const Exit exit = check.broken || !found.empty() ? Exit::problems : Exit::fine;
  if (invocation.wants_json()) {
    terminal.out << dump({{"whole", !check.broken},
                          {"events", check.events},
                          {"head", check.head},
                          {"broken", check.broken ? ordered_json(*check.broken) : ordered_json(nullptr)},
                          {"noted_at", check.noted_at ? ordered_json(*check.noted_at) : ordered_json(nullptr)},
                          {"differences", found}});
    return exit;
  }
  const std::string events = counted(static_cast<std::size_t>(check.events), "event");
  terminal.out << (check.broken ? fmt::format("BROKEN after {}: {}\n", events, *check.broken)
                                : fmt::format("The log is whole: {}, head {}\n", events, check.head));
  if (check.noted_at) terminal.out << fmt::format("The noted head is that of event {}.\n", *check.noted_at);
  for (const std::string& difference : found) terminal.out << difference << "\n";
  if (invocation.has("--replay") && found.empty()) terminal.out << "Played again, it gives what the tables say.\n";
  return exit;
}

Exit outbox_command(const Invocation& invocation, Terminal& terminal) {
  const auto looking = look(invocation, terminal);
  if (!looking) return Exit::problems;
  const auto messages =
      looking->view.store->outbox(number(invocation, "--limit", rows_default), !invocation.has("--all"));
  if (invocation.wants_json()) {
    ordered_json rows = ordered_json::array();
    for (const store::OutboxMessage& message : messages) rows.push_back(web::shape_of(message));
    terminal.out << dump(rows);
    return Exit::fine;
  }
  if (messages.empty()) terminal.out << "No message waits.\n";
  for (const store::OutboxMessage& message : messages) {
    std::string actions;
    for (const auto& item : message.items) actions += (actions.empty() ? "" : ", ") + item.action;
    terminal.out << fmt::format("{:>6}  {:<15} {:<20} {:<6} {:<9} {:<20} tries {}  next {}  {}\n", message.row,
                                store::name_of(message.state), message.recipient, message.channel,
                                chase::name_of(message.kind), actions, message.attempts, time_words(message.not_before),
                                message.last_outcome);
  }
  return Exit::fine;
}

Exit explain_command(const Invocation& invocation, Terminal& terminal) {
  const auto [plan, id] = plan_and_action(invocation.words.at(0));
  const Clock clock = clock_of(invocation);
  const auto looking = look(invocation, terminal);
  if (!looking) return Exit::problems;
  const auto action = looking->view.store->load_action(plan, id, *looking->view.world);
  if (!action) {
    terminal.err << "chaser: there is no action " << invocation.words[0] << "\n";
    return Exit::problems;
  }
  Instant now = clock.now();
  // A scripted store's present is the last instant it has seen.
  if (!clock.is_scripted() && looking->view.store->status().scripted) {
    now = looking->view.store->clock_high_water().value_or(now);
  }
  const chase::Explanation explanation = chase::explain(
      action->state, *looking->view.world, now, explained_events,
      brakes_of(*looking->view.store, *looking->view.world, looking->view.store->kept("clock_held") == "yes", now));
  const calendar::Zone& zone = action->state.plan->zone;
  terminal.out << (invocation.wants_json() ? chase::to_json(explanation, zone) : chase::to_text(explanation, zone));
  return Exit::fine;
}

}  // namespace chaser::app
