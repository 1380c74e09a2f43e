#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "chase/report_words.h"
#include "documents/markup.h"

namespace chaser::chase {
namespace {

std::string escaped(std::string_view text) {
  return documents::escaped_markup(text);
}

/// What the page that stands alone has beside the report's own style.
constexpr std::string_view page_style = R"css(
:root { --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --paper: #fff; --tint: #f6f8fa; --red: #9c1220;
  --red-tint: #ffe3e3; --amber: #7a4b00; --amber-tint: #fff1cf; --green: #14602c; --green-tint: #ddf4e1; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.45 "Segoe UI", "Helvetica Neue", Arial, "DejaVu Sans", sans-serif; }
main.report { max-width: 76rem; margin: 0 auto; padding: 2rem 1.5rem 3rem; }
@media print {
  body { font-size: 9.5pt; }
  main.report { max-width: none; padding: 0; }
}
)css";

/// On a phone each row is a block and each cell says what it is.
constexpr std::string_view style = R"css(
.report h1 { margin: 0 0 .25rem; font-size: 1.7rem; line-height: 1.2; }
.report h2 { margin: 2.2rem 0 .6rem; font-size: 1.2rem; }
.report .occasion { margin: 0 0 1.4rem; color: var(--soft); }
.report dl.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.8rem, 1fr)); gap: .6rem; margin: 0; }
.report dl.figures div { display: flex; flex-direction: column-reverse; justify-content: flex-end;
  padding: .6rem .8rem; border: 1px solid var(--line); border-radius: .4rem; background: var(--tint); }
