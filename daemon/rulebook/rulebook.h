#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "documents/problems.h"
#include "plan/timescale.h"
#include "plan/workflow.h"
#include "rulebook/condition.h"
#include "rulebook/offset.h"

namespace chaser::rulebook {

using calendar::CivilDay;

/// Rules of Chaser's own, which no file may define: a case whose steps are all taken, a rule that the limit of people
/// holds, an answer that came by mail, somebody whom no channel reaches: these items go to the coordinator, and the
/// step of the first two is the name of the rule that they speak of. And, to those whom it concerns: an action that
/// they inherited, one that is theirs no longer, one that has ended.
inline constexpr std::string_view exhausted_rule = "exhausted";
inline constexpr std::string_view limit_rule = "limit";
inline constexpr std::string_view reply_rule = "reply";
inline constexpr std::string_view unreachable_rule = "unreachable";
inline constexpr std::string_view inherited_rule = "inherited";
inline constexpr std::string_view handed_over_rule = "handed_over";
inline constexpr std::string_view closed_rule = "closed";
inline constexpr bool is_built_in(std::string_view rule) {
  return rule == exhausted_rule || rule == limit_rule || rule == reply_rule || rule == unreachable_rule ||
         rule == inherited_rule || rule == handed_over_rule || rule == closed_rule;
}

enum class Anchor : std::uint8_t {
  due,
  start,
  first_seen,
  last_update,
  next_review,
  milestone,
  report_cutoff,
  asked,  // the day on which a request began to wait for somebody's word; each is a chase of its own, of that somebody
  blocking,  // the day on which another action began to wait for this one; each is a chase of its own
};
std::string_view name_of(Anchor anchor);
enum class Answers : std::uint8_t { all, any, lead_first };
std::string_view name_of(Answers answers);
enum class Deliver : std::uint8_t { direct, digest };
std::string_view name_of(Deliver deliver);

/// One entry of `to:`. "leads.superior" is {leads, superior}; "party:ID" and "report:NAME" carry the name.
struct Audience {
  enum class Who : std::uint8_t { leads, supports, former, coordinator, sponsor, approver, party, report };
  enum class Relation : std::uint8_t { self, superior, deputy };
  Who who = Who::leads;
  Relation relation = Relation::self;
  std::string name;

  bool operator==(const Audience&) const = default;
  /// Whether it is of each lead (or support), following that assignment's own age.
  bool follows_assignments() const { return who == Who::leads || who == Who::supports; }
};
std::string to_string(const Audience& audience);

struct Repeat {
  Offset every;
  int times = 1;  // every firing counts, the first included; 0: until the case closes
  bool operator==(const Repeat&) const = default;
};

/// One level of a rule.
struct Step {
  std::string name;
  Offset at;
  std::vector<Audience> to;
  std::vector<std::string> via{"email"};  // channel kinds: "email", "teams", "webhook"
  Deliver deliver = Deliver::direct;
  std::uint8_t precisions = 0xff;  // bit per plan::Precision it is for
  std::optional<Repeat> repeat;
  std::string asks;       // "", "decision", "update", or a sentence of the author's
  std::string template_;  // "" is the step's default
  documents::Position where;

  bool is_for(plan::Precision precision) const { return (precisions >> static_cast<int>(precision) & 1) != 0; }
  bool is_after_anchor() const { return at.count > 0; }
  /// Whether its audience names anyone but leads and supports. Source: design.md §2, step.
  bool is_above_leads() const;
  /// How many firings: 1 without repeat; 0 for without end.
  int times() const { return repeat ? repeat->times : 1; }
};

struct PauseLimit {
  Offset up_to{10, OffsetUnit::working_days};
  std::optional<int> times;  // per case and assignment; none: without limit
  bool operator==(const PauseLimit&) const = default;
};

/// What answers may pause, per case and assignment. Source: design.md §6.
struct PauseLimits {
  PauseLimit acknowledge{{10, OffsetUnit::working_days}, 2};
  PauseLimit snooze{{20, OffsetUnit::working_days}, std::nullopt};
  PauseLimit blocked{{20, OffsetUnit::working_days}, std::nullopt};
  PauseLimit update{{10, OffsetUnit::working_days}, 1};
  PauseLimit extension{{10, OffsetUnit::working_days}, std::nullopt};  // in total, while the approver thinks
  bool operator==(const PauseLimits&) const = default;
};

/// A rule as one version of one rule file says it. Immutable once in a rulebook.
struct Rule {
  std::string name;     // the slug
  std::string version;  // SHA-256 of its file's text, hex
  std::string file;
  std::string about;
  Condition when;
  Anchor anchor = Anchor::due;
  Answers answers = Answers::all;
  int cadence_months = 3;  // of next_review ...
  std::string recurrence;  // ... unless this says it (plan/cadence.h)
  std::string calendar = "england-and-wales";
  std::string window = "office-hours";
  std::vector<Step> steps;
  PauseLimits pauses;
  bool may_match_nothing = false;
  documents::Position where;

