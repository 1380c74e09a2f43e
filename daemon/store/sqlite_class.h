#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "store/database.h"
#include "store/directory_lock.h"
#include "store/sqlite_store.h"

namespace chaser::store {

class JsonObject;

/// Of notifications: those of no rule of Chaser's own. As rulebook::is_built_in().
inline constexpr std::string_view of_a_rule_file =
    "rule NOT IN ('exhausted', 'limit', 'reply', 'unreachable', 'inherited', 'handed_over', 'closed')";

/// In which order a channel takes what is queued, each class by its next try. Source: docs/decisions/0016.
inline constexpr int urgency_day_has_come = 0;  // direct: something in it is due today, or was
inline constexpr int urgency_day_to_come = 1;
inline constexpr int urgency_digest = 2;
inline constexpr std::array urgencies{urgency_day_has_come, urgency_day_to_come, urgency_digest};

/// The Store over SQLite. Its members are spread over sqlite_*.cpp by subject; what several need is in the private
/// part. For those files alone: everybody else has open_sqlite.
class SqliteStore final : public Store {
 public:
  SqliteStore(const std::string& directory, const SqliteOptions& options);

  // sqlite_plans.cpp
  plan::ChangeSet preview(const plan::Plan& plan) override;
  ImportResult import(const plan::Plan& plan, const chase::World& world, Instant now, std::string_view actor) override;
  std::optional<std::string> plan_title(std::string_view plan) override;
  // sqlite_assignments.cpp
  std::size_t reassign(const chase::World& world, Instant now) override;
  // sqlite_rules.cpp
  std::vector<rulebook::RuleText> remember_rules(std::span<const rulebook::RuleText> loaded, Instant now) override;
  // sqlite_loading.cpp
  std::vector<LoadedAction> due_actions(Instant now, std::size_t limit, const chase::World& world) override;
  std::optional<LoadedAction> load_action(std::string_view plan, std::string_view action,
                                          const chase::World& world) override;
  std::vector<LoadedAction> load_actions(std::span<const ActionRow> rows, const chase::World& world) override;
  void each_action(const chase::World& world, const std::function<void(LoadedAction&&)>& visit) override;
  // sqlite_deciding.cpp
  void look_at_all(Instant now) override;
  std::size_t commit_pass(std::span<const Decided> decided, const chase::World& world, Instant now) override;
  std::size_t reconcile(const chase::World& world, Instant now) override;
  // sqlite_composing.cpp
  std::vector<RecipientWork> due_recipients(Instant now, std::size_t limit, const chase::World& world) override;
  std::vector<RecipientWork> all_pending(const chase::World& world) override;
  void commit_compositions(std::span<const Composed> composed, const chase::World& world, Instant now) override;
  std::vector<chase::Brakes::Over> over_limit(std::size_t limit, Instant now) override;
  // sqlite_outbox.cpp
  std::vector<OutboxMessage> queued(Instant now, std::size_t limit, std::span<const std::string> channels) override;
  std::vector<OutboxMessage> outbox(std::size_t limit, bool unsettled_only) override;
  std::vector<Attempt> attempts(MessageRow message) override;
  void withdraw(MessageRow message, std::span<const std::int64_t> notifications, const chase::Reason& reason,
                Instant now) override;
  // sqlite_delivering.cpp
  std::vector<bool> claim(std::span<const Claim> claims, Instant now, Instant lease_until) override;
  std::vector<bool> begin_body(std::span<const MessageRow> messages, Instant now) override;
  void finish(std::span<const Finish> finished, Instant now) override;
  std::vector<bool> finish_and_begin(std::span<const Finish> finished, std::span<const MessageRow> begins,
                                     Instant now) override;
  std::vector<MessageRow> reap(Instant now, bool all) override;
  void resolve_unknown(MessageRow message, bool resend, Instant not_before, Instant now) override;
  bool retry(MessageRow message, Instant now) override;
  bool drop(MessageRow message, std::string_view actor, Instant now) override;
  // sqlite_returning.cpp
  std::size_t tell_unreachable(const chase::World& world, Instant now) override;
  std::optional<OutboxMessage> find_sent(std::string_view message_id) override;
  std::vector<bool> take_returned(std::span<const Returned> mails, std::string_view mark, const chase::World& world,
                                  Instant now) override;
  std::vector<AbsenceHint> absence_hints(Instant since) override;
  // sqlite_answers.cpp
  void record_response(const LoadedAction& action, const chase::Response& response, const chase::ResponseEffect& effect,
                       const chase::World& world, Instant now) override;
  chase::Surroundings surroundings(std::string_view plan) override;
  std::vector<ResponseRecord> responses(std::string_view plan, std::string_view action, std::size_t limit) override;
  std::vector<RequestRecord> requests(std::string_view plan, std::string_view action, bool open_only,
                                      std::size_t limit) override;
  void stop(const Stop& stop, std::string_view actor, Instant now) override;
  bool release(std::string_view what, const Stop& stop, std::string_view actor, Instant now) override;
  std::vector<Stop> stops() override;
  bool is_released(std::string_view what, std::string_view name) override;
  void forget_release(std::string_view what, std::string_view name, Instant now) override;
  // sqlite_fallback.cpp
  bool fall_back(MessageRow message, std::string_view channel, std::string_view why, Instant now) override;
  bool give_up(MessageRow message, std::string_view why, Instant now) override;
  std::vector<DeadAddress> dead_addresses(Instant since) override;
  // sqlite_migrating.cpp
  MigratedCases migrate_cases(const chase::World& world, std::string_view actor, Instant now) override;
  // sqlite_listing.cpp
  ActionPage list_actions(const ActionQuery& wanted, const chase::World& world) override;
  std::vector<StatusCount> count_actions(std::string_view plan, CivilDay today) override;
  std::vector<PartyCount> count_assignments(const chase::World& world, CivilDay today) override;
  std::vector<std::pair<std::string, std::size_t>> count_cases() override;
  std::optional<OutboxMessage> message(MessageRow row) override;
  std::optional<OutboxMessage> message_of_key(std::string_view half) override;
  std::vector<OutboxMessage> messages(std::string_view state, std::string_view recipient, MessageRow before,
                                      std::size_t limit) override;
  // sqlite_looking.cpp
  StoreStatus status() override;
  std::optional<Instant> next_look() override;
  std::optional<Instant> next_compose() override;
  std::optional<Instant> next_retry() override;
  std::vector<Event> events(std::string_view plan, std::string_view action, std::int64_t after,
                            std::size_t limit) override;
  std::vector<NotificationRecord> notifications(std::string_view plan, std::string_view action,
                                                std::size_t limit) override;
  std::vector<HoldRecord> holds(std::string_view plan, std::string_view action, std::size_t limit) override;
  std::optional<Instant> clock_high_water() override;
  // sqlite_evidence.cpp
  LogHead log_head() override;
  Recorded recorded() override;
  // sqlite_erasing.cpp
  Erased erase(std::string_view party, std::span<const std::string> names, std::string_view actor,
               Instant now) override;
  // sqlite_measures.cpp
  void each_of_plan(std::string_view plan, const chase::World& world,
                    const std::function<void(LoadedAction&&)>& visit) override;
  std::vector<ReDating> re_datings(std::string_view plan) override;
  std::vector<plan::Dependency> dependencies_beside(std::string_view plan) override;
  // sqlite_keeping.cpp
  std::optional<std::string> kept(std::string_view name) override;
  void keep(std::string_view name, std::string_view value) override;
  std::vector<rulebook::RuleText> pinned_rules(std::span<const rulebook::RuleText> loaded) override;
  void postpone(std::span<const MessageRow> messages, Instant not_before) override;
  // sqlite_store.cpp
  void note_event(const Event& event) override;
  void backup(const std::string& file) override;

