// What a file may not be, by the verbs that read it: each limit is a message at its place and exit status 1, never a
// wait.
#include <fmt/format.h>

#include "app/files.h"
#include "app/program.h"
#include "documents/table.h"
#include "documents/yaml.h"
#include "plan/plan.h"
#include "rulebook/rule_file.h"
#include "rulebook/rule_test.h"
#include "support/catch.h"

using namespace chaser;
using namespace chaser::test;

namespace {

const std::string header = "ID\tAction\tLead\tTimescale\n";
const std::string good_plan = header + "1\tPlant trees\ta\t2030\n";
const std::string directory = "coordinator: a\nparties:\n  a: { name: Ann, email: a@kent.example }\n";
const std::string rule =
    "  - { rule: r, when: 'action.kind == \"dated\"', anchor: due, steps: [{ step: s, at: 0d, to: leads }] }\n";
const std::string rules = "version: 1\nrules:\n" + rule;
const std::string settings =
    "state_directory: state\nplans: [{ id: county, file: plan.txt }]\ndirectory: directory.yaml\nrules: [rules.yaml]\n"
    "channels: { email: { type: maildir, folder: mail } }\nmail: { from_address: chaser@kent.example }\n";

/// Files that are right, one of which a test replaces.
class Site {
 public:
  Site() {
    write("chaser.yaml", settings);
    write("directory.yaml", directory);
    write("plan.txt", good_plan);
    write("rules.yaml", rules);
  }
  void write(const std::string& name, const std::string& text) const { folder_.write(name, text); }
  std::string file(const std::string& name) const { return folder_.file(name); }
  Ran check() const { return run({"check", "--config", file("chaser.yaml")}); }
  Ran forecast() const {
    return run({"forecast", "--config", file("chaser.yaml"), "--fresh", "--from", "2026-09-01", "--to", "2026-09-30"});
  }
  Ran read_plan() const { return run({"plan", "read", file("plan.txt")}); }

 private:
  Folder folder_;
};

/// What a verb says, wherever it says it.
std::string said(const Ran& ran) {
  return ran.out + ran.err;
}

void refused(const Ran& ran, const std::string& file, const std::string& message) {
  INFO(said(ran).substr(0, 2000));
  CHECK(ran.exit == app::Exit::problems);
  CHECK(said(ran).find(file) != std::string::npos);
  CHECK(said(ran).find(message) != std::string::npos);
  CHECK(said(ran).size() < 1'000'000);  // at most 1,000 problems are told
}

void refused_by_all(const Site& site, const std::string& file, const std::string& message) {
  refused(site.check(), file, message);
  refused(site.forecast(), file, message);
}

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

/// Each line doubles what the ones before it say ten times over.
std::string alias_bomb() {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    text +=
        fmt::format("a{0}: &a{0} [*a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}]\n", i, i - 1);
  }
  return text;
}

}  // namespace

TEST_CASE("limits: the files that the others vary are right") {
  const Site site;
  INFO(said(site.check()));
  CHECK(site.check().exit == app::Exit::fine);
  CHECK(site.forecast().exit == app::Exit::fine);
  CHECK(site.read_plan().exit == app::Exit::fine);
}

TEST_CASE("limits: a plan that is too large is refused by its size") {
  const Site site;
  site.write("plan.txt", good_plan + std::string(documents::table_bytes_max, '\n'));
  refused(site.read_plan(), "plan.txt", "larger than 16 MiB; split the document");
  refused_by_all(site, "plan.txt", "larger than 16 MiB; split the document");
}

TEST_CASE("limits: a plan's cells, columns and rows are bounded, each with its place", "[slow]") {
  const Site site;
  site.write("plan.txt", header + "1\t" + std::string(documents::table_cell_bytes_max + 1, 'x') + "\ta\t2030\n");
  refused(site.read_plan(), "plan.txt:2:3", "a cell of more than 64 KiB; is a quote or a line end missing?");
  site.write("plan.txt", header + "1\tPlant trees\ta\t2030" + std::string(documents::table_columns_max, '\t') + "x\n");
  refused(site.read_plan(), "plan.txt:2", "a row of more than 200 cells");
  std::string many = header;
  for (std::size_t i = 0; i <= documents::table_rows_max; ++i) many += "x\n";
  site.write("plan.txt", many);
  refused(site.read_plan(), "plan.txt", "more than 200000 rows; split the document");
}

TEST_CASE("limits: a plan of too many actions is refused where the first one too many stands", "[slow]") {
  const Site site;
  std::string many = header;
  for (std::size_t i = 0; i <= plan::actions_max; ++i) many += fmt::format("{}\tx\ta\t2030\n", i + 1);
  site.write("plan.txt", many);
  // Those before it are listed, so what is said is long.
  const Ran ran = site.read_plan();
  CHECK(ran.exit == app::Exit::problems);
  const std::string place = fmt::format("plan.txt:{}:1: error: more than 100000 actions", plan::actions_max + 2);
  CHECK(said(ran).find(place) != std::string::npos);
}

