// The whole service: recording decisions durably, ten thousand late actions to a hundred digests over SMTP, the start
// with a hundred thousand actions, and what it costs when nothing happens. The last three are the real program (CHASER,
// or beside this one), in a folder of its own.

#include <fmt/format.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

#include "app/engine.h"
#include "app/files.h"
#include "app/pass.h"
#include "bench/bench.h"
#include "bench/program.h"
#include "bench/site.h"
#include "chase/decide.h"
#include "store/sqlite_store.h"
#include "support/smtp_peer.h"

namespace {

using namespace chaser;

using bench::give_up;
using bench::Program;
using bench::Site;

std::vector<std::string> pass_at(const Site& site, const char* now) {
  return {"run", "--config", site.settings(), "--once", "--now", now};
}

const char* const direct_rule =
    "version: 1\nlimit: { people: 100000 }\nrules:\n  - rule: late\n    when: action.kind == \"dated\"\n    anchor: "
    "due\n"
    "    steps: [{ step: due, at: 0d, to: leads }]\n";
const char* const digest_rule =
    "version: 1\nlimit: { people: 100000 }\nrules:\n  - rule: late\n    when: action.kind == \"dated\"\n    anchor: "
    "due\n"
    "    steps: [{ step: late, at: +5wd, to: leads, deliver: digest }]\n";

/// commit_pass alone, in batches of 100 as a pass does: a notification an action, FULL synchronous.
void record() {
  const std::size_t actions = 20'000;
  const Site site({.actions = actions, .rules = direct_rule});
  documents::Problems problems;
  const app::FileReader reader = [](const std::string& path) { return app::read_file(path); };
  auto inputs = app::load_inputs({site.settings(), std::nullopt, false, {}}, reader, problems);
  if (!inputs) give_up("the site does not load");
  auto store = store::open_sqlite(inputs->settings.state_directory, {store::OpenMode::write, true});
  app::Engine engine(*std::move(inputs), std::move(store), reader);
  const auto before = *calendar::parse_rfc3339("2026-12-01T09:00:00Z");
  const auto due = *calendar::parse_rfc3339("2026-12-31T09:00:00Z");
  engine.start(before, problems);
  while (app::decide_some(engine.store(), engine.world(), {before, before}).looked > 0) {
  }
  double took = 0;
  std::size_t notified = 0;
  for (;;) {
    const auto loaded = engine.store().due_actions(due, 100, engine.world());
    if (loaded.empty()) break;
    std::vector<chase::Verdict> verdicts(loaded.size());
    std::vector<store::Decided> decided(loaded.size());
    for (std::size_t i = 0; i < loaded.size(); ++i) {
      chase::decide(loaded[i].state, engine.world(), {due, before}, verdicts[i]);
      notified += verdicts[i].firings.size();
      decided[i].action = &loaded[i];
      decided[i].verdict = &verdicts[i];
    }
    took += bench::seconds([&] { engine.store().commit_pass(decided, engine.world(), due); });
  }
  bench::print(fmt::format("record decisions durably ({} notifications)", notified),
               static_cast<double>(notified) / took / 1e3, "k notifications/s");
}

/// The program's run of the day on which all of it falls due; the cases were opened a month before.
void digests(const Program& program) {
  std::vector<bench::Used> runs;
  for (int i = 0; i < 5; ++i) {
    const test::SmtpPeer sink;
    const Site site({.actions = 10'000, .rules = digest_rule, .smtp_port = sink.port()});
    program.run(pass_at(site, "2026-12-01T09:00:00Z"));
    runs.push_back(program.run(pass_at(site, "2027-01-08T09:00:00Z")));
    if (sink.count() != 100) give_up(fmt::format("{} digests came instead of 100", sink.count()));
  }
  bench::print("10,000 late actions to 100 digests by SMTP", bench::median(runs));
}

/// Listens where the service manager would.
class Manager {
 public:
  explicit Manager(const std::string& path) : path_(path), socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    if (::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      give_up("cannot listen at " + path);
  }
  ~Manager() { ::close(socket_); }
  const std::string& path() const { return path_; }
  void wait_for(const std::string& word) const {
    std::string text(4096, '\0');
    for (;;) {
      const ssize_t size = ::recv(socket_, text.data(), text.size(), 0);
      if (size <= 0) give_up("the service manager's socket failed");
      if (std::string_view(text.data(), static_cast<std::size_t>(size)).find(word) != std::string_view::npos) return;
    }
  }

 private:
  std::string path_;
  int socket_;
};

std::string field_of(pid_t process, const std::string& name) {
  std::ifstream in(fmt::format("/proc/{}/status", process));
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(name + ":")) return line.substr(name.size() + 1);
  }
  return "0";
}

long wake_ups(pid_t process) {
  long count = 0;
  for (const auto& thread : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", process))) {
    std::ifstream in(thread.path() / "status");
    for (std::string line; std::getline(in, line);) {
      if (line.starts_with("voluntary_ctxt_switches:")) count += std::stol(line.substr(line.find(':') + 1));
    }
  }
  return count;
}

/// The service on the real clock: until it is ready, then a minute in which nothing is due.
void start_and_idle(const Program& program, std::size_t actions, unsigned idle_seconds) {
  const Site site({.actions = actions, .rules = direct_rule});
  const Manager manager(site.file("notify"));
  const std::vector<std::string> arguments{"run", "--config", site.settings()};
  pid_t service = program.start(arguments, manager.path());  // the first start imports the plan
  manager.wait_for("READY=1");
  ::kill(service, SIGTERM);
  ::waitpid(service, nullptr, 0);
  std::vector<double> times;
  for (int i = 0; i < 3; ++i) {
    times.push_back(bench::seconds([&] {
      service = program.start(arguments, manager.path());
      manager.wait_for("READY=1");
    }));
    if (i == 2) break;
    ::kill(service, SIGTERM);
    ::waitpid(service, nullptr, 0);
  }
  bench::print(fmt::format("start to ready with {} actions", actions), bench::median(times), "s");
  if (idle_seconds > 0) {
    ::sleep(5);
    const long before = wake_ups(service);
    ::sleep(idle_seconds);
    bench::print(fmt::format("idle: wake-ups in {} s, no watchdog", idle_seconds),
                 static_cast<double>(wake_ups(service) - before), "");
  }
  bench::print(fmt::format("idle: resident memory with {} actions", actions),
               std::stod(field_of(service, "VmRSS")) / 1024, "MiB");
  ::kill(service, SIGTERM);
  ::waitpid(service, nullptr, 0);
}

}  // namespace

/// Those named, or all.
int main(int argc, char** argv) {
  const std::vector<std::string> named(argv + 1, argv + argc);
  const auto wanted = [&](const char* name) {
    return named.empty() || std::find(named.begin(), named.end(), name) != named.end();
  };
  const Program program(argv[0]);
  if (wanted("record")) record();
  if (wanted("digests")) digests(program);
  if (wanted("idle")) start_and_idle(program, 24, 60);
  if (wanted("start")) start_and_idle(program, 100'000, 0);
  return 0;
}
