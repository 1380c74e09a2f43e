#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chase/state.h"

namespace chaser::chase {

/// What a committee gets: the exceptions, or how the whole plan stands.
enum class ReportKind : std::uint8_t { exceptions, progress };
std::string_view name_of(ReportKind kind);
std::optional<ReportKind> report_kind(std::string_view name);

/// An accepted answer about an action.
struct ReportAnswer {
  Instant at;
  plan::PartyId party;
  std::string kind;
};
/// An action with what its state does not hold.
struct ReportSource {
  ActionState state;
  std::vector<ReportAnswer> answers;  // in order of time
};

/// A lead who was asked, since the date that is chased now, and what came of it.
struct ReportAsked {
  std::string name;
  CivilDay asked;                    // last
  std::optional<CivilDay> answered;  // last answer since it was first asked; none: silent
};

struct ReportMeasure {
  std::string words;  // "410,000 of 1,500,000 trees on 31 Mar 2026; 455,000 expected; 12,400 a month needed"
  bool is_behind = false;
};

struct ReportRow {
  std::string id;
  std::string section;
  std::string title;
  std::string leads;  // names, or the cell's own words where nobody is known
  std::string status;
  plan::Timescale timescale;
  bool is_finished = false;
  std::optional<CivilDay> first_due;
  std::optional<CivilDay> next_review;  // of an ongoing one
  int reviews = 0;
  int slips = 0;
  std::int64_t slip_days = 0;
  std::int64_t days_late = 0;  // past its date, or its review's; 0 if it is not
  Rag claimed = Rag::none;
  Rag computed = Rag::none;
  std::optional<int> percent;
  std::string narrative;
  std::optional<CivilDay> narrative_on;
  std::optional<std::int64_t> narrative_age;  // days
  std::vector<ReportAsked> asked;
  std::optional<ReportMeasure> measure;
  std::vector<std::string> waits_for;  // unfinished ones
  std::vector<std::string> why;        // what makes it an exception, the gravest first; {} if it is none

  bool is_ongoing() const { return timescale.kind == plan::TimescaleKind::ongoing; }
  /// Claimed and computed differ, and both say something.
  bool is_disputed() const { return claimed != Rag::none && computed != Rag::none && claimed != computed; }
  std::vector<std::string> silent() const;
};

struct ReportFigures {
  std::size_t actions = 0;
  std::size_t finished = 0;
  std::size_t late = 0;
  std::size_t ongoing = 0;
  std::size_t reviews_late = 0;
  std::size_t slipped = 0;
  std::size_t red = 0;
  std::size_t amber = 0;
  std::size_t green = 0;
  std::size_t disputed = 0;
  std::size_t ambiguous = 0;
  std::size_t exceptions = 0;
  std::size_t without_news = 0;  // open ones without a narrative of the last narrative_days_max days

  /// Of the plan's actions, whole per cent.
  int ongoing_share() const;
};

inline constexpr std::int64_t narrative_days_max = 90;

/// A report as facts; the renderings add nothing.
struct Report {
  ReportKind kind = ReportKind::exceptions;
  std::string plan;
  std::string title;
  CivilDay on;
  RagScheme rag;
  std::optional<Cutoff> cutoff;  // the next one on or after the day
  ReportFigures figures;
  /// Exceptions: those alone, gravest first. Progress: every action, in the plan's order.
  std::vector<ReportRow> rows;
  std::vector<ReportRow> ambiguous;  // open actions whose timescale can be read two ways, or not at all
};

/// Pure. `sources` are the plan's actions in row order, finished ones too.
Report report(ReportKind kind, const PlanContext& plan, const World& world, const std::vector<ReportSource>& sources,
              Instant now);

std::string to_table(const Report& report);
std::string to_json(const Report& report);
/// RFC 4180, every field quoted; a text that a spreadsheet would take for a formula begins with an apostrophe.
std::string to_csv(const Report& report);
/// One self-contained page for screen and print, without scripts or anything from elsewhere.
std::string to_html(const Report& report);
/// Where an action's own page is, by its id.
using ActionAddress = std::function<std::string(const std::string& action)>;
/// Rows of actions that a page with a frame of its own shows; files have all.
inline constexpr std::size_t report_page_rows_max = 500;
/// What stands between its <main> and </main>, for an element of the class `report` on a page with a frame of its own;
/// actions link to their pages if there is an address of them. Of more than `rows_max` exceptions, actions or
/// timescales in doubt it shows the first and says of how many.
std::string html_body(const Report& report, const ActionAddress& address_of = {},
                      std::size_t rows_max = std::numeric_limits<std::size_t>::max());
/// The style of that element, after which nothing else on a page looks otherwise. It takes its colours from the page:
/// --ink, --soft, --line, --tint, and --red, --amber, --green each with its -tint.
std::string_view report_style();

}  // namespace chaser::chase
