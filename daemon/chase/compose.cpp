#include "chase/compose.h"

#include <algorithm>
#include <cassert>
#include <map>
#include <set>
#include <tuple>

#include "rulebook/rulebook.h"

namespace chaser::chase {
namespace {

/// First-meeting items a person a calendar week. Source: design.md §6, second table.
constexpr int first_meetings_per_week = 10;

/// Composes one recipient's messages: first what may not go is held, then reasons ride under their action's highest
/// direct step, then messages are made.
class Composer {
 public:
  Composer(const ComposeInput& input, const World& world, const Brakes& brakes, Instant now)
      : input_(input), world_(world), brakes_(brakes), now_(now), person_(world.person(input.recipient)) {
    result_.day = calendar::day_of(now, person_.zone);
  }

  Composition compose() {
    for (std::size_t i = 0; i < input_.pending.size(); ++i) {
      if (may_go(i)) going_.push_back(i);
    }
    tell_of_limits();
    choose_first_meetings();
    hold_digests_if_sent_today();
    for (const std::string& channel : channels()) compose_channel(channel);
    for (const std::size_t item : going_) {
      if (input_.pending[item].first_meeting) result_.met.push_back(item);
    }
    return std::move(result_);
  }

 private:
  const PendingItem& item(std::size_t index) const { return input_.pending[index]; }

  const Schedule& schedule_of(const PendingItem& pending) const {
    // What is said of a rule keeps that rule's window and holidays.
    const bool is_of_a_rule = pending.rule == rulebook::exhausted_rule || pending.rule == rulebook::limit_rule;
    const CompiledRule* const rule = world_.find_rule(is_of_a_rule ? pending.step : pending.rule);
    return rule != nullptr ? rule->schedule(input_.recipient) : world_.schedule(input_.recipient);
  }

  void compose_again(Instant at) {
    if (!result_.next_compose || at < *result_.next_compose) result_.next_compose = at;
  }

  void hold(std::size_t index, Reason reason, std::optional<Instant> until) {
    result_.holds.push_back({index, std::move(reason), until});
    if (until) compose_again(*until);
  }

  bool may_go(std::size_t index) {
    const PendingItem& pending = item(index);
    const Schedule& schedule = schedule_of(pending);
    const Instant opening = schedule.next_opening(std::max(now_, pending.opening));
    if (auto reason = stop_of(pending)) {
      // Others' may be withdrawn meanwhile, so that it is no longer too many.
      if (reason->code == ReasonCode::limited) compose_again(schedule.opening_on_or_after(schedule.day_of(now_) + 1));
      hold(index, *std::move(reason), std::nullopt);
      return false;
    }
    if (pending.via.empty()) {
      hold(index, Reason{ReasonCode::unreachable, {}}, std::nullopt);
      return false;
    }
    if (const rulebook::Freeze* freeze = freeze_at(now_, pending.plan->zone)) {
      if (!brakes_.freeze_released) {
        // It ends by the plan's clock, and who is ahead of that may be open already.
        const Instant end = calendar::first_instant(freeze->to + 1, pending.plan->zone);
        hold(index, Reason{ReasonCode::frozen, freeze->name}, schedule.next_opening(end));
        return false;
      }
    }
    if (opening > now_) {
      compose_again(opening);
      return false;
    }
    return is_there(index, schedule) && has_floor(index, schedule);
  }

  bool is_for_another(const PendingItem& pending) const {
    return pending.recipient != no_party && pending.recipient != input_.recipient;
  }

  /// What is for somebody who is away and for whom nobody stands in waits five working days at most. Source: design.md
  /// §6, first table.
  bool is_there(std::size_t index, const Schedule& schedule) {
    const PendingItem& pending = item(index);
    if (!pending.away || is_for_another(pending)) return true;
    const CivilDay waited = schedule.day_of(pending.waits_since);
    const CivilDay most = schedule.calendar().add_working_days(waited, absence_days_max);
    const Instant until = schedule.opening_on_or_after(std::min(pending.away->somebody_back, most));
    if (until <= now_) return true;
    hold(index, Reason{ReasonCode::away, away_words(*pending.away)}, until);
    return false;
  }

