#include <fmt/format.h>

#include "app/settings_reader.h"
#include "channels/inbox.h"
#include "plan/directory.h"

namespace chaser::app {

using documents::MappingReader;
using documents::YamlNode;

namespace {

void read_imap(MappingReader& reader, const YamlNode& node, const SettingsReading& reading,
               channels::InboxSettings& inbox) {
  inbox.host = reader.required_text("host").value_or("");
  const std::string modes[] = {"implicit", "starttls", "none"};
  constexpr channels::Tls tls[] = {channels::Tls::implicit, channels::Tls::starttls, channels::Tls::none};
  inbox.tls = tls[choice(reader, "tls", modes, 0, reading)];
  inbox.port =
      static_cast<int>(reader.integer("port", 1, 65535).value_or(inbox.tls == channels::Tls::implicit ? 993 : 143));
  if (const auto file = reader.text("ca_file")) inbox.ca_file = reading.path(*file);
  const std::string auths[] = {"plain", "login", "xoauth2"};
  constexpr channels::Auth auth[] = {channels::Auth::plain, channels::Auth::login, channels::Auth::xoauth2};
  inbox.auth = auth[choice(reader, "auth", auths, 0, reading)];
  inbox.user = reader.required_text("user").value_or("");
  inbox.password = secret(reader, node, "password", reading);
  read_oauth(reader, node, reading, inbox.auth == channels::Auth::xoauth2, inbox.ca_file, inbox.oauth);
  inbox.folder = reader.text("folder").value_or(inbox.folder);
  inbox.done_folder = reader.text("done_folder").value_or("");
  read_seconds(reader, "answer_timeout", inbox.answer_timeout);
}

void read_every(MappingReader& reader, channels::InboxSettings& inbox) {
  const auto text = reader.text("every");
  if (!text) return;
  const auto every = parse_duration(*text);
  if (every && *every >= std::chrono::seconds(10) && *every <= std::chrono::hours(1)) {
    inbox.every = *every;
  } else {
    reader.error_at("every", fmt::format("\"every\" must be from 10s to 1h; got \"{}\"", *text));
  }
}

}  // namespace

void read_inbox(const YamlNode& node, const SettingsReading& reading, Settings& settings) {
  MappingReader reader(node, reading.source, reading.problems, "the inbox");
  if (!reader.is_valid()) return;
  const std::size_t errors = reading.problems.errors();
  channels::InboxSettings inbox;
  const std::string types[] = {"imap", "maildir"};
  reader.required("type");
  inbox.type = static_cast<channels::InboxSettings::Type>(choice(reader, "type", types, 0, reading));
  if (inbox.type == channels::InboxSettings::Type::imap) {
    read_imap(reader, node, reading, inbox);
  } else if (const auto folder = reader.required_text("folder")) {
    inbox.folder = reading.path(*folder);
  }
  read_every(reader, inbox);
  settings.mail.reply_address = reader.text("replies_to").value_or("");
  if (!settings.mail.reply_address.empty() && !plan::is_address(settings.mail.reply_address)) {
    reader.error_at("replies_to", "\"replies_to\" must be the mailbox's email address, such as chaser@kent.example");
  }
  if (settings.mail.message_id_key.empty()) {
    reading.error(node, "\"inbox\" needs \"message_id_key_file\" or \"message_id_key_credential\" in \"mail\"",
                  {"what comes back is believed by the signature in its Message-ID alone"});
  }
  reader.finish();
  if (reading.problems.errors() == errors) {
    if (const auto problem = channels::what_is_wrong(inbox)) reading.error(node, *problem);
  }
  settings.inbox = std::move(inbox);
}

}  // namespace chaser::app
