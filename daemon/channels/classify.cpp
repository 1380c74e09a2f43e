#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "channels/retry.h"
#include "channels/wording.h"

namespace chaser::channels {
namespace {

using store::Outcome;
using store::OutcomeKind;

constexpr std::int64_t minute = 60;
constexpr std::int64_t hour = 3'600;

bool contains(std::string_view text, std::string_view words) {
  return text.find(words) != std::string_view::npos;
}

/// RFC 3463's subject and detail: "5.1.10" -> 1 and 10; zeros if there is none.
struct Enhanced {
  int subject = 0;
  int detail = 0;
};

Enhanced read_enhanced(std::string_view code) {
  Enhanced read;
  const std::size_t first = code.find('.');
  const std::size_t second = first == std::string_view::npos ? first : code.find('.', first + 1);
  if (second == std::string_view::npos) return read;
  std::from_chars(code.data() + first + 1, code.data() + second, read.subject);
  std::from_chars(code.data() + second + 1, code.data() + code.size(), read.detail);
  return read;
}

/// What kind of refusal, and when to try again at the earliest.
struct Refusal {
  OutcomeKind kind;
  std::optional<std::int64_t> retry_after;
};

// 4yz says "try again" whatever comes after it: greylisting answers 451 4.7.1, an address not yet looked up 450 4.1.1.
Refusal transient(Enhanced enhanced, std::string_view line) {
  if (enhanced.subject == 2 && enhanced.detail == 2) return {OutcomeKind::temporary, 30 * minute};
  if (enhanced.subject == 4 && enhanced.detail == 2 && contains(line, "submission rate"))
    return {OutcomeKind::temporary, minute};
  return {OutcomeKind::temporary, {}};
}

bool is_sender_quota(std::string_view line, std::string_view code) {
  return contains(line, "SubmissionQuotaExceeded") || code == "5.1.90" || code == "5.7.232" || code == "5.7.233";
}

Refusal permanent(long reply, Enhanced enhanced, std::string_view code, std::string_view line) {
  if (is_sender_quota(line, code)) return {OutcomeKind::channel_broken, 4 * hour};
  if (reply == 530 || reply == 535 || reply == 538 || enhanced.subject == 7) return {OutcomeKind::channel_broken, {}};
  if (enhanced.subject == 1) {
    // x.1.7 and x.1.8 are about the sender: ours.
    const bool sender = enhanced.detail == 7 || enhanced.detail == 8;
    return {sender ? OutcomeKind::channel_broken : OutcomeKind::permanent, {}};
  }
  if (enhanced.subject == 2 && enhanced.detail == 2) return {OutcomeKind::temporary, 4 * hour};
  if (enhanced.subject == 3 || enhanced.subject == 4) return {OutcomeKind::temporary, 30 * minute};
  if (reply == 552 && enhanced.subject == 0) return {OutcomeKind::temporary, 4 * hour};
  return {OutcomeKind::permanent, {}};
}

Refusal refusal_of(long reply, std::string_view code, std::string_view line) {
  const Enhanced enhanced = read_enhanced(code);
  return reply < 500 ? transient(enhanced, line) : permanent(reply, enhanced, code, line);
}

bool is_configuration(int code) {
  constexpr std::array codes{CURLE_USE_SSL_FAILED,
                             CURLE_SSL_CONNECT_ERROR,
                             CURLE_PEER_FAILED_VERIFICATION,
                             CURLE_SSL_CERTPROBLEM,
                             CURLE_SSL_CIPHER,
                             CURLE_SSL_CACERT_BADFILE,
                             CURLE_SSL_ISSUER_ERROR,
                             CURLE_SSL_ENGINE_NOTFOUND,
                             CURLE_SSL_ENGINE_SETFAILED,
                             CURLE_SSL_ENGINE_INITFAILED,
                             CURLE_SSL_CRL_BADFILE,
                             CURLE_SSL_INVALIDCERTSTATUS,
                             CURLE_SSL_PINNEDPUBKEYNOTMATCH,
                             CURLE_UNSUPPORTED_PROTOCOL,
                             CURLE_URL_MALFORMAT,
                             CURLE_NOT_BUILT_IN};
  return std::find(codes.begin(), codes.end(), static_cast<CURLcode>(code)) != codes.end();
}

// "120", or an HTTP date measured against the answer's own clock.
std::optional<std::int64_t> seconds_until(std::string_view retry_after, calendar::Instant now) {
  std::int64_t seconds = 0;
  const char* end = retry_after.data() + retry_after.size();
  const auto [stop, error] = std::from_chars(retry_after.data(), end, seconds);
  if (error == std::errc() && stop == end && seconds >= 0) return std::min(seconds, retry_after_max_seconds);
  const std::time_t at = curl_getdate(std::string(retry_after).c_str(), nullptr);
  if (at < 0 || now == calendar::Instant()) return std::nullopt;
  return std::clamp<std::int64_t>(at - absl::ToUnixSeconds(now), 0, retry_after_max_seconds);
}

/// {"error":{"code":"…","message":"…"}} as Workflows answers.
struct TeamsError {
  std::string code;
  std::string message;
};

// A flow's answer may quote its own address: what stands after "sig=" opens the channel to anyone.
std::string without_signature(std::string text) {
  for (std::size_t at = text.find("sig="); at != std::string::npos; at = text.find("sig=", at + 4)) {
    const std::size_t end = text.find_first_of(" &\"'<>,;)", at);
    text.replace(at + 4, (end == std::string::npos ? text.size() : end) - at - 4, "\xe2\x80\xa6");
  }
  return text;
}

TeamsError read_error(std::string_view body) {
  const nlohmann::json parsed = nlohmann::json::parse(body, nullptr, false);
  if (!parsed.is_object() || !parsed.contains("error") || !parsed["error"].is_object()) return {};
  const nlohmann::json& error = parsed["error"];
  const auto text = [&](const char* name) {
    return error.contains(name) && error[name].is_string()
               ? shortened(without_signature(one_line(error[name].get<std::string>())), 200)
               : "";
  };
  return {text("code"), text("message")};
}

OutcomeKind kind_of_status(long status, const TeamsError& error) {
  if (status >= 200 && status < 300) return OutcomeKind::accepted;
  if (status == 408 || status == 429 || (status >= 500 && status < 600)) return OutcomeKind::temporary;
  if (status >= 300 && status < 400) return OutcomeKind::channel_broken;
  if (status == 401 || status == 403 || status == 404 || status == 410) return OutcomeKind::channel_broken;
  const bool broken = error.code == "WorkflowTriggerIsNotEnabled" || error.code == "MissingApiVersionParameter" ||
                      error.code == "DirectApiRequestHasMoreThanOneAuthorization" ||
                      error.code == "DirectApiAuthorizationRequired" || error.code == "WorkflowNotFound" ||
                      contains(error.message, "state 'Deleted'");
  return broken ? OutcomeKind::channel_broken : OutcomeKind::permanent;
}

}  // namespace

Outcome classify_smtp(int curl, long reply, std::string_view enhanced, std::string_view last_line, bool all_uploaded,
                      bool ambiguous_before) {
  Outcome outcome{OutcomeKind::temporary, static_cast<int>(reply), std::string(enhanced), std::string(last_line), {}};
  const bool positive = reply >= 200 && reply < 300;
  if (curl == CURLE_OK) {
    outcome.kind = positive ? OutcomeKind::accepted : all_uploaded ? OutcomeKind::unknown : OutcomeKind::temporary;
    return outcome;
  }
  if (curl == CURLE_WEIRD_SERVER_REPLY && positive && all_uploaded) {
    outcome.kind = OutcomeKind::accepted;
    return outcome;
  }
  if (reply == 354) {
    outcome.kind = all_uploaded ? OutcomeKind::unknown : OutcomeKind::temporary;
    return outcome;
  }
  if (curl == CURLE_LOGIN_DENIED) {
    outcome.kind = reply >= 400 && reply < 500 ? OutcomeKind::temporary : OutcomeKind::channel_broken;
    return outcome;
  }
  if (is_configuration(curl)) {
    outcome.kind = OutcomeKind::channel_broken;
    return outcome;
  }
  if (reply < 400) return outcome;
  if (ambiguous_before && contains(last_line, "MapiExceptionDuplicateDelivery")) {
    outcome.kind = OutcomeKind::accepted;
    return outcome;
  }
  const Refusal refusal = refusal_of(reply, enhanced, last_line);
  outcome.retry_after_seconds = refusal.retry_after;
  // A 5xx before the message was even begun and not from MAIL, RCPT or DATA (those end as a send error) is the
  // greeting's: the server does not want us, whoever the recipient is.
  const bool greeting = curl == CURLE_WEIRD_SERVER_REPLY && !all_uploaded;
  outcome.kind = greeting && refusal.kind == OutcomeKind::permanent ? OutcomeKind::channel_broken : refusal.kind;
  return outcome;
}

Outcome classify_teams(int curl, long status, std::string_view body, std::string_view retry_after, bool request_sent,
                       calendar::Instant now) {
  Outcome outcome{OutcomeKind::temporary, static_cast<int>(status), "", "", {}};
  if (status == 0 || (curl != CURLE_OK && status < 300)) {
    outcome.text = curl_easy_strerror(static_cast<CURLcode>(curl));
    if (is_configuration(curl) && curl != CURLE_SSL_CONNECT_ERROR && curl != CURLE_PEER_FAILED_VERIFICATION) {
      outcome.kind = OutcomeKind::channel_broken;
    } else if (request_sent) {
      outcome.kind = status >= 200 ? OutcomeKind::accepted : OutcomeKind::unknown;
    }
    return outcome;
  }
  const TeamsError error = read_error(body);
  outcome.kind = kind_of_status(status, error);
  outcome.text = error.code.empty() ? fmt::format("HTTP {}", status) : fmt::format("{}: {}", error.code, error.message);
  if (outcome.kind == OutcomeKind::temporary) {
    outcome.retry_after_seconds = seconds_until(retry_after, now);
  }
  return outcome;
}

}  // namespace chaser::channels