 private:
  using Rows = std::vector<std::int64_t>;
  struct StoredPlan;

  // sqlite_store.cpp
  void check_clock_kind(const SqliteOptions& options);
  void raise_high_water(Transaction& change, Instant now);
  /// The action is due for a look at once, and whoever loaded it before must load it again.
  void look_now(Transaction& change, ActionRow action, Instant now);

  // sqlite_evidence.cpp
  /// Adds to the chain. `words` are what people wrote: they lie beside it and can be erased.
  void add_event(Transaction& change, Instant at, std::string_view kind, std::string_view plan, std::string_view action,
                 std::string_view actor, std::string_view json, std::string_view words = {});
  /// What an event that changes an action says of it afterwards, as its "now": {"status":"done", "due":"2026-12-31",
  /// ..}.
  static std::string facts_of(Transaction& reading, ActionRow action);
  void write_baseline();

  // sqlite_erasing.cpp
  static std::vector<std::string> erase_contact(Transaction& change, std::string_view party,
                                                std::span<const std::string> names, Erased& erased);
  std::vector<std::string> withdraw_from(Transaction& change, std::string_view party, Erased& erased, Instant now);
  static void erase_letters(Transaction& change, std::string_view party, Erased& erased);
  static void erase_texts(Transaction& change, std::span<const std::string> names, Erased& erased);

