// What a pass at the terminal says of itself.
#include "e2e/site.h"
#include "support/catch.h"

using namespace chaser;
using test::Site;

namespace {

const calendar::CivilDay before(2026, 12, 1);
const calendar::CivilDay due(2027, 1, 4);

std::string pass_says(const Site& site) {
  const Site::Ran ran = site.run({"run", "--once", "--now", "2027-01-04T09:00:00Z"});
  return ran.out.substr(ran.out.find(": ") + 2);
}

}  // namespace

TEST_CASE("pass: it says how many messages their channels took, not how many were made") {
  const Site site(test::leads_with_a_promise(3, "email"));
  site.pass(before);
  test::SmtpScript refusing;
  refusing.faults["RCPT"] = test::SmtpFault{"451 4.3.0 later", test::SmtpFault::Then::go_on, 2, false, {}};
  site.mail().set_script(refusing);
  CHECK(pass_says(site) == "3 looks at actions, 3 notifications decided, 1 message sent\n");
}
