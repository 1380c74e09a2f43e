#pragma once

#include "web/listener.h"
#include "web/rate_limiter.h"
#include "web/router.h"
#include "web/site.h"

namespace chaser::web {

/// The public side: what the links in messages lead to. No accounts and no cookies: a link's token is the only
/// authority, so there is nothing that another site could ride on. GET and HEAD show and change nothing; POST acts.
/// Source: research/delivery.md §D.
class Answers : public Front {
 public:
  Answers(Site& site, int threads);

  Site& site() const { return site_; }
  Router& router() { return router_; }
  /// A page for everybody: no navigation, nothing that a link does not say.
  Response page(std::string_view title, std::string content, int status = 200) const;
  Response error(int status, std::string_view said = "") const;

  std::optional<Response> refuse(const Request& head, std::uint64_t body) override;
  Response answer(Request request) override;
  Response explain(int status) override;
  std::uint64_t body_max() const override { return 512 * 1024; }
  int threads() const override { return threads_; }

 private:
  Site& site_;
  const int threads_;
  RateLimiter reading_{{60, absl::Seconds(1)}};  // of one client
  RateLimiter acting_{{20, absl::Seconds(6)}};   // of one client, and of one link
  Router router_;
};

/// /calendar/TOKEN.ics, in page_feed.cpp.
void add_feeds(Answers& answers);

}  // namespace chaser::web
