#include "app/rule_tests.h"

#include <re2/re2.h>

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "app/command_line.h"
#include "app/loading.h"
#include "documents/table.h"
#include "documents/yaml.h"

namespace chaser::app {

namespace {

using documents::Problems;
using documents::Source;
using documents::YamlNode;
using rulebook::RuleTest;
using rulebook::TestGiven;

bool is_test_file(const std::string& name) {
  return (name.ends_with(".test.yaml") || name.ends_with(".test.yml")) && !name.starts_with('.');
}

/// Loads what test files name, each rule file once, and plays their tests.
class TestRunner {
 public:
  TestRunner(const std::string& pattern, const TestSurroundings& surroundings, const FileReader& read)
      : pattern_(pattern, RE2::Quiet), surroundings_(surroundings), read_(read) {
    if (!pattern_.ok()) refuse("--run is a regular expression (RE2): " + pattern_.error());
    run_.is_filtered = !pattern.empty();
  }

  void run_file(const std::string& path) {
    const auto source = load(path, nullptr, nullptr);
    if (!source) return;
    auto file = rulebook::read_rule_test_file(*source, run_.problems);
    if (!file) return;
    folder_ = folder_of(path);
    for (RuleTest& test : file->tests) {
      if (RE2::PartialMatch(test.name, pattern_)) run_test(test, *source);
    }
  }

  RuleTestRun take() { return std::move(run_); }

 private:
  /// A file's text; that it cannot be had is a problem of whoever names it.
  std::optional<Source> load(const std::string& path, const YamlNode* named, const Source* by) {
    auto bytes = read_(path);
    if (bytes) return Source(path, std::move(*bytes));
    if (named == nullptr)
      run_.problems.error(path, bytes.error());
    else
      run_.problems.error(*by, named->at, fmt::format("{}: {}", path, bytes.error()));
    return std::nullopt;
  }

  std::string beside(const std::string& path) const { return resolve_path(folder_ == "." ? "" : folder_, path); }

  const rulebook::Rulebook* rules_of(const TestGiven& given, const Source& source) {
    std::vector<std::string> paths;
    for (const rulebook::PlacedText& rule : given.rules) {
      for (std::string& path : yaml_files(beside(rule.text))) paths.push_back(std::move(path));
    }
    if (given.rules.empty()) paths = yaml_files(folder_);
    if (folder_ == "." && given.rules.empty()) {
      for (std::string& path : paths) path = std::filesystem::path(path).lexically_normal().string();
    }
    std::string key = given.workflow.text + "\n";
    for (const std::string& path : paths) key += path + "\n";
    if (const auto known = rulebooks_.find(key); known != rulebooks_.end()) {
      return known->second ? &*known->second : nullptr;
    }
    std::vector<Source> sources;
    for (const std::string& path : paths) {
      YamlNode named;
      if (!given.rules.empty()) named.at = given.rules.front().at;
      if (auto text = load(path, given.rules.empty() ? nullptr : &named, &source)) sources.push_back(std::move(*text));
    }
    auto& loaded = rulebooks_[key];
    loaded = rulebook::read_rule_files(sources, context(), run_.problems);
    if (!loaded || sources.size() != paths.size()) return nullptr;
    chase::TrialCoverage all = chase::all_of(*loaded);
    run_.all.steps.merge(all.steps);
    run_.all.holds.merge(all.holds);
    return &*loaded;
  }

  rulebook::RuleContext context() const {
    rulebook::RuleContext context;
    context.calendars.clear();
    context.windows.clear();
    for (const auto& calendar : surroundings_.calendars) context.calendars.push_back(calendar.name);
    for (const auto& [name, window] : surroundings_.windows) context.windows.push_back(name);
    context.statuses = workflow_.names();
    context.zones = find_zone;
    return context;
  }

  std::optional<plan::Directory> directory_of(const TestGiven& given, const Source& source) {
    const YamlNode* const node = given.directory;
    if (node == nullptr) return surroundings_.directory;
    if (!node->is_scalar()) return plan::read_directory(*node, source, run_.problems);
    const auto file = load(beside(node->scalar), node, &source);
    return file ? plan::read_directory(*file, run_.problems) : std::nullopt;
  }

  /// A plan's own warnings are its coordinator's; a test asks only whether it can be read.
  std::optional<plan::Plan> plan_of(const TestGiven& given, const plan::Directory& directory, const Source& source) {
    const YamlNode& node = *given.plan;
    if (!node.is_scalar()) return rulebook::read_inline_plan(node, source, directory, workflow_, run_.problems);
    const auto file = load(beside(node.scalar), &node, &source);
    if (!file) return std::nullopt;
    Problems found;
    std::optional<Source> extra;
    std::optional<YamlNode> parsed;
    const YamlNode* supplement = given.supplement;
    if (supplement != nullptr && supplement->is_scalar()) {
      extra = load(beside(supplement->scalar), supplement, &source);
      if (extra) parsed = documents::parse_yaml(*extra, found);
      supplement = parsed ? &*parsed : nullptr;
    }
    const Source& said_in = extra ? *extra : source;
    plan::Conventions conventions;
    if (supplement != nullptr && supplement->find("conventions") != nullptr) {
      conventions = plan::read_conventions(*supplement, said_in, found).value_or(conventions);
    }
    const auto table = documents::read_table(*file, found);
    auto plan = plan::read_plan(table, *file, "test", conventions, &directory, workflow_, found);
    if (plan && supplement != nullptr) {
      plan::apply_supplement(*supplement, said_in, workflow_, conventions, *plan, found, &directory);
    }
    for (const documents::Problem& problem : found.in_order()) {
      if (problem.severity == documents::Severity::error) run_.problems.add(problem);
    }
    return plan;
  }

