#pragma once

#include <optional>
#include <string>

namespace chaser::channels {

/// A URL's parts, as far as they matter here; nothing if it is none.
struct UrlParts {
  std::string scheme;
  std::string host;
  bool has_user_or_fragment = false;
};
std::optional<UrlParts> parts_of_url(const std::string& url);

/// Why nothing is to be posted there, in words that do not quote the URL (its query may be a secret), or nothing: it is
/// https, or plain http to this machine where that is allowed, without a user or a fragment.
std::optional<std::string> why_no_post_url(const std::string& url, bool http_loopback_allowed);

}  // namespace chaser::channels
