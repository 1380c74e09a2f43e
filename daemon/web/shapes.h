#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "chase/rehearsal.h"
#include "chase/world.h"
#include "plan/change_set.h"
#include "store/store.h"

namespace chaser::web {

/// What programs are given, by the API and by the verbs' `--format json`: one shape of each thing. Fields that are
/// there are never taken away. Times are RFC 3339 in UTC, days ISO 8601; null is none.
using Json = nlohmann::ordered_json;

Json time_shape(const std::optional<calendar::Instant>& at);
Json day_shape(const std::optional<calendar::CivilDay>& day);
/// Of a store as it stands at `now`: with what is wrong, and the addresses that get no mail.
Json status_shape(store::Store& store, absl::Duration dead_address_for, calendar::Instant now);
Json shape_of(const store::Event& event);
Json shape_of(const store::OutboxMessage& message);
Json shape_of(const store::Attempt& attempt);
Json shape_of(const store::NotificationRecord& record);
Json shape_of(const store::HoldRecord& hold);
Json shape_of(const store::Stop& stop);
Json shape_of(const store::RequestRecord& request);
Json shape_of(const store::ResponseRecord& record);
Json shape_of(const plan::Timescale& timescale);
/// In a list: what it is and where it stands.
Json action_shape(const chase::ActionState& state, const chase::World& world);
Json case_shape(const chase::CaseState& chase_case, const chase::ActionState& state, const chase::World& world);
Json shape_of(const chase::Person& person, const chase::World& world);
Json shape_of(const chase::Telling& told);
Json shape_of(const plan::ChangeSet& changes);
Json shape_of(const chase::CompiledRule& rule);

/// On one line or indented; bytes that are no UTF-8 are replaced.
std::string text_of(const Json& value, int indent = -1);

}  // namespace chaser::web
