#pragma once

#include <string>
#include <string_view>

namespace chaser::web {

/// A refusal or a failure in words for people: what happened and what to do now.
std::string error_title(int status);
/// The inside of its page; `said` is what this one has to add.
std::string error_content(int status, std::string_view said);

}  // namespace chaser::web
