#include "chase/reason.h"

#include <array>

namespace chaser::chase {
namespace {

struct Wording {
  std::string_view name;
  std::string_view text;  // %s is the detail
};

constexpr std::array<Wording, static_cast<std::size_t>(ReasonCode::count_)> wordings{{
    {"none", ""},
    {"floor", "floor"},
    {"superseded", "superseded by %s"},
    {"lapsed_in_pause", "lapsed in a pause"},
    {"past_at_beginning", "past when the case began"},
    {"missed_before_meeting", "missed before the first meeting"},
    {"first_meetings_full", "ten first meetings this week"},
    {"silenced", "silenced by %s"},
    {"dormant", "not now: %s is false"},
    {"waits_for_lower", "no lower step has reached the lead yet"},
    {"waits_for_pause", "waits for the end of a pause"},
    {"answered", "answered"},
    {"all_answered", "every lead has answered"},
    {"no_superior", "%s has no superior in the directory"},
    {"no_deputy", "%s has no deputy in the directory"},
    {"nobody", "the plan names no %s"},
    {"lacks_channel", "no %s for this recipient"},
    {"unreachable", "unreachable"},
    {"meets_in_digest", "in the next digest"},
    {"digest_sent_today", "today's digest has gone"},
    {"stopped", "stopped: %s"},
    {"frozen", "freeze: %s"},
    {"limited", "over the limit of people of %s"},
    {"clock", "the clock is not trusted"},
    {"finished", "the action is %s"},
    {"replanned", "replanned to %s"},
    {"settled", "answered by all who were asked"},
    {"rule_removed", "the rule is no longer loaded"},
    {"reassigned", "no longer led by %s"},
    {"dropped", "no longer in the plan"},
    {"no_rule", "no rule covers this action"},
    {"no_anchor", "no date to count from"},
    {"exhausted", "every step has been taken"},
    {"migrated", "goes on under the edited rule"},
    {"failed", "deciding failed: %s"},
    {"muted", "wants no digests since %s"},
    {"reopened", "the action is open again"},
    {"away", "away %s, and nobody stands in"},
}};

}  // namespace

std::string_view name_of(ReasonCode code) {
  return wordings[static_cast<std::size_t>(code)].name;
}

ReasonCode reason_code(std::string_view name) {
  for (std::size_t i = 0; i < wordings.size(); ++i) {
    if (wordings[i].name == name) return static_cast<ReasonCode>(i);
  }
  return ReasonCode::none;
}

std::string describe(const Reason& reason) {
  const std::string_view text = wordings[static_cast<std::size_t>(reason.code)].text;
  const std::size_t gap = text.find("%s");
  if (gap == std::string_view::npos) return std::string(text);
  return std::string(text.substr(0, gap)) + reason.detail + std::string(text.substr(gap + 2));
}

}  // namespace chaser::chase
