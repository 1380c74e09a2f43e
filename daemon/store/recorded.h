#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "store/store.h"

namespace chaser::store {

// The names and values of Recorded: one spelling for the tables and for the replayed log.

inline constexpr std::string_view in_force = "in force";

std::string fact_name(std::string_view action, std::string_view field);
std::string case_name(std::string_view action, std::string_view rule, std::string_view anchor, std::int64_t epoch);
std::string notification_name(const chase::NotificationIdentity& identity, std::string_view key);
std::string answers_name(std::string_view plan, std::string_view action);
void add_answer_to(std::string& answers, Instant at, std::string_view response, std::string_view party, bool accepted);
std::string stop_name(const Stop& stop);

}  // namespace chaser::store
