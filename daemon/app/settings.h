#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calendar/sending_window.h"
#include "channels/settings.h"
#include "chase/rag.h"
#include "documents/problems.h"
#include "plan/timescale.h"
#include "web/listener.h"
#include "web/site.h"

namespace chaser::app {

struct PlanSettings {
  std::string id;     // slug
  std::string file;   // resolved, as all paths here
  std::string title;  // "" is the document's own
  std::string zone = "Europe/London";
  std::string supplement;  // "" is none
  std::optional<plan::Conventions> conventions;
  std::string meetings;  // a calendar file or a list; "" is none
  rulebook::Offset cutoff{
      -5, rulebook::OffsetUnit::working_days};  // from a meeting to the last day for what is reported to it
  chase::RagScheme rag;
  documents::Position at;
  documents::Position zone_at;
};

/// Email by SMTP, or, for trying things out, into a Maildir.
struct EmailChannel {
  enum class Type : std::uint8_t { smtp, maildir };
  Type type = Type::smtp;
  channels::SmtpSettings smtp;
  std::string folder;  // of a Maildir; a relative one lies under the state directory
};

/// Teams by Workflows webhooks, or, for trying things out, a file per card in a folder.
struct TeamsChannel {
  enum class Type : std::uint8_t { workflows, folder };
  Type type = Type::workflows;
  channels::TeamsSettings workflows;
  std::string folder;  // a relative one lies under the state directory
};

/// The two listeners, and who may use the staff's.
struct HttpSettings {
  web::ListenAt staff{"127.0.0.1", 8427, ""};
  std::optional<web::ListenAt> answers;
  int threads = 4;  // of each
  web::AccessSettings access;
};

enum class LogLevel : std::uint8_t { debug, info, warning, error };
std::string_view name_of(LogLevel level);

/// One settings file. Every key, with its unit and default, is in config/chaser.yaml.
struct Settings {
  std::string file;
  std::string state_directory;
  std::vector<PlanSettings> plans;
  std::string directory;
  std::vector<std::string> rules;  // files and folders
  std::vector<std::string> calendars;
  std::map<std::string, calendar::SendingWindow, std::less<>> windows;
  std::string templates;  // folder; "" is none
  std::string workflow;   // file; "": what says it is done is done
  std::string public_url;
  std::vector<channels::Secret> link_keys;  // the first signs links, all verify them; {} is no links
  channels::MailIdentity mail;
  std::optional<EmailChannel> email;
  std::optional<TeamsChannel> teams;
  channels::Rate per_person{30, absl::Minutes(1)};  // to one recipient on one channel
  std::optional<channels::InboxSettings> inbox;
  std::optional<HttpSettings> http;
  /// A message not accepted this long after it was queued needs a person.
  std::chrono::seconds use_by = std::chrono::hours(72);
  /// How long an address that refused mail for good gets none; 0: it is always tried.
  std::chrono::seconds dead_address_for = std::chrono::hours(24 * 30);
  LogLevel log_level = LogLevel::info;
};

/// Whether what the directory calls a Teams channel is a program that takes JSON.
bool takes_json(const Settings& settings, const std::string& place);

/// Where secrets come from. The settings' text never holds one.
struct SecretSource {
  enum class From : std::uint8_t { file, credential };
  From from = From::file;
  std::string name;  // a resolved path, or a credential's name
};
/// A secret's bytes without the line end, or why it cannot be had.
using ReadSecret = std::function<std::expected<std::string, std::string>(const SecretSource& source)>;
/// From files, and from the folder that the service manager names (nothing there: credentials cannot be had).
ReadSecret read_secrets(std::optional<std::string> credentials_folder);

struct SettingsContext {
  std::string file;                            // as the user named it; paths are relative to its folder
  std::optional<std::string> state_directory;  // --state, or what the service manager gives
  ReadSecret read_secret;
  /// Whether a secret that cannot be had is an error (run) or a warning (check, as another user than the service's).
  bool secrets_required = true;
};

/// Reads the settings strictly: every unknown key, wrong type, missing value, bad address, port, url, duration or
/// window at its place, all at once; a secret in the text is an error that does not repeat it. Gives what could be read
/// even if there were errors, so that the files it names are checked in the same run; nothing if the text is no YAML
/// mapping.
std::optional<Settings> read_settings(const documents::Source& source, const SettingsContext& context,
                                      documents::Problems& problems);

/// "90s", "15m", "36h", "5d"; nothing if it is no such duration.
std::optional<std::chrono::seconds> parse_duration(std::string_view text);

}  // namespace chaser::app
