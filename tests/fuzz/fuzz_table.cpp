// Any bytes as a plan document in each format: a table within its limits, and a plan or complaints.
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>

#include "documents/table.h"
#include "plan/directory.h"
#include "plan/plan.h"

using namespace chaser;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  for (const char* name : {"plan.txt", "plan.csv", "plan.md"}) {
    const documents::Source source(name, bytes);
    documents::Problems problems;
    const documents::Table table = documents::read_table(source, problems);
    for (const documents::Row& row : table.rows) {
      assert(row.line >= 1 && row.line <= source.line_count());
      assert(row.cells.size() <= documents::table_columns_max);
    }
    plan::read_plan(table, source, "plan", {}, nullptr, {}, problems);
    for (const documents::Problem& problem : problems.sorted()) assert(!documents::describe(problem).empty());
  }
  return 0;
}
