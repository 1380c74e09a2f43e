#include "web/answers.h"

#include "web/errors.h"
#include "web/links_open.h"
#include "web/staff.h"
#include "web/view.h"

namespace chaser::web {
namespace {

bool is_reading(const Request& request) {
  return request.method == "GET" || request.method == "HEAD";
}

}  // namespace

Answers::Answers(Site& site, int threads) : site_(site), threads_(threads) {
  router_.add({"GET", "/healthz", Role::anybody,
               [](const Request&, const Principal&) { return Response{200, "text/plain; charset=utf-8", "alive\n"}; }});
  router_.add({"GET", "/style.css", Role::anybody, [](const Request&, const Principal&) { return style_sheet(); }});
  add_answer_link(*this);
  add_my_actions(*this);
  add_mute(*this);
  add_feeds(*this);
}

Response Answers::page(std::string_view title, std::string content, int status) const {
  View view;
  view.text("title", std::string(title)).text("body", std::move(content)).text("style", style_address());
  return {status, "text/html; charset=utf-8", render("frame_public", view)};
}

Response Answers::error(int status, std::string_view said) const {
  return page(error_title(status), error_content(status, said), status);
}

std::optional<Response> Answers::refuse(const Request& head, std::uint64_t body) {
  const Router::Match match = router_.find(head.method, head.path);
  if (match.route == nullptr) {
    Response response = error(match.allow.empty() ? 404 : 405);
    if (!match.allow.empty()) response.header("Allow", match.allow);
    return response;
  }
  if (body > match.route->body_max) return error(413);
  if (match.route->pattern == "/healthz" || match.route->pattern == "/style.css") return std::nullopt;
  const Instant now = site_.now();
  const bool goes = is_reading(head) ? reading_.take(head.client, now)
                                     : acting_.take(head.client, now) && acting_.take("link " + head.path, now);
  if (!goes) return error(429).header("Retry-After", "60");
  return std::nullopt;
}

Response Answers::answer(Request request) {
  Router::Match match = router_.find(request.method, request.path);
  if (match.route == nullptr) return error(404);
  request.places = std::move(match.places);
  if (request.method == "HEAD") request.method = "GET";
  try {
    return match.route->handler(request, Principal{});
  } catch (const Busy& busy) {
    return error(503, busy.what());
  } catch (const store::StoreError&) {
    return error(503, "What Chaser remembers cannot be read or written just now. Nothing was changed.");
  }
}

Response Answers::explain(int status) {
  return error(status);
}

}  // namespace chaser::web