  /// Who stands in keeps the floor of their own: the one that they read for has one too, which deciding keeps.
  bool has_floor(std::size_t index, const Schedule& schedule) {
    const PendingItem& pending = item(index);
    if (!is_for_another(pending) || !pending.keeps_floor || !pending.reader_had) return true;
    const CivilDay day = schedule.calendar().add_working_days(schedule.day_of(*pending.reader_had), floor_days);
    const Instant until = schedule.opening_on_or_after(day);
    if (until <= now_) return true;
    hold(index, Reason{ReasonCode::floor, {}}, until);
    return false;
  }

  std::optional<Reason> stop_of(const PendingItem& pending) const {
    const auto names = [](const std::vector<std::string>& stopped, const std::string& name) {
      return std::find(stopped.begin(), stopped.end(), name) != stopped.end();
    };
    if (brakes_.clock_held) return Reason{ReasonCode::clock, {}};
    if (brakes_.stopped_all) return Reason{ReasonCode::stopped, "everything"};
    if (names(brakes_.stopped_plans, pending.plan->id)) return Reason{ReasonCode::stopped, pending.plan->id};
    if (names(brakes_.stopped_rules, pending.rule)) return Reason{ReasonCode::stopped, pending.rule};
    if (names(brakes_.stopped_parties, person_.id)) return Reason{ReasonCode::stopped, person_.id};
    if (is_for_another(pending) && names(brakes_.stopped_parties, world_.person(pending.recipient).id)) {
      return Reason{ReasonCode::stopped, world_.person(pending.recipient).id};
    }
    if (!is_direct(pending) || rulebook::is_built_in(pending.rule)) return std::nullopt;
    const bool over = std::any_of(brakes_.over_limit.begin(), brakes_.over_limit.end(), [&](const Brakes::Over& limit) {
      return limit.rule == pending.rule && limit.nominal == pending.nominal;
    });
    if (over) return Reason{ReasonCode::limited, pending.rule};
    return std::nullopt;
  }

  /// The plan's coordinator hears of each rule and date that the limit holds. Source: design.md 5.6.
  void tell_of_limits() {
    std::set<std::tuple<std::string, std::string, CivilDay>> known;
    for (const PendingHold& held : result_.holds) {
      if (held.reason.code != ReasonCode::limited) continue;
      const PendingItem& pending = item(held.item);
      const PartyIndex coordinator = pending.plan->coordinator;
      if (coordinator == no_party || !known.emplace(pending.plan->id, pending.rule, pending.nominal).second) continue;
      for (const PartyIndex recipient : world_.person(coordinator).recipients) {
        result_.notices.push_back({held.item, recipient, world_.schedule(recipient).next_opening(now_)});
      }
    }
  }

  const rulebook::Freeze* freeze_at(Instant at, const Zone& zone) const {
    if (world_.rulebook().freezes().empty()) return nullptr;  // the day of each notification is not for free
    return world_.rulebook().freeze_on(calendar::day_of(at, zone));
  }

  /// A freeze releases what it held as one digest.
  bool is_direct(const PendingItem& pending) const {
    return pending.deliver == rulebook::Deliver::direct && !pending.first_meeting &&
           freeze_at(pending.opening, pending.plan->zone) == nullptr;
  }

  void drop_going(const std::set<std::size_t>& held) {
    std::erase_if(going_, [&](std::size_t index) { return held.contains(index); });
  }

  /// Ten a week, oldest anchor first; the others wait for the next week.
  void choose_first_meetings() {
    std::vector<std::size_t> meetings;
    for (const std::size_t index : going_) {
      if (item(index).first_meeting) meetings.push_back(index);
    }
    std::stable_sort(meetings.begin(), meetings.end(), [this](std::size_t a, std::size_t b) {
      return std::tuple(item(a).anchor_day, item(a).plan->id, item(a).position) <
             std::tuple(item(b).anchor_day, item(b).plan->id, item(b).position);
    });
    const auto room = static_cast<std::size_t>(std::max(0, first_meetings_per_week - input_.first_meetings_this_week));
    if (meetings.size() <= room) return;
    const CivilDay monday = result_.day + (7 - calendar::weekday_index(result_.day));
    std::set<std::size_t> held;
    for (std::size_t i = room; i < meetings.size(); ++i) {
      held.insert(meetings[i]);
      hold(meetings[i], Reason{ReasonCode::first_meetings_full, {}},
           schedule_of(item(meetings[i])).opening_on_or_after(monday));
    }
    drop_going(held);
  }

  bool rides(std::size_t index) const {
    return std::any_of(going_.begin(), going_.end(), [&](std::size_t other) {
      return other != index && is_direct(item(other)) && is_same_action(item(other), item(index));
    });
  }

