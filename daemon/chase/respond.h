#pragma once

#include <optional>
#include <string>
#include <vector>

#include "chase/decide.h"
#include "chase/state.h"

namespace chaser::chase {

/// What a person did about an action. `party` is the owner that answers (an assignment's party, or a recipient of it).
struct Response {
  ResponseKind kind = ResponseKind::update;
  plan::PartyId party;
  std::optional<CivilDay> until;  // acknowledge, snooze, blocked
  std::string note;
  std::optional<std::string> status;  // update: a new status of the workflow
  std::string author;                 // who typed it
  std::string means;                  // "cli", "link", "page", "api", "mail"
};

/// What the response changes; the store's record_response makes it so in one transaction.
struct ResponseEffect {
  bool accepted = false;
  /// Why it was refused, or what it did, for the person who answers: "snooze is refused: superior has been told".
  std::string answer;
  std::vector<AssignmentIndex> assignments;  // whose answer it counts as
  struct NewPause {
    CaseIndex index = 0;
    Pause pause;
  };
  std::vector<NewPause> pauses;
  std::vector<CaseEnd> ended;
  std::optional<std::string> status;  // the action's new one
  bool is_update = false;             // ends last_update cases, sets `updated`
  bool is_review = false;             // sets `reviewed`
  std::string note;
};

/// Pure. After applying, the action is decided again at once. Source: design.md §6, first table.
ResponseEffect respond(const ActionState& state, const World& world, const Response& response, Instant now);
void apply(const ResponseEffect& effect, Instant now, ActionState& state);

}  // namespace chaser::chase
