#include <algorithm>
#include <map>

#include "app/loading.h"
#include "support/catch.h"

using namespace chaser;

namespace {

/// A site's files by path.
struct Files {
  std::map<std::string, std::string> texts{
      {"/site/chaser.yaml",
       "state_directory: state\n"
       "plans: [{ id: plan, file: plan.txt }]\n"
       "directory: directory.yaml\n"
       "rules: rules.yaml\n"
       "channels: { email: { type: maildir, folder: mail } }\n"
       "mail: { from_address: chaser@kent.example }\n"},
      {"/site/directory.yaml", "coordinator: kcc\nparties:\n  kcc: { name: Kent, email: kcc@kent.example }\n"},
      {"/site/plan.txt", "ID\tAction\tLead\tTimescale\n1\tOne\tkcc\t2026-27\n"},
      {"/site/rules.yaml",
       "version: 1\nrules:\n  - rule: one\n    when: action.kind == \"dated\"\n    anchor: due\n"
       "    steps: [{ step: due, at: 0d, to: leads }]\n"}};

  app::FileReader reader() const {
    return [this](const std::string& path) -> std::expected<std::string, std::string> {
      const auto found = texts.find(path);
      if (found == texts.end()) return std::unexpected("no such file");
      return found->second;
    };
  }
  void replace(const std::string& file, const std::string& what, const std::string& by) {
    std::string& text = texts.at("/site/" + file);
    const std::size_t at = text.find(what);
    REQUIRE(at != std::string::npos);
    text.replace(at, what.size(), by);
  }
};

struct Loaded {
  std::optional<app::Inputs> inputs;
  std::optional<plan::Plan> plan;
  std::string problems;
};

Loaded load(const Files& files) {
  Loaded loaded;
  documents::Problems problems;
  loaded.inputs = app::load_inputs({"/site/chaser.yaml", std::nullopt, false, {}}, files.reader(), problems);
  if (loaded.inputs)
    loaded.plan = app::load_plan(loaded.inputs->settings.plans[0], *loaded.inputs, files.reader(), problems);
  for (const auto& problem : problems.sorted()) loaded.problems += documents::describe(problem);
  return loaded;
}

bool says(const Loaded& loaded, const std::string& words) {
  return loaded.problems.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("loading: a condition may name a time zone of the system, and no other") {
  Files files;
  files.replace("rules.yaml", "action.kind == \"dated\"", "now.getHours(\"Europe/London\") < 12");
  const Loaded good = load(files);
  INFO(good.problems);
  REQUIRE(good.inputs.has_value());
  CHECK_FALSE(says(good, "time zone"));
  files.replace("rules.yaml", "Europe/London", "Europe/Londn");
  const Loaded bad = load(files);
  INFO(bad.problems);
  CHECK(says(bad, "unknown time zone \"Europe/Londn\""));
}

TEST_CASE("loading: an owner that only the supplement names must be known to the directory") {
  Files files;
  files.replace("chaser.yaml", "file: plan.txt", "file: plan.txt, supplement: more.yaml");
  files.texts["/site/more.yaml"] = "actions:\n  \"1\": { owners: [Nobody Known] }\n";
  const Loaded loaded = load(files);
  INFO(loaded.problems);
  CHECK(says(loaded, "Nobody Known"));
}

TEST_CASE("loading: a plan's conventions settle what can be read two ways") {
  Files files;
  const Loaded open = load(files);
  REQUIRE(open.plan.has_value());
  CHECK(open.plan->actions.at(0).timescale.ambiguous);
  CHECK(says(open, "can be read two ways"));
  for (const auto& [word, due] : {std::pair{"financial", calendar::CivilDay(2027, 3, 31)},
                                  std::pair{"calendar", calendar::CivilDay(2027, 12, 31)}}) {
    Files settled;
    settled.replace("chaser.yaml", "file: plan.txt",
                    std::string("file: plan.txt, conventions: { year-range: ") + word + " }");
    const Loaded loaded = load(settled);
    INFO(loaded.problems);
    REQUIRE(loaded.plan.has_value());
    CHECK_FALSE(loaded.plan->actions.at(0).timescale.ambiguous);
    CHECK(loaded.plan->actions.at(0).timescale.due == due);
    CHECK_FALSE(says(loaded, "can be read two ways"));
    // A store that has read it the other way sees that the reading changed.
    CHECK(app::plan_fingerprint(open.inputs->settings.plans[0], *open.inputs, files.reader()) !=
          app::plan_fingerprint(loaded.inputs->settings.plans[0], *loaded.inputs, settled.reader()));
  }
}

TEST_CASE("loading: windows of the settings are those of a contact") {
  Files files;
  files.replace("chaser.yaml", "\nmail:",
                "\nwindows:\n  mornings: { days: Mon-Fri, open: 09:00, close: 12:00, on_holidays: false }\nmail:");
  const Loaded loaded = load(files);
  INFO(loaded.problems);
  REQUIRE(loaded.inputs.has_value());
  CHECK(loaded.inputs->settings.windows.contains("mornings"));
  files.replace("chaser.yaml", "open: 09:00", "open: 24:00");
  CHECK(load(files).problems.find("error") != std::string::npos);
}

TEST_CASE("loading: CR, LF and NUL in an address are refused at the door") {
  for (const std::string bad :
       {"\"kcc@kent.example\\r\\nBcc: all@kent.example\"", "\"kcc@kent.example\\n\"", "\"kcc\\0@kent.example\""}) {
    Files files;
    files.replace("directory.yaml", "email: kcc@kent.example", "email: " + bad);
    const Loaded loaded = load(files);
    INFO(bad << "\n" << loaded.problems);
    CHECK(loaded.problems.find("error") != std::string::npos);
  }
}
