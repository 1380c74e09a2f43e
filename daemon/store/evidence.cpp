#include "store/evidence.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "store/chain.h"
#include "store/recorded.h"

namespace chaser::store {

namespace {

using nlohmann::json;

constexpr std::size_t page = 1'000;

/// "event 17 (decided kent-medway/2.1, 2026-12-24T09:00:00Z)"
std::string name_of(const Event& event) {
  std::string name = "event " + std::to_string(event.sequence) + " (" + event.kind;
  if (!event.plan.empty()) name += " " + event.plan;
  if (!event.action.empty()) name += "/" + event.action;
  return name + ", " + calendar::rfc3339(event.at, absl::UTCTimeZone()) + ")";
}

template <typename Visit>
void each_event(Store& store, Visit visit) {
  std::int64_t last = 0;
  while (true) {
    const auto events = store.events("", "", last, page);
    for (const Event& event : events) {
      if (!visit(event)) return;
      last = event.sequence;
    }
    if (events.size() < page) return;
  }
}

/// Why `event` does not follow the one with `number` and `head`.
std::optional<std::string> why_broken(const Event& event, std::int64_t number, const std::string& head) {
  if (event.sequence != number + 1) return "event " + std::to_string(number + 1) + " is missing";
  if (chain_hash(head, event) == event.hash) return std::nullopt;
  return name_of(event) + " is not what was chained: it was changed, or what stood before it was";
}

}  // namespace

ChainCheck check_chain(Store& store, std::string_view noted_head) {
  ChainCheck check;
  check.head = first_link();
  const LogHead kept = store.log_head();
  if (noted_head == check.head) check.noted_at = 0;
  each_event(store, [&](const Event& event) {
    check.broken = why_broken(event, check.events, check.head);
    if (check.broken) return false;
    check.events = event.sequence;
    check.head = event.hash;
    if (event.hash == noted_head) check.noted_at = event.sequence;
    if (event.sequence == kept.events && event.hash != kept.hash) {
      check.broken = name_of(event) + " is not the head that the store kept";
    }
    return !check.broken;
  });
  if (check.broken) return check;
  if (check.events < kept.events) {
    check.broken = "the log was cut off: it ends at event " + std::to_string(check.events) + ", and " +
                   std::to_string(kept.events) + " were written";
  } else if (!noted_head.empty() && !check.noted_at) {
    check.broken = "no event has the noted head: the log was cut off before it, or written anew";
  }
  return check;
}

namespace {

/// Applies one event after the other.
class Replay {
 public:
  void take(const Event& event) {
    const json details = json::parse(event.json, nullptr, false);
    if (!details.is_object()) return;
    action_ = event.plan + "/" + event.action;
    take_facts(details);
    for (const char* list : {"opened", "ended", "cases"}) take_cases(details, list);
    for (const char* list : {"notifications", "changed"}) take_notifications(event, details, list);
    if (event.kind == "queued") set_all(details, "notifications", "composed");
    if (event.kind == "delivered") set(text(details, "key"), "delivered");
    for (const char* kind : {"withdrawn", "dropped", "migrated", "erased"}) {
      if (event.kind == kind) set_all(details, "keys", "withdrawn");
    }
    if (event.kind == "unreachable") set_all(details, "keys", "unreachable");
    if (event.kind == "migrated") take_migrated(details);
    if (event.kind == "response") add_answer(event, details);
    if (event.kind == "baseline" && details.contains("answers")) {
      state_[answers_name(event.plan, event.action)] = text(details, "answers");
    }
    if (event.kind == "stop") state_[stop_of(event, details)] = in_force;
    if (event.kind == "release" && text(details, "what") == "stop") take_release(event, details);
  }
  Recorded state() && { return std::move(state_); }

 private:
  static std::string text(const json& object, const char* name) {
    const auto found = object.find(name);
    if (found == object.end()) return "";
    return found->is_string() ? found->get<std::string>() : found->dump();
  }
  static const json& list_of(const json& details, const char* name) {
    static const json none = json::array();
    const auto found = details.find(name);
    return found != details.end() && found->is_array() ? *found : none;
  }
  static std::string stop_of(const Event& event, const json& details) {
    return stop_name({event.plan, text(details, "rule"), text(details, "party")});
  }

