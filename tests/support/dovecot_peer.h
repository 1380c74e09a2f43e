#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "support/certificate.h"
#include "support/foreign_program.h"
#include "support/wire.h"

namespace chaser::test {

/// Debian's Dovecot as a process of its own on a loopback port, with settings and mails in a folder of its own; IMAP by
/// STARTTLS or implicit TLS, or without. Any user, "secret" as password; by XOAUTH2 "chaser" with the token
/// `good_token`, which Dovecot has looked up at a server of the peer's, as it would at its provider's. Ended by its own
/// pid. Fails the test if Dovecot is not there.
class DovecotPeer {
 public:
  DovecotPeer();
  ~DovecotPeer();
  DovecotPeer(const DovecotPeer&) = delete;
  DovecotPeer& operator=(const DovecotPeer&) = delete;

  static constexpr const char* good_token = "token-2";

  int port() const { return port_; }
  int tls_port() const { return tls_port_; }
  const std::string& ca_file() const { return certificate_.file(); }
  /// Puts a mail into "chaser"'s INBOX, as a delivery agent would.
  void deliver(const std::string& name, const std::string& bytes) const;
  void make_folder(const std::string& name) const;
  /// Names of the files in a folder of "chaser" ("" is INBOX), new/ and cur/ together.
  std::vector<std::string> mails_in(const std::string& name) const;

 private:
  static void look_up_token(Wire& wire);
  void write_settings() const;
  std::filesystem::path box() const { return folder_ / "mail" / "chaser"; }
  void make_maildir(const std::filesystem::path& path) const;

  Certificate certificate_;
  Listener tokens_{[](Wire& wire, int) { look_up_token(wire); }};
  std::filesystem::path folder_;
  int port_ = 0;
  int tls_port_ = 0;
  std::optional<ForeignProgram> server_;
};

}  // namespace chaser::test
