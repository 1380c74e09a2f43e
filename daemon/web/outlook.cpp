#include "web/outlook.h"

#include <algorithm>

namespace chaser::web {
Outlook::Outlook(Site& site) : site_(site), thread_([this] { work(); }) {}

Outlook::~Outlook() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

std::shared_ptr<const Ahead> Outlook::latest() {
  std::unique_lock lock(mutex_);
  const absl::Duration age = latest_ ? site_.now() - latest_->as_of : absl::InfiniteDuration();
  const bool is_costly = latest_ && latest_->took > quick_max;
  const bool rests = is_costly && age >= absl::ZeroDuration() && age < rest * latest_->took;
  if (!rests && (!latest_ || old_ || age > age_max)) {
    wanted_ = true;
    changed_.notify_all();
  }
  if (!latest_ || (old_ && !is_costly)) {
    changed_.wait_for(lock, absl::ToChronoMilliseconds(first_patience), [&] { return (latest_ && !old_) || ending_; });
  }
  return latest_;
}

void Outlook::outdated() {
  const std::lock_guard lock(mutex_);
  old_ = true;
}

void Outlook::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return wanted_ || ending_; });
    if (ending_) return;
    wanted_ = false;
    old_ = false;
    lock.unlock();
    std::shared_ptr<const Ahead> played;
    try {
      played = play();
    } catch (const std::exception&) {
      // The store cannot be read just now: pages go on with what there is, and the next to ask tries again.
    }
    lock.lock();
    if (played) latest_ = std::move(played);
    changed_.notify_all();
  }
}

std::shared_ptr<const Ahead> Outlook::play() const {
  auto ahead = std::make_shared<Ahead>();
  ahead->world = site_.world();
  ahead->as_of = site_.now();
  const Instant until = ahead->as_of + absl::Hours(24 * Ahead::days);
  chase::Rehearsal rehearsal(*ahead->world, ahead->as_of);
  {
    const Site::Reader store = site_.reader();
    rehearsal.set_brakes(site_.doors().brakes(*store, *ahead->world, ahead->as_of));
    store->each_action(*ahead->world, [&](store::LoadedAction&& action) { rehearsal.add(std::move(action.state)); });
  }
  while (rehearsal.tellings().size() <= Ahead::tellings_max) {
    const auto next = rehearsal.next_event();
    if (!next || *next > until) break;
    rehearsal.run_until(std::max(*next, rehearsal.now()));
  }
  ahead->took = site_.now() - ahead->as_of;
  ahead->tellings = rehearsal.tellings();
  ahead->cut = ahead->tellings.size() > Ahead::tellings_max;
  if (ahead->cut) ahead->tellings.resize(Ahead::tellings_max);
  return ahead;
}

}  // namespace chaser::web
