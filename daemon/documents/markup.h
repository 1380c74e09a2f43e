#pragma once

#include <string>
#include <string_view>

namespace chaser::documents {

/// `text` as it stands between tags or in a quoted attribute of HTML and XML. Control characters, which neither can
/// hold, become blanks; line ends and tabs stay.
std::string escaped_markup(std::string_view text);

}  // namespace chaser::documents