  /// A digest goes once a day: what comes after it waits for the next day's, unless it rides under a direct step.
  void hold_digests_if_sent_today() {
    if (!input_.last_digest || *input_.last_digest < result_.day) return;
    std::set<std::size_t> held;
    for (const std::size_t index : going_) {
      if (is_direct(item(index)) || rides(index)) continue;
      held.insert(index);
      hold(index, Reason{ReasonCode::digest_sent_today, {}},
           schedule_of(item(index)).opening_on_or_after(result_.day + 1));
    }
    drop_going(held);
  }

  /// What is said of a rule is about no action: it goes on its own.
  static bool is_same_action(const PendingItem& a, const PendingItem& b) {
    if (a.rule == rulebook::limit_rule || b.rule == rulebook::limit_rule) return false;
    return a.action == b.action && a.plan->id == b.plan->id;
  }

  std::vector<std::string> channels() const {
    std::set<std::string> names;
    for (const std::size_t index : going_) names.insert(item(index).via.begin(), item(index).via.end());
    return {names.begin(), names.end()};
  }

  /// Widest audience first, then the earlier rule, then the higher step.
  static bool outranks(const PendingItem& a, const PendingItem& b) {
    if (a.audience_width != b.audience_width) return a.audience_width > b.audience_width;
    if (a.rule_order != b.rule_order) return a.rule_order < b.rule_order;
    return a.step_index > b.step_index;
  }

  /// The item under whose step this one rides on the channel: its action's highest direct one, else itself.
  std::size_t carrier_of(std::size_t index, const std::vector<std::size_t>& here) const {
    std::size_t carrier = index;
    bool found = is_direct(item(index));
    for (const std::size_t other : here) {
      if (!is_direct(item(other)) || !is_same_action(item(other), item(index))) continue;
      if (!found || outranks(item(other), item(carrier))) carrier = other;
      found = true;
    }
    return carrier;
  }

  void compose_channel(const std::string& channel) {
    std::vector<std::size_t> here;
    for (const std::size_t index : going_) {
      const auto& via = item(index).via;
      if (std::find(via.begin(), via.end(), channel) != via.end()) here.push_back(index);
    }
    std::stable_sort(here.begin(), here.end(), [this](std::size_t a, std::size_t b) {
      return std::tuple(item(a).plan->id, item(a).position) < std::tuple(item(b).plan->id, item(b).position);
    });
    const bool catch_up = std::any_of(here.begin(), here.end(),
                                      [this](std::size_t index) { return is_direct(item(index)) && item(index).late; });
    // One message per step that speaks; with anything late all direct ones in one; what is left in one digest.
    std::map<std::tuple<int, std::size_t, std::string, std::string>, Draft> drafts;
    for (const std::size_t index : here) {
      const std::size_t carrier = carrier_of(index, here);
      const PendingItem& speaks = item(carrier);
      const bool direct = is_direct(speaks);
      const MessageKind kind = !direct ? MessageKind::digest : catch_up ? MessageKind::catch_up : MessageKind::direct;
      const auto group = kind == MessageKind::direct
                             ? std::tuple(0, speaks.rule_order, speaks.rule, speaks.step)
                             : std::tuple(static_cast<int>(kind), std::size_t{0}, std::string(), std::string());
      auto [found, is_new] = drafts.try_emplace(group);
      Draft& draft = found->second;
      if (is_new || (direct && outranks(speaks, item(draft.carrier)))) draft.carrier = carrier;
      draft.channel = channel;
      draft.kind = kind;
      draft.items.push_back(index);
      draft.carried_by.push_back(carrier);
    }
    for (auto& [group, draft] : drafts) result_.messages.push_back(std::move(draft));
  }