TEST_CASE("limits: NUL and other control characters are refused at their place, in plans and in YAML") {
  const Site site;
  site.write("plan.txt", header + "1\tPlant" + std::string(1, '\0') + "trees\ta\t2030\n");
  refused(site.read_plan(), "plan.txt:2:8", "control character U+0000 in the document; remove it");
  refused_by_all(site, "plan.txt:2:8", "U+0000");
  site.write("plan.txt", good_plan);
  for (const char* file : {"directory.yaml", "rules.yaml", "chaser.yaml"}) {
    const Site other;
    const std::string good = text_of(other.file(file));
    other.write(file, good + "# " + std::string(1, '\0') + "\n");
    refused(other.check(), file, "U+0000");
    other.write(file, good + "# \xff\xfe\n");
    refused(other.check(), file, "UTF-8");
  }
}

TEST_CASE(
    "limits: YAML that is too large, too deep, too long or that multiplies itself is refused, whichever file it is") {
  for (const char* file : {"directory.yaml", "rules.yaml", "chaser.yaml"}) {
    INFO(file);
    const Site site;
    const std::string good = text_of(site.file(file));
    const auto check = [&](const std::string& text, const std::string& message) {
      site.write(file, text);
      refused(site.check(), file, message);
    };
    check(good + "#" + std::string(documents::yaml_bytes_max, 'x') + "\n", "larger than 8 MiB; split it");
    check("version: " + nested(documents::yaml_depth_max + 1) + "\n", "nested more than 64 levels deep");
    check(std::string(1'000'000, '['), "nested more than 64 levels deep");
    check(alias_bomb(), "anchors are not used here");
    std::string values = "version: [1";
    for (std::size_t i = 0; i < documents::yaml_nodes_max; ++i) values += ",1";
    check(values + "]\n", "more than 200000 values in one file; split it");
  }
}

TEST_CASE("limits: a file that no reader takes is not read to its end") {
  const Site site;
  site.write("directory.yaml", directory + std::string(app::file_bytes_max, '#'));
  refused(site.check(), "directory.yaml", "larger than");
}

TEST_CASE("limits: a line of a megabyte is a message, with an excerpt that is none") {
  const Site site;
  site.write("rules.yaml", rules + "zz: " + std::string(1'000'000, 'x') + "\n");
  refused_by_all(site, "rules.yaml:4:1", "unknown key \"zz\"");
}

TEST_CASE("limits: rules, steps and conditions are bounded from both sides") {
  const Site site;
  std::string many = "version: 1\nrules:\n";
  for (std::size_t i = 0; i <= rulebook::rules_most; ++i) many += fmt::format("  - {{ rule: r{} }}\n", i);
  site.write("rules.yaml", many);
  refused(site.check(), "rules.yaml", "a file has at most 1000 rules; this one has 1001");
  const auto with_steps = [&](std::size_t count) {
    std::string text =
        "version: 1\nrules:\n  - rule: r\n    when: action.kind == \"dated\"\n    anchor: due\n    steps:\n";
    for (std::size_t i = 0; i < count; ++i) text += fmt::format("      - {{ step: s{0}, at: +{0}wd, to: leads }}\n", i);
    site.write("rules.yaml", text);
  };
  with_steps(rulebook::steps_most);
  CHECK(site.check().exit == app::Exit::fine);
  with_steps(rulebook::steps_most + 1);
  refused(site.check(), "rules.yaml", "a rule has at most 100 steps; this one has 101");
  const auto with_condition = [&](const std::string& condition) {
    site.write("rules.yaml", "version: 1\nrules:\n  - rule: r\n    when: " + condition +
                                 "\n    anchor: due\n    steps: [{ step: s, at: 0d, to: leads }]\n");
  };
  with_condition(std::string(90, '(') + "action.kind == \"dated\"" + std::string(90, ')'));
  CHECK(site.check().exit == app::Exit::fine);
  with_condition(std::string(200, '(') + "action.kind == \"dated\"" + std::string(200, ')'));
  refused(site.check(), "rules.yaml:4", "100");
  with_condition("action.text.contains(\"" + std::string(5000, 'x') + "\")");
  refused(site.check(), "rules.yaml:4", "4096");
}

TEST_CASE("limits: a rule test that plays too long or says too much is refused by chaser test") {
  const Site site;
  const auto refused_test = [&](const std::string& test, const std::string& message) {
    site.write("rules.test.yaml",
               "version: 1\ndirectory: directory.yaml\nplan: [{ id: \"1\", lead: a, timescale: 2030 }]\n"
               "tests:\n" +
                   test);
    refused(run({"test", site.file("rules.test.yaml")}), "rules.test.yaml", message);
  };
  refused_test("  - { test: a, from: 2026-01-01, to: 2099-01-01, expected: [] }\n", "a test plays at most 50 years");
  std::string many;
  for (std::size_t i = 0; i <= rulebook::tests_most; ++i) {
    many += fmt::format("  - {{ test: t{}, from: 2026-01-01, to: 2026-01-02, expected: [] }}\n", i);
  }
  refused_test(many, "a file has at most 1000 tests; this one has 1001");
  refused_test("  - { test: a, from: " + nested(70) + " }\n", "nested more than 64 levels deep");
}
