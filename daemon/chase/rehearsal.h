#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chase/compose.h"
#include "chase/decide.h"
#include "chase/respond.h"
#include "chase/why.h"

namespace chaser::chase {

/// A notification that went out on one channel (or into a report), as forecasts, scenarios and rule tests print it.
struct Telling {
  Instant at;
  std::string plan;
  std::string action;
  std::int32_t position = 0;
  std::string rule;  // "exhausted" or "limit" for the built-in rules
  std::string step;
  Occurrence occurrence;
  PartyIndex recipient = no_party;
  std::string to;       // the recipient's id
  std::string address;  // of the channel; "" for a report
  std::string channel;  // "report" for a report
  rulebook::Deliver deliver = rulebook::Deliver::direct;
  MessageKind kind = MessageKind::direct;
  std::string carrier;             // "rule/step" under which it rides, "catch-up", or "" if on its own
  std::vector<std::string> about;  // party ids
  std::string instead_of;          // who is away and was meant, "" if the recipient
  CivilDay nominal;
  CivilDay anchor_day;
  std::string reason;  // why, for people
};

/// A silence: something held, or a notification that was born superseded or lapsed, or withdrawn. A hold that one look
/// after another gives alike is one silence.
struct Silence {
  Instant at;
  Instant last;  // the last look that gave it
  std::string plan;
  std::string action;
  std::string rule;
  std::string step;  // "" for the whole case
  Occurrence occurrence;
  std::string recipient;  // "" for all
  Reason reason;
  std::optional<Instant> until;
};

/// The days ahead, played through the real decide() and compose() in memory: it jumps from event to event, sends count
/// as delivered at once. Forecasts, dated scenarios and rule tests are rehearsals. Deterministic; asks no clock.
class Rehearsal {
 public:
  /// `world` outlives the rehearsal or is replaced by `change_world`.
  explicit Rehearsal(const World& world, Instant from);

  /// Takes an action; it is looked at at `look` at the earliest (default: at once).
  void add(ActionState action, std::optional<Instant> look = std::nullopt);
  /// The stored state's pending notifications are found in the actions; these are the recipients' other facts.
  void set_last_digest(PartyIndex recipient, CivilDay day);
  void set_first_meetings(PartyIndex recipient, CivilDay monday, int count);
  /// What is held at large as the rehearsal begins: stops and the limit's holds stay as they are, a released freeze is
  /// the one in force at that instant; who seems to be away does so as long as that counts. The limit of people is
  /// watched by the rehearsal itself.
  void set_brakes(Brakes brakes);

  /// Plays up to and with `until`.
  void run_until(Instant until);
  /// The service is down in [now, until): nothing is looked at, and what it missed is late.
  void sleep_until(Instant until);

  /// What people and documents do at the present instant; each makes the action due for a look at once.
  ResponseEffect respond(std::string_view plan, std::string_view action, const Response& response);
  void set_status(std::string_view plan, std::string_view action, const std::string& status);
  void redate(std::string_view plan, std::string_view action, CivilDay due, std::optional<plan::Precision> precision);
  /// New rules, holidays or directory: every action is looked at again. Parties and rules are found by name.
  void change_world(const World& world);

  Instant now() const { return now_; }
  const std::vector<Telling>& tellings() const& { return tellings_; }
  const std::vector<Silence>& silences() const& { return silences_; }
  /// The same, taken out of a rehearsal that is over.
  std::vector<Telling> tellings() && { return std::move(tellings_); }
  std::vector<Silence> silences() && { return std::move(silences_); }
  /// Looks at actions so far.
  std::size_t looks() const { return looks_; }
  const ActionState* find(std::string_view plan, std::string_view action) const;
  std::optional<Instant> next_event() const;

