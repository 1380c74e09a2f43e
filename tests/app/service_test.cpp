// The real program as a service: what it tells the service manager, how it reloads, stops and guards its state.
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <future>
#include <nlohmann/json.hpp>

#include "app/control.h"
#include "app/running.h"
#include "support/catch.h"
#include "support/smtp_peer.h"

using namespace chaser;
using namespace chaser::test;
using nlohmann::json;

namespace {

std::string rules(const std::string& at) {
  return "version: 1\nrules:\n  - rule: due\n    when: action.kind == \"dated\"\n    anchor: due\n    window: always\n"
         "    steps: [{ step: due, at: " +
         at + ", to: leads }]\n";
}

/// A site whose promise is due on `due`; by default so late that nothing ever is due while a test runs.
class Site {
 public:
  explicit Site(const std::string& due = "31 December 2060", const std::string& email = "type: maildir, folder: mail") {
    folder_.write("chaser.yaml",
                  "state_directory: state\nplans: [{ id: county, file: plan.txt }]\ndirectory: directory.yaml\n"
                  "rules: [rules.yaml]\nchannels: { email: { " +
                      email +
                      " } }\n"
                      "windows: { always: { days: Mon-Sun, open: 00:00, close: 24:00, on_holidays: true } }\n"
                      "mail: { from_address: chaser@kent.example }\n");
    // Whoever is written to is written to at any hour, so that no test depends on when it runs: a digest goes by the
    // person's window, not by the rule's.
    folder_.write("directory.yaml",
                  "coordinator: kcc\nparties:\n  kcc: { name: Kent, email: kcc@kent.example, window: "
                  "{ days: Mon-Sun, open: 00:00, close: 24:00, on_holidays: true } }\n");
    folder_.write("plan.txt", "ID\tAction\tLead\tTimescale\n1\tKeep the promise\tkcc\t" + due + "\n");
    folder_.write("rules.yaml", rules("0d"));
  }

  std::vector<std::string> words(std::vector<std::string> verb) const {
    verb.insert(verb.end(), {"--config", file("chaser.yaml")});
    return verb;
  }
  Ran run(const std::vector<std::string>& verb) const { return test::run(words(verb)); }
  std::string file(const std::string& name) const { return folder_.file(name); }
  void write(const std::string& name, const std::string& text) const { folder_.write(name, text); }
  std::string socket() const { return app::control_path(file("state")); }

 private:
  Folder folder_;
};

std::string field(const std::string& notice, const std::string& name) {
  const std::size_t at = notice.find(name + "=");
  REQUIRE(at != std::string::npos);
  const std::size_t begin = at + name.size() + 1;
  return notice.substr(begin, notice.find('\n', begin) - begin);
}

json asked(const Site& site, const std::string& line) {
  const auto answer = app::ask_service(site.socket(), line);
  REQUIRE(answer.has_value());
  return json::parse(*answer);
}

}  // namespace

TEST_CASE("service: it says that it is ready, what comes next and that it stops, and ends with 0") {
  for (const int ending : {SIGTERM, SIGINT}) {
    const Site site;
    Running service(site.words({"run"}));
    CHECK(field(service.await_notice("READY=1"), "STATUS") == "started");
    CHECK(field(service.await_notice("STATUS="), "STATUS").starts_with("next event 20"));
    CHECK(std::filesystem::exists(site.socket()));
    service.signal(ending);
    service.await_notice("STOPPING=1");
    CHECK(service.await_end() == 0);
    CHECK_FALSE(std::filesystem::exists(site.socket()));
    // All is let go: the next one starts at once.
    Running next(site.words({"run"}));
    next.await_notice("READY=1");
    next.signal(SIGTERM);
    CHECK(next.await_end() == 0);
  }
}

TEST_CASE("service: the watchdog is fed while nothing is due") {
  const Site site;
  Running service(site.words({"run"}), {{"WATCHDOG_USEC", "200000"}});
  service.await_notice("READY=1");
  service.await_notice("STATUS=");
  for (int fed = 0; fed < 5; ++fed) service.await_notice("WATCHDOG=1");
  service.signal(SIGTERM);
  CHECK(service.await_end() == 0);
}

