#include <fmt/format.h>

#include "app/settings_reader.h"
#include "channels/channels.h"
#include "channels/links.h"
#include "channels/token.h"
#include "plan/directory.h"

namespace chaser::app {

using documents::MappingReader;
using documents::YamlNode;

bool is_loopback(std::string_view host) {
  return host == "127.0.0.1" || host == "::1" || host == "localhost";
}

bool is_host(std::string_view host) {
  if (host.empty() || host.size() > 253) return false;
  return host.find_first_of(std::string_view(" \t\r\n/@\"<>\0", 10)) == std::string_view::npos;
}

void read_seconds(MappingReader& reader, std::string_view key, std::chrono::seconds& value) {
  const auto text = reader.text(key);
  if (!text) return;
  const auto duration = parse_duration(*text);
  if (duration && *duration >= std::chrono::seconds(1) && *duration <= std::chrono::minutes(30)) {
    value = *duration;
  } else {
    reader.error_at(key, fmt::format("\"{}\" must be from 1s to 30m; got \"{}\"", key, *text));
  }
}

void read_oauth(MappingReader& reader, const YamlNode& node, const SettingsReading& reading, bool is_xoauth2,
                const std::string& ca_file, channels::OauthSettings& oauth) {
  oauth.token_url = reader.text("token_url").value_or("");
  oauth.client_id = reader.text("client_id").value_or("");
  oauth.client_secret = secret(reader, node, "client_secret", reading);
  oauth.scope = reader.text("scope").value_or(oauth.scope);
  oauth.ca_file = ca_file;
  oauth.allow_http_loopback = reader.boolean("allow_http_loopback").value_or(false);
  if (oauth.token_url.empty()) return;
  if (!is_xoauth2) reader.error_at("token_url", "\"token_url\" is for \"auth: xoauth2\"");
  if (const auto problem = channels::what_is_wrong(oauth)) reader.error_at("token_url", *problem);
}

namespace {

/// What a provider allows a mailbox that submits by SMTP. Source: research/delivery.md B7.
struct Provider {
  std::string_view name;
  int sessions;
  int per_minute;  // 0: no limit
  int per_day;
};
constexpr Provider providers[] = {{"any", 2, 0, 0}, {"exchange_online", 2, 25, 10'000}};

void read_limits(MappingReader& reader, const SettingsReading& reading, channels::SmtpSettings& smtp) {
  std::vector<std::string> names;
  for (const Provider& provider : providers) names.emplace_back(provider.name);
  const Provider& provider = providers[choice(reader, "provider", names, 0, reading)];
  smtp.sessions = static_cast<int>(reader.integer("sessions", 1, 20).value_or(provider.sessions));
  const auto per_minute = reader.integer("per_minute", 0, 1'000'000).value_or(provider.per_minute);
  const auto per_day = reader.integer("per_day", 0, 1'000'000'000).value_or(provider.per_day);
  smtp.per_minute = channels::rate_within(static_cast<int>(per_minute), absl::Minutes(1));
  smtp.per_day = channels::rate_within(static_cast<int>(per_day), absl::Hours(24));
}

/// `{ burst: 5, every: 12s }`; a burst of 0 is no limit.
void read_rate(MappingReader& parent, std::string_view key, const SettingsReading& reading, channels::Rate& rate) {
  const YamlNode* const node = parent.optional(key);
  if (node == nullptr) return;
  MappingReader reader(*node, reading.source, reading.problems, "a rate");
  if (!reader.is_valid()) return;
  rate.burst = static_cast<int>(reader.integer("burst", 0, 1'000'000).value_or(rate.burst));
  if (const auto text = reader.text("every")) {
    const auto every = parse_duration(*text);
    if (every && *every >= std::chrono::seconds(1) && *every <= std::chrono::hours(24)) {
      rate.every = absl::FromChrono(*every);
    } else {
      reader.error_at("every", fmt::format("\"every\" must be from 1s to 1d; got \"{}\"", *text));
    }
  }
  reader.finish();
}

void read_smtp_login(MappingReader& reader, const YamlNode& node, const SettingsReading& reading,
                     channels::SmtpSettings& smtp) {
  const std::string auths[] = {"none", "plain", "login", "xoauth2"};
  smtp.auth = static_cast<channels::Auth>(choice(reader, "auth", auths, 0, reading));
  smtp.user = reader.text("user").value_or("");
  smtp.password = secret(reader, node, "password", reading);
  read_oauth(reader, node, reading, smtp.auth == channels::Auth::xoauth2, smtp.ca_file, smtp.oauth);
  if (smtp.auth == channels::Auth::none) return;
  if (smtp.user.empty()) reader.error_at("auth", "\"auth\" needs \"user\"");
  if (smtp.password.empty() && smtp.oauth.token_url.empty()) {
    reader.error_at("auth", "\"auth\" needs \"password_file\" or \"password_credential\"",
                    {"xoauth2 may fetch its tokens: \"token_url\", \"client_id\" and \"client_secret_file\""});
  }
  if (smtp.tls == channels::Tls::none && !is_loopback(smtp.host)) {
    reader.error_at("auth", "\"auth\" without TLS would show the password to the network");
  }
}

void read_smtp(MappingReader& reader, const YamlNode& node, const SettingsReading& reading,
               channels::SmtpSettings& smtp) {
  smtp.host = reader.required_text("host").value_or("");
  if (reader.optional("host") != nullptr && !is_host(smtp.host)) {
    reader.error_at("host", "\"host\" must be a host name or an address, without port or blanks");
  }
  const std::string modes[] = {"starttls", "implicit", "none"};
  smtp.tls = static_cast<channels::Tls>(choice(reader, "tls", modes, 0, reading));
  if (smtp.tls == channels::Tls::none && !is_loopback(smtp.host)) {
    reader.error_at("tls", "\"tls: none\" is for a mail server on this machine alone (127.0.0.1, ::1 or localhost)");
  }
  const int usual = smtp.tls == channels::Tls::implicit ? 465 : smtp.tls == channels::Tls::none ? 25 : 587;
  smtp.port = static_cast<int>(reader.integer("port", 1, 65535).value_or(usual));
  if (const auto file = reader.text("ca_file")) smtp.ca_file = reading.path(*file);
  read_smtp_login(reader, node, reading, smtp);
  smtp.ehlo_name = reader.text("ehlo_name").value_or("");
  if (!smtp.ehlo_name.empty() && !is_host(smtp.ehlo_name))
    reader.error_at("ehlo_name", "\"ehlo_name\" must be a host name");
  smtp.envelope_from = reader.text("envelope_from").value_or("");
  if (!smtp.envelope_from.empty() && !plan::is_address(smtp.envelope_from)) {
    reader.error_at("envelope_from", "\"envelope_from\" must be one email address, such as bounces@kent.example");
  }
  smtp.verp = reader.boolean("verp").value_or(false);
  if (smtp.verp && smtp.envelope_from.find('@') != std::string::npos &&
      smtp.envelope_from.find('@') > channels::verp_local_max) {
    reader.error_at("verp",
                    fmt::format("with \"verp\" the part of \"envelope_from\" before the @ has at most {} characters",
                                channels::verp_local_max));
  }
  if (smtp.verp && smtp.envelope_from.empty()) reader.error_at("verp", "\"verp\" needs \"envelope_from\"");
  read_limits(reader, reading, smtp);
  read_seconds(reader, "connect_timeout", smtp.connect_timeout);
  read_seconds(reader, "reply_timeout", smtp.reply_timeout);
}

EmailChannel read_email(const YamlNode& node, const SettingsReading& reading) {
  MappingReader reader(node, reading.source, reading.problems, "the email channel");
  EmailChannel email;
  const std::string types[] = {"smtp", "maildir"};
  reader.required("type");
  email.type = static_cast<EmailChannel::Type>(choice(reader, "type", types, 0, reading));
  if (email.type == EmailChannel::Type::smtp) {
    read_smtp(reader, node, reading, email.smtp);
  } else {
    email.folder = reader.required_text("folder").value_or("");
  }
  reader.finish();
  return email;
}

void read_flow(const std::string& name, const YamlNode& node, const SettingsReading& reading,
               channels::TeamsSettings& teams) {
  MappingReader reader(node, reading.source, reading.problems, "a Teams channel");
  if (!reader.is_valid()) return;
  channels::TeamsSettings::Flow flow;
  flow.url = secret(reader, node, "url", reading);
  flow.owner = reader.text("owner").value_or("");
  const std::string forms[] = {"card", "json"};
  flow.json = choice(reader, "form", forms, 0, reading) == 1;
  flow.signing_key = secret(reader, node, "signing_key", reading);
  if (!flow.json && !flow.signing_key.empty()) {
    reader.error_at(node.find("signing_key_file") != nullptr ? "signing_key_file" : "signing_key_credential",
                    "only \"form: json\" is signed: a flow has its signature in its address");
  }
  if (flow.url.empty() && node.find("url") == nullptr) {
    reader.error_at("url_file", "a Teams channel needs \"url_file\" or \"url_credential\"",
                    {"the whole Workflows address is a secret: who has it can post"});
  } else if (flow.url.value != "?" && !flow.url.empty()) {
    channels::TeamsSettings alone = teams;
    alone.channels = {{name, flow}};
    if (const auto problem = channels::what_is_wrong(alone)) reading.error(node, *problem);
  }
  reader.finish();
  teams.channels[name] = std::move(flow);
}

TeamsChannel read_teams(const YamlNode& node, const SettingsReading& reading) {
  MappingReader reader(node, reading.source, reading.problems, "the Teams channel kind");
  TeamsChannel teams;
  const std::string types[] = {"workflows", "folder"};
  reader.required("type");
  teams.type = static_cast<TeamsChannel::Type>(choice(reader, "type", types, 0, reading));
  if (teams.type == TeamsChannel::Type::folder) {
    teams.folder = reader.required_text("folder").value_or("");
  } else {
    teams.workflows.allow_http_loopback = reader.boolean("allow_http_loopback").value_or(false);
    const auto hosts = reader.one_or_more("allowed_hosts");
    if (!hosts.empty()) teams.workflows.allowed_hosts.clear();
    for (const YamlNode* const host : hosts) teams.workflows.allowed_hosts.push_back(host->scalar);
    if (const auto file = reader.text("ca_file")) teams.workflows.ca_file = reading.path(*file);
    teams.workflows.sessions = static_cast<int>(reader.integer("sessions", 1, 64).value_or(teams.workflows.sessions));
    teams.workflows.heartbeat = reader.boolean("heartbeat").value_or(false);
    read_rate(reader, "rate", reading, teams.workflows.rate);
    read_seconds(reader, "connect_timeout", teams.workflows.connect_timeout);
    read_seconds(reader, "answer_timeout", teams.workflows.answer_timeout);
    const YamlNode* const channels = reader.required("channels");
    if (channels != nullptr && !channels->is_mapping())
      reader.error_at("channels", "\"channels\" maps names to addresses");
    if (channels != nullptr) {
      for (const auto& [key, value] : channels->entries) read_flow(key.scalar, value, reading, teams.workflows);
    }
  }
  reader.finish();
  return teams;
}

}  // namespace

void read_channels(const YamlNode& node, const SettingsReading& reading, Settings& settings) {
  MappingReader reader(node, reading.source, reading.problems, "the channels");
  if (!reader.is_valid()) return;
  if (const YamlNode* const email = reader.optional("email")) settings.email = read_email(*email, reading);
  if (const YamlNode* const teams = reader.optional("teams")) settings.teams = read_teams(*teams, reading);
  read_rate(reader, "per_person", reading, settings.per_person);
  if (!settings.email && !settings.teams) reading.error(node, "no channel: Chaser needs \"email\", \"teams\" or both");
  reader.finish();
}

void read_mail(const YamlNode& node, const SettingsReading& reading, Settings& settings) {
  MappingReader reader(node, reading.source, reading.problems, "the mail settings");
  if (!reader.is_valid()) return;
  if (const auto name = reader.text("from_name")) {
    settings.mail.from_name = *name;
    if (name->find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      reader.error_at("from_name", "\"from_name\" must be one line");
    }
  }
  settings.mail.from_address = reader.required_text("from_address").value_or("");
  if (!settings.mail.from_address.empty() && !plan::is_address(settings.mail.from_address)) {
    reader.error_at("from_address", fmt::format("\"{}\" is not an email address", settings.mail.from_address),
                    {"such as chaser@kent.example"});
  }
  settings.mail.message_id_domain = reader.text("message_id_domain").value_or("");
  if (!settings.mail.message_id_domain.empty() && !is_host(settings.mail.message_id_domain)) {
    reader.error_at("message_id_domain", "\"message_id_domain\" must be a domain, such as kent.example");
  }
  settings.mail.calendar = reader.boolean("calendar").value_or(false);
  settings.mail.message_id_key = secret(reader, node, "message_id_key", reading);
  reader.finish();
}

void read_links(const YamlNode& node, const SettingsReading& reading, Settings& settings) {
  MappingReader reader(node, reading.source, reading.problems, "the links");
  if (!reader.is_valid()) return;
  for (const std::string name : {"key", "previous_key"}) {
    channels::Secret key = secret(reader, node, name, reading);
    if (key.empty()) {
      if (name == "key") reader.error_at("key_file", "\"links\" needs \"key_file\" or \"key_credential\"");
      continue;
    }
    if (key.value != "?" && key.value.size() < channels::link_key_bytes_min) {
      reading.error(node,
                    fmt::format("the links' {} has fewer than {} bytes: who guesses it answers for others", name,
                                channels::link_key_bytes_min),
                    {"such as from: openssl rand -hex 32"});
    }
    if (key.value != "?") settings.link_keys.push_back(std::move(key));
  }
  if (settings.public_url.empty()) reading.error(node, "\"links\" needs \"public_url\": where the links lead");
  reader.finish();
}

}  // namespace chaser::app
