#include "app/settings.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>

#include "app/files.h"
#include "app/settings_reader.h"
#include "plan/read_window.h"

namespace chaser::app {

using documents::MappingReader;
using documents::YamlNode;

std::string SettingsReading::path(const std::string& written) const {
  return resolve_path(base, written);
}

void SettingsReading::error(const YamlNode& node, std::string message, std::vector<std::string> notes) const {
  problems.error(source, node.at, std::move(message), std::move(notes));
}

std::string_view name_of(LogLevel level) {
  constexpr std::string_view names[] = {"debug", "info", "warning", "error"};
  return names[static_cast<std::size_t>(level)];
}

std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
  long long count = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, failure] = std::from_chars(text.data(), end, count);
  if (failure != std::errc{} || rest + 1 != end || count < 0 || count > 1'000'000) return std::nullopt;
  switch (*rest) {
    case 's':
      return std::chrono::seconds(count);
    case 'm':
      return std::chrono::minutes(count);
    case 'h':
      return std::chrono::hours(count);
    case 'd':
      return std::chrono::hours(24 * count);
    default:
      return std::nullopt;
  }
}

bool is_slug(std::string_view text) {
  if (text.empty() || text.size() > 64 || text.front() == '-' || text.back() == '-') return false;
  for (const char letter : text) {
    if (!((letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '-')) return false;
  }
  return true;
}

std::size_t choice(MappingReader& reader, std::string_view key, std::span<const std::string> words,
                   std::size_t fallback, const SettingsReading& reading) {
  const auto word = reader.text(key);
  if (!word) return fallback;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == *word) return i;
  }
  std::string all;
  for (const std::string& known : words) all += (all.empty() ? "" : ", ") + known;
  reader.error_at(key, fmt::format("unknown \"{}\" for \"{}\"{}", *word, key, documents::did_you_mean(*word, words)),
                  {"one of: " + all});
  static_cast<void>(reading);
  return fallback;
}

ReadSecret read_secrets(std::optional<std::string> credentials_folder) {
  return [folder =
              std::move(credentials_folder)](const SecretSource& source) -> std::expected<std::string, std::string> {
    if (source.from == SecretSource::From::credential && !folder) {
      return std::unexpected(std::string("only the service manager hands it out, when it starts the service"));
    }
    constexpr std::size_t secret_bytes_max = 16384;
    const std::string path = source.from == SecretSource::From::file ? source.name : resolve_path(*folder, source.name);
    auto bytes = read_file(path, secret_bytes_max);
    if (!bytes) return bytes;
    while (!bytes->empty() && (bytes->back() == '\n' || bytes->back() == '\r')) bytes->pop_back();
    if (bytes->empty()) return std::unexpected(std::string("it is empty"));
    if (bytes->find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      return std::unexpected(std::string("it has more than one line"));
    }
    return bytes;
  };
}

namespace {

void refuse_in_text(const YamlNode& mapping, const std::string& name, const SettingsReading& reading) {
  const YamlNode* const written = mapping.find(name);
  if (written == nullptr) return;
  documents::Problem problem;
  problem.file = reading.source.name();
  problem.at = written->at;
  problem.message = fmt::format("\"{}\" does not belong in this file, which many may read", name);
  problem.notes = {
      fmt::format("put it in a file of its own and say \"{0}_file: PATH\", or \"{0}_credential: NAME\" for one that "
                  "the service manager hands out",
                  name)};
  reading.problems.add(std::move(problem));  // without an excerpt, so that nothing repeats it
}

bool is_https_url(std::string_view url) {
  const bool shape = url.starts_with("https://") && url.size() > 8 && url.size() < 1000;
  return shape && url.find_first_of(" \t\r\n\"<>?#") == std::string_view::npos;
}

void read_limits(MappingReader& top, const SettingsReading& reading, Settings& settings) {
  if (const auto text = top.text("use_by")) {
    const auto duration = parse_duration(*text);
    if (!duration || *duration < std::chrono::hours(1) || *duration > std::chrono::hours(72)) {
      top.error_at("use_by", fmt::format("\"use_by\" must be from 1h to 72h; got \"{}\"", *text),
                   {"such as 3d or 36h"});
    } else {
      settings.use_by = *duration;
    }
  }
  if (const auto text = top.text("dead_address_for")) {
    const auto duration = parse_duration(*text);
    if (!duration || *duration > std::chrono::hours(24 * 365)) {
      top.error_at("dead_address_for", fmt::format("\"dead_address_for\" must be from 0d to 365d; got \"{}\"", *text),
                   {"such as 30d or 12h"});
    } else {
      settings.dead_address_for = *duration;
    }
  }
  const std::string levels[] = {"debug", "info", "warning", "error"};
  settings.log_level = static_cast<LogLevel>(choice(top, "log", levels, 1, reading));
}

void read_paths(MappingReader& top, const SettingsReading& reading, Settings& settings) {
  const auto state = top.text("state_directory");
  if (reading.context.state_directory) {
    settings.state_directory = *reading.context.state_directory;
  } else if (state) {
    settings.state_directory = reading.path(*state);
  } else if (top.is_valid() && top.optional("state_directory") == nullptr) {
    top.error_at("state_directory", "the settings need \"state_directory\": the folder in which Chaser remembers",
                 {"such as state_directory: /var/lib/chaser"});
  }
  if (const auto directory = top.required_text("directory")) settings.directory = reading.path(*directory);
  top.required("rules");
  for (const YamlNode* const entry : top.one_or_more("rules")) {
    for (std::string& file : yaml_files(reading.path(entry->scalar))) settings.rules.push_back(std::move(file));
    if (settings.rules.empty()) reading.error(*entry, fmt::format("no rule file (*.yaml) in \"{}\"", entry->scalar));
  }
  for (const YamlNode* const entry : top.one_or_more("calendars")) {
    for (std::string& file : yaml_files(reading.path(entry->scalar))) settings.calendars.push_back(std::move(file));
  }
  if (const auto templates = top.text("templates")) settings.templates = reading.path(*templates);
  if (const auto workflow = top.text("workflow")) settings.workflow = reading.path(*workflow);
  if (const auto url = top.text("public_url")) {
    if (!is_https_url(*url)) top.error_at("public_url", "\"public_url\" must begin with https:// and have no query");
    settings.public_url = *url;
  }
}

void read_windows(const YamlNode& node, const SettingsReading& reading, Settings& settings) {
  MappingReader reader(node, reading.source, reading.problems, "the windows");
  for (const auto& [key, value] : node.entries) {
    if (!is_slug(key.scalar))
      reading.error(key, fmt::format("a window's name is a slug (a-z, 0-9, -); got \"{}\"", key.scalar));
    if (const auto window = plan::read_window(value, reading.source, reading.problems))
      settings.windows[key.scalar] = *window;
  }
}

}  // namespace

