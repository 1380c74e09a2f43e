#include "web/access.h"

#include <argon2.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "channels/signing.h"

namespace chaser::web {
namespace {

using nlohmann::json;

constexpr const char* kept_name = "access";
// OWASP's least for Argon2id: 19 MiB, two passes, one lane.
constexpr std::uint32_t argon_passes = 2;
constexpr std::uint32_t argon_kibibytes = 19'456;
constexpr std::uint32_t argon_lanes = 1;

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1)
    throw std::runtime_error("the system has no randomness");
  return bytes;
}

std::string sha256(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return channels::hex(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

std::string password_hash(const std::string& password) {
  const std::string salt = random_bytes(16);
  std::array<char, 256> encoded{};
  const int result = argon2id_hash_encoded(argon_passes, argon_kibibytes, argon_lanes, password.data(), password.size(),
                                           salt.data(), salt.size(), 32, encoded.data(), encoded.size());
  if (result != ARGON2_OK) throw std::runtime_error(std::string("hashing a password: ") + argon2_error_message(result));
  return encoded.data();
}

void write_access(store::Store& store, const Access& access) {
  json root{{"accounts", json::array()}, {"tokens", json::array()}, {"token_epochs", access.token_epochs}};
  for (const Account& account : access.accounts)
    root["accounts"].push_back(
        {{"name", account.name}, {"role", name_of(account.role)}, {"password", account.password}});
  for (const Token& token : access.tokens) {
    root["tokens"].push_back({{"id", token.id},
                              {"name", token.name},
                              {"role", name_of(token.role)},
                              {"hash", token.hash},
                              {"created", absl::ToUnixSeconds(token.created)}});
  }
  store.keep(kept_name, root.dump(-1, ' ', false, json::error_handler_t::replace));
}

void note(store::Store& store, std::string_view actor, calendar::Instant now, json details) {
  store::Event event;
  event.at = now;
  event.kind = "access";
  event.actor = actor;
  event.json = details.dump(-1, ' ', false, json::error_handler_t::replace);
  store.note_event(event);
}

void check_name(const std::string& name) {
  const bool fits = !name.empty() && name.size() <= 100 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '@';
  });
  if (!fits)
    throw std::invalid_argument("a name is made of letters, digits and . - _ @, at most 100; got \"" + name + "\"");
}

void check_role(Role role) {
  if (role == Role::anybody) throw std::invalid_argument("the role is viewer, coordinator or admin");
}

}  // namespace

std::uint32_t Access::token_epoch(std::string_view party) const {
  const auto found = token_epochs.find(party);
  return found == token_epochs.end() ? 1 : found->second;
}

Access read_access(store::Store& store) {
  Access access;
  const auto kept = store.kept(kept_name);
  if (!kept) return access;
  const json root = json::parse(*kept);
  for (const json& each : root.at("accounts"))
    access.accounts.push_back(
        {each.at("name"), role(each.at("role").get<std::string>()).value_or(Role::viewer), each.at("password")});
  for (const json& each : root.at("tokens")) {
    access.tokens.push_back({each.at("id"), each.at("name"),
                             role(each.at("role").get<std::string>()).value_or(Role::viewer), each.at("hash"),
                             absl::FromUnixSeconds(each.at("created").get<std::int64_t>())});
  }
  for (const auto& [party, epoch] : root.at("token_epochs").items()) access.token_epochs[party] = epoch;
  return access;
}

void set_account(store::Store& store, const std::string& name, Role role, const std::string& password,
                 std::string_view actor, calendar::Instant now) {
  check_name(name);
  check_role(role);
  if (password.size() < password_characters_min || password.size() > password_bytes_max)
    throw std::invalid_argument("a password has at least 12 characters");
  Access access = read_access(store);
  const Account account{name, role, password_hash(password)};
  const auto found = std::find_if(access.accounts.begin(), access.accounts.end(),
                                  [&](const Account& other) { return other.name == name; });
  if (found != access.accounts.end()) {
    *found = account;
  } else {
    if (access.accounts.size() == accounts_max) throw std::invalid_argument("there may be 1000 accounts");
    access.accounts.push_back(account);
  }
  write_access(store, access);
  note(store, actor, now, {{"what", "account set"}, {"account", name}, {"role", name_of(role)}});
}

