#include "support/foreign_program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

#include "support/ports.h"

namespace chaser::test {

ForeignProgram::ForeignProgram(const std::vector<std::string>& words) : name_(words.at(0)) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  child_ = ::fork();
  if (child_ < 0) throw std::runtime_error("cannot fork");
  if (child_ > 0) return;
  ::setsid();  // Postfix's master ends its whole process group
  const int null = ::open("/dev/null", O_RDWR);
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(null, descriptor);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

ForeignProgram::~ForeignProgram() {
  if (child_ <= 0) return;
  ::kill(child_, SIGTERM);
  ::waitpid(child_, nullptr, 0);
}

void ForeignProgram::wait_until_listening(int port) {
  constexpr int tries_max = 600;
  for (int tries = 0; tries < tries_max; ++tries) {
    if (accepts(port)) return;
    if (::waitpid(child_, nullptr, WNOHANG) == child_) {
      child_ = -1;
      throw std::runtime_error(name_ + " ended at once");
    }
    ::poll(nullptr, 0, 50);  // until a foreign program listens there is nothing to wait on
  }
  throw std::runtime_error(name_ + " does not listen");
}

}  // namespace chaser::test