  void take_facts(const json& details) {
    const auto now = details.find("now");
    if (now == details.end() || !now->is_object()) return;
    for (const auto& [name, value] : now->items()) state_[fact_name(action_, name)] = value.dump();
  }

  std::string case_of(const json& item) const {
    return case_name(action_, text(item, "rule"), text(item, "anchor"), item.value("epoch", std::int64_t{1}));
  }
  void take_cases(const json& details, const char* list) {
    for (const json& item : list_of(details, list)) {
      if (item.is_object()) state_[case_of(item)] = item.value("status", std::string("open"));
    }
  }
  void take_migrated(const json& details) {
    json before = details;
    before["epoch"] = details.value("epoch", std::int64_t{1}) - 1;
    state_[case_of(before)] = "closed";
    state_[case_of(details)] = "open";
  }

  void take_notifications(const Event& event, const json& details, const char* list) {
    for (const json& item : list_of(details, list)) {
      if (!item.is_object()) continue;
      if (item.contains("key")) {
        if (item.contains("name")) names_.try_emplace(text(item, "key"), text(item, "name"));
        set(text(item, "key"), text(item, "state"));
        continue;
      }
      const chase::NotificationIdentity identity = identity_of(event, item);
      const std::string key = chase::key_of(identity);
      if (names_.contains(key)) continue;  // one that exists is left as it is
      names_[key] = notification_name(identity, key);
      set(key, text(item, "state"));
    }
  }
  static chase::NotificationIdentity identity_of(const Event& event, const json& item) {
    chase::NotificationIdentity identity;
    identity.plan = event.plan;
    identity.action = event.action;
    identity.rule = text(item, "rule");
    identity.anchor = text(item, "anchor");
    identity.epoch = item.value("epoch", 1);
    identity.step = text(item, "step");
    identity.occurrence = chase::parse_occurrence(text(item, "occurrence")).value_or(chase::Occurrence{});
    identity.recipient = text(item, "to");
    identity.about = item.value("about", std::vector<std::string>{});
    return identity;
  }
  void set(const std::string& key, const std::string& notification_state) {
    if (key.empty()) return;  // from before events were complete: a baseline follows
    const auto name = names_.try_emplace(key, "notification " + key).first;
    state_[name->second] = notification_state;
  }
  void set_all(const json& details, const char* list, const char* notification_state) {
    for (const json& key : list_of(details, list)) {
      if (key.is_string()) set(key.get<std::string>(), notification_state);
    }
  }

  void add_answer(const Event& event, const json& details) {
    std::string& answers = state_[answers_name(event.plan, event.action)];
    add_answer_to(answers, event.at, text(details, "response"), text(details, "party"),
                  text(details, "accepted") == "1");
  }
  void take_release(const Event& event, const json& details) {
    const std::string name = stop_of(event, details);
    if (name != stop_name({})) {
      state_.erase(name);
      return;
    }
    std::erase_if(state_, [](const auto& item) { return item.second == in_force; });
  }

  Recorded state_;
  std::map<std::string, std::string> names_;  // by key
  std::string action_;
};

}  // namespace

Recorded replay(Store& store) {
  Replay replay;
  each_event(store, [&](const Event& event) {
    replay.take(event);
    return true;
  });
  return std::move(replay).state();
}

std::vector<std::string> differences(const Recorded& log, const Recorded& tables) {
  std::vector<std::string> found;
  for (const auto& [name, said] : log) {
    const auto kept = tables.find(name);
    if (kept == tables.end()) {
      found.push_back(name + ": " + said + " in the log, not in the tables");
    } else if (kept->second != said) {
      found.push_back(name + ": " + said + " in the log, " + kept->second + " in the tables");
    }
  }
  for (const auto& [name, kept] : tables) {
    if (!log.contains(name)) found.push_back(name + ": " + kept + " in the tables, not in the log");
  }
  if (found.size() > differences_max) found.resize(differences_max);
  return found;
}

}  // namespace chaser::store
