#pragma once

#include <string>
#include <string_view>

namespace chaser::documents {

/// The words of a Markdown text: escapes, code, emphasis, links, images, <br> (a line break) and the common entities
/// resolved. Struck-out text keeps its ~~, since what was struck out is no longer said. Signs that mark nothing stay.
std::string plain_words(std::string_view markdown);

}  // namespace chaser::documents