 private:
  Surroundings surroundings(std::string_view plan) const;
  struct Recipient {
    std::set<std::size_t> actions;  // with something pending
    std::optional<Instant> next_compose;
    std::optional<CivilDay> last_digest;
    CivilDay meetings_monday;
    int meetings = 0;
  };
  struct Actor {
    ActionState state;
    std::optional<Instant> next_look;
    bool looks_when_delivered = true;                           // as its last look said
    std::vector<std::pair<PartyIndex, PendingItem>> own_items;  // of built-in rules, that wait
    std::vector<std::size_t> held;                              // the silences that its last look gave as holds
  };

  /// A pending item's firing in its action, or one of the built-in items that wait there.
  struct Place {
    std::size_t actor = 0;
    std::size_t case_index = 0;  // built_in: `firing` counts in the actor's `own_items`
    std::size_t firing = 0;
  };
  static constexpr std::size_t built_in = static_cast<std::size_t>(-1);
  struct Waiting {
    std::vector<PendingItem> items;
    std::vector<Place> places;  // of each item
  };

  Actor& actor(std::string_view plan, std::string_view action);
  /// Those that wait for it and those it waits for learn how it stands; their indices.
  std::set<std::size_t> connect(std::size_t index);
  void changed(const Actor& acting);
  void look_at(std::size_t index);
  bool arrive(ActionState& state);
  void schedule_look(std::size_t index, std::optional<Instant> at);
  void schedule_compose(PartyIndex recipient, std::optional<Instant> at);
  void compose_for(PartyIndex recipient);
  Waiting waiting_for(PartyIndex reader, std::span<const PartyIndex> parties, const Absences& absences) const;
  void add_waiting(PartyIndex party, PartyIndex reader, const Absences& absences, Waiting& waiting) const;
  void begin_week(Recipient& known, CivilDay today) const;
  void leave_waiting(std::span<const PartyIndex> parties, const std::set<std::size_t>& gone, const Waiting& waiting,
                     const Composition& composition);
  std::set<std::size_t> tell(const Composition& composition, const Waiting& waiting, PartyIndex recipient);
  void settle(const std::set<std::size_t>& gone, const Waiting& waiting, CivilDay day, PartyIndex reader);
  void note(const Verdict& verdict, const ActionState& before, std::size_t index);
  void note_hold(Silence held, const std::vector<std::size_t>& before, std::vector<std::size_t>& now);
  Telling telling(const PendingItem& item, PartyIndex recipient) const;
  void count_direct(const Firing& firing, const rulebook::Rule& rule, int by);
  bool is_over(const std::string& rule, CivilDay nominal) const;
  void count_direct_anew(const World& world);
  const Brakes& brakes();
  void tell_of_limits(const Composition& composition, const Waiting& waiting);

  const World* world_;
  Instant now_;
  Instant up_since_;
  std::vector<Actor> actors_;
  std::map<std::pair<std::string, std::string>, std::size_t, std::less<>> index_;
  std::multimap<std::string, std::size_t> waiting_;  // by the action that is waited for: "plan/action"
  /// Earliest first. What an action no longer waits for stays in it, but never on top.
  std::priority_queue<std::pair<Instant, std::size_t>, std::vector<std::pair<Instant, std::size_t>>, std::greater<>>
      looks_due_;
  std::set<std::pair<Instant, PartyIndex>> composes_due_;
  std::map<PartyIndex, Recipient> recipients_;
  std::vector<Telling> tellings_;
  std::vector<Silence> silences_;
  /// Direct notifications that wait, of open cases: how many each person has, by rule and nominal date.
  std::map<std::pair<std::string, CivilDay>, std::map<PartyIndex, int>> direct_;
  Brakes brakes_;                                            // over_limit grows as steps fire
  std::set<std::pair<std::string, CivilDay>> limits_known_;  // over the limit before the rehearsal: told by then
  std::set<std::string> limits_told_;                        // keys
  std::optional<CivilDay> freeze_released_to_;               // the last day of the freeze that was let go
  Verdict verdict_;
  std::size_t looks_ = 0;
};

/// The same state under another World: plans, rules and parties found again by their ids.
ActionState rebind(const ActionState& state, const World& from, const World& to);

}  // namespace chaser::chase
