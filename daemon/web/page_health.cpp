#include <fmt/format.h>

#include "chase/report.h"
#include "web/caching.h"
#include "web/staff.h"
#include "web/words.h"

namespace chaser::web {
namespace {

constexpr const char* plain = "text/plain; charset=utf-8";
/// What is due and has waited for so long is stuck: a pass of a very large plan takes a minute.
constexpr absl::Duration due_wait_max = absl::Minutes(10);

/// What keeps the service from being ready, a line each; none: it is.
std::vector<std::string> obstacles(const Staff& staff) {
  const Site& site = staff.site();
  if (!site.is_ready()) return {"starting"};
  std::vector<std::string> found;
  const Instant now = site.now();
  const Meters* const meters = site.doors().meters;
  if (meters != nullptr && !meters->last_tick()) found.emplace_back("the scheduler has not looked yet");
  const Site::Reader store = staff.site().reader();
  const store::StoreStatus status = store->status();
  if (site.world()->rulebook().rules().empty()) {
    const auto alarm = store->kept("alarm");
    if (alarm && !alarm->empty()) found.push_back("no rule is loaded: " + *alarm);
  }
  for (const auto& due : {status.next_look, status.next_compose}) {
    if (!due || now - *due <= due_wait_max) continue;
    found.push_back(fmt::format("what was due {} has not been looked at", time_words(*due, absl::UTCTimeZone())));
    break;
  }
  if (status.needs_attention > 0) found.emplace_back("messages need a person: see chaser outbox");
  return found;
}

Response ready(const Staff& staff) {
  std::string said;
  try {
    for (const std::string& obstacle : obstacles(staff)) said += obstacle + "\n";
  } catch (const store::StoreError&) {
    said = "the store cannot be read\n";
  }
  return said.empty() ? Response{200, plain, "ready\n"} : Response{503, plain, said};
}

const std::string& style_text() {
  static const std::string text = std::string(asset("style.css")) + std::string(chase::report_style());
  return text;
}

}  // namespace

const std::string& style_address() {
  static const std::string address = "/style.css?" + entity_tag(style_text()).substr(1, 12);
  return address;
}

Response style_sheet() {
  Response response{200, "text/css; charset=utf-8", style_text()};
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
