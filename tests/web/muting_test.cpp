#include "web/muting.h"

#include "support/catch.h"
#include "web/serving.h"
#include "web/staff.h"

using namespace chaser;
using namespace chaser::test;

TEST_CASE("digests: who wants none is remembered with the day, each by themselves, and may want them again") {
  Serving serving;
  store::Store& store = serving.store();
  CHECK(web::read_muted(store).empty());
  web::set_muted(store, "ann", true, "link:ann", morning);
  web::set_muted(store, "ben", true, "session:boss", morning + absl::Hours(1));
  web::Muted muted = web::read_muted(store);
  CHECK(muted.size() == 2);
  CHECK(muted.at("ann") == morning);
  CHECK(muted.at("ben") == morning + absl::Hours(1));
  web::set_muted(store, "ann", false, "link:ann", morning + absl::Hours(2));
  muted = web::read_muted(store);
  CHECK_FALSE(muted.contains("ann"));
  CHECK(muted.contains("ben"));
}

TEST_CASE("digests: an event says who asked; asked again, nothing is written and the day stays") {
  Serving serving;
  store::Store& store = serving.store();
  web::set_muted(store, "ann", true, "link:ann", morning);
  web::set_muted(store, "ann", true, "link:ann", morning + absl::Hours(5));
  web::set_muted(store, "ben", false, "link:ben", morning);
  const auto events = store.events("", "", 0, 100);
  REQUIRE(events.size() == 1);
  CHECK(events[0].kind == "digests");
  CHECK(events[0].actor == "link:ann");
  CHECK(events[0].json.find("\"off\"") != std::string::npos);
  CHECK(web::read_muted(store).at("ann") == morning);
}

TEST_CASE("deliveries: a link's token is cut short wherever it stands, over broken lines too") {
  const std::string token = "v1.k1.eyJhIjoxfQ-_.c2VjcmV0";
  for (const std::string path : {"/a/", "/m/", "/u/"}) {
    const std::string shown =
        web::without_links("see https://chaser.example" + path + token + " and <" + path + token + ">");
    INFO(shown);
    CHECK(shown.find("eyJh") == std::string::npos);
    CHECK(shown.find("c2Vj") == std::string::npos);
    CHECK(shown.find(" and <" + path) != std::string::npos);
  }
  const std::string broken =
      web::without_links("https://chaser.example/a/v1.k1.eyJhIjox=\r\nfQ.c2Vj=\r\ncmV0\r\nNext line");
  INFO(broken);
  CHECK(broken.find("fQ") == std::string::npos);
  CHECK(broken.find("cmV0") == std::string::npos);
  CHECK(broken.find("Next line") != std::string::npos);
}
