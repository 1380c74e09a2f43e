#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "chase/compose.h"
#include "chase/decide.h"
#include "chase/respond.h"
#include "plan/change_set.h"
#include "plan/dependencies.h"
#include "plan/plan.h"
#include "rulebook/rulebook.h"

namespace chaser::store {

using calendar::CivilDay;
using calendar::Instant;

/// The environment failed: what was attempted and what the database said. Source: research/reliability.md §2.
enum class StoreFault : std::uint8_t { conflict, retry, unavailable, in_doubt, disk_full, read_only, corrupt, bug };
class StoreError : public std::runtime_error {
 public:
  StoreError(StoreFault fault, const std::string& what) : std::runtime_error(what), fault_(fault) {}
  StoreFault fault() const { return fault_; }

 private:
  StoreFault fault_;
};

using ActionRow = std::int64_t;
using MessageRow = std::int64_t;

/// An action as loaded for deciding, with the store's own handles to write the verdict back.
struct LoadedAction {
  ActionRow row = 0;
  std::int64_t row_version = 0;                        // compare-and-set: another writer in between is a conflict
  std::vector<std::int64_t> case_rows;                 // parallel to state.cases
  std::vector<std::vector<std::int64_t>> firing_rows;  // parallel to each case's firings
  std::vector<std::vector<std::int64_t>> pause_rows;
  std::vector<std::int64_t> assignment_rows;  // parallel to state.assignments
  chase::ActionState state;
};

/// What one look at one action gave, to be recorded.
struct Decided {
  const LoadedAction* action = nullptr;
  const chase::Verdict* verdict = nullptr;
  /// Set when deciding threw: the action is held for an hour with this reason and nothing else is written.
  std::optional<std::string> failure;
};

/// One recipient's pending notifications, ready for compose(). Items' ids are notification rows.
struct RecipientWork {
  std::string party;
  std::vector<chase::PendingItem> pending;
  std::vector<std::string> keys;           // of each of these notifications
  std::vector<std::string> stands_in_for;  // who is away, and whose notifications are among them
  int first_meetings_this_week = 0;
  std::optional<CivilDay> last_digest;
};

/// What was composed of it.
struct Composed {
  const RecipientWork* work = nullptr;
  chase::Composition composition;
};

enum class MessageState : std::uint8_t {
  queued,
  claimed,
  body_started,
  accepted,
  refused,
  unknown,
  withdrawn,
  needs_attention
};
std::string_view name_of(MessageState state);

/// What waits, or waited, for somebody's word.
struct RequestRecord {
  std::string plan;
  std::string action;
  std::string title;
  std::int32_t number = 0;
  chase::ResponseKind kind = chase::ResponseKind::extension;
  std::vector<std::string> parties;  // for whom it was asked
  std::string asker;
  std::string decider;
  Instant asked;
  std::optional<CivilDay> due;
  std::vector<std::string> others;
  std::string note;
  std::string evidence;
  std::string state;  // open, approved, refused, withdrawn
  std::optional<Instant> decided;
  std::string decided_by;
};

/// What a message tells, for rendering; resolved afresh before the first attempt.
struct TellingItem {
  std::int64_t notification = 0;
  std::string key;
  std::string plan;
  std::string plan_title;
  std::string action;
  std::string section;
  std::string title;
  std::string text;
  std::string owners;  // verbatim
  plan::Timescale timescale;
  std::string status;
  std::optional<Instant> updated;
  std::string last_note;
  std::string rule;  // "exhausted" or "limit" for the built-in ones
  std::string rule_version;
  std::string step;
  std::string anchor;
  std::int32_t epoch = 1;
  CivilDay anchor_day;
  chase::Occurrence occurrence;
  rulebook::Deliver deliver = rulebook::Deliver::direct;
  std::vector<std::string> about;  // party ids
  CivilDay nominal;
  Instant opening;
  bool first_meeting = false;
  bool late = false;
  std::int64_t carried_by = 0;  // the notification under whose step it rides; itself if on its own
  /// For threads: the Message-ID of the first message about this action to this recipient on this channel, "" if none.
  std::string thread_root;
  std::optional<RequestRecord> request = std::nullopt;  // of the anchor `asked`: what waits for the reader's word
  std::string instead_of;                               // who is away and was meant; "" if the message's recipient
  std::optional<CivilDay> away_until;                   // the last day of that absence, if it is known
  std::optional<Instant> next_step_at;  // what happens if nobody answers: filled by the caller from the case
  /// Of the built-in rule `reply`: who wrote (a party's id) and their own words; of `inherited`: what went before.
  /// `about` of `unreachable`: whom nothing reached.
  std::string wrote;
  std::string said;
  ActionRow action_row = 0;  // where the action is stored; 0: not from a store
};

/// A message of the outbox.
struct OutboxMessage {
  MessageRow row = 0;
  std::string key;        // 64 hex; stable identity of the delivery
  std::string recipient;  // party id
  std::string channel;    // "email", "teams"
  chase::MessageKind kind = chase::MessageKind::direct;
  MessageState state = MessageState::queued;
  int attempts = 0;
  Instant created;
  Instant not_before;  // next try at the earliest
  /// Set at the first claim and never changed: what leaves the house.
  std::string bytes;
  std::string message_id;
  std::string destination;  // address or channel name
  std::string last_outcome;
  int doubts = 0;    // attempts that ended unknown, whatever came after them: it may have arrived
  int refusals = 0;  // attempts that were refused for good; more than none only after a second look or a person's word
  std::vector<TellingItem> items;
};

/// An address that refused mail for good; by its hash, for it is written down nowhere but with the party.
struct DeadAddress {
  std::string recipient;  // party id
  std::string address;    // address_hash()
  Instant since;
  std::string said;  // "550 5.1.1"
};
/// 64 hex, the same however the address is capitalised.
std::string address_hash(std::string_view address);

/// Rendered for the first attempt.
struct Rendered {
  std::string bytes;
  std::string message_id;
  std::string destination;
};

/// How an attempt ended. Source: research/delivery.md B3, B5, A7.
enum class OutcomeKind : std::uint8_t {
  accepted,
  temporary,       // try again later
  permanent,       // this recipient on this channel: never
  channel_broken,  // configuration: hold the channel, not the recipient's fault; no attempt spent
  unknown,         // the body went out, no verdict came back
};
std::string_view name_of(OutcomeKind kind);
struct Outcome {
  OutcomeKind kind = OutcomeKind::temporary;
  int code = 0;          // SMTP reply or HTTP status
  std::string enhanced;  // "5.1.1"
  std::string text;      // the server's last line or the library's words; no secrets
  std::optional<std::int64_t> retry_after_seconds;
  bool at_recipient = false;  // SMTP: refused at RCPT, where servers speak of one address
};

struct Attempt {
  MessageRow message = 0;
  int number = 0;
  Instant started;
  std::optional<Instant> ended;
  Outcome outcome;
};

/// What became of a message after an attempt, as the retry plan says.
struct Disposition {
  MessageState state = MessageState::accepted;  // accepted, queued (retry), refused, unknown, needs_attention
  Instant not_before;                           // of queued
  /// Of refused: the channel on which the same notifications go now, each at most once ever; "" is none.
  std::string fall_back_to = {};
};

/// A mail that came back, understood: what it does, once. `identity` is its own: the same mail again does nothing.
struct Returned {
  enum class Kind : std::uint8_t {
    bounce,     // for good: `outcome` says how, `fall_back_to` which channel takes over ("" none)
    delayed,    // not yet delivered: nothing changes
    absence,    // an automatic answer: a hint that the recipient is away, never an answer
    comment,    // a person's words: on the actions of `notifications`, passed on to their coordinators
    forged,     // names messages that Chaser never sent
    unrelated,  // speaks of none, or says nothing that matters
  };
  Kind kind = Kind::unrelated;
  std::string identity;    // 64 hex
  MessageRow message = 0;  // of ours that it speaks of; 0: none
  Outcome outcome = {};
  std::string fall_back_to = {};
  std::string party = {};                        // of comment: who writes
  std::string text = {};                         // of comment
  std::vector<std::int64_t> notifications = {};  // of comment: of the message; {} only passes on
};
std::string_view name_of(Returned::Kind kind);

/// The last automatic answer to a message to this party. How long it counts: chase/absence.h.
struct AbsenceHint {
  std::string party;
  Instant heard;
};

/// Comments of one party within a day that are passed on; more are recorded only, so that no loop can feed itself.
inline constexpr std::size_t comments_passed_on_per_day = 20;

/// One line of the audit trail. Holds party ids, never names or addresses.
struct Event {
  std::int64_t sequence = 0;
  Instant at;
  std::string kind;    // "decided", "sent", "response", "import", "stop" ...
  std::string plan;    // "" if of none
  std::string action;  // "" if of none
  std::string actor;   // "chaser", "cli:root", party id
  std::string json;    // the details, one object
  /// Words that people wrote, beside the chain, so that they can be erased; "" if none or erased.
  std::string words = {};
  std::string seal = {};  // what the chain holds of the words (64 hex digits); "" if there never were any
  std::string hash = {};  // of the chain, 64 hex digits: store/chain.h
};

/// Where the chain of events ends.
struct LogHead {
  std::int64_t events = 0;
  std::string hash;  // 64 hex digits; 64 zeros while there is no event
};

/// What is known of actions, cases, notifications, answers and stops, each by a name for people
/// (store/recorded.h): what the log, replayed, must give too.
using Recorded = std::map<std::string, std::string>;

/// What erasing a party took away, and what it cannot.
struct Erased {
  bool known = false;                  // nothing was ever known of such a party: then nothing was done
  bool contact = false;                // a name and addresses
  std::size_t letters = 0;             // bytes of messages to them or about their actions
  std::size_t texts = 0;               // notes and answers that named them
  std::size_t words = 0;               // the same beside the log
  std::size_t withdrawn = 0;           // messages to them that had not gone
  std::vector<std::string> remaining;  // where plans still name them: "county/2.1"
};

struct HoldRecord {
  std::string plan;
  std::string action;
  std::string rule;
  std::string anchor;
  std::string step;
  std::string occurrence;
  std::string recipient;
  chase::Reason reason;
  Instant since;
  std::optional<Instant> until;
};

/// A response as it was recorded, refused and repeated ones too. Source: design.md §6.
struct ResponseRecord {
  std::string plan;
  std::string action;
  Instant at;
  chase::Response response;
  bool accepted = false;
  std::string answer;  // what whoever answered was told
};

/// A notification as the log and the pages show it.
struct NotificationRecord {
  std::int64_t row = 0;
  std::string key;
  std::string plan;
  std::string action;
  std::string rule;
  std::string step;
  std::string occurrence;
  std::string recipient;
  std::vector<std::string> about;
  std::string state;
  std::string reason;  // of superseded, lapsed, withdrawn
  std::string deliver;
  std::vector<std::string> via;
  CivilDay nominal;
  Instant opening;
  Instant decided;
  std::optional<Instant> sent;
  std::string reader;  // who stood in, "" if the recipient
};

/// What `chaser stop` holds. All empty: everything.
struct Stop {
  std::string plan;
  std::string rule;
  std::string party;
  bool operator==(const Stop&) const = default;
};

/// What migrate_cases moved.
struct MigratedCases {
  std::size_t cases = 0;
  std::size_t actions = 0;
};

struct StoreStatus {
  std::size_t plans = 0;
  std::size_t actions = 0;
  std::size_t ongoing = 0;  // of the actions, those without a date
  std::size_t open_cases = 0;
  std::size_t pending = 0;  // notifications not yet composed
  std::size_t queued = 0;   // messages not yet settled
  std::size_t needs_attention = 0;
  std::optional<Instant> oldest_unsent;
  std::optional<Instant> last_pass;
  std::optional<Instant> next_look;
  std::optional<Instant> next_compose;
  std::optional<Instant> next_retry;
  std::optional<Instant> clock_high_water;
  bool scripted = false;
  int schema_version = 0;
  LogHead log;
};

/// A change of an action's date. The first date itself is never overwritten (ActionFacts::first_due).
struct ReDating {
  std::string action;
  Instant at;
  std::optional<CivilDay> before;
  std::optional<CivilDay> after;
  std::string how;    // "import"
  std::string actor;  // "chaser", "cli:root", party id
};

/// Which actions a page lists; what is empty does not narrow it.
struct ActionQuery {
  std::string plan = {};
  std::string section = {};
  std::string status = {};
  std::vector<std::string> parties = {};  // any of these leads or supports it
  std::optional<CivilDay> due_before = {};
  std::string words = {};  // found in id, title, text or owners, without regard to case
  bool open_only = false;
  bool unclear = false;  // can be read two ways or not at all, or nobody known leads it
  std::size_t offset = 0;
  std::size_t limit = 100;  // at most 100
};
struct ActionPage {
  std::size_t count = 0;  // of all that the query finds
  std::vector<LoadedAction> actions;
};
/// How many open actions a party leads or supports, and how many of them are past their date.
struct PartyCount {
  std::string party;
  std::size_t open = 0;
  std::size_t late = 0;
};
/// How many actions of a section have a status, and how many of them are past their date.
struct StatusCount {
  std::string section;
  std::string status;
  std::size_t actions = 0;
  std::size_t past = 0;
};

struct ImportResult {
  plan::ChangeSet changes;
  bool first = false;  // the plan was not there before
};

/// All that Chaser remembers, by intent: each call is one transaction and no transaction object escapes. One thread
/// writes; readers open their own (see SqliteStore). Throws StoreError, after which nothing of that call happened
/// (in_doubt: ask again). Source: design.md §7.
class Store {
 public:
  virtual ~Store() = default;

