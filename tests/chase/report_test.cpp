#include "chase/report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "given.h"
#include "support/catch.h"

using namespace chaser;
using calendar::CivilDay;
using chase::Rag;
using chase::ReportKind;
using given::at;

namespace {

struct Given {
  std::unique_ptr<chase::World> world = given::world();
  std::vector<chase::ReportSource> sources;

  chase::ActionState& add(const std::string& id, CivilDay due, const std::vector<std::string>& leads = {"network"}) {
    sources.push_back({given::action(*world, id, due, leads, at(2026, 1, 1)), {}});
    sources.back().state.facts.section = "Homes";
    return sources.back().state;
  }
  chase::Report made(ReportKind kind, int month = 9, int day = 30) const {
    return chase::report(kind, world->plans()[0], *world, sources, at(2026, month, day, 12));
  }
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("report: an action past its date is an exception from the day after it, not on it") {
  Given given;
  given.add("1", CivilDay(2026, 9, 30));
  CHECK(given.made(ReportKind::exceptions).rows.empty());
  const chase::Report late = given.made(ReportKind::exceptions, 10, 1);
  REQUIRE(late.rows.size() == 1);
  CHECK(late.rows[0].why == std::vector<std::string>{"1 day past its date"});
  CHECK(late.figures.late == 1);
  CHECK(late.figures.amber == 1);
}

TEST_CASE("report: what is finished is no exception; progress has every action in the plan's order") {
  Given given;
  given.add("2", CivilDay(2026, 1, 31)).facts.status = "done";
  given.add("1", CivilDay(2026, 12, 31));
  CHECK(given.made(ReportKind::exceptions).rows.empty());
  const chase::Report progress = given.made(ReportKind::progress);
  REQUIRE(progress.rows.size() == 2);
  CHECK(progress.rows[0].id == "2");
  CHECK(progress.rows[0].computed == Rag::none);
  CHECK(progress.figures.finished == 1);
}

TEST_CASE("report: slips count from the second one, or when they are long; the first date stays") {
  Given given;
  chase::ActionState& once = given.add("1", CivilDay(2026, 12, 31));
  once.facts.first_due = CivilDay(2026, 10, 2);  // 90 days before
  once.facts.slips = 1;
  CHECK(given.made(ReportKind::exceptions).rows.empty());
  once.facts.first_due = CivilDay(2026, 10, 1);
  CHECK(given.made(ReportKind::exceptions).rows[0].why[0] == "moved later once, by 91 days in all");
  once.facts.first_due = CivilDay(2026, 12, 30);
  once.facts.slips = 2;
  CHECK(given.made(ReportKind::exceptions).rows[0].why[0] == "moved later twice, by 1 day in all");
  CHECK(given.made(ReportKind::exceptions).rows[0].first_due == CivilDay(2026, 12, 30));
}

TEST_CASE("report: claimed and computed colours are told apart, and their disagreement is a reason") {
  Given given;
  given.add("1", CivilDay(2026, 8, 1)).facts.claimed = Rag::green;
  const chase::Report report = given.made(ReportKind::exceptions);
  REQUIRE(report.rows.size() == 1);
  CHECK(report.rows[0].computed == Rag::red);
  CHECK(report.rows[0].is_disputed());
  CHECK(report.rows[0].why == std::vector<std::string>{"60 days past its date", "claimed green, computed red"});
  CHECK(report.figures.disputed == 1);
}

TEST_CASE("report: the ongoing share, reviews that are late, and timescales in doubt are figures") {
  Given given;
  given.add("1", CivilDay(2027, 12, 31)).facts.timescale.ambiguous = true;
  given.add("2", CivilDay(2027, 12, 31));
  chase::ActionState& ongoing = given.add("3", CivilDay(2027, 12, 31));
  ongoing.facts.timescale = {};
  ongoing.facts.timescale.kind = plan::TimescaleKind::ongoing;
  const chase::Report report = given.made(ReportKind::progress);
  CHECK(report.figures.ongoing_share() == 33);
  CHECK(report.figures.reviews_late == 1);
  CHECK(report.figures.ambiguous == 1);
  CHECK(report.rows[2].next_review == CivilDay(2026, 4, 1));
  CHECK(report.rows[2].why[0] == "review due 1 Apr 2026, 182 days ago, is not answered");
}

TEST_CASE("report: who was asked and who was silent, since the date that is chased now") {
  Given given;
  chase::Rehearsal rehearsal(*given.world, at(2026, 9, 1, 0));
  rehearsal.add(given::action(*given.world, "1", CivilDay(2026, 9, 30), {"network", "county"}, at(2026, 9, 1, 0)));
  rehearsal.run_until(at(2026, 10, 9));
  given.sources.push_back({*rehearsal.find("plan", "1"), {{at(2026, 8, 1), "network", "update"}}});
  chase::ReportRow row = given.made(ReportKind::exceptions, 10, 9).rows.at(0);
  REQUIRE(row.asked.size() == 2);
  CHECK(row.silent() == std::vector<std::string>{"network", "county"});
  CHECK(row.asked[0].asked == CivilDay(2026, 10, 7));
  given.sources[0].answers.push_back({at(2026, 10, 8), "county", "acknowledge"});
  row = given.made(ReportKind::exceptions, 10, 9).rows.at(0);
  CHECK(row.silent() == std::vector<std::string>{"network"});
  CHECK(row.asked[1].answered == CivilDay(2026, 10, 8));
}

TEST_CASE("report: the age of the news counts from the day it was said") {
  Given given;
  chase::ActionState& state = given.add("1", CivilDay(2026, 12, 31));
  CHECK(given.made(ReportKind::progress).figures.without_news == 1);
  state.facts.last_note = "Draft with legal.";
  state.facts.noted = at(2026, 7, 2);
  CHECK(given.made(ReportKind::progress).rows[0].narrative_age == 90);
  CHECK(given.made(ReportKind::progress).figures.without_news == 0);
  state.facts.noted = at(2026, 7, 1);
  CHECK(given.made(ReportKind::progress).figures.without_news == 1);
}

TEST_CASE("report: targets, milestones, what is waited for, and owners nobody knows are reasons") {
  Given given;
  chase::ActionState& state = given.add("1", CivilDay(2026, 12, 31));
  state.facts.measure = plan::Measure{"Trees",
                                      "trees",
                                      {CivilDay(2026, 1, 1), 0},
                                      {CivilDay(2027, 1, 1), 365},
                                      {},
                                      std::nullopt,
                                      {{CivilDay(2026, 4, 11), 99}, {CivilDay(2026, 5, 1), 101}}};
  state.facts.milestones = {{"draft", "Draft", CivilDay(2026, 9, 29), false}, {"b", "B", CivilDay(2026, 9, 30), false}};
  state.blockers = {{"plan/2", true, false, CivilDay(2026, 9, 29)}, {"plan/3", true, false, CivilDay(2026, 9, 30)}};
  state.facts.unowned = true;
  const chase::Report report = given.made(ReportKind::exceptions);
  REQUIRE(report.rows.size() == 1);
  CHECK(report.rows[0].why == std::vector<std::string>{"behind its target in the last 2 readings",
                                                       "milestone \"Draft\" of 29 Sep 2026 is not met",
                                                       "waits for plan/2, due 29 Sep 2026",
                                                       "nobody owns it whom the directory knows"});
  CHECK(report.rows[0].measure->words.starts_with(
      "101 of 365 trees by 1 Jan 2027, read on 1 May 2026; 120 expected then; 32.8"));
  CHECK(report.rows[0].waits_for == std::vector<std::string>{"plan/2", "plan/3"});
}

TEST_CASE("report: the gravest comes first, then the latest") {
  Given given;
  given.add("1", CivilDay(2026, 9, 20));
  given.add("2", CivilDay(2026, 12, 31)).facts.status = "blocked";
  given.add("3", CivilDay(2026, 6, 1));
  given.add("4", CivilDay(2026, 9, 10));
  const chase::Report report = given.made(ReportKind::exceptions);
  std::string order;
  for (const auto& row : report.rows) order += row.id;
  CHECK(order == "3412");
}

TEST_CASE("report: a spreadsheet finds no formula in a CSV, and quotes and lines stay within their field") {
  Given given;
  for (const char* const text : {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"}) {
    chase::ActionState& state = given.add("1", CivilDay(2026, 12, 31));
    state.facts.title = text;
    state.facts.last_note = "says \"no\",\nand more";
  }
  const std::string csv = chase::to_csv(given.made(ReportKind::progress));
  for (const char* const safe : {"\"'=1+1\"", "\"'+1\"", "\"'-1\"", "\"'@SUM(A1)\"", "\"'\t=1\"", "\"'\r=1\""}) {
    CHECK(has(csv, safe));
  }
  CHECK(has(csv, "\"says \"\"no\"\",\nand more\""));
  CHECK_FALSE(has(csv, ",="));
  CHECK(csv.starts_with("\"plan\",\"action\",\"section\""));
  CHECK(csv.ends_with("\r\n"));
}

TEST_CASE("report: JSON is one stable shape, the same facts") {
  Given given;
  given.add("1", CivilDay(2026, 9, 1)).facts.claimed = Rag::amber;
  const auto json = nlohmann::json::parse(chase::to_json(given.made(ReportKind::exceptions)));
  CHECK(json["report"] == "exceptions");
  CHECK(json["on"] == "2026-09-30");
  CHECK(json["figures"]["exceptions"] == 1);
  CHECK(json["actions"][0]["action"] == "1");
  CHECK(json["actions"][0]["due"] == "2026-09-01");
  CHECK(json["actions"][0]["claimed"] == "amber");
  CHECK(json["actions"][0]["silent"].is_array());
  CHECK(json["next_meeting"].is_null());
}

TEST_CASE("report: the page stands alone, is safe against markup, and tells a screen reader its tables") {
  Given given;
  chase::ActionState& state = given.add("1", CivilDay(2026, 9, 1));
  state.facts.title = "<script>alert('x')</script> & more";
  state.facts.last_note = "\"quoted\"";
  for (const ReportKind kind : {ReportKind::exceptions, ReportKind::progress}) {
    const std::string html = chase::to_html(given.made(kind));
    CHECK(html.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
    CHECK(has(html, "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; more"));
    CHECK_FALSE(has(html, "<script"));
    CHECK_FALSE(has(html, "http"));
    CHECK_FALSE(has(html, "url("));
    CHECK(has(html, "<h1>"));
    CHECK(has(html, "<caption>"));
    CHECK(has(html, "<th role=\"columnheader\" scope=\"col\">Action</th>"));
    CHECK(has(html, "<th role=\"rowheader\" scope=\"row\">"));
    CHECK(has(html, "data-label=\"Lead\""));  // on a phone each cell says what it is
    CHECK_FALSE(has(html, "<a "));
    CHECK(has(html, "<span class=\"rag amber\">amber</span>"));  // never by colour alone
    CHECK(has(html, "@media print"));
  }
}

TEST_CASE("report: within another page its actions link to their own, and its style is for itself alone") {
  Given given;
  given.add("1\"<", CivilDay(2026, 9, 1));
  const std::string html = chase::html_body(given.made(ReportKind::exceptions),
                                            [](const std::string& action) { return "/plan/p/action/" + action; });
  CHECK(has(html, "<a href=\"/plan/p/action/1&quot;&lt;\">"));
  CHECK_FALSE(has(html, "<style"));
  CHECK_FALSE(has(html, "style="));
  const std::string_view style = chase::report_style();
  CHECK(style.find("\nbody") == std::string_view::npos);
  CHECK(style.find(":root") == std::string_view::npos);
}

TEST_CASE("report: a page shows so many rows and says of how many; what is taken away has all") {
  Given given;
  for (int i = 1; i <= 5; ++i) given.add(fmt::format("A{}", i), CivilDay(2026, 9, i));
  for (const ReportKind kind : {ReportKind::exceptions, ReportKind::progress}) {
    const chase::Report report = given.made(kind);
    const std::string page = chase::html_body(report, {}, 4);
    CHECK(has(page, ">A4</span>"));
    CHECK_FALSE(has(page, ">A5</span>"));
    CHECK(has(page, "These are the first 4 of 5."));
    CHECK_FALSE(has(chase::html_body(report, {}, 5), "These are the first"));
    CHECK(has(chase::to_html(report), ">A5</span>"));
  }
}

TEST_CASE("report: the table for people names reasons below each action; without any it says so") {
  Given given;
  given.add("1", CivilDay(2026, 9, 1));
  const std::string table = chase::to_table(given.made(ReportKind::exceptions));
  CHECK(has(table, "Exceptions: Plan\nAs at 30 Sep 2026\n"));
  CHECK(has(table, "        why: 29 days past its date\n"));
  given.sources.clear();
  CHECK(has(chase::to_table(given.made(ReportKind::exceptions)), "No exceptions.\n"));
}
