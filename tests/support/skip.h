#pragma once

#include <string_view>

namespace chaser::test {

/// Says that what this test needs is not here, so that it looked at nothing. The program then ends with skipped_status
/// if nothing failed, which ctest shows as "Skipped". Such tests bear the tags [outside][WHAT] on their TEST_CASE's
/// own line; those of one WHAT are a test of ctest's by themselves, so that no other is called skipped with them
/// (cmake/layers.cmake).
void skip(std::string_view why);

/// 77 is what Automake and Meson take too.
constexpr int skipped_status = 77;
bool any_was_skipped();

}  // namespace chaser::test