  // --- plans and rules -------------------------------------------------------------------------------------------
  /// What importing would change; changes nothing.
  virtual plan::ChangeSet preview(const plan::Plan& plan) = 0;
  /// Takes the plan as one change set: new actions begin at `now`, dropped ones close, a changed date is kept beside
  /// the first one and makes every case of that action due for a look. Assignments are resolved by the world's
  /// directory.
  virtual ImportResult import(const plan::Plan& plan, const chase::World& world, Instant now,
                              std::string_view actor) = 0;
  /// Resolves all assignments again after a change of directory; actions whose assignments change are due for a look.
  virtual std::size_t reassign(const chase::World& world, Instant now) = 0;
  /// Keeps rule texts by content; returns those that open cases pin and `loaded` does not hold.
  virtual std::vector<rulebook::RuleText> remember_rules(std::span<const rulebook::RuleText> loaded, Instant now) = 0;
  /// Every action is due for a look (new rules, another calendar).
  virtual void look_at_all(Instant now) = 0;
  /// Every open case that keeps an older version of a loaded rule closes and goes on under the loaded one, as
  /// chase/migration.h says; its action is due for a look at once. All or none.
  virtual MigratedCases migrate_cases(const chase::World& world, std::string_view actor, Instant now) = 0;

  // --- deciding ---------------------------------------------------------------------------------------------------
  /// Actions whose next_look is at or before `now`, earliest first, at most `limit` (<= 100), ready to be decided.
  virtual std::vector<LoadedAction> due_actions(Instant now, std::size_t limit, const chase::World& world) = 0;
  virtual std::optional<LoadedAction> load_action(std::string_view plan, std::string_view action,
                                                  const chase::World& world) = 0;
  /// The same for several at once, which costs a fraction of one by one. In the order of `rows`, each of which is named
  /// once; one whose plan the world does not know is left out, and who answered last (ActionState::answered) is not
  /// looked up.
  virtual std::vector<LoadedAction> load_actions(std::span<const ActionRow> rows, const chase::World& world) = 0;
  /// Calls `visit` with every open action, in plan and row order (forecast, explain, reconcile).
  virtual void each_action(const chase::World& world, const std::function<void(LoadedAction&&)>& visit) = 0;
  /// Records a pass: case changes, notifications (UNIQUE keys: one that exists is left as it is), holds, events,
  /// watermark and next_look of each action, next_compose of each recipient, the clock's high-water mark. Actions that
  /// another writer changed since they were loaded are left out and stay due; returns how many were.
  virtual std::size_t commit_pass(std::span<const Decided> decided, const chase::World& world, Instant now) = 0;

