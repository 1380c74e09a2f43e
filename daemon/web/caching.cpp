#include "web/caching.h"

#include <algorithm>

#include "rulebook/rulebook.h"

namespace chaser::web {

std::string entity_tag(std::string_view bytes) {
  return "\"" + rulebook::sha256_hex(bytes).substr(0, 32) + "\"";
}

bool names_tag(std::string_view header, std::string_view tag) {
  while (!header.empty()) {
    const std::size_t end = std::min(header.find(','), header.size());
    std::string_view each = header.substr(0, end);
    header.remove_prefix(std::min(end + 1, header.size()));
    while (each.starts_with(' ')) each.remove_prefix(1);
    while (each.ends_with(' ')) each.remove_suffix(1);
    if (each.starts_with("W/")) each.remove_prefix(2);
    if (each == "*" || each == tag) return true;
  }
  return false;
}

Response unless_known(const Request& request, Response response) {
  const auto tag = std::find_if(response.headers.begin(), response.headers.end(),
                                [](const auto& each) { return each.first == "ETag"; });
  if (tag == response.headers.end() || !names_tag(request.header("If-None-Match"), tag->second)) return response;
  response.status = 304;
  response.body.clear();
  return response;
}

Response tagged(const Request& request, Response response) {
  std::string tag = entity_tag(response.body);
  response.header("ETag", std::move(tag));
  return unless_known(request, std::move(response));
}

}  // namespace chaser::web
