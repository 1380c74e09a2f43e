#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "calendar/time.h"
#include "channels/links.h"
#include "chase/world.h"
#include "plan/change_set.h"
#include "store/store.h"
#include "web/meters.h"
#include "web/router.h"

namespace chaser::web {

using calendar::Instant;

/// What runs on the loop's thread with the one store that writes. It must be quick: everything else waits for it.
using Work = std::function<void(store::Store& store, const chase::World& world, Instant now)>;

/// A document given to `Doors::import`, and what came of it.
struct ImportTrial {
  std::vector<std::string> problems;  // described, with their lines; with an error among them there are no changes
  bool has_errors = false;
  plan::ChangeSet changes;
  std::string reading;  // what the document says, as plan::to_json writes it; "" if it cannot be read at all
  bool taken = false;
};

/// Rules given to `Doors::try_rules`, held against those in force.
struct RuleTrial {
  std::vector<std::string> problems;
  bool has_errors = false;
  std::string difference;      // the forecast's table of what appears, vanishes and moves; "" if nothing
  std::string changes = "[]";  // the same as JSON: see chase::difference_json
};

/// What the rules' own tests say.
struct RuleTests {
  std::string said;
  bool passed = false;
};

/// A verb of the command line that writes, as the API asks for it: see docs/OPERATIONS.md for the verbs.
struct Command {
  std::string verb;
  std::vector<std::string> words;
  std::map<std::string, std::string, std::less<>> options;
  std::string text;   // of `plan import`: the document
  std::string actor;  // "token:reports"
};

/// What it came to, in the verb's own words.
struct CommandAnswer {
  enum class End : std::uint8_t { done, refused, misused, failed };
  End end = End::done;
  std::string said;
};

/// What the pages need of the program around them; each may be called from any thread, and outlives the server.
struct Doors {
  std::function<Instant()> now;
  /// What the service counts; none: nothing is counted.
  Meters* meters = nullptr;
  /// Hands `work` to the loop's thread, which runs it some time soon, or never if it is ending.
  std::function<void(Work work)> post;
  /// What is held at large, for looking ahead.
  std::function<chase::Brakes(store::Store& store, const chase::World& world, Instant now)> brakes;
  /// Does what the command line does by that verb, with the same words. On the loop's thread: see Site::on_loop.
  std::function<CommandAnswer(const Command& command)> carry_out;
  /// The change set of a document against the stored plan; taken if `apply`. On the loop's thread: see Site::on_loop.
  std::function<ImportTrial(const std::string& plan, const std::string& text, bool apply, const std::string& actor)>
      import;
  /// What another text of a rule file would change from `from` to `to`. Long; on the caller's thread.
  std::function<RuleTrial(const std::string& file, const std::string& text, Instant from, calendar::CivilDay to)>
      try_rules;
  /// What the command line prints, as JSON, by a verb that only reads: check, forecast, rules migrate, log verify.
  /// `done` with problems found, too. Long; on the caller's thread.
  std::function<CommandAnswer(const Command& command)> look_up;
  /// Runs the tests beside the rule files. Long; on the caller's thread.
  std::function<RuleTests()> rule_tests;
};

/// Who may look at the staff's pages and how they are known.
struct AccessSettings {
  bool guests_may_look = false;                          // without signing in, whoever reaches the listener is a viewer
  std::string proxy_user_header;                         // "": none; read on a Unix socket alone
  std::map<std::string, Role, std::less<>> proxy_roles;  // by the proxy's user
  Role proxy_role = Role::anybody;                       // of its other users; anybody: none of them may in
};

struct SiteSettings {
  std::string state_directory;  // readers open the store there
  std::string public_url;       // "": no links
  channels::LinkKeys link_keys;
  AccessSettings access;
  /// How long what a page showed may be shown again: see KeptPages. Zero: each is made anew.
  absl::Duration pages_kept = absl::ZeroDuration();
  absl::Duration dead_address_for = absl::Hours(24 * 30);  // so long an address that refused mail for good gets none
};

/// The loop did not take the work in time: nothing was done, and nothing will be.
class Busy : public std::runtime_error {
 public:
  Busy() : std::runtime_error("the service is busy: nothing was changed; try again in a moment") {}
};

/// What every handler may use; safe from any thread. Reading is by connections of its own, writing by the loop's
/// thread.
class Site {
 public:
  Site(SiteSettings settings, Doors doors, std::shared_ptr<const chase::World> world);
  ~Site();

  const SiteSettings& settings() const { return settings_; }
  const Doors& doors() const { return doors_; }
  Instant now() const { return doors_.now(); }
  std::shared_ptr<const chase::World> world() const;
  void set_world(std::shared_ptr<const chase::World> world);

  /// A store that only reads, borrowed until the lease goes. Throws StoreError.
  class Reader {
   public:
    Reader(Site& site, std::unique_ptr<store::Store> store) : site_(site), store_(std::move(store)) {}
    ~Reader() { site_.give_back(std::move(store_)); }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    store::Store* operator->() const { return store_.get(); }
    store::Store& operator*() const { return *store_; }

   private:
    Site& site_;
    std::unique_ptr<store::Store> store_;
  };
  Reader reader();

  /// Runs `work` on the loop's thread and returns when it has ended, with what it threw. Throws Busy if the loop does
  /// not come to it within `loop_patience`, or is ending; then it never runs.
  static constexpr absl::Duration loop_patience = absl::Seconds(5);
  void on_loop(Work work) const;
  /// How often something was done through on_loop() or set_world(): another number, another state.
  std::uint64_t doings() const { return doings_; }
  /// Whoever waits for the loop is sent away: it has ended.
  void close();

  bool is_ready() const;
  void set_ready(bool ready);

 private:
  struct Waiting;
  static constexpr std::size_t readers_max = 8;  // kept open when idle
  void give_back(std::unique_ptr<store::Store> store);

  const SiteSettings settings_;
  const Doors doors_;
  mutable std::mutex mutex_;
  std::shared_ptr<const chase::World> world_;
  std::vector<std::unique_ptr<store::Store>> readers_;
  bool ready_ = false;
  bool closed_ = false;
  mutable std::vector<std::weak_ptr<Waiting>> waiting_;
  mutable std::atomic<std::uint64_t> doings_{0};
};

}  // namespace chaser::web
