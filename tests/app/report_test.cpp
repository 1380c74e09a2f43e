// `chaser report` and what an update reports, by the real program.
#include <nlohmann/json.hpp>

#include "app/program.h"
#include "support/catch.h"

using namespace chaser;
using namespace chaser::test;

namespace {

/// A desk of three plain files: two plans, of which one waits for the other, and the committee's meetings.
struct Site {
  Site() {
    folder.write("plan.txt",
                 "ID\tAction\tLead\tTimescale\n2.1\tToolkit\tCCN\t30 September 2026\n7.2\tTrees\tKCC\tOngoing\n"
                 "8.1\tGrants\tKCC\t2026-27\n");
    folder.write("other.txt", "ID\tAction\tLead\tTimescale\n1\tPolicy\tKCC\t31 October 2026\n");
    folder.write(
        "supplement.yaml",
        "actions:\n  \"7.2\": { measure: { name: New trees, unit: trees, baseline: { value: 0, on: 2021-03-31 },\n"
        "    target: { value: 1.5 million, by: 2030 } } }\n  \"2.1\": { blocked_by: other/1 }\n");
    folder.write("meetings.yaml", "meetings: [{ on: 2026-12-01, name: Cabinet committee }]\n");
    folder.write("directory.yaml",
                 "coordinator: desk\naliases: { CCN: ccn, KCC: kcc }\nparties:\n  desk: { name: The desk, email: "
                 "desk@county.example }\n"
                 "  ccn: { name: Climate Change Network, email: ccn@county.example }\n"
                 "  kcc: { name: County Council, email: kcc@county.example }\n");
    folder.write("chaser.yaml", settings(""));
  }
  static std::string settings(const std::string& more) {
    return "state_directory: state\nplans:\n"
           "  - { id: county, file: plan.txt, title: County plan, supplement: supplement.yaml, meetings: "
           "meetings.yaml" +
           more + " }\n  - { id: other, file: other.txt, title: Other plan }\n" +
           "directory: directory.yaml\nrules: " + CHASER_SOURCE_DIR +
           "/rules\nchannels: { email: { type: maildir, folder: mail } }\n"
           "mail: { from_name: Chaser, from_address: chaser@county.example }\n";
  }
  Ran with(std::vector<std::string> words) const {
    words.insert(words.end(), {"--config", folder.file("chaser.yaml")});
    return run(words);
  }
  void pass(const std::string& now) const {
    const Ran ran = with({"run", "--once", "--now", now});
    INFO(ran.out << ran.err);
    REQUIRE(ran.exit == app::Exit::fine);
  }

