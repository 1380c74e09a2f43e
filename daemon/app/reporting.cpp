#include "app/reporting.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace chaser::app {

std::string counted(std::size_t count, const std::string& noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string describe_all(const documents::Problems& problems) {
  std::string text;
  for (const documents::Problem& problem : problems.sorted()) text += documents::describe(problem);
  if (problems.dropped() > 0) text += fmt::format("and {} more\n", problems.dropped());
  return text;
}

std::string count_words(const documents::Problems& problems) {
  return counted(problems.errors(), "error") + ", " + counted(problems.warnings(), "warning");
}

std::string problems_json(const documents::Problems& problems) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const documents::Problem& problem : problems.sorted()) {
    list.push_back({{"severity", problem.severity == documents::Severity::error ? "error" : "warning"},
                    {"file", problem.file},
                    {"line", problem.at.line},
                    {"column", problem.at.column},
                    {"message", problem.message},
                    {"excerpt", problem.excerpt},
                    {"notes", problem.notes}});
  }
  const nlohmann::ordered_json all = {{"errors", problems.errors()},
                                      {"warnings", problems.warnings()},
                                      {"dropped", problems.dropped()},
                                      {"problems", std::move(list)}};
  return all.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace chaser::app
