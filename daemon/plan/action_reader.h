#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "documents/problems.h"
#include "documents/table.h"
#include "plan/owners_roster.h"
#include "plan/plan.h"

namespace chaser::plan {

// For read_plan alone.

/// An action's cells as the rows gave them, wrapped ones joined.
struct ActionCells {
  documents::Cell id;
  documents::Cell text;
  documents::Cell title;
  documents::Cell owners;
  documents::Cell supports;
  documents::Cell timescale;
  documents::Cell status;
  std::string section;
  std::vector<std::pair<std::string, std::string>> other;
};

/// What the reading of cells needs of its surroundings.
struct ReadingContext {
  const documents::Source& source;
  const std::string& plan_id;
  const Conventions& conventions;
  const Directory* directory;
  const Workflow& workflow;
  documents::Problems& problems;
  std::vector<std::string> known_names;  // the directory's, for this plan
  Roster roster;                         // of them
};

/// Cells -> action, with the problems of its owners, timescale and status.
Action read_action(const ActionCells& cells, const ReadingContext& context);

/// Warns of an owner that the directory does not know or that is vacant.
void check_owner(const std::string& action_id, const OwnerToken& owner, documents::Position at,
                 const ReadingContext& context);

/// The first clause of a text within 70 characters; cut at a word with an ellipsis if there is none.
std::string title_of(std::string_view text);

}  // namespace chaser::plan