TEST_CASE("service: a reload is announced with its time, takes an edit and says that it is done") {
  const Site site;
  Running service(site.words({"run"}));
  service.await_notice("STATUS=next event");
  // Open cases keep the version of their rule; a rule that is new speaks at once.
  site.write("rules.yaml",
             rules("0d") +
                 "  - rule: early\n    when: action.kind == \"dated\"\n    anchor: due\n    window: always\n"
                 "    steps: [{ step: soon, at: -7d, to: leads }]\n");
  service.signal(SIGHUP);
  const long long at = std::stoll(field(service.await_notice("RELOADING=1"), "MONOTONIC_USEC"));
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const long long microseconds = now.tv_sec * 1'000'000LL + now.tv_nsec / 1000;
  CHECK(at <= microseconds);
  CHECK(at > microseconds - 60'000'000);
  CHECK(field(service.await_notice("READY=1"), "STATUS") == "reloaded");
  service.await_log("something changed");
  CHECK(field(service.await_notice("STATUS=next event 2060-12-24"), "STATUS").starts_with("next event"));
  service.signal(SIGHUP);
  service.await_notice("READY=1");
  service.await_log("reloaded: nothing changed");
  service.signal(SIGTERM);
  CHECK(service.await_end() == 0);
}

TEST_CASE("service: a broken rule file keeps its last good version and says so until it is mended, over a start too") {
  const Site site;
  const std::string broken = site.file("rules.yaml") + " is broken: its last good version stays";
  {
    Running service(site.words({"run"}));
    service.await_notice("STATUS=next event");
    site.write("rules.yaml", rules("+5"));
    service.signal(SIGHUP);
    CHECK(field(service.await_notice("READY=1"), "STATUS") == broken);
    service.await_log(site.file("rules.yaml") + ":7:30: error: \"at\" needs a unit");
    CHECK(field(service.await_notice("STATUS="), "STATUS").starts_with(broken + "; next event 2060-12-31"));
    CHECK(site.run({"status"}).out.find(broken) != std::string::npos);
    service.signal(SIGTERM);
    CHECK(service.await_end() == 0);
  }
  Running again(site.words({"run"}));
  again.await_notice("READY=1");
  CHECK(field(again.await_notice("STATUS="), "STATUS").starts_with(broken + "; next event 2060-12-31"));
  site.write("rules.yaml", rules("0d"));
  again.signal(SIGHUP);
  CHECK(field(again.await_notice("READY=1"), "STATUS") == "reloaded");
  CHECK(field(again.await_notice("STATUS="), "STATUS").starts_with("next event"));
  CHECK(site.run({"status"}).out.find("broken") == std::string::npos);
  again.signal(SIGTERM);
  CHECK(again.await_end() == 0);
}

TEST_CASE("service: SIGTERM lets the message that is under way end, and remembers that it was accepted") {
  std::promise<void> reached;
  std::promise<void> let_go;
  SmtpScript script;
  script.faults["."].times = 1;
  script.faults["."].reply = "250 taken late";
  script.faults["."].keep = true;
  script.faults["."].meanwhile = [&] {
    reached.set_value();
    let_go.get_future().wait_for(std::chrono::seconds(30));
  };
  SmtpPeer peer(script);
  // Long past: its first meeting is due at once, whatever the day on which this runs.
  const Site site("31 December 2020", fmt::format("type: smtp, host: 127.0.0.1, tls: none, port: {}", peer.port()));
  Running service(site.words({"run"}));
  service.await_notice("READY=1");
  REQUIRE(reached.get_future().wait_for(std::chrono::seconds(30)) == std::future_status::ready);
  service.signal(SIGTERM);
  service.await_notice("STOPPING=1");
  let_go.set_value();
  CHECK(service.await_end() == 0);
  CHECK(peer.count() == 1);
  const json messages = json::parse(site.run({"outbox", "--all", "--format", "json"}).out);
  INFO(messages.dump(2));
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].at("state") == "accepted");
}

TEST_CASE("service: a second one on the same state is refused with 3, and the first goes on") {
  const Site site;
  Running first(site.words({"run"}));
  first.await_notice("READY=1");
  Running second(site.words({"run"}));
  CHECK(second.await_end() == 3);
  INFO(second.log());
  CHECK(second.log().find(site.file("state")) != std::string::npos);
  CHECK(site.run({"run", "--once"}).exit == app::Exit::environment);
  CHECK(site.run({"stop"}).exit == app::Exit::fine);  // its socket was left alone
  first.signal(SIGTERM);
  CHECK(first.await_end() == 0);
}

TEST_CASE("service: files with errors at the first start end it with 1, each error told with its place") {
  const Site site;
  site.write("rules.yaml", rules("+5"));
  Running service(site.words({"run"}));
  CHECK(service.await_end() == 1);
  CHECK(service.log().find(site.file("rules.yaml") + ":7:30: error: ") != std::string::npos);
}

