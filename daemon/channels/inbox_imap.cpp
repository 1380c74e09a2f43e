#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <cstdint>
#include <utility>

#include "channels/curl.h"
#include "channels/inbox_kinds.h"
#include "channels/mail.h"
#include "channels/returned_mail.h"
#include "channels/token.h"
#include "channels/wording.h"

namespace chaser::channels {
namespace {

/// UIDs asked for at once: an answer is one line, and libcurl reads no endless ones.
constexpr std::uint64_t uids_per_search = 1'000;
/// What a server says beside mails, at most.
constexpr std::size_t said_bytes_max = 65'536;

/// How far a mailbox has been read: "UIDVALIDITY:UID". Another validity means that the UIDs begin anew.
struct Mark {
  std::uint64_t validity = 0;
  std::uint64_t uid = 0;
};

Mark mark_of(const std::string& text) {
  Mark mark;
  static const RE2 form("(\\d{1,18}):(\\d{1,18})");
  RE2::FullMatch(text, form, &mark.validity, &mark.uid);
  return mark;
}

std::size_t append(char* bytes, std::size_t size, std::size_t count, void* context) {
  auto& [text, limit] = *static_cast<std::pair<std::string, std::size_t>*>(context);
  const std::size_t length = size * count;
  if (text.size() + length > limit) return 0;  // ends the transfer
  text.append(bytes, length);
  return length;
}

// Responses to commands; one line too many is left out.
std::size_t hear(char* line, std::size_t size, std::size_t count, void* context) {
  std::string& said = *static_cast<std::string*>(context);
  if (said.size() + size * count <= said_bytes_max) said.append(line, size * count);
  return size * count;
}

int is_interrupted(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<std::atomic<bool>*>(context)->load() ? 1 : 0;
}

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
    encoded += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

/// One connection for each look, so that what the server says of the mailbox is of now.
class ImapInbox : public Inbox {
 public:
  ~ImapInbox() override { close_quickly(handle_); }
  ImapInbox(InboxSettings settings, ReadClock now) : settings_(std::move(settings)) {
    if (settings_.auth == Auth::xoauth2 && !settings_.oauth.token_url.empty()) {
      tokens_ = std::make_unique<TokenSource>(settings_.oauth, std::move(now));
    }
  }

  Batch look(const std::string& mark) override {
    close_quickly(handle_);
    Mark read = mark_of(mark);
    Mark box;  // its validity, and the UID that the next mail will get
    select(box);
    if (box.validity != read.validity) read = {box.validity, 0};
    Batch batch;
    std::uint64_t looked_at = read.uid;
    const std::vector<std::uint64_t> uids = found_after(read.uid, box.uid, looked_at);
    for (const std::uint64_t uid : uids) {
      if (auto bytes = fetch(box.validity, uid)) batch.mails.push_back({std::to_string(uid), *std::move(bytes)});
    }
    batch.mark = fmt::format("{}:{}", box.validity, looked_at);
    batch.more = looked_at + 1 < box.uid;
    if (!batch.more && settings_.done_folder.empty()) close_quickly(handle_);
    return batch;
  }

  void settle(std::span<const Arrived> mails) override {
    if (settings_.done_folder.empty()) return;
    for (const Arrived& mail : mails) command(fmt::format("UID MOVE {} \"{}\"", mail.place, settings_.done_folder));
    close_quickly(handle_);
  }

  void interrupt() override { interrupted_ = true; }

 private:
  void select(Mark& box) {
    said_.clear();
    command("NOOP");
    static const RE2 validity("\\[UIDVALIDITY (\\d{1,18})\\]");
    static const RE2 next("\\[UIDNEXT (\\d{1,18})\\]");
    if (!RE2::PartialMatch(said_, validity, &box.validity) || !RE2::PartialMatch(said_, next, &box.uid)) {
      throw InboxError("the mailbox tells no UIDVALIDITY and UIDNEXT");
    }
  }

  /// The next UIDs after `read`, at most a batch; `looked_at` becomes the last that need not be asked for again.
  std::vector<std::uint64_t> found_after(std::uint64_t read, std::uint64_t next, std::uint64_t& looked_at) {
    std::vector<std::uint64_t> uids;
    for (std::uint64_t from = read + 1; from < next && uids.empty(); from += uids_per_search) {
      const std::uint64_t to = std::min(next - 1, from + uids_per_search - 1);
      uids = uids_in(command(fmt::format("UID SEARCH UID {}:{}", from, to)), from, to);
      looked_at = to;
    }
    if (uids.size() <= inbox_batch_max) return uids;
    uids.resize(inbox_batch_max);
    looked_at = uids.back();
    return uids;
  }

  static std::vector<std::uint64_t> uids_in(const std::string& answer, std::uint64_t from, std::uint64_t to) {
    std::vector<std::uint64_t> uids;
    re2::StringPiece rest(answer);
    static const RE2 search("\\* SEARCH([ \\d]*)");
    static const RE2 number("(\\d{1,18})");
    re2::StringPiece numbers;
    while (RE2::FindAndConsume(&rest, search, &numbers)) {
      std::uint64_t uid = 0;
      while (RE2::FindAndConsume(&numbers, number, &uid)) {
        if (uid >= from && uid <= to) uids.push_back(uid);
      }
    }
    std::sort(uids.begin(), uids.end());
    return uids;
  }

