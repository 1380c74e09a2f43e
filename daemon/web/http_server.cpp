#include "web/http_server.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <semaphore>
#include <system_error>

namespace chaser::web {

namespace {

/// Connections that wait to be taken; the system keeps them.
constexpr int backlog = 128;

/// Runs out so long after it was set. Descriptors are waited for beside it, so no clock is read.
class Timer {
 public:
  explicit Timer(std::chrono::milliseconds after) : descriptor_(::timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC)) {
    if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "creating a timer");
    set(after);
  }
  ~Timer() { ::close(descriptor_); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  void set(std::chrono::milliseconds after) const {
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(after);
    itimerspec wanted{};
    wanted.it_value.tv_sec = whole.count();
    wanted.it_value.tv_nsec = std::chrono::nanoseconds(after - whole).count();
    ::timerfd_settime(descriptor_, 0, &wanted, nullptr);
  }
  int descriptor() const { return descriptor_; }

 private:
  const int descriptor_;
};

/// A connection that gives up at a time, at the server's end, or when more was read than a request may have.
class BoundedStream : public httplib::Stream {
 public:
  BoundedStream(int socket, int ending, const HttpLimits& limits)
      : socket_(socket), ending_(ending), limits_(limits), timer_(limits.patience) {}

  bool is_readable() const override { return has_unread() || wait(POLLIN); }
  bool is_writable() const override { return wait(POLLOUT); }

  ssize_t read(char* to, size_t size) override {
    if (!has_unread() && !fill()) return -1;
    const std::size_t count = std::min(size, filled_ - taken_);
    std::copy_n(buffer_ + taken_, count, to);
    taken_ += count;
    return static_cast<ssize_t>(count);
  }

