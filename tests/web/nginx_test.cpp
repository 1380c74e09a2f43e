#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <thread>
#include <vector>

#include "support/catch.h"
#include "support/skip.h"
#include "web/serving.h"

// The real nginx with the shipped site before the answers' listener, under the attacks of research/reliability.md §6.

using namespace chaser;
using namespace chaser::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* program = "/usr/sbin/nginx";

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

void replace(std::string& text, const std::string& what, const std::string& with) {
  const std::size_t at = text.find(what);
  INFO("the shipped site has \"" << what << "\"");
  REQUIRE(at != std::string::npos);
  text.replace(at, what.size(), with);
}

/// The shipped site in a folder of its own: only where it listens, its certificate and its logs are others.
class Nginx {
 public:
  explicit Nginx(int port) {
    std::string name = (std::filesystem::temp_directory_path() / "chaser-nginx-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
    std::string site = text_of(std::string(CHASER_SOURCE_DIR) + "/config/nginx/chaser.conf");
    replace(site, "listen 443 ssl http2;", "listen unix:" + name + "/front.sock;");
    replace(site, "ssl_certificate /", "# ssl_certificate /");
    replace(site, "ssl_certificate_key /", "# ssl_certificate_key /");
    replace(site, "server 127.0.0.1:8428;", "server 127.0.0.1:" + std::to_string(port) + ";");
    replace(site, "/var/log/nginx/chaser.log", name + "/access.log");
    replace(site, "/var/log/nginx/chaser.error.log", name + "/error.log");
    std::ofstream(folder_ / "site.conf") << site;
    std::ofstream(folder_ / "nginx.conf")
        << "daemon off;\nmaster_process off;\npid " << name << "/pid;\nerror_log " << name
        << "/start.log alert;\nevents { worker_connections 256; }\nhttp {\n  client_body_temp_path " << name
        << "/body;\n  proxy_temp_path " << name << "/proxy;\n  fastcgi_temp_path " << name << "/f;\n  uwsgi_temp_path "
        << name << "/u;\n  scgi_temp_path " << name << "/s;\n  include " << name << "/site.conf;\n}\n";
    start();
  }
  ~Nginx() {
    ::kill(process_, SIGTERM);
    ::waitpid(process_, nullptr, 0);
    std::filesystem::remove_all(folder_);
  }
  Nginx(const Nginx&) = delete;
  Nginx& operator=(const Nginx&) = delete;

  Client connect() const { return Client::unix_socket((folder_ / "front.sock").string()); }
  std::string ask(const std::string& request) const {
    const Client client = connect();
    client.say(request);
    return client.hear_all().value_or("");
  }
  std::string get(const std::string& path) const {
    return ask("GET " + path + " HTTP/1.1\r\nHost: chaser.kent.example\r\nConnection: close\r\n\r\n");
  }
  std::string logs() const {
    return text_of(folder_ / "access.log") + text_of(folder_ / "error.log") + text_of(folder_ / "start.log");
  }
  /// Resident memory of a process, in KiB: nginx's own, or with 0 this program's, in which Chaser's listener is.
  long memory(bool of_chaser) const {
    std::ifstream status(of_chaser ? "/proc/self/status" : "/proc/" + std::to_string(process_) + "/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("VmRSS:")) return std::stol(line.substr(6));
    }
    return 0;
  }

 private:
  void start() {
    const std::string configuration = (folder_ / "nginx.conf").string();
    const std::string errors = (folder_ / "start.log").string();  // never the packaged one
    process_ = ::fork();
    REQUIRE(process_ >= 0);
    if (process_ == 0) {
      const int nowhere = ::open("/dev/null", O_RDWR);
      ::dup2(nowhere, 2);
      ::execl(program, program, "-e", errors.c_str(), "-p", folder_.c_str(), "-c", configuration.c_str(), nullptr);
      ::_exit(127);
    }
    for (;;) {  // until it answers or has ended
      if (::waitpid(process_, nullptr, WNOHANG) == process_)
        FAIL("nginx has ended: " << text_of(folder_ / "start.log"));
      if (std::filesystem::exists(folder_ / "pid")) return;
      std::this_thread::yield();
    }
  }

  std::filesystem::path folder_;
  pid_t process_ = -1;
};

bool is_here() {
  if (::access(program, X_OK) == 0) return true;
  skip("nginx is not here: the shipped site was not tried");
  return false;
}

constexpr long growth_max = 8 * 1024;  // KiB

class Attacked {
 public:
  explicit Attacked(const Nginx& nginx) : nginx_(nginx) {
    CHECK(status(nginx.get("/healthz")) == 200);  // what the first request needs is there
    ours_ = nginx.memory(true);
    its_ = nginx.memory(false);
  }
  /// Neither has grown, and the health page answers.
  void stands() const {
    CHECK(nginx_.memory(true) - ours_ < growth_max);
    CHECK(nginx_.memory(false) - its_ < growth_max);
    CHECK(status(nginx_.get("/healthz")) == 200);
  }

 private:
  const Nginx& nginx_;
  long ours_ = 0;
  long its_ = 0;
};

}  // namespace

