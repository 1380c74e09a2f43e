#include "web/server.h"

#include <unistd.h>

#include <filesystem>
#include <vector>

#include "store/sqlite_store.h"
#include "support/catch.h"
#include "support/client.h"

using namespace chaser;
using namespace chaser::test;
using namespace std::chrono_literals;

namespace {

const calendar::Instant morning = absl::FromCivil(absl::CivilSecond(2026, 12, 31, 9), absl::UTCTimeZone());

/// The listener over a store of its own, on a port that is free.
class Listening {
 public:
  explicit Listening(int threads = 4, bool has_store = true) {
    std::string name = (std::filesystem::temp_directory_path() / "chaser-web-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
    if (has_store) store_ = store::open_sqlite(name, {store::OpenMode::write, false});
    chase::WorldParts parts;
    parts.zones["Europe/London"] = absl::UTCTimeZone();
    parts.plans.push_back({"plan", "Plan", "Europe/London"});
    server_ =
        std::make_unique<web::Server>(web::ServerSettings{"127.0.0.1", 0, threads, name},
                                      std::make_shared<const chase::World>(std::move(parts)), [] { return morning; });
  }
  ~Listening() {
    server_.reset();
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  web::Server& server() const { return *server_; }
  Client connect() const { return Client::tcp(server_->port()); }
  /// The whole answer to these bytes; the server must close the connection well before it would give a slow client up.
  std::string answer(const std::string& request) const {
    const Client client = connect();
    client.say(request);  // it may be refused before it has been said whole
    const auto heard = client.hear_all(3s);
    INFO(request.substr(0, 200));
    REQUIRE(heard.has_value());
    return *heard;
  }
  std::string get(const std::string& path) const {
    return answer("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }

 private:
  std::filesystem::path folder_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<web::Server> server_;
};

int status(const std::string& answer) {
  REQUIRE(answer.starts_with("HTTP/1.1 "));
  return std::stoi(answer.substr(9, 3));
}

std::string body(const std::string& answer) {
  const std::size_t end = answer.find("\r\n\r\n");
  REQUIRE(end != std::string::npos);
  return answer.substr(end + 4);
}

std::string header(const std::string& answer, const std::string& name) {
  const std::size_t at = answer.find("\r\n" + name + ": ");
  if (at == std::string::npos || at > answer.find("\r\n\r\n")) return "";
  const std::size_t begin = at + name.size() + 4;
  return answer.substr(begin, answer.find("\r\n", begin) - begin);
}

}  // namespace

TEST_CASE("web: the page, its style and the health checks are there; other paths are not") {
  const Listening listening;
  const std::string page = listening.get("/");
  CHECK(status(page) == 200);
  CHECK(header(page, "Content-Type") == "text/html; charset=utf-8");
  CHECK(body(page).starts_with("<!doctype html>"));
  CHECK(header(listening.get("/style.css"), "Content-Type") == "text/css");
  CHECK(body(listening.get("/healthz")) == "alive\n");
  for (const char* path :
       {"/nowhere", "/healthz/", "/../etc/passwd", "/%2e%2e/etc/passwd", "/style.css.gz", "//", "*"}) {
    INFO(path);
    CHECK(status(listening.get(path)) == 404);
  }
}

TEST_CASE("web: every answer forbids scripts, frames, guessing of types, referrers and keeping, refusals too") {
  const Listening listening;
  for (const std::string& answer :
       {listening.get("/"), listening.get("/style.css"), listening.get("/healthz"), listening.get("/readyz"),
        listening.get("/nowhere"), listening.answer("POST / HTTP/1.1\r\n\r\n"), listening.answer("nonsense\r\n\r\n"),
        listening.get("/" + std::string(9'000, 'a'))}) {
    INFO(answer);
    CHECK(header(answer, "X-Content-Type-Options") == "nosniff");
    CHECK(header(answer, "Content-Security-Policy").starts_with("default-src 'none';"));
    CHECK(header(answer, "Content-Security-Policy").find("frame-ancestors 'none'") != std::string::npos);
    CHECK(header(answer, "Content-Security-Policy").find("script") == std::string::npos);
    CHECK(header(answer, "Cache-Control") == "no-store");
    CHECK(header(answer, "Referrer-Policy") == "no-referrer");
    CHECK(header(answer, "Connection") == "close");
    CHECK(header(answer, "Server").empty());
  }
}

TEST_CASE("web: HEAD tells what GET would, without it") {
  const Listening listening;
  for (const char* path : {"/", "/healthz", "/readyz", "/nowhere"}) {
    const std::string head = listening.answer(std::string("HEAD ") + path + " HTTP/1.1\r\n\r\n");
    const std::string get = listening.get(path);
    INFO(path << "\n" << head);
    CHECK(status(head) == status(get));
    CHECK(body(head).empty());
    CHECK(header(head, "Content-Length") == std::to_string(body(get).size()));
  }
}

TEST_CASE("web: every method but GET and HEAD is refused with 405") {
  const Listening listening;
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE"}) {
    for (const char* path : {"/", "/healthz", "/nowhere"}) {
      const std::string answer = listening.answer(std::string(method) + " " + path + " HTTP/1.1\r\n\r\n");
      INFO(method << " " << path << "\n" << answer);
      CHECK(status(answer) == 405);
      CHECK(header(answer, "Allow") == "GET, HEAD");
    }
  }
  CHECK(status(listening.answer("BREW / HTTP/1.1\r\n\r\n")) == 400);
}

TEST_CASE("web: a request with a body is refused before a byte of it comes") {
  const Listening listening;
  for (const char* headers :
       {"Content-Length: 1", "Content-Length: 99999999999999", "Content-Length: -1", "Content-Length: x",
        "Transfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked", "transfer-encoding: identity"}) {
    INFO(headers);
    CHECK(status(listening.answer(std::string("GET / HTTP/1.1\r\n") + headers + "\r\n\r\n")) == 413);
    CHECK(status(listening.answer(std::string("POST / HTTP/1.1\r\n") + headers + "\r\n\r\n")) == 405);
  }
  CHECK(status(listening.answer("GET /healthz HTTP/1.1\r\nContent-Length: 0\r\n\r\n")) == 200);
  const std::string expecting =
      listening.answer("POST / HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  CHECK(expecting.find("100 Continue") == std::string::npos);
  CHECK(status(expecting) >= 400);
}

TEST_CASE("web: a refused body is never taken for the next request") {
  const Listening listening;
  const std::string inner = "GET /healthz HTTP/1.1\r\n\r\n";
  const std::string answer =
      listening.answer("POST / HTTP/1.1\r\nContent-Length: " + std::to_string(inner.size()) + "\r\n\r\n" + inner);
  CHECK(status(answer) == 405);
  CHECK(answer.find("alive") == std::string::npos);
  CHECK(listening.answer(inner + inner).find("alive", listening.get("/healthz").size()) == std::string::npos);
}

TEST_CASE("web: a path or a header line of 8 KiB is read, a longer one refused") {
  const Listening listening;
  CHECK(status(listening.get("/" + std::string(8'000, 'a'))) == 404);
  CHECK(status(listening.get("/" + std::string(9'000, 'a'))) == 414);
  const auto with = [&](const std::string& headers) {
    return status(listening.answer("GET /healthz HTTP/1.1\r\n" + headers + "\r\n\r\n"));
  };
  CHECK(with("X: " + std::string(8'000, 'a')) == 200);
  CHECK(with("X: " + std::string(9'000, 'a')) == 400);
}

TEST_CASE("web: a head of 32 KiB is read, a longer one refused however it is made up, and never kept") {
  const Listening listening;
  std::string lines;
  for (int i = 0; i < 30; ++i) lines += "X: " + std::string(1'000, 'a') + "\r\n";
  CHECK(status(listening.answer("GET /healthz HTTP/1.1\r\n" + lines + "\r\n")) == 200);
  CHECK(status(listening.answer("GET /healthz HTTP/1.1\r\n" + lines + lines + "\r\n")) == 400);
  std::string small;
  for (int i = 0; i < 20'000; ++i) small += "X: y\r\n";
  CHECK(status(listening.answer("GET /healthz HTTP/1.1\r\n" + small + "\r\n")) == 400);
  CHECK(status(listening.answer(std::string(1 << 20, 'G'))) == 431);
  CHECK(status(listening.answer("GET /" + std::string(1 << 20, 'a') + " HTTP/1.1\r\n\r\n")) == 431);
  CHECK(status(listening.get("/healthz")) == 200);
}

TEST_CASE("web: ranges are ignored, so that no small request costs many copies of the page") {
  const Listening listening;
  std::string ranges = "Range: bytes=0-";
  for (int i = 0; i < 1'000; ++i) ranges += ",0-";
  const std::string answer = listening.answer("GET /healthz HTTP/1.1\r\n" + ranges + "\r\n\r\n");
  CHECK(status(answer) == 200);
  CHECK(body(answer) == "alive\n");
}

TEST_CASE("web: clients that are slow hold nobody up while a thread is left") {
  const Listening listening(3);
  const Client silent = listening.connect();
  const Client slow = listening.connect();
  REQUIRE(slow.say("GET / HT"));
  CHECK(status(listening.get("/healthz")) == 200);
  CHECK(status(listening.get("/")) == 200);
}

TEST_CASE("web: a slow client is dropped after its time, however it drips, and the next is served") {
  const Listening listening(1);
  const Client dripping = listening.connect();
  REQUIRE(dripping.say("GET / HTTP/1.1\r\nX: "));
  const Client next = listening.connect();
  REQUIRE(next.say("GET /healthz HTTP/1.1\r\n\r\n"));
  std::optional<std::string> answer;
  for (int i = 0; i < 30 && !answer; ++i) {
    dripping.say("x");
    answer = next.hear_all(500ms);  // half a second without the answer; then another drop
  }
  REQUIRE(answer.has_value());
  CHECK(status(*answer) == 200);
  CHECK(status(dripping.hear_all().value_or("HTTP/1.1 000")) == 400);
}

TEST_CASE("web: more clients than can wait are served in their turn") {
  const Listening listening(1);
  std::vector<Client> clients;
  for (int i = 0; i < 150; ++i) {
    clients.push_back(listening.connect());
    REQUIRE(clients.back().say("GET /healthz HTTP/1.1\r\n\r\n"));
  }
  for (const Client& client : clients) CHECK(status(client.hear_all().value_or("HTTP/1.1 000")) == 200);
}

TEST_CASE("web: it ends at once, whatever its clients do") {
  auto listening = std::make_unique<Listening>(1);
  const Client silent = listening->connect();
  const Client waiting = listening->connect();
  REQUIRE(waiting.say("GET /healthz HTTP/1.1\r\n\r\n"));
  const auto began = std::chrono::steady_clock::now();
  listening.reset();
  CHECK(std::chrono::steady_clock::now() - began < 3s);
}

TEST_CASE("web: a client that leaves before its answer costs nobody else anything") {
  const Listening listening(1);
  for (int i = 0; i < 20; ++i) {
    Client client = listening.connect();
    client.say(i % 2 == 0 ? "GET / HTTP/1.1\r\n\r\n" : "GET / HT");
    client.leave();
  }
  CHECK(status(listening.get("/healthz")) == 200);
}

TEST_CASE("web: it is alive from the start, ready when it is said to be") {
  const Listening listening;
  CHECK(status(listening.get("/healthz")) == 200);
  CHECK(status(listening.get("/readyz")) == 503);
  CHECK(body(listening.get("/readyz")) == "starting\n");
  listening.server().set_ready(true);
  CHECK(status(listening.get("/readyz")) == 200);
  CHECK(body(listening.get("/readyz")) == "ready\n");
  listening.server().set_ready(false);
  CHECK(status(listening.get("/readyz")) == 503);
}

TEST_CASE("web: without a store it is alive, not ready, and the page says why without inner words") {
  const Listening listening(4, false);
  listening.server().set_ready(true);
  CHECK(status(listening.get("/healthz")) == 200);
  for (const char* path : {"/", "/readyz"}) {
    const std::string answer = listening.get(path);
    CHECK(status(answer) == 503);
    CHECK(body(answer) == "The store cannot be read just now.\n");
    CHECK(header(answer, "X-Content-Type-Options") == "nosniff");
  }
}

TEST_CASE("web: a port that another has is refused, not shared") {
  const Listening first;
  chase::WorldParts parts;
  const auto world = std::make_shared<const chase::World>(std::move(parts));
  const web::ServerSettings settings{"127.0.0.1", first.server().port(), 1, "/nowhere"};
  CHECK_THROWS_AS(web::Server(settings, world, [] { return morning; }), std::runtime_error);
}
