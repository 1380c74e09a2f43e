#include "store/recorded.h"

#include <fmt/format.h>

namespace chaser::store {

std::string fact_name(std::string_view action, std::string_view field) {
  return fmt::format("{} of {}", field, action);
}

std::string case_name(std::string_view action, std::string_view rule, std::string_view anchor, std::int64_t epoch) {
  return fmt::format("case {}, {} {} of {}", rule, anchor, epoch, action);
}

std::string notification_name(const chase::NotificationIdentity& identity, std::string_view key) {
  return fmt::format("notification {}/{} {} to {} of {}/{}, {}", identity.rule, identity.step,
                     chase::to_string(identity.occurrence), identity.recipient, identity.plan, identity.action, key);
}

std::string answers_name(std::string_view plan, std::string_view action) {
  return fmt::format("answers to {}/{}", plan, action);
}

void add_answer_to(std::string& answers, Instant at, std::string_view response, std::string_view party, bool accepted) {
  if (!answers.empty()) answers += "; ";
  answers += fmt::format("{} by {} at {}{}", response, party, calendar::rfc3339(at, absl::UTCTimeZone()),
                         accepted ? "" : ", refused");
}

std::string stop_name(const Stop& stop) {
  return fmt::format("stop of plan \"{}\", rule \"{}\", party \"{}\"", stop.plan, stop.rule, stop.party);
}

}  // namespace chaser::store