  // --- composing --------------------------------------------------------------------------------------------------
  /// Readers of whom it is time to compose: recipients whose next_compose is at or before `now` and for whom no action
  /// is due at or before it; for one who is away, who stands in, with all that waits for both.
  virtual std::vector<RecipientWork> due_recipients(Instant now, std::size_t limit, const chase::World& world) = 0;
  /// Pending notifications of every recipient (forecast from a stored state).
  virtual std::vector<RecipientWork> all_pending(const chase::World& world) = 0;
  /// For each recipient: queues the messages, enters first meetings (their actions are due for a look), keeps holds,
  /// sets next_compose.
  virtual void commit_compositions(std::span<const Composed> composed, const chase::World& world, Instant now) = 0;
  /// People with a direct notification of one rule for one nominal date, where they are more than `limit`.
  virtual std::vector<chase::Brakes::Over> over_limit(std::size_t limit, Instant now) = 0;

  // --- delivering -------------------------------------------------------------------------------------------------
  /// Queued messages whose not_before is reached, most urgent first, with their items.
  virtual std::vector<OutboxMessage> queued(Instant now, std::size_t limit, std::span<const std::string> channels) = 0;
  /// Withdraws notifications that are not true any more before a first attempt; a message left without any is
  /// withdrawn.
  virtual void withdraw(MessageRow message, std::span<const std::int64_t> notifications, const chase::Reason& reason,
                        Instant now) = 0;
  /// queued -> claimed, attempt + 1, committed before any byte leaves. `rendered` is stored at the first attempt; later
  /// ones keep the bytes they have. False: it is not queued any more. Several at once are one transaction.
  struct Claim {
    MessageRow message = 0;
    std::optional<Rendered> rendered;
  };
  virtual std::vector<bool> claim(std::span<const Claim> claims, Instant now, Instant lease_until) = 0;
  /// claimed -> body_started, just before the body. False: fenced; the body must not go.
  virtual std::vector<bool> begin_body(std::span<const MessageRow> messages, Instant now) = 0;
  /// The outcome and what follows from it; deliveries update their notifications (delivered, unreachable) and make
  /// their actions due for a look; an accepted message moves the floor.
  struct Finish {
    MessageRow message = 0;
    Outcome outcome;
    Disposition disposition;
  };
  virtual void finish(std::span<const Finish> finished, Instant now) = 0;
  /// Both of them in one commit, the outcomes first: a session that ends one message begins its next.
  virtual std::vector<bool> finish_and_begin(std::span<const Finish> finished, std::span<const MessageRow> begins,
                                             Instant now) = 0;
  /// Expired or (at start) all foreign leases: claimed -> queued, body_started -> unknown. Returns the unknown ones.
  virtual std::vector<MessageRow> reap(Instant now, bool all) = 0;
  /// unknown -> queued for its one automatic resend, else needs_attention.
  virtual void resolve_unknown(MessageRow message, bool resend, Instant not_before, Instant now) = 0;
  /// A person's word on a stuck message: retry or drop.
  virtual bool retry(MessageRow message, Instant now) = 0;
  virtual bool drop(MessageRow message, std::string_view actor, Instant now) = 0;
  /// A queued message goes by another channel instead (its own does not work): it is refused, and its notifications
  /// that no message of that channel ever carried are queued there, under a key of their own. False: it is not queued
  /// any more, or that channel carries them all already; then nothing changed.
  virtual bool fall_back(MessageRow message, std::string_view channel, std::string_view why, Instant now) = 0;
  /// The same for one that has no other way: it is refused without an attempt, and its notifications that nothing else
  /// carries are unreachable. False: it is not queued any more.
  virtual bool give_up(MessageRow message, std::string_view why, Instant now) = 0;
  /// Email addresses that refused mail for good after `since`: once as one that does not exist, or for the third time
  /// within a week. finish() and take_returned() find them; retry() and release("address") let them go.
  virtual std::vector<DeadAddress> dead_addresses(Instant since) = 0;
  /// Queued messages wait until `not_before` (a closed window, a stop, a freeze); no attempt is spent.
  virtual void postpone(std::span<const MessageRow> messages, Instant not_before) = 0;

