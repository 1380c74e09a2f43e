#include "web/view.h"

#include "support/catch.h"
#include "web/assets.h"
#include "web/exchange.h"
#include "web/router.h"

using namespace chaser::web;

namespace {

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + what.size())) ++found;
  return found;
}

}  // namespace

TEST_CASE("view: what people wrote is text, never markup, in attributes too") {
  const std::string page =
      render("error", View().text("title", "<script>alert(1)</script>").text("said", "\"a\" & 'b'"));
  CHECK(page.find("<script") == std::string::npos);
  CHECK(page.find("&lt;script&gt;alert(1)&lt;/script&gt;") != std::string::npos);
  CHECK(page.find("&quot;a&quot; &amp; &#39;b&#39;") != std::string::npos);
}

TEST_CASE("view: a template in what people wrote is not read as one") {
  const std::string page = render("error", View().text("title", "{{words}}{{> part_answers}}").text("words", "inner"));
  CHECK(page.find("{{words}}{{&gt; part_answers}}") != std::string::npos);
}

TEST_CASE("view: only pieces rendered before go in as they are, no template has a script or a style of its own") {
  for (const Asset& asset : assets()) {
    if (!asset.name.ends_with(".mustache")) continue;
    INFO(asset.name);
    CHECK(count(asset.text, "{{{") == count(asset.text, "{{{body}}}") + count(asset.text, "{{{svg}}}"));
    CHECK(count(asset.text, "{{&") == 0);
    CHECK(count(asset.text, "<script") == 0);
    CHECK(count(asset.text, "style=") == 0);
    for (const char* handler : {" onclick", " onload", " onerror", " onsubmit"}) CHECK(count(asset.text, handler) == 0);
  }
}

TEST_CASE("exchange: forms and queries are read as browsers write them, broken ones refused") {
  const auto fields = parse_fields("a=1&b=x+y%26z&&c&a=2");
  REQUIRE(fields);
  CHECK(*fields == Fields{{"a", "1"}, {"b", "x y&z"}, {"c", ""}, {"a", "2"}});
  CHECK_FALSE(parse_fields("a=%"));
  CHECK_FALSE(parse_fields("a=%4"));
  CHECK_FALSE(parse_fields("a=%zz"));
  CHECK_FALSE(parse_fields("a=%00"));
  std::string many;
  for (std::size_t i = 0; i < fields_max; ++i) many += "a=1&";
  CHECK(parse_fields(many));
  CHECK_FALSE(parse_fields(many + "a=1"));
}

TEST_CASE("router: a place holds one segment, a slash written as %2F stays within it") {
  Router router;
  router.add({"GET", "/plan/{plan}/action/{action}", Role::viewer, nullptr});
  const auto match = router.find("HEAD", "/plan/a%2Fb/action/2.1");
  REQUIRE(match.route != nullptr);
  CHECK(match.places == std::vector<std::string>{"a/b", "2.1"});
  CHECK(router.find("GET", "/plan/a/b/action/2.1").route == nullptr);
  CHECK(router.find("GET", "/plan//action/2.1").route == nullptr);
  CHECK(router.find("GET", "/plan/a/action/2.1/").route == nullptr);
  CHECK(router.find("POST", "/plan/a/action/2.1").allow == "GET, HEAD");
}