channels::Secret secret(MappingReader& reader, const YamlNode& mapping, const std::string& name,
                        const SettingsReading& reading) {
  if (mapping.find(name) != nullptr) reader.optional(name);
  refuse_in_text(mapping, name, reading);
  const auto file = reader.text(name + "_file");
  const auto credential = reader.text(name + "_credential");
  if (file && credential) {
    reader.error_at(name + "_credential",
                    fmt::format("\"{0}\" comes from \"{0}_file\" or \"{0}_credential\", not from both", name));
    return {};
  }
  if (!file && !credential) return {};
  if (credential && (credential->empty() || credential->find('/') != std::string::npos)) {
    reader.error_at(name + "_credential", "a credential is named without a path");
    return {};
  }
  const SecretSource source = file ? SecretSource{SecretSource::From::file, reading.path(*file)}
                                   : SecretSource{SecretSource::From::credential, *credential};
  auto value = reading.context.read_secret(source);
  if (value) return {std::move(*value)};
  const std::string key = name + (file ? "_file" : "_credential");
  const std::string message = fmt::format("\"{}\" cannot be read: {}", key, value.error());
  if (reading.context.secrets_required) {
    reader.error_at(key, message);
  } else {
    reading.problems.warning(reading.source, mapping.find(key)->at, message);
  }
  return {"?"};  // there is one, only not for this user
}

std::optional<Settings> read_settings(const documents::Source& source, const SettingsContext& context,
                                      documents::Problems& problems) {
  const auto document = documents::parse_yaml(source, problems);
  if (!document) return std::nullopt;
  const SettingsReading reading{source, context, problems, folder_of(context.file)};
  MappingReader top(*document, source, problems, "the settings");
  if (!top.is_valid()) return std::nullopt;
  Settings settings;
  settings.file = context.file;
  read_paths(top, reading, settings);
  if (const YamlNode* const plans = top.required("plans")) read_plans(*plans, reading, settings);
  if (const YamlNode* const windows = top.optional("windows")) read_windows(*windows, reading, settings);
  if (const YamlNode* const channels = top.required("channels")) read_channels(*channels, reading, settings);
  if (const YamlNode* const mail = top.optional("mail")) read_mail(*mail, reading, settings);
  if (settings.email && settings.mail.from_address.empty() && top.optional("mail") == nullptr) {
    top.error_at("mail", "the settings need \"mail: { from_address: ... }\": who Chaser's mails are from");
  }
  if (const YamlNode* const links = top.optional("links")) read_links(*links, reading, settings);
  if (const YamlNode* const inbox = top.optional("inbox")) read_inbox(*inbox, reading, settings);
  if (const YamlNode* const http = top.optional("http")) read_http(*http, reading, settings);
  read_limits(top, reading, settings);
  top.finish();
  return settings;
}

bool takes_json(const Settings& settings, const std::string& place) {
  if (!settings.teams) return false;
  const auto& flows = settings.teams->workflows.channels;
  const auto found = flows.find(place);
  return found != flows.end() && found->second.json;
}

}  // namespace chaser::app
