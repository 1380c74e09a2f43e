#pragma once

#include <string>

#include "documents/problems.h"

namespace chaser::app {

/// Every problem with its excerpt, for a terminal; ends with a line end unless empty.
std::string describe_all(const documents::Problems& problems);
/// "3 errors, 1 warning".
std::string count_words(const documents::Problems& problems);
/// {"errors", "warnings", "dropped", "problems": [{"severity", "file", "line", "column", "message", "excerpt",
/// "notes"}]}
std::string problems_json(const documents::Problems& problems);
/// "1 plan", "4 plans".
std::string counted(std::size_t count, const std::string& noun);

}  // namespace chaser::app
