#include "web/kept_pages.h"

namespace chaser::web {

namespace {

std::size_t size_of(const std::string& key, const Response& response) {
  return key.size() + response.body.size();
}

}  // namespace

bool KeptPages::is_good(const Page& page) const {
  const absl::Duration age = site_.now() - page.made;
  return page.doings == site_.doings() && age >= absl::ZeroDuration() && age <= site_.settings().pages_kept;
}

Response KeptPages::answer(const std::string& key, const std::function<Response()>& make) {
  if (site_.settings().pages_kept == absl::ZeroDuration()) return make();
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto found = pages_.find(key);
    if (found == pages_.end()) break;
    if (found->second.response == nullptr) {
      changed_.wait(lock);
      continue;
    }
    if (!is_good(found->second)) {
      bytes_ -= size_of(key, *found->second.response);
      pages_.erase(found);
      break;
    }
    const auto response = found->second.response;
    lock.unlock();
    return *response;
  }
  const Instant made = site_.now();
  const std::uint64_t doings = site_.doings();
  pages_[key];
  lock.unlock();
  std::shared_ptr<const Response> response;
  try {
    response = std::make_shared<const Response>(make());
  } catch (...) {  // whoever waits makes it for themselves
    lock.lock();
    pages_.erase(key);
    changed_.notify_all();
    throw;
  }
  lock.lock();
  keep(key, response, made, doings);
  lock.unlock();
  return *response;
}

void KeptPages::keep(const std::string& key, std::shared_ptr<const Response> response, Instant made,
                     std::uint64_t doings) {
  pages_.erase(key);
  changed_.notify_all();
  const std::size_t bytes = size_of(key, *response);
  if (response->status != 200 || response->stream || response->take_over || bytes > page_bytes_max) return;
  if (pages_.size() >= pages_max || bytes_ + bytes > bytes_max) sweep_locked();
  if (pages_.size() >= pages_max || bytes_ + bytes > bytes_max) return;
  pages_[key] = {std::move(response), made, doings};
  bytes_ += bytes;
}

void KeptPages::sweep() {
  const std::lock_guard lock(mutex_);
  sweep_locked();
}

void KeptPages::sweep_locked() {
  for (auto page = pages_.begin(); page != pages_.end();) {
    const auto& response = page->second.response;
    if (response == nullptr || is_good(page->second)) {
      ++page;
      continue;
    }
    bytes_ -= size_of(page->first, *response);
    page = pages_.erase(page);
  }
}

}  // namespace chaser::web
