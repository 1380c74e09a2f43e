#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calendar/time.h"
#include "store/store.h"
#include "web/router.h"

namespace chaser::web {

/// Somebody who signs in with a password, for sites without a single sign-on.
struct Account {
  std::string name;
  Role role = Role::viewer;
  std::string password;  // Argon2id's encoded hash
  bool operator==(const Account&) const = default;
};

/// A program's credential: only its hash is kept, the token itself is told once.
struct Token {
  std::string id;
  std::string name;  // what it is for
  Role role = Role::viewer;
  std::string hash;  // SHA-256 in hex
  calendar::Instant created;
  bool operator==(const Token&) const = default;
};

/// Who may use the staff's pages, and from when on each recipient's links count. One value in the store; every change
/// is an event that names who made it.
struct Access {
  std::vector<Account> accounts;
  std::vector<Token> tokens;
  std::map<std::string, std::uint32_t, std::less<>> token_epochs;  // by party; 1 if not here

  std::uint32_t token_epoch(std::string_view party) const;
};
inline constexpr std::size_t accounts_max = 1'000;
inline constexpr std::size_t tokens_max = 1'000;
inline constexpr std::size_t password_characters_min = 12;
inline constexpr std::size_t password_bytes_max = 1'024;

Access read_access(store::Store& store);

/// Changes on the writing store. `actor` does it. They throw std::invalid_argument with words for people.
void set_account(store::Store& store, const std::string& name, Role role, const std::string& password,
                 std::string_view actor, calendar::Instant now);
bool remove_account(store::Store& store, const std::string& name, std::string_view actor, calendar::Instant now);
/// The token, which nothing else ever tells again.
std::string add_token(store::Store& store, const std::string& name, Role role, std::string_view actor,
                      calendar::Instant now);
/// By its id or name.
bool revoke_token(store::Store& store, const std::string& which, std::string_view actor, calendar::Instant now);
/// All links and feeds of that party end; new messages carry new ones.
std::uint32_t revoke_links(store::Store& store, const std::string& party, std::string_view actor,
                           calendar::Instant now);

/// 32 bytes of the system's randomness, in base64url.
std::string random_secret();
/// Whether a password is an account's; as long for accounts that do not exist. One at a time: each takes 19 MiB.
const Account* find_account(const Access& access, const std::string& name, const std::string& password);
/// The token with that text, compared in constant time.
const Token* find_token(const Access& access, std::string_view text);

/// Signed-in browsers, in memory: a restart signs everybody out. Thread-safe.
class Sessions {
 public:
  static constexpr std::size_t sessions_max = 1'000;  // the one not used for longest goes
  static constexpr absl::Duration idle_max = absl::Hours(2);
  static constexpr absl::Duration age_max = absl::Hours(12);

  struct Session {
    std::string account;
    std::string csrf;
    calendar::Instant began;
    calendar::Instant used;
  };
  /// The cookie's value.
  std::string begin(const std::string& account, calendar::Instant now);
  std::optional<Session> find(std::string_view cookie, calendar::Instant now);
  void end(std::string_view cookie);
  void end_all(std::string_view account);

 private:
  std::mutex mutex_;
  std::map<std::string, Session, std::less<>> sessions_;  // by the hash of the cookie
};

}  // namespace chaser::web
