#include <fmt/format.h>

#include "app/settings_reader.h"

namespace chaser::app {

using documents::MappingReader;
using documents::YamlNode;

namespace {

/// `address` and `port`, or `socket`.
void read_place(MappingReader& reader, const YamlNode& node, const SettingsReading& reading, web::ListenAt& at) {
  at.address = reader.text("address").value_or(at.address);
  if (!is_loopback(at.address)) {
    reader.error_at("address", "the pages listen on this machine alone: 127.0.0.1 or ::1",
                    {"for others, put a web server with TLS before it: docs/OPERATIONS.md"});
  }
  at.port = static_cast<int>(reader.integer("port", 0, 65535).value_or(at.port));
  const auto socket = reader.text("socket");
  if (!socket) return;
  at.socket = reading.path(*socket);
  if (at.socket.size() > 100) reader.error_at("socket", "a Unix socket's path has at most 100 bytes");
  if (node.find("address") != nullptr || node.find("port") != nullptr)
    reader.error_at("socket", "it is either \"socket\", or \"address\" and \"port\"");
}

void read_users(MappingReader& reader, std::string_view key, web::Role role, web::AccessSettings& access) {
  for (const YamlNode* const user : reader.one_or_more(key)) {
    const auto [known, is_new] = access.proxy_roles.try_emplace(user->scalar, role);
    if (!is_new && known->second != role)
      reader.error_at(key, fmt::format("\"{}\" has another role already", user->scalar));
  }
}

void read_proxy(const YamlNode& node, const SettingsReading& reading, bool on_socket, web::AccessSettings& access) {
  MappingReader reader(node, reading.source, reading.problems, "the authenticating proxy");
  if (!reader.is_valid()) return;
  access.proxy_user_header = reader.required_text("user_header").value_or("");
  const bool fits = access.proxy_user_header.find_first_of(" \t:\r\n") == std::string::npos;
  if (!fits) reader.error_at("user_header", "\"user_header\" must be a header's name, such as X-Remote-User");
  read_users(reader, "admins", web::Role::admin, access);
  read_users(reader, "coordinators", web::Role::coordinator, access);
  read_users(reader, "viewers", web::Role::viewer, access);
  const std::string others[] = {"none", "viewer"};
  if (choice(reader, "others", others, 0, reading) == 1) access.proxy_role = web::Role::viewer;
  if (!on_socket) {
    reading.error(node, "a proxy's word on who asks counts on a Unix socket alone: set \"socket\"",
                  {"whoever reaches a port could say they are anybody"});
  }
  reader.finish();
}

}  // namespace

void read_http(const YamlNode& node, const SettingsReading& reading, Settings& settings) {
  MappingReader reader(node, reading.source, reading.problems, "the http settings");
  if (!reader.is_valid()) return;
  HttpSettings http;
  read_place(reader, node, reading, http.staff);
  http.threads = static_cast<int>(reader.integer("threads", 1, 64).value_or(http.threads));
  const std::string guests[] = {"none", "viewer"};
  http.access.guests_may_look = choice(reader, "guests", guests, 0, reading) == 1;
  if (const YamlNode* const proxy = reader.optional("proxy"))
    read_proxy(*proxy, reading, !http.staff.socket.empty(), http.access);
  if (const YamlNode* const answers = reader.optional("answers")) {
    http.answers = web::ListenAt{"127.0.0.1", 8428, ""};
    MappingReader inner(*answers, reading.source, reading.problems, "the answers' listener");
    if (inner.is_valid()) read_place(inner, *answers, reading, *http.answers);
    if (inner.is_valid()) inner.finish();
  }
  reader.finish();
  settings.http = http;
}

}  // namespace chaser::app
