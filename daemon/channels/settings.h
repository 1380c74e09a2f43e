#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "channels/bucket.h"

namespace chaser::channels {

/// A secret read from a file or credential by app/; never printed (it has no stream or format operator).
struct Secret {
  std::string value;
  bool empty() const { return value.empty(); }
};

/// The time now: the one clock that channels see is the caller's.
using ReadClock = std::function<calendar::Instant()>;

enum class Tls : unsigned char { starttls, implicit, none };  // none only for loopback hosts
enum class Auth : unsigned char { none, plain, login, xoauth2 };

/// Where a mailbox's access tokens come from (client credentials).
struct OauthSettings {
  std::string token_url;  // "" is nowhere: the secret is the token itself
  std::string client_id;
  Secret client_secret;
  std::string scope = "https://outlook.office365.com/.default";
  std::string ca_file;
  bool allow_http_loopback = false;  // tests and trials only
};

struct SmtpSettings {
  std::string host;
  int port = 587;
  Tls tls = Tls::starttls;
  std::string ca_file;  // "" is the system's
  Auth auth = Auth::none;
  std::string user;
  Secret password;            // or the access token for xoauth2
  OauthSettings oauth;        // of xoauth2, instead of a token that does not change
  std::string ehlo_name;      // "" is the local host's name as libcurl takes it
  std::string envelope_from;  // bounces go there; "" is `from`
  bool verp = false;          // each message's own bounce address: envelope_from+TOKEN, the Message-ID's signed part
  int sessions = 2;
  Rate per_minute;  // of the mailbox or relay; no limit by default. Source: research/delivery.md B7
  Rate per_day;
  std::chrono::seconds connect_timeout{30};
  std::chrono::seconds reply_timeout{300};
};

/// Who mails speak as.
struct MailIdentity {
  std::string from_name = "Chaser";
  std::string from_address;
  std::string message_id_domain;   // "" is the domain of from_address
  Secret message_id_key;           // for the HMAC in Message-ID; empty: the delivery's key alone
  bool calendar = false;           // direct messages about a day to come carry it as due.ics
  std::string reply_address = {};  // a mailbox that Chaser reads and passes on; "": replies go to the coordinator
};

/// The mailbox where bounces and answers arrive. Source: research/delivery.md B6.
struct InboxSettings {
  enum class Type : unsigned char { imap, maildir };
  Type type = Type::imap;
  std::string host;
  int port = 993;
  Tls tls = Tls::implicit;
  std::string ca_file;
  Auth auth = Auth::plain;  // plain, login or xoauth2
  std::string user;
  Secret password;
  OauthSettings oauth;
  std::string folder = "INBOX";  // of a Maildir: its path
  std::string done_folder;       // IMAP: where mails go once they have had their effect; "" leaves them
  std::chrono::seconds every{120};
  std::chrono::seconds answer_timeout{60};
};

struct TeamsSettings {
  struct Flow {
    Secret url;          // the Workflows URL; the whole of it is the credential
    std::string owner;   // whose rate it counts on
    bool json = false;   // no flow: any program that takes docs/schema/webhook.schema.json
    Secret signing_key;  // of json: signs the body; empty: it goes unsigned
  };
  std::map<std::string, Flow> channels;  // by the name that the directory uses
  std::vector<std::string> allowed_hosts{".logic.azure.com", ".api.powerplatform.com"};
  std::string ca_file;
  /// Of each owner of flows. Source: research/delivery.md A6.
  Rate rate{5, absl::Seconds(12)};
  std::chrono::seconds connect_timeout{10};
  std::chrono::seconds answer_timeout{30};  // for the request and its answer
  bool allow_http_loopback = false;         // tests and trials only
  int sessions = 1;                         // posts at once; more may come out of order
  bool heartbeat = false;                   // a card each month where none went
};

}  // namespace chaser::channels
