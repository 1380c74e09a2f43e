// Any text as a timescale, by every convention: kept verbatim, and its reading is one that design.md allows.
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "plan/timescale.h"

using namespace chaser;

namespace {

void holds_together(std::string_view text, const plan::Timescale& read) {
  assert(read.verbatim == text);
  if (read.kind == plan::TimescaleKind::dated) assert(read.due && read.precision != plan::Precision::none);
  if (read.start && read.due) assert(*read.start <= *read.due);
  if (read.ambiguous) assert(read.alternative);
  assert((read.kind == plan::TimescaleKind::unreadable) == !read.problem.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  using Conventions = plan::Conventions;
  for (const auto year : {Conventions::Year::calendar, Conventions::Year::financial}) {
    for (const auto range : {Conventions::YearRange::financial, Conventions::YearRange::calendar}) {
      for (const auto order : {Conventions::DateOrder::day_first, Conventions::DateOrder::month_first}) {
        Conventions conventions;
        conventions.year = year;
        conventions.year_range = range;
        conventions.date_order = order;
        conventions.key["Short term"] = "2027";
        holds_together(text, plan::read_timescale(text, conventions));
      }
    }
  }
  return 0;
}
