#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "channels/card.h"
#include "channels/channels.h"
#include "channels/curl.h"
#include "channels/http.h"
#include "channels/retry.h"
#include "channels/signing.h"
#include "channels/url.h"
#include "channels/wording.h"

namespace chaser::channels {
namespace {

using store::OutcomeKind;

constexpr std::size_t reference_characters = 8;  // as in the card's own "Reference"

bool is_allowed(std::string_view host, const std::vector<std::string>& allowed) {
  return std::any_of(allowed.begin(), allowed.end(), [&](std::string_view entry) {
    return entry.starts_with('.') ? host.ends_with(entry) && host.size() > entry.size() : host == entry;
  });
}

// Never quotes the URL: the whole of it is the credential.
std::optional<std::string> url_problem(const std::string& text, const TeamsSettings& settings) {
  const auto parts = parts_of_url(text);
  if (!parts) return "its URL is none";
  const std::string& host = parts->host;
  if (host == "webhook.office.com" || host.ends_with(".webhook.office.com") || host == "outlook.office.com") {
    return "it is an Office 365 connector (" + host +
           "), which Microsoft has switched off; make a Workflows webhook instead";
  }
  if (auto problem = why_no_post_url(text, settings.allow_http_loopback)) return problem;
  if (settings.allow_http_loopback && is_loopback(host)) return std::nullopt;
  if (!is_allowed(host, settings.allowed_hosts)) return "its host " + host + " is not among the allowed ones";
  if (text.find("&amp;") != std::string::npos) return "its URL was mangled on the way: \"&amp;\" should be \"&\"";
  return std::nullopt;
}

calendar::Instant answered_at(const PostAnswer& answer) {
  const std::time_t at = curl_getdate(answer.header("date").c_str(), nullptr);
  return at < 0 ? calendar::Instant() : absl::FromTimeT(at);
}

// A card whose first sending ended without a verdict says so: it may stand there already.
std::string body_of(const Parcel& parcel) {
  if (!parcel.ambiguous_before) return parcel.bytes;
  const std::string marked = as_repeat(parcel.bytes, parcel.key.substr(0, reference_characters));
  return cut_card(marked, std::max(parcel.bytes.size(), card_bytes_max)).value_or(parcel.bytes);
}

/// Posts cards, each on a connection of its own, and JSON to programs on one that is kept: there a key tells what came
/// twice. Source: research/delivery.md A7.
class TeamsSession : public Session {
 public:
  explicit TeamsSession(const TeamsSettings& settings) : settings_(settings) {}

  Outcome deliver(const Parcel& parcel, const BeginBody& begin_body) override {
    const auto flow = settings_.channels.find(parcel.destination);
    if (flow == settings_.channels.end()) {
      return {OutcomeKind::channel_broken, 0, "", "the settings have no Teams channel of that name", {}};
    }
    bool marked = false;  // allowed once for the delivery, also when a smaller card goes after the first
    const auto begin = [&] {
      if (!marked) marked = begin_body(parcel.message);
      return marked;
    };
    const std::string body = body_of(parcel);
    const Outcome outcome = send(flow->second, body, parcel.key, begin);
    if (outcome.code != 413) return outcome;
    // Refused for its size alone and surely not shown: what is left of it is worth more than nothing.
    const std::optional<std::string> smaller = cut_card(body, body.size() / 2);
    return smaller ? send(flow->second, *smaller, parcel.key, begin) : outcome;
  }

  void rest() override { handle_.reset(); }

 private:
  static std::vector<std::string> headers_of(const TeamsSettings::Flow& flow, const std::string& body,
                                             const std::string& key) {
    // The run's correlation id; it does not keep a flow from running twice.
    if (!flow.json) return {"Content-Type: application/json", "x-ms-client-tracking-id: " + key.substr(0, 32)};
    std::vector<std::string> headers{"Content-Type: application/json", "Idempotency-Key: " + key};
    if (!flow.signing_key.empty()) {
      headers.push_back("X-Chaser-Signature: v1=" + hex(hmac_sha256(flow.signing_key.value, body)));
    }
    return headers;
  }

  Outcome send(const TeamsSettings::Flow& flow, const std::string& body, const std::string& key,
               const std::function<bool()>& begin) {
    Post what{flow.url.value, body, {}, settings_.ca_file, settings_.allow_http_loopback};
    what.headers = headers_of(flow, body, key);
    what.connect_timeout = settings_.connect_timeout;
    what.answer_timeout = settings_.answer_timeout;
    what.keep_connection = flow.json;
    what.begin = begin;
    const PostAnswer answer = post(what, handle_);
    if (answer.fenced) return {OutcomeKind::temporary, 0, "", "fenced: not ours to deliver any more", {}};
    Outcome outcome = classify_teams(answer.curl, answer.status, answer.body, answer.header("retry-after"),
                                     answer.begun, answered_at(answer));
    const std::string run = answer.header("x-ms-workflow-run-id");
    if (!run.empty()) outcome.text += ", run " + run;
    return outcome;
  }

  const TeamsSettings& settings_;
  CurlHandle handle_;
};

class TeamsChannel : public Channel {
 public:
  explicit TeamsChannel(TeamsSettings settings) : settings_(std::move(settings)) {}
  std::string_view name() const override { return "teams"; }
  int workers() const override { return settings_.sessions; }
  std::unique_ptr<Session> make_session() override { return std::make_unique<TeamsSession>(settings_); }

 private:
  TeamsSettings settings_;
};

}  // namespace

std::optional<std::string> what_is_wrong(const TeamsSettings& settings) {
  for (const auto& [name, flow] : settings.channels) {
    if (std::optional<std::string> problem = url_problem(flow.url.value, settings)) {
      return "Teams channel \"" + one_line(name) + "\": " + *problem;
    }
  }
  return std::nullopt;
}

std::unique_ptr<Channel> make_teams(TeamsSettings settings) {
  if (const std::optional<std::string> problem = what_is_wrong(settings)) throw std::invalid_argument(*problem);
  return std::make_unique<TeamsChannel>(std::move(settings));
}

}  // namespace chaser::channels