TEST_CASE("service: verbs that write go through it while it runs") {
  const Site site;
  Running service(site.words({"run"}));
  service.await_notice("READY=1");
  CHECK(site.run({"stop", "plan:county"}).exit == app::Exit::fine);
  CHECK(site.run({"stop", "plan:nowhere"}).exit == app::Exit::problems);
  CHECK(site.run({"release", "stop", "plan:county"}).exit == app::Exit::fine);
  CHECK(site.run({"release", "stop", "plan:county"}).exit == app::Exit::problems);
  const Ran answered = site.run({"answer", "county/1", "update", "--note", "on its way \xe2\x80\x93 soon"});
  INFO(answered.err);
  CHECK(answered.exit == app::Exit::fine);
  CHECK(site.run({"log"}).out.find("update") != std::string::npos);
  CHECK(site.run({"answer", "county/1", "shrug"}).exit == app::Exit::usage);
  // The service has the real clock.
  const Ran scripted = site.run({"stop", "--now", "2026-12-31T09:00:00+00:00"});
  INFO(scripted.err);
  CHECK(scripted.exit == app::Exit::environment);
  service.signal(SIGTERM);
  CHECK(service.await_end() == 0);
}

TEST_CASE("service: a relative file of a verb is the asker's, not the service's") {
  const Site site;
  Running service(site.words({"run"}));
  service.await_notice("READY=1");
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(std::filesystem::path(site.file(".")));
  const Ran backed_up = site.run({"backup", "copy.db"});
  std::filesystem::current_path(before);
  INFO(backed_up.err);
  CHECK(backed_up.exit == app::Exit::fine);
  CHECK(std::filesystem::exists(site.file("copy.db")));
  service.signal(SIGTERM);
  CHECK(service.await_end() == 0);
}

TEST_CASE("service: a plan of any encoding is imported the same through the service and without it") {
  const std::string windows =
      "ID\tAction\tLead\tTimescale\n1\tSpend \xa3"
      "5 \x96 soon\tkcc\t31 December 2060\n";
  const auto import = [&](const Site& site) {
    site.write("new.txt", windows);
    const Ran ran = site.run({"plan", "import", site.file("new.txt"), "--plan", "county", "--apply"});
    INFO(ran.err);
    CHECK(ran.exit == app::Exit::fine);
    return ran.out;
  };
  const Site with;
  Running service(with.words({"run"}));
  service.await_notice("READY=1");
  const std::string through = import(with);
  CHECK(through.find("Spend \xc2\xa3"
                     "5 \xe2\x80\x93 soon") != std::string::npos);
  service.signal(SIGTERM);
  CHECK(service.await_end() == 0);
  const Site without;
  CHECK(without.run({"run", "--once"}).exit == app::Exit::fine);
  CHECK(import(without) == through);
}

TEST_CASE("service: garbage on its socket is answered with 2 and changes nothing") {
  const Site site;
  Running service(site.words({"run"}));
  service.await_notice("READY=1");
  for (const char* garbage :
       {"", "garbage", "{", "[]", "null", "{}", R"({"verb":"stop"})", R"({"verb":1,"words":[],"options":{}})",
        R"({"verb":"answer","words":[],"options":{}})", R"({"verb":"answer","words":["county/1"],"options":{}})",
        R"({"verb":"release","words":[],"options":{}})", R"({"verb":"backup","words":[],"options":{}})",
        R"({"verb":"outbox drop","words":[],"options":{}})", R"({"verb":"run","words":[],"options":{}})",
        R"({"verb":"plan import","words":[],"options":{}})",
        R"({"verb":"plan import","words":[],"options":{"--plan":"county"},"text":"!"})",
        R"({"verb":"stop","words":[7],"options":{}})", "\xff\xfe",
        R"({"verb":"answer","words":["a","b"],"options":[1]})"}) {
    INFO(garbage);
    const json answer = asked(site, garbage);
    CHECK(answer.at("exit") == 2);
    CHECK_FALSE(answer.at("err").get<std::string>().empty());
  }
  const std::string deep = R"({"verb":)" + std::string(200'000, '[');
  CHECK(asked(site, deep).at("exit") == 2);
  CHECK(json::parse(site.run({"status", "--format", "json"}).out).is_object());
  service.signal(SIGTERM);
  CHECK(service.await_end() == 0);
}
