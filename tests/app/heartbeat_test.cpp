// A sign of life to Teams channels that had none for a month: the real service on the real clock, a real flow. How old
// a channel's last card is lies in the store, where these tests make it as old as they need.
#include <signal.h>

#include <future>

#include "app/clock.h"
#include "app/heartbeat.h"
#include "app/program.h"
#include "app/running.h"
#include "store/sqlite_store.h"
#include "support/catch.h"
#include "support/workflow_peer.h"

using namespace chaser;
using namespace chaser::test;

namespace {

constexpr const char* kept_name = "heartbeat:team";
const std::string always = "{ days: Mon-Sun, open: 00:00, close: 24:00, on_holidays: true }";

/// A site with one Teams channel, in which nothing is ever due while a test runs.
class Site {
 public:
  explicit Site(const std::string& more = "heartbeat: true", const std::string& flow = "") {
    folder_.write("chaser.yaml",
                  "state_directory: state\nplans: [{ id: county, file: plan.txt }]\ndirectory: directory.yaml\n"
                  "rules: [rules.yaml]\nchannels: { email: { type: maildir, folder: mail }, teams: { type: workflows, "
                  "allow_http_loopback: true, " +
                      more + ", channels: { team: { url_file: flow" + flow +
                      " } } } }\n"
                      "mail: { from_address: chaser@kent.example }\n");
    folder_.write("directory.yaml",
                  "coordinator: kcc\nparties:\n  kcc: { name: Kent, email: kcc@kent.example, teams: team, window: " +
                      always + " }\n");
    folder_.write("plan.txt", "ID\tAction\tLead\tTimescale\n1\tKeep the promise\tkcc\t31 December 2060\n");
    folder_.write("rules.yaml",
                  "version: 1\nrules:\n  - rule: due\n    when: action.kind == \"dated\"\n    anchor: due\n    steps: "
                  "[{ step: due, at: 0d, to: leads }]\n");
    folder_.write("flow", flow_.url());
    run_until_idle();  // makes the store, and counts from now
  }

  /// A service that looks once and is ended; what it logged.
  std::string run_until_idle() const {
    Running service(words());
    service.await_notice("STATUS=next event");
    return end(service);
  }
  /// A service that posts once and is ended when the answer has been heard.
  std::string run_until_posted(WorkflowAnswer answer) {
    std::promise<void> posted;
    answer.meanwhile = [&] { posted.set_value(); };
    flow_.set_answers({answer, {}});
    Running service(words());
    INFO(service.log());
    REQUIRE(posted.get_future().wait_for(Running::patience) == std::future_status::ready);
    return end(service);
  }
  std::vector<std::string> words() const { return {"run", "--config", folder_.file("chaser.yaml")}; }

  store::Store& open() {
    store_ = store::open_sqlite(folder_.file("state"), {store::OpenMode::write, false});
    return *store_;
  }
  void close() { store_.reset(); }
  /// The channel's last card was so long ago.
  void age(absl::Duration by) {
    open().keep(kept_name, calendar::rfc3339(app::Clock().now() - by, absl::UTCTimeZone()));
    close();
  }
  /// Since when a month is counted.
  absl::Duration counted_for() {
    calendar::Instant at;
    std::string error;
    REQUIRE(absl::ParseTime(absl::RFC3339_full, open().kept(kept_name).value(), &at, &error));
    close();
    return app::Clock().now() - at;
  }
  void stop_everything() { CHECK(run({"stop", "--config", folder_.file("chaser.yaml")}).exit == app::Exit::fine); }
  WorkflowPeer& flow() { return flow_; }
  std::string file(const std::string& name) const { return folder_.file(name); }

 private:
  static std::string end(Running& service) {
    service.signal(SIGTERM);
    CHECK(service.await_end() == 0);
    return service.log();
  }

  WorkflowPeer flow_;
  Folder folder_;
  std::unique_ptr<store::Store> store_;
};

constexpr absl::Duration month = app::heartbeat_after;
constexpr absl::Duration day = absl::Hours(24);

}  // namespace

TEST_CASE("heartbeat: a channel without a card for a month gets one that Teams shows, and after a restart none again") {
  Site site;
  CHECK(site.flow().count() == 0);
  CHECK(site.counted_for() < day);
  site.age(month + day);
  site.run_until_posted({});
  REQUIRE(site.flow().count() == 1);
  CHECK(site.flow().posted()[0].faults.empty());
  CHECK(site.flow().posted()[0].body.find("Chaser is here") != std::string::npos);
  CHECK(site.counted_for() < day);
  site.run_until_idle();
  CHECK(site.flow().count() == 1);
}

TEST_CASE("heartbeat: none goes a day before the month is over, nor without the setting, nor to a program") {
  Site young;
  young.age(month - day);
  young.run_until_idle();
  CHECK(young.flow().count() == 0);
  Site unwanted("heartbeat: false");
  unwanted.age(month + day);
  unwanted.run_until_idle();
  CHECK(unwanted.flow().count() == 0);
  Site program("heartbeat: true", ", form: json");
  program.age(month + day);
  program.run_until_idle();
  CHECK(program.flow().count() == 0);
}

TEST_CASE(
    "heartbeat: one that the flow refuses is told in the log without its address, and another goes the next day") {
  const WorkflowAnswer refused =
      GENERATE(WorkflowAnswer{400, {}, R"({"error":{"code":"WorkflowTriggerIsNotEnabled","message":"off"}})"},
               WorkflowAnswer{503, {}, ""}, WorkflowAnswer{202, {}, "", WorkflowAnswer::Then::close});
  Site site;
  site.age(month + day);
  const std::string log = site.run_until_posted(refused);
  INFO(log);
  CHECK(log.find("the Teams channel team did not take its sign of life") != std::string::npos);
  CHECK(log.find("sig=") == std::string::npos);
  CHECK(site.flow().count() == 1);
  const absl::Duration waits = month - site.counted_for();
  CHECK(waits > absl::Hours(23));
  CHECK(waits <= day);
  site.run_until_idle();
  CHECK(site.flow().count() == 1);
  site.age(month);  // the day has passed
  site.run_until_posted({});
  CHECK(site.flow().count() == 2);
  CHECK(site.counted_for() < day);
}

TEST_CASE("heartbeat: nothing goes while everything is stopped, and the service sleeps") {
  Site site;
  site.stop_everything();
  site.age(month + day);
  site.run_until_idle();
  CHECK(site.flow().count() == 0);
  CHECK(site.counted_for() > month);
  CHECK(run({"release", "stop", "--config", site.file("chaser.yaml")}).exit == app::Exit::fine);
  site.run_until_posted({});
  CHECK(site.flow().count() == 1);
}