  bool add_zone(const std::string& name, documents::Position at, const Source& source, chase::Zones& zones) {
    if (name.empty() || zones.contains(name)) return true;
    const auto zone = find_zone(name);
    if (zone)
      zones.emplace(name, *zone);
    else
      run_.problems.error(source, at,
                          fmt::format("unknown time zone \"{}\"; it must be a name such as Europe/London", name));
    return zone.has_value();
  }

  /// The workflow that the test names; without one what says it is done is done.
  bool take_workflow(const TestGiven& given, const Source& source) {
    workflow_ = plan::Workflow{};
    if (given.workflow.text.empty()) return true;
    YamlNode named;
    named.at = given.workflow.at;
    const auto file = load(beside(given.workflow.text), &named, &source);
    auto read = file ? plan::read_workflow(*file, run_.problems) : std::nullopt;
    if (!read) return false;
    workflow_ = *std::move(read);
    return true;
  }

  void run_test(RuleTest& test, const Source& source) {
    const std::size_t before = run_.problems.errors_met();
    if (!take_workflow(test.given, source)) return;
    const auto directory = directory_of(test.given, source);
    const rulebook::Rulebook* const rulebook = rules_of(test.given, source);
    if (!directory || rulebook == nullptr) return;
    const auto plan = plan_of(test.given, *directory, source);
    if (!plan || run_.problems.errors_met() != before) return;
    chase::WorldParts parts;
    parts.rulebook = rulebook::rules_of_test(*rulebook, test.given, source, run_.problems);
    if (!rulebook::check_rule_test(test, parts.rulebook, *plan, *directory, workflow_, source, run_.problems)) return;
    parts.directory = *directory;
    parts.workflow = workflow_;
    parts.calendars = surroundings_.calendars;
    parts.windows = surroundings_.windows;
    chase::WorldParts::PlanPart part{plan->id, plan->title.empty() ? plan->id : plan->title, test.given.zone.text};
    for (const calendar::CivilDay cutoff : test.given.cutoffs) part.meetings.push_back({cutoff, "", cutoff});
    parts.plans.push_back(std::move(part));
    bool zones_known = add_zone(test.given.zone.text, test.given.zone.at, source, parts.zones);
    zones_known = add_zone("Europe/London", {}, source, parts.zones) && zones_known;
    for (const auto& [id, party] : directory->parties()) {
      zones_known = add_zone(party.contact.zone, test.at, source, parts.zones) && zones_known;
    }
    if (!zones_known || run_.problems.errors_met() != before) return;
    chase::TrialStage stage{*plan, {}};
    for (const plan::Action& action : plan->actions) {
      if (const auto day = rulebook::imported_of(*test.given.plan, action.id)) stage.imported.emplace(action.id, *day);
    }
    const chase::World world(std::move(parts));
    run_.outcomes.push_back(
        {source.name(), test.at.line, test.name, test.about, chase::play(test, stage, world, run_.reached)});
  }

  const RE2 pattern_;
  const TestSurroundings& surroundings_;
  const FileReader& read_;
  plan::Workflow workflow_;  // of the test that is played
  std::string folder_;
  std::map<std::string, std::optional<rulebook::Rulebook>> rulebooks_;
  RuleTestRun run_;
};

}  // namespace

TestSurroundings shipped_surroundings() {
  return {{calendar::england_and_wales(), calendar::scotland(), calendar::northern_ireland()},
          {{"office-hours", calendar::office_hours()}},
          {}};
}

std::size_t RuleTestRun::failed() const {
  return static_cast<std::size_t>(
      std::count_if(outcomes.begin(), outcomes.end(), [](const auto& outcome) { return !outcome.result.passed(); }));
}

std::vector<std::string> rule_test_files(const std::string& path) {
  std::error_code failure;
  if (!std::filesystem::is_directory(path, failure)) return {path};
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path, failure)) {
    if (is_test_file(entry.path().filename().string())) files.push_back(entry.path().lexically_normal().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

RuleTestRun run_rule_tests(const std::vector<std::string>& files, const std::string& pattern,
                           const TestSurroundings& surroundings, const FileReader& read) {
  TestRunner runner(pattern, surroundings, read);
  for (const std::string& file : files) runner.run_file(file);
  return runner.take();
}

}  // namespace chaser::app
