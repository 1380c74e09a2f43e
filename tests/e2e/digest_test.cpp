// What a person gets once a day: merged, never said twice, held and let go. Real servers, the real program, a scripted
// clock.
#include <fmt/format.h>

#include <algorithm>

#include "e2e/site.h"
#include "store/sqlite_store.h"
#include "support/catch.h"
#include "web/muting.h"

using namespace chaser;
using test::Site;

namespace {

using calendar::CivilDay;
using Rows = std::vector<std::string>;

const CivilDay before(2026, 12, 1);
const CivilDay due(2027, 1, 4);

std::string digest_rule(const std::string& name, const std::string& when, const std::string& at) {
  return fmt::format(
      "  - rule: {}\n    when: {}\n    anchor: due\n    steps: [{{ step: told, at: {}, to: leads, via: [email], "
      "deliver: "
      "digest }}]\n",
      name, when, at);
}

/// Two plans with a lead, and one promise that two lead; two rules speak of them.
test::SiteFiles two_plans() {
  test::SiteFiles files;
  files.directory =
      "coordinator: boss\nparties:\n  boss: { name: Boss, email: boss@county.example }\n"
      "  ann: { name: Ann, email: ann@county.example }\n  ben: { name: Ben, email: ben@county.example }\n";
  files.plan =
      "ID\tAction\tLead\tTimescale\n1\tPlant trees\tann\t4 January 2027\n2\tMend roads\tann & ben\t11 January 2027\n"
      "3\tCount bats\tann\t12 January 2027\n";
  files.rules = "version: 1\nlimit: { people: 1000 }\nrules:\n" + digest_rule("now", "action.kind == \"dated\"", "0d") +
                digest_rule("soon", "action.kind == \"dated\"", "-7d");
  return files;
}

/// A site of both plans.
class TwoPlans {
 public:
  TwoPlans() : site_(two_plans()) {
    site_.write("other.txt", "ID\tAction\tLead\tTimescale\n9\tOpen a library\tann\t4 January 2027\n");
    site_.change_settings("plans: [{ id: plan, file: plan.txt }]",
                          "plans: [{ id: plan, file: plan.txt }, { id: other, file: other.txt }]");
    site_.pass(before);
  }
  const Site& site() const { return site_; }

 private:
  Site site_;
};

/// Texts of the mails to an address, the quoted-printable's soft line ends taken out.
Rows mails_to(const Site& site, const std::string& address) {
  Rows mails;
  for (const test::Received& mail : site.mail().received()) {
    if (mail.recipient != address) continue;
    std::string text = mail.bytes;
    for (std::size_t at = text.find("=\r\n"); at != std::string::npos; at = text.find("=\r\n")) text.erase(at, 3);
    mails.push_back(std::move(text));
  }
  return mails;
}

bool says(const std::string& mail, const std::string& words) {
  return mail.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("digest: all plans, rules and shared leads make one mail a person, and what is added repeats none of it") {
  const TwoPlans plans;
  const Site& site = plans.site();
  site.pass_days(due - 7, due);
  Rows ann = mails_to(site, "ann@county.example");
  REQUIRE(ann.size() == 2);  // a week before, and today
  for (const char* words : {"Plant trees", "Mend roads", "Open a library"}) CHECK(says(ann[1], words));
  CHECK_FALSE(says(ann[1], "Count bats"));
  Rows ben = mails_to(site, "ben@county.example");
  REQUIRE(ben.size() == 1);
  CHECK(says(ben[0], "Mend roads"));
  CHECK_FALSE(says(ben[0], "Plant trees"));
  site.pass(due, 12);
  CHECK(mails_to(site, "ann@county.example").size() == 2);
  site.pass_days(due + 1, due + 2);
  ann = mails_to(site, "ann@county.example");
  REQUIRE(ann.size() == 3);
  CHECK(says(ann[2], "Count bats"));
  for (const char* words : {"Plant trees", "Mend roads", "Open a library"}) CHECK_FALSE(says(ann[2], words));
  CHECK(mails_to(site, "ben@county.example").size() == 1);
}

TEST_CASE("digest: a freeze over the due day holds all, and releases one digest with all of it") {
  test::SiteFiles files = two_plans();
  files.rules += "freezes: [{ name: Election, from: 2027-01-03, to: 2027-01-13 }]\n";
  const Site site(files);
  site.pass(before);
  site.pass_days(due, due + 9);
  CHECK(site.mail().count() == 0);
  CHECK(site.run({"explain", "plan/1", "--now", "2027-01-08T09:00:00Z"}).out.find("Election") != std::string::npos);
  site.pass_days(due + 10, due + 12);
  const Rows ann = mails_to(site, "ann@county.example");
  REQUIRE(ann.size() == 1);
  for (const char* words : {"Plant trees", "Mend roads", "Count bats"}) CHECK(says(ann[0], words));
  CHECK(mails_to(site, "ben@county.example").size() == 1);
}

TEST_CASE("digest: the limit of people holds direct mails alone, over a real relay, until somebody lets them go") {
  test::SiteFiles files = test::leads_with_a_promise(3, "email", false);
  files.rules.replace(files.rules.find("people: 1000"), 12, "people: 2");
  files.directory += "  ann: { name: Ann, email: ann@county.example }\n";
  files.plan += "a\tPlant trees\tann\t4 January 2027\n";
  files.rules.replace(files.rules.find("when: action.kind == \"dated\""), 28, "when: action.id != \"a\"");
  files.rules += digest_rule("listed", "action.id == \"a\"", "0d");
  const Site site(files);
  site.pass(before);
  site.pass(due);
  CHECK(mails_to(site, "ann@county.example").size() == 1);
  const Rows boss = mails_to(site, "boss@county.example");
  REQUIRE(boss.size() == 1);
  CHECK(says(boss[0], "chaser release limit due"));
  CHECK(site.mail().count() == 2);
  CHECK(site.run({"release", "limit", "due", "--now", "2027-01-04T10:00:00Z"}).exit == 0);
  site.pass(due, 11);
  for (const char* lead : {"lead1", "lead2", "lead3"}) {
    CHECK(mails_to(site, std::string(lead) + "@county.example").size() == 1);
  }
  CHECK(site.mail().count() == 5);
}

TEST_CASE("digest: one for somebody who wants none is withdrawn when its turn comes, and says why; direct ones go") {
  test::SiteFiles files = two_plans();
  files.rules +=
      "  - rule: direct\n    when: action.id == \"3\"\n    anchor: due\n    steps: [{ step: told, at: -8d, to: "
      "leads, via: [email] }]\n";
  const Site site(files);
  site.pass(before);
  {
    const auto store = store::open_sqlite(site.file("state"), {store::OpenMode::write, true});
    web::set_muted(*store, "ann", true, "link:ann", absl::FromCivil(absl::CivilDay(2027, 1, 2), absl::UTCTimeZone()));
  }
  site.pass(due);
  const Rows ann = mails_to(site, "ann@county.example");
  REQUIRE(ann.size() == 1);
  CHECK(says(ann[0], "Count bats"));
  CHECK_FALSE(says(ann[0], "Plant trees"));
  CHECK(site.ask("SELECT state FROM message WHERE recipient = 'ann' AND kind = 'digest'") == Rows{"withdrawn"});
  CHECK(site.ask("SELECT DISTINCT state, reason FROM notification WHERE recipient = 'ann' AND rule = 'now'") ==
        Rows{"withdrawn muted"});
  CHECK(mails_to(site, "ben@county.example").size() == 1);
}