  // sqlite_plans.cpp
  StoredPlan stored_plan(Transaction& reading, std::string_view slug);
  /// The action's row, and whether it is new or anything that deciding reads has changed.
  std::pair<ActionRow, bool> take_action(Transaction& change, const StoredPlan& stored, std::int64_t plan,
                                         const plan::Action& action, std::int32_t position, std::string_view actor,
                                         Instant now);
  ActionRow add_action(Transaction& change, std::int64_t plan, const plan::Action& action, std::int32_t position,
                       Instant now);
  static ActionRow action_row(Transaction& reading, std::string_view plan, std::string_view action);
  std::size_t drop_missing(Transaction& change, const StoredPlan& stored, const plan::Plan& plan, Instant now);
  /// `touched` are the actions whose state changed; each gets an event, named by the change set or not.
  void add_change_events(Transaction& change, const plan::Plan& plan, const ImportResult& result,
                         std::set<ActionRow> touched, std::string_view actor, Instant now);
  void remember_parties(Transaction& change, const plan::Directory& directory);

  // sqlite_assignments.cpp
  struct Owner;
  struct Resolved;
  /// An assignment whose party leads the action no more, and who goes on in its place, if anybody.
  struct Handover {
    std::int64_t row = 0;
    std::string party;
    std::string heir;  // "" if nobody
  };
  std::vector<Handover> hand_over(Transaction& change, ActionRow action, std::span<const Owner> before,
                                  const Resolved& resolved, Instant now);
  // sqlite_handover.cpp
  void tell_handover(Transaction& change, ActionRow action, std::span<const Handover> handovers,
                     const chase::World& world, Instant now);
  /// Everybody who had a direct message about the action since it was last open hears, once, that it has ended, but
  /// who ended it.
  void tell_closed(Transaction& change, ActionRow action, const chase::World& world, Instant now);
  void tell_of(Transaction& change, ActionRow action, std::string_view rule, std::string_view step,
               std::string_view about, const std::string& party, const chase::World& world, Instant now);
  static Resolved resolve(std::span<const plan::OwnerToken> owners, std::string_view plan, const chase::World& world);
  /// True if anything changed.
  bool assign(Transaction& change, ActionRow action, const Resolved& resolved, const chase::World& world, Instant now);