  /// A mail's bytes; nothing if it has gone meanwhile.
  std::optional<std::string> fetch(std::uint64_t validity, std::uint64_t uid) {
    const std::string path = fmt::format("{};UIDVALIDITY={};UID={};PARTIAL=0.{}", percent_encoded(settings_.folder),
                                         validity, uid, returned_bytes_max);
    // libcurl fetches by the URL alone with the mail's true length; as a command, a line of the mail could pass for the
    // server's answer.
    std::pair<std::string, std::size_t> got{"", returned_bytes_max + 1'024};
    const CURLcode result = perform(path, "", got);
    if (result == CURLE_OK) return std::move(got.first);
    if (result == CURLE_REMOTE_FILE_NOT_FOUND) return std::nullopt;
    fail(result, "fetching a mail");
  }

  std::string command(const std::string& words) {
    std::pair<std::string, std::size_t> got{"", said_bytes_max};
    const CURLcode result = perform(percent_encoded(settings_.folder), words, got);
    if (result != CURLE_OK) fail(result, words.substr(0, words.find(' ', 4)));
    return std::move(got.first);
  }

  [[noreturn]] void fail(CURLcode result, const std::string& attempted) {
    const std::string words = curl_words(result, error_.data());
    close_quickly(handle_);
    throw InboxError(fmt::format("{}: {}", attempted, words));
  }

  CURLcode perform(const std::string& path, const std::string& command, std::pair<std::string, std::size_t>& got) {
    const CURLcode result = attempt(path, command, got);
    if (result != CURLE_LOGIN_DENIED || tokens_ == nullptr) return result;
    // A token can end before its time: another one, once.
    tokens_->refused(token_);
    close_quickly(handle_);
    got.first.clear();
    return attempt(path, command, got);
  }

  CURLcode attempt(const std::string& path, const std::string& command, std::pair<std::string, std::size_t>& got) {
    prepare();
    CURL* const curl = handle_.get();
    error_[0] = '\0';
    set_option(curl, CURLOPT_URL, (base() + path).c_str());
    set_option(curl, CURLOPT_CUSTOMREQUEST, command.empty() ? static_cast<const char*>(nullptr) : command.c_str());
    set_option(curl, CURLOPT_WRITEDATA, static_cast<void*>(&got));
    const CURLcode result = curl_easy_perform(curl);
    set_option(curl, CURLOPT_WRITEDATA, static_cast<void*>(nullptr));
    return result;
  }

  std::string base() const {
    const bool numeric6 = settings_.host.find(':') != std::string::npos;
    const std::string host = numeric6 ? "[" + settings_.host + "]" : ascii_domain(settings_.host);
    return fmt::format("{}://{}:{}/", settings_.tls == Tls::implicit ? "imaps" : "imap", host, settings_.port);
  }

  void prepare() {
    if (handle_) return;
    handle_ = make_curl();
    CURL* const curl = handle_.get();
    set_option(curl, CURLOPT_PROTOCOLS_STR, "imap,imaps");
    set_option(curl, CURLOPT_PROXY, "");
    set_option(curl, CURLOPT_NOSIGNAL, 1L);
    set_option(curl, CURLOPT_USE_SSL, static_cast<long>(settings_.tls == Tls::none ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    set_option(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    set_option(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    set_option(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!settings_.ca_file.empty()) set_option(curl, CURLOPT_CAINFO, settings_.ca_file.c_str());
    log_in(curl);
    const auto seconds = static_cast<long>(settings_.answer_timeout.count());
    set_option(curl, CURLOPT_CONNECTTIMEOUT, seconds);
    set_option(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, seconds);
    set_option(curl, CURLOPT_TIMEOUT, 2 * seconds);
    set_option(curl, CURLOPT_WRITEFUNCTION, &append);
    set_option(curl, CURLOPT_HEADERFUNCTION, &hear);
    set_option(curl, CURLOPT_HEADERDATA, static_cast<void*>(&said_));
    set_option(curl, CURLOPT_NOPROGRESS, 0L);
    set_option(curl, CURLOPT_XFERINFOFUNCTION, &is_interrupted);
    set_option(curl, CURLOPT_XFERINFODATA, static_cast<void*>(&interrupted_));
    set_option(curl, CURLOPT_ERRORBUFFER, error_.data());
  }

  void log_in(CURL* curl) {
    if (tokens_ != nullptr) {
      TokenSource::Answer answer = tokens_->token();
      if (answer.failure) throw InboxError("fetching a token for the mailbox: " + answer.failure->text);
      token_ = std::move(answer.token);
    }
    set_option(curl, CURLOPT_USERNAME, settings_.user.c_str());
    if (settings_.auth == Auth::xoauth2) {
      set_option(curl, CURLOPT_XOAUTH2_BEARER, (tokens_ == nullptr ? settings_.password.value : token_).c_str());
      set_option(curl, CURLOPT_LOGIN_OPTIONS, "AUTH=XOAUTH2");
    } else {
      set_option(curl, CURLOPT_PASSWORD, settings_.password.value.c_str());
      set_option(curl, CURLOPT_LOGIN_OPTIONS, settings_.auth == Auth::login ? "AUTH=LOGIN" : "AUTH=PLAIN");
    }
  }

  const InboxSettings settings_;
  std::unique_ptr<TokenSource> tokens_;
  std::string token_;
  std::atomic<bool> interrupted_ = false;
  std::string said_;  // what the server answered to commands
  std::array<char, CURL_ERROR_SIZE> error_{};
  CurlHandle handle_;  // last: closing it still speaks to the ones above
};

}  // namespace

std::unique_ptr<Inbox> make_imap_inbox(InboxSettings settings, ReadClock now) {
  return std::make_unique<ImapInbox>(std::move(settings), std::move(now));
}

}  // namespace chaser::channels
