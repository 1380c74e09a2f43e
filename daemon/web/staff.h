#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "web/access.h"
#include "web/event_feed.h"
#include "web/kept_pages.h"
#include "web/listener.h"
#include "web/outlook.h"
#include "web/rate_limiter.h"
#include "web/router.h"
#include "web/site.h"
#include "web/view.h"

namespace chaser::web {

/// The staff's side: who asks is found out, what their role may not do is refused, the rest is answered by the page or
/// call that the router finds.
class Staff : public Front {
 public:
  /// `on_socket`: the listener is a Unix socket, on which alone the proxy's word for who asks counts.
  Staff(Site& site, Outlook& outlook, int threads, bool on_socket);

  Site& site() const { return site_; }
  Outlook& outlook() const { return outlook_; }
  Sessions& sessions() { return sessions_; }
  RateLimiter& sign_in_limit() { return sign_in_limit_; }
  Router& router() { return router_; }
  EventFeed& events() { return events_; }
  KeptPages& kept_pages() { return kept_pages_; }
  /// What takes long is done for one at a time; who does not get the lock is told to come back.
  std::mutex& long_work() { return long_work_; }

  /// A page of the staff's: `content` within the frame that all have. `nav` is the entry that is lit, such as "today".
  std::string framed(const Principal& who, std::string_view title, std::string_view nav, std::string content) const;
  Response page(const Principal& who, std::string_view title, std::string_view nav, std::string content) const {
    return {200, "text/html; charset=utf-8", framed(who, title, nav, std::move(content))};
  }
  /// A designed page for a refusal or a failure; `said` adds to what the status says anyway.
  Response error(const Principal& who, int status, std::string_view said = "") const;
  /// Runs work on the loop; afterwards what was played ahead is outdated.
  void change(Work work) const;

  std::optional<Response> refuse(const Request& head, std::uint64_t body) override;
  Response answer(Request request) override;
  Response explain(int status) override;
  std::uint64_t body_max() const override;
  int threads() const override { return threads_; }

 private:
  Principal principal(const Request& request);
  std::optional<Principal> by_token(const Request& request);
  std::optional<Principal> by_session(const Request& request);
  std::optional<Principal> by_proxy(const Request& request);
  Response refused(const Request& request, const Principal& who, const Route& route) const;
  Response kept(const Request& request, const Principal& who, const Route& route);
  /// An error as who asked can read it: a page, or problem details below /api/.
  Response failure(const Request& request, const Principal& who, int status, std::string_view said = "") const;

  Site& site_;
  Outlook& outlook_;
  const int threads_;
  const bool on_socket_;
  const std::string csrf_key_;
  Sessions sessions_;
  RateLimiter sign_in_limit_{{10, absl::Seconds(30)}};
  Router router_;
  EventFeed events_;
  KeptPages kept_pages_;
  std::mutex long_work_;
};

/// The one style sheet, for both sides, and its address, which says which it is: a browser that keeps one asks for
/// another after an upgrade.
Response style_sheet();
const std::string& style_address();

/// The pages, each in a file of its own. `staff` outlives its router.
void add_health(Staff& staff);
void add_metrics(Staff& staff);
void add_api(Staff& staff);
void add_sign_in(Staff& staff);
void add_today(Staff& staff);
void add_plan(Staff& staff);
void add_action(Staff& staff);
void add_upcoming(Staff& staff);
void add_decisions(Staff& staff);
void add_deliveries(Staff& staff);
void add_people(Staff& staff);
void add_rules(Staff& staff);
void add_import(Staff& staff);
void add_report(Staff& staff);

/// A message's bytes without what would let their reader answer for its recipient.
std::string without_links(std::string text);

}  // namespace chaser::web
