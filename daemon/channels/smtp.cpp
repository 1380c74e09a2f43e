#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "channels/channels.h"
#include "channels/curl.h"
#include "channels/mail.h"
#include "channels/retry.h"
#include "channels/returned_mail.h"
#include "channels/token.h"
#include "channels/wording.h"
#include "plan/directory.h"

namespace chaser::channels {
namespace {

using store::OutcomeKind;

/// What the server says, line by line, as far as it matters.
class Dialogue {
 public:
  void hear(std::string_view line) {
    if (line.size() < 3) return;
    const std::string_view code = line.substr(0, 3);
    // A greeting begins a connection, and with it a login; so does the answer to STARTTLS, which comes before any.
    if (code == "220") logged_in_ = false;
    if (code == "235") logged_in_ = true;
    // "221" answers our QUIT and says nothing about the message.
    if (code == "221") return;
    last_line_ = std::string(line);
  }
  void begin_message() { last_line_.clear(); }
  bool logged_in() const { return logged_in_; }
  std::string last_line() const { return shortened(one_line(last_line_), 300); }

  /// RFC 3463's code after the reply code, or "".
  std::string enhanced() const {
    std::string_view rest = last_line_;
    if (rest.size() < 9) return "";
    rest.remove_prefix(4);
    const std::string_view code = rest.substr(0, rest.find_first_of(" \r\n"));
    const bool shaped =
        code.size() >= 5 && code.size() <= 9 && code[1] == '.' && std::count(code.begin(), code.end(), '.') == 2 &&
        std::all_of(code.begin(), code.end(), [](char c) { return c == '.' || (c >= '0' && c <= '9'); }) &&
        code.back() != '.';
    return shaped ? std::string(code) : "";
  }

 private:
  bool logged_in_ = false;
  std::string last_line_;
};

/// One message on its way.
struct Transfer {
  const Parcel* parcel = nullptr;
  const BeginBody* begin_body = nullptr;
  const Dialogue* dialogue = nullptr;
  bool login_wanted = false;
  std::size_t offset = 0;
  bool begun = false;
  bool fenced = false;
  bool no_login = false;
};

std::size_t read_body(char* buffer, std::size_t size, std::size_t count, void* context) {
  Transfer& transfer = *static_cast<Transfer*>(context);
  if (!transfer.begun) {
    // libcurl sends without logging in when the server offers no AUTH. Source: research/delivery.md B3.
    transfer.no_login = transfer.login_wanted && !transfer.dialogue->logged_in();
    if (transfer.no_login) return CURL_READFUNC_ABORT;
    transfer.fenced = !(*transfer.begin_body)(transfer.parcel->message);
    if (transfer.fenced) return CURL_READFUNC_ABORT;
    transfer.begun = true;
  }
  const std::string_view rest = std::string_view(transfer.parcel->bytes).substr(transfer.offset);
  const std::size_t part = std::min(size * count, rest.size());
  std::memcpy(buffer, rest.data(), part);
  transfer.offset += part;
  return part;
}

std::size_t hear_line(char* line, std::size_t size, std::size_t count, void* context) {
  static_cast<Dialogue*>(context)->hear({line, size * count});
  return size * count;
}

std::size_t ignore_output(char*, std::size_t size, std::size_t count, void*) {
  return size * count;
}

std::string login_options(Auth auth) {
  switch (auth) {
    case Auth::none:
      return "";
    case Auth::plain:
      return "AUTH=PLAIN";
    case Auth::login:
      return "AUTH=LOGIN";
    case Auth::xoauth2:
      return "AUTH=XOAUTH2";
  }
  std::abort();
}

/// With `verp` each message has its own, so that also a bounce without a copy of the message tells which it was.
std::string bounce_address(const SmtpSettings& settings, std::string_view message_id) {
  std::string address = ascii_address(settings.envelope_from);
  const std::string_view token = message_id.substr(0, message_id.find('@'));
  if (settings.verp && is_message_token(token)) address.insert(address.rfind('@'), fmt::format("+{}", token));
  return address;
}

/// One connection to the relay, kept as long as the relay keeps it. Source: research/delivery.md B3.
class SmtpSession : public Session {
 public:
  /// `tokens` may be nullptr: then the settings hold the secret.
  SmtpSession(const SmtpSettings& settings, TokenSource* tokens) : settings_(settings), tokens_(tokens) {}

  ~SmtpSession() override { rest(); }

  void rest() override { close_quickly(handle_); }

  Outcome deliver(const Parcel& parcel, const BeginBody& begin_body) override {
    std::string recipient;
    try {
      recipient = "<" + ascii_address(parcel.destination) + ">";
    } catch (const std::invalid_argument& error) {
      return {OutcomeKind::permanent, 0, "", error.what(), {}};
    }
    if (tokens_ == nullptr) return carry(parcel, begin_body, recipient);
    if (auto failure = take_token()) return *failure;
    const Outcome outcome = carry(parcel, begin_body, recipient);
    if (outcome.kind != OutcomeKind::channel_broken || outcome.code != 535) return outcome;
    // A token can end before its time (a changed secret, a revoked right): another one, once.
    tokens_->refused(token_);
    if (auto failure = take_token()) return *failure;
    rest();
    return carry(parcel, begin_body, recipient);
  }

