#include "web/site.h"

#include <algorithm>
#include <condition_variable>
#include <exception>

#include "store/sqlite_store.h"

namespace chaser::web {

/// One piece of work on its way to the loop and back.
struct Site::Waiting {
  enum class Stage : std::uint8_t { waits, runs, ended, called_off };
  std::mutex mutex;
  std::condition_variable changed;
  Stage stage = Stage::waits;
  std::exception_ptr failure;

  bool begin() {
    const std::lock_guard lock(mutex);
    if (stage != Stage::waits) return false;
    stage = Stage::runs;
    return true;
  }
  void end(std::exception_ptr thrown) {
    const std::lock_guard lock(mutex);
    failure = std::move(thrown);
    stage = Stage::ended;
    changed.notify_all();
  }
  void call_off() {
    const std::lock_guard lock(mutex);
    if (stage == Stage::waits) stage = Stage::called_off;
    changed.notify_all();
  }
};

Site::Site(SiteSettings settings, Doors doors, std::shared_ptr<const chase::World> world)
    : settings_(std::move(settings)), doors_(std::move(doors)), world_(std::move(world)) {}

Site::~Site() = default;

std::shared_ptr<const chase::World> Site::world() const {
  const std::lock_guard lock(mutex_);
  return world_;
}

void Site::set_world(std::shared_ptr<const chase::World> world) {
  const std::lock_guard lock(mutex_);
  world_ = std::move(world);
  ++doings_;
}

bool Site::is_ready() const {
  const std::lock_guard lock(mutex_);
  return ready_;
}

void Site::set_ready(bool ready) {
  const std::lock_guard lock(mutex_);
  ready_ = ready;
}

Site::Reader Site::reader() {
  {
    const std::lock_guard lock(mutex_);
    if (!readers_.empty()) {
      auto store = std::move(readers_.back());
      readers_.pop_back();
      return Reader(*this, std::move(store));
    }
  }
  return Reader(*this, store::open_sqlite(settings_.state_directory, {store::OpenMode::read_only, false}));
}

void Site::give_back(std::unique_ptr<store::Store> store) {
  const std::lock_guard lock(mutex_);
  if (readers_.size() < readers_max) readers_.push_back(std::move(store));
}

void Site::on_loop(Work work) const {
  const auto waiting = std::make_shared<Waiting>();
  {
    const std::lock_guard lock(mutex_);
    if (closed_) throw Busy();
    std::erase_if(waiting_, [](const auto& other) { return other.expired(); });
    waiting_.push_back(waiting);
  }
  doors_.post([waiting, work = std::move(work)](store::Store& store, const chase::World& world, Instant now) {
    if (!waiting->begin()) return;
    std::exception_ptr failure;
    try {
      work(store, world, now);
    } catch (...) {  // carried to the thread that asked
      failure = std::current_exception();
    }
    waiting->end(failure);
  });
  std::unique_lock lock(waiting->mutex);
  const auto has_moved = [&] { return waiting->stage != Waiting::Stage::waits; };
  waiting->changed.wait_for(lock, absl::ToChronoMilliseconds(loop_patience), has_moved);
  if (waiting->stage == Waiting::Stage::waits) waiting->stage = Waiting::Stage::called_off;
  // What has begun ends: its own waits for the database are bounded.
  waiting->changed.wait(lock, [&] { return waiting->stage != Waiting::Stage::runs; });
  ++doings_;
  if (waiting->stage == Waiting::Stage::called_off) throw Busy();
  if (waiting->failure) std::rethrow_exception(waiting->failure);
}

void Site::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  for (const auto& each : waiting_) {
    if (const auto waiting = each.lock()) waiting->call_off();
  }
}

}  // namespace chaser::web
