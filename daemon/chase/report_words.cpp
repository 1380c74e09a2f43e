#include "chase/report_words.h"

#include <fmt/format.h>

#include <algorithm>

namespace chaser::chase {

std::string joined(const std::vector<std::string>& parts, std::string_view by) {
  return fmt::format("{}", fmt::join(parts, by));
}

std::string title_words(const Report& report) {
  return fmt::format("{}: {}", report.kind == ReportKind::exceptions ? "Exceptions" : "Progress", report.title);
}

std::string occasion_words(const Report& report) {
  std::string words = "As at " + calendar::short_day(report.on);
  if (!report.cutoff) return words;
  words += fmt::format(". Next meeting {}{}{}; what is reported by {} is in its papers",
                       calendar::short_day(report.cutoff->meeting), report.cutoff->name.empty() ? "" : ", ",
                       report.cutoff->name, calendar::short_day(report.cutoff->day));
  return words;
}

std::string scheme_words(const RagScheme& scheme) {
  switch (scheme.by) {
    case RagScheme::By::lateness: {
      std::string after = rulebook::to_string(scheme.red_after);
      after.erase(0, after.find_first_not_of('+'));
      return fmt::format(
          "Computed by lateness: green up to the date (of an ongoing action: its review), amber after it, "
          "red when it is more than {} late.",
          after);
    }
    case RagScheme::By::percent:
      return fmt::format("Computed by what is done against what should be by now: green from {} %, red below {} %.",
                         scheme.green_from, scheme.red_below);
    case RagScheme::By::hand:
      return "Colours are set by hand; none is computed.";
  }
  return "";
}

std::vector<std::pair<std::string, std::string>> figure_words(const Report& report) {
  const ReportFigures& figures = report.figures;
  std::vector<std::pair<std::string, std::string>> words{
      {std::to_string(figures.actions), "actions"},
      {std::to_string(figures.finished), "finished"},
      {std::to_string(figures.exceptions), "exceptions"},
      {std::to_string(figures.late), "past their date"},
      {std::to_string(figures.slipped), "moved later"},
      {fmt::format("{} %", figures.ongoing_share()), fmt::format("ongoing ({} actions)", figures.ongoing)},
      {std::to_string(figures.reviews_late), "reviews not answered"},
      {std::to_string(figures.without_news), fmt::format("without news for {} days", narrative_days_max)},
      {std::to_string(figures.ambiguous), "timescales in doubt"}};
  if (report.rag.by != RagScheme::By::hand) {
    words.emplace_back(fmt::format("{} / {} / {}", figures.red, figures.amber, figures.green), "red / amber / green");
    words.emplace_back(std::to_string(figures.disputed), "claimed otherwise");
  }
  return words;
}

std::string date_words(const ReportRow& row) {
  if (row.timescale.due && !row.is_ongoing()) return calendar::short_day(*row.timescale.due);
  if (row.is_ongoing()) {
    return row.is_finished ? "ongoing" : fmt::format("ongoing, review {}", calendar::short_day(*row.next_review));
  }
  if (row.timescale.verbatim.empty()) return "no date";
  return fmt::format("\"{}\"", row.timescale.verbatim);
}

std::string slip_words(const ReportRow& row) {
  if (row.slips == 0) return "";
  return row.slip_days > 0 ? fmt::format("{} ({} days)", row.slips, row.slip_days) : std::to_string(row.slips);
}

std::string age_words(const ReportRow& row) {
  if (!row.narrative_age) return "";
  if (*row.narrative_age == 0) return "today";
  return *row.narrative_age == 1 ? "1 day ago" : fmt::format("{} days ago", *row.narrative_age);
}

std::string asked_words(const ReportRow& row) {
  std::vector<std::string> words;
  for (const ReportAsked& asked : row.asked) {
    words.push_back(asked.answered ? fmt::format("{} ({}, answered {})", asked.name, calendar::short_day(asked.asked),
                                                 calendar::short_day(*asked.answered))
                                   : fmt::format("{} ({}, silent)", asked.name, calendar::short_day(asked.asked)));
  }
  return joined(words, ", ");
}

std::string status_words(const ReportRow& row) {
  std::string words = row.status;
  std::replace(words.begin(), words.end(), '_', ' ');
  if (row.percent && !row.is_finished) words += fmt::format(", {} %", *row.percent);
  return words;
}

std::string other_reading_words(const ReportRow& row) {
  if (!row.timescale.alternative) return row.timescale.problem;
  const plan::AlternativeReading& other = *row.timescale.alternative;
  return other.due ? fmt::format("{} ({})", calendar::short_day(*other.due), other.convention) : other.convention;
}

}  // namespace chaser::chase
