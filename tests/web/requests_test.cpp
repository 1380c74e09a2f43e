// What waits for somebody's word, as the Decisions page shows it.

#include "web/requests_view.h"

#include "support/catch.h"
#include "web/serving.h"

using namespace chaser;
using namespace chaser::test;

namespace {

std::string shown(const chase::World& world, chase::ResponseKind kind) {
  store::RequestRecord request;
  request.plan = "plan";
  request.action = "1";
  request.title = "Plant trees";
  request.number = 1;
  request.kind = kind;
  request.asked = morning;
  web::Principal who;
  who.role = web::Role::coordinator;
  web::View page;
  page.list("requests", web::request_views({request}, world, morning, who));
  return web::render("part_requests", page);
}

bool offers(const std::string& page, const std::string& word) {
  return page.find("value=\"" + word + "\"") != std::string::npos;
}

}  // namespace

TEST_CASE("decisions: only what can be approved offers it; what is not theirs says how it ends") {
  const chase::World world(Serving::usual_world());
  for (const auto kind : {chase::ResponseKind::extension, chase::ResponseKind::done, chase::ResponseKind::delegate,
                          chase::ResponseKind::cancelled}) {
    const std::string page = shown(world, kind);
    CHECK(offers(page, "approve"));
    CHECK(offers(page, "refuse"));
    CHECK(page.find("name another owner") == std::string::npos);
  }
  const std::string page = shown(world, chase::ResponseKind::not_mine);
  CHECK_FALSE(offers(page, "approve"));
  CHECK(offers(page, "refuse"));
  CHECK(page.find("name another owner") != std::string::npos);
}
