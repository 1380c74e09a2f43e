#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "support/catch.h"
#include "support/skip.h"
#include "web/meters.h"
#include "web/serving.h"

using namespace chaser;
using namespace chaser::test;

namespace {

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

/// A plan of two actions, one of which has been decided: held for want of an address.
void give_plan(Serving& serving) {
  plan::Plan plan;
  plan.id = "plan";
  plan.title = "Plan";
  for (const char* id : {"1", "2"}) {
    plan::Action action;
    action.id = id;
    action.text = action.title = "Plant trees";
    action.timescale = plan::read_timescale("2026");
    plan.actions.push_back(std::move(action));
  }
  serving.store().import(plan, serving.world(), morning, "test");
}

const std::string monitoring = std::string(CHASER_SOURCE_DIR) + "/config/monitoring/";

/// All metrics, once a mail has gone.
std::string shown_metrics() {
  web::Meters meters;
  Serving::Given given;
  given.meters = &meters;
  const Serving serving(std::move(given));
  meters.note_attempt("email", "accepted");
  return body(serving.get("/metrics"));
}

/// What promtool says of `input`, or nothing where there is no promtool.
std::optional<std::pair<int, std::string>> promtool(const std::string& arguments) {
  if (std::system("command -v promtool >/dev/null 2>&1") != 0) return std::nullopt;
  std::FILE* const pipe = ::popen(("promtool " + arguments + " 2>&1").c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string said;
  char part[512];
  while (const std::size_t got = std::fread(part, 1, sizeof part, pipe)) said.append(part, got);
  return std::pair(::pclose(pipe), said);
}

}  // namespace

TEST_CASE(
    "metrics: what the service counted, what the store holds and which texts are in force, as Prometheus reads it") {
  web::Meters meters;
  Serving::Given given;
  given.meters = &meters;
  Serving serving(std::move(given));
  give_plan(serving);
  meters.note_start(true, morning);
  meters.note_tick(morning);
  meters.note_pass({24, 5, 2, 1, 3, absl::Milliseconds(30)});
  meters.note_attempt("email", "accepted");
  meters.note_attempt("email", "accepted");
  meters.note_attempt("teams", "temporary");
  meters.note_reload(web::ReloadResult::partly, morning);
  const std::string answer = serving.get("/metrics");
  REQUIRE(status(answer) == 200);
  CHECK(header(answer, "Content-Type") == "text/plain; version=0.0.4; charset=utf-8");
  const std::string text = body(answer);
  INFO(text);
  for (const char* line :
       {"chaser_looks_total 24", "chaser_decisions_total{decision=\"notify\"} 5",
        "chaser_decisions_total{decision=\"hold\"} 2", "chaser_decisions_total{decision=\"failed\"} 1",
        "chaser_messages_composed_total 3", "chaser_delivery_attempts_total{channel=\"email\",outcome=\"accepted\"} 2",
        "chaser_delivery_attempts_total{channel=\"teams\",outcome=\"temporary\"} 1",
        "chaser_reloads_total{result=\"partly\"} 1", "chaser_reloads_total{result=\"refused\"} 0",
        "chaser_last_reload_successful 0", "chaser_pass_duration_seconds_count 1", "chaser_plans 1", "chaser_actions 2",
        "chaser_oldest_unsent_age_seconds 0", "chaser_files_broken 0", "chaser_sending_held{by=\"stop\"} 0",
        "chaser_plan_info{plan=\"plan\",hash=\"\"} 1", "chaser_ready 0"}) {
    CHECK(has_line(text, line));
  }
  CHECK(text.find("chaser_rulebook_info{hash=\"") != std::string::npos);
}

TEST_CASE("metrics: names follow Prometheus's conventions, and no label holds a person") {
  const std::string text = shown_metrics();
  const std::set<std::string> allowed{"decision", "channel", "outcome", "result", "state", "rule",
                                      "step",     "reason",  "hash",    "plan",   "by",    "le"};
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    if (line.starts_with("# TYPE ")) {
      const bool counts = line.ends_with(" counter");
      const std::string name = line.substr(7, line.find(' ', 7) - 7);
      CHECK(name.starts_with("chaser_"));
      CHECK(name.ends_with("_total") == counts);
    }
    if (line.starts_with("#")) continue;
    for (std::size_t at = line.find_first_of("{,"); at != std::string::npos; at = line.find(',', at + 1)) {
      const std::size_t equals = line.find("=\"", at);
      if (equals == std::string::npos) break;
      CHECK(allowed.contains(line.substr(at + 1, equals - at - 1)));
    }
  }
}

TEST_CASE("metrics: the shipped alerts speak of metrics that there are") {
  const std::string text = shown_metrics();
  for (const char* name : {"alerts.yaml", "dashboard.json"}) {
    std::ifstream file(monitoring + name);
    const std::string shipped{std::istreambuf_iterator<char>(file), {}};
    REQUIRE(!shipped.empty());
    for (std::size_t at = shipped.find("chaser_"); at != std::string::npos; at = shipped.find("chaser_", at + 1)) {
      const std::size_t end = shipped.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", at);
      std::string metric = shipped.substr(at, end - at);
      if (metric.ends_with("_bucket")) metric.resize(metric.size() - 7);
      INFO(name << ": " << metric);
      CHECK(text.find("# TYPE " + metric + " ") != std::string::npos);
    }
  }
}

TEST_CASE("metrics: promtool accepts them and the shipped alerts", "[outside][promtool]") {
  if (!promtool("--version")) return skip("promtool is not here");
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("chaser-metrics-" + std::to_string(std::rand()));
  std::ofstream(file) << shown_metrics();
  const auto metrics = promtool("check metrics < " + file.string());
  std::filesystem::remove(file);
  INFO(metrics->second);
  CHECK(metrics->first == 0);
  const auto alerts = promtool("check rules " + monitoring + "alerts.yaml");
  INFO(alerts->second);
  CHECK(alerts->first == 0);
}

TEST_CASE("metrics: only who may look sees them") {
  Serving::Given given;
  given.guests_may_look = false;
  const Serving serving(std::move(given));
  CHECK(status(serving.get("/metrics")) == 303);
  CHECK(status(serving.get("/metrics", "Authorization: Bearer wrong\r\n")) == 401);
}

TEST_CASE("health: it is ready when the scheduler has looked and what is due does not wait, and says why not") {
  web::Meters meters;
  Serving::Given given;
  given.meters = &meters;
  Serving serving(std::move(given));
  serving.server().set_ready(true);
  CHECK(body(serving.get("/readyz")) == "the scheduler has not looked yet\n");
  meters.note_tick(morning);
  CHECK(status(serving.get("/readyz")) == 200);
  give_plan(serving);  // due at once
  serving.set_now(morning + absl::Minutes(10));
  CHECK(status(serving.get("/readyz")) == 200);
  serving.set_now(morning + absl::Minutes(10) + absl::Seconds(1));
  const std::string answer = serving.get("/readyz");
  CHECK(status(answer) == 503);
  CHECK(body(answer) == "what was due Thu 31 Dec 2026, 09:00 has not been looked at\n");
}