  /// Tells the coordinator of each plan whom no channel reached, once for each case and person. Returns how many are
  /// new.
  virtual std::size_t tell_unreachable(const chase::World& world, Instant now) = 0;

  // --- what comes back ------------------------------------------------------------------------------------------
  /// The message that was sent under this Message-ID, or whose begins with `message_id` before an "@" (from a bounce
  /// address); without its bytes.
  virtual std::optional<OutboxMessage> find_sent(std::string_view message_id) = 0;
  /// Records mails and what they do, and `mark`: how far the mailbox has been read (kept("inbox")), all in one. For
  /// each whether it was new.
  virtual std::vector<bool> take_returned(std::span<const Returned> mails, std::string_view mark,
                                          const chase::World& world, Instant now) = 0;
  /// Hints heard since `since`, by party.
  virtual std::vector<AbsenceHint> absence_hints(Instant since) = 0;

  // --- people -----------------------------------------------------------------------------------------------------
  /// Records the response and its effect; the action is due for a look at once.
  virtual void record_response(const LoadedAction& action, const chase::Response& response,
                               const chase::ResponseEffect& effect, const chase::World& world, Instant now) = 0;
  /// The plan's actions and which of them waits for which, for a response that names others.
  virtual chase::Surroundings surroundings(std::string_view plan) = 0;
  /// Latest first; "" stands for every plan, every action.
  virtual std::vector<ResponseRecord> responses(std::string_view plan, std::string_view action, std::size_t limit) = 0;
  /// By action and number; of all states, or open ones alone.
  virtual std::vector<RequestRecord> requests(std::string_view plan, std::string_view action, bool open_only,
                                              std::size_t limit) = 0;
  virtual void stop(const Stop& stop, std::string_view actor, Instant now) = 0;
  /// Lets go what `what` names: "stop" (all stops, or the one given), "limit", "freeze", "clock", "address" (the dead
  /// addresses of the stop's party, or all).
  virtual bool release(std::string_view what, const Stop& stop, std::string_view actor, Instant now) = 0;
  virtual std::vector<Stop> stops() = 0;
  /// Whether the operator released a freeze (by name, given to release() as the stop's `rule`; "" released every
  /// freeze) or the clock (name "").
  virtual bool is_released(std::string_view what, std::string_view name) = 0;
  /// Takes a release back: the next jump of the clock holds again.
  virtual void forget_release(std::string_view what, std::string_view name, Instant now) = 0;

