#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "chase/report_words.h"
#include "documents/characters.h"

namespace chaser::chase {
namespace {

using Json = nlohmann::ordered_json;

Json day_json(const std::optional<CivilDay>& day) {
  return day ? Json(calendar::iso_day(*day)) : Json(nullptr);
}

Json json_of(const ReportRow& row) {
  Json asked = Json::array();
  for (const ReportAsked& each : row.asked) {
    asked.push_back(
        {{"lead", each.name}, {"asked", calendar::iso_day(each.asked)}, {"answered", day_json(each.answered)}});
  }
  return {{"action", row.id},
          {"section", row.section},
          {"title", row.title},
          {"leads", row.leads},
          {"status", row.status},
          {"finished", row.is_finished},
          {"timescale", row.timescale.verbatim},
          {"kind", plan::name_of(row.timescale.kind)},
          {"first_due", day_json(row.first_due)},
          {"due", day_json(row.timescale.due)},
          {"next_review", day_json(row.next_review)},
          {"reviews", row.reviews},
          {"slips", row.slips},
          {"slip_days", row.slip_days},
          {"days_late", row.days_late},
          {"claimed", name_of(row.claimed)},
          {"computed", name_of(row.computed)},
          {"disputed", row.is_disputed()},
          {"percent", row.percent ? Json(*row.percent) : Json(nullptr)},
          {"narrative", row.narrative},
          {"narrative_on", day_json(row.narrative_on)},
          {"narrative_age_days", row.narrative_age ? Json(*row.narrative_age) : Json(nullptr)},
          {"asked", std::move(asked)},
          {"silent", row.silent()},
          {"measure", row.measure ? Json(row.measure->words) : Json(nullptr)},
          {"measure_behind", row.measure ? Json(row.measure->is_behind) : Json(nullptr)},
          {"waits_for", row.waits_for},
          {"why", row.why}};
}

Json json_of(const ReportFigures& figures) {
  return {{"actions", figures.actions},
          {"finished", figures.finished},
          {"exceptions", figures.exceptions},
          {"late", figures.late},
          {"slipped", figures.slipped},
          {"ongoing", figures.ongoing},
          {"ongoing_share_percent", figures.ongoing_share()},
          {"reviews_late", figures.reviews_late},
          {"red", figures.red},
          {"amber", figures.amber},
          {"green", figures.green},
          {"disputed", figures.disputed},
          {"ambiguous", figures.ambiguous},
          {"without_news", figures.without_news}};
}

/// Quoted; what a spreadsheet would run as a formula is text.
std::string csv_field(std::string_view text) {
  std::string field = "\"";
  if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos) field += '\'';
  for (const char c : text) {
    if (c == '"') field += '"';
    field += c;
  }
  return field + "\"";
}

std::string csv_line(const std::vector<std::string>& fields) {
  std::string line;
  for (const std::string& field : fields) line += (line.empty() ? "" : ",") + csv_field(field);
  return line + "\r\n";
}

std::string iso(const std::optional<CivilDay>& day) {
  return day ? calendar::iso_day(*day) : "";
}

std::string colours(const ReportRow& row) {
  if (row.claimed == Rag::none && row.computed == Rag::none) return "";
  const auto word = [](Rag rag) { return rag == Rag::none ? std::string("-") : std::string(name_of(rag)); };
  return word(row.claimed) + "/" + word(row.computed);
}

std::string shortened(std::string_view text, std::size_t most) {
  if (documents::character_count(text) <= most) return std::string(text);
  return std::string(documents::first_characters(text, most - 1)) + "\u2026";
}

/// Rows of cells, each column as wide as its widest cell.
std::string aligned(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    if (row.size() < 2) continue;  // a remark below a row
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], documents::display_width(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (row.size() > 1) line.append(widths[i] - documents::display_width(row[i]) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::vector<std::string> remarks(const ReportRow& row) {
  std::vector<std::string> lines;
  if (!row.why.empty()) lines.push_back("why: " + joined(row.why));
  if (row.measure) lines.push_back("measure: " + row.measure->words);
  if (!row.waits_for.empty()) lines.push_back("waits for: " + joined(row.waits_for, ", "));
  if (!row.asked.empty()) lines.push_back("asked: " + asked_words(row));
  if (!row.narrative.empty()) {
    lines.push_back(
        fmt::format("news ({}): {}", row.narrative_on ? age_words(row) : "undated", shortened(row.narrative, 200)));
  }
  return lines;
}

}  // namespace

std::string to_json(const Report& report) {
  Json rows = Json::array();
  for (const ReportRow& row : report.rows) rows.push_back(json_of(row));
  Json doubts = Json::array();
  for (const ReportRow& row : report.ambiguous) {
    doubts.push_back({{"action", row.id},
                      {"timescale", row.timescale.verbatim},
                      {"read_as", date_words(row)},
                      {"or", other_reading_words(row)}});
  }
  Json meeting = nullptr;
  if (report.cutoff) {
    meeting = {{"cutoff", calendar::iso_day(report.cutoff->day)},
               {"meeting", calendar::iso_day(report.cutoff->meeting)},
               {"name", report.cutoff->name}};
  }
  const Json root{{"report", name_of(report.kind)},
                  {"plan", report.plan},
                  {"title", report.title},
                  {"on", calendar::iso_day(report.on)},
                  {"next_meeting", std::move(meeting)},
                  {"rag_scheme", name_of(report.rag.by)},
                  {"figures", json_of(report.figures)},
                  {"actions", std::move(rows)},
                  {"ambiguous", std::move(doubts)}};
  return root.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string to_csv(const Report& report) {
  std::string csv = csv_line({"plan",         "action",
                              "section",      "title",
                              "leads",        "status",
                              "timescale",    "first_due",
                              "due",          "slips",
                              "slip_days",    "days_late",
                              "next_review",  "reviews",
                              "claimed",      "computed",
                              "disputed",     "percent",
                              "why",          "narrative",
                              "narrative_on", "narrative_age_days",
                              "asked",        "silent",
                              "measure",      "waits_for",
                              "other_reading"});
  for (const ReportRow& row : report.rows) {
    csv += csv_line({report.plan,
                     row.id,
                     row.section,
                     row.title,
                     row.leads,
                     row.status,
                     row.timescale.verbatim,
                     iso(row.first_due),
                     iso(row.timescale.due),
                     std::to_string(row.slips),
                     std::to_string(row.slip_days),
                     std::to_string(row.days_late),
                     iso(row.next_review),
                     std::to_string(row.reviews),
                     std::string(name_of(row.claimed)),
                     std::string(name_of(row.computed)),
                     row.is_disputed() ? "yes" : "no",
                     row.percent ? std::to_string(*row.percent) : "",
                     joined(row.why),
                     row.narrative,
                     iso(row.narrative_on),
                     row.narrative_age ? std::to_string(*row.narrative_age) : "",
                     asked_words(row),
                     joined(row.silent(), ", "),
                     row.measure ? row.measure->words : "",
                     joined(row.waits_for, ", "),
                     row.timescale.ambiguous ? other_reading_words(row) : ""});
  }
  return csv;
}

std::string to_table(const Report& report) {
  std::string text = title_words(report) + "\n" + occasion_words(report) + "\n\n";
  for (const auto& [figure, words] : figure_words(report)) text += fmt::format("{:>12}  {}\n", figure, words);
  text += "\n";
  std::vector<std::vector<std::string>> rows{
      {"action", "", "lead", "first date", "date now", "slips", "claimed/computed", "status"}};
  for (const ReportRow& row : report.rows) {
    rows.push_back({row.id, shortened(row.title, 44), shortened(row.leads, 30),
                    row.first_due ? calendar::short_day(*row.first_due) : "", date_words(row), slip_words(row),
                    colours(row), status_words(row)});
    for (const std::string& remark : remarks(row)) rows.push_back({"        " + remark});
  }
  text += report.rows.empty() ? "No exceptions.\n" : aligned(rows);
  if (report.ambiguous.empty()) return text;
  text += "\nTimescales in doubt\n";
  std::vector<std::vector<std::string>> doubts;
  for (const ReportRow& row : report.ambiguous) {
    doubts.push_back({row.id, "\"" + row.timescale.verbatim + "\"", date_words(row), "or " + other_reading_words(row)});
  }
  return text + aligned(doubts);
}

}  // namespace chaser::chase
