#include "e2e/site.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

#include "app/command_line.h"
#include "support/catch.h"

namespace chaser::test {

namespace {

using calendar::CivilDay;

const calendar::Zone& london() {
  static const calendar::Zone zone = [] {
    calendar::Zone loaded;
    REQUIRE(absl::LoadTimeZone("Europe/London", &loaded));
    return loaded;
  }();
  return zone;
}

std::string utc(calendar::Instant instant) {
  return calendar::rfc3339(instant, absl::UTCTimeZone());
}

std::string utc(const std::string& rfc3339) {
  calendar::Instant instant;
  std::string error;
  REQUIRE(absl::ParseTime(absl::RFC3339_full, rfc3339, &instant, &error));
  return utc(instant);
}

std::string shipped(const char* path) {
  return std::string(CHASER_SOURCE_DIR) + path;
}

}  // namespace

std::string to_string(const Told& told) {
  return fmt::format("{} {} {}/{} {} {} <{}> {}", told.at, told.action, told.rule, told.step, told.occurrence, told.to,
                     told.address, told.via);
}

SiteFiles leads_with_a_promise(int leads, const std::string& via, bool with_teams) {
  SiteFiles files;
  files.rules =
      "version: 1\n"
      "limit: { people: 1000 }\n"
      "rules:\n"
      "  - rule: due\n"
      "    when: action.kind == \"dated\"\n"
      "    anchor: due\n"
      "    steps:\n"
      "      - { step: due, at: 0d, to: leads, via: [" +
      via + "] }\n";
  files.directory = "coordinator: boss\nparties:\n  boss: { name: Boss, email: boss@county.example }\n";
  files.plan = "ID\tAction\tLead\tTimescale\n";
  for (int lead = 1; lead <= leads; ++lead) {
    files.directory += fmt::format("  lead{0}: {{ name: lead{0}, email: lead{0}@county.example{1} }}\n", lead,
                                   with_teams ? ", teams: kcc" : "");
    files.plan += fmt::format("{0}\tPromise {0}\tlead{0}\t4 January 2027\n", lead);
  }
  return files;
}

Site::Site(const SiteFiles& files)
    : mail_(std::make_unique<SmtpPeer>()),
      teams_(std::make_unique<WorkflowPeer>(std::vector<WorkflowAnswer>{{}}, files.tls_cards
                                                                                 ? WorkflowPeer::Transport::tls
                                                                                 : WorkflowPeer::Transport::plain)) {
  std::string name = (std::filesystem::temp_directory_path() / "chaser-e2e-XXXXXX").string();
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  folder_ = name;
  if (!files.plan.empty()) write("plan.txt", files.plan);
  if (!files.directory.empty()) write("directory.yaml", files.directory);
  if (!files.rules.empty()) write("rules.yaml", files.rules);
  write("teams-url", teams_->url());
  write("message-id-key", "0123456789abcdef0123456789abcdef");
  const std::string plan = files.plan.empty() ? fmt::format("{{ id: kent-medway, file: {}, supplement: {} }}",
                                                            shipped("/config/plans/kent-medway.txt"),
                                                            shipped("/config/plans/kent-medway.supplement.yaml"))
                                              : std::string("{ id: plan, file: plan.txt }");
  write(
      "chaser.yaml",
      fmt::format("state_directory: state\n"
                  "plans: [{}]\n"
                  "directory: {}\n"
                  "rules: {}\n"
                  "channels:\n"
                  "  email: {{ type: smtp, host: 127.0.0.1, tls: none, port: {}, sessions: {} }}\n"
                  "  per_person: {{ burst: 0 }}\n"  // the clock stands still in a pass
                  "  teams:\n"
                  "    rate: {{ burst: 0 }}\n"
                  "    type: workflows\n"
                  "    sessions: {}\n"
                  "    allow_http_loopback: true\n"
                  "    ca_file: {}\n"
                  "    channels:\n"
                  "      kcc: {{ url_file: teams-url, owner: flows@kent.example }}\n"
                  "      ccn: {{ url_file: teams-url, owner: flows@kent.example }}\n"
                  "mail: {{ from_address: chaser@kent.example{} }}\n"
                  "{}log: error\n",
                  plan, files.directory.empty() ? shipped("/config/directory.yaml") : "directory.yaml",
                  files.rules.empty() ? shipped("/rules") : "rules.yaml", mail_->port(), files.sessions, files.sessions,
                  teams_->ca_file(), files.inbox.empty() ? "" : ", message_id_key_file: message-id-key",
                  files.inbox.empty() ? "" : "inbox: " + files.inbox + "\n"));
}

Site::~Site() {
  std::filesystem::remove_all(folder_);
}

void Site::write(const std::string& name, const std::string& text) const {
  std::ofstream(file(name)) << text;
}

Site::Ran Site::run(std::vector<std::string> words) const {
  words.push_back("--config");
  words.push_back(file("chaser.yaml"));
  std::ostringstream out;
  std::ostringstream err;
  app::Terminal terminal{out, err};
  const app::Exit exit = app::run_program(words, terminal);
  return {static_cast<int>(exit), out.str(), err.str()};
}

pid_t Site::start(calendar::Instant now) const {
  const std::string at = utc(now);
  const std::string config = file("chaser.yaml");
  const std::string errors = file("errors");
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const int null = ::open("/dev/null", O_WRONLY);
    const int error = ::open(errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ::dup2(null, STDOUT_FILENO);
    ::dup2(error, STDERR_FILENO);
    ::execl(CHASER_PROGRAM, CHASER_PROGRAM, "run", "--config", config.c_str(), "--once", "--now", at.c_str(), nullptr);
    ::_exit(127);
  }
  return child;
}

void Site::pass(CivilDay day, int hour) const {
  pass_at(absl::FromCivil(absl::CivilSecond(day.year(), day.month(), day.day(), hour), london()));
}

void Site::pass_at(calendar::Instant now) const {
  const Ran ran = run({"run", "--once", "--now", calendar::rfc3339(now, london())});
  INFO(calendar::rfc3339(now, london()) << "\n" << ran.out << ran.err);
  REQUIRE(ran.exit == 0);
}

std::string Site::log_of_pass(calendar::Instant now) const {
  int status = 0;
  const pid_t child = start(now);
  REQUIRE(::waitpid(child, &status, 0) == child);
  std::ifstream errors(file("errors"));
  std::string log{std::istreambuf_iterator<char>(errors), {}};
  INFO(log);
  REQUIRE(status == 0);
  return log;
}

void Site::change_settings(const std::string& from, const std::string& to) const {
  std::ifstream old(file("chaser.yaml"));
  std::string text{std::istreambuf_iterator<char>(old), {}};
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  write("chaser.yaml", text.replace(at, from.size(), to));
}

void Site::pass_days(CivilDay from, CivilDay to, const std::set<CivilDay>& skipped) const {
  for (CivilDay day = from; day <= to; ++day) {
    if (!skipped.contains(day)) pass(day);
  }
}

std::vector<Told> Site::forecast(const std::string& from, const std::string& to, bool fresh) const {
  std::vector<std::string> words{"forecast", "--from", from, "--to", to, "--format", "json"};
  if (fresh) words.push_back("--fresh");
  const Ran ran = run(words);
  INFO(ran.err);
  REQUIRE(ran.exit == 0);
  std::vector<Told> lines;
  for (const auto& line : nlohmann::json::parse(ran.out)) {
    const auto text = [&](const char* key) {
      return line.at(key).is_null() ? std::string() : line.at(key).get<std::string>();
    };
    lines.push_back({utc(text("at")), text("action"), text("rule"), text("step"), text("occurrence"), text("to"),
                     text("address"), text("via")});
  }
  std::ranges::sort(lines);
  return lines;
}

std::vector<Told> Site::told() const {
  const std::string occurrence = "CASE WHEN n.refired > 0 THEN 'r' || n.refired ELSE n.ordinal END";
  std::vector<Told> lines;
  const auto add = [&](const std::string& sql) {
    for (const std::string& row : ask(sql)) {
      std::istringstream words(row);
      std::int64_t micros = 0;
      Told line;
      words >> micros >> line.action >> line.rule >> line.step >> line.occurrence >> line.to >> line.via >>
          line.address;
      line.at = utc(absl::FromUnixMicros(micros));
      lines.push_back(line);
    }
  };
  add("SELECT t.started, a.name, n.rule, n.step, " + occurrence +
      ", n.recipient, m.channel, l.destination FROM message m JOIN message_item i ON i.message = m.id"
      " JOIN notification n ON n.id = i.notification JOIN action a ON a.id = n.action JOIN letter l ON l.message = m.id"
      " JOIN attempt t ON t.message = m.id AND t.outcome = 'accepted' WHERE i.withdrawn = 0");
  add("SELECT n.opening, a.name, n.rule, n.step, " + occurrence +
      ", n.recipient, 'report', '' FROM notification n JOIN action a ON a.id = n.action WHERE n.state = 'recorded'");
  std::ranges::sort(lines);
  return lines;
}

std::set<std::string> Site::keys() const {
  const auto rows = ask("SELECT hex(key) FROM notification");
  return {rows.begin(), rows.end()};
}

std::vector<std::string> Site::ask(const std::string& sql) const {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open_v2(file("state/chaser.db").c_str(), &database, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK);
  sqlite3_stmt* statement = nullptr;
  INFO(sql << ": " << sqlite3_errmsg(database));
  REQUIRE(sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
  std::vector<std::string> rows;
  while (sqlite3_step(statement) == SQLITE_ROW) {
    std::string row;
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
      const unsigned char* text = sqlite3_column_text(statement, i);
      if (i > 0) row += ' ';
      if (text != nullptr) row += reinterpret_cast<const char*>(text);
    }
    rows.push_back(row);
  }
  sqlite3_finalize(statement);
  sqlite3_close(database);
  return rows;
}

}  // namespace chaser::test
