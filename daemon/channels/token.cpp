#include "channels/token.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "channels/http.h"
#include "channels/retry.h"
#include "channels/url.h"
#include "channels/wording.h"

namespace chaser::channels {
namespace {

using nlohmann::json;
using store::Outcome;
using store::OutcomeKind;

constexpr std::size_t token_bytes_max = 16'384;
constexpr std::int64_t life_seconds_default = 3'600;
constexpr std::int64_t life_seconds_max = 86'400;

std::string form_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain)
      encoded += c;
    else
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

// The error's own name ("invalid_client") and nothing that the server wrote beside it, which quotes ids.
std::string error_of(const json& body, long status) {
  const bool named = body.is_object() && body.contains("error") && body["error"].is_string();
  const std::string name = named ? shortened(one_line(body["error"].get<std::string>()), 100) : "";
  return name.empty() ? fmt::format("HTTP {}", status) : name;
}

Outcome failure_of(const PostAnswer& answer, const json& body) {
  Outcome outcome{OutcomeKind::temporary, 0, "", "", {}};
  if (answer.status == 0) {
    outcome.text = fmt::format("the token endpoint: {}", curl_easy_strerror(static_cast<CURLcode>(answer.curl)));
    return outcome;
  }
  outcome.text = "the token endpoint: " + error_of(body, answer.status);
  const bool for_now = answer.status == 408 || answer.status == 429 || answer.status >= 500;
  if (!for_now) outcome.kind = OutcomeKind::channel_broken;
  return outcome;
}

}  // namespace

TokenSource::Answer TokenSource::token() {
  const std::lock_guard lock(mutex_);
  if (!token_.empty() && now_() < good_until_) return {token_, std::nullopt};
  return fetch();
}

void TokenSource::refused(const std::string& token) {
  const std::lock_guard lock(mutex_);
  if (token == token_) token_.clear();
}

TokenSource::Answer TokenSource::fetch() {
  token_.clear();
  const std::string body = fmt::format("grant_type=client_credentials&client_id={}&client_secret={}&scope={}",
                                       form_encoded(settings_.client_id), form_encoded(settings_.client_secret.value),
                                       form_encoded(settings_.scope));
  Post what{settings_.token_url, body, {}, settings_.ca_file, settings_.allow_http_loopback};
  what.headers = {"Content-Type: application/x-www-form-urlencoded", "Accept: application/json"};
  const calendar::Instant asked = now_();
  const PostAnswer answer = post(what);
  const json parsed = json::parse(answer.body, nullptr, false);
  const bool has_token = answer.status == 200 && parsed.is_object() && parsed.contains("access_token") &&
                         parsed["access_token"].is_string();
  if (!has_token) return {"", failure_of(answer, parsed)};
  token_ = parsed["access_token"].get<std::string>();
  const bool is_plain = std::all_of(token_.begin(), token_.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (token_.empty() || token_.size() > token_bytes_max || !is_plain) {
    token_.clear();
    return {"", Outcome{OutcomeKind::channel_broken, 0, "", "the token endpoint: what it gave is no token", {}}};
  }
  std::int64_t life = life_seconds_default;
  if (parsed.contains("expires_in") && parsed["expires_in"].is_number())
    life = parsed["expires_in"].get<std::int64_t>();
  // Fetched well before its end: a message must not begin with a token that dies on the way.
  good_until_ = asked + absl::Seconds(std::clamp<std::int64_t>(life, 0, life_seconds_max)) * 0.8;
  return {token_, std::nullopt};
}

std::optional<std::string> what_is_wrong(const OauthSettings& settings) {
  if (settings.token_url.empty()) return std::nullopt;
  if (const auto problem = why_no_post_url(settings.token_url, settings.allow_http_loopback)) {
    return "token_url: " + *problem;
  }
  if (settings.client_id.empty() || settings.client_secret.empty() || settings.scope.empty()) {
    return "token_url needs client_id, client_secret and scope";
  }
  return std::nullopt;
}

}  // namespace chaser::channels
