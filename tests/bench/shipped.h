#pragma once

#include <string>
#include <vector>

#include "app/files.h"
#include "bench/bench.h"
#include "documents/problems.h"
#include "rulebook/rulebook.h"

namespace chaser::bench {

inline const std::string source_dir = CHASER_SOURCE_DIR;

/// The four rule files that Chaser ships, in their files' order.
inline rulebook::Rulebook shipped_rules() {
  std::vector<documents::Source> files;
  for (const char* name : {"deadlines", "stalled", "reviews", "unowned"}) {
    const std::string path = source_dir + "/rules/" + name + ".yaml";
    auto text = app::read_file(path);
    if (!text) give_up(path + ": " + text.error());
    files.emplace_back(path, *std::move(text));
  }
  documents::Problems problems;
  auto rulebook = rulebook::read_rule_files(files, {}, problems);
  for (const auto& problem : problems.sorted()) std::fputs(documents::describe(problem).c_str(), stderr);
  if (!rulebook) give_up("the shipped rules do not load");
  return *std::move(rulebook);
}

}  // namespace chaser::bench
