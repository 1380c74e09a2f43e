#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "rulebook/rule_file.h"
#include "rulebook/rulebook.h"

namespace chaser::rulebook {
namespace {

struct ReadFile {
  const documents::Source& source;
  RuleFile content;
};

void check_names(const std::vector<ReadFile>& files, documents::Problems& problems) {
  std::map<std::string_view, const Rule*> first;
  for (const auto& [source, content] : files) {
    for (const Rule& rule : content.rules) {
      if (rule.name.empty()) continue;
      const auto [found, is_new] = first.emplace(rule.name, &rule);
      if (is_new) continue;
      problems.error(source, rule.where,
                     fmt::format("the rule \"{}\" is there twice; each rule needs a name of its own", rule.name),
                     {fmt::format("the other one: {}:{}", found->second->file, found->second->where.line)});
    }
  }
}

std::vector<std::string> rule_names(const std::vector<ReadFile>& files) {
  std::vector<std::string> names;
  for (const ReadFile& file : files) {
    for (const Rule& rule : file.content.rules) {
      if (!rule.name.empty()) names.push_back(rule.name);
    }
  }
  return names;
}

/// Who silences whom, as far as it was read.
using Silences = std::multimap<std::string, std::string, std::less<>>;

/// The way from `from` to `to` along `silences`, both included; empty if there is none.
std::vector<std::string> way(const Silences& silences, const std::string& from, const std::string& to) {
  std::map<std::string, std::string, std::less<>> reached{{from, ""}};
  std::vector<std::string> open{from};
  while (!open.empty()) {
    const std::string here = std::move(open.back());
    open.pop_back();
    if (here == to) {
      std::vector<std::string> steps;
      for (std::string at = to; !at.empty(); at = reached.at(at)) steps.insert(steps.begin(), at);
      return steps;
    }
    const auto [begin, end] = silences.equal_range(here);
    for (auto next = begin; next != end; ++next) {
      if (reached.emplace(next->second, here).second) open.push_back(next->second);
    }
  }
  return {};
}

void check_circle(const PlacedInhibit& placed, const documents::Source& source, Silences& silences,
                  documents::Problems& problems) {
  const auto& [rule, silenced] = placed.inhibit;
  if (rule == silenced) {
    problems.error(source, placed.silences_at, fmt::format("the rule \"{}\" cannot silence itself", rule));
    return;
  }
  const std::vector<std::string> back = way(silences, silenced, rule);
  if (!back.empty()) {
    problems.error(source, placed.silences_at,
                   fmt::format("these rules silence each other in a circle: {} -> {}", rule, fmt::join(back, " -> ")));
  }
  silences.emplace(rule, silenced);
}

void check_inhibits(const std::vector<ReadFile>& files, documents::Problems& problems) {
  const std::vector<std::string> names = rule_names(files);
  const auto is_known = [&](const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  Silences silences;
  for (const auto& [source, content] : files) {
    for (const PlacedInhibit& placed : content.inhibits) {
      const auto& [rule, silenced] = placed.inhibit;
      for (const auto& [name, at] : {std::pair{rule, placed.rule_at}, std::pair{silenced, placed.silences_at}}) {
        if (!is_known(name)) {
          problems.error(source, at,
                         fmt::format("there is no rule \"{}\"{}", name, documents::did_you_mean(name, names)));
        }
      }
      check_circle(placed, source, silences, problems);
    }
  }
}

RuleText text_of(const documents::Source& source) {
  return {sha256_hex(source.text()), source.name(), source.text()};
}

}  // namespace

std::optional<Rulebook> read_rule_files(std::span<const documents::Source> files, const RuleContext& context,
                                        documents::Problems& problems) {
  const std::size_t before = problems.errors_met();
  std::vector<ReadFile> read;
  for (const documents::Source& source : files) read.push_back({source, read_rule_file(source, context, problems)});
  check_names(read, problems);
  check_inhibits(read, problems);
  if (problems.errors_met() != before) return std::nullopt;
  Rulebook rulebook;
  for (auto& [source, content] : read) {
    std::vector<Inhibit> inhibits;
    for (PlacedInhibit& placed : content.inhibits) inhibits.push_back(std::move(placed.inhibit));
    rulebook.add(text_of(source), std::move(content.rules), std::move(inhibits), content.limit_people,
                 std::move(content.freezes));
    rulebook.add_budget(content.budget);
  }
  return rulebook;
}

std::optional<std::vector<Rule>> read_rules(const documents::Source& file, const RuleContext& context,
                                            documents::Problems& problems) {
  const std::size_t before = problems.errors_met();
  RuleFile content = read_rule_file(file, context, problems);
  if (problems.errors_met() != before) return std::nullopt;
  return std::move(content.rules);
}

}  // namespace chaser::rulebook
