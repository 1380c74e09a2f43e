#include "app/access_verbs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "web/access.h"

namespace chaser::app {

namespace {

constexpr std::array<std::string_view, 7> access_verbs{"account set",  "account remove", "account list", "token add",
                                                       "token revoke", "token list",     "links revoke"};

WriteAnswer refused(const std::string& why) {
  return {Exit::problems, "", "chaser: " + why + "\n"};
}

std::string list_accounts(const web::Access& access) {
  std::string text;
  for (const web::Account& account : access.accounts)
    text += fmt::format("{:<30} {}\n", account.name, web::name_of(account.role));
  return text.empty() ? "There is no account.\n" : text;
}

std::string list_tokens(const web::Access& access) {
  std::string text;
  for (const web::Token& token : access.tokens) {
    text += fmt::format("{:<10} {:<30} {:<12} since {}\n", token.id, token.name, web::name_of(token.role),
                        calendar::iso_day(calendar::day_of(token.created, absl::UTCTimeZone())));
  }
  return text.empty() ? "There is no token.\n" : text;
}

web::Role role_of(const WriteRequest& request) {
  const auto found = request.options.find("--role");
  const std::string word = found == request.options.end() ? "" : found->second;
  const auto role = web::role(word);
  if (!role || *role == web::Role::anybody)
    throw std::invalid_argument("--role is viewer, coordinator or admin; got \"" + word + "\"");
  return *role;
}

WriteAnswer done(Engine& engine, const WriteRequest& request, Instant now) {
  store::Store& store = engine.store();
  if (request.verb == "account list") return {Exit::fine, list_accounts(web::read_access(store)), ""};
  if (request.verb == "token list") return {Exit::fine, list_tokens(web::read_access(store)), ""};
  if (request.words.empty()) return {Exit::usage, "", "chaser: \"" + request.verb + "\" needs a name\n"};
  const std::string& name = request.words[0];
  if (request.verb == "account set") {
    web::set_account(store, name, role_of(request), request.text, request.actor, now);
    return {Exit::fine, "account " + name + " is set\n", ""};
  }
  if (request.verb == "account remove") {
    if (!web::remove_account(store, name, request.actor, now)) return refused("there is no account " + name);
    return {Exit::fine, "account " + name + " is removed\n", ""};
  }
  if (request.verb == "token add") {
    const std::string token = web::add_token(store, name, role_of(request), request.actor, now);
    return {Exit::fine, token + "\n", "chaser: this is told once; only its hash is kept\n"};
  }
  if (request.verb == "token revoke") {
    if (!web::revoke_token(store, name, request.actor, now)) return refused("there is no token " + name);
    return {Exit::fine, "token " + name + " is revoked\n", ""};
  }
  if (engine.world().find_party(name) == chase::no_party) return refused("there is no party " + name);
  web::revoke_links(store, name, request.actor, now);
  return {Exit::fine, "all links in messages to " + name + " have ended; new messages carry new ones\n", ""};
}

}  // namespace

bool is_access_verb(std::string_view verb) {
  return std::find(access_verbs.begin(), access_verbs.end(), verb) != access_verbs.end();
}

WriteAnswer change_access(Engine& engine, const WriteRequest& request, Instant now) {
  try {
    return done(engine, request, now);
  } catch (const std::invalid_argument& wrong) {
    return refused(wrong.what());
  }
}

}  // namespace chaser::app
