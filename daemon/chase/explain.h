#pragma once

#include <optional>
#include <string>
#include <vector>

#include "chase/forecast.h"

namespace chaser::chase {

/// One line of an explanation. `tag` is sent, waits, failed, passed, held, pauses, ended, next or rule.
struct ExplainLine {
  std::string tag;
  std::optional<Instant> at;  // when it went, ended, will go; of held: until when
  std::string what;           // "deadline/due-soon"
  std::string to;             // names of recipients
  std::string how;            // "email, in the digest"
  std::string remark;         // "accepted 09:00:01", "silenced by deadline", "1 Jan is New Year's Day: moved on"
  std::optional<Instant> since = std::nullopt;  // of held
};

/// What happened about an action, what is held and why, what comes next, and for every rule whether it applies and
/// which part of its condition decided. One function serves the command and the page; its reasons are why()'s, as those
/// of a message.
struct Explanation {
  std::string action;
  std::string headline;            // "in progress, lead CCN"
  std::vector<std::string> facts;  // the timescale's reading, the first date, the last update
  std::vector<ExplainLine> lines;
};

/// Pure: decides at `now` as the service would, without recording anything. `brakes`: what is held at large.
Explanation explain(const ActionState& state, const World& world, Instant now, std::size_t next_most = 5,
                    const Brakes& brakes = {});

std::string to_text(const Explanation& explanation, const Zone& zone);
std::string to_json(const Explanation& explanation, const Zone& zone);

}  // namespace chaser::chase
