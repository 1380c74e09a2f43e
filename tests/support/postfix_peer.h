#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "support/certificate.h"
#include "support/foreign_program.h"

namespace chaser::test {

/// Debian's Postfix as a process of its own on a loopback port, with its queue and mailboxes in a folder of its own: it
/// takes mail for county.example by STARTTLS alone. lead@ and chaser@ have a mailbox, busy@ is put off (451), gone@ is
/// taken and then bounces to the sender, anybody else is refused (550). Its master process needs to be root. Ended by
/// its own pid. Throws if it cannot be started.
class PostfixPeer {
 public:
  /// Whether it can be started here: installed, and we are root.
  static bool is_possible();

  PostfixPeer();
  ~PostfixPeer();
  PostfixPeer(const PostfixPeer&) = delete;
  PostfixPeer& operator=(const PostfixPeer&) = delete;

  int port() const { return port_; }
  const std::string& ca_file() const { return certificate_.file(); }
  /// The mails in a mailbox, once there is one at least; {} if there is none after half a minute.
  std::vector<std::string> mails_of(const std::string& user) const;
  /// The mailbox itself, a Maildir.
  std::filesystem::path mailbox(const std::string& user) const { return folder_ / "mail" / user; }

 private:
  void make_queue() const;
  void write_settings() const;

  Certificate certificate_;
  std::filesystem::path folder_;
  int port_ = 0;
  std::optional<ForeignProgram> master_;
};

}  // namespace chaser::test
