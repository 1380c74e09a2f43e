#include "web/page.h"

#include <fmt/format.h>

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

std::string row(std::initializer_list<std::string> cells) {
  std::string text = "<tr>";
  for (const std::string& cell : cells) text += "<td>" + escape(cell) + "</td>";
  return text + "</tr>\n";
}

std::string table(std::string_view caption, std::initializer_list<std::string_view> columns, const std::string& rows,
                  std::string_view empty) {
  std::string text = fmt::format("<section>\n<h2>{}</h2>\n", caption);
  if (rows.empty()) return text + fmt::format("<p>{}</p>\n</section>\n", empty);
  text += "<div class=\"wide\"><table>\n<thead><tr>";
  for (const std::string_view column : columns) text += fmt::format("<th scope=\"col\">{}</th>", column);
  return text + "</tr></thead>\n<tbody>\n" + rows + "</tbody></table></div>\n</section>\n";
}

std::string waiting_rows(const Overview& overview, const chase::World& world) {
  std::string rows;
  for (const auto& message : overview.waiting) {
    std::string actions;
    for (const auto& item : message.items) actions += (actions.empty() ? "" : ", ") + item.action;
    rows += row({std::string(store::name_of(message.state)), name_of(message.recipient, world), actions, message.channel,
                 message.attempts == 0 ? "not tried yet" : fmt::format("tried {} times: {}", message.attempts, message.last_outcome),
                 when(message.not_before, world)});
  }
  return rows;
}

std::string held_rows(const Overview& overview, const chase::World& world) {
  std::string rows;
  for (const auto& hold : overview.held) {
    rows += row({hold.action, hold.rule + (hold.step.empty() ? "" : "/" + hold.step), name_of(hold.recipient, world),
                 describe(hold.reason), when(hold.since, world),
                 hold.until && *hold.until < absl::InfiniteFuture() ? when(*hold.until, world) : ""});
  }
  return rows;
}

std::string sent_rows(const Overview& overview, const chase::World& world) {
  std::string rows;
  for (const auto& sent : overview.sent) {
    rows += row({when(sent.sent.value_or(sent.decided), world), name_of(sent.recipient, world), sent.action,
                 sent.rule + "/" + sent.step, fmt::format("{}", fmt::join(sent.via, ", ")),
                 sent.state + (sent.reason.empty() ? "" : ": " + sent.reason)});
  }
  return rows;
}

std::string next_rows(const Overview& overview, const chase::World& world) {
  std::string rows;
  for (const auto& told : overview.next) {
    rows += row({when(told.at, world), name_of(told.to, world), told.action, told.rule + "/" + told.step, told.channel, told.reason});
  }
  return rows;
}

}  // namespace

std::string escape(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  for (const char letter : text) {
    switch (letter) {
      case '&': safe += "&amp;"; break;
      case '<': safe += "&lt;"; break;
      case '>': safe += "&gt;"; break;
      case '"': safe += "&quot;"; break;
      case '\'': safe += "&#39;"; break;
      default: safe += letter;
    }
  }
  return safe;
}

std::string page(const Overview& overview, const chase::World& world) {
  const store::StoreStatus& status = overview.status;
  std::string text(head);
  text += fmt::format("<p>{} actions in {} plans, {} open cases. {} notifications wait to be composed, {} messages to be delivered",
                      status.actions, status.plans, status.open_cases, status.pending, status.queued);
  text += status.needs_attention == 0 ? ".</p>\n"
                                      : fmt::format(", <strong>{} need a person</strong>.</p>\n", status.needs_attention);
  text += table("What waits", {"State", "To", "Actions", "Channel", "Tries", "Next try"}, waiting_rows(overview, world),
                "No message waits.");
  text += table("What comes next", {"When", "To", "Action", "Step", "Channel", "Why"}, next_rows(overview, world),
                "Nothing is planned, or the plan is too large to look ahead on a page: see chaser forecast.");
  text += table("What went out", {"When", "To", "Action", "Step", "Channel", "Outcome"}, sent_rows(overview, world),
                "Nothing has gone out yet.");
  text += table("What is held, and why", {"Action", "Step", "Who", "Reason", "Since", "Until"}, held_rows(overview, world),
                "Nothing is held.");
  text += fmt::format("<p class=\"foot\">As of {}. This page changes nothing.</p>\n</main>\n</body>\n</html>\n",
                      escape(when(overview.now, world)));
  return text;
}

}  // namespace chaser::web
