#include "support/smtp_peer.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <stdexcept>

namespace chaser::test {
namespace {

std::string from_base64(const std::string& text) {
  std::string bytes(text.size() + 4, '\0');
  const int length =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (length < 0) return "";
  const auto padding = static_cast<std::size_t>(std::count(text.begin(), text.end(), '='));
  bytes.resize(static_cast<std::size_t>(length) - std::min<std::size_t>(padding, 2));
  return bytes;
}

std::string unstuffed(std::string_view body) {
  std::string text;
  text.reserve(body.size());
  bool line_start = true;
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (line_start && body[i] == '.') {
      line_start = false;
      continue;
    }
    text += body[i];
    line_start = body[i] == '\n';
  }
  return text;
}

std::string message_id_in(const std::string& bytes) {
  const std::string name = "\r\nMessage-ID: <";
  const std::string lower = "\r\nMessage-Id: <";
  std::size_t at = ("\r\n" + bytes).find(name);
  if (at == std::string::npos) at = ("\r\n" + bytes).find(lower);
  if (at == std::string::npos) return "";
  const std::size_t begin = at + name.size() - 2;
  return bytes.substr(begin, bytes.find('>', begin) - begin);
}

std::string between_brackets(const std::string& line) {
  const std::size_t open = line.find('<');
  const std::size_t close = line.find('>', open == std::string::npos ? 0 : open);
  return open == std::string::npos || close == std::string::npos ? "" : line.substr(open + 1, close - open - 1);
}

}  // namespace

/// One client's dialogue.
class SmtpDialogue {
 public:
  SmtpDialogue(SmtpPeer& peer, Wire& wire, int connection) : peer_(peer), wire_(wire), connection_(connection) {}

  void run() {
    if (peer_.script().tls == SmtpScript::Tls::implicit && !wire_.begin_tls(peer_.context_)) return;
    if (!answer("CONNECT", "220 peer.example ESMTP")) return;
    while (const std::optional<std::string> line = wire_.read_line()) {
      if (!obey(*line)) return;
    }
  }

 private:
  bool say(const std::string& line) { return wire_.write(line + "\r\n"); }

  // False when the dialogue is over. `refused_` tells whether the usual answer was replaced.
  bool answer(const std::string& point, const std::string& usual) {
    refused_ = false;
    const std::optional<SmtpFault> fault = peer_.take_fault(point, message_.recipient);
    if (!fault) return say(usual);
    refused_ = true;
    if (fault->meanwhile) fault->meanwhile();
    if (fault->only_delays()) {
      refused_ = false;
      return say(usual);
    }
    if (!fault->reply.empty() && !say(fault->reply)) return false;
    switch (fault->then) {
      case SmtpFault::Then::go_on:
        return true;
      case SmtpFault::Then::close:
        return false;
      case SmtpFault::Then::reset:
        wire_.reset();
        return false;
      case SmtpFault::Then::hang:
        wire_.hang();
        return false;
    }
    return false;
  }