TEST_CASE("nginx: the public side is reached through the shipped site, the staff's is not", "[outside][nginx]") {
  if (!is_here()) return;
  const Serving serving;
  const Nginx nginx(serving.server().answers_port());
  const std::string health = nginx.get("/healthz");
  CHECK(status(health) == 200);
  CHECK(health.find("alive") != std::string::npos);
  CHECK(status(nginx.get("/style.css")) == 200);
  const std::string feed = nginx.get("/calendar/nobody.ics");
  CHECK(status(feed) == 404);
  CHECK(header(feed, "Content-Security-Policy").starts_with("default-src 'none'"));
  CHECK(header(feed, "Strict-Transport-Security") == "max-age=31536000");
  CHECK(header(feed, "Server") == "nginx");
  for (const char* path : {"/", "/plan", "/metrics", "/readyz", "/api/v1/status", "/sign-in", "/calendar/../metrics"}) {
    INFO(path);
    CHECK(status(nginx.get(path)) == 404);
  }
}

TEST_CASE("nginx: a chunked body past the limit is refused and kept by nobody", "[outside][nginx]") {
  if (!is_here()) return;
  const Serving serving;
  const Nginx nginx(serving.server().answers_port());
  const Attacked attacked(nginx);
  const Client client = nginx.connect();
  client.say("POST /a/token HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "10000\r\n" + std::string(0x10000, 'a') + "\r\n";
  for (int i = 0; i < 1'600 && client.say(chunk); ++i) {
  }
  CHECK(status(client.hear_all().value_or("")) == 413);  // 100 MiB were thrown away, or not even taken
  attacked.stands();
}

TEST_CASE("nginx: a body that is announced too long is refused before it comes", "[outside][nginx]") {
  if (!is_here()) return;
  const Serving serving;
  const Nginx nginx(serving.server().answers_port());
  CHECK(status(nginx.ask("POST /a/token HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\nConnection: close\r\n\r\n")) ==
        413);
}

TEST_CASE("nginx: an endless header is refused and kept by nobody", "[outside][nginx]") {
  if (!is_here()) return;
  const Serving serving;
  const Nginx nginx(serving.server().answers_port());
  const Attacked attacked(nginx);
  const Client client = nginx.connect();
  client.say("GET /a/token HTTP/1.1\r\nHost: x\r\nX: ");
  const std::string part(0x10000, 'a');
  for (int i = 0; i < 1'600 && client.say(part); ++i) {
  }
  CHECK(status(client.hear_all().value_or("")) == 400);
  attacked.stands();
}

TEST_CASE("nginx: twenty clients that drip heads and twenty that drip bodies hold up nobody", "[outside][nginx]") {
  if (!is_here()) return;
  const Serving serving({.threads = 2});
  const Nginx nginx(serving.server().answers_port());
  const Attacked attacked(nginx);
  std::vector<Client> dripping;
  for (int i = 0; i < 20; ++i) {
    dripping.push_back(nginx.connect());
    dripping.back().say("GET /a/token HTTP/1.1\r\nHo");
    dripping.push_back(nginx.connect());
    dripping.back().say("POST /a/token HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\nresp");
  }
  for (int i = 0; i < 5; ++i) {
    for (const Client& client : dripping) client.say("a");
    attacked.stands();
  }
}

TEST_CASE("nginx: who asks too often is told so, and others' paths do not count", "[outside][nginx]") {
  if (!is_here()) return;
  const Serving serving;
  const Nginx nginx(serving.server().answers_port());
  int refused = 0;
  for (int i = 0; i < 200; ++i) refused += status(nginx.get("/a/token")) == 429 ? 1 : 0;
  CHECK(refused > 0);
  CHECK(status(nginx.get("/healthz")) == 200);
}

TEST_CASE("nginx: no log holds a link's token, whatever became of the request", "[outside][nginx]") {
  if (!is_here()) return;
  auto serving = std::make_unique<Serving>();
  const Nginx nginx(serving->server().answers_port());
  const std::string secret = "c2VjcmV0LXRva2Vu";
  for (int i = 0; i < 60; ++i) nginx.get("/a/" + secret + "?x=" + secret);
  nginx.get("/calendar/" + secret + ".ics");
  nginx.get("/nowhere/" + secret);
  nginx.ask("POST /a/" + secret + " HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\nConnection: close\r\n\r\n");
  nginx.ask("GET /a/" + secret + " HTTP/1.1\r\nX: " + std::string(40'000, 'a') + "\r\n\r\n");
  nginx.ask("GET /healthz HTTP/1.1\r\nHost: x\r\nReferer: https://x/a/" + secret + "\r\nConnection: close\r\n\r\n");
  serving.reset();  // Chaser has gone
  const std::string gone = nginx.get("/calendar/" + secret + ".ics");
  CHECK((status(gone) == 502 || status(gone) == 429));
  const std::string logs = nginx.logs();
  CHECK(logs.find(" GET 4") != std::string::npos);
  CHECK(logs.find(secret) == std::string::npos);
}
