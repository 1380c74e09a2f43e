#pragma once

#include <string>
#include <string_view>

#include "web/exchange.h"

namespace chaser::web {

/// A quoted, strong entity tag of these bytes.
std::string entity_tag(std::string_view bytes);

/// Whether a header such as If-None-Match names the tag: in a list, weakly, or by `*`.
bool names_tag(std::string_view header, std::string_view tag);

/// The response, without its body (304) if it has a tag and the client that has it already.
Response unless_known(const Request& request, Response response);

/// The response with its tag; without its body (304) if the client has it already.
Response tagged(const Request& request, Response response);

}  // namespace chaser::web
