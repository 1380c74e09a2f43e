#include "web/kept_pages.h"

#include <thread>
#include <vector>

#include "support/catch.h"
#include "web/access.h"
#include "web/serving.h"

using namespace chaser;
using namespace chaser::test;

namespace {

Serving::Given given() {
  Serving::Given made;
  made.pages_kept = absl::Seconds(1);
  return made;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

constexpr std::string_view stopped = "Everything</strong>: nothing is sent.";

/// Pages without a listener: what is asked for is made by the test.
class Kept {
 public:
  Kept() : site_(settings(), doors(), std::make_shared<const chase::World>(Serving::usual_world())), pages(site_) {}

  web::Response ask(const std::string& key, std::size_t bytes = 10, int status = 200) {
    return pages.answer(key, [&] {
      ++made;
      return web::Response{status, "text/plain", std::string(bytes, 'a')};
    });
  }
  calendar::Instant now = morning;
  std::atomic<int> made{0};

 private:
  static web::SiteSettings settings() {
    web::SiteSettings settings;
    settings.pages_kept = absl::Seconds(1);
    return settings;
  }
  web::Doors doors() {
    web::Doors doors;
    doors.now = [this] { return now; };
    return doors;
  }
  web::Site site_;

 public:
  web::KeptPages pages;
};

}  // namespace

TEST_CASE("kept pages: what the service does by itself is shown a second later at the latest") {
  Serving serving(given());
  CHECK_FALSE(has(serving.get("/deliveries"), stopped));
  serving.store().stop({}, "cli:root", morning);
  CHECK_FALSE(has(serving.get("/deliveries"), stopped));
  serving.set_now(morning + absl::Seconds(1));
  CHECK_FALSE(has(serving.get("/deliveries"), stopped));
  serving.set_now(morning + absl::Milliseconds(1'001));
  CHECK(has(serving.get("/deliveries"), stopped));
  serving.set_now(morning);  // set back, a clock makes nothing young
  serving.store().release("stop", {}, "cli:root", morning);
  CHECK_FALSE(has(serving.get("/deliveries"), stopped));
}

TEST_CASE("kept pages: what somebody did by a page is shown at once, to everybody") {
  Serving serving(given());
  const std::string token = web::add_token(serving.store(), "robot", web::Role::coordinator, "test", morning);
  CHECK_FALSE(has(serving.get("/deliveries"), stopped));
  CHECK(status(serving.post("/stops", "", "Authorization: Bearer " + token + "\r\n")) == 303);
  CHECK(has(serving.get("/deliveries"), stopped));
}

TEST_CASE("kept pages: each reader gets their own, whatever others were shown") {
  Serving serving(given());
  const auto as = [&](const char* name, web::Role role) {
    return "Authorization: Bearer " + web::add_token(serving.store(), name, role, "test", morning) + "\r\n";
  };
  const std::string robot = serving.get("/deliveries", as("robot", web::Role::coordinator));
  CHECK(has(robot, "Stop everything"));
  CHECK(has(robot, "robot"));
  const std::string screen = serving.get("/deliveries", as("screen", web::Role::viewer));
  CHECK_FALSE(has(screen, "<form"));
  CHECK_FALSE(has(screen, "robot"));
  CHECK_FALSE(has(serving.get("/deliveries"), "screen"));
  CHECK_FALSE(has(serving.get("/deliveries?show=stuck"), "/deliveries?show=stuck\" aria-current=\"page\">All"));
}

TEST_CASE("kept pages: what has not changed is not sent again, though it was kept") {
  const Serving serving(given());
  const std::string tag = header(serving.get("/api/v1/plans"), "ETag");
  REQUIRE(!tag.empty());
  const std::string again = serving.get("/api/v1/plans", "If-None-Match: " + tag + "\r\n");
  CHECK(status(again) == 304);
  CHECK(body(again).empty());
  CHECK(status(serving.get("/api/v1/plans")) == 200);
}

TEST_CASE("kept pages: however many ask at once, a page is made once") {
  Kept kept;
  std::vector<std::thread> readers;
  for (int i = 0; i < 8; ++i) readers.emplace_back([&] { kept.ask("page"); });
  for (std::thread& reader : readers) reader.join();
  CHECK(kept.made == 1);
}

TEST_CASE("kept pages: refusals and very long answers are not kept, and a failure is everybody's own") {
  Kept kept;
  kept.ask("missing", 10, 404);
  kept.ask("missing", 10, 404);
  CHECK(kept.made == 2);
  kept.ask("long", web::KeptPages::page_bytes_max + 1);
  kept.ask("long", web::KeptPages::page_bytes_max + 1);
  CHECK(kept.made == 4);
  CHECK_THROWS(kept.pages.answer("page", []() -> web::Response { throw std::runtime_error("no"); }));
  CHECK(kept.ask("page").status == 200);
}

TEST_CASE("kept pages: they are bounded in number and in bytes, and old ones make room") {
  Kept kept;
  for (std::size_t i = 0; i < web::KeptPages::pages_max + 5; ++i) kept.ask(std::to_string(i));
  kept.made = 0;
  kept.ask("0");
  CHECK(kept.made == 0);
  kept.ask(std::to_string(web::KeptPages::pages_max + 1));
  CHECK(kept.made == 1);
  kept.now += absl::Seconds(2);
  const std::size_t most = web::KeptPages::bytes_max / web::KeptPages::page_bytes_max;
  for (std::size_t i = 0; i < most; ++i) kept.ask("big" + std::to_string(i), web::KeptPages::page_bytes_max - 100);
  kept.made = 0;
  kept.ask("big0", web::KeptPages::page_bytes_max - 100);
  CHECK(kept.made == 0);
  kept.ask("one more", web::KeptPages::page_bytes_max - 100);
  kept.ask("one more", web::KeptPages::page_bytes_max - 100);
  CHECK(kept.made == 2);
}
