#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace chaser::sources {

/// The layers of docs/ARCHITECTURE.md in their order; those up to and with "chase" are the core.
const std::vector<std::string>& layers();

/// Every breach of the project's rules by one file of daemon/, as "calendar/time.cpp:12: what is wrong".
/// `path` counts from daemon/; `text` is the file. Comments and literals are no code, except in #include lines.
std::vector<std::string> breaches(std::string_view path, std::string_view text);

/// The text with comments and the inside of literals blanked, line by line as it was.
std::string code_of(std::string_view text);

}  // namespace chaser::sources
