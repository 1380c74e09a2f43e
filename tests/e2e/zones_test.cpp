// Recipients in other zones, and years beyond 2037, get 09:00 of their own day.
#include <fmt/format.h>

#include "e2e/site.h"
#include "support/catch.h"

using namespace chaser;
using test::Site;

namespace {

test::SiteFiles three_zones(const std::string& due) {
  test::SiteFiles files;
  files.rules =
      "version: 1\n"
      "rules:\n"
      "  - rule: due\n"
      "    when: action.kind == \"dated\"\n"
      "    anchor: due\n"
      "    steps:\n"
      "      - { step: due, at: 0d, to: leads }\n";
  files.directory =
      "coordinator: london\n"
      "parties:\n"
      "  london: { name: London, email: london@county.example }\n"
      "  york: { name: New York, email: york@county.example, zone: America/New_York }\n"
      "  tokyo: { name: Tokyo, email: tokyo@county.example, zone: Asia/Tokyo }\n"
      "  kolkata: { name: Kolkata, email: kolkata@county.example, zone: Asia/Kolkata }\n";
  files.plan = "ID\tAction\tLead\tTimescale\n";
  for (const char* lead : {"london", "york", "tokyo", "kolkata"})
    files.plan += fmt::format("{0}1\tPromise\t{0}\t{1}\n", lead, due);
  return files;
}

void pass_at(const Site& site, const std::string& now) {
  const Site::Ran ran = site.run({"run", "--once", "--now", now});
  INFO(now << "\n" << ran.out << ran.err);
  REQUIRE(ran.exit == 0);
}

}  // namespace

TEST_CASE("zones: everybody's 09:00 in summer and winter, in 2027, 2040 and 2050") {
  struct Case {
    const char* due;
    const char* before;
    std::vector<std::string> at;  // Tokyo, Kolkata, London, New York
  };
  const Case c =
      GENERATE(Case{"12 January 2027",
                    "2027-01-04T12:00:00Z",
                    {"2027-01-12T00:00:00Z", "2027-01-12T03:30:00Z", "2027-01-12T09:00:00Z", "2027-01-12T14:00:00Z"}},
               // 1 July 2040 is a Sunday: the working day before.
               Case{"1 July 2040",
                    "2040-06-20T12:00:00Z",
                    {"2040-06-29T00:00:00Z", "2040-06-29T03:30:00Z", "2040-06-29T08:00:00Z", "2040-06-29T13:00:00Z"}},
               Case{"1 July 2050",
                    "2050-06-20T12:00:00Z",
                    {"2050-07-01T00:00:00Z", "2050-07-01T03:30:00Z", "2050-07-01T08:00:00Z", "2050-07-01T13:00:00Z"}});
  INFO(c.due);
  const Site site(three_zones(c.due));
  pass_at(site, c.before);
  const std::vector<std::string> people{"tokyo", "kolkata", "london", "york"};
  auto forecast = site.forecast(std::string(c.before).substr(0, 10), "2051-01-01");
  std::erase_if(forecast,
                [](const test::Told& line) { return line.rule != "due"; });  // the coordinator hears of the end
  REQUIRE(forecast.size() == people.size());
  for (std::size_t i = 0; i < people.size(); ++i) {
    CHECK(forecast[i].to == people[i]);
    CHECK(forecast[i].at == c.at[i].substr(0, 19) + "+00:00");
    const calendar::Instant at = *calendar::parse_rfc3339(c.at[i]);
    pass_at(site, calendar::rfc3339(at - absl::Microseconds(1), absl::UTCTimeZone()));
    CHECK(site.mail().count() == i);
    pass_at(site, c.at[i]);
    CHECK(site.mail().count() == i + 1);
    CHECK(site.mail().received().back().recipient == people[i] + "@county.example");
  }
}
