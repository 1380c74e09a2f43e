#include <algorithm>
#include <map>

#include "app/loading.h"
#include "support/catch.h"

using namespace chaser;

namespace {

std::string rule(const std::string& name, const std::string& at) {
  return "version: 1\nrules:\n  - rule: " + name +
         "\n    when: action.kind == \"dated\"\n    anchor: due\n    steps: [{ step: one, at: " + at +
         ", to: leads }]\n";
}

/// Files by path, as an editor leaves them.
struct Files {
  std::map<std::string, std::string> texts{
      {"/site/chaser.yaml",
       "state_directory: state\nplans: [{ id: plan, file: plan.txt }]\ndirectory: directory.yaml\nrules: [a.yaml, "
       "b.yaml]\n"
       "channels: { email: { type: maildir, folder: mail } }\nmail: { from_address: chaser@kent.example }\n"},
      {"/site/directory.yaml", "parties:\n  kcc: { name: Kent, email: kcc@kent.example }\n"},
      {"/site/a.yaml", rule("first", "-5wd")},
      {"/site/b.yaml", rule("second", "-3wd")}};

  app::FileReader reader() const {
    return [this](const std::string& path) -> std::expected<std::string, std::string> {
      const auto found = texts.find(path);
      if (found == texts.end()) return std::unexpected("no such file");
      return found->second;
    };
  }
};

const app::LoadOptions options{"/site/chaser.yaml", std::nullopt, false, {}};

app::Inputs good(const Files& files) {
  documents::Problems problems;
  auto inputs = app::load_inputs(options, files.reader(), problems);
  std::string text;
  for (const auto& problem : problems.sorted()) text += documents::describe(problem);
  INFO(text);
  REQUIRE(inputs.has_value());
  REQUIRE_FALSE(problems.has_errors());
  return *std::move(inputs);
}

std::string at_of(const app::Inputs& inputs, const std::string& name) {
  const rulebook::Rule* const found = inputs.rulebook.find(name);
  return found == nullptr ? "gone" : rulebook::to_string(found->steps[0].at);
}

}  // namespace

TEST_CASE("reload: a broken rule file keeps its last good version, the other's edit is taken") {
  Files files;
  const app::Inputs before = good(files);
  files.texts["/site/a.yaml"] = rule("first", "-5");
  files.texts["/site/b.yaml"] = rule("second", "-7wd");
  documents::Problems problems;
  const app::Reloaded reloaded = app::reload_inputs(options, files.reader(), before, problems);
  REQUIRE(reloaded.inputs.has_value());
  CHECK(at_of(*reloaded.inputs, "first") == "-5wd");
  CHECK(at_of(*reloaded.inputs, "second") == "-7wd");
  CHECK(reloaded.kept_files == std::vector<std::string>{"/site/a.yaml"});
  CHECK(problems.has_errors());
  CHECK(app::alarm_of(reloaded) == "/site/a.yaml is broken: its last good version stays");
}

TEST_CASE("reload: the last good version survives a second broken reload, and a mended file ends the alarm") {
  Files files;
  const app::Inputs before = good(files);
  files.texts["/site/a.yaml"] = "rules: [";
  documents::Problems problems;
  const app::Reloaded once = app::reload_inputs(options, files.reader(), before, problems);
  REQUIRE(once.inputs.has_value());
  const app::Reloaded twice = app::reload_inputs(options, files.reader(), *once.inputs, problems);
  REQUIRE(twice.inputs.has_value());
  CHECK(at_of(*twice.inputs, "first") == "-5wd");
  files.texts["/site/a.yaml"] = rule("first", "-6wd");
  documents::Problems none;
  const app::Reloaded mended = app::reload_inputs(options, files.reader(), *twice.inputs, none);
  CHECK(at_of(*mended.inputs, "first") == "-6wd");
  CHECK(app::alarm_of(mended).empty());
}

TEST_CASE("reload: a new rule file that was never good is left out and named, the others go on") {
  Files files;
  const app::Inputs before = good(files);
  std::string& settings = files.texts["/site/chaser.yaml"];
  settings.replace(settings.find("[a.yaml, b.yaml]"), 16, "[a.yaml, b.yaml, c.yaml]");
  files.texts["/site/c.yaml"] = rule("third", "soon");
  documents::Problems problems;
  const app::Reloaded reloaded = app::reload_inputs(options, files.reader(), before, problems);
  REQUIRE(reloaded.inputs.has_value());
  CHECK(reloaded.left_out == std::vector<std::string>{"/site/c.yaml"});
  CHECK(at_of(*reloaded.inputs, "first") == "-5wd");
  CHECK(app::alarm_of(reloaded) == "/site/c.yaml is broken and never was good: left out");
}

TEST_CASE("reload: a file whose only error is another's costs nothing of its own edit") {
  Files files;
  const app::Inputs before = good(files);
  files.texts["/site/a.yaml"] = rule("first", "-5");
  files.texts["/site/b.yaml"] =
      rule("second", "-7wd") + "inhibits: [{ rule: first, silences: second, same: action }]\n";
  documents::Problems problems;
  const app::Reloaded reloaded = app::reload_inputs(options, files.reader(), before, problems);
  REQUIRE(reloaded.inputs.has_value());
  CHECK(at_of(*reloaded.inputs, "second") == "-7wd");
  CHECK(reloaded.inputs->rulebook.inhibits().size() == 1);
}

TEST_CASE("reload: broken settings keep their last good text too") {
  Files files;
  const app::Inputs before = good(files);
  files.texts["/site/chaser.yaml"] += "rulez: x\n";
  documents::Problems problems;
  const app::Reloaded reloaded = app::reload_inputs(options, files.reader(), before, problems);
  REQUIRE(reloaded.inputs.has_value());
  CHECK(reloaded.kept_files == std::vector<std::string>{"/site/chaser.yaml"});
}
