#include "support/dovecot_peer.h"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>

#include "support/ports.h"

namespace chaser::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* program = "/usr/sbin/dovecot";

bool is_root() {
  return ::geteuid() == 0;
}

/// Who reads and writes the mails: root must not.
std::string mail_user() {
  if (is_root()) return "nobody";
  const passwd* const self = ::getpwuid(::geteuid());
  return self != nullptr ? self->pw_name : "nobody";
}

std::string mail_group() {
  const passwd* const user = ::getpwnam(mail_user().c_str());
  const group* const found = user != nullptr ? ::getgrgid(user->pw_gid) : nullptr;
  return found != nullptr ? found->gr_name : "nogroup";
}

void give_to_mail_user(const fs::path& path) {
  const passwd* const user = ::getpwnam(mail_user().c_str());
  if (is_root() && user != nullptr && ::chown(path.c_str(), user->pw_uid, user->pw_gid) != 0) {
    throw std::runtime_error("cannot give " + path.string() + " to " + mail_user());
  }
}

}  // namespace

DovecotPeer::DovecotPeer() {
  if (::access(program, X_OK) != 0) throw std::runtime_error("Dovecot is not installed (dovecot-imapd)");
  std::string name = (fs::temp_directory_path() / "chaser-dovecot-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a folder");
  folder_ = name;
  ::chmod(folder_.c_str(), 0755);
  for (const char* part : {"run", "state", "mail", "mail/chaser"}) fs::create_directories(folder_ / part);
  give_to_mail_user(folder_ / "mail" / "chaser");
  make_maildir(box());
  port_ = free_port();
  tls_port_ = free_port();
  write_settings();
  server_.emplace(std::vector<std::string>{program, "-F", "-c", (folder_ / "dovecot.conf").string()});
  for (const int port : {port_, tls_port_}) server_->wait_until_listening(port);
}

DovecotPeer::~DovecotPeer() {
  server_.reset();
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

/// "GET /?token=TOKEN": whose it is, if it is anybody's.
void DovecotPeer::look_up_token(Wire& wire) {
  while (const std::optional<std::string> request = wire.read_line()) {
    for (std::optional<std::string> line = wire.read_line(); line && !line->empty(); line = wire.read_line()) continue;
    const bool is_good = request->starts_with(fmt::format("GET /?token={} ", good_token));
    const std::string body = is_good ? R"({"user":"chaser","active":"true"})" : R"({"error":"invalid_token"})";
    if (!wire.write(fmt::format("HTTP/1.1 {} -\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                                is_good ? 200 : 401, body.size(), body))) {
      return;
    }
  }
}

void DovecotPeer::write_settings() const {
  std::ofstream(folder_ / "tokens.conf") << fmt::format(
      "tokeninfo_url = http://127.0.0.1:{}/?token=\nusername_attribute = user\nactive_attribute = active\n"
      "active_value = true\n",
      tokens_.port());
  const std::string own = is_root() ? ""
                                    : fmt::format(
                                          "default_internal_user = {0}\ndefault_internal_group = {1}\n"
                                          "default_login_user = {0}\n",
                                          mail_user(), mail_group());
  std::ofstream(folder_ / "dovecot.conf") << fmt::format(R"conf({5}base_dir = {0}/run
state_dir = {0}/state
log_path = {0}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{1}
ssl_key = <{2}
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2
mail_location = maildir:{0}/mail/%u
first_valid_uid = 1
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {0}/tokens.conf
}}
passdb {{
  driver = static
  mechanisms = plain login
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={6} gid={7} home={0}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {3}
  }}
  inet_listener imaps {{
    port = {4}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
)conf",
                                                         folder_.string(), certificate_.file(), certificate_.key_file(),
                                                         port_, tls_port_, own, mail_user(), mail_group());
}

void DovecotPeer::make_maildir(const fs::path& path) const {
  for (const char* part : {"", "tmp", "new", "cur"}) {
    fs::create_directories(path / part);
    give_to_mail_user(path / part);
  }
}

void DovecotPeer::make_folder(const std::string& name) const {
  make_maildir(box() / ("." + name));
}

void DovecotPeer::deliver(const std::string& name, const std::string& bytes) const {
  const fs::path written = box() / "tmp" / name;
  std::ofstream(written, std::ios::binary) << bytes;
  give_to_mail_user(written);
  fs::rename(written, box() / "new" / name);
}

std::vector<std::string> DovecotPeer::mails_in(const std::string& name) const {
  const fs::path folder = name.empty() ? box() : box() / ("." + name);
  std::vector<std::string> names;
  for (const char* part : {"new", "cur"}) {
    for (const auto& entry : fs::directory_iterator(folder / part)) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace chaser::test
