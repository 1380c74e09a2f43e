#include "simulation/many.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <limits>
#include <stdexcept>
#include <thread>
#include <vector>

namespace chaser::simulation {

NLOHMANN_JSON_SERIALIZE_ENUM(Mood, {{Mood::calm, "calm"}, {Mood::wild, "wild"}})
// The scenario goes into a file of its own.
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Report, seed, mood, violations, plan_years, crashes, failed_commits, commits,
                                   notifications, arrivals, lost, phantom, duplicates, duplicates_bound, answers,
                                   changes, head)

namespace {

/// A number that all processes see: the lowest seed that broke a promise.
class FirstBroken {
 public:
  FirstBroken() {
    void* const page =
        ::mmap(nullptr, sizeof(std::atomic<std::uint64_t>), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) throw std::runtime_error("no memory to share");
    seed_ = new (page) std::atomic<std::uint64_t>(std::numeric_limits<std::uint64_t>::max());
  }
  ~FirstBroken() { ::munmap(seed_, sizeof(std::atomic<std::uint64_t>)); }
  FirstBroken(const FirstBroken&) = delete;
  FirstBroken& operator=(const FirstBroken&) = delete;

  void found(std::uint64_t seed) {
    std::uint64_t known = seed_->load();
    while (seed < known && !seed_->compare_exchange_weak(known, seed)) {
    }
  }
  bool is_below(std::uint64_t seed) const { return seed_->load() < seed; }

 private:
  std::atomic<std::uint64_t>* seed_;
};

struct Worker {
  pid_t process = -1;
  int pipe = -1;
  std::uint64_t share = 0;  // its first seed, counted from the first of all
  std::uint64_t lived = 0;
  bool ended = false;  // by its own word
  std::string read;
};

void write_all(int pipe, std::string_view text) {
  while (!text.empty()) {
    const ssize_t wrote = ::write(pipe, text.data(), text.size());
    if (wrote <= 0) ::_exit(1);
    text.remove_prefix(static_cast<std::size_t>(wrote));
  }
}

/// One process's share of the seeds; a line of JSON for each.
void work(const Many& many, std::uint64_t share, FirstBroken& broken, int pipe) {
  for (std::uint64_t n = share; n < many.count; n += static_cast<std::uint64_t>(many.jobs)) {
    const std::uint64_t seed = many.from + n * many.step;
    if (many.until_broken && broken.is_below(seed)) break;
    const Report report = simulate(seed);
    if (!report.violations.empty()) broken.found(seed);
    if (!many.scenarios.empty() && !report.scenario.is_null()) {
      std::ofstream(fmt::format("{}/{}.json", many.scenarios, seed)) << report.scenario.dump(1) << "\n";
    }
    write_all(pipe, json(report).dump() + "\n");
  }
  write_all(pipe, "\n");  // lived to the end
}

Worker begin(const Many& many, std::uint64_t share, FirstBroken& broken, const std::vector<Worker>& others) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  const pid_t process = ::fork();
  if (process < 0) throw std::runtime_error("no process");
  if (process == 0) {
    ::close(ends[0]);
    for (const Worker& other : others) ::close(other.pipe);
    try {
      work(many, share, broken, ends[1]);
    } catch (...) {
      ::_exit(1);  // seen by the missing last line
    }
    ::_exit(0);
  }
  ::close(ends[1]);
  Worker worker;
  worker.process = process;
  worker.pipe = ends[0];
  worker.share = share;
  return worker;
}

/// What one process says, until it ends. The whole lines are taken.
class Listener {
 public:
  Listener(const Many& many, const std::function<void(const Report&)>& visit) : many_(many), visit_(visit) {}

  void hear(Worker& worker) {
    char buffer[65536];
    const ssize_t got = ::read(worker.pipe, buffer, sizeof buffer);
    if (got <= 0) return leave(worker);
    worker.read.append(buffer, static_cast<std::size_t>(got));
    for (std::size_t end = worker.read.find('\n'); end != std::string::npos; end = worker.read.find('\n')) {
      if (end == 0) {
        worker.ended = true;
      } else {
        ++worker.lived;
        take(json::parse(worker.read.substr(0, end)).get<Report>());
      }
      worker.read.erase(0, end + 1);
    }
  }
  const Totals& totals() const { return totals_; }

 private:
  void take(const Report& report) {
    totals_.add(report);
    if (visit_) visit_(report);
  }
  /// A process that ends without its last line died of the seed that it lived: a broken assertion, most often.
  void leave(Worker& worker) {
    ::close(worker.pipe);
    worker.pipe = -1;
    int status = 0;
    ::waitpid(worker.process, &status, 0);
    if (worker.ended) return;
    Report died;
    died.seed = many_.from + (worker.share + worker.lived * static_cast<std::uint64_t>(many_.jobs)) * many_.step;
    died.mood = mood_of(died.seed);
    died.violations.push_back(fmt::format("the process died of it, status {}; its later seeds are not lived", status));
    take(died);
  }

  const Many& many_;
  const std::function<void(const Report&)>& visit_;
  Totals totals_;
};

}  // namespace

int jobs_of_machine() {
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

Totals live_many(const Many& many, const std::function<void(const Report&)>& visit) {
  FirstBroken broken;
  std::vector<Worker> workers;
  for (int i = 0; i < many.jobs; ++i) {
    workers.push_back(begin(many, static_cast<std::uint64_t>(i), broken, workers));
  }
  Listener listener(many, visit);
  while (true) {
    std::vector<pollfd> waits;
    for (const Worker& worker : workers) {
      if (worker.pipe >= 0) waits.push_back({worker.pipe, POLLIN, 0});
    }
    if (waits.empty()) return listener.totals();
    if (::poll(waits.data(), waits.size(), -1) < 0) continue;
    for (Worker& worker : workers) {
      const bool has_news = std::any_of(
          waits.begin(), waits.end(), [&](const pollfd& wait) { return wait.fd == worker.pipe && wait.revents != 0; });
      if (has_news) listener.hear(worker);
    }
  }
}

}  // namespace chaser::simulation
