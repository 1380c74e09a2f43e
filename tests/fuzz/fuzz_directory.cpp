// Any bytes as a directory: one is read or the reason is told, and describing it never fails.
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>

#include "plan/directory.h"

using namespace chaser;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const documents::Source source("directory.yaml", std::string(reinterpret_cast<const char*>(data), size));
  documents::Problems problems;
  const auto directory = plan::read_directory(source, problems);
  assert(directory || !problems.empty());
  for (const documents::Problem& problem : problems.sorted()) assert(!documents::describe(problem).empty());
  return 0;
}