  // --- looking ----------------------------------------------------------------------------------------------------
  virtual StoreStatus status() = 0;
  virtual std::optional<Instant> next_look() = 0;
  virtual std::optional<Instant> next_compose() = 0;
  virtual std::optional<Instant> next_retry() = 0;
  virtual std::vector<Event> events(std::string_view plan, std::string_view action, std::int64_t after,
                                    std::size_t limit) = 0;
  virtual std::vector<NotificationRecord> notifications(std::string_view plan, std::string_view action,
                                                        std::size_t limit) = 0;
  virtual std::vector<HoldRecord> holds(std::string_view plan, std::string_view action, std::size_t limit) = 0;
  virtual std::vector<OutboxMessage> outbox(std::size_t limit, bool unsettled_only) = 0;
  virtual std::vector<Attempt> attempts(MessageRow message) = 0;
  virtual std::optional<std::string> plan_title(std::string_view plan) = 0;
  /// Calls `visit` with every action that is in the plan, finished ones too, in row order.
  virtual void each_of_plan(std::string_view plan, const chase::World& world,
                            const std::function<void(LoadedAction&&)>& visit) = 0;
  /// In order of time.
  virtual std::vector<ReDating> re_datings(std::string_view plan) = 0;
  /// What waits for what in all plans but one: an import looks for circles through them.
  virtual std::vector<plan::Dependency> dependencies_beside(std::string_view plan) = 0;
  /// Actions in plan and row order, dropped ones left out; a page of them.
  virtual ActionPage list_actions(const ActionQuery& wanted, const chase::World& world) = 0;
  /// By section, in the plan's order.
  virtual std::vector<StatusCount> count_actions(std::string_view plan, CivilDay today) = 0;
  virtual std::vector<PartyCount> count_assignments(const chase::World& world, CivilDay today) = 0;
  /// Open cases by rule.
  virtual std::vector<std::pair<std::string, std::size_t>> count_cases() = 0;
  virtual std::optional<OutboxMessage> message(MessageRow row) = 0;
  /// By the first half of its key, 32 hex: what a link names.
  virtual std::optional<OutboxMessage> message_of_key(std::string_view half) = 0;
  /// Newest first, those before `before` (0: from the newest); "" is any state, any recipient.
  virtual std::vector<OutboxMessage> messages(std::string_view state, std::string_view recipient, MessageRow before,
                                              std::size_t limit) = 0;