  const Step* find(std::string_view step) const;
};

struct Inhibit {
  std::string rule;
  std::string silences;
};

struct Freeze {
  std::string name;
  CivilDay from;
  CivilDay to;  // inclusive
};

/// How much is too much for one person, over all rules. It holds nothing back: the forecast is checked against it.
struct Budget {
  std::optional<int> messages_per_week;  // a calendar week, Monday first
  bool operator==(const Budget&) const = default;
};

/// A rule file's text by content, so that an open case keeps the version it began with.
struct RuleText {
  std::string hash;  // SHA-256, hex
  std::string file;  // its name when it was loaded
  std::string text;
};

/// All loaded rules, in the order of their files, and every older version that an open case pins.
class Rulebook {
 public:
  /// Current rules, in order: earlier rules win ties in composing.
  std::span<const std::shared_ptr<const Rule>> rules() const { return current_; }
  const Rule* find(std::string_view name) const;
  /// The pinned version, current or old; nullptr if it was never loaded.
  const Rule* find(std::string_view name, std::string_view version) const;
  std::span<const Inhibit> inhibits() const { return inhibits_; }
  std::optional<int> limit_people() const { return limit_people_; }
  std::span<const Freeze> freezes() const { return freezes_; }
  /// The freeze that holds sending on a day, first and last day included; nullptr if none does.
  const Freeze* freeze_on(CivilDay day) const;
  const Budget& budget() const { return budget_; }
  std::span<const RuleText> texts() const { return texts_; }
  std::span<const std::shared_ptr<const Rule>> pinned() const { return pinned_; }
  /// Where a rule stands in the order of files, for ties; past all for one that is no longer loaded.
  std::size_t order_of(std::string_view name) const;
  bool is_silenced_by(std::string_view silenced, std::string_view by) const;

  /// Adds a file's rules. Rule names must be new (read_rule_files checks).
  void add(RuleText text, std::vector<Rule> rules, std::vector<Inhibit> inhibits, std::optional<int> limit_people,
           std::vector<Freeze> freezes);
  /// Of several files' budgets the smallest holds.
  void add_budget(const Budget& budget);
  /// Adds an old version's rules for the cases that pin it; they are not current.
  void add_pinned(RuleText text, std::vector<Rule> rules);

 private:
  std::vector<std::shared_ptr<const Rule>> current_;
  std::vector<std::shared_ptr<const Rule>> pinned_;
  std::vector<Inhibit> inhibits_;
  std::optional<int> limit_people_;
  std::vector<Freeze> freezes_;
  Budget budget_;
  std::vector<RuleText> texts_;
};

/// What rule files may name.
struct RuleContext {
  std::vector<std::string> calendars{"england-and-wales", "scotland", "northern-ireland"};
  std::vector<std::string> windows{"office-hours"};
  std::vector<std::string> channels{"email", "teams"};
  std::vector<std::string> parties;  // for party:ID; empty: not checked
  std::vector<std::string> statuses{"not_started", "in_progress", "blocked", "done", "cancelled", "superseded"};
  /// Finds the named time zones of conditions ("Europe/London"); none: only UTC and fixed offsets are known.
  std::function<std::optional<calendar::Zone>(const std::string&)> zones;
};

/// Reads all files into one rulebook, strictly, every problem of every file at once. Errors beside syntax, types and
/// unknown names: a rule or step name twice, inhibits of unknown rules or in a circle, repeat on a step before the
/// anchor, `0` times, an empty audience. Nothing if there was an error.
std::optional<Rulebook> read_rule_files(std::span<const documents::Source> files, const RuleContext& context,
                                        documents::Problems& problems);
/// One file's rules, for a pinned version (its problems were checked when it was current).
std::optional<std::vector<Rule>> read_rules(const documents::Source& file, const RuleContext& context,
                                            documents::Problems& problems);

/// SHA-256 as 64 hex digits.
std::string sha256_hex(std::string_view bytes);

}  // namespace chaser::rulebook