  // sqlite_rules.cpp
  static std::vector<rulebook::RuleText> pinned_beside(Transaction& reading,
                                                       std::span<const rulebook::RuleText> loaded);
  std::int64_t version_row(Transaction& change, const rulebook::Rule& rule);
  /// The pinned version, else the current rule of that name, else nullptr.
  const chase::CompiledRule* pinned_rule(Transaction& reading, std::int64_t version, const chase::World& world);

  // sqlite_loading.cpp
  std::vector<LoadedAction> load(Transaction& reading, std::span<const std::int64_t> rows, const chase::World& world);
  void park_unknown_plans(const chase::World& world, Instant now);

  // sqlite_measures.cpp
  void take_supplement(Transaction& change, ActionRow row, const plan::Action& action);
  void load_supplements(Transaction& reading, std::vector<LoadedAction>& loaded, const chase::World& world);
  void load_blockers(Transaction& reading, std::vector<LoadedAction>& loaded, const chase::World& world);
  void record_reported(Transaction& change, const LoadedAction& action, const chase::Response& response,
                       const chase::ResponseEffect& effect, Instant now);
  void record_re_dating(Transaction& change, ActionRow action, std::optional<CivilDay> before,
                        std::optional<CivilDay> after, std::string_view how, std::string_view actor, Instant now);
  /// Those that wait for the action and those it waits for: what they know of each other has changed.
  void wake_connected(Transaction& change, ActionRow action, Instant now);

  // sqlite_deciding.cpp
  bool record(Transaction& change, const Decided& decided, const chase::World& world, Instant now);
  void record_failure(Transaction& change, const LoadedAction& action, const std::string& failure, Instant now);
  Rows open_cases(Transaction& change, const LoadedAction& action, const chase::Verdict& verdict);
  void end_case(Transaction& change, std::int64_t row, ActionRow action, const chase::CaseEnd& end, Instant now);
  std::size_t insert_firings(Transaction& change, const LoadedAction& action, const chase::Verdict& verdict,
                             const Rows& cases, const chase::World& world, Instant now);
  void insert_exhausted(Transaction& change, const LoadedAction& action, const chase::Verdict& verdict,
                        const Rows& cases, const chase::World& world, Instant now);
  static std::vector<std::string> keys_of_changes(Transaction& reading, const LoadedAction& action,
                                                  const chase::Verdict& verdict);
  void change_firings(Transaction& change, const LoadedAction& action, const chase::Verdict& verdict, Instant now);
  void record_holds(Transaction& change, const LoadedAction& action, const chase::Verdict& verdict, const Rows& cases,
                    const chase::World& world, Instant now);
  void insert_pause(Transaction& change, std::int64_t case_row, const LoadedAction& action, const chase::Pause& pause);
  void insert_entry(Transaction& change, std::int64_t case_row, const LoadedAction& action, std::string_view step,
                    const chase::Entry& entry);
  void compose_by(Transaction& change, std::string_view recipient, Instant opening);

  // sqlite_composing.cpp
  chase::Absences absences_at(Transaction& reading, const chase::World& world, Instant now);
  RecipientWork work_of(Transaction& reading, chase::PartyIndex reader, const chase::Absences& absences,
                        const chase::World& world, Instant now);
  void add_pending(Transaction& reading, chase::PartyIndex party, chase::PartyIndex reader,
                   const chase::Absences& absences, const chase::World& world, Instant now, RecipientWork& work);
  void record(Transaction& change, const RecipientWork& work, const chase::Composition& composition,
              const chase::World& world, Instant now);
  void queue(Transaction& change, const RecipientWork& work, const chase::Draft& draft,
             const std::map<std::int64_t, std::string>& keys, CivilDay today, const chase::World& world, Instant now);
  void enter_met(Transaction& change, const chase::PendingItem& item, CivilDay day, const chase::World& world,
                 Instant now);
  void hold_pending(Transaction& change, const RecipientWork& work, const chase::PendingHold& hold, Instant now);
  void insert_notice(Transaction& change, const chase::PendingItem& held, const chase::LimitNotice& notice,
                     const chase::World& world, Instant now);
  void give_up_unknown(const std::vector<std::string>& parties, Instant now);
  /// Everyone with something pending is composed again at `now`.
  void wake_recipients(Transaction& change, Instant now);

