#pragma once

#include "chase/report.h"
#include "store/store.h"

namespace chaser::store {

/// A report of a plan from what is stored: its actions, finished ones too, with what was answered about each. A plan
/// without a title of its own goes by its document's. Throws StoreError.
chase::Report report(Store& store, const chase::World& world, const chase::PlanContext& plan, chase::ReportKind kind,
                     Instant now);

/// The instant for which a report "as at" that day is made: its last one in the plan's zone.
Instant end_of(CivilDay day, const chase::PlanContext& plan);

}  // namespace chaser::store
