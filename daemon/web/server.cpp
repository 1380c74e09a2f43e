#include "web/server.h"

#include <atomic>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

#include "store/sqlite_store.h"
#include "web/http_server.h"
#include "web/page.h"

namespace chaser::web {
namespace {

constexpr std::size_t rows_max = 50;
/// Looking ahead rehearses every action: for larger stores the page leaves it to `chaser forecast`.
constexpr std::size_t rehearsed_actions_max = 2'000;
constexpr std::size_t next_instants_max = 5;

constexpr const char* style = R"css(:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { margin: 0; }
main { max-width: 70rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.5rem; margin: 0 0 .5rem; }
h2 { font-size: 1.125rem; margin: 1.5rem 0 .25rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid #8886; }
.foot { margin-top: 2rem; opacity: .75; }
@media (max-width: 45rem) {
  table, tbody, tr, td { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { padding: .5rem 0; border-bottom: 1px solid #8886; }
  td { display: grid; grid-template-columns: 6rem 1fr; gap: .5rem; padding: .1rem 0; border: 0; overflow-wrap: anywhere; }
  td::before { content: attr(data-label); opacity: .75; }
  td:empty { display: none; }
}
)css";

std::vector<chase::Telling> look_ahead(store::Store& store, const chase::World& world, calendar::Instant now) {
  chase::Rehearsal rehearsal(world, now);
  store.each_action(world, [&](store::LoadedAction&& action) { rehearsal.add(std::move(action.state)); });
  const calendar::Instant horizon = now + absl::Hours(24 * 366);
  std::set<calendar::Instant> instants;
  for (std::size_t seen = 0; instants.size() < next_instants_max;) {
    const auto next = rehearsal.next_event();
    if (!next || *next > horizon) break;
    rehearsal.run_until(std::max(*next, rehearsal.now()));
    for (; seen < rehearsal.tellings().size(); ++seen) instants.insert(rehearsal.tellings()[seen].at);
  }
  std::vector<chase::Telling> next = rehearsal.tellings();
  if (next.size() > rows_max) next.resize(rows_max);
  return next;
}

/// Every answer has them, refusals too.
void guard(httplib::Response& response) {
  if (response.has_header("X-Content-Type-Options")) return;
  response.set_header("X-Content-Type-Options", "nosniff");
  response.set_header(
      "Content-Security-Policy",
      "default-src 'none'; style-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'");
  response.set_header("Cache-Control", "no-store");
  response.set_header("Referrer-Policy", "no-referrer");
}

/// Refuses before a byte of a body is read; the connection ends with the answer.
httplib::Server::HandlerResponse let_in(const httplib::Request& request, httplib::Response& response) {
  guard(response);
  const bool has_body = request.has_header("Transfer-Encoding") ||
                        (request.has_header("Content-Length") && request.get_header_value("Content-Length") != "0");
  const bool is_reading = request.method == "GET" || request.method == "HEAD";
  if (!has_body && is_reading) return httplib::Server::HandlerResponse::Unhandled;
  response.status = is_reading ? 413 : 405;
  if (!is_reading) response.set_header("Allow", "GET, HEAD");
  response.set_content("This page is read-only.\n", "text/plain");
  return httplib::Server::HandlerResponse::Handled;
}

/// Words for what httplib refuses by itself: paths that are not there, requests that are none.
void explain_refusal(const httplib::Request&, httplib::Response& response) {
  guard(response);
  if (response.body.empty()) {
    response.set_content(response.status == 404 ? "There is no such page.\n" : "The request is not understood.\n",
                         "text/plain");
  }
}

}  // namespace

struct Server::Impl {
  explicit Impl(ServerSettings given) : settings(std::move(given)), http(HttpLimits{.threads = settings.threads}) {}

  ServerSettings settings;
  std::function<calendar::Instant()> now;
  std::mutex mutex;
  std::shared_ptr<const chase::World> world;  // guarded by mutex
  std::atomic<bool> ready{false};
  HttpServer http;
  int port = 0;
  std::thread thread;

  std::shared_ptr<const chase::World> current_world() {
    const std::lock_guard lock(mutex);
    return world;
  }

  std::string overview() {
    const auto seen = current_world();
    const auto store = store::open_sqlite(settings.state_directory, {store::OpenMode::read_only, false});
    Overview shown;
    shown.now = now();
    shown.status = store->status();
    for (auto& record : store->notifications("", "", 4 * rows_max)) {
      if (record.state != "lapsed" && record.state != "superseded" && shown.sent.size() < rows_max)
        shown.sent.push_back(record);
    }
    shown.waiting = store->outbox(rows_max, true);
    shown.held = store->holds("", "", rows_max);
    if (shown.status.actions <= rehearsed_actions_max) shown.next = look_ahead(*store, *seen, shown.now);
    return page(shown, *seen);
  }

  void route() {
    http.set_payload_max_length(0);
    http.set_pre_routing_handler(let_in);
    http.set_error_handler(explain_refusal);
    http.Get("/healthz", [](const httplib::Request&, httplib::Response& response) {
      response.set_content("alive\n", "text/plain");
    });
    http.Get("/readyz", [this](const httplib::Request&, httplib::Response& response) { answer_ready(response); });
    http.Get("/style.css",
             [](const httplib::Request&, httplib::Response& response) { response.set_content(style, "text/css"); });
    http.Get("/", [this](const httplib::Request&, httplib::Response& response) {
      response.set_content(overview(), "text/html; charset=utf-8");
    });
    http.set_exception_handler([](const httplib::Request&, httplib::Response& response, std::exception_ptr) {
      response.status = 503;
      response.set_content("The store cannot be read just now.\n", "text/plain");
    });
  }

  void answer_ready(httplib::Response& response) {
    std::string why;
    if (!ready) {
      why = "starting\n";
    } else {
      const auto store = store::open_sqlite(settings.state_directory, {store::OpenMode::read_only, false});
      const store::StoreStatus status = store->status();
      if (status.needs_attention > 0) why = "messages need a person: see chaser outbox\n";
    }
    response.status = why.empty() ? 200 : 503;
    response.set_content(why.empty() ? "ready\n" : why, "text/plain");
  }
};

Server::Server(ServerSettings settings, std::shared_ptr<const chase::World> world,
               std::function<calendar::Instant()> now)
    : impl_(std::make_unique<Impl>(std::move(settings))) {
  impl_->world = std::move(world);
  impl_->now = std::move(now);
  impl_->route();
  const ServerSettings& at = impl_->settings;
  if (at.port == 0) {
    impl_->port = impl_->http.bind_to_any_port(at.address);
  } else {
    impl_->port = impl_->http.bind_to_port(at.address, at.port) ? at.port : -1;
  }
  if (impl_->port < 0) {
    throw std::runtime_error("listening on " + at.address + ":" + std::to_string(at.port) +
                             " failed: is another program there?");
  }
  impl_->thread = std::thread([this] { impl_->http.listen_after_bind(); });
  while (!impl_->http.is_running()) std::this_thread::yield();
}

Server::~Server() {
  impl_->http.end();
  impl_->thread.join();
}

int Server::port() const {
  return impl_->port;
}

void Server::set_ready(bool ready) {
  impl_->ready = ready;
}

void Server::set_world(std::shared_ptr<const chase::World> world) {
  const std::lock_guard lock(impl_->mutex);
  impl_->world = std::move(world);
}

}  // namespace chaser::web
