#include "web/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace chaser::web {
namespace {

constexpr std::string_view head = R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Chaser</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<main>
<h1>Chaser</h1>
)html";

std::string when(calendar::Instant at, const chase::World& world) {
  const calendar::Zone zone = world.plans().empty() ? absl::UTCTimeZone() : world.plans().front().zone;
  return absl::FormatTime("%a %e %b %Y %H:%M", at, zone);
}

std::string name_of(const std::string& party, const chase::World& world) {
  const chase::PartyIndex index = world.find_party(party);
  return index == chase::no_party ? party : world.person(index).name;
}

using Row = std::vector<std::string>;

/// On a phone each row is a block of its own and each cell says what it is: hence the labels and the roles.
std::string table(std::string_view caption, const std::vector<std::string_view>& columns, const std::vector<Row>& rows,
                  std::string_view empty) {
  std::string text = fmt::format("<section>\n<h2>{}</h2>\n", caption);
  if (rows.empty()) return text + fmt::format("<p>{}</p>\n</section>\n", escape(empty));
  text += "<table role=\"table\">\n<thead role=\"rowgroup\"><tr role=\"row\">";
  for (const std::string_view column : columns)
    text += fmt::format("<th role=\"columnheader\" scope=\"col\">{}</th>", column);
  text += "</tr></thead>\n<tbody role=\"rowgroup\">\n";
  for (const Row& row : rows) {
    text += "<tr role=\"row\">";
    for (std::size_t i = 0; i < columns.size(); ++i) {
      text += fmt::format("<td role=\"cell\" data-label=\"{}\">{}</td>", columns[i], escape(row[i]));
    }
    text += "</tr>\n";
  }
  return text + "</tbody></table>\n</section>\n";
}

std::string counted(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

void add_once(std::string& list, std::string_view name) {
  if (fmt::format(", {},", list).find(fmt::format(", {},", name)) != std::string::npos) return;
  list += fmt::format("{}{}", list.empty() ? "" : ", ", name);
}

std::vector<Row> waiting_rows(const Overview& overview, const chase::World& world) {
  std::vector<Row> rows;
  for (const auto& message : overview.waiting) {
    std::string actions;
    for (const auto& item : message.items) add_once(actions, item.action);
    rows.push_back({std::string(store::name_of(message.state)), name_of(message.recipient, world), actions,
                    message.channel,
                    message.attempts == 0
                        ? "not tried yet"
                        : fmt::format("tried {}: {}", counted(static_cast<std::size_t>(message.attempts), "time"),
                                      message.last_outcome),
                    when(message.not_before, world)});
  }
  return rows;
}

std::vector<Row> held_rows(const Overview& overview, const chase::World& world) {
  std::vector<Row> rows;
  for (const auto& hold : overview.held) {
    rows.push_back({hold.action, hold.rule + (hold.step.empty() ? "" : "/" + hold.step), name_of(hold.recipient, world),
                    describe(hold.reason), when(hold.since, world),
                    hold.until && *hold.until < absl::InfiniteFuture() ? when(*hold.until, world) : ""});
  }
  return rows;
}

std::vector<Row> sent_rows(const Overview& overview, const chase::World& world) {
  std::vector<Row> rows;
  for (const auto& sent : overview.sent) {
    rows.push_back({when(sent.sent.value_or(sent.decided), world), name_of(sent.recipient, world), sent.action,
                    sent.rule + "/" + sent.step, fmt::format("{}", fmt::join(sent.via, ", ")),
                    sent.state + (sent.reason.empty() ? "" : ": " + sent.reason)});
  }
  return rows;
}

/// One row for what one person is told by one step at one instant for one reason.
std::vector<Row> next_rows(const Overview& overview, const chase::World& world) {
  std::vector<Row> rows;
  for (const auto& told : overview.next) {
    const Row row{when(told.at, world), name_of(told.to, world), told.action, told.rule + "/" + told.step, told.channel,
                  told.reason};
    const auto same = std::find_if(rows.begin(), rows.end(), [&](const Row& other) {
      return other[0] == row[0] && other[1] == row[1] && other[3] == row[3] && other[5] == row[5];
    });
    if (same == rows.end()) {
      rows.push_back(row);
      continue;
    }
    add_once((*same)[2], told.action);
    add_once((*same)[4], told.channel);
  }
  return rows;
}

/// What waits is a message in the outbox, or a notification whose window is still closed.
std::string nothing_waits(const store::StoreStatus& status, const chase::World& world) {
  if (status.pending == 0) return "Nothing waits.";
  const std::string opening = status.next_compose ? "; the first opens " + when(*status.next_compose, world) : "";
  return fmt::format(
      "No message is on its way. {} for sending windows to open{}.",
      status.pending == 1 ? "1 notification waits" : fmt::format("{} notifications wait", status.pending), opening);
}

}  // namespace

std::string escape(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  for (const char letter : text) {
    switch (letter) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += letter;
    }
  }
  return safe;
}

std::string page(const Overview& overview, const chase::World& world) {
  const store::StoreStatus& status = overview.status;
  std::string text(head);
  text += fmt::format("<p>{} in {}, {}. {} to be delivered", counted(status.actions, "action"),
                      counted(status.plans, "plan"), counted(status.open_cases, "open case"),
                      counted(status.queued, "message"));
  text += status.needs_attention == 0
              ? ".</p>\n"
              : fmt::format(", <strong>{} in need of a person</strong>.</p>\n", status.needs_attention);
  text += table("What waits", {"State", "To", "Actions", "Channel", "Tries", "Next try"}, waiting_rows(overview, world),
                nothing_waits(status, world));
  text += table("What comes next", {"When", "To", "Actions", "Step", "Channels", "Why"}, next_rows(overview, world),
                "Nothing is planned, or the plan is too large to look ahead on a page: see chaser forecast.");
  text += table("What went out", {"When", "To", "Action", "Step", "Channels", "Outcome"}, sent_rows(overview, world),
                "Nothing has gone out yet.");
  text += table("What is held, and why", {"Action", "Step", "Who", "Reason", "Since", "Until"},
                held_rows(overview, world), "Nothing is held.");
  text += fmt::format("<p class=\"foot\">As of {}. This page changes nothing.</p>\n</main>\n</body>\n</html>\n",
                      escape(when(overview.now, world)));
  return text;
}

}  // namespace chaser::web
