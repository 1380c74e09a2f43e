#include "channels/url.h"

#include <memory>

#include "channels/curl.h"
#include "channels/wording.h"

namespace chaser::channels {
namespace {

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using UrlHandle = std::unique_ptr<CURLU, FreeUrl>;

std::string part_of(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return "";
  std::string value(text);
  curl_free(text);
  return value;
}

}  // namespace

std::optional<UrlParts> parts_of_url(const std::string& text) {
  const UrlHandle url(curl_url());
  if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) {
    return std::nullopt;
  }
  UrlParts parts;
  parts.scheme = part_of(url.get(), CURLUPART_SCHEME);
  parts.host = shortened(one_line(part_of(url.get(), CURLUPART_HOST)), 100);
  parts.has_user_or_fragment =
      !part_of(url.get(), CURLUPART_USER).empty() || !part_of(url.get(), CURLUPART_FRAGMENT).empty();
  return parts;
}

std::optional<std::string> why_no_post_url(const std::string& url, bool http_loopback_allowed) {
  const auto parts = parts_of_url(url);
  if (!parts) return "its URL is none";
  if (parts->has_user_or_fragment) return "its URL has a user or a fragment; copy it as it is";
  if (parts->scheme == "http" && http_loopback_allowed && is_loopback(parts->host)) return std::nullopt;
  if (parts->scheme != "https") return "its URL must begin with https://";
  return std::nullopt;
}

}  // namespace chaser::channels
