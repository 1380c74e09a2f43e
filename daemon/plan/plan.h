#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "documents/problems.h"
#include "documents/table.h"
#include "plan/cadence.h"
#include "plan/directory.h"
#include "plan/measure.h"
#include "plan/owners.h"
#include "plan/timescale.h"
#include "plan/workflow.h"

namespace chaser::plan {

struct Milestone {
  std::string id;  // slug, unique in its action
  std::string name;
  CivilDay due;
  bool done = false;
  bool operator==(const Milestone&) const = default;
};

/// A row of the plan. Everything the document says is kept verbatim beside what was read from it.
struct Action {
  std::string id;       // unique in its plan, as written: "2.1"
  std::string section;  // the section's name, "" before the first
  std::string text;     // the whole text of the action
  std::string title;    // short: the supplement's, else the first clause of the text within 70 characters
  std::string owners_verbatim;
  std::vector<OwnerToken> owners;
  Timescale timescale;
  /// By the document's status column or the supplement; the workflow's first status otherwise.
  std::string status = "not_started";
  std::vector<Milestone> milestones;
  std::vector<std::string> tags;
  std::optional<int> cadence_months;    // the review cadence of the supplement ...
  std::string recurrence;               // ... or its recurrence; "" for none (plan/cadence.h)
  std::optional<Measure> measure;       // the supplement's
  std::vector<std::string> blocked_by;  // the supplement's: "plan/action", each once
  /// Columns that Chaser has no word for, by their header, so that nothing of the document is lost.
  std::vector<std::pair<std::string, std::string>> other;
  documents::Position at;

  bool operator==(const Action&) const = default;
};

struct Plan {
  std::string id;  // slug, given by the settings: "kent-medway"
  std::string title;
  std::vector<std::string> sections;  // in order, each once
  std::vector<Action> actions;        // in order

  const Action* find(std::string_view action_id) const;
};

inline constexpr std::size_t actions_max = 100'000;

/// Table -> plan: finds the header row by its words in any order with synonyms (id/ref/no, action/detail/objective,
/// lead/owner/responsible, timescale/deadline/due/by when, status, ...), the title, the section rows, wrapped cells
/// (a row without an id continues the action above), and noise. Problems name the row: no header row (error), an id
/// twice (error), a row that could not be placed (warning), an unreadable timescale or a token the directory does not
/// know (warning; the action is kept), an ambiguous timescale (warning with how to settle it), an action without an
/// owner. A section is a row of one cell with actions below it; one without is reported as a row that could not be
/// placed. Nothing without a header row. Limit: actions_max. `directory` may be null: then owners are split unaided and
/// none is called unknown.
std::optional<Plan> read_plan(const documents::Table& table, const documents::Source& source, std::string plan_id,
                              const Conventions& conventions, const Directory* directory, const Workflow& workflow,
                              documents::Problems& problems);

/// The optional YAML supplement by action id: `conventions:` and `actions: {"2.1": {title, status, tags, cadence,
/// milestones, measure, blocked_by, timescale, owners}}`. Conventions are read first, since they steer read_plan.
std::optional<Conventions> read_conventions(const documents::YamlNode& supplement, const documents::Source& source,
                                            documents::Problems& problems);
/// Applies the rest to the plan. Errors: unknown actions, unknown keys, unknown statuses, actions that wait for each
/// other in a circle. What it overrides of the document (timescale, owners) stays in `Action::other`. With a directory,
/// owners that it does not know are warned of.
void apply_supplement(const documents::YamlNode& supplement, const documents::Source& source, const Workflow& workflow,
                      const Conventions& conventions, Plan& plan, documents::Problems& problems,
                      const Directory* directory = nullptr);

/// The words of `plan read --format json` (design.md §8): title, sections, actions, problems.
std::string to_json(const Plan& plan, const documents::Problems& problems);
/// The same for people: a table of id, owners, timescale and reading, then what is ambiguous or unreadable by name.
std::string to_table(const Plan& plan, const documents::Problems& problems);

}  // namespace chaser::plan
