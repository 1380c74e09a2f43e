#include "simulation/totals.h"

#include <fmt/format.h>

namespace chaser::simulation {

void Totals::add(const Report& report) {
  ++seeds;
  if (!report.violations.empty()) ++failed;
  sum.plan_years += report.plan_years;
  sum.crashes += report.crashes;
  sum.failed_commits += report.failed_commits;
  sum.commits += report.commits;
  sum.notifications += report.notifications;
  sum.arrivals += report.arrivals;
  sum.lost += report.lost;
  sum.phantom += report.phantom;
  sum.duplicates += report.duplicates;
  sum.duplicates_bound += report.duplicates_bound;
  sum.answers += report.answers;
  sum.changes += report.changes;
}

std::string Totals::text() const {
  return fmt::format(
      "seeds {}, plan-years {:.0f}, crashes {}, failed commits {}, commits {}, answers {}, changes {}, notifications "
      "{}, "
      "arrivals {}, lost {}, phantom {}, duplicates {} (at most {}), seeds that broke a promise {}",
      seeds, sum.plan_years, sum.crashes, sum.failed_commits, sum.commits, sum.answers, sum.changes, sum.notifications,
      sum.arrivals, sum.lost, sum.phantom, sum.duplicates, sum.duplicates_bound, failed);
}

std::string describe_failure(const Report& report) {
  std::string text = fmt::format("chaser-sim --seed {}\n", report.seed);
  for (const std::string& violation : report.violations) text += "  " + violation + "\n";
  return text;
}

}  // namespace chaser::simulation
