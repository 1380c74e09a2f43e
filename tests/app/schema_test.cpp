// The schemas of docs/schema say what the loaders say: the keys are compared with those that each reader knows, and an
// independent validator judges files that are right and files that are broken.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "app/settings.h"
#include "plan/directory.h"
#include "plan/plan.h"
#include "plan/workflow.h"
#include "rulebook/rule_test.h"
#include "support/catch.h"

using namespace chaser;
using nlohmann::json;

namespace {

/// The keys of each kind of mapping, by what the readers call it and by the schema's title.
using Keys = std::map<std::string, std::set<std::string>>;

const std::string schema_folder = std::string(CHASER_SOURCE_DIR) + "/docs/schema/";

void collect(const json& schema, Keys& keys) {
  if (schema.is_object() && schema.contains("title") && schema.contains("properties")) {
    for (const auto& [key, value] : schema["properties"].items()) keys[schema["title"]].insert(key);
  }
  if (!schema.is_structured()) return;
  for (const auto& item : schema.items()) {
    if (item.key() == "$defs") {
      for (const auto& [name, each] : item.value().items()) {
        // What another schema lends is compared there.
        const bool is_lent = name.starts_with("directory") || name.starts_with("supplement");
        if (!is_lent) collect(each, keys);
      }
    } else {
      collect(item.value(), keys);
    }
  }
}

Keys schema_keys(const std::string& name) {
  std::ifstream in(schema_folder + name);
  REQUIRE(in);
  Keys keys;
  collect(json::parse(in), keys);
  return keys;
}

/// A reader that meets a key it does not know tells those it knows.
Keys loader_keys(const documents::Problems& problems) {
  Keys keys;
  for (const documents::Problem& problem : problems.in_order()) {
    for (const std::string& note : problem.notes) {
      if (!note.starts_with("keys of ")) continue;
      std::size_t at = note.find(": ");
      std::set<std::string>& known = keys[note.substr(8, at - 8)];
      while (at != std::string::npos) {
        at += 2;
        known.insert(note.substr(at, std::min(note.find(", ", at), note.size()) - at));
        at = note.find(", ", at);
      }
    }
  }
  return keys;
}

/// A command's standard output.
std::string output_of(const std::string& command) {
  std::string out;
  FILE* const pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  char buffer[4096];
  while (const std::size_t got = std::fread(buffer, 1, sizeof buffer, pipe)) out.append(buffer, got);
  const int status = ::pclose(pipe);
  INFO(out);
  CHECK(WEXITSTATUS(status) == 0);
  return out;
}

std::string validate(const std::string& schema, const std::string& files) {
  return output_of("/usr/bin/python3 -W ignore '" + std::string(CHASER_SOURCE_DIR) +
                   "/tests/app/validate_schemas.py' '" + schema_folder + schema + "' " + files);
}

std::size_t count(const std::string& text, const std::string& word) {
  std::size_t found = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("schema: rule files have the loader's keys, no more and no fewer") {
  documents::Problems problems;
  const std::vector<documents::Source> files{documents::Source("r.yaml", R"(version: 1
zz: 1
defaults: { zz: 1 }
rules:
  - zz: 1
    steps: [{ zz: 1, repeat: { zz: 1 } }]
    pauses: { zz: 1, acknowledge: { zz: 1 }, snooze: { zz: 1 }, blocked: { zz: 1 }, update: { zz: 1 }, extension: { zz: 1 } }
inhibits: [{ zz: 1 }]
limit: { zz: 1 }
budget: { zz: 1, per_person: { zz: 1 } }
freezes: [{ zz: 1 }]
)")};
  rulebook::read_rule_files(files, {}, problems);
  CHECK(loader_keys(problems) == schema_keys("rules.schema.json"));
}

TEST_CASE("schema: rule tests have the loader's keys, no more and no fewer") {
  documents::Problems problems;
  const documents::Source source("a.test.yaml", R"(version: 1
zz: 1
plan: [{ zz: 1 }]
tests:
  - { zz: 1, from: 2026-01-01, to: 2026-01-02, answers: [{ zz: 1 }], changes: [{ zz: 1 }], expected: [{ zz: 1 }], holds: [{ zz: 1 }] }
)");
  rulebook::read_rule_test_file(source, problems);
  const auto root = documents::parse_yaml(source, problems);
  rulebook::read_inline_plan(*root->find("plan"), source, {}, {}, problems);
  CHECK(loader_keys(problems) == schema_keys("rule-test.schema.json"));
}

TEST_CASE("schema: directories have the loader's keys, no more and no fewer") {
  documents::Problems problems;
  plan::read_directory(documents::Source("d.yaml", R"(zz: 1
parties: { a: { zz: 1, window: { zz: 1 }, absences: [{ zz: 1 }] } }
plans: { p: { zz: 1 } }
)"),
                       problems);
  CHECK(loader_keys(problems) == schema_keys("directory.schema.json"));
}

TEST_CASE("schema: supplements have the loader's keys, no more and no fewer") {
  documents::Problems problems;
  const documents::Source source("s.yaml", R"(zz: 1
conventions: { zz: 1 }
actions: { "1": { zz: 1, milestones: [{ zz: 1 }],
  measure: { zz: 1, baseline: { zz: 1 }, target: { zz: 1 }, profile: [{ zz: 1 }], readings: [{ zz: 1 }] } } }
)");
  const auto root = documents::parse_yaml(source, problems);
  plan::Plan plan;
  plan.actions.emplace_back().id = "1";
  plan::read_conventions(*root, source, problems);
  plan::apply_supplement(*root, source, {}, {}, plan, problems);
  CHECK(loader_keys(problems) == schema_keys("supplement.schema.json"));
}

TEST_CASE("schema: workflows have the loader's keys, no more and no fewer") {
  documents::Problems problems;
  plan::read_workflow(documents::Source("w.yaml", "zz: 1\nstatuses: [{ zz: 1 }]\ntransitions: [{ zz: 1 }]\n"),
                      problems);
  CHECK(loader_keys(problems) == schema_keys("workflow.schema.json"));
}

TEST_CASE("schema: settings have the loader's keys, no more and no fewer") {
  documents::Problems problems;
  const auto read = [&](const std::string& text) {
    const app::SettingsContext context{"c.yaml", std::nullopt, app::read_secrets(std::nullopt), false};
    app::read_settings(documents::Source("c.yaml", text), context, problems);
  };
  read(R"(zz: 1
plans: [{ zz: 1, conventions: { zz: 1 }, rag: { zz: 1 } }]
windows: { w: { zz: 1 } }
channels: { zz: 1, email: { type: smtp, zz: 1 }, teams: { type: workflows, zz: 1, rate: { zz: 1 }, channels: { a: { zz: 1 } } } }
mail: { zz: 1 }
links: { zz: 1 }
inbox: { type: imap, zz: 1 }
http: { zz: 1, proxy: { zz: 1 }, answers: { zz: 1 } }
)");
  read(
      "channels: { email: { type: maildir, zz: 1 }, teams: { type: folder, zz: 1 } }\ninbox: { type: maildir, zz: 1 "
      "}\n");
  CHECK(loader_keys(problems) == schema_keys("settings.schema.json"));
}

TEST_CASE("schema: an independent validator finds the shipped files valid") {
  const std::string root = std::string(CHASER_SOURCE_DIR) + "/";
  for (const auto& [schema, files] : std::map<std::string, std::string>{
           {"rules.schema.json", root + "rules/deadlines.yaml " + root + "rules/stalled.yaml " + root +
                                     "rules/reviews.yaml " + root + "rules/unowned.yaml " + root +
                                     "rules/approvals.yaml " + root + "rules/blocking.yaml " + root +
                                     "rules/waiting.yaml"},
           {"rule-test.schema.json", root + "rules/*.test.yaml"},
           {"directory.schema.json", root + "config/directory.yaml"},
           {"workflow.schema.json", root + "rules/workflow.yaml"},
           {"supplement.schema.json", root + "config/plans/*.supplement.yaml"},
           {"settings.schema.json", root + "config/chaser.yaml " + root + "config/quickstart.yaml"}}) {
    const std::string out = validate(schema, files);
    INFO(out);
    CHECK(count(out, "ok ") >= 1);
    CHECK(count(out, "broken ") == 0);
  }
}

TEST_CASE("schema: an independent validator finds broken files invalid") {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("chaser-schema-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  const std::string rule = "rule: r, when: \"true\", anchor: due";
  const std::map<std::string, std::vector<std::string>> broken{
      {"rules.schema.json",
       {"rules: []", "version: 2", "version: 1\nrulse: []", "version: 1\nrules: [{ " + rule + " }]",
        "version: 1\nrules: [{ " + rule + ", steps: [{ step: a, at: +5, to: leads }] }]",
        "version: 1\nrules: [{ " + rule + ", steps: [{ step: a, at: 0d, to: leeds }] }]",
        "version: 1\nrules: [{ " + rule + ", steps: [{ step: a, at: 0d, to: leads, precision: weak }] }]",
        "version: 1\nlimit: { people: many }", "version: 1\nfreezes: [{ name: x, from: soon, to: 2027-01-01 }]"}},
      {"rule-test.schema.json",
       {"version: 1", "version: 1\ntests: [{ test: a, from: 2026-01-01 }]",
        "version: 1\ntests: [{ test: a, from: 2026-01-01, to: 2026-01-02, expected: [{ on: 2026-01-01, to: x }] }]",
        "version: 1\ntests: [{ test: a, from: 2026-01-01, to: 2026-01-02, expected: [], holds: [{ on: 2026-01-01, "
        "reason: x }] }]",
        "version: 1\ntests: []\nplan: [{ lead: x }]"}},
      {"directory.schema.json",
       {"version: 1", "parties: { A b: {} }", "parties: { a: { emial: x } }", "parties: { a: { kind: club } }"}},
      {"supplement.schema.json",
       {"actoins: {}", "actions: { \"1\": { cadence: soon } }", "actions: { \"1\": { milestones: [{ id: a }] } }"}},
      {"settings.schema.json", {"rules: r", "state_directory: s\nplans: []\ndirectory: d\nrules: r\nchannels: {}"}}};
  for (const auto& [schema, texts] : broken) {
    std::string files;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const std::string file = (folder / (std::to_string(i) + "-" + schema + ".yaml")).string();
      std::ofstream(file) << texts[i] << "\n";
      files += " " + file;
    }
    const std::string out = validate(schema, files);
    INFO(out);
    CHECK(count(out, "broken ") == texts.size());
  }
  std::filesystem::remove_all(folder);
}
