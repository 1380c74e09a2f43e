#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>

#include "app/settings.h"
#include "documents/yaml.h"

namespace chaser::app {

/// What the parts of the settings' reader share: the text, its folder, the problems.
struct SettingsReading {
  const documents::Source& source;
  const SettingsContext& context;
  documents::Problems& problems;
  std::string base;

  std::string path(const std::string& written) const;
  void error(const documents::YamlNode& node, std::string message, std::vector<std::string> notes = {}) const;
};

/// The word under `key` if it is one of `words`; else an error that names them all, and `fallback`.
std::size_t choice(documents::MappingReader& reader, std::string_view key, std::span<const std::string> words,
                   std::size_t fallback, const SettingsReading& reading);

/// The secret under `NAME_file` or `NAME_credential`; NAME alone is refused without repeating its value.
channels::Secret secret(documents::MappingReader& reader, const documents::YamlNode& mapping, const std::string& name,
                        const SettingsReading& reading);

bool is_host(std::string_view host);
/// From 1s to 30m.
void read_seconds(documents::MappingReader& reader, std::string_view key, std::chrono::seconds& value);
/// Where a mailbox's access tokens come from. Source: research/delivery.md B7.
void read_oauth(documents::MappingReader& reader, const documents::YamlNode& node, const SettingsReading& reading,
                bool is_xoauth2, const std::string& ca_file, channels::OauthSettings& oauth);

void read_channels(const documents::YamlNode& node, const SettingsReading& reading, Settings& settings);
void read_mail(const documents::YamlNode& node, const SettingsReading& reading, Settings& settings);
/// The keys that sign the links in messages.
void read_links(const documents::YamlNode& node, const SettingsReading& reading, Settings& settings);
/// The mailbox where bounces and answers arrive; after the channels and the mail settings.
void read_inbox(const documents::YamlNode& node, const SettingsReading& reading, Settings& settings);
void read_http(const documents::YamlNode& node, const SettingsReading& reading, Settings& settings);
/// `conventions:` of a plan. Keys and words are those of a plan's supplement.
void read_plans(const documents::YamlNode& node, const SettingsReading& reading, Settings& settings);

/// Of this machine alone.
bool is_loopback(std::string_view host);

/// Lower-case letters, digits and inner dashes, at most 64.
bool is_slug(std::string_view text);

}  // namespace chaser::app
