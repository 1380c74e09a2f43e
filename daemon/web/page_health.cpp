#include "web/staff.h"

namespace chaser::web {
namespace {

constexpr const char* plain = "text/plain; charset=utf-8";

Response ready(const Staff& staff) {
  if (!staff.site().is_ready()) return {503, plain, "starting\n"};
  const Site::Reader store = staff.site().reader();
  if (store->status().needs_attention > 0) return {503, plain, "messages need a person: see chaser outbox\n"};
  return {200, plain, "ready\n"};
}

}  // namespace

/// The style is the same until the program is another: its address says which.
Response style_sheet() {
  Response response{200, "text/css; charset=utf-8", std::string(asset("style.css"))};
  return response.header("Cache-Control", "public, max-age=86400");
}

void add_health(Staff& staff) {
  staff.router().add({"GET", "/healthz", Role::anybody,
                      [](const Request&, const Principal&) { return Response{200, plain, "alive\n"}; }});
  staff.router().add(
      {"GET", "/readyz", Role::anybody, [&staff](const Request&, const Principal&) { return ready(staff); }});
  staff.router().add(
      {"GET", "/style.css", Role::anybody, [](const Request&, const Principal&) { return style_sheet(); }});
}

}  // namespace chaser::web