  // sqlite_outbox.cpp
  OutboxMessage message_of(Transaction& reading, MessageRow row);
  std::vector<TellingItem> items_of(Transaction& reading, MessageRow row, std::string_view channel);
  static std::string history_of(Transaction& reading, std::int64_t notification);
  static std::string key_of_row(Transaction& reading, std::int64_t notification);
  /// Takes a notification out of every message that has not been tried; a message without any left is withdrawn.
  void take_from_queue(Transaction& change, std::int64_t notification, Instant now);

  // sqlite_delivering.cpp
  std::vector<bool> cross(std::span<const Finish> finished, std::span<const MessageRow> begins, Instant now);
  void finish_one(Transaction& change, const Finish& finish, Instant now);
  void mark_delivered(Transaction& change, MessageRow message, Instant now);
  void mark_unreachable(Transaction& change, MessageRow message, Instant now);

  // sqlite_answers.cpp
  void is_there_again(Transaction& change, std::string_view party, Instant now);
  void record_effect(Transaction& change, const LoadedAction& action, const chase::Response& response,
                     const chase::ResponseEffect& effect, const chase::World& world, Instant now);
  void record_requests(Transaction& change, const LoadedAction& action, const chase::Response& response,
                       const chase::ResponseEffect& effect, const chase::World& world, Instant now);
  std::vector<RequestRecord> requests_in(Transaction& reading, std::string_view plan, std::string_view action,
                                         bool open_only, std::size_t limit);
  /// What the item's case chases, as long as it is known.
  std::optional<RequestRecord> request_of(Transaction& reading, const TellingItem& item);
  void record_blocking(Transaction& change, const LoadedAction& action, const chase::ResponseEffect& effect,
                       Instant now);
  // sqlite_returning.cpp
  void take_one(Transaction& change, const Returned& mail, const chase::World& world, Instant now);
  void take_bounce(Transaction& change, const Returned& mail, JsonObject line, Instant now);
  void take_comment(Transaction& change, const Returned& mail, const chase::World& world, Instant now);
  struct BuiltIn;
  /// A notification of a rule of Chaser's own to a plan's coordinator; false: there is none, or it was told before.
  bool tell_coordinator(Transaction& change, const BuiltIn& told, const chase::World& world, Instant now);
  struct BuiltInPlace {
    std::int64_t chase_case = 0;
    std::int64_t action = 0;
    /// A note that can wait: it goes with the digest of the recipient's next day.
    bool is_note = false;
  };
  bool insert_built_in(Transaction& change, const chase::NotificationIdentity& identity, BuiltInPlace place,
                       const std::string& about, chase::PartyIndex recipient, const chase::World& world, Instant now);

  // sqlite_dead_addresses.cpp
  void note_refusal(Transaction& change, MessageRow message, const Outcome& outcome, Instant now);
  // sqlite_fallback.cpp
  bool queue_fallback(Transaction& change, MessageRow message, std::string_view channel, Instant now);
  // sqlite_migrating.cpp
  void migrate_case(Transaction& change, const LoadedAction& action, std::size_t index, const chase::CompiledRule& to,
                    std::string_view actor, Instant now);

  // sqlite_looking.cpp
  std::optional<Instant> earliest(std::string_view sql);

  std::string directory_;
  std::optional<DirectoryLock> lock_;  // before the database: released after it is closed
  std::optional<Ballast> ballast_;
  Database database_;
  std::map<std::int64_t, std::pair<std::string, std::string>> rule_versions_;  // committed rows -> name, hash
  std::map<std::pair<std::string, std::string>, std::int64_t> rule_version_rows_;
};

}  // namespace chaser::store
