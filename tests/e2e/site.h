#pragma once

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "calendar/time.h"
#include "support/smtp_peer.h"
#include "support/workflow_peer.h"

namespace chaser::test {

/// What one notification told one recipient, as the forecast prints it and as the store remembers it.
struct Told {
  std::string at;  // RFC 3339 in UTC, "" when the instant does not matter
  std::string action;
  std::string rule;
  std::string step;
  std::string occurrence;
  std::string to;
  std::string address;
  std::string via;
  auto operator<=>(const Told&) const = default;
};
std::string to_string(const Told& told);

/// What to put into a site's folder; what is left out is the quickstart's.
struct SiteFiles {
  std::string plan;        // text of the plan
  std::string directory;   // text of the directory
  std::string rules;       // text of one rule file
  int sessions = 2;        // SMTP connections at once
  std::string inbox;       // the setting `inbox`, such as "{ type: maildir, folder: in }"; "" is none
  bool tls_cards = false;  // the flows are reached by TLS
};

/// So many leads, each with a promise that is due on 4 January 2027 and a message on that day by the channels of `via`.
SiteFiles leads_with_a_promise(int leads, const std::string& via, bool with_teams = true);

/// An installation of the real program in a folder of its own, sending to real servers on loopback, on a scripted
/// clock.
class Site {
 public:
  explicit Site(const SiteFiles& files = {});
  ~Site();

  struct Ran {
    int exit = 0;
    std::string out;
    std::string err;
  };
  /// A verb of the program in this process; --config is added.
  Ran run(std::vector<std::string> words) const;
  /// One pass at `now` as a process of its own, which the caller ends or waits for.
  pid_t start(calendar::Instant now) const;
  /// One pass at `hour`:00 of that day in Europe/London; it must succeed.
  void pass(calendar::CivilDay day, int hour = 9) const;
  /// One pass at that instant; it must succeed.
  void pass_at(calendar::Instant now) const;
  /// The same as a process of its own; what it wrote to its log.
  std::string log_of_pass(calendar::Instant now) const;
  /// A pass each day, but for the days given.
  void pass_days(calendar::CivilDay from, calendar::CivilDay to,
                 const std::set<calendar::CivilDay>& skipped = {}) const;

  /// The forecast of a fresh state, or of the stored one run forward, in order of time.
  std::vector<Told> forecast(const std::string& from, const std::string& to, bool fresh = true) const;
  /// What was accepted by a server or entered in a report, in order of time.
  std::vector<Told> told() const;
  /// Every notification by its key, in hexadecimal.
  std::set<std::string> keys() const;
  /// Rows of the store, the columns joined with blanks; read when nobody writes.
  std::vector<std::string> ask(const std::string& sql) const;

  SmtpPeer& mail() const { return *mail_; }
  WorkflowPeer& teams() const { return *teams_; }
  std::string file(const std::string& name) const { return (folder_ / name).string(); }
  void write(const std::string& name, const std::string& text) const;
  /// The settings with `from`, which stands in them, as `to`.
  void change_settings(const std::string& from, const std::string& to) const;

 private:
  std::filesystem::path folder_;
  std::unique_ptr<SmtpPeer> mail_;
  std::unique_ptr<WorkflowPeer> teams_;
};

}  // namespace chaser::test
