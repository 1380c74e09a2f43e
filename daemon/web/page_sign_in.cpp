#include <fmt/format.h>

#include "web/staff.h"

namespace chaser::web {
namespace {

constexpr const char* cookie_name = "chaser_session";

/// A path of ours, so that nobody is led elsewhere after signing in.
std::string local_path(const std::string& path) {
  const bool is_ours = path.starts_with('/') && !path.starts_with("//") && path.find('\\') == std::string::npos &&
                       path.find_first_of(std::string_view("\r\n\t", 3)) == std::string::npos;
  return is_ours ? path : "/";
}

Response form(const Staff& staff, const Principal& who, const std::string& next, const std::string& name,
              int status = 200, const std::string& problem = "") {
  bool has_accounts = false;
  {
    const Site::Reader store = staff.site().reader();
    has_accounts = !read_access(*store).accounts.empty();
  }
  View view;
  view.text("next", next).text("name", name).text("problem", problem).flag("has_accounts", has_accounts);
  Response response = staff.page(who, problem.empty() ? "Sign in" : "Sign in: not yet", "", render("sign_in", view));
  response.status = status;
  return response;
}

std::string cookie(const Request& request, const std::string& value, bool lasting) {
  // Over plain HTTP, as on the machine itself, a Secure cookie would not come back.
  const bool secure = request.header("X-Forwarded-Proto") == "https";
  return fmt::format("{}={}; Path=/; HttpOnly; SameSite=Lax{}{}", cookie_name, value, secure ? "; Secure" : "",
                     lasting ? "" : "; Max-Age=0");
}

Response sign_in(Staff& staff, const Request& request, const Principal& who) {
  const std::string name = request.field("name");
  const std::string next = local_path(request.field("next"));
  const Instant now = staff.site().now();
  if (!staff.sign_in_limit().take("client " + request.client, now) ||
      !staff.sign_in_limit().take("account " + name.substr(0, 100), now)) {
    return staff.error(who, 429).header("Retry-After", "60");
  }
  Access access;
  {
    const Site::Reader store = staff.site().reader();
    access = read_access(*store);
  }
  const Account* const account = find_account(access, name, request.field("password"));
  if (account == nullptr) return form(staff, who, next, name, 422, "The name or the password is not right.");
  const std::string value = staff.sessions().begin(account->name, now);
  staff.site().on_loop([&](store::Store& store, const chase::World&, Instant at) {
    store::Event event;
    event.at = at;
    event.kind = "access";
    event.actor = "session:" + account->name;
    event.json = R"({"what":"signed in"})";
    store.note_event(event);
  });
  return see_other(next).header("Set-Cookie", cookie(request, value, true));
}

Response sign_out(Staff& staff, const Request& request) {
  staff.sessions().end(request.cookie(cookie_name));
  return see_other("/sign-in").header("Set-Cookie", cookie(request, "", false));
}

}  // namespace

void add_sign_in(Staff& staff) {
  staff.router().add({"GET", "/sign-in", Role::anybody, [&staff](const Request& request, const Principal& who) {
                        return form(staff, who, local_path(request.query_field("next")), "");
                      }});
  staff.router().add({"POST", "/sign-in", Role::anybody,
                      [&staff](const Request& request, const Principal& who) { return sign_in(staff, request, who); }});
  staff.router().add({"POST", "/sign-out", Role::viewer,
                      [&staff](const Request& request, const Principal&) { return sign_out(staff, request); }});
}

}  // namespace chaser::web