  // --- evidence ---------------------------------------------------------------------------------------------------
  /// Where the chain of events ends, as kept beside it by each transaction that adds to it.
  virtual LogHead log_head() = 0;
  virtual Recorded recorded() = 0;
  /// Removes a party's name and addresses, the bytes of letters to them or about actions that they led or were told of,
  /// and texts that hold their name, an address or one of `names`; leaves the party's id and the chain, and records
  /// that it happened. What has not gone to them is withdrawn. Throws StoreError{conflict} while a message to them is
  /// on its way: nothing was erased.
  virtual Erased erase(std::string_view party, std::span<const std::string> names, std::string_view actor,
                       Instant now) = 0;

  // --- keeping ----------------------------------------------------------------------------------------------------
  /// The highest instant seen so far (also written by every pass): detects a clock that jumped, never gates.
  virtual std::optional<Instant> clock_high_water() = 0;
  virtual void note_event(const Event& event) = 0;
  /// What the service keeps for itself between two starts, by name ("world", "plan:kent-medway"); nothing if never
  /// kept.
  virtual std::optional<std::string> kept(std::string_view name) = 0;
  virtual void keep(std::string_view name, std::string_view value) = 0;
  /// Rule texts that open cases pin and `loaded` does not hold; for readers, who cannot remember_rules().
  virtual std::vector<rulebook::RuleText> pinned_rules(std::span<const rulebook::RuleText> loaded) = 0;
  /// An online copy, complete and checked (integrity_check), put in place by rename.
  virtual void backup(const std::string& file) = 0;
  /// Recomputes what the last look of each action should have written and inserts what is missing; any hit is a bug and
  /// an alarm. Returns how many.
  virtual std::size_t reconcile(const chase::World& world, Instant now) = 0;
};

}  // namespace chaser::store