.report dl.figures dd { margin: 0; font-size: 1.25rem; font-weight: 600; font-variant-numeric: tabular-nums; white-space: nowrap; }
.report dl.figures dt { color: var(--soft); font-size: .85rem; }
.report .scroll { overflow-x: auto; }
.report table { width: 100%; border-collapse: collapse; }
.report caption { padding: 0 0 .5rem; color: var(--soft); font-weight: 400; text-align: left; }
.report th, .report td { padding: .5rem .6rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
.report thead th { border-bottom: 2px solid var(--ink); color: var(--ink); font-size: .85rem; white-space: nowrap; }
.report tbody th { color: var(--ink); font-size: 1em; font-weight: 600; }
.report tbody th .id { display: block; color: var(--soft); font-variant-numeric: tabular-nums; }
.report td.date { white-space: nowrap; font-variant-numeric: tabular-nums; }
.report ul { margin: 0; padding-left: 1.1rem; }
.report .soft { color: var(--soft); font-size: .88rem; }
.report .day { white-space: nowrap; }
.report .rag { display: inline-block; min-width: 4.2em; padding: .05rem .5rem; border-radius: 1rem; border: 1px solid;
  font-size: .82rem; font-weight: 600; text-align: center; white-space: nowrap; }
.report .red { background: var(--red-tint); color: var(--red); }
.report .amber { background: var(--amber-tint); color: var(--amber); }
.report .green { background: var(--green-tint); color: var(--green); }
.report .disputed { display: block; margin-top: .2rem; color: var(--red); font-size: .82rem; font-weight: 600; }
.report blockquote { margin: 0; padding: 0; border: 0; }
.report footer { margin-top: 2.4rem; padding-top: .8rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .88rem; }
@media screen and (max-width: 45rem) {
  .report table, .report caption, .report tbody, .report tr, .report tbody th, .report td { display: block; }
  .report thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .report tr { padding: .7rem 0; border-bottom: 1px solid var(--line); }
  .report tbody th, .report td { padding: .1rem 0; border: 0; overflow-wrap: anywhere; }
  .report td { display: grid; grid-template-columns: 6rem minmax(0, 1fr); gap: .5rem; }
  .report td::before { content: attr(data-label); color: var(--soft); font-size: .88rem; }
  .report td.date { white-space: normal; }
}
@page report { size: A4 landscape; margin: 12mm; }
@media print {
  .report { page: report; }
  .report .scroll { overflow: visible; }
  .report tr, .report dl.figures div { break-inside: avoid; }
  .report h2 { break-after: avoid; }
  .report thead { display: table-header-group; }
  .report .rag, .report dl.figures div { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
)css";

std::string badge(Rag rag) {
  if (rag == Rag::none) return "";
  return fmt::format("<span class=\"rag {0}\">{0}</span>", name_of(rag));
}

std::string colour_cell(const ReportRow& row) {
  std::string cell;
  if (row.claimed != Rag::none) cell += badge(row.claimed) + " <span class=\"soft\">claimed</span><br>";
  if (row.computed != Rag::none) cell += badge(row.computed) + " <span class=\"soft\">computed</span>";
  if (row.is_disputed()) cell += "<span class=\"disputed\">they disagree</span>";
  if (cell.empty()) cell = "<span class=\"soft\">none</span>";
  return cell;
}

std::string date_cell(const ReportRow& row) {
  std::string cell = row.is_ongoing() ? "ongoing" : escaped(date_words(row));
  if (row.is_ongoing() && !row.is_finished) {
    cell += fmt::format("<br><span class=\"soft\">review {}</span>", escaped(calendar::short_day(*row.next_review)));
  }
  if (row.first_due && row.first_due != row.timescale.due) {
    cell += fmt::format("<br><span class=\"soft\">first {}</span>", escaped(calendar::short_day(*row.first_due)));
  }
  if (row.slips > 0) cell += fmt::format("<br><span class=\"soft\">slips: {}</span>", escaped(slip_words(row)));
  return cell;
}

std::string news_cell(const ReportRow& row) {
  if (row.narrative.empty()) return "<span class=\"soft\">no news yet</span>";
  std::string cell = "<blockquote>" + escaped(row.narrative) + "</blockquote>";
  if (row.narrative_on) {
    cell += fmt::format("<span class=\"soft\">{}, {}</span>", escaped(calendar::short_day(*row.narrative_on)),
                        escaped(age_words(row)));
  }
  return cell;
}

std::string asked_cell(const ReportRow& row) {
  if (row.asked.empty()) return "<span class=\"soft\">nobody yet</span>";
  std::string cell;
  for (const ReportAsked& asked : row.asked) {
    if (!cell.empty()) cell += "<br>";
    cell += escaped(asked.name) + " <span class=\"soft day\">" + escaped(calendar::short_day(asked.asked)) +
            "</span>, " +
            (asked.answered
                 ? "answered <span class=\"soft day\">" + escaped(calendar::short_day(*asked.answered)) + "</span>"
                 : std::string("<strong>silent</strong>"));
  }
  return cell;
}

std::string list_of(const std::vector<std::string>& items) {
  if (items.empty()) return "";
  std::string list = "<ul>";
  for (const std::string& item : items) list += "<li>" + escaped(item) + "</li>";
  return list + "</ul>";
}

std::string standing_cell(const ReportRow& row) {
  std::string cell = escaped(status_words(row));
  if (row.measure) cell += "<br><span class=\"soft\">" + escaped(row.measure->words) + "</span>";
  if (!row.waits_for.empty()) {
    cell += "<br><span class=\"soft\">waits for " + escaped(joined(row.waits_for, ", ")) + "</span>";
  }
  return cell + list_of(row.why);
}

/// Cells whose words are one block each, so that a phone can set them beside their heading.
std::string cell_html(std::string_view heading, std::string_view style_name, std::string_view content) {
  return fmt::format("<td role=\"cell\" data-label=\"{}\"{}><div>{}</div></td>", heading, style_name, content);
}

constexpr std::string_view date_style = " class=\"date\"";

std::string heading_cell(const ReportRow& row, const ActionAddress& address_of) {
  const std::string title = escaped(row.title);
  const std::string words =
      address_of ? fmt::format("<a href=\"{}\">{}</a>", escaped(address_of(row.id)), title) : title;
  return fmt::format("<th role=\"rowheader\" scope=\"row\"><span class=\"id\">{}</span>{}</th>", escaped(row.id),
                     words);
}

std::string row_html(const ReportRow& row, std::string_view standing, const ActionAddress& address_of) {
  return "<tr role=\"row\">" + heading_cell(row, address_of) + cell_html("Lead", "", escaped(row.leads)) +
         cell_html("Date", date_style, date_cell(row)) + cell_html("Colour", "", colour_cell(row)) +
         cell_html(standing, "", standing_cell(row)) + cell_html("Last news", "", news_cell(row)) +
         cell_html("Asked", "", asked_cell(row)) + "</tr>\n";
}

std::string table_head(std::string_view caption, std::initializer_list<std::string_view> headings) {
  std::string html = fmt::format(
      "<div class=\"scroll\" role=\"region\" aria-label=\"{0}\" tabindex=\"0\"><table role=\"table\">\n"
      "<caption>{0}</caption>\n<thead role=\"rowgroup\"><tr role=\"row\">",
      escaped(caption));
  for (const std::string_view heading : headings) {
    html += fmt::format("<th role=\"columnheader\" scope=\"col\">{}</th>", escaped(heading));
  }
  return html + "</tr></thead>\n<tbody role=\"rowgroup\">\n";
}

constexpr std::string_view table_end = "</tbody></table></div>\n";

std::string table_html(std::string_view caption, const std::vector<const ReportRow*>& rows, std::string_view standing,
                       const ActionAddress& address_of) {
  std::string html = table_head(caption, {"Action", "Lead", "Date", "Colour", standing, "Last news", "Asked"});
  for (const ReportRow* const row : rows) html += row_html(*row, standing, address_of);
  return html.append(table_end);
}

std::string figures_html(const Report& report) {
  std::string html = "<h2>In figures</h2>\n<dl class=\"figures\">\n";
  for (const auto& [figure, words] : figure_words(report)) {
    html += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", escaped(words), escaped(figure));
  }
  return html + "</dl>\n";
}

/// Those of the rows that are shown.
std::span<const ReportRow> shown(const std::vector<ReportRow>& rows, std::size_t rows_max) {
  return std::span(rows).first(std::min(rows.size(), rows_max));
}

/// "" if all are shown.
std::string rest_html(const std::vector<ReportRow>& rows, std::size_t rows_max) {
  if (rows.size() <= rows_max) return "";
  return fmt::format("<p><strong>These are the first {} of {}.</strong> The report to take away has all of them.</p>\n",
                     rows_max, rows.size());
}

std::string exceptions_html(std::span<const ReportRow> exceptions, const ActionAddress& address_of) {
  if (exceptions.empty()) return "<h2>Exceptions</h2>\n<p>None: every open action is as it should be.</p>\n";
  std::vector<const ReportRow*> rows;
  for (const ReportRow& row : exceptions) rows.push_back(&row);
  return "<h2>Exceptions</h2>\n" + table_html("Gravest first. Each says why it is here.", rows, "Why", address_of);
}

std::string sections_html(std::span<const ReportRow> actions, const ActionAddress& address_of) {
  std::string html;
  std::size_t first = 0;
  while (first < actions.size()) {
    const std::string& section = actions[first].section;
    std::vector<const ReportRow*> rows;
    while (first < actions.size() && actions[first].section == section) rows.push_back(&actions[first++]);
    const std::string name = section.empty() ? std::string("Actions") : section;
    html += "<h2>" + escaped(name) + "</h2>\n";
    html += table_html(fmt::format("{}: {} {}", name, rows.size(), rows.size() == 1 ? "action" : "actions"), rows,
                       "How it stands", address_of);
  }
  return html;
}

std::string doubts_html(const Report& report, const ActionAddress& address_of, std::size_t rows_max) {
  if (report.ambiguous.empty()) return "";
  std::string html = "<h2>Timescales in doubt</h2>\n" +
                     table_head("The plan's words, how they are read here, and how else they can be read.",
                                {"Action", "The plan says", "Read as", "Or"});
  for (const ReportRow& row : shown(report.ambiguous, rows_max)) {
    html += "<tr role=\"row\">" + heading_cell(row, address_of) +
            cell_html("The plan says", "", escaped(row.timescale.verbatim)) +
            cell_html("Read as", date_style, escaped(date_words(row))) +
            cell_html("Or", "", escaped(other_reading_words(row))) + "</tr>\n";
  }
  return html.append(table_end) + rest_html(report.ambiguous, rows_max);
}

}  // namespace

std::string_view report_style() {
  return style;
}

std::string html_body(const Report& report, const ActionAddress& address_of, std::size_t rows_max) {
  std::string html = "<h1>" + escaped(title_words(report)) + "</h1>\n<p class=\"occasion\">" +
                     escaped(occasion_words(report)) + ".</p>\n" + figures_html(report);
  const auto rows = shown(report.rows, rows_max);
  html += report.kind == ReportKind::exceptions ? exceptions_html(rows, address_of) : sections_html(rows, address_of);
  html += rest_html(report.rows, rows_max);
  html += doubts_html(report, address_of, rows_max);
  html += "<footer><p>" + escaped(scheme_words(report.rag)) +
          " Claimed is what a lead says. A date's first reading is never overwritten; a slip is a move to a later date."
          "</p></footer>\n";
  return html;
}

std::string to_html(const Report& report) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\">\n<title>{}</title>\n<style>{}{}</style>\n"
      "</head>\n<body>\n<main class=\"report\">\n{}</main>\n</body>\n</html>\n",
      escaped(title_words(report)), page_style, report_style(), html_body(report));
}

}  // namespace chaser::chase
