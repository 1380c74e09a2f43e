#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "channels/channel.h"
#include "channels/channels.h"
#include "support/smtp_peer.h"

namespace chaser::test {

/// A parcel whose message is small and whole.
inline channels::Parcel parcel(store::MessageRow row = 1, std::size_t filler = 0) {
  channels::Parcel made;
  made.message = row;
  made.key = std::string(60, 'a') + std::to_string(1000 + row);
  made.message_id = "d." + made.key.substr(0, 32) + "." + std::to_string(row) + "@chaser.example";
  made.destination = "lead@council.example";
  made.bytes =
      "From: chaser@chaser.example\r\nMessage-ID: <" + made.message_id + ">\r\nSubject: hello\r\n\r\nBody.\r\n.dot\r\n";
  for (std::size_t i = 0; i < filler; i += 64) made.bytes += std::string(62, 'x') + "\r\n";
  return made;
}

/// Short time-outs, no TLS: for a peer on this machine.
inline channels::SmtpSettings settings_for(const SmtpPeer& peer) {
  channels::SmtpSettings settings;
  settings.host = "127.0.0.1";
  settings.port = peer.port();
  settings.tls = channels::Tls::none;
  settings.ehlo_name = "chaser.example";
  settings.envelope_from = "bounces@chaser.example";
  settings.ca_file = peer.ca_file();
  settings.reply_timeout = std::chrono::seconds{1};
  settings.connect_timeout = std::chrono::seconds{5};
  return settings;
}

/// Delivers one parcel by a session of its own; counts how often the body was begun.
struct OneDelivery {
  store::Outcome outcome;
  int begun = 0;
};
inline OneDelivery deliver(channels::Session& session, const channels::Parcel& parcel, bool allow = true) {
  OneDelivery result;
  result.outcome = session.deliver(parcel, [&](store::MessageRow) {
    ++result.begun;
    return allow;
  });
  return result;
}

/// A directory that goes with the test.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "chaser-test-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace chaser::test
