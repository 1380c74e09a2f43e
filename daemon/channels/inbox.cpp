#include "channels/inbox.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "channels/curl.h"
#include "channels/inbox_kinds.h"
#include "channels/mail.h"
#include "channels/token.h"

namespace chaser::channels {
namespace {

bool has_controls(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// IMAP's names may hold more, in an encoding of its own; a quotation mark would end the command's word.
bool is_folder(std::string_view name) {
  return name.size() <= 200 && std::all_of(name.begin(), name.end(), [](char c) {
           return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x7f && c != '"' &&
                  c != '\\' && c != '*' && c != '%';
         });
}

bool is_host_name(const std::string& host) {
  if (host.empty() || has_controls(host) || host.find_first_of("/@?#% ") != std::string::npos) return false;
  if (host.find(':') != std::string::npos) return true;  // an IPv6 address
  try {
    static_cast<void>(ascii_domain(host));
    return true;
  } catch (const std::invalid_argument&) {
    return false;
  }
}

std::optional<std::string> what_is_wrong_with_login(const InboxSettings& settings) {
  const bool fetches = settings.auth == Auth::xoauth2 && !settings.oauth.token_url.empty();
  if (settings.auth == Auth::none || settings.user.empty() || (settings.password.empty() && !fetches)) {
    return "an IMAP mailbox needs a user and a secret";
  }
  if (has_controls(settings.user) || has_controls(settings.password.value))
    return "the login has a control character in it";
  return fetches ? what_is_wrong(settings.oauth) : std::nullopt;
}

}  // namespace

std::optional<std::string> what_is_wrong(const InboxSettings& settings) {
  if (settings.folder.empty()) return "the inbox needs a folder";
  if (settings.type == InboxSettings::Type::maildir) return std::nullopt;
  if (!is_host_name(settings.host)) return "the mailbox's host is no host name";
  if (settings.port < 1 || settings.port > 65535) return "the mailbox's port is 1 to 65535";
  if (settings.tls == Tls::none && !is_loopback(settings.host))
    return "a mailbox is read without TLS on this machine alone";
  if (!is_folder(settings.folder)) return "the folder has a character that no IMAP folder here may have";
  if (!settings.done_folder.empty() && !is_folder(settings.done_folder)) {
    return "done_folder has a character that no IMAP folder here may have";
  }
  if (settings.done_folder == settings.folder) return "done_folder is the folder that is read";
  return what_is_wrong_with_login(settings);
}

std::unique_ptr<Inbox> make_inbox(InboxSettings settings, ReadClock now) {
  if (const auto problem = what_is_wrong(settings)) throw std::invalid_argument(*problem);
  if (settings.type == InboxSettings::Type::maildir) return make_maildir_inbox(settings);
  return make_imap_inbox(std::move(settings), std::move(now));
}

}  // namespace chaser::channels
