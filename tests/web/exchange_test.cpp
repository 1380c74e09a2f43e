#include "web/exchange.h"

#include "support/catch.h"

using namespace chaser::web;

namespace {

std::string cookie(const std::string& header, std::string_view name = "chaser_session") {
  Request request;
  if (!header.empty()) request.headers.emplace("Cookie", header);
  return request.cookie(name);
}

}  // namespace

TEST_CASE("cookie: the one of that name is found among others, and nothing that only ends or begins like it") {
  CHECK(cookie("chaser_session=abc") == "abc");
  CHECK(cookie("a=1; chaser_session=abc; b=2") == "abc");
  CHECK(cookie("a=1;chaser_session=abc;b=2") == "abc");
  CHECK(cookie("chaser_session=a=b") == "a=b");
  CHECK(cookie("chaser_session=first; chaser_session=second") == "first");
  CHECK(cookie("my_chaser_session=abc").empty());
  CHECK(cookie("chaser_session2=abc").empty());
  CHECK(cookie("a=chaser_session=abc").empty());
  CHECK(cookie("Chaser_Session=abc").empty());
  CHECK(cookie("chaser_session").empty());
  CHECK(cookie("; ; =; chaser_session=").empty());
  CHECK(cookie("").empty());
}
