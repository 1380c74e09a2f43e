#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "calendar/time.h"
#include "documents/problems.h"

namespace chaser::plan {

using calendar::CivilDay;

/// A meeting to which the plan is reported.
struct Meeting {
  CivilDay day;
  std::string name;                // "Cabinet committee"
  std::optional<CivilDay> cutoff;  // the last day for what is to be reported; none: so long before as the settings say
  bool operator==(const Meeting&) const = default;
};

inline constexpr std::size_t meetings_max = 2000;
inline constexpr std::size_t meetings_bytes_max = std::size_t{1} << 20U;

/// Meetings from a calendar file (iCalendar: each event by its first day in `zone`, with its recurrences and what is
/// taken out of them; cancelled ones are left out) or, where the file is none, from YAML: `meetings: [{ on: 2026-12-01,
/// name: ..., cutoff: ... }]`. In order of day. Recurrences without an end go on to 31 Dec 2045.
std::vector<Meeting> read_meetings(const documents::Source& source, const calendar::Zone& zone,
                                   documents::Problems& problems);

}  // namespace chaser::plan
