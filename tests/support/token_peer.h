#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "support/wire.h"

namespace chaser::test {

/// An OAuth token endpoint on a loopback port, by plain HTTP: gives tokens "token-1", "token-2" ..., each for `life`
/// seconds, or answers by script.
class TokenPeer {
 public:
  explicit TokenPeer(int life = 3'600);
  std::string url() const;
  /// The forms that were posted.
  std::vector<std::string> posted() const;
  /// Answers so instead, until told "" again.
  void answer_with(int status, std::string body);

 private:
  void serve(Wire& wire);

  const int life_;
  mutable std::mutex mutex_;
  std::vector<std::string> posted_;
  int status_ = 200;
  std::string body_;
  std::unique_ptr<Listener> listener_;  // last: its threads use all of the above
};

}  // namespace chaser::test
