#include "support/scripted_site.h"

#include <future>
#include <stdexcept>

#include "app/files.h"
#include "app/service.h"
#include "app/web_doors.h"
#include "store/sqlite_store.h"

namespace chaser::test {

namespace {

const app::FileReader from_disk = [](const std::string& path) { return app::read_file(path); };

app::Inputs inputs_of(const std::string& config, const std::string& state) {
  documents::Problems problems;
  auto inputs = app::load_inputs({config, state, true, {}}, from_disk, problems);
  std::string told;
  for (const documents::Problem& problem : problems.sorted()) {
    if (problem.severity == documents::Severity::error) told += documents::describe(problem) + "\n";
  }
  if (!inputs || !told.empty()) throw std::runtime_error(told);
  return *std::move(inputs);
}

}  // namespace

ScriptedSite::ScriptedSite(const std::string& config, const std::string& state, calendar::Instant at)
    : clock_(at), log_(app::LogLevel::error) {
  app::Inputs inputs = inputs_of(config, state);
  auto store = store::open_sqlite(state, {store::OpenMode::write, true});
  engine_ = std::make_unique<app::Engine>(std::move(inputs), std::move(store), from_disk);
  documents::Problems problems;
  engine_->start(at, problems);
  if (problems.has_errors()) throw std::runtime_error("the plan has errors");
  thread_ = std::thread([this] { loop(); });
  web::Doors doors = app::web_doors(
      *engine_, [this] { return now(); }, [this](std::function<void()> work) { post(std::move(work)); },
      [this] { pass(); });
  web::ServerSettings settings = app::web_settings(engine_->inputs().settings);
  settings.site.pages_kept = absl::ZeroDuration();  // its clock stands still: nothing would ever be old
  server_ = std::make_unique<web::Server>(std::move(settings), std::move(doors), engine_->shared_world());
  go_to(at);
  server_->set_ready(true);
}

ScriptedSite::~ScriptedSite() {
  server_.reset();
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

calendar::Instant ScriptedSite::now() {
  const std::lock_guard lock(mutex_);
  return clock_.now();
}

void ScriptedSite::post(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  posted_.push_back(std::move(work));
  changed_.notify_all();
}

void ScriptedSite::loop() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return ending_ || !posted_.empty(); });
    if (ending_) return;
    const std::function<void()> work = std::move(posted_.front());
    posted_.pop_front();
    lock.unlock();
    work();
    lock.lock();
  }
}

void ScriptedSite::on_loop(const std::function<void(app::Engine&)>& work) {
  std::promise<void> done;
  post([&] {
    try {
      work(*engine_);
      done.set_value();
    } catch (...) {  // for whoever waits
      done.set_exception(std::current_exception());
    }
  });
  done.get_future().get();
}

std::size_t ScriptedSite::pass() {
  const app::Clock clock(now());
  app::Service service(*engine_, clock, log_, [](const app::Inputs&, documents::Problems&) { return app::Reloaded{}; });
  const std::size_t messages = service.once().messages;
  server_->note_change();
  return messages;
}

std::size_t ScriptedSite::go_to(calendar::Instant at) {
  std::size_t messages = 0;
  on_loop([&](app::Engine&) {
    {
      const std::lock_guard lock(mutex_);
      clock_ = app::Clock(at);
    }
    messages = pass();
  });
  return messages;
}

std::size_t ScriptedSite::go_until(calendar::Instant at) {
  std::size_t messages = 0;
  for (;;) {
    std::optional<calendar::Instant> next;
    on_loop([&](app::Engine& engine) {
      for (const auto& each :
           {engine.store().next_look(), engine.store().next_compose(), engine.store().next_retry()}) {
        if (each && (!next || *each < *next)) next = each;
      }
    });
    // What is due at this very instant has been done, or waits for something else.
    if (!next || *next >= at || *next <= now()) break;
    messages += go_to(*next);
  }
  return messages + go_to(at);
}

}  // namespace chaser::test
