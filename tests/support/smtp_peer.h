#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "support/certificate.h"
#include "support/wire.h"

namespace chaser::test {

/// What goes wrong at a point of the dialogue. Points are "CONNECT" (the greeting), "EHLO", "STARTTLS", "AUTH", "MAIL",
/// "RCPT", "DATA", "BODY" (while the message comes in; to hang is to read no more of it), "." (the final dot) and
/// "QUIT".
struct SmtpFault {
  enum class Then : unsigned char { go_on, close, reset, hang };
  std::string reply;  // sent instead of the usual one, without CR LF; "" sends none, and the usual one with go_on
  Then then = Then::go_on;
  int times = -1;                        // how often; -1 is always
  bool keep = false;                     // accept and record the message all the same (only at ".")
  std::function<void()> meanwhile = {};  // called when the point is reached, before the reply
  std::string recipient = {};            // from RCPT on: of mail to them alone; "" is everybody
  int after = 0;                         // so often the point is passed first

  bool only_delays() const { return reply.empty() && then == Then::go_on; }
};

/// How the peer behaves.
struct SmtpScript {
  enum class Tls : unsigned char { none, starttls, implicit };
  Tls tls = Tls::none;
  std::vector<std::string> auth;  // mechanisms offered: "PLAIN", "LOGIN", "XOAUTH2"; none: no AUTH at all
  std::string user = "chaser";
  std::string password = "correct horse";  // or the token
  std::map<std::string, SmtpFault> faults;
};

/// A message as it arrived.
struct Received {
  std::string message_id;  // without brackets
  std::string sender;      // as in MAIL FROM, with its parameters
  std::string recipient;
  std::string bytes;  // dots unstuffed, CRLF
  std::string user;   // who was logged in, "" if nobody
  bool tls = false;
  int connection = 0;  // counts from 1
};

/// A real SMTP server on a loopback port: STARTTLS or implicit TLS with a certificate of its own, AUTH PLAIN, LOGIN and
/// XOAUTH2, and faults by script. Each accepted message is written to the log file (Message-ID, blank, recipient) and
/// synced before its 250.
class SmtpPeer {
 public:
  explicit SmtpPeer(SmtpScript script = {}, std::string log_file = "", std::uint16_t port = 0);
  ~SmtpPeer();

  int port() const { return listener_->port(); }
  const std::string& ca_file() const { return certificate_.file(); }
  void set_script(SmtpScript script);
  std::vector<Received> received() const;
  std::size_t count() const;
  int connections() const { return listener_->connections(); }
  /// Every command line seen, without what follows AUTH.
  std::vector<std::string> commands() const;

 private:
  friend class SmtpDialogue;
  std::optional<SmtpFault> take_fault(const std::string& point, const std::string& recipient);
  std::optional<SmtpFault> peek_fault(const std::string& point, const std::string& recipient) const;
  void note_command(const std::string& line);
  void accept(Received received);
  SmtpScript script() const;

  Certificate certificate_;
  ssl_ctx_st* context_;
  mutable std::mutex mutex_;
  SmtpScript script_;
  std::vector<Received> received_;
  std::vector<std::string> commands_;
  int log_ = -1;
  std::unique_ptr<Listener> listener_;  // last: its threads use all of the above
};

}  // namespace chaser::test
