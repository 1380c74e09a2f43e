#pragma once

#include <string>
#include <vector>

#include "support/foreign_program.h"

namespace chaser::test {

/// Postfix's smtp-sink on a loopback port: takes every mail and keeps none, but for what its own options spoil, such as
/// {"-q", "."} (smtp-sink(1)). Throws if it cannot be started.
class SmtpSinkPeer {
 public:
  static constexpr const char* program = "/usr/sbin/smtp-sink";

  explicit SmtpSinkPeer(const std::vector<std::string>& options = {});
  int port() const { return port_; }

 private:
  int port_;
  ForeignProgram sink_;
};

}  // namespace chaser::test
