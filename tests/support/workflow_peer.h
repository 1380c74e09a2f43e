#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "support/certificate.h"
#include "support/wire.h"

namespace chaser::test {

/// How the next posts are answered, in turn; the last one stays.
struct WorkflowAnswer {
  int status = 202;
  std::vector<std::string> headers = {};  // "Retry-After: 30"
  std::string body = {};
  enum class Then : unsigned char {
    answer,
    close,
    reset,
    hang
  } then = Then::answer;                 // close, reset, hang: after the request was read
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

/// A Workflows webhook on a loopback port, by plain HTTP or by TLS with a certificate of its own: checks the envelope,
/// the card's version, elements, mentions, buttons and size as research on Teams describes them, answers by script, and
/// keeps each run's fate.
class WorkflowPeer {
 public:
  enum class Transport : unsigned char { plain, tls };
  explicit WorkflowPeer(std::vector<WorkflowAnswer> answers = {{}}, Transport transport = Transport::plain);
  ~WorkflowPeer();
  std::string url() const;
  const std::string& ca_file() const { return certificate_.file(); }
  std::vector<Posted> posted() const;
  std::size_t count() const;
  int connections() const { return listener_->connections(); }
  void set_answers(std::vector<WorkflowAnswer> answers);
  /// Called when a connection is made, before anything is said on it.
  void on_connect(std::function<void()> call);
  /// From now on what Teams would not take so fast is answered with 429 and not shown: more than 4 posts in a second,
  /// or 25 in 300. Source: research/delivery.md A6.
  void throttle();
  /// As if more than that time had passed.
  void forget_rate();
  std::size_t throttled() const;

 private:
  void serve(Wire& wire);
  void greet();
  WorkflowAnswer take_answer();
  bool is_too_fast();

  Certificate certificate_;
  ssl_ctx_st* context_ = nullptr;  // of TLS
  mutable std::mutex mutex_;
  std::vector<WorkflowAnswer> answers_;
  std::vector<Posted> posted_;
  std::function<void()> on_connect_;
  bool throttles_ = false;
  std::size_t throttled_ = 0;
  std::vector<std::chrono::steady_clock::time_point> taken_;  // while it throttles
  std::unique_ptr<Listener> listener_;                        // last: its threads use all of the above
};

}  // namespace chaser::test
