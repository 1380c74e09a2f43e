// Delivering by the real program (CHASER, or beside this one), durably, beside Postfix's smtp-source, which keeps no
// ledger, and Alertmanager, which keeps it after the fact; each pair to the same sink in the same run.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

#include "bench/bench.h"
#include "bench/program.h"
#include "store/sqlite_store.h"
#include "support/ports.h"
#include "support/smtp_peer.h"
#include "support/smtp_sink_peer.h"
#include "support/workflow_peer.h"

namespace {

using namespace chaser;
namespace fs = std::filesystem;

using bench::give_up;

/// This process, and what it starts meanwhile, on one core. Where there is one alone nothing changes.
class OnCore {
 public:
  explicit OnCore(int core) {
    ::sched_getaffinity(0, sizeof before_, &before_);
    if (CPU_COUNT(&before_) < 2) return;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(core, &one);
    ::sched_setaffinity(0, sizeof one, &one);
  }
  ~OnCore() { ::sched_setaffinity(0, sizeof before_, &before_); }
  OnCore(const OnCore&) = delete;
  OnCore& operator=(const OnCore&) = delete;

 private:
  cpu_set_t before_;
};

/// Another program than Chaser; what it says is not heard.
pid_t start(const std::vector<std::string>& words) {
  const pid_t child = ::fork();
  if (child < 0) give_up("cannot fork");
  if (child > 0) return child;
  const int null = ::open("/dev/null", O_RDWR);
  ::dup2(null, STDOUT_FILENO);
  ::dup2(null, STDERR_FILENO);
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

double seconds_of(const std::vector<std::string>& words) {
  return bench::seconds([&] {
    int status = 0;
    if (::waitpid(start(words), &status, 0) < 0 || status != 0) give_up(words[0] + " failed");
  });
}

void end(pid_t child) {
  ::kill(child, SIGTERM);
  ::waitpid(child, nullptr, 0);
}

void wait_for_port(int port) {
  for (int tries = 0; tries < 600 && !test::accepts(port); ++tries) ::poll(nullptr, 0, 50);
}

/// A site with so many leads, each with so many promises due on 4 January 2027, each of which has a rule and so a
/// message of its own on that day.
class Leads {
 public:
  Leads(const bench::Program& program, std::size_t leads, const std::string& channels, const std::string& contact,
        int promises = 1)
      : program_(program) {
    std::string name = (fs::temp_directory_path() / "chaser-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) give_up("no temporary folder");
    folder_ = name;
    std::string directory = "parties:\n";
    std::string plan = "ID\tAction\tLead\tTimescale\n";
    for (std::size_t i = 0; i < leads; ++i) {
      directory += fmt::format("  lead{0}: {{ name: Lead {0}, {1} }}\n", i, fmt::format(fmt::runtime(contact), i));
      for (int number = 1; number <= promises; ++number) {
        plan += fmt::format("{0}.{1}\tPromise number {0}.{1}\tlead{2}\t4 January 2027\n", number, i + 1, i);
      }
    }
    write("directory.yaml", directory);
    write("plan.txt", plan);
    std::string book = "version: 1\nlimit: { people: 1000000 }\nrules:\n";
    for (int number = 1; number <= promises; ++number) {
      book += fmt::format(
          "  - rule: due-{0}\n    when: action.id.startsWith(\"{0}.\")\n    anchor: due\n"
          "    steps: [{{ step: due, at: 0d, to: leads, via: [email, teams] }}]\n",
          number);
    }
    write("rules.yaml", book);
    write("chaser.yaml", fmt::format("state_directory: state\nplans: [{{ id: bench, file: plan.txt }}]\n"
                                     "directory: directory.yaml\nrules: rules.yaml\nchannels: {{ {} }}\n"
                                     "mail: {{ from_address: chaser@county.example }}\nlog: error\n",
                                     channels));
  }
  ~Leads() { fs::remove_all(folder_); }
  std::string file(const std::string& name) const { return (folder_ / name).string(); }
  void write(const std::string& name, const std::string& text) const { std::ofstream(folder_ / name) << text; }

  bench::Used pass(const char* now) const {
    return program_.run({"run", "--config", file("chaser.yaml"), "--once", "--now", now});
  }
  /// The pass that sends everything; the one before it only imports.
  bench::Used deliver() const {
    pass("2026-12-01T09:00:00Z");
    return pass("2027-01-04T09:00:00Z");
  }
  std::size_t bytes_of_a_message() const {
    const auto store = store::open_sqlite(file("state"), {store::OpenMode::read_only, false});
    const auto messages = store->outbox(1, false);
    return messages.empty() ? 0 : messages[0].bytes.size();
  }
  std::size_t accepted() const {
    const auto store = store::open_sqlite(file("state"), {store::OpenMode::read_only, false});
    const auto messages = store->outbox(1'000'000, false);
    return static_cast<std::size_t>(std::count_if(
        messages.begin(), messages.end(),
        [](const store::OutboxMessage& message) { return message.state == store::MessageState::accepted; }));
  }

 private:
  const bench::Program& program_;
  fs::path folder_;
};

std::string smtp(int port, int sessions) {
  return fmt::format("email: {{ type: smtp, host: 127.0.0.1, tls: none, port: {}, sessions: {} }}", port, sessions);
}

/// Seconds that smtp-source took by one session, in order: smallest first.
std::vector<double> by_smtp_source(int port, std::size_t messages, std::size_t size, int times) {
  std::vector<double> all;
  for (int i = 0; i < times; ++i) {
    all.push_back(seconds_of({"/usr/sbin/smtp-source", "-d", "-s", "1", "-m", std::to_string(messages), "-l",
                              std::to_string(size), "-f", "chaser@county.example", "-t", "lead@county.example",
                              fmt::format("127.0.0.1:{}", port)}));
  }
  std::sort(all.begin(), all.end());
  return all;
}

/// Who sends has a core and the relay another, for both senders, as if the relay were the other machine that it is:
/// where both ends share a core smtp-source is ten times as fast, for then nobody has to be woken, and left alone it
/// is now the one, now the other.
void beside_smtp_source(const bench::Program& program, std::size_t messages) {
  const auto sink = [&] {
    const OnCore its_own(0);
    return std::make_unique<test::SmtpSinkPeer>();
  }();
  const Leads site(program, messages, smtp(sink->port(), 4), "email: lead{}@county.example");
  const auto rate = [&](double seconds) { return static_cast<double>(messages) / seconds; };
  std::size_t size = 0;
  {
    const OnCore the_other(1);
    const bench::Used used = site.deliver();
    if (site.accepted() != messages) give_up("not all mails were accepted");
    size = site.bytes_of_a_message();
    const std::vector<double> source = by_smtp_source(sink->port(), messages, size, 5);
    bench::print(fmt::format("{} mails of {} bytes, durable, whole program", messages, size), rate(used.seconds),
                 "messages/s");
    bench::print("the same by smtp-source, one session, no ledger", rate(source[2]), "messages/s");
    bench::print("of smtp-source's rate (bar: 0.25)", source[2] / used.seconds, "");
  }
  const std::vector<double> left_alone = by_smtp_source(sink->port(), messages, size, 5);
  bench::print("smtp-source where the system places it, slowest of five", rate(left_alone.back()), "messages/s");
  bench::print("smtp-source where the system places it, fastest of five", rate(left_alone.front()), "messages/s");
}

/// Debian's Alertmanager with one receiver, which gets each alert by itself and at once.
class Alertmanager {
 public:
  explicit Alertmanager(const std::string& receiver) : port_(test::free_port()) {
    std::string name = (fs::temp_directory_path() / "chaser-alertmanager-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) give_up("no temporary folder");
    folder_ = name;
    std::ofstream(folder_ / "a.yml") << "route: { receiver: one, group_by: ['...'], group_wait: 0s, group_interval: 1h,"
                                        " repeat_interval: 1h }\nreceivers:\n  - name: one\n    "
                                     << receiver << "\n";
    child_ = start({"/usr/bin/prometheus-alertmanager", "--config.file=" + (folder_ / "a.yml").string(),
                    "--storage.path=" + (folder_ / "data").string(),
                    fmt::format("--web.listen-address=127.0.0.1:{}", port_), "--cluster.listen-address="});
    wait_for_port(port_);
  }
  ~Alertmanager() {
    end(child_);
    fs::remove_all(folder_);
  }

  /// Alerts as Prometheus hands them over: 64 a request, one request after another on one connection.
  void write_alerts(std::size_t count) const {
    constexpr std::size_t batch = 64;
    std::string requests;
    for (std::size_t first = 0; first < count; first += batch) {
      std::string body = "[";
      for (std::size_t i = first; i < std::min(first + batch, count); ++i) {
        body += fmt::format("{}{{\"labels\":{{\"alertname\":\"Promise number {} is due\",\"lead\":\"lead{}\"}}}}",
                            i == first ? "" : ",", i, i);
      }
      const std::string file = (folder_ / fmt::format("alerts{}.json", first)).string();
      std::ofstream(file) << body << "]";
      requests += fmt::format(
          "{}url = \"http://127.0.0.1:{}/api/v2/alerts\"\nheader = \"Content-Type: application/json\"\n"
          "data-binary = \"@{}\"\nsilent\nfail\n",
          first == 0 ? "" : "next\n", port_, file);
    }
    std::ofstream(folder_ / "curl") << requests;
  }
  void post_alerts() const { seconds_of({"/usr/bin/curl", "-K", (folder_ / "curl").string()}); }

  double peak_mebibytes() const {
    std::ifstream in(fmt::format("/proc/{}/status", child_));
    for (std::string line; std::getline(in, line);) {
      if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
    }
    return 0;
  }

 private:
  int port_;
  fs::path folder_;
  pid_t child_ = -1;
};

template <typename Arrived>
bench::Used by_alertmanager(const std::string& receiver, std::size_t messages, const Arrived& arrived) {
  const Alertmanager manager(receiver);
  manager.write_alerts(messages);
  bench::Used used;
  used.seconds = bench::seconds([&] {
    manager.post_alerts();
    for (int tries = 0; arrived() < messages && tries < 12'000; ++tries) ::poll(nullptr, 0, 10);
  });
  if (arrived() < messages) give_up(fmt::format("Alertmanager delivered {} of {}", arrived(), messages));
  used.peak_mebibytes = manager.peak_mebibytes();
  return used;
}

void compare(const std::string& what, const bench::Used& chaser, const bench::Used& other) {
  bench::print(what + ": Chaser, whole program, durable", chaser.seconds, "s");
  bench::print(what + ": Chaser, peak memory", chaser.peak_mebibytes, "MiB");
  bench::print(what + ": Alertmanager", other.seconds, "s");
  bench::print(what + ": Alertmanager, peak memory", other.peak_mebibytes, "MiB");
  bench::print(what + ": of Alertmanager's time (bar: 1)", chaser.seconds / other.seconds, "");
  bench::print(what + ": of Alertmanager's memory (bar: 1)", chaser.peak_mebibytes / other.peak_mebibytes, "");
}

void mails_beside_alertmanager(const bench::Program& program, std::size_t messages) {
  test::SmtpPeer sink;
  const Leads site(program, messages, smtp(sink.port(), 4), "email: lead{}@county.example");
  const bench::Used chaser = site.deliver();
  if (sink.count() != messages) give_up("not all mails arrived");
  const bench::Used other = by_alertmanager(
      fmt::format("email_configs: [{{ to: lead@county.example, from: chaser@county.example, smarthost: '127.0.0.1:{}',"
                  " require_tls: false }}]",
                  sink.port()),
      messages, [&] { return sink.count() - messages; });
  compare(fmt::format("{} mails", messages), chaser, other);
}

void webhooks_beside_alertmanager(const bench::Program& program, std::size_t messages) {
  const test::WorkflowPeer sink;
  const Leads site(program, messages,
                   "teams: { type: workflows, allow_http_loopback: true, sessions: 64, rate: { burst: 0 }, channels: {"
                   " tickets: { url_file: url, form: json } } }",
                   "teams: tickets");
  site.write("url", sink.url());
  const bench::Used chaser = site.deliver();
  if (sink.count() != messages) give_up("not all posts arrived");
  const bench::Used other = by_alertmanager(fmt::format("webhook_configs: [{{ url: '{}' }}]", sink.url()), messages,
                                            [&] { return sink.count() - messages; });
  compare(fmt::format("{} webhooks", messages), chaser, other);
}

/// The growth of the peak from so many messages to ten times as many, each lead's own data included.
void memory(const bench::Program& program, std::size_t messages) {
  constexpr int promises = 4;  // a directory file holds some 30,000 people
  const std::size_t counts[2] = {messages, 10 * messages};
  for (const std::size_t count : counts) {
    const test::SmtpSinkPeer sink;
    const Leads site(program, count / promises, smtp(sink.port(), 4), "email: lead{}@county.example", promises);
    site.pass("2026-12-01T09:00:00Z");
    const double before =
        site.pass("2026-12-02T09:00:00Z").peak_mebibytes;  // nothing is sent: what the site itself takes
    const double peak = site.pass("2027-01-04T09:00:00Z").peak_mebibytes;
    if (site.accepted() != count) give_up("not all mails were accepted");
    bench::print(fmt::format("memory that sending {} mails took beyond loading the site", count), peak - before, "MiB");
    bench::print(fmt::format("the whole program's peak while it sent {} mails", count), peak, "MiB");
  }
}

}  // namespace

/// Those named, or all but `memory`, which takes minutes; each in a process of its own: the peak that the kernel
/// tells of a program is at least that of the process which started it.
int main(int argc, char** argv) {
  using Part = void (*)(const bench::Program&, std::size_t);
  constexpr std::pair<std::string_view, Part> parts[] = {{"source", beside_smtp_source},
                                                         {"mails", mails_beside_alertmanager},
                                                         {"webhooks", webhooks_beside_alertmanager},
                                                         {"memory", memory}};
  const std::vector<std::string> named(argv + 1, argv + argc);
  const bench::Program program(argv[0]);
  const char* const count = std::getenv("CHASER_BENCH_MESSAGES");
  const std::size_t messages = count != nullptr ? std::stoul(count) : 10'000;
  for (const auto& [name, part] : parts) {
    const bool is_named = std::find(named.begin(), named.end(), name) != named.end();
    if (!is_named && (!named.empty() || name == "memory")) continue;
    const pid_t child = ::fork();
    if (child < 0) give_up("cannot fork");
    if (child == 0) {
      part(program, messages);
      return 0;
    }
    int status = 0;
    if (::waitpid(child, &status, 0) < 0 || status != 0) give_up(std::string(name) + " failed");
  }
  return 0;
}
