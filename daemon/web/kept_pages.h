#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "web/exchange.h"
#include "web/site.h"

namespace chaser::web {

/// What was answered a moment ago, for whoever asks the same next: however many look at once, a page is made once in
/// `SiteSettings::pages_kept`. It is never older than what somebody did through pages, API or links, and at most that
/// much behind what the service does by itself. Bounded in pages and bytes. Thread-safe.
class KeptPages {
 public:
  explicit KeptPages(const Site& site) : site_(site) {}

  /// The answer that `key` has, or else what `make` makes; others who want the same wait for it. `key` says who asks
  /// and for what. What is no 200, or is very long, is not kept.
  Response answer(const std::string& key, const std::function<Response()>& make);
  /// Lets go of what is too old to be shown.
  void sweep();

  static constexpr std::size_t pages_max = 200;
  static constexpr std::size_t page_bytes_max = 2u << 20;
  static constexpr std::size_t bytes_max = 8u << 20;

 private:
  struct Page {
    std::shared_ptr<const Response> response;  // none: it is being made
    Instant made;
    std::uint64_t doings = 0;  // Site::doings() when its making began
  };
  bool is_good(const Page& page) const;
  void keep(const std::string& key, std::shared_ptr<const Response> response, Instant made, std::uint64_t doings);
  void sweep_locked();

  const Site& site_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Page> pages_;
  std::size_t bytes_ = 0;
};

}  // namespace chaser::web