  const ComposeInput& input_;
  const World& world_;
  const Brakes& brakes_;
  Instant now_;
  const Person& person_;
  std::vector<std::size_t> going_;
  Composition result_;
};

}  // namespace

std::string_view name_of(MessageKind kind) {
  switch (kind) {
    case MessageKind::direct:
      return "direct";
    case MessageKind::digest:
      return "digest";
    case MessageKind::catch_up:
      return "catch-up";
  }
  return "";
}

bool keeps_floor(const rulebook::Step& step, Occurrence occurrence, bool is_first_meeting) {
  const std::int32_t ordinal = occurrence.refired ? 0 : occurrence.ordinal;
  const bool is_after_anchor = step.at.count > 0 || (step.at.count == 0 && ordinal > 0);
  return step.deliver == rulebook::Deliver::direct && !is_first_meeting && is_after_anchor;
}

std::size_t people_limit(const World& world) {
  if (const auto limit = world.rulebook().limit_people()) return static_cast<std::size_t>(std::max(0, *limit));
  return std::max<std::size_t>(50, 3 * world.contact_count());
}

std::vector<std::string> resolve_channels(const std::vector<std::string>& via, const Person& recipient) {
  std::vector<std::string> channels;
  for (const std::string& channel : via) {
    if (recipient.has(channel)) channels.push_back(channel);
  }
  if (!channels.empty()) return channels;
  for (const char* other : {"email", "teams"}) {
    if (recipient.has(other)) return {other};
  }
  return channels;
}

PendingItem pending_item(const ActionState& state, const CaseState& chase_case, const Firing& firing,
                         const World& world, PartyIndex reader) {
  const rulebook::Step& step = chase_case.rule->rule->steps[firing.step];
  PendingItem item;
  item.plan = state.plan;
  item.action = state.facts.id;
  item.position = state.facts.position;
  item.rule = chase_case.rule->rule->name;
  item.rule_order = chase_case.rule->order;
  item.step = step.name;
  item.step_index = firing.step;
  item.audience_width = static_cast<std::uint16_t>(step.to.size());
  item.occurrence = firing.occurrence;
  item.deliver = firing.deliver;
  item.recipient = firing.recipient;
  item.via = resolve_channels(step.via, world.person(reader == no_party ? firing.recipient : reader));
  item.keeps_floor = keeps_floor(step, firing.occurrence, firing.first_meeting);
  item.waits_since = firing.waits_since.value_or(firing.opening);
  for (const LastDirect& last : state.last_direct) {
    if (last.recipient == reader && last.rule == item.rule) item.reader_had = last.at;
  }
  item.first_meeting = firing.first_meeting;
  item.late = firing.late;
  item.nominal = firing.nominal;
  item.anchor_day = chase_case.anchor_day;
  item.opening = firing.opening;
  return item;
}

PendingItem exhausted_item(const ActionState& state, const CaseState& chase_case, PartyIndex recipient,
                           CivilDay nominal, Instant opening, const World& world) {
  PendingItem item;
  item.plan = state.plan;
  item.action = state.facts.id;
  item.position = state.facts.position;
  item.recipient = recipient;
  item.waits_since = opening;
  item.rule = rulebook::exhausted_rule;
  item.rule_order = world.rules().size();
  item.step = chase_case.rule->rule->name;
  item.deliver = rulebook::Deliver::digest;
  item.via = resolve_channels({"email"}, world.person(recipient));
  item.nominal = nominal;
  item.anchor_day = chase_case.anchor_day;
  item.opening = opening;
  return item;
}

PendingItem limit_item(const PendingItem& held, PartyIndex recipient, Instant opening, const World& world) {
  PendingItem item;
  item.plan = held.plan;
  item.action = held.action;
  item.position = held.position;
  item.recipient = recipient;
  item.waits_since = opening;
  item.rule = rulebook::limit_rule;
  item.rule_order = world.rules().size();
  item.step = held.rule;
  item.via = resolve_channels({"email"}, world.person(recipient));
  item.nominal = held.nominal;
  item.anchor_day = held.anchor_day;
  item.opening = opening;
  return item;
}

NotificationIdentity limit_identity(const PendingItem& held, const Person& recipient) {
  NotificationIdentity identity;
  identity.plan = held.plan->id;
  identity.rule = rulebook::limit_rule;
  identity.anchor = "nominal:" + calendar::iso_day(held.nominal);
  identity.step = held.rule;
  identity.recipient = recipient.id;
  return identity;
}

Composition compose(const ComposeInput& input, const World& world, const Brakes& brakes, Instant now) {
  assert(input.recipient != no_party);
  return Composer(input, world, brakes, now).compose();
}

std::string message_key(std::vector<std::string> notification_keys, std::string_view channel) {
  std::sort(notification_keys.begin(), notification_keys.end());
  std::string text(channel);
  for (const std::string& key : notification_keys) text += '\n' + key;
  return rulebook::sha256_hex(text);
}

}  // namespace chaser::chase
