#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "support/wire.h"

namespace chaser::test {

/// How the next posts are answered, in turn; the last one stays.
struct WorkflowAnswer {
  int status = 202;
  std::vector<std::string> headers;  // "Retry-After: 30"
  std::string body;
  enum class Then : unsigned char {
    answer,
    close,
    hang
  } then = Then::answer;                 // close, hang: after the request was read
  std::function<void()> meanwhile = {};  // called before that
};

/// A post as it arrived, and whether Teams would have shown it.
struct Posted {
  std::string target;  // path and query
  std::vector<std::string> headers;
  std::string body;
  std::vector<std::string> faults;  // why a flow would fail after its 202; {} if the card would be shown

  std::string header(const std::string& name) const;  // without case; "" if absent
};

/// A Workflows webhook on a loopback port, by plain HTTP: checks the envelope, the card's version, elements and size as
/// research on Teams describes them, answers by script, and keeps each run's fate.
class WorkflowPeer {
 public:
  explicit WorkflowPeer(std::vector<WorkflowAnswer> answers = {{}});
  std::string url() const;
  std::vector<Posted> posted() const;
  int connections() const { return listener_->connections(); }
  void set_answers(std::vector<WorkflowAnswer> answers);

 private:
  void serve(Wire& wire);
  WorkflowAnswer take_answer();

  mutable std::mutex mutex_;
  std::vector<WorkflowAnswer> answers_;
  std::vector<Posted> posted_;
  std::unique_ptr<Listener> listener_;  // last: its threads use all of the above
};

}  // namespace chaser::test
