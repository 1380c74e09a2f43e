#include "app/self_report.h"

#include <signal.h>

#include "app/clock.h"
#include "app/program.h"
#include "app/running.h"
#include "store/sqlite_store.h"
#include "support/catch.h"
#include "support/client.h"
#include "support/workflow_peer.h"

using namespace chaser;
using app::stuck_words;

namespace {

const std::string always = "{ days: Mon-Sun, open: 00:00, close: 24:00, on_holidays: true }";
const std::string stuck = "1 message in need of a person (see \"chaser outbox\")";

/// A site whose digest goes at once to a flow that takes it and says nothing: nobody knows whether it was shown, and a
/// digest is not sent twice.
class StuckSite {
 public:
  StuckSite() : flow_({{202, {}, "", test::WorkflowAnswer::Then::close}}) {
    folder_.write("chaser.yaml",
                  "state_directory: state\nplans: [{ id: county, file: plan.txt }]\ndirectory: directory.yaml\n"
                  "rules: [rules.yaml]\nchannels: { teams: { type: workflows, allow_http_loopback: true, channels: { "
                  "team: { url_file: flow } } } }\nhttp: { socket: staff, guests: viewer }\n"
                  "mail: { from_address: chaser@kent.example }\n");
    folder_.write("directory.yaml",
                  "coordinator: kcc\nparties:\n  kcc: { name: Kent, teams: team, window: " + always + " }\n");
    folder_.write("plan.txt", "ID\tAction\tLead\tTimescale\n1\tKeep the promise\tkcc\t4 January 2021\n");
    folder_.write("rules.yaml",
                  "version: 1\nrules:\n  - rule: due\n    when: action.kind == \"dated\"\n    anchor: due\n    steps: "
                  "[{ step: due, at: 0d, to: leads, via: [teams], deliver: digest }]\n");
    folder_.write("flow", flow_.url());
  }
  std::vector<std::string> words() const { return {"run", "--config", folder_.file("chaser.yaml")}; }
  std::string get(const std::string& path) const {
    const test::Client client = test::Client::unix_socket(folder_.file("staff"));
    REQUIRE(client.say("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    return client.hear_all().value_or("");
  }
  /// Ops were last told so long ago.
  void age(absl::Duration by) const {
    store::open_sqlite(folder_.file("state"), {store::OpenMode::write, false})
        ->keep("stuck_told", calendar::rfc3339(app::Clock().now() - by, absl::UTCTimeZone()));
  }
  std::size_t posts() const { return flow_.count(); }

 private:
  test::WorkflowPeer flow_;
  test::Folder folder_;
};

/// Ends it; what it logged.
std::string end(test::Running& service) {
  service.signal(SIGTERM);
  CHECK(service.await_end() == 0);
  return service.log();
}

}  // namespace

TEST_CASE("self-report: nothing stuck is no words") {
  store::StoreStatus status;
  status.queued = 5;
  const calendar::Instant now = absl::FromCivil(absl::CivilSecond(2027, 1, 4, 9), absl::UTCTimeZone());
  CHECK(stuck_words(status, "", now).empty());
  status.oldest_unsent = now - app::stuck_after + absl::Seconds(1);
  CHECK(stuck_words(status, "", now).empty());
}

TEST_CASE("self-report: what needs a person, what waits too long and a mailbox that cannot be read are told") {
  store::StoreStatus status;
  status.queued = 5;
  status.needs_attention = 1;
  const calendar::Instant now = absl::FromCivil(absl::CivilSecond(2027, 1, 4, 9), absl::UTCTimeZone());
  status.oldest_unsent = now - app::stuck_after;
  CHECK(stuck_words(status, "no such host", now) ==
        "1 message in need of a person (see \"chaser outbox\"); 5 messages not sent, the oldest since "
        "2027-01-03T09:00:00+00:00; the inbox cannot be read: no such host");
}

TEST_CASE(
    "self-report: what is stuck is told once a day by the journal, the unit, /readyz and the metrics, over restarts") {
  const StuckSite site;
  {
    test::Running service(site.words());
    service.await_log("stuck: " + stuck);
    service.await_notice("STATUS=" + stuck);
    const std::string ready = site.get("/readyz");
    CHECK(ready.starts_with("HTTP/1.1 503"));
    CHECK(ready.find("messages need a person") != std::string::npos);
    CHECK(site.get("/metrics").find("\nchaser_messages_needing_attention 1\n") != std::string::npos);
    end(service);
  }
  {
    test::Running service(site.words());
    service.await_notice("STATUS=" + stuck);  // it still is, and still shows
    CHECK(end(service).find("stuck: ") == std::string::npos);
  }
  site.age(app::stuck_told_every + absl::Minutes(1));
  test::Running service(site.words());
  service.await_log("stuck: " + stuck);
  end(service);
  CHECK(site.posts() == 1);
}
