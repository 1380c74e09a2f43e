// The real program, sending to a real SMTP server or flow that counts, is killed at random moments: CHASER_KILLS times
// (default 500; a thousand is the full measure).
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>

#include "calendar/time.h"
#include "support/catch.h"
#include "support/smtp_peer.h"
#include "support/workflow_peer.h"

using namespace chaser;

namespace {

constexpr int sessions = 4;  // messages in flight at most
constexpr int leads = 150;

/// A folder with settings, a plan of late actions with a lead each, and a rule that speaks every week.
class Site {
 public:
  /// `channels` is the settings' text; `flow` is where a Teams channel "team" posts, "" for email.
  explicit Site(const std::string& channels, const std::string& flow = "") {
    std::string name = (std::filesystem::temp_directory_path() / "chaser-crash-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
    write("rules.yaml",
          "version: 1\n"
          "limit: { people: 100000 }\n"
          "rules:\n"
          "  - rule: weekly\n"
          "    when: action.kind == \"dated\"\n"
          "    anchor: due\n"
          "    steps:\n"
          "      - { step: due, at: 0d, to: leads, via: [email, teams] }\n"
          "      - { step: late, at: +1w, to: leads, via: [email, teams], repeat: { every: 1w, times: 500 } }\n");
    write("flow", flow);
    std::string directory = "coordinator: boss\nparties:\n  boss: { name: Boss, email: boss@county.example }\n";
    std::string plan = "ID\tAction\tLead\tTimescale\n";
    for (int i = 0; i < leads; ++i) {
      const std::string id = "lead" + std::to_string(i);
      const std::string contact = flow.empty() ? "email: " + id + "@county.example" : "teams: team";
      directory += "  " + id + ": { name: " + id + ", " + contact + " }\n";
      plan += std::to_string(i + 1) + "\tPromise " + std::to_string(i + 1) + "\t" + id + "\t4 January 2027\n";
    }
    write("directory.yaml", directory);
    write("plan.txt", plan);
    write("chaser.yaml",
          "state_directory: state\n"
          "plans: [{ id: crash, file: plan.txt }]\n"
          "directory: directory.yaml\n"
          "rules: rules.yaml\n"
          "channels: { per_person: { burst: 0 }, " +
              channels +
              " }\n"
              "mail: { from_address: chaser@county.example }\n"
              "log: error\n");
  }
  ~Site() { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& name) const { return (folder_ / name).string(); }

  /// Starts one pass at `now`; the caller waits for it or kills it.
  pid_t start(calendar::Instant now) const {
    const std::string at = calendar::rfc3339(now, absl::UTCTimeZone());
    const std::string config = file("chaser.yaml");
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      const int null = ::open("/dev/null", O_WRONLY);
      ::dup2(null, STDOUT_FILENO);
      ::dup2(null, STDERR_FILENO);
      ::execl(CHASER_PROGRAM, CHASER_PROGRAM, "run", "--config", config.c_str(), "--once", "--now", at.c_str(),
              nullptr);
      ::_exit(127);
    }
    return child;
  }

  /// One value of the store, read when nobody writes.
  std::string ask(const std::string& sql) const {
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open(file("state/chaser.db").c_str(), &database) == SQLITE_OK);
    sqlite3_stmt* statement = nullptr;
    REQUIRE(sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
    std::string value;
    if (sqlite3_step(statement) == SQLITE_ROW) {
      value = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
    }
    sqlite3_finalize(statement);
    sqlite3_close(database);
    return value;
  }

