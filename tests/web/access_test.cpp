#include "web/access.h"

#include "channels/links.h"
#include "support/catch.h"
#include "web/serving.h"

using namespace chaser;
using namespace chaser::test;

namespace {

const std::string password = "correct-horse-battery";

/// The cookie that signing in gives.
std::string sign_in(const Serving& serving, const std::string& name, const std::string& with = password) {
  const std::string answer = serving.post("/sign-in", "name=" + name + "&password=" + with + "&next=%2Fplan");
  const std::string cookie = header(answer, "Set-Cookie");
  return cookie.substr(0, cookie.find(';'));
}

std::string csrf_of(const std::string& page) {
  const std::string mark = "name=\"csrf\" value=\"";
  const std::size_t at = page.find(mark);
  if (at == std::string::npos) return "";
  return page.substr(at + mark.size(), page.find('"', at + mark.size()) - at - mark.size());
}

Serving::Given strict() {
  Serving::Given given;
  given.guests_may_look = false;
  return given;
}

}  // namespace

TEST_CASE("access: a password is kept as Argon2id's hash, found by itself alone") {
  Serving serving;
  web::set_account(serving.store(), "anna", web::Role::coordinator, password, "test", morning);
  const web::Access access = web::read_access(serving.store());
  REQUIRE(access.accounts.size() == 1);
  CHECK(access.accounts[0].password.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
  REQUIRE(web::find_account(access, "anna", password) != nullptr);
  CHECK(web::find_account(access, "anna", password + "x") == nullptr);
  CHECK(web::find_account(access, "ben", password) == nullptr);
  CHECK_THROWS_AS(web::set_account(serving.store(), "anna", web::Role::viewer, "short", "test", morning),
                  std::invalid_argument);
  CHECK_THROWS_AS(web::set_account(serving.store(), "an na", web::Role::viewer, password, "test", morning),
                  std::invalid_argument);
}

TEST_CASE("access: a token is told once, kept as a hash, and ends when it is revoked") {
  Serving serving(strict());
  const std::string token = web::add_token(serving.store(), "reports", web::Role::viewer, "test", morning);
  CHECK(token.size() > 40);
  CHECK(serving.store().kept("access").value().find(token) == std::string::npos);
  const std::string bearer = "Authorization: Bearer " + token + "\r\n";
  CHECK(status(serving.get("/", bearer)) == 200);
  CHECK(status(serving.get("/", "Authorization: Bearer chaser_guessed\r\n")) == 401);
  CHECK(status(serving.get("/")) == 303);
  CHECK(web::revoke_token(serving.store(), "reports", "test", morning));
  CHECK(status(serving.get("/", bearer)) == 401);
}

TEST_CASE("access: who signs in gets a cookie that scripts cannot read, and leaves by signing out") {
  Serving serving(strict());
  web::set_account(serving.store(), "anna", web::Role::viewer, password, "test", morning);
  const std::string answer = serving.post("/sign-in", "name=anna&password=" + password + "&next=%2Fplan");
  CHECK(status(answer) == 303);
  CHECK(header(answer, "Location") == "/plan");
  CHECK(header(answer, "Set-Cookie").find("; HttpOnly; SameSite=Lax") != std::string::npos);
  CHECK(header(answer, "Set-Cookie").find("Secure") == std::string::npos);
  const std::string over_tls =
      serving.post("/sign-in", "name=anna&password=" + password, "X-Forwarded-Proto: https\r\n");
  CHECK(header(over_tls, "Set-Cookie").find("; Secure") != std::string::npos);
  const std::string cookie = "Cookie: " + sign_in(serving, "anna") + "\r\n";
  const std::string page = serving.get("/", cookie);
  REQUIRE(status(page) == 200);
  CHECK(status(serving.post("/sign-out", "csrf=wrong", cookie)) == 403);
  CHECK(status(serving.post("/sign-out", "csrf=" + csrf_of(page), cookie)) == 303);
  CHECK(status(serving.get("/", cookie)) == 303);
}

TEST_CASE("access: nobody is led to another site after signing in") {
  Serving serving(strict());
  web::set_account(serving.store(), "anna", web::Role::viewer, password, "test", morning);
  for (const char* next : {"https%3A%2F%2Fevil.example", "%2F%2Fevil.example", "%2F%5Cevil.example", "evil"}) {
    INFO(next);
    CHECK(header(serving.post("/sign-in", "name=anna&password=" + password + "&next=" + next), "Location") == "/");
  }
}

TEST_CASE("access: passwords cannot be tried without end") {
  Serving serving(strict());
  web::set_account(serving.store(), "anna", web::Role::viewer, password, "test", morning);
  int refused = 0;
  for (int i = 0; i < 12; ++i) {
    refused +=
        status(serving.post("/sign-in", "name=anna&password=wrong-password-" + std::to_string(i))) == 429 ? 1 : 0;
  }
  CHECK(refused == 2);
  CHECK(status(serving.post("/sign-in", "name=anna&password=" + password)) == 429);
  serving.set_now(morning + absl::Minutes(10));
  CHECK(status(serving.post("/sign-in", "name=anna&password=" + password)) == 303);
}

TEST_CASE("access: a session ends after two idle hours and at twelve hours of age") {
  web::Sessions sessions;
  const std::string cookie = sessions.begin("anna", morning);
  CHECK(sessions.find(cookie, morning + absl::Minutes(119)));
  CHECK(sessions.find(cookie, morning + absl::Minutes(238)));
  CHECK_FALSE(sessions.find(cookie, morning + absl::Minutes(359)));
  const std::string long_one = sessions.begin("anna", morning);
  for (int hour = 1; hour <= 12; ++hour) CHECK(sessions.find(long_one, morning + absl::Hours(hour)));
  CHECK_FALSE(sessions.find(long_one, morning + absl::Hours(12) + absl::Seconds(1)));
  CHECK_FALSE(sessions.find("", morning));
  CHECK_FALSE(sessions.find(cookie + "x", morning));
}

TEST_CASE("access: a proxy's word on who asks counts on a Unix socket alone") {
  const std::string ben = "X-Remote-User: ben\r\n";
  Serving::Given given = strict();
  given.proxy_user_header = "X-Remote-User";
  const Serving on_port(given);
  CHECK(status(on_port.get("/", ben)) == 303);
  given.on_socket = true;
  const Serving on_socket(given);
  CHECK(status(on_socket.get("/", ben)) == 200);
  CHECK(status(on_socket.get("/", "X-Remote-User: stranger\r\n")) == 303);
  CHECK(status(on_socket.get("/")) == 303);
}

TEST_CASE("access: a guest may look where the settings say so, and change nothing") {
  const Serving serving;
  CHECK(status(serving.get("/")) == 200);
  for (const char* path : {"/stops", "/import", "/plan/plan/action/1", "/rules/try", "/people/x/links"}) {
    INFO(path);
    CHECK(status(serving.post(path, "csrf=")) == 403);
  }
}

TEST_CASE("access: every change of who may is an event that names who made it and no secret") {
  Serving serving;
  web::set_account(serving.store(), "anna", web::Role::admin, password, "cli:root", morning);
  const std::string token = web::add_token(serving.store(), "reports", web::Role::viewer, "session:anna", morning);
  web::revoke_links(serving.store(), "ccn", "session:anna", morning);
  const auto events = serving.store().events("", "", 0, 100);
  REQUIRE(events.size() == 3);
  CHECK(events[0].actor == "cli:root");
  CHECK(events[2].actor == "session:anna");
  for (const store::Event& event : events) {
    CHECK(event.kind == "access");
    CHECK(event.json.find(password) == std::string::npos);
    CHECK(event.json.find(token) == std::string::npos);
    CHECK(event.json.find("argon2") == std::string::npos);
  }
  CHECK(web::read_access(serving.store()).token_epoch("ccn") == 2);
  CHECK(web::read_access(serving.store()).token_epoch("kcc") == 1);
}
