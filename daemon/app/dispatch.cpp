#include "app/dispatch.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "channels/retry.h"
#include "chase/forecast.h"
#include "rulebook/rulebook.h"
#include "web/access.h"

namespace chaser::app {

namespace {

/// Long enough for the slowest server's last word; leases matter only to a second process.
constexpr absl::Duration lease = absl::Minutes(20);
constexpr std::size_t claims_per_commit = 64;
/// A message this young was decided in the same pass or the one before: nothing can have changed that would not have
/// withdrawn it.
constexpr absl::Duration surely_true = absl::Seconds(60);
/// An outcome waits at most so long for another mark to go to the disk with.
constexpr std::chrono::milliseconds outcome_waits_max{20};
/// Only a message of few items tells what follows from silence.
constexpr std::size_t explained_items_max = 5;
/// Instants ahead in which the reader and who stands above them are looked for.
constexpr std::size_t told_ahead = 4;

/// More actions than these are read one by one: a round of long digests stays small.
constexpr std::size_t actions_read_at_once = 256;

/// Messages of unknown fate that are looked at together.
constexpr std::size_t resolved_at_once = 100;

/// What is carried and is no message: no row of the store is below nothing.
bool is_heartbeat(store::MessageRow message) {
  return message < 0;
}

channels::GateSettings gate_settings(const Settings& settings) {
  channels::GateSettings gate;
  gate.recipient = settings.per_person;
  if (settings.email && settings.email->type == EmailChannel::Type::smtp) {
    gate.email = settings.email->smtp.per_minute;
    gate.email_day = settings.email->smtp.per_day;
  }
  if (!settings.teams) return gate;
  // Files in a folder are no flows of anybody.
  const bool is_real = settings.teams->type == TeamsChannel::Type::workflows;
  gate.teams = is_real ? settings.teams->workflows.rate : channels::Rate{};
  for (const auto& [name, flow] : settings.teams->workflows.channels) gate.owners[name] = flow.owner;
  return gate;
}

/// Deciding withdraws what it decided; that an action has ended or changed hands is looked at before sending alone.
bool has_to_be_true(const store::TellingItem& item, const store::OutboxMessage& message, Instant now) {
  const bool is_fresh = message.created + surely_true > now;
  const bool is_note = item.rule == rulebook::closed_rule || item.rule == rulebook::handed_over_rule ||
                       item.rule == rulebook::inherited_rule;
  return !is_fresh || is_note;
}

}  // namespace

Dispatch::Dispatch(Engine& engine, std::vector<std::unique_ptr<channels::Channel>> channels, Log& log, Post post,
                   std::function<Instant()> now, std::function<void()> settled, Attempted attempted,
                   channels::Carriage carriage, PostLater post_later)
    : engine_(engine),
      log_(log),
      post_(std::move(post)),
      post_later_(std::move(post_later)),
      now_(std::move(now)),
      settled_(std::move(settled)),
      attempted_(std::move(attempted)),
      gate_(gate_settings(engine.inputs().settings)),
      heartbeats_(engine),
      courier_(std::move(channels), callbacks(), carriage) {}

channels::Courier::Callbacks Dispatch::callbacks() {
  channels::Courier::Callbacks callbacks;
  callbacks.begin_body = [this](store::MessageRow message) {
    if (is_heartbeat(message)) return true;
    std::promise<bool> answer;
    std::future<bool> said = answer.get_future();
    {
      const std::lock_guard lock(mutex_);
      begins_.push_back({message, std::move(answer)});
    }
    cross();
    return said.get();
  };
  callbacks.finished = [this](store::MessageRow message, store::Outcome outcome, bool goes_on) {
    {
      const std::lock_guard lock(mutex_);
      ended_.push_back({message, std::move(outcome)});
    }
    return goes_on && post_later_ ? cross_soon() : cross();
  };
  callbacks.returned = [this](store::MessageRow message) {
    {
      const std::lock_guard lock(mutex_);
      returned_.push_back(message);
    }
    cross();
  };
  return callbacks;
}

/// One crossing is under way at a time: what comes meanwhile goes along with it.
void Dispatch::cross() {
  {
    const std::lock_guard lock(mutex_);
    if (crossing_) return;
    crossing_ = true;
  }
  post_([this] { take_crossings(); });
}

/// An outcome goes along with the beginning of its session's next body, in one commit; that is near, but for a server
/// that hangs.
void Dispatch::cross_soon() {
  {
    const std::lock_guard lock(mutex_);
    if (crossing_soon_) return;
    crossing_soon_ = true;
  }
  post_later_(outcome_waits_max, [this] {
    {
      const std::lock_guard lock(mutex_);
      crossing_soon_ = false;
    }
    if (!crossings_are_empty()) take_crossings();
  });
}

bool Dispatch::crossings_are_empty() const {
  const std::lock_guard lock(mutex_);
  return begins_.empty() && ended_.empty() && returned_.empty();
}

void Dispatch::take_crossings() {
  std::vector<Begin> begins;
  std::vector<Ended> ended;
  std::vector<store::MessageRow> returned;
  {
    const std::lock_guard lock(mutex_);
    begins.swap(begins_);
    ended.swap(ended_);
    returned.swap(returned_);
    crossing_ = false;
  }
  // Handed back at a stop: claimed without a byte gone, so the next start queues it again.
  for (const store::MessageRow message : returned) in_flight_.erase(message);
  record(std::move(ended), std::move(begins));
  if (!returned.empty()) settled_();
}

std::vector<store::Store::Finish> Dispatch::finishes_of(const std::vector<Ended>& ended, Instant now) {
  std::vector<store::Store::Finish> finished;
  for (const Ended& each : ended) {
    if (is_heartbeat(each.message)) beaten(each, now);
    const auto flying = in_flight_.find(each.message);
    if (flying == in_flight_.end()) continue;
    gate_.heard(passage_of(flying->second), each.outcome, now);
    if (each.outcome.kind == store::OutcomeKind::accepted && flying->second.channel == "teams") {
      note_alive(flying->second.destination, now);
    }
    finished.push_back({each.message, each.outcome, disposition_of(flying->second, each.outcome, now)});
  }
  return finished;
}

/// What a session has heard is on the disk before its next body begins: a death leaves one unknown a session, not two.
void Dispatch::record(std::vector<Ended> ended, std::vector<Begin> begins) {
  if (ended.empty() && begins.empty()) return;
  const Instant now = now_();
  const std::vector<store::Store::Finish> finished = finishes_of(ended, now);
  std::vector<store::MessageRow> rows;
  for (const Begin& begin : begins) rows.push_back(begin.message);
  std::vector<bool> begun(begins.size(), false);
  bool is_recorded = true;
  try {
    begun = engine_.store().finish_and_begin(finished, rows, now);
  } catch (const store::StoreError& failure) {
    is_recorded = false;
    if (!begins.empty()) {
      log_.error(fmt::format("marking messages as on their way failed: {}; they do not go now and are tried again",
                             failure.what()));
    }
    if (!finished.empty()) {
      log_.error(fmt::format("recording {} outcomes failed: {}; nothing more is sent until it succeeds", ended.size(),
                             failure.what()));
    }
  }
  for (std::size_t i = 0; i < begins.size(); ++i) begins[i].answer.set_value(begun[i]);
  if (finished.empty()) return;
  if (!is_recorded) {
    std::move(ended.begin(), ended.end(), std::back_inserter(unrecorded_));
    settled_();
    return;
  }
  const bool any_refused = std::any_of(finished.begin(), finished.end(), [](const store::Store::Finish& each) {
    return each.disposition.state == store::MessageState::refused;
  });
  if (any_refused) tell_unreachable(now);
  for (const store::Store::Finish& each : finished) {
    report(in_flight_.at(each.message), each.outcome, each.disposition);
    in_flight_.erase(each.message);
  }
  settled_();
}

channels::Gate::Passage Dispatch::passage_of_heartbeat(const std::string& place) {
  const auto found = std::find(beaten_places_.begin(), beaten_places_.end(), place);
  const auto index = found - beaten_places_.begin();
  if (found == beaten_places_.end()) beaten_places_.push_back(place);
  return {-1 - index, "teams", place, ""};
}

std::optional<Instant> Dispatch::next_beat(const chase::Brakes& brakes, Instant now) {
  return brakes.stopped_all || brakes.clock_held ? std::nullopt : heartbeats_.next(now);
}

void Dispatch::beat(const chase::Brakes& brakes, Instant now) {
  if (brakes.stopped_all || brakes.clock_held) return;
  for (const std::string& place : heartbeats_.due(now)) {
    if (courier_.free_slots("teams") == 0) return;
    const channels::Gate::Passage passage = passage_of_heartbeat(place);
    if (const auto until = gate_.waits(passage, now)) {
      heartbeats_.waits(place, *until);
      continue;
    }
    gate_.goes(passage, now);
    heartbeats_.goes(place, now);
    channels::Parcel parcel;
    parcel.message = passage.message;
    parcel.key = rulebook::sha256_hex("heartbeat " + place + calendar::rfc3339(now, absl::UTCTimeZone()));
    parcel.bytes = channels::heartbeat_card();
    parcel.destination = place;
    courier_.carry("teams", std::move(parcel));
    log_.info("a sign of life goes to the Teams channel " + place);
  }
}

void Dispatch::beaten(const Ended& ended, Instant now) {
  const std::string place = beaten_places_.at(static_cast<std::size_t>(-1 - ended.message));
  gate_.heard(passage_of_heartbeat(place), ended.outcome, now);
  if (ended.outcome.kind == store::OutcomeKind::accepted) return note_alive(place, now);
  log_.error(fmt::format("the Teams channel {} did not take its sign of life: {} {}; tried again in a day", place,
                         ended.outcome.code, ended.outcome.text));
}

/// If it fails, a sign of life goes that was not needed.
void Dispatch::note_alive(const std::string& place, Instant now) {
  try {
    heartbeats_.heard(place, now);
  } catch (const store::StoreError& failure) {
    log_.error(fmt::format("noting that the Teams channel {} took a card failed: {}", place, failure.what()));
  }
}

/// If it fails it is told at the next refusal, or at the next start.
void Dispatch::tell_unreachable(Instant now) {
  try {
    engine_.store().tell_unreachable(engine_.world(), now);
  } catch (const store::StoreError& failure) {
    log_.error(fmt::format("telling of those whom nothing reached failed: {}", failure.what()));
  }
}

void Dispatch::record_again() {
  record(std::exchange(unrecorded_, {}));
}

store::Disposition Dispatch::disposition_of(const store::OutboxMessage& message, const store::Outcome& outcome,
                                            Instant now) const {
  store::Disposition disposition = channels::disposition(message, outcome, now);
  const absl::Duration use_by = absl::FromChrono(engine_.inputs().settings.use_by);
  if (disposition.state == store::MessageState::queued && disposition.not_before > message.created + use_by) {
    disposition.state = store::MessageState::needs_attention;
  }
  // One that may have arrived goes no other way: a person looks.
  const bool in_doubt = outcome.kind == store::OutcomeKind::unknown;
  const bool is_given_up =
      disposition.state == store::MessageState::refused || disposition.state == store::MessageState::needs_attention;
  // A flow that is off stays off until somebody mends it, and nobody reads there meanwhile; a relay is everybody's.
  const bool flow_is_broken = outcome.kind == store::OutcomeKind::channel_broken && message.channel == "teams";
  if (in_doubt || (!is_given_up && !flow_is_broken)) return disposition;
  disposition.fall_back_to = other_way(message);
  if (!disposition.fall_back_to.empty()) disposition.state = store::MessageState::refused;
  return disposition;
}

void Dispatch::report(const store::OutboxMessage& message, const store::Outcome& outcome,
                      const store::Disposition& disposition) {
  const std::string what = fmt::format("message={} channel={} to={} kind={} items={}", message.row, message.channel,
                                       message.recipient, chase::name_of(message.kind), message.items.size());
  const std::string answer = fmt::format("{} {} {}", outcome.code, outcome.enhanced, outcome.text);
  if (attempted_) attempted_(message.channel, store::name_of(outcome.kind));
  switch (disposition.state) {
    case store::MessageState::accepted:
      ++counts_.accepted;
      log_.info("accepted " + what);
      return;
    case store::MessageState::queued:
      ++counts_.retried;
      // Nothing goes until somebody mends it: for the administrator to see.
      if (gate_.is_broken(passage_of(message), now_())) {
        log_.error(fmt::format("the channel is held, tried again {} {}: {}",
                               calendar::rfc3339(disposition.not_before, absl::UTCTimeZone()), what, answer));
        return;
      }
      log_.warning(fmt::format("not delivered, tried again {} {}: {}",
                               calendar::rfc3339(disposition.not_before, absl::UTCTimeZone()), what, answer));
      return;
    default:
      ++counts_.failed;
      log_.error(fmt::format("{} {}: {}; {}", store::name_of(disposition.state), what, answer,
                             disposition.fall_back_to.empty() ? "see \"chaser outbox\""
                                                              : "goes by " + disposition.fall_back_to + " instead"));
  }
}

void Dispatch::recover(Instant now) {
  engine_.store().reap(now, true);
  tell_unreachable(now);
  // Also those that an earlier start found and did not live to resolve.
  std::vector<store::OutboxMessage> found = engine_.store().messages("unknown", "", 0, resolved_at_once);
  while (!found.empty()) {
    for (const store::OutboxMessage& message : found) resolve(message, now);
    found = engine_.store().messages("unknown", "", found.back().row, resolved_at_once);
  }
}

void Dispatch::resolve(const store::OutboxMessage& message, Instant now) {
  const store::Outcome outcome{store::OutcomeKind::unknown, 0, "", "the service ended while it was on its way", {}};
  // As it was when this attempt began, whose ending is counted already.
  store::OutboxMessage before = message;
  before.doubts = std::max(0, before.doubts - 1);
  const store::Disposition next = channels::disposition(before, outcome, now);
  const bool resend = next.state == store::MessageState::queued;
  engine_.store().resolve_unknown(message.row, resend, next.not_before, now);
  log_.warning(fmt::format("message={} channel={} to={} was on its way when the service ended; {}", message.row,
                           message.channel, message.recipient,
                           resend ? "it goes once more" : "it needs a person: see \"chaser outbox\""));
}

DispatchCounts Dispatch::take_counts() {
  return std::exchange(counts_, {});
}

std::vector<store::OutboxMessage> Dispatch::next_messages(Instant now) {
  std::map<std::string, std::size_t> free;
  std::vector<std::string> open;
  std::size_t wanted = 0;
  for (const std::string& channel : courier_.channels()) {
    courier_.use_sessions(channel, gate_.sessions(channel, now));
    // A claim is a commit: until half of the slots are free the sessions have enough to do.
    const std::size_t unclaimed = courier_.free_slots(channel);
    if (2 * unclaimed < courier_.slots(channel)) continue;
    const std::size_t slots = std::min(unclaimed, gate_.room(channel, now));
    if (slots == 0) continue;
    free[channel] = slots;
    open.push_back(channel);
    wanted += slots;
  }
  if (open.empty()) return {};
  std::vector<store::OutboxMessage> messages = engine_.store().queued(now, std::min(wanted, claims_per_commit), open);
  std::erase_if(messages, [&](const store::OutboxMessage& message) {
    std::size_t& slots = free[message.channel];
    if (slots == 0) return true;
    --slots;
    return false;
  });
  return messages;
}

std::optional<Instant> Dispatch::next_opening(Instant now) const {
  std::optional<Instant> next;
  for (const std::string& channel : courier_.channels()) {
    const auto opens = gate_.opens(channel, now);
    if (opens && (!next || *opens < *next)) next = opens;
  }
  return next;
}

channels::Gate::Passage Dispatch::passage_of(const store::OutboxMessage& message) const {
  channels::Gate::Passage passage{message.row, message.channel, "", message.recipient};
  if (message.channel != "teams") return passage;
  passage.place = message.destination;
  const chase::PartyIndex reader = engine_.world().find_party(message.recipient);
  if (passage.place.empty() && reader != chase::no_party) passage.place = engine_.world().person(reader).contact.teams;
  return passage;
}

std::string Dispatch::other_way(const store::OutboxMessage& message) const {
  const std::string other = message.channel == "teams" ? "email" : "teams";
  const chase::PartyIndex reader = engine_.world().find_party(message.recipient);
  if (reader == chase::no_party || !engine_.world().person(reader).has(other)) return "";
  const std::vector<std::string> served = courier_.channels();
  return std::find(served.begin(), served.end(), other) == served.end() ? "" : other;
}

/// Why no mail goes to the recipient's address, or "".
std::string Dispatch::why_dead(const store::OutboxMessage& message, const Round& round) const {
  if (message.channel != "email" || round.dead.empty()) return "";
  const chase::PartyIndex reader = engine_.world().find_party(message.recipient);
  const std::string& address = !message.destination.empty() || reader == chase::no_party
                                   ? message.destination
                                   : engine_.world().person(reader).contact.email;
  const auto found = round.dead.find({message.recipient, store::address_hash(address)});
  if (found == round.dead.end()) return "";
  return fmt::format("not tried: the address refused mail for good on {} ({})",
                     calendar::short_day(calendar::day_of(found->second.since, absl::UTCTimeZone())),
                     found->second.said);
}

void Dispatch::give_up(const store::OutboxMessage& message, const std::string& why, Instant now) {
  if (!engine_.store().give_up(message.row, why, now)) return;
  ++counts_.failed;
  log_.error(fmt::format("message={} channel={} to={}: {}; \"chaser release address {}\" lets it go", message.row,
                         message.channel, message.recipient, why, message.recipient));
}

/// A flow that is known to be broken, a contact that lost this channel or an address that is dead: what waits for it
/// goes the other way. Where there is none, what is for a dead address is given up.
bool Dispatch::goes_another_way(const store::OutboxMessage& message, const Round& round) {
  const chase::PartyIndex reader = engine_.world().find_party(message.recipient);
  const bool is_lost =
      reader != chase::no_party && message.bytes.empty() && !engine_.world().person(reader).has(message.channel);
  const bool is_broken = message.channel == "teams" && gate_.is_broken(passage_of(message), round.now);
  std::string why = why_dead(message, round);
  const bool is_dead = !why.empty();
  if (!is_lost && !is_broken && !is_dead) return false;
  if (!is_dead) why = is_lost ? "the recipient has no such channel any more" : "the channel is broken";
  const std::string other = other_way(message);
  if (!other.empty() && engine_.store().fall_back(message.row, other, why + "; goes by " + other, round.now)) {
    log_.warning(fmt::format("message={} channel={} to={}: {}; it goes by {}", message.row, message.channel,
                             message.recipient, why, other));
    return true;
  }
  if (is_dead) give_up(message, why, round.now);
  return is_dead;
}

/// Puts off what may not go now: a closed window, a stop, a freeze, a used-up rate. True if it did.
bool Dispatch::has_to_wait(const store::OutboxMessage& message, Round& round) {
  auto until = waits_until(message, engine_.world(), round.brakes, round.now);
  if (!until) until = gate_.waits(passage_of(message), round.now);
  if (until) round.waiting[*until].push_back(message.row);
  return until.has_value();
}

/// Together: where thousands wait, a commit for each took minutes.
void Dispatch::postpone(const Round& round) {
  for (const auto& [until, messages] : round.waiting) engine_.store().postpone(messages, until);
}

/// A digest to somebody who wants none: its items are withdrawn before the first attempt, and say so.
bool Dispatch::withdraw_unwanted(const store::OutboxMessage& message, const Round& round) {
  if (message.kind != chase::MessageKind::digest || message.attempts > 0) return false;
  const auto found = round.muted.find(message.recipient);
  if (found == round.muted.end()) return false;
  const chase::PartyIndex reader = engine_.world().find_party(message.recipient);
  const calendar::Zone zone = reader == chase::no_party ? absl::UTCTimeZone() : engine_.world().person(reader).zone;
  const chase::Reason reason{chase::ReasonCode::muted, calendar::short_day(calendar::day_of(found->second, zone))};
  std::vector<std::int64_t> rows;
  for (const store::TellingItem& item : message.items) rows.push_back(item.notification);
  engine_.store().withdraw(message.row, rows, reason, round.now);
  counts_.withdrawn += rows.size();
  return true;
}

void Dispatch::read_actions(std::span<const store::OutboxMessage> messages, Round& round) {
  std::vector<store::ActionRow> rows;
  for (const store::OutboxMessage& message : messages) {
    const bool is_explained = message.bytes.empty() && message.items.size() <= explained_items_max;
    for (const store::TellingItem& item : message.items) {
      if (rows.size() < actions_read_at_once && (is_explained || has_to_be_true(item, message, round.now)))
        rows.push_back(item.action_row);
    }
  }
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  for (store::LoadedAction& action : engine_.store().load_actions(rows, engine_.world())) {
    round.actions.emplace(action.row, std::move(action));
  }
}

const store::LoadedAction* Dispatch::action_of(const store::TellingItem& item, Round& round) {
  const auto found = round.actions.find(item.action_row);
  if (found != round.actions.end()) return &found->second;
  std::vector<store::LoadedAction> loaded =
      engine_.store().load_actions(std::span(&item.action_row, 1), engine_.world());
  if (loaded.empty()) return nullptr;
  return &round.actions.insert_or_assign(item.action_row, std::move(loaded.front())).first->second;
}

bool Dispatch::withdraw_untrue(const store::OutboxMessage& message, Round& round) {
  const Instant now = round.now;
  bool any = false;
  for (const store::TellingItem& item : message.items) {
    if (!has_to_be_true(item, message, now)) continue;
    const store::LoadedAction* const action = action_of(item, round);
    const auto reason = action != nullptr ? why_untrue(item, message.recipient, action->state, engine_.world())
                                          : std::optional(chase::Reason{chase::ReasonCode::dropped, {}});
    if (!reason) continue;
    const std::int64_t row = item.notification;
    engine_.store().withdraw(message.row, std::span(&row, 1), *reason, now);
    round.actions.erase(item.action_row);
    ++counts_.withdrawn;
    any = true;
  }
  return any;
}

Dispatch::Round Dispatch::begin_round(const chase::Brakes& brakes, Instant now) {
  const Settings& settings = engine_.inputs().settings;
  Round round{brakes, now, web::read_muted(engine_.store()), {}, {}, {}, {}};
  for (store::DeadAddress& each : engine_.store().dead_addresses(now - absl::FromChrono(settings.dead_address_for))) {
    std::pair<std::string, std::string> place(each.recipient, each.address);
    round.dead.emplace(std::move(place), std::move(each));
  }
  round.context = render_context(settings, engine_.world(), now);
  if (!settings.link_keys.empty()) round.context.token_epochs = web::read_access(engine_.store()).token_epochs;
  return round;
}

std::optional<store::Rendered> Dispatch::render(const store::OutboxMessage& message, Round& round) {
  std::map<std::int64_t, std::string> next;
  const chase::PartyIndex reader = engine_.world().find_party(message.recipient);
  for (const store::TellingItem& item : message.items) {
    if (message.items.size() > explained_items_max) break;
    const store::LoadedAction* const action = action_of(item, round);
    if (action == nullptr) continue;
    const auto tellings = chase::next_tellings(action->state, engine_.world(), round.now, told_ahead);
    next[item.notification] = chase::consequences(tellings, reader, engine_.world());
  }
  try {
    const channels::Templates& templates = *engine_.inputs().templates;
    if (message.channel == "teams" && takes_json(engine_.inputs().settings, passage_of(message).place)) {
      return channels::render_webhook(message, round.context, next);
    }
    return message.channel == "teams" ? channels::render_teams(message, round.context, templates, next)
                                      : channels::render_email(message, round.context, templates, next);
  } catch (const std::exception& failure) {
    log_.error(fmt::format("message={} to={} cannot be written: {}; tried again in an hour", message.row,
                           message.recipient, failure.what()));
    return std::nullopt;
  }
}

void Dispatch::carry(store::OutboxMessage message, std::optional<store::Rendered> rendered) {
  channels::Parcel parcel;
  parcel.message = message.row;
  parcel.key = message.key;
  parcel.bytes = std::move(rendered ? rendered->bytes : message.bytes);
  parcel.message_id = std::move(rendered ? rendered->message_id : message.message_id);
  parcel.destination = std::move(rendered ? rendered->destination : message.destination);
  parcel.ambiguous_before = message.doubts > 0;
  ++message.attempts;  // the claim counted it
  message.bytes.clear();
  message.destination = parcel.destination;
  const std::string channel = message.channel;
  const store::MessageRow row = message.row;
  in_flight_.emplace(row, std::move(message));
  courier_.carry(channel, std::move(parcel));
}

std::optional<store::Store::Claim> Dispatch::prepare(const store::OutboxMessage& message, Round& round) {
  if (goes_another_way(message, round) || has_to_wait(message, round)) return std::nullopt;
  if (!message.bytes.empty()) return store::Store::Claim{message.row, std::nullopt};
  // What is left of it comes with the next look at the outbox.
  if (withdraw_unwanted(message, round) || withdraw_untrue(message, round)) return std::nullopt;
  if (auto rendered = render(message, round)) return store::Store::Claim{message.row, std::move(rendered)};
  engine_.store().postpone(std::span(&message.row, 1), round.now + absl::Hours(1));
  return std::nullopt;
}

bool Dispatch::pump(const chase::Brakes& brakes, Instant now) {
  if (!unrecorded_.empty()) return false;
  std::vector<store::OutboxMessage> messages = next_messages(now);
  if (messages.empty()) return false;
  Round round = begin_round(brakes, now);
  read_actions(messages, round);
  std::vector<store::OutboxMessage> going;
  std::vector<store::Store::Claim> claims;
  bool changed = false;
  const std::size_t failed_before = counts_.failed;
  for (store::OutboxMessage& message : messages) {
    if (in_flight_.contains(message.row)) continue;
    std::optional<store::Store::Claim> claim = prepare(message, round);
    changed = changed || !claim;
    if (!claim) continue;
    gate_.goes(passage_of(message), now);
    claims.push_back(*std::move(claim));
    going.push_back(std::move(message));
  }
  postpone(round);
  if (counts_.failed > failed_before) tell_unreachable(now);
  if (claims.empty()) return changed;
  const std::vector<bool> claimed = engine_.store().claim(claims, now, now + lease);
  for (std::size_t i = 0; i < going.size(); ++i) {
    if (claimed[i]) carry(std::move(going[i]), std::move(claims[i].rendered));
  }
  return true;
}

}  // namespace chaser::app
