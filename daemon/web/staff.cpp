#include "web/staff.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "channels/signing.h"
#include "web/api.h"
#include "web/caching.h"
#include "web/errors.h"
#include "web/words.h"

namespace chaser::web {
namespace {

struct NavEntry {
  std::string_view key;
  std::string_view path;
  std::string_view label;
};
constexpr std::array<NavEntry, 9> nav_entries{{{"today", "/", "Today"},
                                               {"plan", "/plan", "Plan"},
                                               {"upcoming", "/upcoming", "Upcoming"},
                                               {"decisions", "/decisions", "Decisions"},
                                               {"deliveries", "/deliveries", "Deliveries"},
                                               {"people", "/people", "People"},
                                               {"rules", "/rules", "Rules"},
                                               {"import", "/import", "Import"},
                                               {"report", "/report", "Report"}}};

bool is_reading(const Request& request) {
  return request.method == "GET" || request.method == "HEAD";
}

/// A browser tells from where a form was sent; programs say nothing.
bool is_from_elsewhere(const Request& request) {
  const std::string site = request.header("Sec-Fetch-Site");
  return !site.empty() && site != "same-origin" && site != "none";
}

}  // namespace

Staff::Staff(Site& site, Outlook& outlook, int threads, bool on_socket)
    : site_(site),
      outlook_(outlook),
      threads_(threads),
      on_socket_(on_socket),
      csrf_key_(random_secret()),
      events_(site),
      kept_pages_(site) {
  add_health(*this);
  add_metrics(*this);
  add_api(*this);
  add_sign_in(*this);
  for (const auto add : {add_today, add_plan, add_action, add_upcoming, add_decisions, add_deliveries, add_people,
                         add_rules, add_import, add_report}) {
    add(*this);
  }
  router_.keep({"/", "/plan", "/plan/{plan}", "/plan/{plan}/action/{action}", "/upcoming", "/decisions", "/deliveries",
                "/people", "/people/{party}", "/rules", "/report"});
}

std::uint64_t Staff::body_max() const {
  std::uint64_t most = form_bytes_max;
  for (const Route& route : router_.routes()) most = std::max<std::uint64_t>(most, route.body_max);
  return most;
}

std::string Staff::framed(const Principal& who, std::string_view title, std::string_view nav,
                          std::string content) const {
  View view;
  view.text("title", std::string(title)).text("body", std::move(content)).text("style", style_address());
  std::vector<View> entries;
  for (const NavEntry& entry : nav_entries) {
    const auto is_there = [&](const Route& route) { return route.method == "GET" && route.pattern == entry.path; };
    if (std::none_of(router_.routes().begin(), router_.routes().end(), is_there)) continue;
    entries.push_back(View()
                          .text("path", std::string(entry.path))
                          .text("label", std::string(entry.label))
                          .flag("here", entry.key == nav));
  }
  view.list("nav", std::move(entries));
  view.text("who", who.name).text("role", std::string(name_of(who.role))).text("csrf", who.csrf);
  view.flag("signed_in", who.means == "session").flag("known", !who.means.empty()).flag("guest", who.means == "guest");
  return render("frame", view);
}

Response Staff::error(const Principal& who, int status, std::string_view said) const {
  return {status, "text/html; charset=utf-8", framed(who, error_title(status), "", error_content(status, said))};
}

void Staff::change(Work work) const {
  site_.on_loop(std::move(work));
  outlook_.outdated();
}

std::optional<Principal> Staff::by_token(const Request& request) {
  const std::string header = request.header("Authorization");
  if (!header.starts_with("Bearer ")) return std::nullopt;
  const Site::Reader store = site_.reader();
  const Access access = read_access(*store);
  const Token* const token = find_token(access, std::string_view(header).substr(7));
  if (token == nullptr) return Principal{};
  return Principal{token->name, token->role, "token", ""};
}

std::optional<Principal> Staff::by_session(const Request& request) {
  const auto session = sessions_.find(request.cookie("chaser_session"), site_.now());
  if (!session) return std::nullopt;
  const Site::Reader store = site_.reader();
  const Access access = read_access(*store);
  const auto account = std::find_if(access.accounts.begin(), access.accounts.end(),
                                    [&](const Account& each) { return each.name == session->account; });
  if (account == access.accounts.end()) return std::nullopt;
  return Principal{account->name, account->role, "session", session->csrf};
}

std::optional<Principal> Staff::by_proxy(const Request& request) {
  const AccessSettings& access = site_.settings().access;
  if (!on_socket_ || access.proxy_user_header.empty()) return std::nullopt;
  const std::string user = request.header(access.proxy_user_header);
  if (user.empty() || user.size() > 200) return std::nullopt;
  const auto found = access.proxy_roles.find(user);
  const Role role = found != access.proxy_roles.end() ? found->second : access.proxy_role;
  if (role == Role::anybody) return std::nullopt;
  return Principal{user, role, "proxy", channels::base64url(channels::hmac_sha256(csrf_key_, user))};
}

Principal Staff::principal(const Request& request) {
  if (auto who = by_token(request)) return *who;
  if (auto who = by_proxy(request)) return *who;
  if (auto who = by_session(request)) return *who;
  if (site_.settings().access.guests_may_look) return {"", Role::viewer, "guest", ""};
  return {};
}

Response Staff::failure(const Request& request, const Principal& who, int status, std::string_view said) const {
  return request.path.starts_with("/api/") ? api_problem(status, said) : error(who, status, said);
}

Response Staff::refused(const Request& request, const Principal& who, const Route& route) const {
  const bool is_call = request.path.starts_with("/api/");
  if (who.role == Role::anybody && is_reading(request) && !is_call && request.header("Authorization").empty()) {
    return see_other("/sign-in?next=" + url_part(request.path));
  }
  if (who.means == "guest" && !is_call) {
    return error(who, 403, "Whoever looks without signing in may change nothing. Sign in first.");
  }
  if (who.role == Role::anybody) {
    Response response = failure(request, who, 401);
    return response.header("WWW-Authenticate", "Bearer");
  }
  return failure(request, who, 403,
                 fmt::format("This needs the role {}; yours is {}.", name_of(route.role), name_of(who.role)));
}

std::optional<Response> Staff::refuse(const Request& head, std::uint64_t body) {
  const Router::Match match = router_.find(head.method, head.path);
  if (match.route == nullptr) {
    Response response = failure(head, Principal{}, match.allow.empty() ? 404 : 405);
    if (!match.allow.empty()) response.header("Allow", match.allow);
    return response;
  }
  if (body > match.route->body_max) return failure(head, Principal{}, 413);
  if (is_reading(head) || match.route->role == Role::anybody) return std::nullopt;
  const Principal who = principal(head);
  if (who.role < match.route->role) return refused(head, who, *match.route);
  return std::nullopt;
}

Response Staff::answer(Request request) {
  Router::Match match = router_.find(request.method, request.path);
  if (match.route == nullptr) return failure(request, Principal{}, 404);
  request.places = std::move(match.places);
  Principal who;
  try {
    who = principal(request);
    if (who.role < match.route->role) return refused(request, who, *match.route);
    const bool needs_csrf = !is_reading(request) && match.route->role != Role::anybody && !who.csrf.empty();
    if (!is_reading(request) && is_from_elsewhere(request))
      return failure(request, who, 403, "The form came from another site.");
    if (needs_csrf && request.path.starts_with("/api/"))
      return api_problem(403, "A call that writes needs a token: who a browser or a proxy says you are does not do.");
    if (needs_csrf && !channels::are_equal_secretly(request.field("csrf"), who.csrf)) {
      return error(who, 403, "The form is no longer good. Go back, load the page again and send it once more.");
    }
    if (request.method == "HEAD") request.method = "GET";
    return match.route->kept ? kept(request, who, *match.route) : match.route->handler(request, who);
  } catch (const Busy& busy) {
    return failure(request, who, 503, busy.what());
  } catch (const store::StoreError&) {
    return failure(request, who, 503, "What Chaser remembers cannot be read or written just now. Nothing was changed.");
  }
}

/// Pages hold their reader's name and form token, so they are kept for each reader; guests and who comes by one token
/// share theirs.
Response Staff::kept(const Request& request, const Principal& who, const Route& route) {
  std::string key = fmt::format("{}\n{}\n{}\n{}\n{}", name_of(who.role), who.means, who.name, who.csrf, request.path);
  for (const auto& [name, value] : request.query) key += "\n" + url_part(name) + "=" + url_part(value);
  Request whole = request;
  whole.headers.erase("If-None-Match");
  return unless_known(request, kept_pages_.answer(key, [&] { return route.handler(whole, who); }));
}

Response Staff::explain(int status) {
  return error(Principal{}, status);
}

}  // namespace chaser::web