bool remove_account(store::Store& store, const std::string& name, std::string_view actor, calendar::Instant now) {
  Access access = read_access(store);
  if (std::erase_if(access.accounts, [&](const Account& account) { return account.name == name; }) == 0) return false;
  write_access(store, access);
  note(store, actor, now, {{"what", "account removed"}, {"account", name}});
  return true;
}

std::string add_token(store::Store& store, const std::string& name, Role role, std::string_view actor,
                      calendar::Instant now) {
  check_name(name);
  check_role(role);
  Access access = read_access(store);
  if (access.tokens.size() == tokens_max) throw std::invalid_argument("there may be 1000 tokens");
  const std::string text = "chaser_" + random_secret();
  const std::string hash = sha256(text);
  access.tokens.push_back({hash.substr(0, 8), name, role, hash, now});
  write_access(store, access);
  note(store, actor, now,
       {{"what", "token added"}, {"token", hash.substr(0, 8)}, {"name", name}, {"role", name_of(role)}});
  return text;
}

bool revoke_token(store::Store& store, const std::string& which, std::string_view actor, calendar::Instant now) {
  Access access = read_access(store);
  const std::size_t gone =
      std::erase_if(access.tokens, [&](const Token& token) { return token.id == which || token.name == which; });
  if (gone == 0) return false;
  write_access(store, access);
  note(store, actor, now, {{"what", "token revoked"}, {"token", which}});
  return true;
}

std::uint32_t revoke_links(store::Store& store, const std::string& party, std::string_view actor,
                           calendar::Instant now) {
  Access access = read_access(store);
  const std::uint32_t epoch = access.token_epoch(party) + 1;
  access.token_epochs[party] = epoch;
  write_access(store, access);
  note(store, actor, now, {{"what", "links revoked"}, {"party", party}});
  return epoch;
}

std::string random_secret() {
  return channels::base64url(random_bytes(32));
}

const Account* find_account(const Access& access, const std::string& name, const std::string& password) {
  static std::mutex one_at_a_time;
  static const std::string nobody = password_hash(random_secret());
  const auto found = std::find_if(access.accounts.begin(), access.accounts.end(),
                                  [&](const Account& account) { return account.name == name; });
  const Account* const account = found == access.accounts.end() ? nullptr : &*found;
  if (password.size() > password_bytes_max) return nullptr;
  const std::lock_guard lock(one_at_a_time);
  const std::string& hash = account != nullptr ? account->password : nobody;
  const bool matches = argon2id_verify(hash.c_str(), password.data(), password.size()) == ARGON2_OK;
  return matches ? account : nullptr;
}

const Token* find_token(const Access& access, std::string_view text) {
  const std::string hash = sha256(text);
  const Token* found = nullptr;
  for (const Token& token : access.tokens) {
    if (channels::are_equal_secretly(token.hash, hash)) found = &token;
  }
  return found;
}

std::string Sessions::begin(const std::string& account, calendar::Instant now) {
  const std::string cookie = random_secret();
  const std::lock_guard lock(mutex_);
  if (sessions_.size() >= sessions_max) {
    sessions_.erase(std::min_element(sessions_.begin(), sessions_.end(),
                                     [](const auto& a, const auto& b) { return a.second.used < b.second.used; }));
  }
  sessions_[sha256(cookie)] = {account, random_secret(), now, now};
  return cookie;
}

std::optional<Sessions::Session> Sessions::find(std::string_view cookie, calendar::Instant now) {
  if (cookie.empty()) return std::nullopt;
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(sha256(cookie));
  if (found == sessions_.end()) return std::nullopt;
  if (now - found->second.used > idle_max || now - found->second.began > age_max) {
    sessions_.erase(found);
    return std::nullopt;
  }
  found->second.used = now;
  return found->second;
}

void Sessions::end(std::string_view cookie) {
  const std::lock_guard lock(mutex_);
  sessions_.erase(sha256(cookie));
}

void Sessions::end_all(std::string_view account) {
  const std::lock_guard lock(mutex_);
  std::erase_if(sessions_, [&](const auto& each) { return each.second.account == account; });
}

}  // namespace chaser::web
