#include "app/running.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "support/catch.h"

namespace chaser::test {

namespace {

int listen_for_notices(const std::string& path) {
  const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  REQUIRE(descriptor >= 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  REQUIRE(::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  return descriptor;
}

/// Words and environment of the program, made before the fork: after it, only system calls are safe.
class Start {
 public:
  Start(const std::vector<std::string>& arguments, std::map<std::string, std::string> environment) {
    texts_ = {CHASER_PROGRAM};
    texts_.insert(texts_.end(), arguments.begin(), arguments.end());
    words_ = texts_.size();
    for (char** entry = environ; *entry != nullptr; ++entry) {
      const std::string name = std::string(*entry).substr(0, std::string(*entry).find('='));
      const bool is_of_a_manager = name.starts_with("WATCHDOG_") || name == "JOURNAL_STREAM" ||
                                   name == "CREDENTIALS_DIRECTORY" || name == "NOTIFY_SOCKET";
      if (!is_of_a_manager && !environment.contains(name)) texts_.emplace_back(*entry);
    }
    for (const auto& [name, value] : environment) texts_.push_back(name + "=" + value);
    for (std::size_t i = 0; i < texts_.size(); ++i) (i < words_ ? argv_ : envp_).push_back(texts_[i].data());
    argv_.push_back(nullptr);
    envp_.push_back(nullptr);
  }

  [[noreturn]] void become(int errors) {
    ::dup2(::open("/dev/null", O_WRONLY), STDOUT_FILENO);
    ::dup2(errors, STDERR_FILENO);
    ::execve(CHASER_PROGRAM, argv_.data(), envp_.data());
    ::_exit(127);
  }

 private:
  std::vector<std::string> texts_;
  std::size_t words_ = 0;
  std::vector<char*> argv_;
  std::vector<char*> envp_;
};

bool has_line(const std::string& notice, const std::string& wanted) {
  for (std::size_t at = 0; at <= notice.size();) {
    const std::size_t end = std::min(notice.find('\n', at), notice.size());
    if (notice.substr(at, end - at).starts_with(wanted)) return true;
    at = end + 1;
  }
  return false;
}

}  // namespace

Running::Running(const std::vector<std::string>& arguments, const std::map<std::string, std::string>& environment) {
  const std::string path = folder_.file("notify.sock");
  notices_ = listen_for_notices(path);
  auto with = environment;
  with["NOTIFY_SOCKET"] = path;
  Start start(arguments, with);
  int pipe[2];
  REQUIRE(::pipe2(pipe, O_CLOEXEC) == 0);
  child_ = ::fork();
  REQUIRE(child_ >= 0);
  if (child_ == 0) start.become(pipe[1]);
  ::close(pipe[1]);
  errors_ = pipe[0];
  process_ = static_cast<int>(::syscall(SYS_pidfd_open, child_, 0));
  leave_ = ::eventfd(0, EFD_CLOEXEC);
  REQUIRE((process_ >= 0 && leave_ >= 0));
  listener_ = std::thread([this] { listen(); });
}

Running::~Running() {
  if (!status_) {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }
  ::eventfd_write(leave_, 1);
  listener_.join();
  for (const int descriptor : {notices_, errors_, process_, leave_}) ::close(descriptor);
}

/// Until all that the program wrote has been read and it has ended, or the test leaves.
void Running::listen() {
  pollfd waited[] = {{notices_, POLLIN, 0}, {errors_, POLLIN, 0}, {process_, POLLIN, 0}, {leave_, POLLIN, 0}};
  char buffer[65536];
  while (::poll(waited, 4, -1) > 0 || errno == EINTR) {
    if (waited[3].revents != 0) return;
    const std::lock_guard lock(mutex_);
    if (waited[0].revents != 0) {
      const ssize_t got = ::recv(notices_, buffer, sizeof buffer, MSG_DONTWAIT);
      if (got > 0) told_.emplace_back(buffer, static_cast<std::size_t>(got));
    }
    if (waited[1].revents != 0) {
      const ssize_t got = ::read(errors_, buffer, sizeof buffer);
      if (got > 0) log_.append(buffer, static_cast<std::size_t>(got));
      if (got == 0) waited[1].fd = -1;  // closed: the program has ended or is about to
    }
    if (waited[2].revents != 0 && waited[1].fd < 0 && waited[0].revents == 0) {
      ended_ = true;
      heard_.notify_all();
      return;
    }
    heard_.notify_all();
  }
}

/// With the mutex held by the caller through `done` alone.
bool Running::wait(const std::function<bool()>& done) {
  std::unique_lock lock(mutex_);
  return heard_.wait_for(lock, patience, [&] { return done() || ended_; }) && done();
}

std::string Running::await_notice(const std::string& wanted) {
  std::string found;
  std::string seen;
  const bool came = wait([&] {
    while (found.empty() && !told_.empty()) {
      if (has_line(told_.front(), wanted)) found = told_.front();
      seen += told_.front() + "\n";
      told_.pop_front();
    }
    return !found.empty();
  });
  INFO("waited for " << wanted << " among\n" << seen << "\nlog:\n" << log());
  REQUIRE(came);
  return found;
}

void Running::await_log(const std::string& words) {
  const bool came = wait([&] { return log_.find(words) != std::string::npos; });
  INFO("waited for \"" << words << "\" in\n" << log());
  REQUIRE(came);
}

void Running::signal(int number) const {
  REQUIRE(::kill(child_, number) == 0);
}

int Running::await_end() {
  const bool has_ended = wait([&] { return ended_; });
  INFO(log());
  REQUIRE(has_ended);
  int status = 0;
  REQUIRE(::waitpid(child_, &status, 0) == child_);
  status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return *status_;
}

std::string Running::log() {
  const std::lock_guard lock(mutex_);
  return log_;
}

}  // namespace chaser::test
