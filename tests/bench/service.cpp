// The whole service: recording decisions durably, ten thousand late actions to a hundred digests over SMTP, the start
// with a hundred thousand actions, and what it costs when nothing happens. The last three are the real program (CHASER,
// or beside this one), in a folder of its own.

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <vector>

#include "app/engine.h"
#include "app/files.h"
#include "app/pass.h"
#include "bench/bench.h"
#include "chase/decide.h"
#include "store/sqlite_store.h"
#include "support/smtp_peer.h"

namespace {

using namespace chaser;

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "bench_service: %s\n", why.c_str());
  std::exit(1);
}

/// A site with so many actions, all due on 31 December 2026, shared by a hundred owners.
class Site {
 public:
  Site(std::size_t actions, const std::string& rules, int port) {
    std::string name = (std::filesystem::temp_directory_path() / "chaser-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) give_up("no temporary folder");
    folder_ = name;
    std::string directory =
        "coordinator: boss\nsponsor: boss\nparties:\n  boss: { name: Boss, email: boss@county.example }\n";
    for (int i = 0; i < 100; ++i) {
      directory +=
          fmt::format("  owner{0}: {{ name: Owner {0}, email: owner{0}@county.example, superior: boss }}\n", i);
    }
    std::string plan = "ID\tAction\tLead\tTimescale\n";
    for (std::size_t i = 0; i < actions; ++i)
      plan += fmt::format("{0}\tPromise number {0}\tOwner {1}\t2026\n", i + 1, i % 100);
    write("directory.yaml", directory);
    write("plan.txt", plan);
    write("rules.yaml", rules);
    write("chaser.yaml", fmt::format("state_directory: state\n"
                                     "plans: [{{ id: bench, file: plan.txt }}]\n"
                                     "directory: directory.yaml\n"
                                     "rules: rules.yaml\n"
                                     "channels: {{ email: {{ type: smtp, host: 127.0.0.1, tls: none, port: {} }} }}\n"
                                     "mail: {{ from_address: chaser@county.example }}\n"
                                     "log: error\n",
                                     port));
  }
  ~Site() { std::filesystem::remove_all(folder_); }
  std::string file(const std::string& name) const { return (folder_ / name).string(); }

 private:
  void write(const std::string& name, const std::string& text) const { std::ofstream(file(name)) << text; }
  std::filesystem::path folder_;
};

std::string program;

pid_t start(const std::vector<std::string>& arguments, const std::string& notify_socket = "") {
  const pid_t child = ::fork();
  if (child < 0) give_up("cannot fork");
  if (child > 0) return child;
  const int null = ::open("/dev/null", O_WRONLY);
  ::dup2(null, STDOUT_FILENO);
  if (!notify_socket.empty()) ::setenv("NOTIFY_SOCKET", notify_socket.c_str(), 1);
  std::vector<char*> words{program.data()};
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  ::execv(program.c_str(), words.data());
  ::_exit(127);
}

struct Used {
  double seconds = 0;
  double cpu_seconds = 0;
  double peak_mebibytes = 0;
};

Used run(const std::vector<std::string>& arguments) {
  Used used;
  rusage usage{};
  used.seconds = bench::seconds([&] {
    int status = 0;
    if (::wait4(start(arguments), &status, 0, &usage) < 0 || status != 0) give_up("the program failed");
  });
  const auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  used.cpu_seconds = of(usage.ru_utime) + of(usage.ru_stime);
  used.peak_mebibytes = static_cast<double>(usage.ru_maxrss) / 1024;
  return used;
}

std::vector<std::string> pass_at(const Site& site, const char* now) {
  return {"run", "--config", site.file("chaser.yaml"), "--once", "--now", now};
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
  const Site site(actions, direct_rule, 25);
  documents::Problems problems;
  const app::FileReader reader = [](const std::string& path) { return app::read_file(path); };
  auto inputs = app::load_inputs({site.file("chaser.yaml"), std::nullopt, false, {}}, reader, problems);
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

void digests() {
  double best = 1e9;
  Used used;
  for (int i = 0; i < 3; ++i) {
    const test::SmtpPeer sink;
    const Site site(10'000, digest_rule, sink.port());
    run(pass_at(site, "2026-12-01T09:00:00Z"));
    const Used one = run(pass_at(site, "2027-01-08T09:00:00Z"));
    if (sink.count() != 100) give_up(fmt::format("{} digests came instead of 100", sink.count()));
    if (one.seconds < best) {
      best = one.seconds;
      used = one;
    }
  }
  bench::print("10,000 late actions to 100 digests by SMTP: whole program", used.seconds, "s");
  bench::print("10,000 late actions to 100 digests by SMTP: CPU", used.cpu_seconds, "s");
  bench::print("10,000 late actions to 100 digests by SMTP: peak memory", used.peak_mebibytes, "MiB");
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
void start_and_idle(std::size_t actions, unsigned idle_seconds) {
  const Site site(actions, direct_rule, 25);
  const Manager manager(site.file("notify"));
  const std::vector<std::string> arguments{"run", "--config", site.file("chaser.yaml")};
  pid_t service = start(arguments, manager.path());  // the first start imports the plan
  manager.wait_for("READY=1");
  ::kill(service, SIGTERM);
  ::waitpid(service, nullptr, 0);
  std::vector<double> times;
  for (int i = 0; i < 3; ++i) {
    times.push_back(bench::seconds([&] {
      service = start(arguments, manager.path());
      manager.wait_for("READY=1");
    }));
    if (i == 2) break;
    ::kill(service, SIGTERM);
    ::waitpid(service, nullptr, 0);
  }
  std::sort(times.begin(), times.end());
  bench::print(fmt::format("start to ready with {} actions", actions), times[1], "s");
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
  const char* const given = std::getenv("CHASER");
  program = given != nullptr ? given : (std::filesystem::path(argv[0]).parent_path().parent_path() / "chaser").string();
  if (wanted("record")) record();
  if (wanted("digests")) digests();
  if (wanted("idle")) start_and_idle(24, 60);
  if (wanted("start")) start_and_idle(100'000, 0);
  return 0;
}