 private:
  void write(const std::string& name, const std::string& text) const { std::ofstream(file(name)) << text; }
  std::filesystem::path folder_;
};

/// True if it ended by itself before `patience`; else it has been killed.
bool survives(pid_t child, std::chrono::microseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  int status = 0;
  while (std::chrono::steady_clock::now() < deadline) {
    const pid_t ended = ::waitpid(child, &status, WNOHANG);
    if (ended == child) return WIFEXITED(status) && WEXITSTATUS(status) == 0;
    ::usleep(500);
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, &status, 0);
  return false;
}

int kills_wanted() {
  const char* text = std::getenv("CHASER_KILLS");
  return text != nullptr ? std::atoi(text) : 500;
}

/// Kills passes at random moments until there were enough, a week at a time, each week settled before the next.
int kill_passes(const Site& site, unsigned seed) {
  std::mt19937 random(seed);
  const int wanted = kills_wanted();
  int kills = 0;
  int weeks = 0;
  const calendar::Zone utc = absl::UTCTimeZone();
  // Before anything is due; then every Monday at 09:00 a message to each lead.
  REQUIRE(survives(site.start(absl::FromCivil(absl::CivilSecond(2027, 1, 1, 9), utc)), std::chrono::seconds(60)));
  for (calendar::CivilDay day(2027, 1, 4); kills < wanted; day += 7) {
    REQUIRE(++weeks < 3 * wanted);  // a pass that outran its killer is a week without a kill
    const calendar::Instant morning =
        absl::FromCivil(absl::CivilSecond(day.year(), day.month(), day.day(), 9), utc) + absl::Hours(1);
    while (kills < wanted) {
      if (survives(site.start(morning), std::chrono::microseconds(10'000 + random() % 100'000))) break;
      ++kills;
    }
    // What was on its way when it was killed goes once more a minute later; holidays only shift the day.
    for (int later = 1; later <= 3; ++later) {
      REQUIRE(survives(site.start(morning + absl::Minutes(5 * later)), std::chrono::seconds(120)));
    }
  }
  WARN("seed " << seed << ", kills " << kills << ", weeks " << weeks);
  return kills;
}

/// `received`: how often each message arrived, by its id; `in_flight`: how many can be on their way at once.
void judge(const Site& site, const std::map<std::string, int>& received, int kills, int in_flight) {
  std::size_t duplicates = 0;
  std::size_t doubled = 0;
  for (const auto& [id, times] : received) {
    duplicates += static_cast<std::size_t>(times - 1);
    if (times > 1) ++doubled;
  }
  const std::string attention = site.ask("SELECT count(*) FROM message WHERE state = 'needs_attention'");
  const std::string messages = site.ask("SELECT count(*) FROM message WHERE state <> 'withdrawn'");
  const std::string unsent =
      site.ask("SELECT count(*) FROM message WHERE state NOT IN ('accepted', 'withdrawn', 'needs_attention')");
  const std::string doubtful = site.ask("SELECT count(*) FROM message WHERE resends > 0 OR state = 'needs_attention'");
  const std::size_t lost =
      std::stoul(messages) - std::min(std::stoul(messages), received.size() + std::stoul(attention));
  INFO(
      site.ask("SELECT group_concat(state || ' ' || n || ' ' || o, '; ') FROM (SELECT state, count(*) AS n,"
               " max(last_outcome) AS o FROM message GROUP BY state)"));
  WARN("messages " << messages << ", delivered " << received.size() << ", lost " << lost << ", duplicates "
                   << duplicates << " (bound " << kills * in_flight << "), marked as doubtful " << doubtful
                   << ", in need of a person " << attention);
  CHECK(lost == 0);
  CHECK(unsent == "0");
  CHECK(received.size() >= static_cast<std::size_t>(leads));
  CHECK(duplicates <= static_cast<std::size_t>(kills * in_flight));
  CHECK(doubled <= std::stoul(doubtful));  // each that came twice is among those marked as doubtful
  CHECK(site.ask("PRAGMA integrity_check") == "ok");
}

}  // namespace

TEST_CASE("crash: mails: killed at random moments nothing is lost and hardly anything doubled", "[slow]") {
  const test::SmtpPeer peer;
  const Site site("email: { type: smtp, host: 127.0.0.1, tls: none, port: " + std::to_string(peer.port()) +
                  ", sessions: " + std::to_string(sessions) + " }");
  const int kills = kill_passes(site, 20261124);
  std::map<std::string, int> received;
  for (const test::Received& mail : peer.received()) ++received[mail.message_id];
  judge(site, received, kills, sessions);
}

TEST_CASE("crash: cards: killed at random moments nothing is lost and hardly anything doubled", "[slow]") {
  const test::WorkflowPeer peer;
  const Site site(
      "teams: { type: workflows, allow_http_loopback: true, rate: { burst: 0 }, channels: { team: { url_file: flow } } "
      "}",
      peer.url());
  const int kills = kill_passes(site, 20261125);
  std::map<std::string, int> received;
  for (const test::Posted& card : peer.posted()) ++received[card.header("x-ms-client-tracking-id")];
  judge(site, received, kills, 1);
}
