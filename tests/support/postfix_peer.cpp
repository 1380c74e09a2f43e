#include "support/postfix_peer.h"

#include <fmt/format.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "support/ports.h"

namespace chaser::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* program = "/usr/lib/postfix/sbin/master";
constexpr int tries_max = 600;  // of 50 ms

void give(const fs::path& path, const char* user, const char* group = nullptr) {
  const passwd* const owner = ::getpwnam(user);
  const struct group* const owning = group != nullptr ? ::getgrnam(group) : nullptr;
  const bool is_known = owner != nullptr && (group == nullptr || owning != nullptr);
  if (!is_known || ::chown(path.c_str(), owner->pw_uid, owning != nullptr ? owning->gr_gid : owner->pw_gid) != 0) {
    throw std::runtime_error("cannot give " + path.string() + " to " + user);
  }
}

}  // namespace

bool PostfixPeer::is_possible() {
  return ::geteuid() == 0 && ::access(program, X_OK) == 0;
}

PostfixPeer::PostfixPeer() {
  if (!is_possible()) throw std::runtime_error("Postfix is not installed, or we are not root");
  std::string name = (fs::temp_directory_path() / "chaser-postfix-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a folder");
  folder_ = name;
  ::chmod(folder_.c_str(), 0755);
  make_queue();
  port_ = free_port();
  write_settings();
  master_.emplace(std::vector<std::string>{program, "-c", folder_.string(), "-d"});
  master_->wait_until_listening(port_);
}

PostfixPeer::~PostfixPeer() {
  master_.reset();
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

/// As Postfix's own set-up makes it.
void PostfixPeer::make_queue() const {
  const fs::path queue = folder_ / "queue";
  for (const char* part :
       {"incoming", "active", "deferred", "bounce", "defer", "flush", "hold", "trace", "corrupt", "saved", "private"}) {
    fs::create_directories(queue / part);
    ::chmod((queue / part).c_str(), 0700);
    give(queue / part, "postfix");
  }
  fs::create_directories(queue / "pid");
  for (const char* part : {"public", "maildrop"}) {
    fs::create_directories(queue / part);
    give(queue / part, "postfix", "postdrop");
  }
  ::chmod((queue / "public").c_str(), 0710);
  ::chmod((queue / "maildrop").c_str(), 0730);
  fs::create_directories(folder_ / "data");
  give(folder_ / "data", "postfix");
  fs::create_directories(folder_ / "mail");
  give(folder_ / "mail", "nobody");
}

void PostfixPeer::write_settings() const {
  const passwd* const nobody = ::getpwnam("nobody");
  std::ofstream(folder_ / "main.cf") << fmt::format(
      R"conf(compatibility_level = 3.6
queue_directory = {0}/queue
data_directory = {0}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.county.example
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
local_recipient_maps =
virtual_mailbox_domains = county.example
virtual_mailbox_base = {0}/mail
virtual_mailbox_maps = inline:{{ {{lead@county.example=lead/}} {{chaser@county.example=chaser/}} {{busy@county.example=busy/}} {{gone@county.example=gone/}} }}
recipient_delimiter = +
virtual_uid_maps = static:{3}
virtual_gid_maps = static:{4}
virtual_minimum_uid = 1
transport_maps = inline:{{ {{gone@county.example=gone:}} }}
smtpd_recipient_restrictions = check_recipient_access inline:{{ {{busy@county.example=451 4.7.1 try later}} }}, reject_unauth_destination
smtpd_forbid_bare_newline = yes
smtpd_peername_lookup = no
smtpd_tls_security_level = encrypt
smtpd_tls_received_header = yes
smtpd_tls_cert_file = {1}
smtpd_tls_key_file = {2}
maillog_file = {0}/log
maillog_file_prefixes = {0}
)conf",
      folder_.string(), certificate_.file(), certificate_.key_file(), nobody->pw_uid, nobody->pw_gid);
  std::ofstream(folder_ / "master.cf") << fmt::format(R"conf(127.0.0.1:{} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
virtual unix - n n - - virtual
error unix - - n - - error
retry unix - - n - - error
gone unix - n n - - pipe user=nobody argv=/bin/sh -c {{exit 67}}
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
)conf",
                                                      port_);
}

std::vector<std::string> PostfixPeer::mails_of(const std::string& user) const {
  const fs::path arrived = mailbox(user) / "new";
  for (int tries = 0; tries < tries_max; ++tries) {
    std::vector<std::string> mails;
    std::error_code missing;
    for (const auto& entry : fs::directory_iterator(arrived, missing)) {
      std::ifstream in(entry.path(), std::ios::binary);
      mails.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
    if (!mails.empty()) return mails;
    ::poll(nullptr, 0, 50);  // it delivers in its own time
  }
  return {};
}

}  // namespace chaser::test