  Folder folder;
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("program: a report tells the exceptions as at a day, in four formats") {
  const Site site;
  site.pass("2026-09-01T09:00:00+01:00");
  site.pass("2026-10-07T09:00:00+01:00");
  const Ran table = site.with({"report", "exceptions", "--plan", "county", "--on", "2026-10-07"});
  INFO(table.out << table.err);
  REQUIRE(table.exit == app::Exit::fine);
  CHECK(has(table.out,
            "Exceptions: County plan\nAs at 7 Oct 2026. Next meeting 1 Dec 2026, Cabinet committee; what is "
            "reported by 24 Nov 2026 is in its papers\n"));
  CHECK(has(table.out, "why: 7 days past its date"));
  CHECK(has(table.out, "asked: Climate Change Network (7 Oct 2026, silent)"));
  CHECK(has(table.out, "waits for: other/1"));
  const Ran json = site.with({"report", "exceptions", "--plan", "county", "--on", "2026-10-07", "--format", "json"});
  const auto root = nlohmann::json::parse(json.out);
  CHECK(root["actions"][0]["silent"][0] == "Climate Change Network");
  CHECK(root["ambiguous"][0]["action"] == "8.1");
  CHECK(
      site.with({"report", "progress", "--plan", "county", "--format", "csv"}).out.starts_with("\"plan\",\"action\""));
  CHECK(site.with({"report", "progress", "--plan", "county", "--format", "html"}).out.starts_with("<!DOCTYPE html>"));
}

TEST_CASE("program: a report that is none, a plan or a format that is none, are told") {
  const Site site;
  site.pass("2026-09-01T09:00:00+01:00");
  CHECK(has(site.with({"report", "everything", "--plan", "county"}).err, "there are exceptions and progress"));
  CHECK(has(site.with({"report", "progress", "--plan", "nowhere"}).err, "the settings have no plan \"nowhere\""));
  const Ran ran = site.with({"report", "progress", "--plan", "county", "--format", "pdf"});
  CHECK(ran.exit == app::Exit::usage);
  CHECK(has(ran.err, "--format is table, json, csv or html; got \"pdf\""));
  CHECK(site.with({"report", "progress", "--plan", "county", "--on", "soon"}).exit == app::Exit::usage);
}

TEST_CASE("program: an update reports a value, a colour; what is mistyped changes nothing") {
  const Site site;
  site.pass("2026-09-01T09:00:00+01:00");
  const auto answer = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"answer", "county/7.2", "update", "--now", "2026-09-02T09:00:00+01:00"});
    return site.with(words);
  };
  CHECK(answer({"--value", "many"}).exit == app::Exit::usage);
  CHECK(answer({"--rag", "blue"}).exit == app::Exit::usage);
  CHECK(has(answer({"--value", "1", "--on", "2026-09-03"}).err, "a value is read on a day, not before it"));
  CHECK(has(answer({"--milestone", "draft"}).err, "action 7.2 has no milestone \"draft\""));
  const Ran done = site.with({"answer", "county/7.2", "done", "--value", "1", "--now", "2026-09-02T09:00:00+01:00"});
  CHECK(done.exit == app::Exit::usage);
  const Ran ran = answer({"--value", "1.2 million", "--on", "2026-08-31", "--rag", "green", "--note", "Good season."});
  INFO(ran.err);
  REQUIRE(ran.exit == app::Exit::fine);
  const auto json = nlohmann::json::parse(
      site.with({"report", "progress", "--plan", "county", "--on", "2026-09-04", "--format", "json"}).out);
  const auto& trees = json["actions"][1];
  CHECK(trees["claimed"] == "green");
  CHECK(trees["narrative"] == "Good season.");
  CHECK(trees["narrative_age_days"] == 2);
  CHECK(trees["measure_behind"] == false);
  CHECK(trees["measure"].get<std::string>().starts_with("1,200,000 of 1,500,000 trees by 31 Dec 2030"));
  CHECK(json["figures"]["ongoing_share_percent"] == 33);
}

TEST_CASE("program: plans whose actions wait for each other in a circle are refused, by check and by import") {
  const Site site;
  site.pass("2026-09-01T09:00:00+01:00");
  CHECK(site.with({"check"}).exit == app::Exit::fine);
  site.folder.write("other.yaml", "actions: { \"1\": { blocked_by: county/2.1 } }\n");
  std::string settings = Site::settings("");
  const std::string before = "file: other.txt, title: Other plan";
  settings.replace(settings.find(before), before.size(), before + ", supplement: other.yaml");
  site.folder.write("chaser.yaml", settings);
  const Ran check = site.with({"check"});
  CHECK(check.exit == app::Exit::problems);
  CHECK(has(check.out, "in a circle: county/2.1 waits for other/1, which waits for county/2.1"));
  const Ran import = site.with({"plan", "import", site.folder.file("other.txt"), "--plan", "other", "--apply", "--now",
                                "2026-09-02T09:00:00+01:00"});
  CHECK(import.exit == app::Exit::problems);
  CHECK(has(import.err, "in a circle: county/2.1 waits for other/1"));
  site.folder.write("other.yaml", "actions: { \"1\": { blocked_by: county/9.9 } }\n");
  CHECK(has(site.with({"check"}).out, "other/1 waits for county/9.9, which no plan has"));
}

TEST_CASE("settings: meetings, cut-off and colours are read, and what they cannot be is said") {
  const Site site;
  site.folder.write("chaser.yaml", Site::settings(", cutoff: soon, rag: { by: mood, green_from: 69, red_below: 71 }"));
  const Ran check = site.with({"check"});
  CHECK(check.exit == app::Exit::problems);
  CHECK(has(check.out,
            "\"cutoff\" is a number of days (7d), working days (5wd), weeks (1w) or months (1mo); got \"soon\""));
  CHECK(has(check.out, "\"by\" is lateness, percent or hand; got \"mood\""));
  CHECK(has(check.out, "\"green_from\""));
  CHECK(has(check.out, "\"red_below\""));
}