 private:
  std::optional<Outcome> take_token() {
    TokenSource::Answer answer = tokens_->token();
    token_ = std::move(answer.token);
    return answer.failure;
  }

  Outcome carry(const Parcel& parcel, const BeginBody& begin_body, const std::string& recipient) {
    bool reused = false;
    Outcome outcome = attempt(parcel, begin_body, recipient, reused);
    // A connection that the relay closed while it was idle says nothing about the message.
    if (outcome.kind == OutcomeKind::temporary && outcome.code == 0 && reused && !transfer_.begun &&
        !transfer_.fenced) {
      rest();
      outcome = attempt(parcel, begin_body, recipient, reused);
    }
    return outcome;
  }

  void prepare() {
    if (handle_) return;
    handle_ = make_curl();
    CURL* curl = handle_.get();
    set_option(curl, CURLOPT_URL, url().c_str());
    set_option(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    set_option(curl, CURLOPT_PROXY, "");
    set_option(curl, CURLOPT_NOSIGNAL, 1L);
    set_option(curl, CURLOPT_MAXCONNECTS, 1L);  // one with an old login is not kept beside the new one
    set_option(curl, CURLOPT_TCP_NODELAY, 1L);
    set_option(curl, CURLOPT_USE_SSL, static_cast<long>(settings_.tls == Tls::none ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    set_option(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    set_option(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    set_option(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!settings_.ca_file.empty()) set_option(curl, CURLOPT_CAINFO, settings_.ca_file.c_str());
    if (settings_.auth != Auth::none) log_in(curl);
    set_option(curl, CURLOPT_CONNECTTIMEOUT, static_cast<long>(settings_.connect_timeout.count()));
    // RFC 5321 4.5.3.2.6 wants ten minutes after the final dot: giving up early makes duplicates.
    set_option(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, static_cast<long>(settings_.reply_timeout.count()));
    set_option(curl, CURLOPT_TIMEOUT,
               static_cast<long>((settings_.connect_timeout + 3 * settings_.reply_timeout).count()));
    set_option(curl, CURLOPT_UPLOAD, 1L);
    set_option(curl, CURLOPT_READFUNCTION, &read_body);
    set_option(curl, CURLOPT_READDATA, static_cast<void*>(&transfer_));
    set_option(curl, CURLOPT_HEADERFUNCTION, &hear_line);
    set_option(curl, CURLOPT_HEADERDATA, static_cast<void*>(&dialogue_));
    set_option(curl, CURLOPT_WRITEFUNCTION, &ignore_output);
    set_option(curl, CURLOPT_ERRORBUFFER, error_.data());
  }

  void log_in(CURL* curl) const {
    set_option(curl, CURLOPT_USERNAME, settings_.user.c_str());
    const CURLoption secret = settings_.auth == Auth::xoauth2 ? CURLOPT_XOAUTH2_BEARER : CURLOPT_PASSWORD;
    set_option(curl, secret, (tokens_ == nullptr ? settings_.password.value : token_).c_str());
    set_option(curl, CURLOPT_LOGIN_OPTIONS, login_options(settings_.auth).c_str());
  }

  std::string url() const {
    const bool numeric6 = settings_.host.find(':') != std::string::npos;
    const std::string host = numeric6 ? "[" + settings_.host + "]" : ascii_domain(settings_.host);
    const std::string_view scheme = settings_.tls == Tls::implicit ? "smtps" : "smtp";
    const std::string name = settings_.ehlo_name.empty() ? "" : ascii_domain(settings_.ehlo_name);
    return fmt::format("{}://{}:{}/{}", scheme, host, settings_.port, name);
  }

  Outcome attempt(const Parcel& parcel, const BeginBody& begin_body, const std::string& recipient, bool& reused) {
    prepare();
    CURL* curl = handle_.get();
    if (tokens_ != nullptr) set_option(curl, CURLOPT_XOAUTH2_BEARER, token_.c_str());
    const std::string sender = "<" + bounce_address(settings_, parcel.message_id) + ">";
    const CurlList recipients(curl_slist_append(nullptr, recipient.c_str()));
    transfer_ = {&parcel, &begin_body, &dialogue_, settings_.auth != Auth::none, 0, false, false, false};
    dialogue_.begin_message();
    error_[0] = '\0';
    set_option(curl, CURLOPT_MAIL_FROM, sender.c_str());
    set_option(curl, CURLOPT_MAIL_RCPT, recipients.get());
    set_option(curl, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(parcel.bytes.size()));
    const CURLcode result = curl_easy_perform(curl);
    set_option(curl, CURLOPT_MAIL_RCPT, static_cast<curl_slist*>(nullptr));
    long connections = 0;
    curl_easy_getinfo(curl, CURLINFO_NUM_CONNECTS, &connections);
    reused = connections == 0;
    return outcome_of(result, parcel);
  }

  Outcome outcome_of(CURLcode result, const Parcel& parcel) const {
    if (transfer_.fenced) return {OutcomeKind::temporary, 0, "", "fenced: not ours to deliver any more", {}};
    if (transfer_.no_login) {
      return {OutcomeKind::channel_broken, 0, "", "the server did not offer the login that the settings ask for", {}};
    }
    long reply = 0;
    curl_off_t uploaded = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &reply);
    curl_easy_getinfo(handle_.get(), CURLINFO_SIZE_UPLOAD_T, &uploaded);
    // Stuffed dots count as uploaded, so the bytes handed over are looked at too; a doubt counts as "all went".
    const auto size = static_cast<curl_off_t>(parcel.bytes.size());
    const bool all_uploaded = transfer_.begun && transfer_.offset == parcel.bytes.size() && uploaded >= size;
    std::string line = dialogue_.last_line();
    if (result != CURLE_OK && (reply < 400 || line.empty())) line = curl_words(result, error_.data());
    Outcome outcome = classify_smtp(result, reply, dialogue_.enhanced(), line, all_uploaded, parcel.ambiguous_before);
    // libcurl tells by its words alone at which command it was.
    outcome.at_recipient = result == CURLE_SEND_ERROR && std::string_view(error_.data()).starts_with("RCPT failed");
    return outcome;
  }

  const SmtpSettings& settings_;
  TokenSource* const tokens_;
  std::string token_;
  Transfer transfer_;
  Dialogue dialogue_;
  std::array<char, CURL_ERROR_SIZE> error_{};
  CurlHandle handle_;  // last: closing it still speaks to the ones above
};

class SmtpChannel : public Channel {
 public:
  SmtpChannel(SmtpSettings settings, ReadClock now) : settings_(std::move(settings)) {
    if (settings_.auth == Auth::xoauth2 && !settings_.oauth.token_url.empty()) {
      tokens_ = std::make_unique<TokenSource>(settings_.oauth, std::move(now));
    }
  }
  std::string_view name() const override { return "email"; }
  int workers() const override { return settings_.sessions; }
  std::unique_ptr<Session> make_session() override { return std::make_unique<SmtpSession>(settings_, tokens_.get()); }

 private:
  SmtpSettings settings_;
  std::unique_ptr<TokenSource> tokens_;
};

bool has_controls(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

bool is_domain(const std::string& name) {
  try {
    static_cast<void>(ascii_domain(name));
    return true;
  } catch (const std::invalid_argument&) {
    return false;
  }
}

}  // namespace

std::optional<std::string> what_is_wrong(const SmtpSettings& settings) {
  const bool numeric6 = settings.host.find(':') != std::string::npos;
  if (settings.host.empty() || has_controls(settings.host) || (!numeric6 && !is_domain(settings.host))) {
    return "the relay's host \"" + one_line(settings.host) + "\" is no host name";
  }
  if (settings.host.find_first_of("/@?#% ") != std::string::npos)
    return "the relay's host is a name alone, without user or path";
  if (settings.port < 1 || settings.port > 65535) return "the relay's port is 1 to 65535";
  if (settings.tls == Tls::none && !is_loopback(settings.host)) return "mail goes without TLS to this machine alone";
  if (has_controls(settings.ehlo_name) || (!settings.ehlo_name.empty() && !is_domain(settings.ehlo_name)))
    return "ehlo_name is no host name";
  if (!plan::is_address(settings.envelope_from)) return "there is no address to send from";
  if (settings.verp && settings.envelope_from.find('@') > verp_local_max) {
    return fmt::format("with verp envelope_from has at most {} characters before the @", verp_local_max);
  }
  const bool fetches = settings.auth == Auth::xoauth2 && !settings.oauth.token_url.empty();
  if (settings.auth != Auth::none && (settings.user.empty() || (settings.password.empty() && !fetches))) {
    return "a login needs a user and a secret";
  }
  if (fetches) {
    if (auto problem = what_is_wrong(settings.oauth)) return problem;
  }
  if (has_controls(settings.user) || has_controls(settings.password.value))
    return "the login has a control character in it";
  if (settings.sessions < 1 || settings.sessions > smtp_sessions_max) {
    return fmt::format("sessions are 1 to {}", smtp_sessions_max);
  }
  return std::nullopt;
}

std::unique_ptr<Channel> make_smtp(SmtpSettings settings, ReadClock now) {
  if (const std::optional<std::string> problem = what_is_wrong(settings)) throw std::invalid_argument(*problem);
  assert(settings.oauth.token_url.empty() || now);
  return std::make_unique<SmtpChannel>(std::move(settings), std::move(now));
}

}  // namespace chaser::channels