  ssize_t write(const char* from, size_t size) override {
    begin_answer();
    for (std::size_t sent = 0; sent < size;) {
      if (!wait(POLLOUT)) return -1;
      const ssize_t put = ::send(socket_, from + sent, size - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (put < 0 && errno != EAGAIN && errno != EINTR) return -1;
      if (put > 0) sent += static_cast<std::size_t>(put);
    }
    return static_cast<ssize_t>(size);
  }

  void get_remote_ip_and_port(std::string& ip, int& port) const override { ip.clear(), port = 0; }
  void get_local_ip_and_port(std::string& ip, int& port) const override { ip.clear(), port = 0; }
  socket_t socket() const override { return socket_; }

  /// The head has come; its body may be so long.
  void allow_body(std::size_t bytes) { body_ = bytes; }
  bool has_answered() const { return has_answered_; }
  /// Whether the client has said more than was read, or may be about to.
  bool has_more() const {
    char next = 0;
    return has_unread() || is_too_long() || ::recv(socket_, &next, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
  }
  bool is_too_long() const { return read_ > limits_.head_bytes_max + body_; }

  /// Closing with bytes unread would reset the connection, and the client might lose its answer.
  void take_leave() {
    ::shutdown(socket_, SHUT_WR);
    timer_.set(limits_.farewell);
    while (wait(POLLIN)) {
      const ssize_t got = ::recv(socket_, buffer_, sizeof buffer_, MSG_DONTWAIT);
      if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return;
    }
  }

 private:
  bool has_unread() const { return taken_ < filled_; }

  /// The answer has its own time: it begins when the request is understood.
  void begin_answer() {
    if (!has_answered_) timer_.set(limits_.patience);
    has_answered_ = true;
  }

  bool wait(short event) const {
    for (;;) {
      pollfd waited[] = {{socket_, event, 0}, {ending_, POLLIN, 0}, {timer_.descriptor(), POLLIN, 0}};
      const int ready = ::poll(waited, 3, -1);
      if (ready < 0 && errno == EINTR) continue;
      return ready > 0 && waited[1].revents == 0 && waited[2].revents == 0;
    }
  }

  bool fill() {
    while (!is_too_long() && wait(POLLIN)) {
      const ssize_t got = ::recv(socket_, buffer_, sizeof buffer_, MSG_DONTWAIT);
      if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
      if (got <= 0) return false;
      taken_ = 0;
      filled_ = static_cast<std::size_t>(got);
      read_ += filled_;
      return !is_too_long();
    }
    return false;
  }

  const int socket_;
  const int ending_;
  const HttpLimits& limits_;
  Timer timer_;
  char buffer_[4096];
  std::size_t taken_ = 0;
  std::size_t filled_ = 0;
  std::size_t read_ = 0;
  std::size_t body_ = 0;
  bool has_answered_ = false;
};

/// A pool whose queue is full after so many: then accepting waits.
class BoundedPool : public httplib::TaskQueue {
 public:
  explicit BoundedPool(const HttpLimits& limits)
      : places_(static_cast<std::ptrdiff_t>(limits.waiting_max) + limits.threads),
        pool_(static_cast<std::size_t>(limits.threads)) {}

  void enqueue(std::function<void()> serve) override {
    places_.acquire();
    pool_.enqueue([this, serve = std::move(serve)] {
      serve();
      places_.release();
    });
  }
  void shutdown() override { pool_.shutdown(); }

 private:
  std::counting_semaphore<> places_;
  httplib::ThreadPool pool_;
};

/// The connection that this thread is serving.
thread_local int served_connection = -1;

}  // namespace

int HttpServer::share_connection() {
  return served_connection < 0 ? -1 : ::fcntl(served_connection, F_DUPFD_CLOEXEC, 0);
}

HttpServer::HttpServer(const HttpLimits& limits) : limits_(limits), ending_(::eventfd(0, EFD_CLOEXEC)) {
  if (ending_ < 0) throw std::system_error(errno, std::generic_category(), "creating an eventfd");
  new_task_queue = [this] { return new BoundedPool(limits_); };
  // Only a port that was just left may be taken: httplib would share one (SO_REUSEPORT) with a second service.
  set_socket_options([](socket_t socket) {
    const int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  set_expect_100_continue_handler([](const httplib::Request&, httplib::Response&) { return 417; });
}

HttpServer::~HttpServer() {
  ::close(ending_);
}

void HttpServer::bind_to_unix_socket(const std::string& path) {
  sockaddr_un place{};
  place.sun_family = AF_UNIX;
  if (path.size() >= sizeof place.sun_path) throw std::system_error(ENAMETOOLONG, std::generic_category(), path);
  std::copy(path.begin(), path.end(), place.sun_path);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) throw std::system_error(errno, std::generic_category(), "creating a socket");
  svr_sock_ = socket;
  ::unlink(path.c_str());
  const auto* address = reinterpret_cast<const sockaddr*>(&place);
  if (::bind(socket, address, sizeof place) != 0 || ::chmod(path.c_str(), 0660) != 0 ||
      ::listen(socket, backlog) != 0) {
    throw std::system_error(errno, std::generic_category(), "listening on " + path);
  }
}

void HttpServer::let_more_wait() {
  // On a socket that listens it changes the length of the queue alone.
  if (::listen(svr_sock_, backlog) != 0) throw std::system_error(errno, std::generic_category(), "listening");
}

void HttpServer::end() {
  ::eventfd_write(ending_, 1);
  stop();
}

bool HttpServer::process_and_close_socket(socket_t socket) {
  BoundedStream stream(socket, ending_, limits_);
  bool closed = false;
  bool announces_body = false;
  served_connection = socket;
  process_request(stream, true, closed, [&](httplib::Request& request) {
    request.ranges.clear();
    request.headers.erase("Accept-Encoding");  // what is secret in a page must not show in its compressed length
    announces_body = request.has_header("Content-Length") || request.has_header("Transfer-Encoding");
    const auto announced = request.get_header_value<std::uint64_t>("Content-Length");
    stream.allow_body(std::min<std::size_t>(announced, limits_.body_bytes_max));
  });
  served_connection = -1;
  if (!stream.has_answered() && stream.is_too_long()) {
    static_cast<httplib::Stream&>(stream).write(
        "HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  }
  if (stream.has_answered() && (announces_body || stream.has_more())) stream.take_leave();
  ::close(socket);
  return true;
}

}  // namespace chaser::web
