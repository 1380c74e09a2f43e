#include "web/timeline.h"

#include <fmt/format.h>

#include <algorithm>

#include "channels/wording.h"
#include "documents/markup.h"
#include "web/standing.h"

namespace chaser::web {
namespace {

using calendar::CivilDay;

constexpr int width = 1'000;
constexpr int left = 56;  // of the ids
constexpr int right = 16;
constexpr int top = 34;  // of the axis
constexpr int row = 22;

/// Days to the picture's x, over whole years.
class Scale {
 public:
  Scale(CivilDay first, CivilDay last)
      : first_(absl::CivilDay(first.year(), 1, 1)), last_(absl::CivilDay(last.year() + 1, 1, 1)) {}

  double x(CivilDay day) const {
    const CivilDay within = std::clamp(day, first_, last_);
    return left + static_cast<double>(within - first_) / static_cast<double>(last_ - first_) * (width - left - right);
  }
  CivilDay first() const { return first_; }
  CivilDay last() const { return last_; }

 private:
  CivilDay first_;
  CivilDay last_;
};

std::string axis(const Scale& scale, int height) {
  std::string svg;
  const auto years = scale.last().year() - scale.first().year();
  for (auto year = scale.first().year(); year < scale.last().year(); ++year) {
    for (int month = 1; month <= 12; month += years > 3 ? 12 : 3) {
      const double x = scale.x(CivilDay(year, month, 1));
      svg += fmt::format(R"(<line class="grid" x1="{0:.1f}" x2="{0:.1f}" y1="{1}" y2="{2}"/>)", x, top - 8, height);
      if (month == 1)
        svg += fmt::format(R"(<text class="axis" x="{:.1f}" y="{}">{}</text>)", x + 3, top - 18, year);
      else
        svg += fmt::format(R"(<text class="axis" x="{:.1f}" y="{}">Q{}</text>)", x + 3, top - 18, (month + 2) / 3);
    }
  }
  return svg;
}

std::string bar(const chase::ActionFacts& facts, const Standing& standing, const Scale& scale, int y) {
  const std::string_view kind = standing.word == "finished" ? " done" : standing.word == "late" ? " late" : "";
  const auto& timescale = facts.timescale;
  if (!timescale.due) {
    const double from = timescale.start ? scale.x(*timescale.start) : scale.x(scale.first());
    return fmt::format(R"(<rect class="span open" x="{:.1f}" y="{}" width="{:.1f}" height="8" rx="4"/>)", from, y - 4,
                       scale.x(scale.last()) - from);
  }
  const double to = scale.x(*timescale.due);
  const double from = std::min(timescale.start ? scale.x(*timescale.start) : to - 6, to - 6);
  std::string svg = fmt::format(R"(<rect class="span{}" x="{:.1f}" y="{}" width="{:.1f}" height="10" rx="3"/>)", kind,
                                from, y - 5, to - from);
  svg +=
      fmt::format(R"(<rect class="due-mark{}" x="{:.1f}" y="{}" width="4" height="16" rx="1"/>)", kind, to - 2, y - 8);
  if (facts.first_due && *facts.first_due != *timescale.due) {
    const double first = scale.x(*facts.first_due);
    svg +=
        fmt::format(R"(<path class="slip" d="M{:.1f} {} L{:.1f} {}"/><circle class="slip" cx="{:.1f}" cy="{}" r="4"/>)",
                    first, y, to, y, first, y);
  }
  return svg;
}

std::string milestones(const chase::ActionFacts& facts, const Scale& scale, int y) {
  std::string svg;
  for (const plan::Milestone& milestone : facts.milestones) {
    const double x = scale.x(milestone.due);
    svg += fmt::format(R"(<path class="milestone{}" d="M{:.1f} {} l6 6 l-6 6 l-6 -6 z"/>)",
                       milestone.done ? " done" : "", x, y - 6);
  }
  return svg;
}

}  // namespace

std::string timeline(const std::vector<const chase::ActionState*>& actions, const plan::Workflow& workflow,
                     CivilDay today) {
  CivilDay first = today;
  CivilDay last = today;
  bool any = false;
  const auto reach = [&](std::optional<CivilDay> day) {
    if (!day) return;
    any = true;
    // A mistyped year must not squeeze all the others.
    first = std::max(std::min(first, *day), today - 366 * 10);
    last = std::min(std::max(last, *day), today + 366 * 20);
  };
  for (const chase::ActionState* action : actions) {
    reach(action->facts.timescale.start);
    reach(action->facts.timescale.due);
    reach(action->facts.first_due);
    for (const plan::Milestone& milestone : action->facts.milestones) reach(milestone.due);
  }
  if (!any) return "";
  const Scale scale(first, last);
  const int height = top + row * static_cast<int>(actions.size()) + 6;
  std::string svg = fmt::format(
      R"(<svg class="timeline" viewBox="0 0 {} {}" role="img" aria-label="Timeline of {} actions from {} to {}; the table has the same dates">)",
      width, height, actions.size(), scale.first().year(), scale.last().year() - 1);
  svg += axis(scale, height);
  int y = top + row / 2;
  for (const chase::ActionState* action : actions) {
    svg += fmt::format(R"(<text x="0" y="{}">{}</text>)", y + 4,
                       documents::escaped_markup(channels::shortened(action->facts.id, 8)));
    svg +=
        bar(action->facts, standing_of(action->facts, workflow, today), scale, y) + milestones(action->facts, scale, y);
    y += row;
  }
  const double now = scale.x(today);
  const std::string_view anchor = now > width - 60 ? "end" : "start";
  svg += fmt::format(R"(<line class="today" x1="{0:.1f}" x2="{0:.1f}" y1="{1}" y2="{2}"/>)", now, top - 12, height);
  svg += fmt::format(R"(<text class="today-word" text-anchor="{}" x="{:.1f}" y="{}">today</text>)", anchor, now + 3,
                     top - 4);
  return svg + "</svg>";
}

}  // namespace chaser::web
