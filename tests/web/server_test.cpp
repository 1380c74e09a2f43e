#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>
#include <thread>
#include <vector>

#include "support/catch.h"
#include "web/serving.h"
#include "web/site.h"

using namespace chaser;
using namespace chaser::test;
using namespace std::chrono_literals;

TEST_CASE("web: the page, its style and the health checks are there; other paths are not") {
  const Serving listening;
  const std::string page = listening.get("/");
  CHECK(status(page) == 200);
  CHECK(header(page, "Content-Type") == "text/html; charset=utf-8");
  CHECK(body(page).starts_with("<!doctype html>"));
  CHECK(header(listening.get("/style.css"), "Content-Type") == "text/css; charset=utf-8");
  CHECK(body(listening.get("/healthz")) == "alive\n");
  for (const char* path :
       {"/nowhere", "/healthz/", "/../etc/passwd", "/%2e%2e/etc/passwd", "/style.css.gz", "//", "*"}) {
    INFO(path);
    CHECK(status(listening.get(path)) == 404);
  }
}

TEST_CASE("web: every answer forbids scripts, frames, guessing of types, referrers and keeping, refusals too") {
  const Serving listening;
  for (const std::string& answer :
       {listening.get("/"), listening.get("/style.css"), listening.get("/healthz"), listening.get("/readyz"),
        listening.get("/nowhere"), listening.answer("POST / HTTP/1.1\r\n\r\n"), listening.answer("nonsense\r\n\r\n"),
        listening.get("/" + std::string(9'000, 'a'))}) {
    INFO(answer);
    CHECK(header(answer, "X-Content-Type-Options") == "nosniff");
    CHECK(header(answer, "Content-Security-Policy").starts_with("default-src 'none';"));
    CHECK(header(answer, "Content-Security-Policy").find("frame-ancestors 'none'") != std::string::npos);
    CHECK(header(answer, "Content-Security-Policy").find("script") == std::string::npos);
    CHECK(header(answer, "Referrer-Policy") == "same-origin");
    CHECK(header(answer, "Connection") == "close");
    CHECK(header(answer, "Server").empty());
  }
}

TEST_CASE("web: a hundred may connect at once, whoever is served first") {
  const Serving listening;
  std::vector<int> sockets;
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(static_cast<std::uint16_t>(listening.server().port()));
  place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (int i = 0; i < 100; ++i) {
    sockets.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    ::connect(sockets.back(), reinterpret_cast<const sockaddr*>(&place), sizeof place);
    // Who finds no room is not refused: the system tries again after a second.
    pollfd connected{sockets.back(), POLLOUT, 0};
    CHECK(::poll(&connected, 1, 500) == 1);
  }
  for (const int socket : sockets) ::close(socket);
}

TEST_CASE("web: HEAD tells what GET would, without it") {
  const Serving listening;
  for (const char* path : {"/", "/healthz", "/readyz", "/nowhere"}) {
    const std::string head = listening.answer(std::string("HEAD ") + path + " HTTP/1.1\r\n\r\n");
    const std::string get = listening.get(path);
    INFO(path << "\n" << head);
    CHECK(status(head) == status(get));
    CHECK(body(head).empty());
    CHECK(header(head, "Content-Length") == std::to_string(body(get).size()));
  }
}

TEST_CASE("web: a method that a page does not know is refused with 405 and those that it knows") {
  const Serving listening;
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE"}) {
    for (const char* path : {"/", "/healthz", "/readyz"}) {
      const std::string answer = listening.answer(std::string(method) + " " + path + " HTTP/1.1\r\n\r\n");
      INFO(method << " " << path << "\n" << answer);
      CHECK(status(answer) == 405);
      CHECK(header(answer, "Allow") == "GET, HEAD");
    }
  }
  CHECK(status(listening.answer("BREW / HTTP/1.1\r\n\r\n")) == 400);
}

TEST_CASE("web: a request with a body is refused before a byte of it comes") {
  const Serving listening;
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
  const Serving listening;
  const std::string inner = "GET /healthz HTTP/1.1\r\n\r\n";
  const std::string answer =
      listening.answer("POST / HTTP/1.1\r\nContent-Length: " + std::to_string(inner.size()) + "\r\n\r\n" + inner);
  CHECK(status(answer) == 405);
  CHECK(answer.find("alive") == std::string::npos);
  CHECK(listening.answer(inner + inner).find("alive", listening.get("/healthz").size()) == std::string::npos);
}

TEST_CASE("web: a path or a header line of 8 KiB is read, a longer one refused") {
  const Serving listening;
  CHECK(status(listening.get("/" + std::string(8'000, 'a'))) == 404);
  CHECK(status(listening.get("/" + std::string(9'000, 'a'))) == 414);
  const auto with = [&](const std::string& headers) {
    return status(listening.answer("GET /healthz HTTP/1.1\r\n" + headers + "\r\n\r\n"));
  };
  CHECK(with("X: " + std::string(8'000, 'a')) == 200);
  CHECK(with("X: " + std::string(9'000, 'a')) == 400);
}

TEST_CASE("web: a head of 32 KiB is read, a longer one refused however it is made up, and never kept") {
  const Serving listening;
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
  const Serving listening;
  std::string ranges = "Range: bytes=0-";
  for (int i = 0; i < 1'000; ++i) ranges += ",0-";
  const std::string answer = listening.answer("GET /healthz HTTP/1.1\r\n" + ranges + "\r\n\r\n");
  CHECK(status(answer) == 200);
  CHECK(body(answer) == "alive\n");
}

TEST_CASE("web: clients that are slow hold nobody up while a thread is left") {
  const Serving listening({.threads = 3});
  const Client silent = listening.connect();
  const Client slow = listening.connect();
  REQUIRE(slow.say("GET / HT"));
  CHECK(status(listening.get("/healthz")) == 200);
  CHECK(status(listening.get("/")) == 200);
}

TEST_CASE("web: a slow client is dropped after its time, however it drips, and the next is served") {
  const Serving listening({.threads = 1});
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
  const Serving listening({.threads = 1});
  std::vector<Client> clients;
  for (int i = 0; i < 150; ++i) {
    clients.push_back(listening.connect());
    REQUIRE(clients.back().say("GET /healthz HTTP/1.1\r\n\r\n"));
  }
  for (const Client& client : clients) CHECK(status(client.hear_all().value_or("HTTP/1.1 000")) == 200);
}

TEST_CASE("web: it ends at once, whatever its clients do") {
  auto listening = std::make_unique<Serving>(Serving::Given{.threads = 1});
  const Client silent = listening->connect();
  const Client waiting = listening->connect();
  REQUIRE(waiting.say("GET /healthz HTTP/1.1\r\n\r\n"));
  const auto began = std::chrono::steady_clock::now();
  listening.reset();
  CHECK(std::chrono::steady_clock::now() - began < 3s);
}

TEST_CASE("web: a client that leaves before its answer costs nobody else anything") {
  const Serving listening({.threads = 1});
  for (int i = 0; i < 20; ++i) {
    Client client = listening.connect();
    client.say(i % 2 == 0 ? "GET / HTTP/1.1\r\n\r\n" : "GET / HT");
    client.leave();
  }
  CHECK(status(listening.get("/healthz")) == 200);
}

TEST_CASE("web: it is alive from the start, ready when it is said to be") {
  const Serving listening;
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
  const Serving listening({.threads = 4, .has_store = false});
  listening.server().set_ready(true);
  CHECK(status(listening.get("/healthz")) == 200);
  for (const char* path : {"/", "/readyz"}) {
    const std::string answer = listening.get(path);
    CHECK(status(answer) == 503);
    CHECK(body(answer).find("cannot be read") != std::string::npos);
    CHECK(body(answer).find("/chaser-web-") == std::string::npos);
    CHECK(header(answer, "X-Content-Type-Options") == "nosniff");
  }
}

TEST_CASE("web: a port that another has is refused, not shared") {
  const Serving first;
  web::ServerSettings settings;
  settings.staff = web::ListenAt{"127.0.0.1", first.server().port(), ""};
  const auto world = std::make_shared<const chase::World>(chase::WorldParts{});
  CHECK_THROWS_AS(web::Server(settings, web::Doors{}, world), std::runtime_error);
}

TEST_CASE("web: a Unix socket serves as a port does, and takes the place of one that a dead service left") {
  const Serving serving({.on_socket = true});
  CHECK(serving.server().port() == 0);
  CHECK(body(serving.get("/healthz")) == "alive\n");
  CHECK(status(serving.get("/")) == 200);
}

TEST_CASE("web: the answers' listener knows nothing of the staff's pages, nor the other way round") {
  const Serving serving;
  CHECK(status(serving.ask_answers("GET /healthz HTTP/1.1\r\n\r\n")) == 200);
  for (const char* path : {"/", "/plan", "/sign-in", "/readyz"}) {
    INFO(path);
    CHECK(status(serving.ask_answers("GET " + std::string(path) + " HTTP/1.1\r\n\r\n")) == 404);
  }
}

TEST_CASE("web: a body must say its length, be as long as allowed and not be compressed") {
  const Serving serving;
  const auto send = [&](const std::string& headers, const std::string& body = "") {
    return status(serving.answer("POST /sign-in HTTP/1.1\r\n" + headers + "\r\n" + body));
  };
  CHECK(send("") == 411);
  CHECK(send("Content-Length: x\r\n") == 400);
  CHECK(send("Content-Length: -1\r\n") == 400);
  CHECK(send("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n") == 411);
  CHECK(send("Content-Encoding: gzip\r\nContent-Length: 5\r\n", "hello") == 400);
  CHECK(send("Content-Length: 65537\r\n", std::string(65'537, 'a')) == 413);
  const std::string form = "Content-Type: application/x-www-form-urlencoded\r\n";
  CHECK(send(form + "Content-Length: 6\r\n", "name=%") == 400);
  CHECK(send(form + "Content-Length: 65536\r\n", "name=" + std::string(65'531, 'a')) == 422);
}

TEST_CASE("web: what is asked of a loop that does not come to it is called off, and said so") {
  const Serving serving({.loop_runs = false});
  web::Doors doors;
  doors.post = [](const web::Work&) {};
  const auto world = std::make_shared<const chase::World>(chase::WorldParts{});
  web::Site site({}, doors, world);
  std::thread closing([&] { site.close(); });
  CHECK_THROWS_AS(site.on_loop([](store::Store&, const chase::World&, calendar::Instant) {}), web::Busy);
  closing.join();
}

TEST_CASE("web: pages are not compressed, so that their length tells nothing of what is secret in them") {
  const Serving serving;
  const std::string page = serving.get("/", "Accept-Encoding: gzip, br, deflate\r\n");
  CHECK(status(page) == 200);
  CHECK(header(page, "Content-Encoding").empty());
}
