#include <charconv>

#include "web/api.h"

namespace chaser::web {
namespace {

/// After which event a client goes on: what its last connection heard, what it asks for, or what there is now.
std::int64_t begin_of(const ApiRequest& request) {
  const std::string last = request.http.header("Last-Event-ID");
  std::int64_t after = 0;
  const auto [end, error] = std::from_chars(last.data(), last.data() + last.size(), after);
  if (!last.empty() && error == std::errc() && end == last.data() + last.size()) return after;
  if (const auto asked = request.number("after")) return *asked;
  const Site::Reader store = request.site().reader();
  return store->log_head().events;
}

Response events(const ApiRequest& request) {
  const std::int64_t after = begin_of(request);
  EventFeed& feed = request.staff.events();
  const std::shared_ptr<EventFeed::Place> place = feed.reserve();
  if (!place) {
    Response full = api_problem(503, "Four clients listen already; there are no more places.");
    return full.header("Retry-After", "60");
  }
  Response response{200, "text/event-stream"};
  response.take_over = [&feed, place, after](int connection) { feed.add(*place, connection, after); };
  return response;
}

}  // namespace

void add_event_calls(std::vector<ApiCall>& calls) {
  ApiCall call{"GET",
               "/events",
               Role::viewer,
               "listenToEvents",
               "Decisions, deliveries and responses as they happen, as server-sent events. Last-Event-ID goes on "
               "where a connection broke off; at most four clients listen.",
               "",
               events};
  call.query = {{"after", ApiType::number, "Begin after this event; without it with what happens from now on."}};
  call.media = "text/event-stream";
  calls.push_back(std::move(call));
}

}  // namespace chaser::web
