#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <stdexcept>
#include <utility>

#include "channels/channels.h"
#include "channels/curl.h"
#include "channels/retry.h"
#include "channels/wording.h"

namespace chaser::channels {
namespace {

using store::OutcomeKind;

constexpr std::size_t answer_bytes_max = 16'384;
constexpr std::size_t header_characters_max = 200;

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

bool is_allowed(std::string_view host, const std::vector<std::string>& allowed) {
  return std::any_of(allowed.begin(), allowed.end(), [&](std::string_view entry) {
    return entry.starts_with('.') ? host.ends_with(entry) && host.size() > entry.size() : host == entry;
  });
}

// Never quotes the URL: the whole of it is the credential.
std::optional<std::string> url_problem(const std::string& text, const TeamsSettings& settings) {
  const UrlHandle url(curl_url());
  if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) {
    return "its URL is none";
  }
  const std::string scheme = part_of(url.get(), CURLUPART_SCHEME);
  const std::string host = shortened(one_line(part_of(url.get(), CURLUPART_HOST)), 100);
  if (!part_of(url.get(), CURLUPART_USER).empty() || !part_of(url.get(), CURLUPART_FRAGMENT).empty()) {
    return "its URL has a user or a fragment; copy it from the flow's trigger as it is";
  }
  if (host == "webhook.office.com" || host.ends_with(".webhook.office.com") || host == "outlook.office.com") {
    return "it is an Office 365 connector (" + host +
           "), which Microsoft has switched off; make a Workflows webhook instead";
  }
  if (scheme == "http" && settings.allow_http_loopback && is_loopback(host)) return std::nullopt;
  if (scheme != "https") return "its URL must begin with https://";
  if (settings.allow_http_loopback && is_loopback(host)) return std::nullopt;
  if (!is_allowed(host, settings.allowed_hosts)) return "its host " + host + " is not among the allowed ones";
  if (text.find("&amp;") != std::string::npos) return "its URL was mangled on the way: \"&amp;\" should be \"&\"";
  return std::nullopt;
}

/// What came back.
struct Answer {
  std::string body;
  std::string retry_after;
  std::string date;
  std::string run;
};

std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* context) {
  std::string& body = static_cast<Answer*>(context)->body;
  body.append(bytes, std::min(size * count, answer_bytes_max - body.size()));
  return size * count;
}

std::size_t take_header(char* bytes, std::size_t size, std::size_t count, void* context) {
  Answer& answer = *static_cast<Answer*>(context);
  const std::string_view line(bytes, size * count);
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return size * count;
  std::string name(line.substr(0, colon));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::string value = shortened(one_line(line.substr(colon + 1)), header_characters_max);
  if (name == "retry-after")
    answer.retry_after = std::move(value);
  else if (name == "date")
    answer.date = std::move(value);
  else if (name == "x-ms-workflow-run-id")
    answer.run = std::move(value);
  return size * count;
}

/// One request on its way.
struct Posting {
  const Parcel* parcel = nullptr;
  const BeginBody* begin_body = nullptr;
  bool fenced = false;
  bool begun = false;
};

// Called when the connection stands and before the request's first byte.
int before_request(void* context, char*, char*, int, int) {
  Posting& posting = *static_cast<Posting*>(context);
  posting.begun = (*posting.begin_body)(posting.parcel->message);
  posting.fenced = !posting.begun;
  return posting.fenced ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

calendar::Instant answered_at(const Answer& answer) {
  const std::time_t at = curl_getdate(answer.date.c_str(), nullptr);
  return at < 0 ? calendar::Instant() : absl::FromTimeT(at);
}

/// Posts cards. Each on a connection of its own: libcurl would post again on its own account when a kept one turns out
/// dead. Source: research/delivery.md §0.3, A7.
class TeamsSession : public Session {
 public:
  explicit TeamsSession(const TeamsSettings& settings) : settings_(settings) {}

  Outcome deliver(const Parcel& parcel, const BeginBody& begin_body) override {
    const auto flow = settings_.channels.find(parcel.destination);
    if (flow == settings_.channels.end()) {
      return {OutcomeKind::channel_broken, 0, "", "the settings have no Teams channel of that name", {}};
    }
    const CurlHandle handle = make_curl();
    const CurlList headers = headers_for(parcel);
    Posting posting{&parcel, &begin_body, false, false};
    Answer answer;
    prepare(handle.get(), flow->second.url.value, parcel, headers.get());
    set_option(handle.get(), CURLOPT_PREREQFUNCTION, &before_request);
    set_option(handle.get(), CURLOPT_PREREQDATA, static_cast<void*>(&posting));
    set_option(handle.get(), CURLOPT_WRITEDATA, static_cast<void*>(&answer));
    set_option(handle.get(), CURLOPT_HEADERDATA, static_cast<void*>(&answer));
    const CURLcode result = curl_easy_perform(handle.get());
    if (posting.fenced) return {OutcomeKind::temporary, 0, "", "fenced: not ours to deliver any more", {}};
    return outcome_of(handle.get(), result, posting, answer);
  }

 private:
  static CurlList headers_for(const Parcel& parcel) {
    const std::string tracking = "x-ms-client-tracking-id: " + parcel.key.substr(0, 32);
    curl_slist* list = curl_slist_append(nullptr, "Content-Type: application/json");
    list = curl_slist_append(list, "Expect:");
    return CurlList(curl_slist_append(list, tracking.c_str()));
  }

  void prepare(CURL* curl, const std::string& url, const Parcel& parcel, curl_slist* headers) const {
    set_option(curl, CURLOPT_URL, url.c_str());
    set_option(curl, CURLOPT_PROTOCOLS_STR, settings_.allow_http_loopback ? "http,https" : "https");
    set_option(curl, CURLOPT_FOLLOWLOCATION, 0L);
    set_option(curl, CURLOPT_FRESH_CONNECT, 1L);
    set_option(curl, CURLOPT_FORBID_REUSE, 1L);
    set_option(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set_option(curl, CURLOPT_CONNECTTIMEOUT, 10L);
    set_option(curl, CURLOPT_TIMEOUT, 30L);
    set_option(curl, CURLOPT_NOSIGNAL, 1L);
    set_option(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    set_option(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    set_option(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!settings_.ca_file.empty()) set_option(curl, CURLOPT_CAINFO, settings_.ca_file.c_str());
    set_option(curl, CURLOPT_HTTPHEADER, headers);
    set_option(curl, CURLOPT_POST, 1L);
    set_option(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(parcel.bytes.size()));
    set_option(curl, CURLOPT_POSTFIELDS, parcel.bytes.data());
    set_option(curl, CURLOPT_WRITEFUNCTION, &take_body);
    set_option(curl, CURLOPT_HEADERFUNCTION, &take_header);
  }

  static Outcome outcome_of(CURL* curl, CURLcode result, const Posting& posting, const Answer& answer) {
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    Outcome outcome =
        classify_teams(result, status, answer.body, answer.retry_after, posting.begun, answered_at(answer));
    if (!answer.run.empty()) outcome.text += ", run " + answer.run;
    return outcome;
  }

  const TeamsSettings& settings_;
};

class TeamsChannel : public Channel {
 public:
  explicit TeamsChannel(TeamsSettings settings) : settings_(std::move(settings)) {}
  std::string_view name() const override { return "teams"; }
  int workers() const override { return 1; }
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
