#include "support/smtp_sink_peer.h"

#include <unistd.h>

#include "support/ports.h"

namespace chaser::test {
namespace {

std::vector<std::string> words_of(const std::vector<std::string>& options, int port) {
  std::vector<std::string> words{SmtpSinkPeer::program};
  if (::geteuid() == 0) words.insert(words.end(), {"-u", "nobody"});
  words.insert(words.end(), options.begin(), options.end());
  words.insert(words.end(), {"127.0.0.1:" + std::to_string(port), "1000"});
  return words;
}

}  // namespace

SmtpSinkPeer::SmtpSinkPeer(const std::vector<std::string>& options)
    : port_(free_port()), sink_(words_of(options, port_)) {
  sink_.wait_until_listening(port_);
}

}  // namespace chaser::test
