#include "chase/state.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "rulebook/rulebook.h"

namespace chaser::chase {
namespace {

template <typename Enum, std::size_t N>
std::optional<Enum> find_name(const std::array<std::string_view, N>& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

constexpr std::array<std::string_view, 8> state_names{"pending",  "composed",   "delivered", "unreachable",
                                                      "recorded", "superseded", "lapsed",    "withdrawn"};
constexpr std::array<std::string_view, 3> request_end_names{"approved", "refused", "withdrawn"};
constexpr std::array<std::string_view, 5> beginning_names{"first_meeting", "later", "earlier", "reopened", "migrated"};
constexpr std::array<std::string_view, 3> case_status_names{"open", "exhausted", "closed"};

void append_part(std::string& text, std::string_view part) {
  text += std::to_string(part.size());
  text += ':';
  text += part;
}

}  // namespace

std::string to_string(Occurrence occurrence) {
  return (occurrence.refired ? "r" : "") + std::to_string(occurrence.ordinal);
}

std::optional<Occurrence> parse_occurrence(std::string_view text) {
  Occurrence occurrence;
  if (text.starts_with('r')) {
    occurrence.refired = true;
    text.remove_prefix(1);
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), occurrence.ordinal);
  if (error != std::errc() || end != text.data() + text.size() || occurrence.ordinal < 0) return std::nullopt;
  return occurrence;
}

std::string_view name_of(NotificationState state) {
  return state_names[static_cast<std::size_t>(state)];
}
std::string_view name_of(ResponseKind kind) {
  return plan::answer_names()[static_cast<std::size_t>(kind)];
}
std::string_view name_of(Beginning beginning) {
  return beginning_names[static_cast<std::size_t>(beginning)];
}
std::string_view name_of(RequestEnd end) {
  return request_end_names[static_cast<std::size_t>(end)];
}
std::string_view name_of(CaseStatus status) {
  return case_status_names[static_cast<std::size_t>(status)];
}

std::optional<NotificationState> notification_state(std::string_view name) {
  return find_name<NotificationState>(state_names, name);
}
std::optional<ResponseKind> response_kind(std::string_view name) {
  const auto names = plan::answer_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<ResponseKind>(found - names.begin());
}
std::optional<RequestEnd> request_end(std::string_view name) {
  return find_name<RequestEnd>(request_end_names, name);
}
std::optional<Beginning> beginning(std::string_view name) {
  return find_name<Beginning>(beginning_names, name);
}
std::optional<CaseStatus> case_status(std::string_view name) {
  return find_name<CaseStatus>(case_status_names, name);
}

std::string key_of(const NotificationIdentity& identity) {
  std::string text;
  append_part(text, identity.plan);
  append_part(text, identity.action);
  append_part(text, identity.rule);
  append_part(text, identity.anchor);
  append_part(text, std::to_string(identity.epoch));
  append_part(text, identity.step);
  append_part(text, to_string(identity.occurrence));
  append_part(text, identity.recipient);
  for (const auto& lead : identity.about) append_part(text, lead);
  return rulebook::sha256_hex(text);
}

NotificationIdentity identity_of(const ActionState& state, const CaseState& chase_case, const Firing& firing,
                                 const World& world) {
  NotificationIdentity identity;
  identity.plan = state.plan->id;
  identity.action = state.facts.id;
  identity.rule = chase_case.rule->rule->name;
  identity.anchor = chase_case.anchor;
  identity.epoch = chase_case.epoch;
  identity.step = chase_case.rule->rule->steps[firing.step].name;
  identity.occurrence = firing.occurrence;
  identity.recipient = world.person(firing.recipient).id;
  if (firing.relational) {
    for (const AssignmentIndex lead : firing.leads) {
      identity.about.push_back(world.person(state.assignments[lead].holder()).id);
    }
    std::sort(identity.about.begin(), identity.about.end());
  }
  return identity;
}

}  // namespace chaser::chase
