#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "calendar/time.h"
#include "calendar/working_calendar.h"
#include "documents/problems.h"

namespace chaser::rulebook {

/// The facts a condition may speak of; the one table of names, types and meanings is in vocabulary.h. Each is a slot,
/// so that evaluation indexes an array and looks up no name.
enum class Fact : std::uint8_t {
  action_id,
  action_section,
  action_title,
  action_text,
  action_kind,
  action_status,
  action_precision,
  action_timescale,
  action_start,
  action_due,
  action_first_due,
  action_tags,
  action_owners,
  action_leads,
  action_unowned,
  action_ambiguous,
  action_slips,
  action_last_update,
  action_next_review,
  action_next_milestone,
  action_first_seen,
  plan_id,
  plan_title,
  case_rule,
  case_epoch,
  case_anchor,
  now,
  today,
  count_
};

/// A fact's value as the state keeps it; texts and lists are borrowed and outlive the evaluation. Dates are civil days
/// (CEL timestamps at 00:00 of the plan's zone); an absent date is a null.
struct FactValue {
  enum class Kind : std::uint8_t { null, boolean, integer, text, texts, day, instant };
  Kind kind = Kind::null;
  std::int64_t integer = 0;  // also: bool, day number since 1970-01-01, microseconds since 1970
  std::string_view text;
  std::span<const std::string> texts;
};

/// The values of one action at one instant.
struct Facts {
  FactValue values[static_cast<std::size_t>(Fact::count_)];
  std::vector<std::string> leads;  // what action.leads borrows, if there are several: so it moves, and is not copied
  calendar::Zone zone;             // the plan's
  const calendar::WorkingCalendar* calendar =
      nullptr;  // for working_days_until() and _since(); outlives the evaluation

  Facts() = default;
  Facts(Facts&&) = default;
  Facts& operator=(Facts&&) = default;

  FactValue& operator[](Fact fact) { return values[static_cast<std::size_t>(fact)]; }
  const FactValue& operator[](Fact fact) const { return values[static_cast<std::size_t>(fact)]; }
};

/// What evaluating gave. `problem` is set where CEL's evaluation is an error (overflow, missing key): never true or
/// false.
struct Truth {
  bool value = false;
  const char* problem = nullptr;  // static text
};

/// A compiled CEL condition: parsed and type-checked once, evaluated without allocation on the common path.
/// Cheap to copy (shared, immutable). A default-constructed one is always true.
class Condition {
 public:
  Condition();

  Truth evaluate(const Facts& facts) const;
  /// The conjunct that makes it false, as the author wrote it ("action.status in [...]"), for explain; "" if it is
  /// true. Slow path.
  std::string false_part(const Facts& facts) const;

  const std::string& text() const;
  /// Whether it mentions now or today, or a fact that changes with them, so that it must be looked at daily.
  bool depends_on_time() const;
  bool mentions(Fact fact) const;

  struct Program;
  explicit Condition(std::shared_ptr<const Program> program);

 private:
  std::shared_ptr<const Program> program_;
};

/// Parses, type-checks (the result must be bool) and compiles. Problems are placed in `source`: `at` is where `text`
/// begins (a plain YAML scalar on one line; for others pass the scalar's own position and columns are relative to it).
/// `statuses` are the workflow's, so that a comparison of action.status with an unknown one is an error with a
/// suggestion. Limits: 4 KiB of text, depth 100, 2,000 nodes.
std::optional<Condition> compile_condition(std::string_view text, const documents::Source& source,
                                           documents::Position at, std::span<const std::string> statuses,
                                           documents::Problems& problems);

}  // namespace chaser::rulebook
