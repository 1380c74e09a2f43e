#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "chase/decide.h"
#include "chase/state.h"

namespace chaser::chase {

/// What a person did about an action. `party` is who answers: an assignment's party, a recipient or deputy of it, the
/// plan's coordinator, sponsor or approver, or the party to whom it was delegated.
struct Response {
  ResponseKind kind = ResponseKind::update;
  plan::PartyId party;
  std::optional<CivilDay> until;  // acknowledge, snooze, blocked
  std::string note;
  std::optional<std::string> status;  // update: a new status of the workflow
  std::string author;                 // who typed it
  std::string means;                  // "cli", "link", "page", "api", "mail"
  std::optional<double> value;        // update: what the action's measure reads ...
  std::optional<CivilDay> read_on;    // ... on this day; none: today
  std::optional<Rag> claimed;         // update: how they say it stands
  std::string milestone;              // update: the id of one that is met; "" is none
  std::optional<int> percent;         // update: 0..100
  std::optional<CivilDay> due;        // extension: the date asked for; approve: the one granted, if another
  plan::PartyId to;                   // delegate: to whom; approve, refuse: whose request, if several wait
  std::vector<std::string> others;    // blocked: by which action, or in words; superseded, merged, split: which actions
  std::string evidence;               // a link to what proves it
  std::optional<ResponseKind> request = std::nullopt;  // approve, refuse: which kind, if several wait
};

inline constexpr std::size_t note_characters_max = 4000;
inline constexpr std::size_t evidence_characters_max = 2000;
inline constexpr std::size_t others_max = 20;

/// What answering has to know of the plan's other actions; needed only if a response names some (`others`).
struct Surroundings {
  std::vector<std::string> actions;                        // ids of the plan's actions, sorted
  std::vector<std::pair<std::string, std::string>> waits;  // {the waiting, the one it waits for}
};

/// What the response changes; the store's record_response makes it so in one transaction.
struct ResponseEffect {
  bool accepted = false;
  /// Not accepted, and harmless: it was answered before. `answer` says by whom and when.
  bool already = false;
  /// Why it was refused, or what it did, for the person who answers: "snooze is refused: superior has been told".
  std::string answer;
  std::vector<AssignmentIndex> assignments;  // whose answer it counts as
  struct NewPause {
    CaseIndex index = 0;
    Pause pause;
  };
  std::vector<NewPause> pauses;
  struct CutPause {
    CaseIndex index = 0;
    std::uint32_t pause = 0;
    CivilDay last;  // the day of `now`, or that of its beginning
  };
  std::vector<CutPause> cut;
  std::vector<CaseEnd> ended;
  std::optional<std::string> status;  // the action's new one
  bool is_update = false;             // ends last_update cases, sets `updated`
  bool is_review = false;             // sets `reviewed`
  bool counts_as_review = false;      // a review was due: one more is answered
  std::optional<plan::Reading> reading;
  std::optional<Rag> claimed;
  std::string milestone;  // met now; "" is none
  std::string note;
  std::optional<int> percent;
  std::optional<CivilDay> due;   // an extension is granted: the new date, one slip more
  std::optional<Request> asked;  // waits for somebody's word from now on
  struct Decided {
    std::int32_t number = 0;
    RequestEnd end = RequestEnd::approved;
  };
  std::vector<Decided> decided;
  struct Delegated {
    AssignmentIndex assignment = 0;
    PartyIndex delegate = no_party;
  };
  std::vector<Delegated> delegated;   // asked for (the delegate stays as it is), accepted or given back
  std::vector<AssignmentIndex> done;  // said so, and nobody's approval is missing
  bool reopened = false;
  std::vector<Lineage> lineage;
  std::optional<Blocking> blocked_by;  // for which other action it waits
  bool unblocked = false;              // it waits for none any more
};

/// What earlier answers of one kind have paused for one lead in one case: working days, and how many answers. Set
/// beside the rule's limits it is the lead's ledger.
struct PauseUse {
  int days = 0;
  int answers = 0;
};
PauseUse pause_use(const ActionState& state, const CaseState& chase_case, AssignmentIndex lead, ResponseKind kind);

/// Pure. After applying, the action is decided again at once. A late or repeated response changes nothing and says who
/// answered before. Source: design.md §6, first table.
ResponseEffect respond(const ActionState& state, const World& world, const Response& response, Instant now,
                       const Surroundings* around = nullptr);
void apply(const ResponseEffect& effect, const Response& response, const World& world, Instant now, ActionState& state);
/// What the effect on action `waiting` means to another one: it blocks, or does so no more. True if anything changed.
bool apply_to_blocker(const ResponseEffect& effect, const std::string& waiting, Instant now, ActionState& blocker);

/// "asks for a later date", "says it is done": of a log line or a mail.
std::string_view words_of(ResponseKind kind);

}  // namespace chaser::chase
