#include "reading.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>

namespace chaser::given {

std::vector<std::string> RuleReading::lines() const {
  std::vector<std::string> lines;
  for (const documents::Problem& problem : problems.sorted()) {
    lines.push_back(fmt::format("{}:{} {}", problem.at.line, problem.at.column, problem.message));
  }
  return lines;
}

std::string RuleReading::only() const {
  const std::vector<std::string> all = lines();
  return all.size() == 1 ? all.front() : fmt::format("{} problems", all.size());
}

std::string RuleReading::described() const {
  std::string text;
  for (const documents::Problem& problem : problems.sorted()) text += documents::describe(problem);
  return text;
}

RuleReading read_rules(const std::string& text, const rulebook::RuleContext& context) {
  RuleReading reading;
  const std::vector<documents::Source> files{documents::Source("rules.yaml", text)};
  reading.rulebook = rulebook::read_rule_files(files, context, reading.problems);
  return reading;
}

std::string with_steps(const std::string& steps) {
  return "version: 1\nrules:\n  - rule: r\n    when: \"true\"\n    anchor: due\n    steps:\n" + steps + "\n";
}

RuleReading read_step(const std::string& keys, const rulebook::RuleContext& context) {
  return read_rules(with_steps("    - { " + keys + " }"), context);
}

RuleReading read_below(const std::string& lines) {
  return read_rules(with_steps("    - { step: due, at: 0d, to: leads }") + lines);
}

RuleReading read_keys(const std::string& lines, const rulebook::RuleContext& context) {
  return read_rules(
      "version: 1\nrules:\n  - rule: r\n    when: \"true\"\n    steps: [{ step: due, at: 0d, to: leads }]\n" + lines +
          "\n",
      context);
}

std::string text_of_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace chaser::given
