#pragma once

#include <memory>
#include <optional>

#include "app/clock.h"
#include "app/command_line.h"
#include "app/loading.h"
#include "store/store.h"

namespace chaser::app {

/// The settings' inputs, or nothing after their problems have been told to `terminal.err`: a verb then ends with
/// Exit::problems.
std::optional<Inputs> open_inputs(const Invocation& invocation, Terminal& terminal, bool secrets_required);

/// The same for the service's start, and for what must work beside it: a rule file with errors is replaced by the
/// version that the store kept as the last good one, and `alarm` says so. Never "no rules, all quiet": nothing if no
/// rule would be left.
std::optional<Inputs> open_inputs_or_last_good(const Invocation& invocation, Terminal& terminal, bool secrets_required,
                                               std::string& alarm);

/// The clock that --now asks for, else the system's. Throws UsageError for a time that is none.
Clock clock_of(const Invocation& invocation);

/// A store opened for reading, with the world it was decided by: current inputs and the rules that open cases pin.
struct ReadingView {
  std::unique_ptr<store::Store> store;
  std::shared_ptr<const chase::World> world;
};
/// Throws StoreError if there is no store yet.
ReadingView open_reading(const Inputs& inputs, const Clock& clock, documents::Problems& problems);

/// "kent-medway/2.1" as plan and action; throws UsageError otherwise.
std::pair<std::string, std::string> plan_and_action(const std::string& word);

/// The instant at which a day begins in the first plan's zone, for --from and --to; throws UsageError for no day.
Instant first_instant(const std::string& day, const Inputs& inputs);
/// The last instant of that day, however long it is.
Instant last_instant(const std::string& day, const Inputs& inputs);

}  // namespace chaser::app