  bool obey(const std::string& line) {
    std::string verb = line.substr(0, line.find(' '));
    std::transform(verb.begin(), verb.end(), verb.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    peer_.note_command(verb == "AUTH" ? line.substr(0, line.find(' ', 5)) : line);
    if (verb == "EHLO") return greet();
    if (verb == "STARTTLS") return answer(verb, "220 2.0.0 go ahead") && (refused_ || wire_.begin_tls(peer_.context_));
    if (verb == "AUTH") return log_in(line);
    if (verb == "MAIL") return begin_mail(line);
    if (verb == "RCPT") return add_recipient(line);
    if (verb == "DATA") return take_message();
    if (verb == "QUIT") {
      answer(verb, "221 2.0.0 bye");
      return false;
    }
    return say(verb == "RSET" || verb == "NOOP" ? "250 2.0.0 ok" : "502 5.5.2 unknown command");
  }

  bool greet() {
    const SmtpScript script = peer_.script();
    std::string text = "250-peer.example\r\n250-SIZE 50000000\r\n250-ENHANCEDSTATUSCODES\r\n";
    if (script.tls == SmtpScript::Tls::starttls && !wire_.is_tls()) text += "250-STARTTLS\r\n";
    if (!script.auth.empty()) {
      text += "250-AUTH";
      for (const std::string& mechanism : script.auth) text += " " + mechanism;
      text += "\r\n";
    }
    return answer("EHLO", text + "250 8BITMIME");
  }

  bool log_in(const std::string& line) {
    const std::string rest = line.substr(std::min<std::size_t>(line.size(), 5));
    const std::size_t blank = rest.find(' ');
    const std::string mechanism = rest.substr(0, blank);
    std::string initial = blank == std::string::npos ? "" : rest.substr(blank + 1);
    std::string user;
    std::string secret;
    if (mechanism == "LOGIN") {
      if (initial.empty()) initial = ask("VXNlcm5hbWU6");
      user = from_base64(initial);
      secret = from_base64(ask("UGFzc3dvcmQ6"));
    } else {
      if (initial.empty()) initial = ask("");
      read_credentials(mechanism, from_base64(initial), user, secret);
    }
    const SmtpScript script = peer_.script();
    const bool right = user == script.user && secret == script.password;
    if (!answer("AUTH", right ? "235 2.7.0 welcome" : "535 5.7.8 no")) return false;
    if (right && !refused_) user_ = user;
    return true;
  }

  static void read_credentials(const std::string& mechanism, const std::string& text, std::string& user,
                               std::string& secret) {
    if (mechanism == "PLAIN") {
      const std::size_t first = text.find('\0');
      const std::size_t second = first == std::string::npos ? first : text.find('\0', first + 1);
      if (second == std::string::npos) return;
      user = text.substr(first + 1, second - first - 1);
      secret = text.substr(second + 1);
    } else if (mechanism == "XOAUTH2") {
      const std::size_t end = text.find('\1');
      const std::string bearer = "\1auth=Bearer ";
      if (!text.starts_with("user=") || end == std::string::npos || text.substr(end, bearer.size()) != bearer) return;
      user = text.substr(5, end - 5);
      secret = text.substr(end + bearer.size());
      secret = secret.substr(0, secret.find('\1'));
    }
  }

  std::string ask(const std::string& challenge) {
    if (!say("334 " + challenge)) return "";
    return wire_.read_line().value_or("");
  }

  bool begin_mail(const std::string& line) {
    message_ = {};
    if (!answer("MAIL", "250 2.1.0 ok")) return false;
    if (!refused_) message_.sender = line.substr(std::min<std::size_t>(line.size(), 10));
    return true;
  }

  bool add_recipient(const std::string& line) {
    message_.recipient = between_brackets(line);
    const bool goes_on = answer("RCPT", "250 2.1.5 ok");
    if (refused_) message_.recipient.clear();
    return goes_on;
  }

  bool take_message() {
    if (!answer("DATA", "354 go on")) return false;
    if (refused_) return true;
    if (const std::optional<SmtpFault> fault = peer_.take_fault("BODY", message_.recipient)) {
      wire_.read_bytes(1'024);
      if (fault->meanwhile) fault->meanwhile();
      if (!fault->reply.empty()) say(fault->reply);
      if (fault->then == SmtpFault::Then::reset) wire_.reset();
      if (fault->then == SmtpFault::Then::hang) wire_.stall();
      return false;
    }
    const std::optional<std::string> body = wire_.read_until("\r\n.\r\n");
    return body && end_message(*body + "\r\n");
  }

  bool end_message(const std::string& body) {
    message_.bytes = unstuffed(body);
    message_.message_id = message_id_in(message_.bytes);
    message_.user = user_;
    message_.tls = wire_.is_tls();
    message_.connection = connection_;
    const std::optional<SmtpFault> fault = peer_.peek_fault(".", message_.recipient);
    if (!fault || fault->keep || fault->only_delays()) peer_.accept(message_);
    return answer(".", "250 2.0.0 queued");
  }

  SmtpPeer& peer_;
  Wire& wire_;
  int connection_;
  bool refused_ = false;
  std::string user_;
  Received message_;
};

SmtpPeer::SmtpPeer(SmtpScript script, std::string log_file, std::uint16_t port)
    : context_(certificate_.make_context()), script_(std::move(script)) {
  if (!log_file.empty()) {
    log_ = ::open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log_ < 0) throw std::runtime_error("cannot open " + log_file);
  }
  listener_ = std::make_unique<Listener>(
      [this](Wire& wire, int connection) { SmtpDialogue(*this, wire, connection).run(); }, port);
}

SmtpPeer::~SmtpPeer() {
  listener_.reset();
  SSL_CTX_free(context_);
  if (log_ >= 0) ::close(log_);
}

void SmtpPeer::set_script(SmtpScript script) {
  const std::lock_guard lock(mutex_);
  script_ = std::move(script);
}

SmtpScript SmtpPeer::script() const {
  const std::lock_guard lock(mutex_);
  return script_;
}

namespace {

bool falls_on(const SmtpFault& fault, const std::string& recipient) {
  return fault.times != 0 && (fault.recipient.empty() || fault.recipient == recipient);
}

}  // namespace

std::optional<SmtpFault> SmtpPeer::peek_fault(const std::string& point, const std::string& recipient) const {
  const std::lock_guard lock(mutex_);
  const auto found = script_.faults.find(point);
  const bool falls = found != script_.faults.end() && falls_on(found->second, recipient) && found->second.after == 0;
  return falls ? std::optional(found->second) : std::nullopt;
}

std::optional<SmtpFault> SmtpPeer::take_fault(const std::string& point, const std::string& recipient) {
  const std::lock_guard lock(mutex_);
  const auto found = script_.faults.find(point);
  if (found == script_.faults.end() || !falls_on(found->second, recipient)) return std::nullopt;
  SmtpFault& fault = found->second;
  if (fault.after > 0) {
    --fault.after;
    return std::nullopt;
  }
  if (fault.times > 0) --fault.times;
  return fault;
}

void SmtpPeer::note_command(const std::string& line) {
  constexpr std::size_t commands_max = 10'000;
  const std::lock_guard lock(mutex_);
  if (commands_.size() < commands_max) commands_.push_back(line);
}

void SmtpPeer::accept(Received received) {
  const std::lock_guard lock(mutex_);
  if (log_ >= 0) {
    const std::string line = received.message_id + " " + received.recipient + "\n";
    if (::write(log_, line.data(), line.size()) != static_cast<ssize_t>(line.size()) || ::fsync(log_) != 0) {
      throw std::runtime_error("cannot write the log");
    }
  }
  received_.push_back(std::move(received));
}

std::vector<Received> SmtpPeer::received() const {
  const std::lock_guard lock(mutex_);
  return received_;
}

std::size_t SmtpPeer::count() const {
  const std::lock_guard lock(mutex_);
  return received_.size();
}

std::vector<std::string> SmtpPeer::commands() const {
  const std::lock_guard lock(mutex_);
  return commands_;
}

}  // namespace chaser::test
